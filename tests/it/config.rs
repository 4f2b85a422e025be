//! Options from a file.

use std::io::Write as _;

use crate::command::{Fdwcopy, Run, list};
use crate::equality::{assert_nothing_left, assert_unchanged, fingerprint};
use crate::pair::Pair;

const TABLES: &str = "create table first (x integer); insert into first values (1);
    create table second (x integer); insert into second values (1), (2);
    create table third (x integer)";

/// Runs the clone with this text as its file; returns the file's name too.
fn with_file(command: Fdwcopy, text: &str, more: &[&str]) -> (Run, String) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap().to_owned();
    (command.args(&["clone", "--json", "--config", &path]).args(more).run(), path)
}

/// The tables that the run copied, with how they were proved.
fn copied(run: &Run) -> Vec<Vec<String>> {
    let mut tables = list(&run.json(), "tables", &["name", "verified"]);
    tables.sort();
    tables
}

#[test]
fn a_file_gives_every_kind_of_option() {
    let pair = Pair::filled("it_config", TABLES);
    let text = format!(
        "source = '{}'\ntarget = '{}'\njobs = 2\nverify = 'checksum'\nno-analyze = true\nno-owner = false\ntable = ['first', 'second']",
        pair.source.login_url(),
        pair.target.login_url()
    );
    let (run, _) = with_file(Fdwcopy::alone(), &text, &[]);
    assert_eq!(copied(&run.exits(0)), [["first", "checksum"], ["second", "checksum"]]);
    assert!(!pair.target.exists("third"));
    assert_nothing_left(&pair);
}

#[test]
fn the_command_line_and_the_environment_win_over_the_file() {
    let pair = Pair::filled("it_config_loses", TABLES);
    let text = "source = 'host=nowhere.invalid'\ntarget = 'host=nowhere.invalid'\nverify = 'none'\ntable = ['first', 'third']";
    let (run, _) = with_file(Fdwcopy::between(&pair), text, &["--verify", "count", "-t", "second"]);
    assert_eq!(copied(&run.exits(0)), [["second", "count"]]);
}

#[test]
fn a_mistake_in_a_file_is_a_usage_error_that_names_it() {
    let pair = Pair::filled("it_config_wrong", TABLES);
    let before = fingerprint(&pair.target);
    for (text, word) in [("job = 2", "'job'"), ("jobs = 2\nno_owner = true", "'no_owner'")] {
        let (run, path) = with_file(Fdwcopy::between(&pair), text, &[]);
        run.exits(2).says(&[&path, word]);
    }
    let (run, _) = with_file(Fdwcopy::between(&pair), "jobs = 0", &[]);
    run.exits(2).says(&["--jobs"]);
    let run = Fdwcopy::between(&pair).args(&["clone", "--config", "/nonexistent/fdwcopy.toml"]).run();
    run.exits(2).says(&["/nonexistent/fdwcopy.toml"]);
    assert_unchanged(&pair.target, &before);
}
