//! Parse, run, print, exit.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};
use fdwcopy::cli::{Cli, CloneArgs, Command};
use fdwcopy::error::Result;
use fdwcopy::pg::conninfo::Environment;
use fdwcopy::run::Run;
use fdwcopy::stop::StopSwitch;
use fdwcopy::terminal::Terminal;
use fdwcopy::{manual, pipeline};

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Clone(args) => run(args, false).await,
        Command::Check(args) => run(args, true).await,
        Command::Completions { shell } => manual::completions(shell, &mut Cli::command()).and_then(print),
        Command::Man => manual::man_page(Cli::command()).and_then(print),
    };
    ended.unwrap_or_else(|error| ExitCode::from(Terminal::print_error(&error)))
}
