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
    assert_eq!(set(&run), ["u_id_seq"]);
    assert_eq!(line(&run, "t_id_seq")["applied"], false);
    let undo = run.json()["undo_sql"].as_array().unwrap().clone();
    assert!(undo.len() == 1 && undo[0].as_str().unwrap().contains("u_id_seq"), "{undo:?}");
}

#[test]
fn what_came_otherwise_than_decided_is_printed() {
    let pair = both("it_seq_race_told", "create table t (id serial primary key); create sequence s");
    pair.source.sql("select setval('t_id_seq', 10), setval('s', 20)");
    let other = pair.target.session();
    other.sql("begin; alter sequence t_id_seq cache 1");
    let run = Fdwcopy::between(&pair).args(&["sequences"]).spawn();
    wait_for("the run to wait for the lock", || is_waiting(&pair.target));
    other.sql("select setval('t_id_seq', 5000); commit");
    let run = run.wait().exits(0);
    let (before, after) = run.stdout.split_once("looked at 2 sequences, set 1 in").expect(&run.stdout);
    assert!(before.contains("to undo") && before.contains("t_id_seq\"', 1, false"), "{before}");
    assert!(after.contains("public.t_id_seq: another session has moved it to 5000 meanwhile"), "{after}");
    assert!(after.contains("\"s\"', 1, false") && !after.contains("t_id_seq\"',"), "{after}");
}

#[test]
fn what_was_to_go_back_or_round_and_was_moved_meanwhile_is_not_called_safe() {
    let pair = both("it_seq_race_back", "create sequence back; create sequence wheel maxvalue 100 cycle");
    pair.source.sql("select setval('back', 10), setval('wheel', 10)");
    pair.target.sql("select setval('back', 500), setval('wheel', 50)");
    let other = pair.target.session();
    other.sql("begin; alter sequence wheel cache 1");
    let run = Fdwcopy::between(&pair)
        .args(&["sequences", "--json", "--allow-backwards", "--from", "source"])
        .spawn();
    wait_for("the run to wait for the lock", || is_waiting(&pair.target));
    other.sql("select setval('back', 600), setval('wheel', 60); commit");
    let run = run.wait().exits(3);
    for (name, expected) in [("back", "600 t"), ("wheel", "60 t")] {
        assert_eq!(state(&pair.target, name), expected);
        assert!(
            line(&run, name)["open"].as_str().unwrap().contains("another session moved it"),
            "{}",
            run.stdout
        );
    }
    assert!(run.json().get("undo_sql").is_none());
    repair(&pair, &["--allow-backwards", "--from", "source"]).exits(0);
    assert_eq!((state(&pair.target, "back"), state(&pair.target, "wheel")), ("10 t".into(), "10 t".into()));
}

#[test]
fn the_table_and_what_undoes_it_can_be_seen_before_anything_is_set() {
    let pair = both("it_seq_seen", "create table t (id serial primary key); create sequence s");
    pair.source.sql("select setval('t_id_seq', 42)");
    let other = pair.target.session();
    other.sql("begin; alter sequence t_id_seq cache 1");
    let undo = r#"SELECT pg_catalog.setval('"public"."t_id_seq"', 1, false);"#;
    for (args, has_table) in
        [(&[][..], true), (&["--json"], true), (&["-q"], false), (&["-q", "--json"], false)]
    {
        let run = Fdwcopy::between(&pair).args(&["sequences"]).args(args).spawn();
        wait_for("the run to wait for the lock", || is_waiting(&pair.target));
        run.signal("KILL");
        let run = run.wait();
        let (seen, other) =
            if args.contains(&"--json") { (&run.stderr, &run.stdout) } else { (&run.stdout, &run.stderr) };
        assert!(seen.contains(undo) && !other.contains("setval"), "{args:?}: {run:?}");
        assert_eq!(
            seen.contains("the source's state") && seen.contains("42"),
            has_table,
            "{args:?}: {run:?}"
        );
        wait_for("the server to notice", || !is_waiting(&pair.target));
    }
    other.sql("rollback");
    assert_eq!(state(&pair.target, "t_id_seq"), "1 f");
    let run = Fdwcopy::between(&pair).args(&["sequences"]).run().exits(0);
    assert_eq!(run.stdout.matches(undo).count(), 1, "{}", run.stdout);
    assert_eq!(run.stdout.matches("proposed").count(), 1, "{}", run.stdout);
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
fn an_interrupted_run_says_what_was_set_and_undoes_no_more_than_that() {
    let pair = many("it_seq_interrupted", 500);
    let before = sequences(&pair.target);
    let other = pair.target.session();
    other.sql("begin; alter sequence t_0300_id_seq cache 1");
    for (args, nothing_before) in [(&[][..], true), (&["--json"], false)] {
        let run = Fdwcopy::alone().target(&pair.target.login_url()).args(&["sequences"]).args(args).spawn();
        wait_for("the run to wait for the lock", || is_waiting(&pair.target));
        run.signal("INT");
        let run = run.wait().exits(130).says(&["stay set"]);
        let states = sequences(&pair.target);
        let is_set: Vec<&String> = states.iter().filter(|line| line.ends_with(": 17 t")).collect();
        assert_eq!(is_set.len(), 200);
        let undo: Vec<String> = if nothing_before {
            assert!(run.stderr.contains("200 of 500 sequences"), "{}", run.stderr);
            let (_, undo) = run
                .stdout
                .split_once("what was really set, if nobody has used them since:")
                .expect(&run.stdout);
            undo.trim().lines().map(str::to_owned).collect()
        } else {
            assert_eq!(set(&run).len(), 200);
            assert_eq!(line(&run, "t_0300_id_seq")["applied"], false);
            assert_eq!(line(&run, "t_0100_id_seq")["after"], 17);
            let report = run.json();
            report["undo_sql"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().into()).collect()
        };
        assert_eq!(undo.len(), 200);
        pair.target.sql(&undo.concat());
        assert_eq!(sequences(&pair.target), before);
    }
    other.sql("rollback");
    by_data(&pair, &[]).exits(0);
}

#[test]
fn a_run_whose_session_is_lost_says_what_it_has_set() {
    let pair = many("it_seq_lost", 201);
    let other = pair.target.session();
    other.sql("begin; alter sequence t_0200_id_seq cache 1");
    let run = Fdwcopy::alone().target(&pair.target.login_url()).args(&["sequences", "--json"]).spawn();
    wait_for("the run to wait for the lock", || is_waiting(&pair.target));
    pair.target.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity
          where application_name like 'fdwcopy%' and datname = current_database() and wait_event_type = 'Lock'",
    );
    let run = run.wait().exits(1);
    assert_eq!((set(&run).len(), line(&run, "t_0200_id_seq")["applied"].clone()), (200, false.into()));
    assert_eq!(run.json()["undo_sql"].as_array().map(Vec::len), Some(200));
}
