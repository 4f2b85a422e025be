//! How a sequence counts: direction, step, bounds, types, CYCLE, what was never called.

use super::{both, by_data, line, repair, set, state, target, warnings};
use crate::command::{clone, list};
use crate::pair::Pair;

#[test]
fn a_sequence_that_was_never_called_stays_so() {
    let pair = both(
        "it_seq_fresh",
        "create table t (id serial primary key); create sequence s start 100 minvalue 5",
    );
    pair.target.sql("select nextval('s')");
    pair.source.sql("select setval('s', 150, false)");
    repair(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "t_id_seq"), "1 f");
    assert_eq!(state(&pair.target, "s"), "150 f");
    assert_eq!(pair.target.value("insert into t default values returning id"), "1");
    assert_eq!(pair.target.value("select nextval('s')"), "150");
}

#[test]
fn an_empty_table_begins_at_start() {
    let pair = target(
        "it_seq_empty",
        "create sequence low minvalue 0 start 50; create table t (id integer primary key default nextval('low'));
         select setval('low', 3); create table u (id serial primary key); select setval('u_id_seq', 9)",
    );
    by_data(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "low"), "50 f");
    // Going back to START would hand out values again.
    assert_eq!(state(&pair.target, "u_id_seq"), "9 t");
    by_data(&pair, &["--allow-backwards"]).exits(0);
    assert_eq!(state(&pair.target, "u_id_seq"), "1 f");
    assert_eq!(pair.target.value("insert into t default values returning id"), "50");
    pair.target.sql("insert into u default values");
}

#[test]
fn a_falling_sequence_goes_below_its_data() {
    let script =
        "create sequence s increment -1; create table t (id bigint primary key default nextval('s'))";
    let pair = both("it_seq_falling", script);
    pair.source.sql("select setval('s', -10)");
    pair.target.sql("insert into t values (-40), (-1)");
    repair(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "s"), "-40 t");
    assert_eq!(pair.target.value("insert into t default values returning id"), "-41");
    assert_eq!(set(&repair(&pair, &[]).exits(0)), [""; 0]);
    pair.source.sql("select setval('s', -100)");
    repair(&pair, &["--ahead", "5"]).exits(0);
    assert_eq!(state(&pair.target, "s"), "-105 t");
}

#[test]
fn a_step_keeps_its_residue_class() {
    let pair = target(
        "it_seq_classes",
        "create sequence odd start 1 increment 2; create sequence even start 2 increment 2; create sequence fives start -3 increment -5;
         create table o (id integer primary key default nextval('odd')); create table e (id integer primary key default nextval('even'));
         create table f (id integer primary key default nextval('fives'));
         insert into o values (8); insert into e values (7); insert into f values (-10)",
    );
    by_data(&pair, &[]).exits(0);
    assert_eq!(pair.target.value("insert into o default values returning id"), "9");
    assert_eq!(pair.target.value("insert into e default values returning id"), "8");
    assert_eq!(pair.target.value("insert into f default values returning id"), "-13");
    assert_eq!(set(&by_data(&pair, &[]).exits(0)), [""; 0]);
    by_data(&pair, &["--ahead", "10"]).exits(0);
    assert_eq!(pair.target.value("insert into o default values returning id"), "31");
    assert_eq!(pair.target.value("insert into e default values returning id"), "30");
}

#[test]
fn a_class_that_the_source_was_put_into_by_hand_is_kept() {
    let script =
        "create sequence s start 1 increment 2; create table t (id integer primary key default nextval('s'))";
    let pair = both("it_seq_class_of_source", script);
    pair.source.sql("alter sequence s restart with 4; select nextval('s')");
    pair.target.sql("insert into t values (9)");
    repair(&pair, &[]).exits(0);
    assert_eq!(pair.target.value("insert into t default values returning id"), "10");
}

#[test]
fn a_cycle_follows_the_source_alone_and_is_told() {
    let script = "create sequence s maxvalue 10 cycle; create table t (id integer default nextval('s'));
                  insert into t select generate_series(1, 10)";
    let pair = both("it_seq_cycle", script);
    pair.source.sql("select setval('s', 4)");
    let run = repair(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "s"), "4 t");
    assert_eq!(warnings(&run), ["cycles"]);
    let alone = by_data(&pair, &[]).exits(3);
    assert!(line(&alone, "s")["open"].is_string());
    assert_eq!(state(&pair.target, "s"), "4 t");
}

#[test]
fn a_sequence_at_its_end_is_named_and_does_not_collide() {
    let pair = target(
        "it_seq_end",
        "create table t (id smallserial primary key); insert into t values (32767);
         create sequence s maxvalue 9 increment 3; create table u (id integer primary key default nextval('s')); insert into u values (8)",
    );
    let run = by_data(&pair, &[]).exits(3);
    assert_eq!(state(&pair.target, "t_id_seq"), "32767 t");
    assert_eq!(line(&run, "t_id_seq")["collides"], false);
    assert!(line(&run, "t_id_seq")["open"].as_str().unwrap().contains("end"));
    assert!(warnings(&run).contains(&"range-used".to_owned()));
    let refused = pair.target.session().try_sql("insert into t default values");
    assert!(refused.is_err_and(|error| error.starts_with("2200H")));
    assert_eq!(state(&pair.target, "s"), "7 t");
    assert_eq!(set(&by_data(&pair, &[]).exits(3)), [""; 0]);
}

