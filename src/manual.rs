//! Shell completions and the man page, made from the command line's own definition.

use std::io;

use clap::Command;
use clap_complete::Shell;

use crate::terminal::Terminal;

/// Prints the completions for a shell.
pub fn completions(shell: Shell, mut command: Command) -> io::Result<()> {
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command, "fdwcopy", &mut text);
    Terminal::print_text(&String::from_utf8_lossy(&text))
}

/// Prints the man page.
pub fn man_page(command: Command) -> io::Result<()> {
    let mut text = Vec::new();
    clap_mangen::Man::new(command).render(&mut text)?;
    Terminal::print_text(&String::from_utf8_lossy(&text))
}
