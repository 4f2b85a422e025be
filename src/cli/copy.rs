//! `fdwcopy copy`: its options, and what they mean.
//!
//! Invariant: a mistake in a connection string or a rule is a usage error that names its option.
//! Deliberately absent: any I/O but the reading of the environment that libpq reads too.

use std::time::Duration;

use clap::Args;

use super::verify::rule;
use super::{CommonArgs, ConnectionArgs, DefinitionArgs, OutputArgs, Request, SelectionArgs};
use crate::error::{Error, ErrorReport, Kind, Result};
use crate::job::Job;
use crate::job::copy::{CopyJob, Overlap};
use crate::pg::conninfo::Environment;
use crate::pg::ident::Ident;
use crate::pipeline::Task;
use crate::plan::incremental::{Asking, Set, Way, asking};
use crate::plan::rules::{Rule, Rules};

/// Clocks of applications differ by no more, it is hoped.
const FLOOR: Duration = Duration::from_secs(600);

/// Options of `copy`.
#[derive(Debug, Args)]
pub struct CopyArgs {
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    rows: RowArgs,
    #[command(flatten)]
    run: RunArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// How rows are chosen, changed and put into their tables.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rows (TABLE: a pattern of the source's tables; repeatable)")]
struct RowArgs {
    /// Empty the tables and fill them again; or append rows whose key is not there; or upsert: also change rows that
    /// differ. With TABLE=, for these tables only
    #[arg(long = "mode", value_name = "[TABLE=]MODE", value_parser = mode)]
    modes: Vec<Mode>,
    /// Only rows for which this condition is true on the source; names in it are qualified with their schema
    #[arg(long = "where", value_name = "TABLE=CONDITION", value_parser = rule)]
    conditions: Vec<Rule>,
    /// Only these columns
    #[arg(long, value_name = "TABLE=a,b", value_parser = rule)]
    columns: Vec<Rule>,
    /// All columns but these
    #[arg(long, value_name = "TABLE=c", value_parser = rule)]
    exclude_columns: Vec<Rule>,
    /// Write what this expression makes of the source's row, computed on the target
    #[arg(long = "set", value_name = "TABLE.COLUMN=EXPRESSION", value_parser = set)]
    sets: Vec<Set>,
    /// Refuse expressions that read a column which --set replaces: its values never leave the source
    #[arg(long)]
    mask_on_source: bool,
    /// Rows go into this table of the target
    #[arg(long, value_name = "TABLE=SCHEMA.NAME", value_parser = rule)]
    into: Vec<Rule>,
    /// Find rows again by this unique constraint, or by the one on these columns, instead of the primary key
    #[arg(long = "key", value_name = "TABLE=NAME|a,b", value_parser = rule)]
    keys: Vec<Rule>,
    /// Read only rows that are new by this column since the copy before: times, or numbers that grow. What the next copy
    /// has to know is kept on the target
    #[arg(long = "watermark", value_name = "TABLE=COLUMN", value_parser = watermark)]
    watermarks: Vec<(Rule, Ident)>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Copy")]
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
struct RunArgs {
    /// Take the options of this group of the configuration file too
    #[arg(long, value_name = "NAME", requires = "config")]
    group: Option<String>,
    /// Time by which a copy by a watermark reaches back further than the oldest transaction that was open at the copy before;
    /// for clocks that differ. Given, it also stands for what our role cannot see of others' transactions
    #[arg(long, value_name = "TIME", value_parser = duration)]
    overlap: Option<Duration>,
    /// Let the triggers of the target's tables fire; without it they are disabled until the commit
    #[arg(long)]
    fire_triggers: bool,
    /// Empty tables by DELETE instead of TRUNCATE: readers do not wait, also those of an older snapshot see the old rows
    #[arg(long)]
    no_truncate: bool,
    /// Leave the sequences of the target alone; without it those that number copied columns are brought to where no next
    /// value can collide
    #[arg(long)]
    no_sequences: bool,
    /// Print the plan and every statement, secrets removed, and stop; nothing changes anywhere
    #[arg(long)]
    dry_run: bool,
    /// Seconds to try to make all workers agree on one snapshot of the source
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    snapshot_timeout: u32,
}

/// A mode, of some tables or of all.
#[derive(Debug, Clone)]
enum Mode {
    OfAll(Way),
    Of(Rule, Way),
}

fn mode(text: &str) -> Result<Mode, String> {
    let read = || match Way::parse(text) {
        Ok(way) => Ok(Mode::OfAll(way)),
        Err(error) if !text.contains('=') => Err(error),
        Err(_) => {
            let rule = Rule::parse(text)?;
            let way = Way::parse(rule.value())?;
            Ok(Mode::Of(rule, way))
        }
    };
    read().map_err(|error| words(&error))
}

fn set(text: &str) -> Result<Set, String> {
    Set::parse(text).map_err(|error| words(&error))
}

fn watermark(text: &str) -> Result<(Rule, Ident), String> {
    asking::watermark(text).map_err(|error| words(&error))
}

/// `90`, `90s`, `10 minutes`, `2h`, `1 day`.
fn duration(text: &str) -> Result<Duration, String> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let seconds = match text[end..].trim() {
        "" | "s" | "sec" | "second" | "seconds" => 1,
        "m" | "min" | "minute" | "minutes" => 60,
        "h" | "hour" | "hours" => 3_600,
        "d" | "day" | "days" => 86_400,
        _ => 0,
    };
    let number: Option<u64> = text[..end].parse().ok();
    let whole = number.and_then(|number| number.checked_mul(seconds)).filter(|_| seconds > 0);
    whole.map(Duration::from_secs).ok_or_else(|| "write a number and s, minutes, hours or days".into())
}

fn words(error: &Error) -> String {
    ErrorReport::from(error).to_string()
}

impl CopyArgs {
    /// The copy that was meant.
    #[must_use]
    pub fn into_request(self, environment: &Environment) -> Request {
        let output = self.output.output();
        Request { command: "copy", task: self.into_job(environment).map(Task::Copy), output }
    }

