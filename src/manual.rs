//! Shell completions and the man page, made from the command line's own definition.
//!
//! Invariant: nothing is said here that `--help` does not say.

use std::io;
use std::process::ExitCode;

use clap::Command;
use clap_complete::Shell;
use clap_mangen::Man;

use crate::terminal::Terminal;

/// Prints the completions for a shell.
pub fn completions(shell: Shell, mut command: Command) -> io::Result<ExitCode> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "fdwcopy", &mut text);
    Terminal::print_text(&String::from_utf8_lossy(&text))?;
    Ok(ExitCode::SUCCESS)
}

/// Prints the man page: one page, with the options of every command.
pub fn man_page(command: Command) -> io::Result<ExitCode> {
    Terminal::print_text(&page(command)?)?;
    Ok(ExitCode::SUCCESS)
}

fn page(mut command: Command) -> io::Result<String> {
    command.build();
    let commands: Vec<Command> =
        command.get_subcommands().filter(|command| command.get_name() != "help").cloned().collect();
    let mut text = Vec::new();
    Man::new(command).render(&mut text)?;
    for command in commands {
        text.extend(command_section(command)?);
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// A command's description and options under one heading.
fn command_section(command: Command) -> io::Result<Vec<u8>> {
    let title = command.get_bin_name().unwrap_or(command.get_name()).to_uppercase();
    let mut body = Vec::new();
    let man = Man::new(command);
    man.render_description_section(&mut body)?;
    man.render_options_section(&mut body)?;
    // Headings of a page become headings below the command's own.
    let body = String::from_utf8_lossy(&body).replace(".SH ", ".SS ");
    Ok(format!(".SH \"{title}\"\n{body}").into_bytes())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_page_has_the_options_of_every_command() {
        let page = page(crate::cli::Cli::command()).unwrap();
        for part in [".SH \"FDWCOPY CLONE\"", ".SH \"FDWCOPY CHECK\"", "exclude\\-table\\-data"] {
            assert!(page.contains(part), "{part}");
        }
    }
}
