//! Copy, interrupt or break it, find nothing left, copy again, equal.

use std::time::{Duration, Instant};

use crate::command::{Fdwcopy, Run, Running, clone};
use crate::equality::{assert_equal, assert_no_sessions, assert_nothing_left, assert_unchanged, fingerprint};
use crate::gate::{GATED, Gate, LATE};
use crate::pair::{Pair, wait_for};

/// A clone stopped in the middle of its rows by `stop`; then the target is as before and a second clone is equal.
fn stopped_in_the_rows(name: &str, stop: impl Fn(&Pair, &Gate, &Running), check: impl Fn(&Run)) {
    let pair = Pair::filled(name, GATED);
    pair.target
        .sql("create schema mine; create table mine.keep (x integer); insert into mine.keep values (1)");
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    stop(&pair, &gate, &run);
    let run = run.wait();
    check(&run);
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);

    gate.open();
    pair.target.sql("drop schema mine cascade");
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

fn interrupted(run: &Run) {
    assert_eq!(run.code, Some(130), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.json()["outcome"], "interrupted");
    assert!(run.time.as_secs() < 15, "took {:?} to stop", run.time);
}

fn failed(run: &Run) {
    assert_eq!(run.code, Some(1), "{}\n{}", run.stdout, run.stderr);
    assert_eq!(run.json()["outcome"], "failed");
    assert!(run.json()["error"]["message"].as_str().is_some_and(|message| !message.is_empty()));
}

#[test]
fn ctrl_c_in_the_rows_leaves_the_target_as_it_was() {
    stopped_in_the_rows("it_ctrl_c", |_, _, run| run.signal("INT"), interrupted);
}

#[test]
fn sigterm_in_the_rows_leaves_the_target_as_it_was() {
    stopped_in_the_rows("it_sigterm", |_, _, run| run.signal("TERM"), interrupted);
}

#[test]
fn an_impatient_second_ctrl_c_does_not_stop_the_undoing() {
    let twice = |_: &Pair, _: &Gate, run: &Running| {
        run.signal("INT");
        run.signal("INT");
        run.signal("TERM");
    };
    stopped_in_the_rows("it_ctrl_c_twice", twice, interrupted);
}

#[test]
fn a_worker_terminated_on_the_target_leaves_the_target_as_it_was() {
    stopped_in_the_rows("it_worker_killed", |_, gate, _| gate.terminate_workers(), failed);
}

#[test]
fn sessions_terminated_on_the_source_leave_the_target_as_it_was() {
    let pair = Pair::filled("it_source_gone", GATED);
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    pair.source.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'",
    );
    // The worker at the gate notices the loss only when it may go on.
    gate.open();
    failed(&run.wait());
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn a_clone_whose_locks_on_the_source_are_lost_fails() {
    let pair = Pair::filled("it_locks_gone", GATED);
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    let ended = pair.source.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'fdwcopy % locks'",
    );
    assert_eq!(ended, [["t"]]);
    gate.open();
    let run = run.wait();
    failed(&run);
    let message = run.json()["error"]["message"].to_string();
    assert!(message.contains("the session that held the locks was lost"), "{message}");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

/// Within this time nothing may be left of a run that was killed.
const AFTER_KILL: Duration = Duration::from_secs(3);

/// Waits until both databases are free of the killed run, and fails if that takes too long.
fn assert_clean_soon(pair: &Pair, before: &[String]) {
    let killed = Instant::now();
    assert_nothing_left(pair);
    assert_unchanged(&pair.target, before);
    assert!(killed.elapsed() < AFTER_KILL, "it took {:?} to be clean", killed.elapsed());
}

#[test]
fn kill_9_in_the_rows_leaves_both_sides_as_they_were() {
    let pair = Pair::filled("it_kill_9", GATED);
    pair.target.sql("create table mine (x integer); insert into mine values (1)");
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    let files = tempfile::tempdir().unwrap();
    let directory = files.path().to_str().unwrap();
    let mut run = Fdwcopy::between(&pair).env("TMPDIR", directory).args(&["clone"]).spawn();
    gate.wait_for_a_worker(&mut run);
    run.signal("KILL");
    assert_eq!(run.wait().code, None);
    assert_eq!(std::fs::read_dir(files.path()).unwrap().count(), 0, "files are left");
    assert_clean_soon(&pair, &before);
    gate.open();
    clone(&pair, &[]).exits(0);
    pair.target.sql("drop table mine");
    assert_equal(&pair);
}

