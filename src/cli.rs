//! The command line: clap types. What they mean is in `request`.
//!
//! Deliberately absent: any I/O.

mod copy;
mod request;
mod sequences;
mod sync;
#[cfg(test)]
mod tests;
mod verify;

use std::num::NonZeroU16;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::error::Result;
use crate::pipeline::Task;
use crate::plan::pattern::Pattern;
use crate::plan::provider::Preset;
use crate::terminal::ProgressStyle;
use copy::CopyArgs;
use sync::SyncArgs;
use verify::VerifyArgs;

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
    /// Those that connect.
    #[command(flatten)]
    Connecting(Connecting),
    /// Print shell completions
    Completions {
        /// For this shell
        shell: Shell,
    },
    /// Print the man page
    Man,
}

/// The commands that connect.
#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one value per process")]
pub enum Connecting {
    /// Clone a database or a part of it: schema, rows, sequences, indexes, constraints, then the proof
    #[command(after_help = EXIT_CODES)]
    Clone(CloneArgs),
    /// Copy rows into tables that are on the target: replace all, append new ones, or change what differs
    #[command(after_help = EXIT_CODES)]
    Copy(CopyArgs),
    /// Make tables of the target equal to the source's: only rows that differ travel
    #[command(after_help = sync::EXIT_CODES)]
    Sync(SyncArgs),
    /// Bring the target's sequences to where no next value can collide with the data
    #[command(after_help = sequences::AFTER_HELP)]
    Sequences(sequences::SequencesArgs),
    /// Check everything that would stop or spoil a clone, change nothing
    #[command(after_help = EXIT_CODES)]
    Check(CommonArgs),
    /// Compare both sides, change nothing: definitions and rows
    #[command(after_help = VERIFY_EXIT_CODES)]
    Verify(VerifyArgs),
    /// Remove what a run that has not ended left on the target: what it made there, and its state
    #[command(after_help = EXIT_CODES)]
    Cleanup(CleanupArgs),
}

const EXIT_CODES: &str = "\
Exit codes:
  0    done, everything equal
  1    failed; what had been made was removed again (--consistency lock and none keep it for --resume)
  2    wrong usage
  3    done, but something differs or could not be copied
  4    refused by preflight, nothing was changed
  130  interrupted; what had been made was removed again (or kept, likewise)";

const VERIFY_EXIT_CODES: &str = "\
Exit codes:
  0    both sides are equal
  1    failed: nothing is proved
  2    wrong usage
  3    something differs
  4    refused: not all could be read
  130  interrupted";

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

/// Options of `cleanup`.
#[derive(Debug, Args)]
pub struct CleanupArgs {
    /// The database into which the run copied: a libpq URI or key=value string
    #[arg(short = 'd', long, value_name = "CONNINFO", env = "FDWCOPY_TARGET", hide_env_values = true)]
    target: String,
    /// What becomes of the objects of a run that could be taken up again with clone --resume: drop them, or keep them
    /// as they are and forget the run
    #[arg(long, value_enum, value_name = "FATE")]
    unfinished: Option<FateArg>,
    /// Forget the watermarks of copies, and nothing else: the next copy of each table reads all rows
    #[arg(long)]
    watermarks: bool,
    /// Only list what would be removed
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    output: OutputArgs,
    /// Take options from this TOML file, each by its long name; the command line and the environment win
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum FateArg {
    Drop,
    Keep,
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
    /// Make a login on the source for this run alone, with a random password and SELECT on the chosen tables, by which
    /// the target reads them; it is dropped at the end, and your own password never reaches the target
    #[arg(long)]
    temporary_role: bool,
    /// Number of workers; each takes one session on both servers
    #[arg(short, long, value_name = "N", default_value = "4")]
    jobs: NonZeroU16,
    /// Take options from this TOML file, each by its long name; the command line and the environment win
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Selection (P: a pattern as in pg_dump, or /regular expression/; repeatable)")]
struct SelectionArgs {
    #[command(flatten)]
    chosen: ChosenArgs,
    /// The definition but not the rows of tables that match
    #[arg(long = "exclude-table-data", value_name = "P", value_parser = pattern)]
    exclude_data: Vec<Pattern>,
}

/// P is a pattern as in pg_dump, or a regular expression between slashes matched against schema.table.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection (P: a pattern as in pg_dump, or /regular expression/; repeatable)")]
struct ChosenArgs {
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
    /// Leave out what a provider of managed databases puts into each of them: of the provider that is recognised, of none,
    /// or of amazon, google, azure, supabase, neon, aiven or heroku
    #[arg(long, value_name = "NAME", default_value = "auto", value_parser = Preset::parse)]
    provider: Preset,
}

#[derive(Debug, Default, Args)]
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
    /// Bring the roles that own objects or are granted anything, with their memberships, settings and passwords
    #[arg(long)]
    roles: bool,
    /// With --roles: give them no passwords
    #[arg(long, requires = "roles")]
    no_role_passwords: bool,
    /// Replace objects of the target that are in the way; without it they are refused. The old ones are dropped when
    /// all else has succeeded, and are back if the run fails; what something else on the target needs is not replaced
    #[arg(long)]
    replace: bool,
    /// What becomes of a foreign key that the source's own rows violate: the run fails, or the key is kept NOT VALID
    #[arg(long, value_enum, value_name = "FATE", default_value_t = InvalidKeyArg::Fail)]
    invalid_foreign_keys: InvalidKeyArg,
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

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum InvalidKeyArg {
    #[default]
    Fail,
    NotValid,
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

/// A command that connects, as what it means. A mistake in a connection string is a usage error that names its option.
#[derive(Debug)]
pub struct Request {
    /// The command's name.
    pub command: &'static str,
    /// What to do; or why that could not be understood.
    pub task: Result<Task>,
    /// How to show it.
    pub output: Output,
}
