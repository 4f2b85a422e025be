//! The only place that draws and prints.
//!
//! Invariant: progress, remarks and errors go to standard error; standard output holds the answer, and with
//! `--json` exactly one document. What was decided can be seen when `emit` returns. Output that nobody reads any more
//! (`| head`) is no failure.
//! Deliberately absent: exit codes (see `report`) and what an error says (see `error`).

mod bars;
mod ending;
mod lines;
mod screen;
mod state;
mod words;

use std::io::{self, ErrorKind, IsTerminal, Write};

use self::bars::Bars;
use self::lines::{Lines, Remarks};
use self::screen::{Drawer, Screen};
use crate::progress::{Event, Level, Progress};
use crate::report::Report;

/// How progress is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ProgressStyle {
    /// Bars on a terminal, lines elsewhere.
    #[default]
    Auto,
    /// Bars; lines where standard error cannot show bars.
    Bars,
    /// A line every few seconds.
    Lines,
    /// Nothing; remarks still come when `-v` asks for them.
    None,
}

/// The screen, the log or the pipe that the user looks at.
pub struct Terminal {
    /// Missing where nothing is to be shown.
    drawer: Option<Drawer>,
    quiet: bool,
    json: bool,
}

impl Terminal {
    /// A terminal; `verbosity` is -1 for `-q`, 1 for `-v`, 2 for `-vv`. Starts the thread that draws.
    #[must_use]
    pub fn new(style: ProgressStyle, verbosity: i8, json: bool) -> Self {
        let level = match verbosity {
            ..=0 => Level::Normal,
            1 => Level::Verbose,
            2.. => Level::Debug,
        };
        let drawer = screen_for(style, verbosity).and_then(|screen| Drawer::start(screen, level).ok());
        Self { drawer, quiet: verbosity < 0, json }
    }

    /// Ends the progress and prints how the run ended: the answer to standard output, what went wrong to
    /// standard error.
    ///
    /// An error means that standard output did not take the answer (a full disk); it is told already.
    pub fn finish(&self, report: &Report) -> io::Result<()> {
        self.end_progress();
        let ending = ending::render(report, self.quiet);
        let answered = if self.json {
            answer(&format!("{}\n", serde_json::to_string_pretty(report)?))
        } else {
            answer(&words::harmless(&ending.answer))
        };
        complain(&words::harmless(&ending.trouble));
        answered
    }

    /// Prints the plan of a dry run; with `--json` it is part of the report instead.
    pub fn print_plan(&self, text: &str) -> io::Result<()> {
        self.end_progress();
        if self.json { Ok(()) } else { answer(&format!("{}\n", words::harmless(text.trim_end()))) }
    }

    /// Prints a text that is itself what was asked for, byte by byte: completions, the man page.
    pub fn print_text(text: &str) -> io::Result<()> {
        answer(text)
    }

    fn end_progress(&self) {
        if let Some(drawer) = &self.drawer {
            drawer.end();
        }
    }
}

impl Progress for Terminal {
    fn emit(&self, event: Event) {
        match (event, &self.drawer) {
            (Event::Decided { lines, undo }, drawer) => {
                let text = words::harmless(&ending::decided(&lines, &undo, self.quiet)).into_owned();
                let print = || {
                    if self.json {
                        complain(&text);
                    } else {
                        // A disk that is full is told, and the ending meets it again.
                        let _ = answer(&text);
                    }
                };
                match drawer {
                    Some(drawer) => drawer.aside(print),
                    None => print(),
                }
            }
            (event, Some(drawer)) => drawer.tell(event),
            (_, None) => {}
        }
    }
}

fn screen_for(style: ProgressStyle, verbosity: i8) -> Option<Box<dyn Screen>> {
    let lines = || -> Box<dyn Screen> { Box::new(Lines::new()) };
    let bars = || Bars::new().map_or_else(lines, |bars| Box::new(bars));
    match style {
        ProgressStyle::Auto if verbosity < 0 => None,
        ProgressStyle::Auto if io::stderr().is_terminal() && !console::is_dumb() => Some(bars()),
        ProgressStyle::Auto | ProgressStyle::Lines => Some(lines()),
        ProgressStyle::Bars => Some(bars()),
        ProgressStyle::None => (verbosity > 0).then(|| Box::new(Remarks) as Box<dyn Screen>),
    }
}

fn answer(text: &str) -> io::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            complain(&format!("error: standard output: {error}\n"));
            Err(error)
        }
        Ok(()) => Ok(()),
    }
}

fn complain(text: &str) {
    // There is no third place to tell that the second one is gone.
    let _ = io::stderr().lock().write_all(text.as_bytes());
}
