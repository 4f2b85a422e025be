//! `fdwcopy sync`: its options, and what they mean.
//!
//! Invariant: a mistake in a connection string or a rule is a usage error that names its option.
//! Deliberately absent: any I/O but the reading of the environment that libpq reads too.

use std::num::NonZeroU64;
use std::time::Duration;

use clap::Args;

use super::verify::{RuleArgs, rule};
use super::{CommonArgs, ConnectionArgs, DefinitionArgs, OutputArgs, Request, SelectionArgs};
use crate::error::Result;
use crate::job::Job;
use crate::job::copy::{CopyJob, Overlap};
use crate::job::sync::{MaxDelete, SyncJob};
use crate::pg::conninfo::Environment;
use crate::pipeline::Task;
use crate::plan::incremental::{Asking, Way};
use crate::plan::rules::Rule;

/// What its exit codes mean.
pub(super) const EXIT_CODES: &str = "\
Exit codes:
  0    the target's tables have what the source has, proved by sums of both sides
  1    failed; nothing was changed (with --batch: the steps before are committed, as also below)
  2    wrong usage
  3    done, but the target has rows that the source does not have (--delete deletes them);
       of --dry-run: something differs
  4    refused (a table without a usable key, more rows to delete than --max-delete, ...), nothing was changed
  130  interrupted; nothing was changed";

/// Options of `sync`.
#[derive(Debug, Args)]
pub struct SyncArgs {
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Synchronising")]
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
struct RunArgs {
    /// Delete rows of the target that the source does not have
    #[arg(long)]
    delete: bool,
    /// Refuse to delete more rows of a table than this: a number, or a percentage of the rows that the target has
    #[arg(long, value_name = "N|N%", default_value = "10%")]
    max_delete: MaxDelete,
    /// Commit after so many changed rows, in steps that are each of one snapshot; without it all is changed at once. Every step
    /// sums up the tables anew
    #[arg(long, value_name = "N", conflicts_with = "dry_run")]
    batch: Option<NonZeroU64>,
    /// Find rows again by this unique constraint, or by the one on these columns, instead of the primary key
    #[arg(long = "key", value_name = "TABLE=NAME|a,b", value_parser = rule)]
    keys: Vec<Rule>,
    /// Let the triggers of the target's tables fire; without it they are disabled until the commit
    #[arg(long)]
    fire_triggers: bool,
    /// Leave the sequences of the target alone; without it those that number synchronised columns are brought to where no next
    /// value can collide
    #[arg(long)]
    no_sequences: bool,
    /// Count the differences, change nothing; exit code 3 if there are any
    #[arg(long)]
    dry_run: bool,
    /// Seconds to try to make all workers agree on one snapshot of the source
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    snapshot_timeout: u32,
}

impl SyncArgs {
    /// The synchronising that was meant.
    #[must_use]
    pub fn into_request(self, environment: &Environment) -> Request {
        let output = self.output.output();
        Request { command: "sync", task: self.into_job(environment).map(Task::Sync), output }
    }

    fn into_job(self, environment: &Environment) -> Result<SyncJob> {
        let Self { connection, selection, rules, run, output } = self;
        let common = CommonArgs { connection, selection, definitions: DefinitionArgs::default(), output };
        let base = Job {
            snapshot_timeout: Duration::from_secs(run.snapshot_timeout.into()),
            dry_run: run.dry_run,
            ..common.into_job(environment)?
        };
        let asking = Asking {
            way: Way::Sync,
            ways: Vec::new(),
            rules: rules.into_rules()?,
            sets: Vec::new(),
            keys: run.keys,
            watermarks: Vec::new(),
            mask_on_source: false,
            fire_triggers: run.fire_triggers,
            no_truncate: false,
            vouched: false,
        };
        let overlap = Overlap { time: Duration::ZERO, given: false };
        let copy = CopyJob { base, asking, overlap, sequences: !run.no_sequences };
        Ok(SyncJob { copy, deletes: run.delete, max_delete: run.max_delete, step: run.batch })
    }
}
