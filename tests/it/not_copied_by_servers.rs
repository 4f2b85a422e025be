//! Definitions that PostgreSQL lets stand and that `pg_dump` cannot write down so that a server takes them: named with
//! the server's words, and the exit code is 3.

use crate::command::clone;
use crate::equality::{assert_equal, assert_nothing_left};
use crate::not_copied::not_copied;
use crate::pair::Pair;

/// Clones and checks that exactly these objects are not copied, each for a reason with this word in it.
#[track_caller]
fn assert_named(pair: &Pair, wanted: &[(&str, &str)]) {
    let entries = not_copied(&clone(pair, &["--json"]).exits(3));
    for (object, word) in wanted {
        let is_meant = |(name, reason): &(String, String)| name.contains(object) && reason.contains(word);
        assert!(entries.iter().any(is_meant), "{object} ({word}) is not among {entries:?}");
    }
    assert_eq!(entries.len(), wanted.len(), "{entries:?}");
    assert_nothing_left(pair);
}

#[test]
fn a_language_whose_handler_is_the_systems() {
    let pair = Pair::filled(
        "it_odd_language",
        "create language odd handler plpgsql_call_handler;
         create function public.in_odd() returns integer language odd as 'begin return 1; end';
         create function public.in_plpgsql() returns integer language plpgsql as 'begin return 1; end'",
    );
    assert_named(&pair, &[("in_odd()", "needs PROCEDURAL LANGUAGE odd"), ("odd", "")]);
    assert_eq!(pair.target.value("select in_plpgsql()"), "1");
}

#[test]
fn a_view_whose_definition_no_server_can_read() {
    let pair = Pair::filled("it_unreadable_view", "create view readable as select 1 as x");
    let unreadable = "create view unreadable as with recursive w (a) as (select 1 union all select a + 1 from w where a < 3)
             cycle a set is_cycle to 'y' default 'n' using path select a from w;
         create view on_unreadable as select * from unreadable";
    let made = pair.source.session().try_sql(unreadable);
    // Up to 13 nobody can write it.
    if pair.source.version() < 14 {
        assert!(made.is_err_and(|error| error.starts_with("42601")));
        clone(&pair, &[]).exits(0);
        return;
    }
    made.unwrap();
    assert_named(&pair, &[("public.on_unreadable", "needs VIEW"), ("public.unreadable", "syntax error")]);
    assert!(pair.target.exists("readable"));
}

#[test]
fn a_domain_whose_default_needs_the_domain() {
    let pair = Pair::filled(
        "it_domain_circle",
        "create domain circular as integer;
         create function public.of_domain(circular) returns integer immutable language sql as 'select 3';
         alter domain circular set default public.of_domain(3);
         create table uses (d circular);
         create table does_not_use (x integer)",
    );
    assert_named(
        &pair,
        &[("of_domain", "does not exist"), ("circular", "needs FUNCTION"), ("uses", "needs DOMAIN")],
    );
    assert!(pair.target.exists("does_not_use"));
}

#[test]
fn a_materialized_view_whose_owner_may_not_read() {
    let mut pair = Pair::new("it_owner_may_not");
    pair.role("it_may_not", "nologin");
    pair.source.sql(
        "create table secrets (x integer); insert into secrets values (1);
         create materialized view filled as select * from secrets;
         alter materialized view filled owner to it_may_not",
    );
    assert_named(&pair, &[("filled", "permission denied")]);
}

#[test]
fn an_index_whose_function_looks_along_the_search_path() {
    let pair = Pair::filled(
        "it_path_function",
        // From 17 on an index is built with the server's own path: this one while there is nothing to compute.
        "create table codes (x integer);
         create function public.helper(integer) returns integer immutable language sql as 'select $1';
         create function public.careless(integer) returns integer immutable language plpgsql as 'begin return helper($1); end';
         create index careless_index on codes (public.careless(x));
         insert into codes values (1)",
    );
    assert_named(&pair, &[("careless_index", "helper(integer) does not exist")]);
}

#[test]
fn an_object_of_an_extension_that_was_taken_out_of_it() {
    let pair = Pair::filled(
        "it_taken_out",
        "create extension fuzzystrmatch; alter extension fuzzystrmatch drop function soundex(text)",
    );
    let words = if pair.target.is_plain() { "permission denied for language c" } else { "already exists" };
    assert_named(&pair, &[("soundex", words)]);
}

#[test]
fn an_index_that_is_valid_on_the_source_alone_is_named() {
    let pair = Pair::filled(
        "it_index_spoiled",
        "create table t (x integer); insert into t values (1); create index spoiled on t (x); create index good on t (x)",
    );
    pair.target.sql(
        "create schema own;
         create function own.spoil() returns event_trigger language plpgsql security definer as $$
         begin update pg_catalog.pg_index set indisvalid = false where indexrelid = pg_catalog.to_regclass('public.spoiled'); end $$;
         create event trigger spoil on ddl_command_end when tag in ('CREATE INDEX') execute function own.spoil()",
    );
    let run = clone(&pair, &["--json"]).exits(3);
    let left = not_copied(&run);
    assert!(left.len() == 1 && left[0].1.contains("not valid"), "{left:?}");
    assert_eq!(left[0].0, "spoiled on public.t");
    pair.target.sql("drop event trigger spoil; drop schema own cascade; reindex index spoiled");
    assert_equal(&pair);
}
