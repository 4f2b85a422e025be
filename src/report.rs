//! What happened, as values: the documented JSON report and the source of everything printed at the end.
//!
//! Invariant: field names are those of the documented report; new ones may be added, none removed.
//! Deliberately absent: decisions. The pipeline fills it in, `terminal` prints it.

mod incremental;

use std::time::Duration;

use serde::Serialize;

pub use self::incremental::{CopiedReport, SyncedReport, WatermarkReport};
use crate::error::{Error, ErrorReport, Kind};
use crate::pg::ident::QualifiedName;
use crate::progress::{Phase, SequenceLine};
use crate::sequences::State;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// Done, everything equal.
    Done,
    /// Done, but something differs or could not be copied.
    Differences,
    /// Refused by preflight; nothing was changed.
    Refused,
    /// Failed.
    Failed,
    /// Interrupted; everything of ours was removed.
    Interrupted,
}

/// What promise the rows were copied under, and what it took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Consistency {
    /// The mode asked for.
    pub mode: &'static str,
    /// Whether all workers were proved to read one snapshot.
    pub agreed: bool,
    /// How often the workers had to pin.
    pub attempts: u32,
    /// Whether SHARE locks were needed for the moment of pinning.
    pub locked: bool,
    /// Milliseconds that pinning took in the try in which all agreed, the wait for SHARE locks or for a pause of a
    /// standby's replay included.
    pub window_ms: Option<f64>,
    /// Whether copied tables of the source were written to meanwhile; only asked where the mode lets it happen, and
    /// where the source's rows were counted.
    pub source_written: Option<bool>,
}

impl Consistency {
    /// Before anything is agreed on.
    #[must_use]
    pub fn none_yet(mode: &'static str) -> Self {
        Self { mode, agreed: false, attempts: 0, locked: false, window_ms: None, source_written: None }
    }
}

/// One table whose rows were copied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TableReport {
    /// Schema on both sides.
    pub schema: String,
    /// Name on both sides.
    pub name: String,
    /// Rows inserted.
    pub rows: u64,
    /// Bytes on the source's disk, TOAST included.
    pub bytes: u64,
    /// Number of `INSERT … SELECT` statements.
    pub chunks: usize,
    /// Worker time spent on it.
    pub seconds: f64,
    /// How it was verified: `count`, `checksum` or not at all.
    pub verified: Option<&'static str>,
    /// How the rows went into a table that was there, by `copy`.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub copied: Option<CopiedReport>,
    /// What was, or would be, changed of a table by `sync`; `rows` is the sum of it.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub synced: Option<SyncedReport>,
}

/// The large objects that were copied.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LargeObjectsReport {
    /// How many.
    pub count: usize,
    /// Their sizes, in bytes; what they take on the source's disk where they were not verified.
    pub bytes: u64,
    /// How they travelled: `catalogs` or `streamed`.
    pub road: &'static str,
    /// Wall clock time, owners and rights included.
    pub seconds: f64,
    /// How they were verified: `count` (and sizes), `checksum` or not at all.
    pub verified: Option<&'static str>,
}

/// One sequence that was set, or looked at.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct SequenceReport {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// `last_value` on the target before.
    pub before: Option<i64>,
    /// `last_value` on the target now; of a run that was stopped, what is known of it.
    pub after: i64,
    /// Whether `after` was handed out already.
    pub is_called: bool,
    /// Why this value.
    pub reason: String,
    /// Its state on the source, where the command asks for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<State>,
    /// Its state on the target before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<State>,
    /// How far the values go in the columns that it numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data: Option<i64>,
    /// The state that it should have, if that was another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proposed: Option<State>,
    /// Whether that was set; missing too where the run was stopped and nobody can tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub applied: Option<bool>,
    /// The value that it hands out next; none at its end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
    /// How much of the narrower of sequence and columns is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub used_percent: Option<f64>,
    /// Whether the next value can collide with the data; unknown where nothing proves it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub collides: Option<bool>,
    /// Why it cannot be called safe.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<String>,
}

impl SequenceReport {
    /// Whether it is where it should be, as far as anybody can tell.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.open.is_none() && (self.applied != Some(false) || self.was_overtaken())
    }

    /// Whether it was not set because another session has moved it meanwhile.
    #[must_use]
    pub fn was_overtaken(&self) -> bool {
        let now = State { last_value: self.after, is_called: self.is_called };
        self.applied == Some(false) && self.target != Some(now)
    }

    /// Its line among what was decided.
    #[must_use]
    pub fn line(&self) -> SequenceLine {
        let pair = |state: State| (state.last_value, state.is_called);
        SequenceLine {
            name: QualifiedName::new(self.schema.as_str(), self.name.as_str()).plain(),
            source: self.source.map(pair),
            target: self.target.map(pair),
            data: self.data,
            proposed: self.proposed.map(pair),
            reason: self.reason.clone(),
            used_percent: self.used_percent,
            at_rest: self.proposed.is_none() && self.open.is_none(),
        }
    }
}

