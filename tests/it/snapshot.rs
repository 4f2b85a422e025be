//! One moment of the source for everybody, whatever other sessions do meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::command::{Fdwcopy, clone, write_program};
use crate::equality::{assert_equal, assert_nothing_left, assert_unchanged, fingerprint, rows};
use crate::gate::{GATED, Gate};
use crate::pair::{Pair, Session, wait_for};
use crate::servers::programs;

#[test]
fn what_other_sessions_do_during_the_copy_is_not_in_it() {
    let pair = Pair::filled("it_other_sessions", GATED);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone"]).spawn();
    gate.wait_for_a_worker(&mut run);

    pair.source.sql(
        "insert into plain (note) values ('too late'); update gated set x = x + 1; delete from plain where id <= 10;
         create table created_later as select 1 as x; select nextval('plain_id_seq')",
    );
    let visible =
        pair.target.session().try_sql("do $$ begin assert (select count(*) from plain) = 0; end $$");
    assert_eq!(visible, Ok(()), "rows are visible on the target before all of them are in");
    gate.open();
    run.wait().exits(0);

    assert_eq!(pair.target.count("plain"), 1000);
    assert_eq!(pair.target.count("plain where note = 'too late'"), 0);
    assert_eq!(pair.target.count("gated where x <> id"), 0);
    assert!(!pair.target.exists("created_later"));
    assert_nothing_left(&pair);
}

#[test]
fn nobody_pulls_rows_away_while_they_are_copied() {
    let pair = Pair::filled("it_locks_held", GATED);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone"]).spawn();
    gate.wait_for_a_worker(&mut run);

    let session = pair.source.session();
    session.sql("set lock_timeout = '300ms'");
    for statement in ["truncate plain", "drop table gated", "alter table plain alter id type numeric"] {
        let waited = session.try_sql(statement);
        assert!(waited.as_ref().is_err_and(|error| error.starts_with("55P03")), "{statement}: {waited:?}");
    }
    session.sql("insert into plain (note) values ('writers do not wait')");
    session.sql("delete from plain where note = 'writers do not wait'");
    gate.open();
    run.wait().exits(0);
    session.sql("set lock_timeout = 0; truncate plain");
    assert_eq!(pair.target.count("plain"), 1000);
}

#[test]
fn who_needs_a_catalog_for_himself_is_not_kept_waiting_and_keeps_nobody_waiting() {
    let pair = Pair::filled("it_catalogs_free", GATED);
    let directory = tempfile::tempdir().unwrap();
    let (began, go) = (directory.path().join("began"), directory.path().join("go"));
    for program in ["pg_dump", "pg_restore"] {
        let real = programs().unwrap().join(program);
        let wait = "if [ \"$1\" != --version ]; then touch \"$began\"; while [ -e \"$began\" ] && [ ! -e \"$go\" ]; do sleep 0.1; done; fi";
        let script = format!(
            "#!/bin/sh\nbegan='{}'\ngo='{}'\n{wait}\nexec '{}' \"$@\"\n",
            began.display(),
            go.display(),
            real.display()
        );
        write_program(&directory.path().join(program), &script);
    }
    let bin = directory.path().display().to_string();
    let run = Fdwcopy::between(&pair).args(&["clone", "--pg-bin", &bin]).spawn();
    wait_for("the reading of the schema", || began.exists());

    // Shared ones too: DROP SUBSCRIPTION of any database takes one in older versions, and pg_dump would wait behind it for us.
    let held = pair.source.rows(
        "select a.application_name, l.relation::regclass::text, l.mode
           from pg_locks l join pg_stat_activity a using (pid) join pg_class c on c.oid = l.relation
          where a.datname = current_database() and a.pid <> pg_backend_pid() and c.relkind in ('r', 'i')
            and c.relnamespace = 'pg_catalog'::regnamespace",
    );
    assert_eq!(held, Vec::<Vec<String>>::new(), "these wait for the end of the copy");
    pair.source.sql("set lock_timeout = '5s'; begin; lock table pg_class in access exclusive mode; commit");
    std::fs::write(&go, "").unwrap();
    run.wait().exits(0);
    assert_equal(&pair);
    assert_nothing_left(&pair);
}

