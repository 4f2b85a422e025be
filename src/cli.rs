//! The command line: clap types, and what they mean as a [`Job`].
//!
//! Deliberately absent: any I/O but the reading of the environment that libpq reads too.

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::error::{Error, Kind, Result};
use crate::job::{Definitions, Job, Mode, Proof, VerifyLevel};
use crate::pg::conninfo::{Conninfo, Environment, Overrides};
use crate::pipeline::Goal;
use crate::plan::pattern::Pattern;
use crate::plan::select::Selection;
use crate::terminal::ProgressStyle;

/// Copies PostgreSQL databases server to server: the target pulls the rows itself, through `postgres_fdw`.
#[derive(Debug, Parser)]
#[command(
    name = "fdwcopy",
    version,
    propagate_version = true,
    arg_required_else_help = true,
    max_term_width = 110
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one value per process")]
pub enum Command {
    /// Clone a database or a part of it: schema, rows, sequences, indexes, constraints, then the proof
    #[command(after_help = EXIT_CODES)]
    Clone(CloneArgs),
    /// Check everything that would stop or spoil a clone, change nothing
    #[command(after_help = EXIT_CODES)]
    Check(CommonArgs),
    /// Print shell completions
    Completions {
        /// For this shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done, everything equal
  1    failed; what had been made was removed again
  2    wrong usage
  3    done, but something differs or could not be copied
  4    refused by preflight, nothing was changed
  130  interrupted; what had been made was removed again";

/// Options of `clone`.
#[derive(Debug, Args)]
pub struct CloneArgs {
    #[command(flatten)]
    common: CommonArgs,

    /// Print the plan and every statement, secrets removed, and stop; nothing changes anywhere
    #[arg(long, help_heading = "Copy")]
    dry_run: bool,
    /// The promise the rows are copied under: one snapshot for all of them, all or nothing; or locks against
    /// writers, or no promise, where every chunk commits on its own and --resume goes on after an interruption
    #[arg(long, value_enum, value_name = "MODE", default_value_t = ConsistencyArg::Snapshot, help_heading = "Copy")]
    consistency: ConsistencyArg,
    /// Go on with an interrupted run of --consistency lock or none, given the same options
    #[arg(long, help_heading = "Copy")]
    resume: bool,
    /// Seconds to try to make all workers agree on one snapshot of the source
    #[arg(long, value_name = "SECONDS", default_value_t = 30, help_heading = "Copy")]
    snapshot_timeout: u32,
    /// How to prove the copy: by row counts, or by checksums over all values, each computed inside its server
    #[arg(long, value_enum, value_name = "LEVEL", default_value_t = VerifyArg::Count, help_heading = "Copy")]
    verify: VerifyArg,
    /// Do not gather planner statistics on the target
    #[arg(long, help_heading = "Copy")]
    no_analyze: bool,
}

/// Options of every command that connects.
#[derive(Debug, Args)]
pub struct CommonArgs {
    #[command(flatten)]
    connection: ConnectionArgs,
    #[command(flatten)]
    selection: SelectionArgs,
    #[command(flatten)]
    definitions: DefinitionArgs,
    #[command(flatten)]
    output: OutputArgs,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Connection")]
struct ConnectionArgs {
    /// Where rows come from: a libpq URI or key=value string; PG* variables, the password file and service files
    /// count as in libpq
    #[arg(short, long, value_name = "CONNINFO", env = "FDWCOPY_SOURCE", hide_env_values = true)]
    source: String,
    /// Where rows go to, in the same form
    #[arg(short = 'd', long, value_name = "CONNINFO", env = "FDWCOPY_TARGET", hide_env_values = true)]
    target: String,
    /// Parameters by which the *target server* reaches the source, where they differ from --source
    #[arg(long, value_name = "k=v …", env = "FDWCOPY_SOURCE_FROM_TARGET", hide_env_values = true)]
    source_from_target: Option<String>,
    /// Number of workers; each takes one session on both servers
    #[arg(short, long, value_name = "N", default_value = "4")]
    jobs: NonZeroU16,
    /// Take options from this TOML file, each by its long name; the command line and the environment win
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

/// P is a pattern as in pg_dump, or a regular expression between slashes matched against schema.table.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection (P: a pattern as in pg_dump, or /regular expression/; repeatable)")]
struct SelectionArgs {
    /// Only schemas that match
    #[arg(short = 'n', long = "schema", value_name = "P", value_parser = pattern)]
    schemas: Vec<Pattern>,
    /// No schema that matches
    #[arg(short = 'N', long = "exclude-schema", value_name = "P", value_parser = pattern)]
    exclude_schemas: Vec<Pattern>,
    /// Only tables (views, sequences) that match; -n and -N have no effect then
    #[arg(short = 't', long = "table", value_name = "P", value_parser = pattern)]
    tables: Vec<Pattern>,
    /// No table that matches
    #[arg(short = 'T', long = "exclude-table", value_name = "P", value_parser = pattern)]
    exclude_tables: Vec<Pattern>,
    /// The definition but not the rows of tables that match
    #[arg(long = "exclude-table-data", value_name = "P", value_parser = pattern)]
    exclude_data: Vec<Pattern>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Definitions")]
#[allow(clippy::struct_excessive_bools, reason = "independent switches of pg_dump")]
struct DefinitionArgs {
    /// Do not give objects to their owners; all belong to the target's role
    #[arg(short = 'O', long)]
    no_owner: bool,
    /// Do not copy GRANT and REVOKE
    #[arg(short = 'x', long)]
    no_privileges: bool,
    /// Do not copy comments
    #[arg(long)]
    no_comments: bool,
    /// Leave everything in the target's default tablespace
    #[arg(long)]
    no_tablespaces: bool,
    /// Copy definitions only, no rows and no sequence values
    #[arg(long)]
    schema_only: bool,
    /// The directory of pg_dump and pg_restore; otherwise the newest version found
    #[arg(long, value_name = "DIR")]
    pg_bin: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
struct OutputArgs {
    /// Print the report as one JSON document on standard output; everything else goes to standard error
    #[arg(long)]
    json: bool,
    /// How to show progress: bars on a terminal, one line every few seconds elsewhere, or nothing
    #[arg(long, value_enum, default_value_t = ProgressArg::Auto)]
    progress: ProgressArg,
    /// Say more; twice: every statement, secrets removed
    #[arg(short, long, action = clap::ArgAction::Count)]
    verbose: u8,
    /// Say less
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum VerifyArg {
    None,
    Count,
    Checksum,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ConsistencyArg {
    Snapshot,
    Lock,
    None,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum ProgressArg {
    Auto,
    Bars,
    Lines,
    None,
}

fn pattern(text: &str) -> Result<Pattern, String> {
    Pattern::parse(text).map_err(|error| crate::error::ErrorReport::from(&error).to_string())
}

/// How the run is shown.
#[derive(Debug, Clone, Copy)]
pub struct Output {
    /// Bars, lines or nothing.
    pub style: ProgressStyle,
    /// -1 for `-q`, 1 for `-v`, 2 for `-vv`.
    pub verbosity: i8,
    /// Whether the report is wanted as JSON.
    pub json: bool,
}

impl OutputArgs {
    fn output(&self) -> Output {
        let style = match self.progress {
            ProgressArg::Auto => ProgressStyle::Auto,
            ProgressArg::Bars => ProgressStyle::Bars,
            ProgressArg::Lines => ProgressStyle::Lines,
            ProgressArg::None => ProgressStyle::None,
        };
        let more = i8::try_from(self.verbose).unwrap_or(i8::MAX);
        Output { style, verbosity: if self.quiet { -1 } else { more }, json: self.json }
    }
}

impl CommonArgs {
    fn into_job(self, environment: &Environment) -> Result<Job> {
        let connection = self.connection;
        let named = |option: &'static str| move |error: crate::error::Error| error.within(option);
        Ok(Job {
            source: Conninfo::resolve(&connection.source, environment).map_err(named("--source"))?,
            target: Conninfo::resolve(&connection.target, environment).map_err(named("--target"))?,
            source_from_target: match connection.source_from_target.as_deref() {
                Some(text) => Conninfo::parse_overrides(text).map_err(named("--source-from-target"))?,
                None => Overrides::default(),
            },
            selection: Selection {
                schemas: self.selection.schemas,
                exclude_schemas: self.selection.exclude_schemas,
                tables: self.selection.tables,
                exclude_tables: self.selection.exclude_tables,
                exclude_data: self.selection.exclude_data,
            },
            workers: usize::from(connection.jobs.get()),
            definitions: Definitions {
                owner: !self.definitions.no_owner,
                privileges: !self.definitions.no_privileges,
                comments: !self.definitions.no_comments,
                tablespaces: !self.definitions.no_tablespaces,
                schema_only: self.definitions.schema_only,
                pg_bin: self.definitions.pg_bin,
            },
            proof: Proof { level: VerifyLevel::Count, analyze: true },
            snapshot_timeout: Duration::from_secs(30),
            consistency: Mode::Snapshot,
            resume: false,
            dry_run: false,
        })
    }
}

/// A command that connects, as what it means. A mistake in a connection string is a usage error that names its option.
#[derive(Debug)]
pub struct Request {
    /// What to do.
    pub goal: Goal,
    /// With what; or why that could not be understood.
    pub job: Result<Job>,
    /// How to show it.
    pub output: Output,
}

impl CloneArgs {
    /// The clone that was meant.
    #[must_use]
    pub fn into_request(self, environment: &Environment) -> Request {
        let output = self.common.output.output();
        let level = match self.verify {
            VerifyArg::None => VerifyLevel::None,
            VerifyArg::Count => VerifyLevel::Count,
            VerifyArg::Checksum => VerifyLevel::Checksum,
        };
        let consistency = match self.consistency {
            ConsistencyArg::Snapshot => Mode::Snapshot,
            ConsistencyArg::Lock => Mode::Lock,
            ConsistencyArg::None => Mode::None,
        };
        let job = self.common.into_job(environment).map(|job| Job {
            proof: Proof { level, analyze: !self.no_analyze },
            snapshot_timeout: Duration::from_secs(self.snapshot_timeout.into()),
            consistency,
            resume: self.resume,
            dry_run: self.dry_run,
            ..job
        });
        let job = job.and_then(|job| match job.consistency {
            Mode::Snapshot if job.resume => {
                Err(Error::new(Kind::Usage, "a run of one snapshot cannot be resumed: it is all or nothing")
                    .object("--resume")
                    .remedy("give --consistency lock or none, as the interrupted run did"))
            }
            _ => Ok(job),
        });
        Request { goal: Goal::Clone, job, output }
    }
}

impl CommonArgs {
    /// The check that was meant.
    #[must_use]
    pub fn into_check(self, environment: &Environment) -> Request {
        let output = self.output.output();
        Request { goal: Goal::Check, job: self.into_job(environment), output }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn request(arguments: &[&str]) -> Request {
        match Cli::try_parse_from(arguments).expect("a good command line").command {
            Command::Clone(args) => args.into_request(&Environment::of_user("me")),
            other => panic!("not a clone: {other:?}"),
        }
    }

    fn job(arguments: &[&str]) -> Job {
        let all = ["fdwcopy", "clone", "-s", "host=a dbname=x", "-d", "host=b dbname=y"];
        request(&[&all, arguments].concat()).job.expect("a good job")
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_plain_clone_copies_everything_and_counts() {
        let job = job(&[]);
        assert_eq!((job.workers, job.proof.level, job.proof.analyze), (4, VerifyLevel::Count, true));
        assert!(job.definitions.omitted().is_empty());
    }

    #[test]
    fn switches_leave_things_out() {
        let job = job(&["-O", "-x", "--no-comments", "--schema-only"]);
        assert_eq!(job.definitions.omitted().len(), 3);
        assert!(job.definitions.schema_only);
    }

    #[test]
    fn wrong_options_are_refused() {
        for wrong in [&["--jobs", "0"][..], &["--verify", "maybe"], &["-t", "/(/"], &["--frobnicate"]] {
            let all = ["fdwcopy", "clone", "-s", "host=a", "-d", "host=b"];
            let error = Cli::try_parse_from(all.iter().chain(wrong)).expect_err("a mistake");
            assert_eq!(error.exit_code(), 2, "{wrong:?}");
        }
    }

    #[test]
    fn a_malformed_connection_string_is_told_by_its_option_and_never_shown() {
        let all = ["fdwcopy", "clone", "-s", "host=a password='hush", "-d", "host=b"];
        let error = request(&all).job.expect_err("the quote is open");
        let text = crate::error::ErrorReport::from(&error).to_string();
        assert!(text.contains("--source") && !text.contains("hush"), "{text}");
    }
}
