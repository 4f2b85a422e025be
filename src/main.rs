//! Parse, run, print, exit.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use clap::{CommandFactory, Parser};
use fdwcopy::cli::{Cli, CloneArgs, Command, Output};
use fdwcopy::manual;
use fdwcopy::pg::conninfo::Environment;
use fdwcopy::pipeline::{self, Goal};
use fdwcopy::run::Run;
use fdwcopy::stop::StopSwitch;
use fdwcopy::terminal::Terminal;

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match Cli::parse().command {
        Command::Clone(args) => run(args, Goal::Clone).await,
        Command::Check(args) => run(args, Goal::Check).await,
        Command::Completions { shell } => {
            manual::completions(shell, Cli::command()).map(|()| ExitCode::SUCCESS)
        }
        Command::Man => manual::man_page(Cli::command()).map(|()| ExitCode::SUCCESS),
    };
    // What could not be printed was told on standard error; a script must not take it for success.
    ended.unwrap_or(ExitCode::FAILURE)
}

async fn run(args: CloneArgs, goal: Goal) -> io::Result<ExitCode> {
    let Output { style, verbosity, json } = args.output();
    let terminal = Arc::new(Terminal::new(style, verbosity, json));
    let (switch, stop) = StopSwitch::new();
    switch.on_signals()?;
    let run = Run::new(stop, terminal.clone());
    let ended = pipeline::run(goal, args.into_job(&Environment::of_process()), &run).await;
    if let Some(plan) = ended.plan {
        terminal.print_plan(&plan)?;
    }
    terminal.finish(&ended.report)?;
    Ok(ExitCode::from(ended.report.exit_code()))
}
