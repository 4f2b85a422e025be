//! What the phases tell while they work: events, and the one-method trait that receives them.
//!
//! Invariant: an event is a plain value; nothing here or in any phase draws (see `terminal`).

use std::fmt;
use std::time::Duration;

/// A step of a run, in the order in which a clone goes through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Sessions to both servers.
    Connect,
    /// Read-only checks of both servers and of the hop between them.
    Preflight,
    /// All workers agree on one snapshot of the source.
    Pin,
    /// The archive is read and its pre-data applied.
    Schema,
    /// Rows are pulled by the target.
    Rows,
    /// Large objects are copied.
    LargeObjects,
    /// How far the data go, as they are on the target.
    Data,
    /// `setval` for every sequence.
    Sequences,
    /// Indexes, constraints, triggers, refreshes.
    PostData,
    /// Planner statistics on the target.
    Analyze,
    /// Numbers from both servers.
    Verify,
    /// What takes effect at the very end, and the end of the ledger.
    Finish,
    /// What was created is removed again, after a failure or an interruption.
    Undo,
}

impl Phase {
    /// The name used in the report and on the screen.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "connect",
            Self::Preflight => "preflight",
            Self::Pin => "pin",
            Self::Schema => "schema",
            Self::Rows => "rows",
            Self::LargeObjects => "large-objects",
            Self::Data => "data",
            Self::Sequences => "sequences",
            Self::PostData => "post-data",
            Self::Analyze => "analyze",
            Self::Verify => "verify",
            Self::Finish => "finish",
            Self::Undo => "undo",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// How much a remark matters: shown always, with `-v`, or with `-vv`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Shown unless `-q`.
    Normal,
    /// Shown with `-v`.
    Verbose,
    /// Shown with `-vv`: every statement, secrets removed.
    Debug,
}

/// What was decided about a sequence; of a state, the value and whether it was handed out.
#[derive(Debug, Clone, PartialEq)]
pub struct SequenceLine {
    /// Its name for people.
    pub name: String,
    /// Its state on the source, where that is asked for.
    pub source: Option<(i64, bool)>,
    /// Its state on the target.
    pub target: Option<(i64, bool)>,
    /// How far the data go.
    pub data: Option<i64>,
    /// The state that it is to get, if that is another one.
    pub proposed: Option<(i64, bool)>,
    /// Why.
    pub reason: String,
    /// How much of it is used by now.
    pub used_percent: Option<f64>,
    /// Whether there is nothing to do about it, and nothing to fear.
    pub at_rest: bool,
}

/// Something that happened; the fields say what their names say.
#[allow(missing_docs)]
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A phase begins.
    PhaseStarted(Phase),
    /// A phase ended well.
    PhaseFinished(Phase, Duration),
    /// The row phase knows its work: tables, chunks and bytes on the source's disk.
    RowsPlanned { tables: usize, chunks: usize, bytes: u64 },
    /// A worker began a chunk; `part` is (number from 1, of) for a table that was cut.
    ChunkStarted { worker: usize, table: String, part: Option<(usize, usize)>, bytes: u64 },
    /// A worker's chunk is in (not yet committed).
    ChunkFinished { worker: usize, table: String, rows: u64, bytes: u64 },
    /// A phase knows how many tasks it has (schema entries, index builds, tables to compare).
    TasksPlanned { phase: Phase, total: usize },
    /// A task of this name is being executed, `slot` tells parallel ones apart.
    TaskStarted { phase: Phase, slot: usize, name: String },
    /// The task of this slot ended, well or not.
    TaskFinished { phase: Phase, slot: usize },
    /// `count` small tasks are done that were never announced one by one.
    TasksFinished { phase: Phase, count: usize },
    /// All sequences are decided and none is set; `undo` are the statements that set them back to where they are.
    Decided { lines: Vec<SequenceLine>, undo: Vec<String> },
    /// A remark.
    Note(Level, String),
}

/// Receives events; implemented by `terminal` and by tests.
pub trait Progress: Send + Sync {
    /// Takes one event; must not block, but until what was decided can be seen.
    fn emit(&self, event: Event);
}
