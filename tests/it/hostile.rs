//! The hostile database, written from PostgreSQL's documentation chapter by chapter (`fixtures/hostile`), is equal
//! after a clone.
//!
//! Invariant: what a fixture holds arrives, whatever it is; what cannot arrive stands in `not_copied`, not here.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::command::{Fdwcopy, clone};
use crate::equality::{
    assert_same_contents, assert_same_schema, assert_unchanged, fingerprint, rows, sequences,
};
use crate::gate::{Gate, LATE};
use crate::pair::Pair;

const ROLES: [&str; 4] =
    ["hostile_owner", "hostile_reader", "hostile_grantor", "\"Hostile \"\"odd\"\" role\""];

/// Held by a test for as long as it needs the roles, which belong to the servers.
static ROLES_IN_USE: Mutex<()> = Mutex::new(());

pub(crate) fn roles_for_us() -> MutexGuard<'static, ()> {
    ROLES_IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The fixtures that a server of this version understands, event triggers last.
fn chapters(version: u32) -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/fixtures/hostile");
    let names =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let needs = |name: &str| name.strip_prefix('v').map_or(0, |rest| rest[..2].parse::<u32>().unwrap());
    let mut names: Vec<String> = names.filter(|name| needs(name) <= version).collect();
    names.sort_by_key(|name| (name.starts_with("99"), name.clone()));
    names
}

/// A pair whose source holds all chapters, and more.
pub(crate) fn hostile(name: &str, more: &str) -> Pair {
    let mut pair = Pair::new(name);
    for role in ROLES {
        pair.role(role, "nologin");
    }
    let version = pair.source.version().min(pair.target.version());
    let (last, chapters) =
        chapters(version).split_last().map(|(last, rest)| (last.clone(), rest.to_vec())).unwrap();
    for chapter in chapters {
        pair.source.load(&format!("hostile/{chapter}"));
    }
    pair.source.sql(more);
    // Its event triggers would fire.
    pair.source.load(&format!("hostile/{last}"));
    pair
}

/// What the target forgets: the rights on a function that came with a version of `pg_stat_statements`.
pub(crate) fn forgotten(pair: &Pair) -> Vec<[&'static str; 2]> {
    let function =
        "ext.FUNCTION pg_stat_statements_reset(userid oid, dbid oid, queryid bigint, minmax_only boolean)";
    let is_new = pair.source.version() >= 17 && pair.target.version() < 17;
    is_new.then_some(["ACL", function]).into_iter().collect()
}

/// Fails the test unless all is there but what the target forgets.
#[track_caller]
fn assert_arrived(pair: &Pair) {
    if forgotten(pair).is_empty() {
        return assert_same_contents(pair);
    }
    pair.source.sql(
        "set event_triggers = off; revoke all on function ext.pg_stat_statements_reset from hostile_reader",
    );
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_eq!(sequences(&pair.source), sequences(&pair.target));
    assert_same_schema(pair);
}

#[test]
fn the_hostile_database_is_equal_after_a_clone() {
    let _roles = roles_for_us();
    let pair = hostile("it_hostile", "");
    let source = fingerprint(&pair.source);
    let run = clone(&pair, &["--json", "--verify", "checksum"]);
    let report = run.json();
    let lost = crate::command::list(&report, "not_copied", &["kind", "object"]);
    assert_eq!(report["differences"], serde_json::json!([]));
    assert_unchanged(&pair.source, &source);
    assert_eq!(lost, forgotten(&pair));
    run.exits(if lost.is_empty() { 0 } else { 3 });
    assert_arrived(&pair);
}

#[test]
fn all_of_it_is_undone_and_comes_with_the_second_try() {
    let _roles = roles_for_us();
    let pair = hostile(
        "it_hostile_undo",
        &format!("{LATE} create materialized view look.slow as select public.late(1) as x"),
    );
    let before = fingerprint(&pair.target);
    let gate = Gate::close_late(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json", "--no-analyze"]).spawn();
    let deadline = Instant::now() + Duration::from_secs(100);
    while !gate.is_reached() {
        run.has_not_ended();
        assert!(Instant::now() < deadline, "the last view is not reached");
        std::thread::sleep(Duration::from_millis(50));
    }
    run.signal("INT");
    let run = run.wait().exits(130);
    assert_eq!(run.json()["error"]["also"], serde_json::json!([]), "the undoing failed");
    assert_unchanged(&pair.target, &before);
    gate.open();
    clone(&pair, &["--no-analyze"]).exits(if forgotten(&pair).is_empty() { 0 } else { 3 });
    assert_arrived(&pair);
}