/// An object that the target had, and that was replaced.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Replaced {
    /// What it is: `table`, `view`, `function`, …
    pub kind: String,
    /// Its name.
    pub object: String,
    /// The planner's estimate of its rows, of a table that was ever analysed.
    pub rows: Option<u64>,
}

/// Something of the source that is not on the target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotCopied {
    /// What it is: `table data`, `INDEX`, `large object`, …
    pub kind: String,
    /// Its name.
    pub object: String,
    /// Why.
    pub reason: String,
}

/// A table, or another object, that is not equal on both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Schema.
    pub schema: String,
    /// Name.
    pub name: String,
    /// What differs: `count`, `checksum` or `large object`; for `verify` also `table` (it is on one side only), `column`
    /// and, of definitions, `schema`.
    pub kind: &'static str,
    /// What of a definition differs.
    #[serde(flatten)]
    pub part: Option<Part>,
    /// The source's value.
    pub source: String,
    /// The target's value.
    pub target: String,
    /// Differing keys, where they are known.
    pub keys: Vec<String>,
    /// The column that differs in its definition.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Differing rows, where they are known.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rows: Vec<RowDifference>,
    /// At least so many rows differ beside those.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more_rows: Option<u64>,
}

impl Difference {
    /// A difference of a table of which no more is known.
    #[must_use]
    pub fn of(
        table: &QualifiedName,
        kind: &'static str,
        source: impl Into<String>,
        target: impl Into<String>,
    ) -> Self {
        Self {
            schema: table.schema.as_str().into(),
            name: table.name.as_str().into(),
            kind,
            source: source.into(),
            target: target.into(),
            ..Self::default()
        }
    }
}

/// What of a definition is not equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// What it is: `table`, `function`, or a part of a table by its name: `column a`, `index b`.
    pub object: String,
    /// What of it differs: `type`, `default`, `owner`, …; none if only one side has it.
    pub aspect: Option<String>,
}

/// A row that is not equal on both sides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RowDifference {
    /// `source only`, `target only` or `different`.
    pub kind: &'static str,
    /// Its key, as `(id)=(5)`; of a table without keys the row itself.
    pub key: String,
    /// How often it is on the source and on the target, of a table without keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<[u64; 2]>,
    /// The columns that differ.
    pub columns: Vec<String>,
    /// Their values on the source and on the target, cut short.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<[Option<String>; 2]>,
}

/// How long a phase took.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PhaseReport {
    /// The phase's name.
    pub name: &'static str,
    /// Wall clock time.
    pub seconds: f64,
}

/// A finding of preflight or a remark of a later phase.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// A stable short name, such as `select-missing`.
    pub code: &'static str,
    /// The object it is about.
    pub object: String,
    /// What is wrong, in lower case.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
}

/// What administrators have to run before a clone goes well, each list ready to be pasted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Grants {
    /// The database of the source in which to run it.
    pub source_database: String,
    /// On the source.
    pub source: Vec<String>,
    /// The database of the target in which to run it.
    pub target_database: String,
    /// On the target.
    pub target: Vec<String>,
}

impl Grants {
    /// Whether there is nothing to run.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.source.is_empty() && self.target.is_empty()
    }
}

/// The report of a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Version of this document's form.
    pub version: u32,
    /// The command that ran.
    pub command: &'static str,
    /// How it ended.
    pub outcome: Outcome,
    /// The promise the rows were copied under.
    pub consistency: Consistency,
    /// Tables whose rows were copied.
    pub tables: Vec<TableReport>,
    /// Sequences that were set.
    pub sequences: Vec<SequenceReport>,
    /// Large objects that were copied, if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub large_objects: Option<LargeObjectsReport>,
    /// What was not copied, and why.
    pub not_copied: Vec<NotCopied>,
    /// What is not equal on both sides.
    pub differences: Vec<Difference>,
    /// Time by phase.
    pub phases: Vec<PhaseReport>,
    /// Preflight's refusals: each alone would have stopped the run.
    pub findings: Vec<Finding>,
    /// What administrators have to run to mend them, as far as statements do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub grants: Option<Grants>,
    /// What did not stop the run and should be known.
    pub warnings: Vec<Finding>,
    /// The plan, for a dry run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub plan: Option<serde_json::Value>,
    /// Objects that were removed from the target, by `cleanup`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<String>,
    /// Objects of the target that were replaced, or would be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<Replaced>,
    /// What sets the sequences back to where they were, by `sequences`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub undo_sql: Vec<String>,
    /// What stopped the run.
    pub error: Option<ErrorReport>,
}

