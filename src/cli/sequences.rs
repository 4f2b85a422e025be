//! The options of `sequences`, and what they mean.
//!
//! Deliberately absent: any I/O but the reading of the environment that libpq reads too.

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{ChosenArgs, OutputArgs, Request};
use crate::error::{Error, Kind, Result};
use crate::job::sequences::SequencesJob;
use crate::pg::conninfo::{Conninfo, Environment};
use crate::pipeline::Task;
use crate::sequences::decide::{From, Policy};

pub(super) const AFTER_HELP: &str = "\
With -t a table stands for the sequences that its columns own, with -T for those of its identity columns.

What is decided is printed before anything is set, with the statements that undo it: on standard output, with --json on standard error (and the statements stand in the report). -q leaves out the table, never these statements.

Values are compared where a column takes them as they are: an identity column, a column that owns the sequence, a default of nextval() alone, in a column of numbers. Where values are computed from them ('INV-' || nextval(…)) or only functions and applications call nextval(), the source's state is taken over and a warning cannot-verify says so; without a source such a sequence is left as it is and named, and the exit code is 3.

Exit codes:
  0    no next value collides with the data that were found and compared; warnings name what cannot be
  1    failed; sequences that were set before stay set, and a second run goes on
  2    wrong usage
  3    a next value may collide, a sequence is at its end or on one side only; or a dry run that found what to set
  4    refused by preflight, nothing was changed
  130  interrupted; sequences that were set before stay set";

/// Options of `sequences`.
#[derive(Debug, Args)]
pub struct SequencesArgs {
    /// Whose states are followed: a libpq URI or key=value string; without it, the target's data alone count
    #[arg(
        short,
        long,
        value_name = "CONNINFO",
        env = "FDWCOPY_SOURCE",
        hide_env_values = true,
        help_heading = "Connection"
    )]
    source: Option<String>,
    /// Whose sequences are set, in the same form
    #[arg(
        short = 'd',
        long,
        value_name = "CONNINFO",
        env = "FDWCOPY_TARGET",
        hide_env_values = true,
        help_heading = "Connection"
    )]
    target: String,
    /// Number of sessions that look at the target's data
    #[arg(short, long, value_name = "N", default_value = "4", help_heading = "Connection")]
    jobs: NonZeroU16,
    /// Take options from this TOML file, each by its long name; the command line and the environment win
    #[arg(long, value_name = "FILE", help_heading = "Connection")]
    config: Option<PathBuf>,

    #[command(flatten)]
    selection: ChosenArgs,

    /// Where a next value comes from: the source's state, the target's data, or the source's state and never behind the
    /// data [default: both; data without a source]
    #[arg(long, value_enum, value_name = "WHERE", help_heading = "Sequences")]
    from: Option<FromArg>,
    /// Leave out so many values before the next one
    #[arg(long, value_name = "N", default_value_t = 0, help_heading = "Sequences")]
    ahead: u64,
    /// Set sequences back too, which hands out values again; not those whose data can be seen in part only
    #[arg(long, help_heading = "Sequences")]
    allow_backwards: bool,
    /// Print what would be set, and set nothing; exit 3 if anything would be
    #[arg(long, help_heading = "Sequences")]
    dry_run: bool,

    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FromArg {
    Source,
    Data,
    Both,
}

impl SequencesArgs {
    /// The repair that was meant.
    #[must_use]
    pub fn into_request(self, environment: &Environment) -> Request {
        let output = self.output.output();
        Request { command: "sequences", task: self.into_job(environment).map(Task::Sequences), output }
    }

    fn into_job(self, environment: &Environment) -> Result<SequencesJob> {
        let from = match (self.from, &self.source) {
            (None | Some(FromArg::Both), Some(_)) => From::Both,
            (Some(FromArg::Source), Some(_)) => From::Source,
            (None | Some(FromArg::Data), _) => From::Data,
            (Some(FromArg::Source | FromArg::Both), None) => {
                let error = Error::new(Kind::Usage, "there is no source to take states from");
                return Err(error.object("--from").remedy("give --source, or --from data"));
            }
        };
        let source = self.source.filter(|_| from != From::Data);
        let source = source.map(|text| Conninfo::resolve(&text, environment)).transpose();
        Ok(SequencesJob {
            source: source.map_err(|error| error.within("--source"))?,
            target: Conninfo::resolve(&self.target, environment).map_err(|error| error.within("--target"))?,
            selection: self.selection.into_selection(Vec::new()),
            policy: Policy { from, ahead: self.ahead, backwards: self.allow_backwards },
            workers: usize::from(self.jobs.get()),
            dry_run: self.dry_run,
        })
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command, Connecting};

    fn job(arguments: &[&str]) -> Result<SequencesJob> {
        let all = [&["fdwcopy", "sequences", "-d", "host=b dbname=y"], arguments].concat();
        match Cli::try_parse_from(all).expect("a good command line").command {
            Command::Connecting(Connecting::Sequences(args)) => args.into_job(&Environment::of_user("me")),
            other => panic!("not sequences: {other:?}"),
        }
    }

    #[test]
    fn with_a_source_its_states_count_and_the_data_too() {
        let job = job(&["-s", "host=a"]).expect("a good job");
        assert_eq!((job.policy.from, job.policy.ahead, job.policy.backwards), (From::Both, 0, false));
    }

    #[test]
    fn without_a_source_or_by_request_the_data_alone_count() {
        assert_eq!(job(&[]).expect("a good job").policy.from, From::Data);
        let job = job(&["-s", "host=a", "--from", "data"]).expect("a good job");
        assert!(job.source.is_none() && job.policy.from == From::Data);
    }

    #[test]
    fn states_of_a_source_that_is_not_given_are_wrong_usage() {
        for from in ["source", "both"] {
            assert_eq!(job(&["--from", from]).expect_err("no source").kind(), Kind::Usage);
        }
    }
}
