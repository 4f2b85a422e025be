//! `--consistency lock` and `none`: every chunk commits on its own, and an interrupted run is taken up again.

use std::time::{Duration, Instant};

use crate::command::{Fdwcopy, Run, list};
use crate::equality::{assert_equal, assert_no_sessions, assert_nothing_left, assert_unchanged, fingerprint};
use crate::gate::{GATED, Gate, LATE};
use crate::pair::{Pair, wait_for};
use crate::shapes::{HASHED_BY_ENUM, exit_code};

const MODES: [&str; 2] = ["lock", "none"];

fn clone(pair: &Pair, mode: &str, options: &[&str]) -> Fdwcopy {
    Fdwcopy::between(pair).args(&["clone", "--json", "--consistency", mode]).args(options)
}

/// Tables enough that many chunks are under way, and one that is cut into several.
const MANY: &str = "
    create table large (id bigint primary key, filler text);
    alter table large alter column filler set storage plain;
    insert into large select i, repeat(md5(i::text), 60) from generate_series(1, 20000) i;
    create table referring (id serial primary key, large_id bigint references large);
    insert into referring (large_id) select i from generate_series(1, 20000, 7) i;
    create materialized view totals as select count(*) from large;
    do $$ begin
        for i in 1 .. 60 loop
            execute format('create table small_%s (id integer primary key, note text unique);
                            insert into small_%s select n, ''note '' || n from generate_series(1, 200) n', i, i);
        end loop;
    end $$;
    vacuum analyze;";

/// The tables of the gate, `plain` too large to travel in one batch with `gated`.
fn apart(name: &str) -> Pair {
    let pair = Pair::filled(name, GATED);
    pair.source
        .sql("insert into plain (note) select repeat('row ', 10) || i from generate_series(1001, 20000) i");
    pair
}

fn many(name: &str) -> Pair {
    let pair = Pair::new(name);
    let (tables, vacuum) = MANY.split_at(MANY.find("vacuum").unwrap());
    pair.source.sql(tables);
    pair.source.sql(vacuum);
    pair
}

/// Stops a run in the middle of its rows by this signal; what it made stays.
fn stopped_at_the_gate(pair: &Pair, mode: &str, signal: &str) -> Run {
    let gate = Gate::close(pair);
    let mut run = clone(pair, mode, &["-j", "2"]).spawn();
    gate.wait_for_a_worker(&mut run);
    wait_for("a chunk that is copied", || copied_chunks(pair) > 0);
    run.signal(signal);
    let run = run.wait();
    assert_no_sessions(pair);
    gate.open();
    run
}

fn copied_chunks(pair: &Pair) -> u64 {
    pair.target.count("fdwcopy_state.chunk where rows is not null")
}

#[test]
fn each_mode_copies_all_and_leaves_nothing_but_the_copy() {
    for mode in MODES {
        let pair = many(&format!("it_steps_{mode}"));
        let run = clone(&pair, mode, &["--verify", "checksum"]).run().exits(0);
        let how = &run.json()["consistency"];
        assert_eq!((&how["mode"], &how["locked"]), (&mode.into(), &(mode == "lock").into()));
        assert_equal(&pair);
    }
}

#[test]
fn a_run_killed_at_any_moment_is_taken_up_again_until_it_is_equal() {
    for mode in MODES {
        let pair = many(&format!("it_kill_resume_{mode}"));
        let mut resumed = 0;
        for moment in 1.. {
            let begun = pair.target.value("select to_regclass('fdwcopy_state.run') is not null") == "t";
            let resume: &[&str] = if begun { &["--resume"] } else { &[] };
            let run = clone(&pair, mode, resume).args(&["-j", "2"]).spawn();
            std::thread::sleep(Duration::from_millis(150 + moment * 70));
            run.try_signal("KILL");
            let run = run.wait();
            resumed += usize::from(begun);
            assert_no_sessions(&pair);
            if run.code == Some(0) {
                break;
            }
            assert_eq!(run.code, None, "{}\n{}", run.stdout, run.stderr);
            if pair.target.value("select to_regclass('fdwcopy_state.run') is null") == "t"
                && pair.target.exists("totals")
            {
                break;
            }
        }
        assert!(resumed > 1, "resumed {resumed} times");
        assert_equal(&pair);
    }
}

#[test]
fn an_interrupted_run_says_what_is_kept_and_how_to_go_on() {
    for mode in MODES {
        let pair = apart(&format!("it_kept_{mode}"));
        let run = stopped_at_the_gate(&pair, mode, "INT").exits(130);
        assert_eq!(list(&run.json(), "warnings", &["code"]), [["kept-for-resume"]]);
        assert!(run.stderr.contains("--resume"), "{}", run.stderr);
        let before = copied_chunks(&pair);
        let again = clone(&pair, mode, &[]).run().exits(4);
        assert_eq!(
            list(&again.json(), "findings", &["code"]).first(),
            Some(&vec!["unfinished-run".to_owned()])
        );
        assert_eq!(copied_chunks(&pair), before);
        let run = clone(&pair, mode, &["--resume", "--verify", "checksum"]).run().exits(0);
        assert_eq!(run.json()["tables"].as_array().unwrap().len(), 2);
        assert_equal(&pair);
    }
}

#[test]
fn what_is_copied_is_not_copied_again() {
    let pair = apart("it_once");
    stopped_at_the_gate(&pair, "none", "KILL");
    // The mark of the first copy; rows that were copied again would not have it.
    pair.target.sql("update plain set note = note || ' first'");
    let run = clone(&pair, "none", &["--resume"]).run().exits(0);
    assert_eq!(pair.target.value("select count(*) from plain where note like '% first'"), "20000");
    assert_eq!(
        run.json()["tables"][0]["rows"].as_u64().unwrap() + run.json()["tables"][1]["rows"].as_u64().unwrap(),
        20100
    );
}

#[test]
fn a_table_written_to_since_the_interruption_is_copied_anew_under_locks() {
    for (case, change) in [
        ("insert", "insert into plain (note) values ('new')"),
        ("update", "update plain set note = 'other' where id = 7"),
        ("delete", "delete from plain where id = 7"),
        (
            "rewrite",
            "alter table plain set (fillfactor = 60); vacuum full plain; alter table plain reset (fillfactor)",
        ),
    ] {
        let pair = apart(&format!("it_anew_{case}"));
        stopped_at_the_gate(&pair, "lock", "KILL");
        for statement in change.split(';') {
            pair.source.sql(statement);
        }
        let run = clone(&pair, "lock", &["--resume", "--verify", "checksum"]).run().exits(0);
        let anew = list(&run.json(), "warnings", &["code", "object"]);
        assert_eq!(anew, [["copied-anew", "public.plain"]], "{case}");
        assert_equal(&pair);
    }
}

#[test]
fn a_table_written_to_after_its_keys_were_built_is_copied_anew_too() {
    let pair = Pair::filled("it_anew_late", LATE);
    pair.source.sql(
        "create table one (id integer primary key, x integer unique);
         insert into one select i, i from generate_series(1, 100) i;
         create table two (id integer primary key, one_id integer references one (x));
         insert into two select i, i from generate_series(1, 100) i;
         create table three (id integer);
         insert into three values (1);
         create index on three (public.late(id));
         create table parted (id integer, x integer) partition by range (id);
         create table part partition of parted for values from (0) to (1000);
         insert into parted select i, i from generate_series(1, 100) i;
         create index parted_x on parted (x);
         comment on index parted_x is 'kept';
         create function public.touch() returns trigger language plpgsql as $$ begin raise 'touched'; end $$;
         create trigger touch after insert on parted for each row execute function public.touch();
         comment on trigger touch on parted is 'kept';
         alter table part disable trigger touch;
         create rule nothing as on insert to one do instead nothing;
         create publication news for table one, two",
    );
    let gate = Gate::close_late(&pair);
    let mut run = clone(&pair, "lock", &[]).spawn();
    gate.wait_for_a_worker(&mut run);
    wait_for("the trigger and the publication", || {
        pair.target.count("pg_trigger where tgname = 'touch'") == 2
            && pair.target.count("pg_rules where rulename = 'nothing'") == 1
            && pair.target.count("pg_publication_tables") == 2
    });
    wait_for("the keys", || {
        pair.target.count("pg_constraint where conrelid = 'two'::regclass and contype <> 'n'") == 2
    });
    run.signal("KILL");
    run.wait();
    assert_no_sessions(&pair);
    gate.open();
    pair.source.sql(
        "alter table one disable rule nothing; insert into one values (101, 101); alter table one enable rule nothing;
         insert into two values (101, 101); delete from two where id = 5; insert into parted values (101, 7)",
    );
    clone(&pair, "lock", &["--resume", "--verify", "checksum"]).run().exits(0);
    assert_equal(&pair);
}

#[test]
fn a_table_that_is_another_one_or_lies_in_another_file_by_now_is_copied_anew_in_every_mode() {
    for mode in MODES {
        for (case, change) in [
            ("other", "create table p2 (like plain including all); insert into p2 select * from plain;
                       alter sequence plain_id_seq owned by none; drop table plain;
                       alter table p2 rename to plain; alter sequence plain_id_seq owned by plain.id;
                       alter index p2_pkey rename to plain_pkey; alter index p2_note_idx rename to plain_note_idx"),
            ("file", "cluster plain using plain_note_idx; alter table plain set without cluster"),
        ] {
            let pair = apart(&format!("it_anew_{mode}_{case}"));
            stopped_at_the_gate(&pair, mode, "KILL");
            pair.source.sql(change);
            let run = clone(&pair, mode, &["--resume", "--verify", "checksum"]).run().exits(0);
            let anew = list(&run.json(), "warnings", &["code", "object"]);
            assert_eq!(anew, [["copied-anew", "public.plain"]], "{mode} {case}");
            assert_equal(&pair);
        }
    }
}

#[test]
fn partitions_whose_rows_lie_among_each_other_on_the_target_are_copied_anew_together() {
    let pair = apart("it_anew_tree");
    pair.source.sql(HASHED_BY_ENUM);
    pair.source.sql(
        "insert into hashed (m, note) select (enum_range(null::mood))[1 + i % 16], repeat('note ', 80) || i from generate_series(1, 20000) i",
    );
    stopped_at_the_gate(&pair, "lock", "KILL");
    assert!(pair.target.count("fdwcopy_state.chunk where rows is not null and name ~ 'hashed'") > 0);
    pair.source
        .sql("delete from hashed where m = 'a' and id % 2 = 0; update hashed set note = 'new' where id = 7");
    let run = clone(&pair, "lock", &["--resume", "--verify", "checksum"]).run().exits(exit_code(&pair));
    let anew = list(&run.json(), "warnings", &["code", "object"]);
    for leaf in ["hashed_0", "hashed_1", "hashed_2", "hashed_3_odd", "hashed_3_rest"] {
        assert!(anew.contains(&vec!["copied-anew".into(), format!("public.{leaf}")]), "{leaf}: {anew:?}");
    }
    let rows = "select count(*), sum(hashtextextended(row(id, m, note)::text, 0)) from hashed";
    assert_eq!(pair.source.rows(rows), pair.target.rows(rows));
}

#[test]
fn without_locks_a_table_that_is_rewritten_meanwhile_is_told() {
    let pair = apart("it_none_cluster");
    let gate = Gate::close(&pair);
    let mut run = clone(&pair, "none", &["-j", "2"]).spawn();
    gate.wait_for_a_worker(&mut run);
    wait_for("a chunk that is copied", || copied_chunks(&pair) > 0);
    pair.source.sql("cluster plain using plain_note_idx; alter table plain set without cluster");
    gate.open();
    let run = run.wait();
    assert_eq!(run.json()["consistency"]["source_written"], true);
    assert_eq!(list(&run.json(), "warnings", &["code", "object"]), [["source-written", "public.plain"]]);
}

#[test]
fn a_run_is_not_taken_up_again_from_another_database() {
    let (pair, other) = (apart("it_resume_source"), apart("it_resume_other_source"));
    stopped_at_the_gate(&pair, "none", "KILL");
    let run = clone(&pair, "none", &["--resume"]).source(&other.source.login_url()).run().exits(4);
    assert_eq!(list(&run.json(), "findings", &["code"]), [["other-source"]]);
    clone(&pair, "none", &["--resume"]).run().exits(0);
}

#[test]
fn an_unfinished_run_is_not_undone_by_another_one_that_fails_or_is_killed() {
    let pair = apart("it_resume_others");
    stopped_at_the_gate(&pair, "none", "KILL");
    // As if it had been all or nothing, and its servers had crashed with it.
    pair.target.sql("update fdwcopy_state.run set resumable = false");
    let before = fingerprint(&pair.target);
    for signal in ["INT", "KILL"] {
        let blocker = pair.source.session();
        blocker.sql("begin; lock table pg_catalog.pg_class in access exclusive mode");
        let run = Fdwcopy::between(&pair).args(&["clone"]).spawn();
        std::thread::sleep(Duration::from_millis(700));
        run.try_signal(signal);
        blocker.sql("rollback");
        run.wait();
        assert_no_sessions(&pair);
        assert_unchanged(&pair.target, &before);
    }
}

#[test]
fn a_run_killed_while_it_waits_for_a_lock_of_others_lets_the_next_one_begin() {
    let pair = apart("it_resume_guard");
    stopped_at_the_gate(&pair, "lock", "KILL");
    pair.source.sql("update plain set note = 'other' where id = 7");
    let reader = pair.target.session();
    reader.sql("begin; lock table plain in access share mode");
    let run = clone(&pair, "lock", &["--resume"]).spawn();
    wait_for("the emptying at the lock", || {
        let waiting = "relation = 'plain'::regclass and mode = 'AccessExclusiveLock' and not granted";
        reader.value(&format!("select count(*) from pg_locks where {waiting}")) != "0"
    });
    run.signal("KILL");
    run.wait();
    let killed = Instant::now();
    assert_no_sessions(&pair);
    assert!(killed.elapsed() < Duration::from_secs(3), "{:?}", killed.elapsed());
    reader.sql("rollback");
    clone(&pair, "lock", &["--resume", "--verify", "checksum"]).run().exits(0);
    assert_equal(&pair);
}

#[test]
fn a_run_is_not_taken_up_again_with_another_schema_or_other_options() {
    let pair = apart("it_resume_changed");
    stopped_at_the_gate(&pair, "none", "KILL");
    let before = fingerprint(&pair.target);
    let options = clone(&pair, "none", &["--resume", "--no-comments"]).run().exits(4);
    assert_eq!(list(&options.json(), "findings", &["code"]), [["other-options"]]);
    let mode = clone(&pair, "lock", &["--resume"]).run().exits(4);
    assert_eq!(list(&mode.json(), "findings", &["code"]), [["other-options"]]);
    pair.source.sql("alter table plain add column later integer");
    let schema = clone(&pair, "none", &["--resume"]).run().exits(4);
    let message = schema.json()["error"]["message"].to_string();
    assert!(message.contains("TABLE public.plain"), "{message}");
    assert_unchanged(&pair.target, &before);
    pair.source.sql("alter table plain drop column later");
    // A dropped column leaves no trace in the definition.
    clone(&pair, "none", &["--resume"]).run().exits(0);
    assert_eq!(pair.target.count("plain"), 20_000);
}

#[test]
fn there_must_be_something_to_resume() {
    let pair = Pair::filled("it_resume_nothing", "create table t (x integer)");
    let before = fingerprint(&pair.target);
    let run = clone(&pair, "none", &["--resume"]).run().exits(4);
    assert_eq!(list(&run.json(), "findings", &["code"]), [["nothing-to-resume"]]);
    Fdwcopy::between(&pair).args(&["clone", "--resume"]).run().exits(2);
    assert_unchanged(&pair.target, &before);
}

#[test]
fn writers_wait_while_the_source_is_locked_and_go_on_afterwards() {
    let pair = Pair::filled("it_lock_waits", GATED);
    let gate = Gate::close(&pair);
    let mut run = clone(&pair, "lock", &["--verify", "checksum"]).spawn();
    gate.wait_for_a_worker(&mut run);
    let writer = pair.source.session();
    let refused = writer.try_sql("set lock_timeout = '200ms'; insert into plain (note) values ('late')");
    assert!(refused.is_err_and(|error| error.starts_with("55P03")));
    let waiting = std::thread::spawn(move || {
        writer.sql("set lock_timeout = 0; insert into plain (note) values ('late')");
        Instant::now()
    });
    let opened = Instant::now();
    gate.open();
    run.wait().exits(0);
    assert!(waiting.join().unwrap() > opened);
    assert_eq!((pair.source.count("plain"), pair.target.count("plain")), (1001, 1000));
}

#[test]
fn a_role_that_may_not_lock_is_refused_with_the_grant() {
    let mut pair = Pair::filled("it_lock_refused", "create table t (x integer); insert into t values (1)");
    pair.role("it_lock_reader", "login password 'pw'");
    pair.source.sql("grant usage on schema public to it_lock_reader; grant select on t to it_lock_reader");
    let before = fingerprint(&pair.target);
    let run = Fdwcopy::alone()
        .source(&pair.source.url_as("it_lock_reader", "pw"))
        .target(&pair.target.login_url())
        .args(&["clone", "--json", "--consistency", "lock"])
        .run()
        .exits(4);
    let remedy = run.json()["error"]["remedy"].to_string();
    let right = if pair.source.version() < 17 { "GRANT UPDATE ON" } else { "GRANT MAINTAIN ON" };
    assert!(remedy.contains(right) && remedy.contains("it_lock_reader"), "{remedy}");
    assert_unchanged(&pair.target, &before);
}

/// What is younger than a transaction of other tests that goes on counts as written meanwhile.
fn older_transactions_are_over(pair: &Pair) {
    let filled = pair.source.value("select txid_current()");
    wait_for("the end of older transactions", || {
        pair.source.value(&format!("select txid_snapshot_xmin(txid_current_snapshot()) > {filled}")) == "t"
    });
}

#[test]
fn without_locks_the_report_names_the_tables_that_were_written_to() {
    let pair = Pair::filled("it_none_written", GATED);
    older_transactions_are_over(&pair);
    let gate = Gate::close(&pair);
    let mut run = clone(&pair, "none", &["-j", "1"]).spawn();
    gate.wait_for_a_worker(&mut run);
    pair.source.sql("update plain set note = 'other' where id = 1");
    gate.open();
    let run = run.wait();
    let json = run.json();
    assert_eq!(json["consistency"]["source_written"], true, "{}", run.stdout);
    assert_eq!(list(&json, "warnings", &["code", "object"]), [["source-written", "public.plain"]]);
    let quiet = Pair::filled("it_none_quiet", GATED);
    older_transactions_are_over(&quiet);
    let run = clone(&quiet, "none", &[]).run().exits(0);
    assert_eq!(run.json()["consistency"]["source_written"], false);
    assert_equal(&quiet);
}

#[test]
fn a_source_that_is_lost_for_a_moment_costs_only_a_new_try() {
    let pair = Pair::filled("it_steps_retry", GATED);
    let gate = Gate::close(&pair);
    let mut run = clone(&pair, "none", &["--verify", "checksum"]).spawn();
    gate.wait_for_a_worker(&mut run);
    pair.source.sql(
        "select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and application_name like 'fdwcopy % bridge %'",
    );
    gate.terminate_workers();
    gate.open();
    run.wait().exits(0);
    assert_equal(&pair);
}

fn cleanup(pair: &Pair, more: &[&str]) -> Run {
    Fdwcopy::alone().target(&pair.target.login_url()).args(&["cleanup", "--json"]).args(more).run()
}

#[test]
fn cleanup_drops_what_an_unfinished_run_made_only_when_told_to() {
    let pair = apart("it_cleanup_drop");
    pair.target.sql("create table mine (x integer); insert into mine values (1)");
    let before = fingerprint(&pair.target);
    stopped_at_the_gate(&pair, "none", "KILL");
    let kept = fingerprint(&pair.target);
    let run = cleanup(&pair, &[]).exits(4);
    assert_eq!(list(&run.json(), "findings", &["code"]), [["unfinished-run"]]);
    let shown =
        Fdwcopy::alone().target(&pair.target.login_url()).args(&["cleanup", "--dry-run"]).run().exits(0);
    assert!(
        shown.stdout.contains("TABLE public.plain") && !shown.stdout.contains("mine"),
        "{}",
        shown.stdout
    );
    assert_unchanged(&pair.target, &kept);
    let run = cleanup(&pair, &["--unfinished", "drop"]).exits(0);
    assert!(run.json()["removed"].to_string().contains("TABLE public.plain"), "{}", run.stdout);
    assert_unchanged(&pair.target, &before);
    assert_eq!(cleanup(&pair, &[]).exits(0).json()["outcome"], "done");
}

#[test]
fn cleanup_can_forget_a_run_and_keep_what_it_made() {
    let pair = apart("it_cleanup_keep");
    stopped_at_the_gate(&pair, "none", "KILL");
    cleanup(&pair, &["--unfinished", "keep"]).exits(0);
    assert_eq!(pair.target.count("plain"), 20_000);
    assert_eq!(pair.target.value("select to_regnamespace('fdwcopy_state') is null"), "t");
    assert_nothing_left(&pair);
}

#[test]
fn cleanup_touches_neither_a_running_copy_nor_a_schema_of_others() {
    let pair = Pair::filled("it_cleanup_others", GATED);
    let gate = Gate::close(&pair);
    let mut run = clone(&pair, "none", &[]).spawn();
    gate.wait_for_a_worker(&mut run);
    cleanup(&pair, &["--unfinished", "drop"]).exits(4);
    gate.open();
    run.wait().exits(0);
    assert_equal(&pair);
    pair.target.sql("create schema fdwcopy_state; create table fdwcopy_state.mine (x integer)");
    assert_eq!(list(&cleanup(&pair, &[]).exits(4).json(), "findings", &["code"]), [["schema-in-the-way"]]);
    assert!(pair.target.exists("fdwcopy_state.mine"));
}