#[test]
fn the_narrower_of_sequence_and_column_is_what_is_used() {
    let pair = target(
        "it_seq_narrow",
        "create sequence s; create sequence full_one; create sequence few;
         create table t (id integer primary key default nextval('s')); insert into t values (1900000000);
         create table f (id integer primary key default nextval('full_one')); insert into f values (2147483647);
         create table n (id numeric(3) primary key default nextval('few')); insert into n values (500)",
    );
    let run = by_data(&pair, &[]).exits(3);
    assert!((line(&run, "s")["used_percent"].as_f64().unwrap() - 88.5).abs() < 0.1, "{}", run.stdout);
    assert!((line(&run, "few")["used_percent"].as_f64().unwrap() - 50.1).abs() < 0.2, "{}", run.stdout);
    assert_eq!(warnings(&run), ["range-used", "range-used"]);
    assert!(line(&run, "full_one")["open"].as_str().unwrap().contains("does not fit"));
    assert!(line(&run, "s").get("open").is_none());
    by_data(&pair, &["-T", "full_one"]).exits(0);
}

#[test]
fn a_target_narrower_than_the_source_is_named_instead_of_failing() {
    let pair = both("it_seq_narrower", "create table t (id bigserial primary key)");
    pair.target.login_session().sql("alter sequence t_id_seq as integer; insert into t values (12)");
    pair.source.sql("select setval('t_id_seq', 3000000000)");
    let run = repair(&pair, &[]).exits(3);
    assert_eq!(state(&pair.target, "t_id_seq"), "12 t");
    assert!(line(&run, "t_id_seq")["open"].as_str().unwrap().contains("3000000000"));
    assert_eq!(warnings(&run), ["definition-differs"]);
    pair.source.sql("select setval('t_id_seq', 500)");
    let run = repair(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "t_id_seq"), "500 t");
    assert_eq!(warnings(&run), ["definition-differs"]);
}

#[test]
fn a_source_that_steps_otherwise_is_a_limit_and_one_that_falls_is_named() {
    let pair = both("it_seq_steps", "create sequence s; create sequence f");
    pair.target
        .login_session()
        .sql("alter sequence s increment 10 start 5; alter sequence f increment -1 minvalue -9 maxvalue 9");
    pair.source.sql("select setval('s', 12), setval('f', 3)");
    let run = repair(&pair, &[]).exits(3);
    assert_eq!(pair.target.value("select nextval('s')"), "15");
    assert_eq!(state(&pair.target, "f"), "1 f");
    assert!(line(&run, "f")["open"].as_str().unwrap().contains("direction"));
}

#[test]
fn an_unlogged_sequence_is_set_and_told_and_a_temporary_one_is_not_there() {
    let pair = target(
        "it_seq_unlogged",
        "create unlogged table u (id serial primary key); insert into u values (6)",
    );
    if pair.target.version() >= 15 {
        pair.target.login_session().sql("create unlogged sequence s; alter table u alter id set default nextval('s'); drop sequence u_id_seq; alter sequence s owned by u.id");
    }
    let passing = pair.target.session();
    passing.sql("create temporary sequence passing; create temporary table t (id serial)");
    let run = by_data(&pair, &[]).exits(0);
    assert_eq!(run.json()["sequences"].as_array().map(Vec::len), Some(1));
    let told = if pair.target.version() >= 15 { vec!["unlogged-sequence"] } else { vec![] };
    assert_eq!(warnings(&run), told);
    pair.target.sql("insert into u default values");
}

#[test]
fn values_that_open_sessions_have_taken_are_warned_of() {
    let pair = target(
        "it_seq_cache",
        "create sequence s cache 20; create table t (id integer primary key default nextval('s')); insert into t values (55)",
    );
    let fresh =
        "create sequence fresh cache 20; create table f (id integer primary key default nextval('fresh'))";
    pair.target.login_session().sql(fresh);
    assert_eq!(warnings(&by_data(&pair, &[]).exits(0)), ["cached-values"]);
    // Those that were taken before the rows came are still to come.
    assert_eq!(warnings(&by_data(&pair, &[]).exits(0)), ["cached-values"]);
}

#[test]
fn a_clone_names_a_state_that_the_target_cannot_hold_and_sets_no_other() {
    let pair = Pair::filled(
        "it_seq_clone_bounds",
        "create extension it_configured; select setval('tickets', 77); create sequence fine; select setval('fine', 77)",
    );
    for bounds in
        ["minvalue 100 maxvalue 900 start 100 restart 100", "minvalue 1 maxvalue 50 start 1 restart 1"]
    {
        pair.target.sql("drop extension if exists it_configured; drop sequence if exists fine");
        let role = pair.target.login_session().value("select quote_ident(current_user)");
        pair.target.sql(&format!(
            "create extension it_configured; alter sequence tickets {bounds}; grant all on tickets to {role}"
        ));
        let before = state(&pair.target, "tickets");
        let run = clone(&pair, &["--json"]).exits(3);
        let left = list(&run.json(), "not_copied", &["kind", "object", "reason"]);
        let reason = "the source's value 77 lies outside the target's bounds";
        assert!(
            left.contains(&["SEQUENCE SET", "public.tickets", reason].map(str::to_owned).to_vec()),
            "{left:?}"
        );
        assert_eq!((state(&pair.target, "tickets"), state(&pair.target, "fine")), (before, "77 t".into()));
    }
}
