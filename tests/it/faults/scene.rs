//! One run that is hit by one fault: set up, struck, looked at, followed by the next run.
//!
//! Invariant: what a scene finds is a [`Line`], also where an assertion fails on the way.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::arena::{Arena, Side};
use super::fault::{Ending, Fault, Road};
use super::moment::Moment;
use super::remains;
use crate::command::{Fdwcopy, Run, Running};
use crate::equality::{assert_equal, fingerprint, rows};
use crate::gate::{GATED, Gate, LATE};
use crate::pair::{Database, Pair};
use crate::proxy::Proxy;

/// After that time a run that was struck and waits at a gate may go on.
const GATE_OPENS: Duration = Duration::from_millis(500);

/// How chunks are committed, and how a run that was interrupted is followed by the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// All or nothing; the next run begins anew.
    Snapshot,
}

/// A run and everything around it.
pub(super) struct Scene<'a> {
    pub(super) arena: &'a Arena,
    pub(super) pair: Pair,
    pub(super) run: Running,
    pub(super) gate: Option<Gate>,
    pub(super) others: Vec<JoinHandle<()>>,
    roads: [Proxy; 3],
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
    pub(super) fault: String,
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
pub(super) fn play(arena: &Arena, name: &str, fault: Fault, moment: Moment) -> Line {
    let mut line = Line { fault: fault.to_string(), moment: moment.to_string(), ..Line::default() };
    let played = catch_unwind(AssertUnwindSafe(|| {
        let mut scene = Scene::begin(arena, name, moment);
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
    fn begin(arena: &'a Arena, name: &str, moment: Moment) -> Self {
        let servers = [arena.server(Side::Source), arena.server(Side::Target)];
        let pair = Pair::on([&servers[0], &servers[1]], name, ["", ""]);
        fill(&pair.source);
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
        let roads = [servers[0].port, servers[0].port, servers[1].port].map(Proxy::to);
        let temporary = tempfile::tempdir().unwrap();
        let run = command(&pair, &roads, temporary.path().into(), &[]).spawn();
        Self { arena, pair, run, gate, others: Vec::new(), roads, before, temporary }
    }

    pub(super) fn road(&self, road: Road) -> &Proxy {
        &self.roads[road as usize]
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
        let run = self.run.wait();
        let ended = Instant::now();
        line.code = run.code;
        let ending = ending(&run);
        line.ending = Some(ending);
        assert!(fault.allows(ending), "ended as {ending:?}\n{}\n{}", run.stdout, tail(&run.stderr));
        explains(&run, ending);
        let survived = ending == Ending::Survived;
        let objects = (!survived).then_some(&self.before.objects);
        while line.clean.is_none() && ended.elapsed() < Duration::from_secs(30) {
            line.left = remains::of(&self.pair, objects, self.temporary.path());
            if line.left.is_empty() {
                line.clean = Some(ended.elapsed());
            } else {
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        drop(self.gate.take());
        for other in self.others.drain(..) {
            other.join().unwrap();
        }
        for road in &self.roads {
            road.open();
        }
        let clean = line.clean.unwrap_or_else(|| panic!("left for ever: {}", line.left.join(", ")));
        assert!(clean <= fault.clean_within(), "clean only after {clean:?}");
        if !matches!(fault, Fault::Meanwhile(..)) {
            assert!(fingerprint(&self.pair.source) == self.before.source, "the source was changed");
        }
        if survived {
            self.pair.target.sql("drop schema mine cascade");
            self.before.is_copied_to(&self.pair);
        } else {
            assert!(fingerprint(&self.pair.target) == self.before.target, "the target is not as before");
            self.pair.target.sql("drop schema mine cascade");
            let next = command(&self.pair, &self.roads, self.temporary.path().into(), &[]).run();
            assert!(
                next.code == Some(0),
                "the next run ended with {:?}\n{}\n{}",
                next.code,
                next.stdout,
                tail(&next.stderr)
            );
            assert_equal(&self.pair);
        }
    }
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

fn command(pair: &Pair, roads: &[Proxy; 3], temporary: PathBuf, more: &[&str]) -> Fdwcopy {
    let by = |database: &Database, road: Road| {
        let mut database = database.clone();
        database.server.port = roads[road as usize].port;
        database.url()
    };
    let hop = format!("port={}", roads[Road::Hop as usize].port);
    Fdwcopy::alone()
        .source(&by(&pair.source, Road::Source))
        .target(&by(&pair.target, Road::Target))
        .env("TMPDIR", temporary.to_str().unwrap())
        .args(&["clone", "--json", "--progress", "lines", "-vv", "-j", "2", "--source-from-target", &hop])
        .args(more)
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