impl Report {
    /// The report of a run that has done nothing yet.
    #[must_use]
    pub fn new(command: &'static str, mode: &'static str) -> Self {
        Self {
            version: 1,
            command,
            outcome: Outcome::Done,
            consistency: Consistency::none_yet(mode),
            tables: Vec::new(),
            sequences: Vec::new(),
            large_objects: None,
            not_copied: Vec::new(),
            differences: Vec::new(),
            phases: Vec::new(),
            findings: Vec::new(),
            grants: None,
            warnings: Vec::new(),
            plan: None,
            removed: Vec::new(),
            replaced: Vec::new(),
            undo_sql: Vec::new(),
            error: None,
        }
    }

    /// Notes how long a phase took; a phase that ran twice is added up.
    pub fn phase_took(&mut self, phase: Phase, time: Duration) {
        match self.phases.iter_mut().find(|known| known.name == phase.name()) {
            Some(known) => known.seconds += time.as_secs_f64(),
            None => self.phases.push(PhaseReport { name: phase.name(), seconds: time.as_secs_f64() }),
        }
    }

    /// Notes by what the tables were proved that do not stand among the differences.
    pub fn mark_verified(&mut self, level: Option<&'static str>) {
        for table in &mut self.tables {
            let differs =
                self.differences.iter().any(|d| (&d.schema, &d.name) == (&table.schema, &table.name));
            table.verified = level.filter(|_| !differs);
        }
    }

    /// Closes the report of a run that reached its end: equal, or done with differences.
    pub fn finish(&mut self) {
        let clean = self.not_copied.is_empty()
            && self.differences.is_empty()
            && self.sequences.iter().all(SequenceReport::is_settled);
        self.outcome = if clean { Outcome::Done } else { Outcome::Differences };
    }

    /// Closes the report of a run that an error stopped.
    pub fn fail(&mut self, error: &Error) {
        let report = ErrorReport::from(error);
        self.outcome = match error.kind() {
            Kind::Preflight => Outcome::Refused,
            // "Interrupted" promises that everything of ours is gone.
            Kind::Interrupted if report.also.is_empty() => Outcome::Interrupted,
            _ => Outcome::Failed,
        };
        // What was copied has been undone; sequences that were to be set by themselves stay as they are by now.
        self.tables.clear();
        if self.command != "sequences" {
            self.sequences.clear();
        }
        self.large_objects = None;
        self.replaced.clear();
        self.error = Some(report);
    }

    /// The documented exit code of this outcome.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match (self.outcome, self.error.as_ref().map(|error| error.kind)) {
            (_, Some(Kind::Usage)) => 2,
            (Outcome::Done, _) => 0,
            (Outcome::Failed, _) => 1,
            (Outcome::Differences, _) => 3,
            (Outcome::Refused, _) => 4,
            (Outcome::Interrupted, _) => 130,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_outcome_has_its_documented_exit_code() {
        let ended = |kind| {
            let mut report = Report::new("clone", "snapshot");
            report.fail(&Error::new(kind, "x"));
            report.exit_code()
        };
        assert_eq!(ended(Kind::Usage), 2);
        assert_eq!(ended(Kind::Preflight), 4);
        assert_eq!(ended(Kind::Interrupted), 130);
        assert_eq!(ended(Kind::Copy), 1);
    }

    #[test]
    fn an_interruption_that_could_not_be_undone_is_a_failure() {
        let mut report = Report::new("clone", "snapshot");
        report.fail(&Error::interrupted().and_also(&Error::new(Kind::Schema, "left")));
        assert_eq!((report.outcome, report.exit_code()), (Outcome::Failed, 1));
    }

    #[test]
    fn a_run_that_left_something_behind_is_not_done() {
        let mut report = Report::new("clone", "snapshot");
        report.finish();
        assert_eq!(report.exit_code(), 0);
        report.not_copied.push(NotCopied { kind: "INDEX".into(), object: "i".into(), reason: "r".into() });
        report.finish();
        assert_eq!((report.outcome, report.exit_code()), (Outcome::Differences, 3));
    }
}
