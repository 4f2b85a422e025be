//! The layers and budgets of the house, checked by reading the source.
//!
//! Invariant: every rule names the file and the line that breaks it.
//! Deliberately absent: what clippy knows already (length of functions, printing, exiting).

#![allow(clippy::unwrap_used, missing_docs)]

use std::path::{Path, PathBuf};

use regex::Regex;

/// Rooms that are steps of a run; `pipeline.rs` puts them in order.
const PHASES: [&str; 10] = [
    "analyze",
    "copy",
    "large_objects",
    "post_data",
    "preflight",
    "schema",
    "sequences",
    "snapshot",
    "sync",
    "verify",
];
/// Rooms that know nothing of what a run is made of.
const TOOLBOX: [&str; 4] = ["error", "pg", "progress", "stop"];
/// Rooms that the toolbox must not know.
const ABOVE_THE_TOOLBOX: [&str; 9] =
    ["archive", "bridge", "catalog", "cli", "job", "pipeline", "plan", "report", "terminal"];
/// Words that belong to drawing.
const DRAWING: [&str; 7] =
    ["indicatif", "comfy_table", "println!", "eprintln!", "print!(", "io::stdout", "io::stderr"];
/// Words that have no place in pure code.
const IMPURE: [&str; 9] =
    ["async ", ".await", "tokio", "deadpool", "pg::session", "Instant", "SystemTime", "std::env", "std::fs"];

struct Source {
    path: String,
    text: String,
}

impl Source {
    /// The room: the first folder or file under `src`.
    fn room(&self) -> &str {
        let inner = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inner.split('/').next().unwrap().trim_end_matches(".rs")
    }

    /// Numbered lines that are neither comments nor inside the tests at the end of the file.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines
            .take_while(|(_, line)| *line != "#[cfg(test)]")
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(number, line)| (number + 1, line))
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &str, extension: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in
            std::fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|known| known == extension) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn sources(folder: &str) -> Vec<Source> {
    let read = |path: PathBuf| Source {
        text: std::fs::read_to_string(&path).unwrap(),
        path: path.strip_prefix(root()).unwrap().display().to_string(),
    };
    files(folder, "rs").into_iter().map(read).collect()
}

/// Fails with all breaches at once.
#[track_caller]
fn none(breaches: &[String]) {
    assert!(breaches.is_empty(), "\n{}", breaches.join("\n"));
}

/// Lines outside of the allowed files that hold one of the words.
fn lines_with<'a>(sources: impl Iterator<Item = &'a Source>, words: &[&str]) -> Vec<String> {
    let mut breaches = Vec::new();
    for source in sources {
        for (number, line) in source.code() {
            if words.iter().any(|word| line.contains(word)) {
                breaches.push(format!("{}:{number}: {}", source.path, line.trim()));
            }
        }
    }
    breaches
}

#[test]
fn a_phase_takes_only_values_from_another_phase() {
    let other = Regex::new(r"crate::(\w+)::(\{[^}]*\}|\w+)").unwrap();
    let mut breaches = Vec::new();
    for source in sources("src").iter().filter(|source| PHASES.contains(&source.room())) {
        for (number, line) in source.code() {
            for found in other.captures_iter(line) {
                let (room, names) = (&found[1], &found[2]);
                let mut names = names.trim_matches(['{', '}']).split(',').map(str::trim);
                // Receipts are types; everything a phase does is a function or a module.
                let values = names.all(|name| name.starts_with(char::is_uppercase));
                if PHASES.contains(&room) && room != source.room() && !values {
                    breaches.push(format!("{}:{number}: {}", source.path, line.trim()));
                }
            }
        }
    }
    none(&breaches);
}

#[test]
fn the_toolbox_does_not_know_what_is_built_with_it() {
    let above =
        ABOVE_THE_TOOLBOX.iter().chain(&PHASES).map(|room| format!("crate::{room}::")).collect::<Vec<_>>();
    let above: Vec<&str> = above.iter().map(String::as_str).collect();
    let all = sources("src");
    none(&lines_with(all.iter().filter(|source| TOOLBOX.contains(&source.room())), &above));
}

#[test]
fn nobody_below_main_knows_the_command_line_but_the_job() {
    let all = sources("src");
    let below = all
        .iter()
        .filter(|source| !["main", "cli", "config", "job", "manual", "lib"].contains(&source.room()));
    none(&lines_with(below, &["crate::cli", "clap::"]));
}

#[test]
fn the_plan_is_pure() {
    let all = sources("src");
    none(&lines_with(all.iter().filter(|source| source.room() == "plan"), &IMPURE));
}

#[test]
fn only_the_terminal_and_main_draw_and_print() {
    let all = sources("src");
    none(&lines_with(all.iter().filter(|source| !["terminal", "main"].contains(&source.room())), &DRAWING));
}

#[test]
fn every_statement_file_has_exactly_one_owner() {
    let all = sources("src");
    let mut breaches = Vec::new();
    for path in files("sql", "sql") {
        let name = path.strip_prefix(root().join("sql")).unwrap().display().to_string();
        let quoted = format!("{name}\"");
        let owners: Vec<&str> =
            all.iter().filter(|s| s.text.contains(&quoted)).map(|source| source.path.as_str()).collect();
        if owners.len() != 1 {
            breaches.push(format!("sql/{name} is owned by {owners:?}"));
        }
    }
    none(&breaches);
}

#[test]
fn files_stay_within_their_budget() {
    let budget = |source: &Source| if source.path == "src/main.rs" { 40 } else { 500 };
    let mut lengths = Vec::new();
    let mut breaches = Vec::new();
    for source in sources("src").into_iter().chain(sources("tests")) {
        let lines = source.text.lines().count();
        if lines > budget(&source) {
            breaches.push(format!("{} has {lines} lines, {} allowed", source.path, budget(&source)));
        }
        if source.path.starts_with("src/") {
            lengths.push(lines);
        }
    }
    lengths.sort_unstable();
    let median = lengths[lengths.len() / 2];
    if median > 150 {
        breaches.push(format!("the median file has {median} lines, 150 allowed"));
    }
    none(&breaches);
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent = |source: &Source| !source.path.ends_with("tests.rs") && !source.text.starts_with("//! ");
    none(&sources("src").into_iter().filter(silent).map(|source| source.path).collect::<Vec<_>>());
}
