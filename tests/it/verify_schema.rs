//! `fdwcopy verify` of definitions: a clone has no difference, and whatever is changed afterwards is found and named.
//!
//! Invariant: every change is taken back, and then there is no difference again.

use crate::command::{Fdwcopy, Run, clone, list};
use crate::hostile::{hostile, roles_for_us};
use crate::pair::Pair;

/// Compares definitions only.
fn verify(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["verify", "--schema-only", "--json"]).args(args).run()
}

/// The differences as `schema.name object aspect`.
fn differences(run: &Run) -> Vec<String> {
    let document = run.json();
    let rows = document["differences"].as_array().unwrap().clone();
    let word = |row: &serde_json::Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let line = |row: &serde_json::Value| {
        assert_eq!(row["kind"], "schema", "{row}");
        let parts = [word(row, "schema"), word(row, "name"), word(row, "object"), word(row, "aspect")];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("|")
    };
    rows.iter().map(line).collect()
}

#[track_caller]
fn assert_equal(pair: &Pair) {
    let run = verify(pair, &[]);
    assert_eq!(
        list(&run.json(), "differences", &["schema", "name", "source", "target"]),
        Vec::<Vec<String>>::new()
    );
    run.exits(0);
}

#[test]
fn the_hostile_database_has_no_difference_after_a_clone() {
    let _roles = roles_for_us();
    let pair = hostile("it_vs_hostile", "");
    clone(&pair, &["--no-analyze"]);
    let run = verify(&pair, &[]);
    assert_eq!(differences(&run), Vec::<String>::new(), "{}", run.stdout);
    run.exits(0);
}