    fn into_job(self, environment: &Environment) -> Result<CopyJob> {
        let Self { connection, selection, rows, run, output } = self;
        let common = CommonArgs { connection, selection, definitions: DefinitionArgs::default(), output };
        let base = Job {
            snapshot_timeout: Duration::from_secs(run.snapshot_timeout.into()),
            dry_run: run.dry_run,
            ..common.into_job(environment)?
        };
        let of_all = rows.modes.iter().rev().find_map(|mode| match mode {
            Mode::OfAll(way) => Some(*way),
            Mode::Of(..) => None,
        });
        let asking = Asking {
            way: of_all.unwrap_or(Way::Replace),
            ways: rows.modes.iter().filter_map(Mode::of_some).collect(),
            rules: Rules::new(rows.conditions, rows.columns, rows.exclude_columns, rows.into)?,
            sets: rows.sets,
            keys: rows.keys,
            watermarks: rows.watermarks,
            mask_on_source: rows.mask_on_source,
            vouched: run.overlap.is_some(),
            fire_triggers: run.fire_triggers,
            no_truncate: run.no_truncate,
        };
        if asking.mask_on_source && asking.sets.is_empty() {
            return Err(Error::new(Kind::Usage, "nothing says what is masked")
                .object("--mask-on-source")
                .remedy("say what is written instead of each masked column: --set"));
        }
        let overlap = Overlap { time: run.overlap.unwrap_or(FLOOR), given: run.overlap.is_some() };
        Ok(CopyJob { base, asking, overlap, sequences: !run.no_sequences })
    }
}

impl Mode {
    fn of_some(&self) -> Option<(Rule, Way)> {
        match self {
            Self::Of(rule, way) => Some((rule.clone(), *way)),
            Self::OfAll(_) => None,
        }
    }
}
