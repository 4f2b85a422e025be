//! One run that is hit by one fault: set up, struck, looked at, followed by the next run.
//!
//! Invariant: what a scene finds is a [`Line`], also where an assertion fails on the way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::arena::{Arena, Side};
use super::fault::{Ending, Fault};
use super::moment::Moment;
use super::remains;
use super::ways::Ways;
use crate::command::{Run, Running};
use crate::equality::{assert_equal, fingerprint, rows};
use crate::gate::{GATED, Gate, LATE};
use crate::pair::{Database, Pair};

/// After that time a run that was struck and waits at a gate may go on.
const GATE_OPENS: Duration = Duration::from_millis(500);

/// What is left after that time is left for ever.
const WORTH_WAITING: Duration = Duration::from_secs(45);

/// The mode of a run, by which a run that was interrupted is followed by another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// All or nothing; the next run begins anew.
    Snapshot,
    /// Chunks that are done stay; the next run goes on after them.
    Resumable(&'static str),
}

impl Mode {
    /// By its name on the command line.
    pub(super) fn named(name: &str) -> Self {
        match name {
            "snapshot" => Self::Snapshot,
            "lock" => Self::Resumable("lock"),
            "none" => Self::Resumable("none"),
            other => panic!("no consistency is called {other}"),
        }
    }

    fn options(self) -> Vec<&'static str> {
        match self {
            Self::Snapshot => Vec::new(),
            Self::Resumable(name) => vec!["--consistency", name],
        }
    }
}

/// A run and everything around it.
pub(super) struct Scene<'a> {
    pub(super) arena: &'a Arena,
    pub(super) pair: Pair,
    mode: Mode,
    pub(super) run: Running,
    pub(super) gate: Option<Gate>,
    pub(super) others: Vec<JoinHandle<()>>,
    pub(super) ways: Ways,
    before: Before,
    /// The TMPDIR of the run, by which its child processes are known too.
    temporary: tempfile::TempDir,
}

/// What both databases were before the run.
struct Before {
    source: Vec<String>,
    source_rows: Vec<String>,
    target: Vec<String>,
    objects: Vec<String>,
}

/// What came of a scene.
#[derive(Debug, Default)]
pub(super) struct Line {
    pub(super) fault: Option<Fault>,
    pub(super) moment: String,
    pub(super) struck: bool,
    pub(super) code: Option<i32>,
    pub(super) ending: Option<Ending>,
    /// From the end of the run until nothing of it was left.
    pub(super) clean: Option<Duration>,
    pub(super) left: Vec<String>,
    pub(super) problem: Option<String>,
}

/// Plays one scene.
pub(super) fn play(arena: &Arena, name: &str, mode: Mode, fault: Fault, moment: Moment) -> Line {
    let mut line = Line { fault: Some(fault), moment: moment.to_string(), ..Line::default() };
    let played = catch_unwind(AssertUnwindSafe(|| {
        let mut scene = Scene::begin(arena, name, mode, (fault, moment));
        scene.reach(moment);
        line.struck = fault.strike(&mut scene);
        scene.end(fault, &mut line);
    }));
    if let Err(panic) = played {
        let words = panic.downcast_ref::<String>().cloned();
        let words = words.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        line.problem = Some(words.unwrap_or_else(|| "a panic without words".into()));
    }
    line
}

impl<'a> Scene<'a> {
    fn begin(arena: &'a Arena, name: &str, mode: Mode, (fault, moment): (Fault, Moment)) -> Self {
        let servers = [arena.server(Side::Source), arena.server(Side::Target)];
        let place = if fault == Fault::DiskFull { arena.small_tablespace() } else { "" };
        let pair = Pair::on([&servers[0], &servers[1]], name, ["", place]);
        fill(&pair.source);
        // Else a crash lets sequences skip values, as it always does.
        pair.source.server_sql("checkpoint");
        pair.target
            .sql("create schema mine; create table mine.keep (x integer); insert into mine.keep values (1)");
        let before = Before {
            source: fingerprint(&pair.source),
            source_rows: rows(&pair.source),
            target: fingerprint(&pair.target),
            objects: remains::objects(&pair.target),
        };
        let gate = match moment {
            Moment::Rows => Some(Gate::close(&pair)),
            Moment::PostData => Some(Gate::close_late(&pair)),
            Moment::Said(_) | Moment::After(_) => None,
        };
        let ways = Ways::new(arena, fault);
        let temporary = tempfile::tempdir().unwrap();
        let run = ways.clone(&pair, temporary.path(), &mode.options()).spawn();
        Self { arena, pair, mode, run, gate, others: Vec::new(), ways, before, temporary }
    }

    pub(super) fn database(&self, side: Side) -> &Database {
        match side {
            Side::Source => &self.pair.source,
            Side::Target => &self.pair.target,
        }
    }

