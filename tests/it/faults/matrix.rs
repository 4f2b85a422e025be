//! Which faults at which moments: few in the quick tests, all of them in the long one.

use std::collections::HashSet;
use std::sync::Mutex;
use std::time::{Duration, Instant, SystemTime};

use super::arena::{Arena, Grounds, Side};
use super::fault::{ALL, Fault, Road};
use super::moment::{Dice, EXACT, Moment};
use super::scene::{Line, Mode, play};

/// Plays scenes one after the other; fails the test with all that was wrong.
fn quick(name: &str, scenes: &[(Fault, Moment)]) {
    let crashes = scenes.iter().any(|(fault, _)| matches!(fault, Fault::Crash(_)));
    let arena = if crashes { Arena::with(["", ""]) } else { Arena::of_everybody() };
    let lines = scenes.iter().map(|(fault, moment)| play(&arena, name, Mode::Snapshot, *fault, *moment));
    let bad: Vec<String> =
        lines.filter_map(|line| Some(format!("{}\n{}", row(&line), line.problem.as_ref()?))).collect();
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn signals_at_several_moments_leave_nothing() {
    quick(
        "faults_signals",
        &[
            (Fault::Signal("KILL"), Moment::Said("schema: started")),
            (Fault::Signal("KILL"), Moment::Rows),
            (Fault::Signal("KILL"), Moment::PostData),
            (Fault::Signal("INT"), Moment::PostData),
            (Fault::Signal("TERM"), Moment::Said("verify: started")),
        ],
    );
}

#[test]
fn sessions_lost_at_several_moments_leave_nothing() {
    quick(
        "faults_sessions",
        &[
            (Fault::Terminate(Side::Source, "bridge %"), Moment::Rows),
            (Fault::Terminate(Side::Source, "snapshot"), Moment::Said("pin: started")),
            (Fault::Terminate(Side::Target, "worker %"), Moment::Rows),
            (Fault::Terminate(Side::Target, "control"), Moment::PostData),
            (Fault::Cancel(Side::Target, "control"), Moment::PostData),
            (Fault::Cancel(Side::Source, "bridge %"), Moment::Rows),
        ],
    );
}

#[test]
fn servers_that_crash_leave_nothing() {
    quick(
        "faults_servers",
        &[
            (Fault::Crash(Side::Source), Moment::Rows),
            (Fault::Crash(Side::Target), Moment::Rows),
            (Fault::Crash(Side::Target), Moment::PostData),
        ],
    );
}

#[test]
fn networks_that_fail_leave_nothing() {
    quick(
        "faults_networks",
        &[
            (Fault::Cut(Road::Hop), Moment::Rows),
            (Fault::Stall(Road::Hop), Moment::Said("rows: started")),
            (Fault::Stall(Road::Target), Moment::Said("schema: started")),
            (Fault::Blink(Road::Source), Moment::Said("rows: started")),
            (Fault::Blink(Road::Target), Moment::PostData),
        ],
    );
}

/// The long run; without `FDWCOPY_TORTURE` one scene shows that it works.
#[test]
fn the_matrix_holds() {
    let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    let number = |name, default| variable(name).map_or(default, |text| text.parse::<u64>().unwrap());
    let Some(only) = variable("FDWCOPY_TORTURE") else {
        return quick("faults_matrix", &[(Fault::Pause, Moment::Said("rows: started"))]);
    };
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    let seed = number("FDWCOPY_TORTURE_SEED", now.as_secs());
    let mode = Mode::named(&variable("FDWCOPY_TORTURE_CONSISTENCY").unwrap_or("snapshot".into()));
    let torture = Torture { mode, threads: number("FDWCOPY_TORTURE_THREADS", 2), started: Instant::now() };
    let mut dice = Dice::new(seed);
    println!("seed {seed}");
    let mut lines = torture.play(scenes(&only, number("FDWCOPY_TORTURE_RANDOM", 4), &mut dice));
    // Some sessions live for a part of a run only.
    for _ in 0..12 {
        let again: Vec<_> = rarely_met(&lines).map(|fault| (fault, early(&mut dice))).collect();
        lines.extend(torture.play(again));
    }
    let bad = lines.iter().filter(|line| line.problem.is_some()).count();
    let kinds = lines.iter().filter_map(|line| line.fault).collect::<HashSet<_>>().len();
    println!("{kinds} kinds of fault, {} scenes, {bad} bad", lines.len());
    let rare: Vec<String> = rarely_met(&lines).map(|fault| fault.to_string()).collect();
    assert!(rare.is_empty(), "met at fewer than {MOMENTS} moments: {}", rare.join(", "));
    assert!(bad == 0, "{bad} scenes are bad");
}

/// So many moments each fault has to be met at.
const MOMENTS: usize = 8;

/// Faults that there have been too few of.
fn rarely_met(lines: &[Line]) -> impl Iterator<Item = Fault> {
    let met = |fault: Fault| lines.iter().filter(|line| line.fault == Some(fault) && line.struck).count();
    let played = |fault: &Fault| lines.iter().any(|line| line.fault == Some(*fault));
    ALL.iter().copied().filter(played).filter(move |fault| met(*fault) < MOMENTS)
}

fn early(dice: &mut Dice) -> Moment {
    Moment::After(Duration::from_millis(dice.below(500)))
}

/// Every fault whose name contains one of the words (or all of them) at every exact moment and at random ones.
fn scenes(only: &str, random: u64, dice: &mut Dice) -> Vec<(Fault, Moment)> {
    let words: Vec<&str> = only.split(',').collect();
    let named = |fault: &&Fault| only == "all" || words.iter().any(|word| fault.to_string().contains(word));
    let mut scenes = Vec::new();
    for fault in ALL.iter().filter(named) {
        scenes.extend(EXACT.map(|moment| (*fault, moment)));
        let times = (0..random).map(|_| Moment::After(Duration::from_millis(dice.below(1200))));
        scenes.extend(times.map(|moment| (*fault, moment)));
    }
    scenes
}

/// The long run: several pairs of servers, each with scenes of its own.
struct Torture {
    mode: Mode,
    threads: u64,
    started: Instant,
}

impl Torture {
    fn play(&self, scenes: Vec<(Fault, Moment)>) -> Vec<Line> {
        let threads = self.threads.min(scenes.len() as u64);
        let queue = Mutex::new(scenes.into_iter());
        let lines = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            for thread in 0..u8::try_from(threads).unwrap() {
                let (queue, lines) = (&queue, &lines);
                scope.spawn(move || {
                    let arena = Arena::with(["", ""]).on(Grounds::of(thread));
                    loop {
                        let Some((fault, moment)) = queue.lock().unwrap().next() else { break };
                        let line = play(&arena, &format!("torture_{thread}"), self.mode, fault, moment);
                        self.tell(&line);
                        lines.lock().unwrap().push(line);
                    }
                });
            }
        });
        lines.into_inner().unwrap()
    }

    fn tell(&self, line: &Line) {
        println!("{:>5} s  {}", self.started.elapsed().as_secs(), row(line));
        if let Some(problem) = &line.problem {
            println!("    BAD: {}", problem.replace('\n', "\n    "));
        }
    }
}

fn row(line: &Line) -> String {
    let code = line.code.map_or("signal".to_owned(), |code| code.to_string());
    let ending = match line.ending {
        _ if !line.struck => "not met".to_owned(),
        Some(ending) => format!("{ending:?}").to_lowercase(),
        None => "?".to_owned(),
    };
    let clean = line.clean.map_or("never".to_owned(), |time| format!("{:.2} s", time.as_secs_f64()));
    let left = if line.left.is_empty() { "nothing".to_owned() } else { line.left.join(", ") };
    let fault = line.fault.map_or_else(String::new, |fault| fault.to_string());
    format!("{fault:<44} {:<24} {code:>6}  {ending:<12} left: {left}  clean: {clean}", line.moment)
}
