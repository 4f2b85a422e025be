//! What the target had before the run is never changed by an interrupted one, nor dropped by its undoing.

use crate::command::{Fdwcopy, Running};
use crate::equality::{assert_equal, assert_nothing_left, assert_unchanged, fingerprint};
use crate::gate::{GATED, Gate, LATE};
use crate::pair::{Pair, wait_for};

fn interrupted(run: Running) {
    run.signal("INT");
    let run = run.wait().exits(130);
    assert_eq!(run.json()["outcome"], "interrupted");
    assert_eq!(run.json()["error"]["also"], serde_json::json!([]), "the undoing failed");
}

fn start(pair: &Pair) -> Running {
    Fdwcopy::between(pair).args(&["clone", "--json", "--no-analyze"]).spawn()
}

#[test]
fn default_privileges_come_only_with_success() {
    let mut pair = Pair::filled("it_default_privileges", &format!("{GATED}{LATE}"));
    pair.role("it_default_reader", "nologin");
    pair.source.sql(
        "create schema app;
         alter default privileges grant select on tables to it_default_reader;
         alter default privileges in schema public grant select on tables to it_default_reader;
         alter default privileges in schema app grant usage on sequences to it_default_reader;
         create materialized view slow as select public.late(1)",
    );
    let before = fingerprint(&pair.target);
    let defaults = "select count(*) from pg_default_acl";
    for in_the_rows in [true, false] {
        let gate = if in_the_rows { Gate::close(&pair) } else { Gate::close_late(&pair) };
        let mut run = start(&pair);
        gate.wait_for_a_worker(&mut run);
        assert_eq!(pair.target.value(defaults), "0");
        interrupted(run);
        assert_unchanged(&pair.target, &before);
        assert_nothing_left(&pair);
    }
    Fdwcopy::between(&pair).args(&["clone"]).run().exits(0);
    assert_eq!(pair.target.value(defaults), "3");
    assert_equal(&pair);
}

/// A pair whose target has a publication and an event trigger called like the source's.
fn namesakes(name: &str) -> (Pair, Vec<String>) {
    let pair = Pair::filled(name, &format!("{GATED}{LATE}"));
    pair.source.sql(
        "create index slow on plain (public.late(id::integer));
         create materialized view slow_view as select public.late(1) as x;
         create publication news for table plain;
         create function public.on_ddl() returns event_trigger language plpgsql as 'begin end';
         create event trigger watch on ddl_command_end execute function public.on_ddl()",
    );
    pair.target.sql(
        "create schema mine; create table mine.keep (x integer); insert into mine.keep values (1);
         create publication news for table mine.keep;
         create function mine.on_ddl() returns event_trigger language plpgsql as 'begin end';
         create event trigger watch on ddl_command_start execute function mine.on_ddl()",
    );
    let before = fingerprint(&pair.target);
    (pair, before)
}

#[test]
fn namesakes_survive_an_interruption_in_the_rows() {
    let (pair, before) = namesakes("it_namesakes_rows");
    let gate = Gate::close(&pair);
    let mut run = start(&pair);
    gate.wait_for_a_worker(&mut run);
    interrupted(run);
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
#[ignore = "fails: the undoing drops a namesake whose CREATE was written down but not answered"]
fn namesakes_survive_an_interruption_of_an_index() {
    let (pair, before) = namesakes("it_namesakes_index");
    let gate = Gate::close_late(&pair);
    let mut run = start(&pair);
    gate.wait_for_a_worker(&mut run);
    interrupted(run);
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

/// Interrupts the run while this statement of its waits for a lock on the catalog.
fn interrupted_at(pair: &Pair, catalog: &str, statement: &str) {
    let (blocker, looking) = (pair.target.session(), pair.target.session());
    blocker.sql(&format!("begin; lock table {catalog} in exclusive mode"));
    let mut run = start(pair);
    let waiting = format!(
        "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
         and application_name <> 'it' and query like '%{statement}%'"
    );
    wait_for("the statement at the lock", || {
        run.has_not_ended();
        looking.value(&waiting) != "0"
    });
    run.signal("INT");
    wait_for("the end of the statement", || looking.value(&waiting) == "0");
    blocker.sql("rollback");
    run.wait().exits(130);
}

#[test]
#[ignore = "fails: the undoing drops a namesake whose CREATE was written down but not answered"]
fn a_publication_survives_although_the_creation_of_its_namesake_was_under_way() {
    let (pair, before) = namesakes("it_namesakes_publication");
    interrupted_at(&pair, "pg_catalog.pg_publication", "CREATE PUBLICATION news");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
#[ignore = "fails: the undoing drops a namesake whose CREATE was written down but not answered"]
fn an_event_trigger_survives_although_the_creation_of_its_namesake_was_under_way() {
    let (pair, before) = namesakes("it_namesakes_trigger");
    // Comes in one message with the event trigger.
    pair.source.sql("alter default privileges grant select on tables to public");
    interrupted_at(&pair, "pg_catalog.pg_default_acl", "ALTER DEFAULT PRIVILEGES");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
fn an_index_made_meanwhile_survives_an_interruption_after_it_was_in_the_way() {
    let (pair, _) = namesakes("it_namesakes_meanwhile");
    let (early, late) = (Gate::close(&pair), Gate::close_late(&pair));
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json", "-j", "1"]).spawn();
    early.wait_for_a_worker(&mut run);
    pair.target.sql("create table other (x integer); create index plain_note_idx on other (x)");
    early.open();
    late.wait_for_a_worker(&mut run);
    interrupted(run);
    let kept =
        "select string_agg(tablename || '.' || indexname, ',') from pg_indexes where schemaname = 'public'";
    assert_eq!(pair.target.value(kept), "other.plain_note_idx");
    assert_eq!(pair.target.value("select string_agg(pubname, ',') from pg_publication"), "news");
    assert_nothing_left(&pair);
}

#[test]
fn namesakes_survive_an_interruption_after_all_of_them_were_in_the_way() {
    let (pair, before) = namesakes("it_namesakes_last");
    let gate = Gate::close_late(&pair);
    let mut run = start(&pair);
    gate.wait_for_a_worker(&mut run);
    // The rows are counted last, and the count waits for this lock.
    let blocker = pair.target.session();
    blocker.sql("begin; lock table gated in access exclusive mode");
    gate.open();
    wait_for("the count at the lock", || {
        run.has_not_ended();
        blocker.value("select count(*) from pg_locks where relation = 'gated'::regclass and not granted")
            != "0"
    });
    run.signal("INT");
    blocker.sql("rollback");
    let run = run.wait().exits(130);
    assert_eq!(run.json()["outcome"], "interrupted");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
fn namesakes_are_named_and_left_by_a_run_that_ends_well() {
    let (pair, _) = namesakes("it_namesakes_end");
    let run = Fdwcopy::between(&pair).args(&["clone", "--json"]).run().exits(3);
    let not_copied = run.json()["not_copied"].to_string();
    for name in ["news", "watch"] {
        assert!(not_copied.contains(name), "{not_copied}");
    }
    let kept = "select evtfoid::regproc || ' ' || evtevent from pg_event_trigger where evtname = 'watch'";
    assert_eq!(pair.target.value(kept), "mine.on_ddl ddl_command_start");
    assert_eq!(pair.target.rows("select tablename from pg_publication_tables"), [["keep"]]);
    assert_nothing_left(&pair);
}
