//! Parse, run, print, exit.

use std::io;
use std::process::ExitCode;
use std::sync::Arc;

use clap::CommandFactory;
use fdwcopy::cli::{Cli, Command, Request};
use fdwcopy::pg::conninfo::Environment;
use fdwcopy::run::Run;
use fdwcopy::stop::StopSwitch;
use fdwcopy::terminal::Terminal;
use fdwcopy::{config, manual, pipeline};

#[tokio::main]
async fn main() -> ExitCode {
    let ended = match config::parse_command_line(std::env::args_os()).command {
        Command::Connecting(command) => run(command.into_request(&Environment::of_process())).await,
        Command::Completions { shell } => manual::completions(shell, Cli::command()),
        Command::Man => manual::man_page(Cli::command()),
    };
    // What could not be printed was told on standard error; a script must not take it for success.
    ended.unwrap_or(ExitCode::FAILURE)
}

async fn run(request: Request) -> io::Result<ExitCode> {
    let output = request.output;
    let terminal = Arc::new(Terminal::new(output.style, output.verbosity, output.json));
    let (switch, stop) = StopSwitch::new();
    switch.on_signals()?;
    let ended = pipeline::run(request.command, request.task, &Run::new(stop, terminal.clone())).await;
    ended.plan.iter().try_for_each(|plan| terminal.print_plan(plan))?;
    terminal.finish(&ended.report)?;
    Ok(ExitCode::from(ended.report.exit_code()))
}
