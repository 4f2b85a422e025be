//! Databases that are allowed and seldom: other encodings, no public schema, event triggers that forbid things.

use crate::command::{Fdwcopy, clone};
use crate::equality::{assert_equal, assert_nothing_left, assert_same_schema_as};
use crate::pair::{Database, Pair};

#[test]
fn a_latin1_database_clones_into_a_utf8_one() {
    let pair = Pair::with("it_latin1", "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'", "encoding 'UTF8'");
    pair.source.sql(r#"create table "größe" (x text); insert into "größe" values ('ÄÖÜ äöü ß')"#);
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_eq!(pair.target.rows(r#"select x from "größe""#), [["ÄÖÜ äöü ß"]]);
    let utf8 = ["--encoding=UTF8"];
    assert_same_schema_as(&pair, &utf8);
    assert_nothing_left(&pair);
}

#[test]
fn a_latin1_database_clones_into_a_latin1_one() {
    let options = "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'";
    let pair = Pair::with("it_both_latin1", options, options);
    pair.source.sql(r#"create table "größe" (x text); insert into "größe" values ('ÄÖÜ äöü ß')"#);
    pair.source.sql(r#"comment on table "größe" is 'größer'"#);
    clone(&pair, &["--verify", "checksum"]).exits(0);
    let utf8 = ["--encoding=UTF8"];
    assert_same_schema_as(&pair, &utf8);
    assert_eq!(pair.target.rows(r#"select x from "größe""#), [["ÄÖÜ äöü ß"]]);
}

#[test]
fn bytes_without_an_encoding_arrive_as_they_are() {
    let options = "encoding 'SQL_ASCII' lc_collate 'C' lc_ctype 'C'";
    let pair = Pair::with("it_sql_ascii", options, options);
    pair.source.sql(r"create table t (x text); insert into t values (E'\xe9\xff'), (E'plain')");
    clone(&pair, &["--verify", "checksum"]).exits(0);
    let bytes = r"select encode(x::bytea, 'hex') from t order by 1";
    assert_eq!(pair.source.rows(bytes), pair.target.rows(bytes));
    assert_equal(&pair);
}

#[test]
fn databases_without_a_public_schema_clone() {
    let pair = Pair::filled(
        "it_no_public",
        "drop schema public; create schema app; create table app.t (x integer); insert into app.t values (1)",
    );
    pair.target.sql("drop schema public");
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn the_public_schema_keeps_its_owner_grants_and_comment() {
    let mut pair = Pair::new("it_public");
    pair.role("it_public_owner", "nologin");
    pair.source.sql(
        "alter schema public owner to it_public_owner; grant create on schema public to public;
         comment on schema public is 'ours'; create table t (x integer); insert into t values (1)",
    );
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn an_event_trigger_that_forbids_drops_does_not_stop_the_tidying_up() {
    let pair = Pair::filled(
        "it_no_drops",
        "create function public.forbid() returns event_trigger language plpgsql as
             $$ begin raise exception 'nothing is dropped here'; end $$;
         create table t (x integer); insert into t values (1);
         create event trigger forbid on sql_drop execute function public.forbid();
         create event trigger forbid_commands on ddl_command_start when tag in ('DROP EXTENSION', 'DROP SERVER')
             execute function public.forbid()",
    );
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn a_table_with_as_many_columns_as_there_can_be_clones() {
    let pair = Pair::new("it_1600_columns");
    let columns: Vec<String> = (1..=1600).map(|i| format!("c{i} boolean")).collect();
    pair.source.sql(&format!(
        "create table wide ({}); insert into wide (c1, c1600) values (true, false)",
        columns.join(", ")
    ));
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn names_like_the_servers_own_and_like_ours_clone() {
    let pair = Pair::filled(
        "it_column_names",
        r#"create table "tableoid" ("Ctid" text, "oid" integer, "Tableoid" text, "rowid" text);
           insert into "tableoid" values ('a', 1, 'b', 'c');
           create table heir () inherits ("tableoid"); insert into heir values ('e', 2, 'f', 'g');
           create schema fdwcopy; create table fdwcopy.t (x integer); insert into fdwcopy.t values (1);
           create schema pg; create table pg.pg_class (x integer); insert into pg.pg_class values (1)"#,
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    for query in [
        r#"select * from only "tableoid""#,
        "select * from heir",
        "select * from fdwcopy.t",
        "select * from pg.pg_class",
    ] {
        assert_eq!(pair.source.rows(query), pair.target.rows(query), "{query}");
    }
}

#[test]
fn types_that_only_functions_of_the_database_can_read_clone() {
    let pair = Pair::filled(
        "it_nested_types",
        "create schema types;
         create domain types.small as integer check (value < 100);
         create type types.point as (x types.small, y types.small);
         create type types.line as (a types.point, b types.point, label text);
         create domain types.ordered as types.line check (((value).a).x <= ((value).b).x);
         create table t (id integer primary key, l types.line, o types.ordered, ls types.line[], s types.small[]);
         insert into t select i, row(row(i, i)::types.point, row(i + 1, null)::types.point, 'a, (b) \"c\"')::types.line,
             row(row(1, 2)::types.point, row(3, 4)::types.point, null)::types.line,
             array[row(row(1, 2)::types.point, null, 'x')::types.line, null], array[1, null, 3]
         from generate_series(1, 40) i;
         create table of_rows (r t, rs t[]);
         insert into of_rows select t, array[t, null] from t",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

/// A role on both servers that has this setting in these databases of the pair; the clone is run as it.
fn as_role_with(pair: &mut Pair, role: &str, setting: &str, databases: &[Database]) -> Fdwcopy {
    pair.role(role, "superuser login password 'pw'");
    for database in databases {
        database.server_sql(&format!("alter role {role} in database {} set {setting}", database.name));
    }
    Fdwcopy::alone().source(&pair.source.url_as(role, "pw")).target(&pair.target.url_as(role, "pw"))
}

/// Clones backslashes between two databases, of which `old` tells those where strings are read in the old way.
fn clones_backslashes(name: &str, old: impl Fn(&Pair) -> Vec<Database>) {
    let mut pair = Pair::filled(
        name,
        r"create table t (id integer primary key, path text default 'C:\new\''table', check (path <> '\nothing'));
         insert into t (id) values (1); insert into t values (2, 'a\b\\c'), (3, '\');
         create table p (k text) partition by list (k);
         create table p1 partition of p for values in ('a\nb', '\'); insert into p values ('a\nb'), ('\');
         create table p2 partition of p default; insert into p values ('anb');
         create function f() returns text language sql as 'select ''\d+''::text';
         comment on table t is 'D:\temp'; create view v as select 'x\y' as x",
    );
    let old = old(&pair);
    let run = as_role_with(&mut pair, &format!("{name}_role"), "standard_conforming_strings = off", &old);
    run.args(&["clone", "--verify", "checksum"]).run().exits(0);
    assert_equal(&pair);
    pair.target.sql("insert into t values (4)");
    assert_eq!(pair.target.rows("select path from t where id = 4"), [[r"C:\new\'table"]]);
}

#[test]
fn backslashes_survive_where_the_source_reads_strings_in_the_old_way() {
    clones_backslashes("it_backslashes_left", |pair| vec![pair.source.clone()]);
}

#[test]
fn backslashes_survive_where_the_target_reads_strings_in_the_old_way() {
    clones_backslashes("it_backslashes_right", |pair| vec![pair.target.clone()]);
}

#[test]
fn backslashes_survive_where_both_read_strings_in_the_old_way() {
    clones_backslashes("it_backslashes_both", |pair| vec![pair.source.clone(), pair.target.clone()]);
}

#[test]
fn roles_whose_statements_may_take_no_time_clone() {
    let mut pair = Pair::filled(
        "it_hasty",
        "create table t as select i as x, repeat('x', 100) as y from generate_series(1, 50000) i;
         create index on t (y, x); create materialized view m as select count(*) from t",
    );
    let both = [pair.source.clone(), pair.target.clone()];
    let run = as_role_with(&mut pair, "it_hasty_role", "statement_timeout = '1ms'", &both);
    run.args(&["clone", "--verify", "checksum"]).run().exits(0);
    assert_equal(&pair);
}

#[test]
fn names_of_our_own_making_clone() {
    let pair = Pair::filled(
        "it_our_names",
        "create table fdwcopy_pin (x integer); insert into fdwcopy_pin values (1), (2);
         create table parent (fdwcopy_tableoid integer, fdwcopy_tableoid_ text); insert into parent values (1, 'parent');
         create table child (own integer) inherits (parent); insert into child values (2, 'child', 3), (4, 'child', 5)",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}
