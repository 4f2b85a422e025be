//! Setting: a dry run sets nothing, what is set can be undone, others may be at work, and an interruption leaves whole
//! settings only.

use std::fmt::Write;

use super::{both, by_data, line, repair, set, state, target};
use crate::command::Fdwcopy;
use crate::equality::sequences;
use crate::pair::wait_for;
use crate::pair::{Database, Pair};

#[test]
fn a_dry_run_sets_nothing_and_says_what_it_would() {
    let pair =
        both("it_seq_dry", "create table t (id serial primary key); create table u (id serial primary key)");
    pair.source.sql("select setval('t_id_seq', 10)");
    pair.target.sql("insert into u values (7)");
    let before = sequences(&pair.target);
    let run = repair(&pair, &["--dry-run"]).exits(3);
    assert_eq!(sequences(&pair.target), before);
    assert_eq!(line(&run, "t_id_seq")["proposed"]["last_value"], 10);
    assert_eq!(line(&run, "u_id_seq")["applied"], false);
    assert_eq!(line(&run, "u_id_seq")["collides"], true);
    repair(&pair, &[]).exits(0);
    repair(&pair, &["--dry-run"]).exits(0);
}

#[test]
fn what_undoes_it_is_printed_and_does() {
    let pair = target(
        "it_seq_undo",
        r#"create schema "O'Neil"; create table "O'Neil"."a""b" (id serial primary key); insert into "O'Neil"."a""b" values (7);
         create table t (id serial primary key); select setval('t_id_seq', 3); insert into t values (9)"#,
    );
    let before = sequences(&pair.target);
    let run = by_data(&pair, &[]).exits(0);
    assert_ne!(sequences(&pair.target), before);
    let report = run.json();
    let undo = report["undo_sql"].as_array().unwrap();
    assert_eq!(undo.len(), 2);
    for statement in undo {
        pair.target.sql(statement.as_str().unwrap());
    }
    assert_eq!(sequences(&pair.target), before);
}

#[test]
fn a_sequence_that_moves_on_while_it_is_to_be_set_is_not_set_back() {
    let pair =
        both("it_seq_race", "create table t (id serial primary key); create table u (id serial primary key)");
    pair.source.sql("select setval('t_id_seq', 10), setval('u_id_seq', 10)");
    let other = pair.target.session();
    // It waits for this lock when everything is decided.
    other.sql("begin; alter sequence t_id_seq cache 1");
    let mut run = Fdwcopy::between(&pair).args(&["sequences", "--json"]).spawn();
    wait_for("the run to wait for the lock", || is_waiting(&pair.target));
    run.has_not_ended();
    other.sql("select setval('t_id_seq', 5000); commit");
    let run = run.wait().exits(0);
    assert_eq!(state(&pair.target, "t_id_seq"), "5000 t");
    assert_eq!(state(&pair.target, "u_id_seq"), "10 t");
    assert_eq!(line(&run, "t_id_seq")["after"], 5000);
}

fn is_waiting(database: &Database) -> bool {
    let query = "select exists (select from pg_stat_activity
                                 where application_name like 'fdwcopy%' and datname = current_database() and wait_event_type = 'Lock')";
    database.value(query) == "t"
}

#[test]
fn rows_that_came_after_the_look_are_noticed_before_anything_is_called_safe() {
    let pair = target("it_seq_late_rows", "create table t (id serial primary key); insert into t values (5)");
    let other = pair.target.session();
    other.sql("begin; alter sequence t_id_seq cache 1");
    let run = Fdwcopy::alone().target(&pair.target.login_url()).args(&["sequences", "--json"]).spawn();
    wait_for("the run to wait for the lock", || is_waiting(&pair.target));
    other.sql("insert into t values (900); commit");
    let run = run.wait().exits(3);
    assert!(line(&run, "t_id_seq")["open"].as_str().unwrap().contains("900"));
    by_data(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "t_id_seq"), "900 t");
}

/// A target with so many tables of two rows each.
fn many(name: &str, tables: usize) -> Pair {
    let mut script = String::new();
    for i in 0..tables {
        write!(
            script,
            "create table t_{i:04} (id serial primary key); insert into t_{i:04} values (3), (17);"
        )
        .unwrap();
        if i % 200 == 199 {
            script.push_str("commit;begin;");
        }
    }
    target(name, &format!("begin;{script}commit"))
}

#[test]
fn two_thousand_sequences_are_a_matter_of_seconds() {
    let pair = many("it_seq_many", 2000);
    let run = by_data(&pair, &[]).exits(0);
    assert_eq!(set(&run).len(), 2000);
    assert!(run.time.as_secs() < 60, "took {:?}", run.time);
    assert!(sequences(&pair.target).iter().all(|line| line.ends_with(": 17 t")));
}

#[test]
fn a_run_that_is_killed_leaves_whole_settings_and_the_next_one_finishes() {
    let pair = many("it_seq_killed", 500);
    let other = pair.target.session();
    other.sql("begin; alter sequence t_0300_id_seq cache 1");
    let run = Fdwcopy::alone().target(&pair.target.login_url()).args(&["sequences"]).spawn();
    wait_for("the run to wait for the lock", || is_waiting(&pair.target));
    run.signal("KILL");
    run.wait();
    other.sql("rollback");
    wait_for("the server to notice", || {
        pair.target.value("select not exists (select from pg_stat_activity where application_name like 'fdwcopy%' and datname = current_database())") == "t"
    });
    let states = sequences(&pair.target);
    assert!(states.iter().all(|line| line.ends_with(": 1 f") || line.ends_with(": 17 t")));
    assert!(states.iter().any(|line| line.ends_with(": 17 t")));
    by_data(&pair, &[]).exits(0);
    assert!(sequences(&pair.target).iter().all(|line| line.ends_with(": 17 t")));
}

#[test]
fn an_interrupted_run_says_that_what_was_set_stays_set() {
    let pair =
        target("it_seq_interrupted", "create table t (id serial primary key); insert into t values (5)");
    let other = pair.target.session();
    other.sql("begin; alter sequence t_id_seq cache 1");
    let run = Fdwcopy::alone().target(&pair.target.login_url()).args(&["sequences"]).spawn();
    wait_for("the run to wait for the lock", || is_waiting(&pair.target));
    run.signal("INT");
    run.wait().exits(130).says(&["stay set"]);
    other.sql("rollback");
    assert_eq!(state(&pair.target, "t_id_seq"), "1 f");
    by_data(&pair, &[]).exits(0);
}