    /// Waits for the moment; a run that ended before is one of the moments.
    fn reach(&mut self, moment: Moment) {
        if let Moment::After(time) = moment {
            return std::thread::sleep(time);
        }
        let started = Instant::now();
        while self.run.is_running() {
            let reached = match moment {
                Moment::Said(words) => self.run.has_said(words),
                _ => self.gate.as_ref().is_some_and(Gate::is_reached),
            };
            if reached {
                return;
            }
            assert!(started.elapsed() < Duration::from_secs(60), "waited in vain for {moment}");
            std::thread::sleep(Duration::from_millis(2));
        }
    }

    fn end(mut self, fault: Fault, line: &mut Line) {
        let struck = Instant::now();
        while self.gate.is_some() && !fault.ends_at_once() && self.run.is_running() {
            if struck.elapsed() > GATE_OPENS {
                // A target that was stopped has lost the gate with its session.
                drop(self.gate.take());
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        let Self { arena, pair, mode, run, gate, others, ways, before, temporary } = self;
        let run = run.wait();
        line.code = run.code;
        let ending = match ending(&run) {
            // Killed when all was done.
            Ending::Killed if is_whole(&pair.target) => Ending::Survived,
            ending => ending,
        };
        line.ending = Some(ending);
        let undone = (ending != Ending::Survived && mode == Mode::Snapshot).then_some(&before.objects);
        wait_until_clean(line, || remains::of(&pair, undone, temporary.path()));
        drop(gate);
        for other in others {
            other.join().unwrap();
        }
        ways.open();
        arena.empty_the_small_disk();
        assert!(fault.allows(ending), "ended as {ending:?}\n{}\n{}", run.stdout, tail(&run.stderr));
        explains(&run, ending);
        let clean = line.clean.unwrap_or_else(|| panic!("left for ever: {}", line.left.join(", ")));
        assert!(clean <= fault.clean_within(), "clean only after {clean:?}");
        if !matches!(fault, Fault::Meanwhile(..)) {
            assert!(fingerprint(&pair.source) == before.source, "the source was changed");
        }
        if undone.is_some() {
            assert!(fingerprint(&pair.target) == before.target, "the target is not as before");
        }
        pair.target.sql("drop schema mine cascade");
        if ending == Ending::Survived {
            before.is_copied_to(&pair);
        } else {
            run_again(&pair, mode, &ways, temporary.path());
        }
    }
}

/// Looks what is left until it is nothing.
fn wait_until_clean(line: &mut Line, left: impl Fn() -> Vec<String>) {
    let ended = Instant::now();
    while line.clean.is_none() && ended.elapsed() < WORTH_WAITING {
        line.left = left();
        if line.left.is_empty() {
            line.clean = Some(ended.elapsed());
        } else {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The next run works: anew, or from where the other one was interrupted.
fn run_again(pair: &Pair, mode: Mode, ways: &Ways, temporary: &Path) {
    let mut options = mode.options();
    if remains::objects(&pair.target).iter().any(|object| object.starts_with("schema fdwcopy")) {
        options.push("--resume");
    }
    let next = ways.clone(pair, temporary, &options).run();
    let ended = format!("the next run ended with {:?}\n{}\n{}", next.code, next.stdout, tail(&next.stderr));
    assert!(next.code == Some(0), "{ended}");
    assert_equal(pair);
}

impl Before {
    /// The target has the rows of the source, either as they were before or as they are now.
    fn is_copied_to(&self, pair: &Pair) {
        if rows(&pair.source) == self.source_rows || rows(&pair.target) != self.source_rows {
            assert_equal(pair);
        }
    }
}

fn fill(source: &Database) {
    source.load("shop.sql");
    source.sql(GATED);
    source.sql(LATE);
    source.sql(
        "create index on gated (public.late(id));
         create index on sales.order_lines (item);
         create materialized view stock.often as select item, count(*) from sales.order_lines group by item",
    );
}

/// Whether a run has ended well there: its objects are there, and its ledger is not.
fn is_whole(target: &Database) -> bool {
    let whole = "select to_regclass('public.plain') is not null and to_regclass('fdwcopy_state.run') is null";
    target.value(whole) == "t"
}

fn ending(run: &Run) -> Ending {
    match run.code {
        Some(0) => Ending::Survived,
        Some(1) => Ending::Failed,
        Some(4) => Ending::Refused,
        Some(130) => Ending::Interrupted,
        None => Ending::Killed,
        Some(code) => panic!("exit code {code}\n{}\n{}", run.stdout, tail(&run.stderr)),
    }
}

/// The report says what happened, to what, and what to do about it.
fn explains(run: &Run, ending: Ending) {
    if run.code.is_none() {
        return;
    }
    let outcome = match ending {
        Ending::Killed => return,
        Ending::Survived => "done",
        Ending::Failed => "failed",
        Ending::Refused => "refused",
        Ending::Interrupted => "interrupted",
    };
    let report = run.json();
    assert_eq!(report["outcome"], outcome, "{report}");
    if matches!(ending, Ending::Failed) {
        for field in ["message", "object", "remedy"] {
            let text = report["error"][field].as_str();
            assert!(text.is_some_and(|text| !text.is_empty()), "no {field} in {}", report["error"]);
        }
    }
}

/// The last lines.
fn tail(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}
