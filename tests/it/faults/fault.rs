//! What can go wrong: each kind of fault, how it strikes, how it is over, and how a run may end that was hit by it.

use std::fmt;
use std::time::{Duration, Instant};

use super::arena::Side;
use super::scene::Scene;
use crate::pair::Session;

/// A road on which something travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Road {
    /// From the target to the source: the rows.
    Hop = 0,
    /// From fdwcopy to the source.
    Source = 1,
    /// From fdwcopy to the target.
    Target = 2,
}

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Fault {
    /// A signal to fdwcopy.
    Signal(&'static str),
    /// fdwcopy gets no time for two seconds.
    Pause,
    /// `pg_terminate_backend` of a session whose name ends like this pattern.
    Terminate(Side, &'static str),
    /// `pg_cancel_backend` of such a session.
    Cancel(Side, &'static str),
    /// The server stops at once and starts again.
    Crash(Side),
    /// Connections are closed, and nothing gets through any more.
    Cut(Road),
    /// Connections are closed; new ones get through.
    Blink(Road),
    /// For two seconds nothing gets through, then it goes on.
    Stall(Road),
    /// For two seconds nothing gets through; at the beginning of that fdwcopy gets a signal.
    StallAndSignal(Road, &'static str),
    /// Packets are lost without a word; both ends find out by themselves that nothing comes any more.
    BlackHole(Road),
    /// The disk under the target database is full.
    DiskFull,
    /// Somebody else runs this on the source, and waits for the locks that it needs.
    Meanwhile(&'static str, &'static str),
}

/// How a run may end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// Exit code 0: the copy is there, and equal.
    Survived,
    /// Exit code 1, all undone.
    Failed,
    /// Exit code 4, nothing was changed.
    Refused,
    /// Exit code 130, all undone.
    Interrupted,
    /// By a signal; all gone.
    Killed,
}

const FOR_A_WHILE: Duration = Duration::from_secs(2);

/// Every kind there is.
pub(super) const ALL: &[Fault] = &[
    Fault::Signal("INT"),
    Fault::Signal("TERM"),
    Fault::Signal("KILL"),
    Fault::Pause,
    Fault::Terminate(Side::Source, "control"),
    Fault::Terminate(Side::Source, "bridge %"),
    Fault::Terminate(Side::Source, "locks"),
    Fault::Terminate(Side::Source, "snapshot"),
    Fault::Terminate(Side::Source, "reader"),
    Fault::Terminate(Side::Source, "dump"),
    Fault::Terminate(Side::Source, "guard"),
    Fault::Terminate(Side::Source, "janitor"),
    Fault::Terminate(Side::Source, "%"),
    Fault::Terminate(Side::Target, "control"),
    Fault::Terminate(Side::Target, "worker %"),
    Fault::Terminate(Side::Target, "guard"),
    Fault::Terminate(Side::Target, "janitor"),
    Fault::Terminate(Side::Target, "%"),
    Fault::Cancel(Side::Source, "%"),
    Fault::Cancel(Side::Source, "bridge %"),
    Fault::Cancel(Side::Target, "%"),
    Fault::Cancel(Side::Target, "worker %"),
    Fault::Crash(Side::Source),
    Fault::Crash(Side::Target),
    Fault::Cut(Road::Hop),
    Fault::Cut(Road::Source),
    Fault::Cut(Road::Target),
    Fault::Blink(Road::Hop),
    Fault::Blink(Road::Source),
    Fault::Blink(Road::Target),
    Fault::Stall(Road::Hop),
    Fault::Stall(Road::Source),
    Fault::Stall(Road::Target),
    Fault::StallAndSignal(Road::Hop, "INT"),
    Fault::StallAndSignal(Road::Hop, "KILL"),
    Fault::StallAndSignal(Road::Target, "INT"),
    Fault::StallAndSignal(Road::Target, "KILL"),
    Fault::BlackHole(Road::Hop),
    Fault::BlackHole(Road::Target),
    Fault::DiskFull,
    Fault::Meanwhile(
        "locked for a while",
        "set lock_timeout = '2s'; begin; lock table plain in access exclusive mode; select pg_sleep(1); commit",
    ),
    Fault::Meanwhile(
        "locked",
        "begin; lock table plain in access exclusive mode; select pg_sleep(1); commit",
    ),
    Fault::Meanwhile("dropped", "drop table plain"),
    Fault::Meanwhile("altered", "alter table plain add column more integer default 1"),
    Fault::Meanwhile("truncated", "truncate plain"),
];

impl Fault {
    /// Strikes; false if there was nothing to strike at until the run ended.
    pub(super) fn strike(self, scene: &mut Scene) -> bool {
        match self {
            Self::Signal(name) => scene.run.try_signal(name),
            Self::Pause => {
                let stopped = scene.run.try_signal("STOP");
                std::thread::sleep(FOR_A_WHILE);
                scene.run.try_signal("CONT");
                stopped
            }
            Self::Terminate(side, purpose) => to_session(scene, side, purpose, "pg_terminate_backend"),
            Self::Cancel(side, purpose) => to_session(scene, side, purpose, "pg_cancel_backend"),
            Self::Crash(side) => {
                scene.arena.cluster(side).stop().unwrap();
                scene.arena.cluster(side).launch().unwrap();
                true
            }
            Self::Cut(road) => {
                scene.ways.road(road).cut();
                true
            }
            Self::Blink(road) => {
                scene.ways.road(road).cut();
                std::thread::sleep(Duration::from_millis(100));
                scene.ways.road(road).open();
                true
            }
            Self::Stall(road) => {
                scene.ways.road(road).stall();
                std::thread::sleep(FOR_A_WHILE);
                scene.ways.road(road).open();
                true
            }
            Self::StallAndSignal(road, signal) => {
                scene.ways.road(road).stall();
                let struck = scene.run.try_signal(signal);
                std::thread::sleep(FOR_A_WHILE);
                scene.ways.road(road).open();
                struck
            }
            Self::BlackHole(_) => {
                scene.ways.dig();
                true
            }
            Self::DiskFull => {
                scene.arena.fill_the_small_disk();
                true
            }
            Self::Meanwhile(_, script) => {
                let session = scene.pair.source.session();
                scene.others.push(std::thread::spawn(move || drop(session.try_sql(script))));
                true
            }
        }
    }

    /// How a run may end that was hit. It always may have been too late to hurt.
    pub(super) fn allows(self, ending: Ending) -> bool {
        use Ending::{Failed, Interrupted, Killed, Refused, Survived};
        let allowed: &[Ending] = match self {
            // Before the program listens, a signal ends it as it ends any other.
            Self::Signal("KILL") | Self::StallAndSignal(_, "KILL") => &[Survived, Killed],
            Self::Signal(_) | Self::StallAndSignal(..) => &[Survived, Interrupted, Killed],
            Self::Pause | Self::Stall(_) | Self::Meanwhile("locked for a while", _) => &[Survived],
            Self::Terminate(..)
            | Self::Cancel(..)
            | Self::Crash(_)
            | Self::Cut(_)
            | Self::Blink(_)
            | Self::BlackHole(_)
            | Self::DiskFull
            | Self::Meanwhile(..) => &[Survived, Failed, Refused],
        };
        allowed.contains(&ending)
    }

    /// Within which time after the end of the run nothing of it may be left.
    pub(super) fn clean_within(self) -> Duration {
        Duration::from_secs(match self {
            Self::Signal("KILL") => 3,
            // The target waits for the keepalives of a guard that cannot say good-bye.
            Self::BlackHole(Road::Target) => 40,
            _ => 5,
        })
    }

    /// Whether the run has to end although what it waits for does not come.
    pub(super) fn ends_at_once(self) -> bool {
        matches!(self, Self::Signal(_) | Self::StallAndSignal(..))
    }
}

/// Calls the function for one session of this purpose, as soon as there is one.
fn to_session(scene: &mut Scene, side: Side, purpose: &str, function: &str) -> bool {
    let session: Session = scene.database(side).session();
    let query = format!(
        "select {function}(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'fdwcopy %{purpose}'
         order by random() limit 1"
    );
    let started = Instant::now();
    loop {
        if session.rows(&query) == [["t"]] {
            return true;
        }
        // Who waits at a gate will not open another session there.
        if !scene.run.is_running() || (scene.gate.is_some() && started.elapsed() > FOR_A_WHILE) {
            return false;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

impl fmt::Display for Road {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Hop => "target to source",
            Self::Source => "fdwcopy to source",
            Self::Target => "fdwcopy to target",
        })
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let any = |purpose: &str| if purpose == "%" { "any session" } else { purpose }.replace(" %", "");
        match self {
            Self::Signal(name) => write!(f, "signal {name}"),
            Self::Pause => write!(f, "stopped for 2 s"),
            Self::Terminate(side, purpose) => write!(f, "{}: {} terminated", side.name(), any(purpose)),
            Self::Cancel(side, purpose) => write!(f, "{}: {} cancelled", side.name(), any(purpose)),
            Self::Crash(side) => write!(f, "{}: crash and restart", side.name()),
            Self::Cut(road) => write!(f, "network {road}: cut"),
            Self::Blink(road) => write!(f, "network {road}: connections lost"),
            Self::Stall(road) => write!(f, "network {road}: silent for 2 s"),
            Self::StallAndSignal(road, signal) => write!(f, "network {road}: silent, {signal}"),
            Self::BlackHole(road) => write!(f, "network {road}: black hole"),
            Self::DiskFull => f.write_str("target: disk full"),
            Self::Meanwhile(what, _) => write!(f, "source table {what}"),
        }
    }
}
