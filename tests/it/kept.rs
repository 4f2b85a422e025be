//! What the target had before the run is never changed by an interrupted one, nor dropped by its undoing.

use crate::command::{Fdwcopy, Running};
use crate::equality::{assert_equal, assert_nothing_left, assert_unchanged, fingerprint};
use crate::gate::{GATED, Gate, LATE};
use crate::pair::Pair;

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

/// A source with objects that lie in no schema, and a slow index.
fn with_globals(name: &str) -> Pair {
    let pair = Pair::filled(name, &format!("{GATED}{LATE}"));
    pair.source.sql(
        "create index slow on plain (public.late(id::integer));
         create publication news for table plain;
         create function public.on_ddl() returns event_trigger language plpgsql as 'begin end';
         create event trigger watch on ddl_command_end execute function public.on_ddl()",
    );
    pair
}

#[test]
fn a_publication_and_an_event_trigger_of_the_same_name_are_refused_and_stay() {
    let pair = with_globals("it_namesakes");
    pair.target.sql(
        "create schema mine; create table mine.keep (x integer); insert into mine.keep values (1);
         create publication news for table mine.keep;
         create function mine.on_ddl() returns event_trigger language plpgsql as 'begin end';
         create event trigger watch on ddl_command_start execute function mine.on_ddl()",
    );
    let before = fingerprint(&pair.target);
    let run = Fdwcopy::between(&pair).args(&["clone", "--json"]).run().exits(4);
    let findings = run.json()["findings"].to_string();
    for name in ["news", "watch", "object-in-the-way"] {
        assert!(findings.contains(name), "{findings}");
    }
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
fn what_others_make_meanwhile_survives_an_interruption_after_it_was_in_the_way() {
    let pair = with_globals("it_namesakes_meanwhile");
    let (early, late) = (Gate::close(&pair), Gate::close_late(&pair));
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json", "-j", "1"]).spawn();
    early.wait_for_a_worker(&mut run);
    pair.target.sql(
        "create table other (x integer); create index plain_note_idx on other (x);
         create publication news for table other",
    );
    early.open();
    late.wait_for_a_worker(&mut run);
    interrupted(run);
    let kept =
        "select string_agg(tablename || '.' || indexname, ',') from pg_indexes where schemaname = 'public'";
    assert_eq!(pair.target.value(kept), "other.plain_note_idx");
    assert_eq!(pair.target.value("select string_agg(pubname, ',') from pg_publication"), "news");
    assert_nothing_left(&pair);
}