#[test]
fn a_transaction_that_was_open_before_is_neither_waited_for_nor_seen() {
    let pair =
        Pair::filled("it_open_transaction", "create table t (x integer); insert into t values (1), (2)");
    let writer = pair.source.session();
    writer.sql("begin; insert into t values (3); update t set x = 9 where x = 1");
    clone(&pair, &[]).exits(0);
    assert_eq!(pair.target.rows("select x from t order by 1"), [["1"], ["2"]]);
    writer.sql("commit");
}

#[test]
fn a_clone_gives_way_to_a_session_that_waits_for_its_locks() {
    let pair = Pair::filled("it_gives_way", GATED);
    // Larger than `plain`, so that the one worker comes to that one later.
    pair.source.sql("insert into gated select i, i from generate_series(101, 10000) i");
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json", "-j", "1"]).spawn();
    gate.wait_for_a_worker(&mut run);
    let (altering, looking) = (pair.source.session(), pair.source.session());
    let (altered, run) = std::thread::scope(|scope| {
        let alter = "set lock_timeout = '90s'; alter table plain add y integer";
        let altered = scope.spawn(|| altering.try_sql(alter));
        wait_for("the ALTER TABLE at the lock", || {
            let waiting = "relation = 'plain'::regclass and mode = 'AccessExclusiveLock' and not granted";
            looking.value(&format!("select count(*) from pg_locks where {waiting}")) != "0"
        });
        gate.open();
        let run = run.wait();
        (altered.join().unwrap(), run)
    });
    assert_eq!(run.code, Some(1), "{}\n{}", run.stdout, run.stderr);
    assert!(run.time.as_secs() < 20, "took {:?} to give way", run.time);
    let error = &run.json()["error"];
    assert_eq!((&error["sqlstate"], &error["object"]), (&"55P03".into(), &"public.plain".into()), "{error}");
    assert!(error["remedy"].as_str().is_some_and(|remedy| remedy.contains("exclusive lock")), "{error}");
    assert_eq!(altered, Ok(()));
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

/// Moves amounts between two tables, whole rows from one to another, and keeps a counter, until told to stop.
fn transfer(session: &Session, stop: &AtomicBool) -> u64 {
    let mut transfers = 0;
    while !stop.load(Ordering::Relaxed) {
        session.sql(&format!(
            "begin;
             update left_side set amount = amount - 1 where id = 1 + {transfers} % 5000;
             update right_side set amount = amount + 1 where id = 1 + {transfers} * 7 % 5000;
             with moved as (delete from here where id = 1 + {transfers} % 2000 returning id)
                 insert into there select id from moved;
             update counter set n = n + 1;
             commit"
        ));
        transfers += 1;
    }
    transfers
}

#[test]
fn transfers_between_tables_are_seen_whole_or_not_at_all() {
    let pair = Pair::filled(
        "it_transfers",
        "create table left_side as select i as id, 1000 as amount, repeat('filler ', 40) as filler from generate_series(1, 20000) i;
         alter table left_side add primary key (id);
         create table right_side as select * from left_side;
         alter table right_side add primary key (id);
         create table here as select i as id from generate_series(1, 2000) i;
         create table there (id integer);
         create table counter (n integer);
         insert into counter values (0)",
    );
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| transfer(&pair.source.session(), &stop));
        wait_for("the first transfers", || pair.source.value("select n > 5 from counter") == "t");
        let run = std::panic::catch_unwind(|| clone(&pair, &["-j", "4", "--verify", "checksum", "--json"]));
        stop.store(true, Ordering::Relaxed);
        let transfers = writer.join().unwrap();
        let run = run.unwrap().exits(0);
        assert!(transfers > 10, "the writer hardly ran: {transfers}");
        assert_eq!(run.json()["consistency"]["agreed"], true);
    });
    let value = |query| pair.target.value(query);
    assert_eq!(
        value("select (select sum(amount) from left_side) + (select sum(amount) from right_side)"),
        "40000000"
    );
    assert_eq!(value("select (select count(*) from here) + (select count(*) from there)"), "2000");
    let taken = value("select n from counter");
    assert_eq!(value("select sum(1000 - amount) from left_side"), taken);
    assert_eq!(value("select sum(amount - 1000) from right_side"), taken);
    assert_nothing_left(&pair);
}

#[test]
fn a_clone_leaves_the_source_as_it_was() {
    let pair = Pair::filled("it_source_untouched", "create table t (x serial); insert into t default values");
    let before = (fingerprint(&pair.source), rows(&pair.source));
    clone(&pair, &[]).exits(0);
    assert_eq!((fingerprint(&pair.source), rows(&pair.source)), before);
    assert_equal(&pair);
}
