//! `fdwcopy sequences`: what each sequence becomes, that the next inserts work, and that a second run changes nothing.
//!
//! `users` and `seekers` (who takes values from a sequence), `definitions` (how it counts), `sides` (what differs on the two), `rights`,
//! `setting` (dry run, undo, others at work, interruptions), `output`.

mod definitions;
mod output;
mod rights;
mod seekers;
mod setting;
mod sides;
mod users;

use serde_json::Value;

use crate::command::{Fdwcopy, Run};
use crate::pair::{Database, Pair};

/// Two databases of these objects; the target's belong to the role that fdwcopy is.
fn both(name: &str, script: &str) -> Pair {
    let pair = Pair::filled(name, script);
    pair.target.login_session().sql(script);
    pair
}

/// A target of these objects; nothing on the source.
fn target(name: &str, script: &str) -> Pair {
    let pair = Pair::new(name);
    pair.target.login_session().sql(script);
    pair
}

/// Runs `fdwcopy sequences --json` with both sides.
fn repair(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["sequences", "--json"]).args(args).run()
}

/// The same by the target's data alone.
fn by_data(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::alone().target(&pair.target.login_url()).args(&["sequences", "--json"]).args(args).run()
}

/// `last_value is_called` of a sequence.
fn state(database: &Database, sequence: &str) -> String {
    database.rows(&format!("select last_value, is_called from {sequence}"))[0].join(" ")
}

/// A sequence's line of the report.
#[track_caller]
fn line(run: &Run, name: &str) -> Value {
    let report = run.json();
    let all = report["sequences"].as_array().unwrap();
    all.iter().find(|one| one["name"] == name).unwrap_or_else(|| panic!("no {name} in {report}")).clone()
}

/// The codes of the warnings.
fn warnings(run: &Run) -> Vec<String> {
    let mut codes: Vec<String> = crate::command::list(&run.json(), "warnings", &["code"]).concat();
    codes.sort();
    codes
}

/// The names of sequences that were set.
fn set(run: &Run) -> Vec<String> {
    let report = run.json();
    let all = report["sequences"].as_array().unwrap();
    let set = all.iter().filter(|one| one.get("applied").is_some_and(|applied| applied == true));
    set.map(|one| one["name"].as_str().unwrap().to_owned()).collect()
}
