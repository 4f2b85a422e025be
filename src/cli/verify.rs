//! `fdwcopy verify`: its options, and what they mean.
//!
//! Invariant: a mistake in a connection string or a rule is a usage error that names its option.
//! Deliberately absent: any I/O but the reading of the environment that libpq reads too.

use std::num::{NonZeroU16, NonZeroUsize};
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{OutputArgs, Request, SelectionArgs};
use crate::error::Result;
use crate::job::verify::{Counting, Depth, VerifyJob};
use crate::pg::conninfo::{Conninfo, Environment};
use crate::pipeline::Task;
use crate::plan::rules::{Rule, Rules};

/// Options of `verify`.
#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// One side: a libpq URI or key=value string; PG* variables, the password file and service files count as in libpq
    #[arg(short, long, value_name = "CONNINFO", env = "FDWCOPY_SOURCE", hide_env_values = true)]
    source: String,
    /// The other side, in the same form
    #[arg(short = 'd', long, value_name = "CONNINFO", env = "FDWCOPY_TARGET", hide_env_values = true)]
    target: String,
    /// Number of sessions that read, on each side
    #[arg(short, long, value_name = "N", default_value = "4")]
    jobs: NonZeroU16,
    /// Take options from this TOML file, each by its long name; the command line and the environment win
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How closely: numbers of rows, checksums of all values, or also which rows differ
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = LevelArg::Checksum, help_heading = "Comparison")]
    level: LevelArg,
    /// With --level rows: name at most so many rows of a table
    #[arg(long, value_name = "N", default_value = "100", help_heading = "Comparison")]
    limit: NonZeroUsize,
    /// Hash every value as its text, also where a faster hash would do
    #[arg(long, help_heading = "Comparison")]
    strict: bool,
    #[command(flatten)]
    definitions: ComparedArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    output: OutputArgs,
}

/// What of definitions is compared.
#[derive(Debug, Args)]
#[command(next_help_heading = "Definitions")]
#[allow(clippy::struct_excessive_bools, reason = "independent switches, as those of clone")]
struct ComparedArgs {
    /// Do not compare definitions, only rows
    #[arg(long, conflicts_with = "schema_only")]
    no_schema: bool,
    /// Compare definitions only, no rows
    #[arg(long)]
    schema_only: bool,
    /// Do not compare who owns the objects
    #[arg(short = 'O', long)]
    no_owner: bool,
    /// Do not compare who may do what with them
    #[arg(short = 'x', long)]
    no_privileges: bool,
    /// Do not compare comments
    #[arg(long)]
    no_comments: bool,
}

/// What of some tables is meant.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules (TABLE: a pattern of the source's tables; repeatable)")]
pub(super) struct RuleArgs {
    /// Only rows for which this condition is true, on both sides; names in it are qualified with their schema
    #[arg(long = "where", value_name = "TABLE=CONDITION", value_parser = rule)]
    conditions: Vec<Rule>,
    /// Only these columns
    #[arg(long, value_name = "TABLE=a,b", value_parser = rule)]
    columns: Vec<Rule>,
    /// All columns but these
    #[arg(long, value_name = "TABLE=c", value_parser = rule)]
    exclude_columns: Vec<Rule>,
    /// The table has this name on the target
    #[arg(long, value_name = "TABLE=SCHEMA.NAME", value_parser = rule)]
    into: Vec<Rule>,
    /// Take the options and rules of this group of the configuration file too
    #[arg(long, value_name = "NAME", requires = "config")]
    group: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LevelArg {
    Count,
    Checksum,
    Rows,
}

pub(super) fn rule(text: &str) -> Result<Rule, String> {
    Rule::parse(text).map_err(|error| crate::error::ErrorReport::from(&error).to_string())
}

impl RuleArgs {
    pub(super) fn into_rules(self) -> Result<Rules> {
        Rules::new(self.conditions, self.columns, self.exclude_columns, self.into)
    }
}

impl VerifyArgs {
    /// The comparison that was meant.
    #[must_use]
    pub fn into_request(self, environment: &Environment) -> Request {
        let output = self.output.output();
        Request { command: "verify", task: self.into_job(environment).map(Task::Verify), output }
    }

    fn into_job(self, environment: &Environment) -> Result<VerifyJob> {
        let named = |option: &'static str| move |error: crate::error::Error| error.within(option);
        Ok(VerifyJob {
            source: Conninfo::resolve(&self.source, environment).map_err(named("--source"))?,
            target: Conninfo::resolve(&self.target, environment).map_err(named("--target"))?,
            selection: self.selection.into_selection(),
            rules: self.rules.into_rules()?,
            workers: usize::from(self.jobs.get()),
            depth: match self.level {
                LevelArg::Count => Depth::Count,
                LevelArg::Checksum => Depth::Checksum,
                LevelArg::Rows => Depth::Rows,
            },
            limit: self.limit.get(),
            strict: self.strict,
            schema: !self.definitions.no_schema,
            rows: !self.definitions.schema_only,
            counting: Counting {
                owner: !self.definitions.no_owner,
                privileges: !self.definitions.no_privileges,
                comments: !self.definitions.no_comments,
            },
        })
    }
}