#[test]
fn kill_9_while_indexes_are_built_leaves_both_sides_as_they_were() {
    let pair = Pair::filled("it_kill_9_index", &format!("{GATED}{LATE}"));
    pair.source.sql("create index slow on plain (public.late(id::integer))");
    let before = fingerprint(&pair.target);
    let gate = Gate::close_late(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone"]).spawn();
    gate.wait_for_a_worker(&mut run);
    run.signal("KILL");
    run.wait();
    assert_clean_soon(&pair, &before);
    gate.open();
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn what_somebody_built_upon_the_copy_of_a_killed_run_is_kept_and_the_rest_goes() {
    let pair = Pair::filled("it_kill_9_kept", GATED);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone"]).spawn();
    gate.wait_for_a_worker(&mut run);
    pair.target.sql("create view mine as select note from plain");
    run.signal("KILL");
    run.wait();
    wait_for("the janitor", || !pair.target.exists("gated"));
    assert_no_sessions(&pair);
    assert!(pair.target.exists("mine") && pair.target.exists("plain"));
    gate.open();
    let refused = clone(&pair, &["--json"]).exits(4);
    assert!(refused.json()["findings"].to_string().contains("unfinished-run"), "{}", refused.stdout);
}

#[test]
fn a_value_the_target_refuses_fails_the_run_and_leaves_nothing() {
    let pair = Pair::filled(
        "it_refused_value",
        "create function public.acceptable(x integer) returns boolean language sql as
             $$ select pg_catalog.current_database() operator(pg_catalog.~) '_src$' or x < 500 $$;
         create domain public.choosy as integer constraint is_acceptable check (public.acceptable(value));
         create table good (x integer);
         insert into good select generate_series(1, 1000);
         create table bad (x choosy);
         insert into bad select generate_series(1, 1000)",
    );
    let before = fingerprint(&pair.target);
    let run = clone(&pair, &["--json"]);
    failed(&run);
    let error = &run.json()["error"];
    assert_eq!(error["sqlstate"], "23514");
    assert!(error["object"].as_str().is_some_and(|object| object.contains("bad")), "{error}");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("is_acceptable")), "{error}");
    assert!(run.stderr.contains("is_acceptable"), "{}", run.stderr);
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);

    pair.source.sql("create or replace function public.acceptable(x integer) returns boolean language sql as 'select true'");
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn ctrl_c_while_waiting_for_a_locked_table_changes_nothing() {
    let pair = Pair::filled("it_ctrl_c_early", "create table t (x integer); insert into t values (1)");
    let before = fingerprint(&pair.target);
    let blocker = pair.source.session();
    blocker.sql("begin; lock table t in access exclusive mode");
    let run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
    wait_for("fdwcopy at the lock", || {
        blocker.value("select count(*) from pg_locks where not granted and relation = 't'::regclass") != "0"
    });
    run.signal("INT");
    interrupted(&run.wait());
    assert_nothing_left(&pair);
    assert_unchanged(&pair.target, &before);
    blocker.sql("rollback");
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

/// The key of an index whose building waits at the gate, on the target only.
const SLOW_KEY: &str =
    "create function public.slow_key(x integer) returns integer immutable language plpgsql as $$
         begin
             if pg_catalog.current_database() operator(pg_catalog.~) '_dst$' then
                 perform pg_catalog.pg_advisory_xact_lock_shared(42);
             end if;
             return x;
         end $$;";

/// Interrupts a clone that waits at the gate, which is returned; all that was made is gone.
fn ctrl_c_at_the_gate_leaves_nothing(pair: &Pair) -> Gate {
    let before = fingerprint(&pair.target);
    let gate = Gate::close(pair);
    let mut run = Fdwcopy::between(pair).args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    run.signal("INT");
    interrupted(&run.wait());
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(pair);
    gate
}

#[test]
fn ctrl_c_while_indexes_are_built_leaves_the_target_as_it_was() {
    let pair = Pair::filled("it_ctrl_c_index", SLOW_KEY);
    pair.source.sql(
        "create table t as select i as x from generate_series(1, 100) i;
         create index slow on t (public.slow_key(x));
         create table u as select i as x from generate_series(1, 100) i;
         create index quick on u (x)",
    );
    ctrl_c_at_the_gate_leaves_nothing(&pair).open();
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn ctrl_c_while_several_indexes_are_built_stops_every_one_of_them() {
    let pair = Pair::filled("it_ctrl_c_indexes", SLOW_KEY);
    for i in 1..=6 {
        pair.source.sql(&format!(
            "create table t{i} as select i as x from generate_series(1, 100) i;
             create index slow{i} on t{i} (public.slow_key(x)); create index quick{i} on t{i} (x)"
        ));
    }
    ctrl_c_at_the_gate_leaves_nothing(&pair);
}

#[test]
fn undoing_takes_back_objects_that_need_each_other() {
    let pair = Pair::filled("it_undo_knots", GATED);
    pair.source.sql(
        "create extension hstore; create schema app; create type app.state as enum ('a');
         create table app.left_side (id integer primary key, other integer, h hstore, s app.state);
         create table app.right_side (id integer primary key, other integer references app.left_side);
         alter table app.left_side add foreign key (other) references app.right_side;
         create function app.of_rows(l app.left_side) returns integer language sql as 'select (l).id';
         create view app.v as select *, app.of_rows(l) as f from app.left_side l;
         create view app.w as select v.id, count(*) from app.v group by v.id;
         create materialized view app.m as select * from app.w;
         create table app.p (k integer) partition by list (k); create table app.p1 partition of app.p for values in (1);
         create type app.shell; create function app.shell_in(cstring) returns app.shell immutable language internal as 'int4in';
         create function app.shell_out(app.shell) returns cstring immutable language internal as 'int4out';
         create type app.shell (input = app.shell_in, output = app.shell_out, like = integer);
         create table app.by_shell (x app.shell);
         create function public.on_ddl() returns event_trigger language plpgsql as 'begin end';
         create event trigger watch on ddl_command_end execute function public.on_ddl();
         create publication everything for all tables",
    );
    ctrl_c_at_the_gate_leaves_nothing(&pair).open();
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn ctrl_c_after_everything_but_the_last_view_takes_back_all_of_it() {
    let pair = Pair::filled(
        "it_undo_late",
        "create function public.late() returns integer language plpgsql as $$
         begin
             if pg_catalog.current_database() operator(pg_catalog.~) '_dst$' then
                 perform pg_catalog.pg_advisory_xact_lock_shared(42);
             end if;
             return 1;
         end $$;
         create table t (id serial primary key, x integer references t);
         insert into t (x) select null from generate_series(1, 100);
         create index on t (x);
         create extension citext;
         create publication some_tables for table t;
         create function public.touch() returns trigger language plpgsql as 'begin return new; end';
         create trigger touch before insert on t for each row execute function public.touch();
         create materialized view slow as select public.late() as l, count(*) from t",
    );
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    run.signal("TERM");
    interrupted(&run.wait());
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
    gate.open();
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn undoing_gives_the_public_schema_its_own_comment_back() {
    let pair = Pair::filled("it_undo_public", GATED);
    pair.source.sql("comment on schema public is 'ours'");
    pair.target.sql("comment on schema public is 'the target''s own'");
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    run.signal("INT");
    interrupted(&run.wait());
    assert_unchanged(&pair.target, &before);
}

#[test]
fn ctrl_c_at_any_moment_leaves_all_or_nothing() {
    let pair = Pair::new("it_any_moment");
    pair.source.load("shop.sql");
    let before = fingerprint(&pair.target);
    let mut interruptions = 0;
    for moment in 0..15 {
        let run = Fdwcopy::between(&pair).args(&["clone", "--json", "-j", "2"]).spawn();
        std::thread::sleep(Duration::from_millis(moment * 50));
        // A run that has ended cannot be signalled, which is one of the moments.
        run.try_signal("INT");
        let run = run.wait();
        if run.code == Some(0) {
            assert_equal(&pair);
            pair.renew_target();
            continue;
        }
        // Before the program listens, the signal ends it as it ends any other.
        assert!(
            matches!(run.code, Some(130) | None),
            "after {moment} * 50 ms: {:?}\n{}",
            run.code,
            run.stderr
        );
        interruptions += 1;
        assert_unchanged(&pair.target, &before);
        assert_nothing_left(&pair);
    }
    assert!(interruptions > 2, "only {interruptions} runs were interrupted");
}

#[test]
fn kill_9_at_any_moment_leaves_both_sides_as_they_were() {
    let pair = Pair::new("it_any_kill");
    pair.source.load("shop.sql");
    let before = fingerprint(&pair.target);
    let mut kills = 0;
    for moment in 1..12 {
        let run = Fdwcopy::between(&pair).args(&["clone", "-j", "2", "--no-analyze"]).spawn();
        std::thread::sleep(Duration::from_millis(moment * 60));
        run.try_signal("KILL");
        run.wait();
        assert_no_sessions(&pair);
        if pair.target.exists("sales.orders") {
            // It had come to its end.
            assert_equal(&pair);
            break;
        }
        kills += 1;
        assert_clean_soon(&pair, &before);
    }
    assert!(kills > 2, "only {kills} runs were killed");
}
