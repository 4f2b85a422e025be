//! The whole job: what a database can hold is on the target afterwards, and nothing of fdwcopy's.

use crate::command::{clone, list};
use crate::equality::{assert_equal, assert_nothing_left, assert_unchanged, dump, fingerprint};
use crate::pair::Pair;

#[test]
fn a_database_with_one_of_everything_is_equal_afterwards_and_not_cloned_twice() {
    let mut pair = Pair::new("it_everything");
    pair.role("it_everything_owner", "nologin");
    pair.role("it_everything_reader", "nologin");
    pair.source.load("everything.sql");
    if pair.target.is_plain() {
        // What a superuser has to create is the matter of `rights`.
        pair.source.sql(
            "drop event trigger watch; drop event trigger asleep; drop publication whole;
             alter table app.people no force row level security",
        );
    }
    let source = fingerprint(&pair.source);

    let run = clone(&pair, &["-j", "3", "--json"]).exits(0);
    assert_equal(&pair);
    assert_unchanged(&pair.source, &source);
    let tables = list(&run.json(), "tables", &["schema", "name", "rows", "chunks"]);
    let large = tables.iter().find(|table| table[1] == "large").unwrap();
    assert_eq!(large[2], "94999");
    // Up to 13 every piece would read the whole table.
    assert_eq!(large[3] == "1", pair.source.version() < 14, "{large:?}");
    let twin = |name| tables.iter().find(|table| table[1] == name).map(|table| table[2].clone());
    assert_eq!((twin("twin"), twin("Twin")), (Some("1".into()), Some("1".into())));

    let before = fingerprint(&pair.target);
    clone(&pair, &[]).exits(4).says(&["app.people", "public.large"]);
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
fn an_empty_database_clones() {
    let pair = Pair::new("it_empty");
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn a_child_whose_columns_come_in_another_order_on_the_target_gets_its_rows() {
    let pair = Pair::filled(
        "it_column_order",
        "create table parent (a integer, b text);
         create table child (own text, b text, a integer);
         alter table child inherit parent;
         create table late (own text) inherits (parent);
         alter table parent add column c integer default 3;
         insert into child select 'own' || i, 'b' || i, i from generate_series(1, 20) i;
         insert into late select i, 'b' || i, 'own' || i, i * 10 from generate_series(1, 20) i;",
    );
    clone(&pair, &["--verify", "checksum"]).exits(3);
    for query in [
        "select a, b, c, own from only child order by 1",
        "select a, b, c, own from only late order by 1",
        "select a, b, c from only parent order by 1",
    ] {
        assert_eq!(pair.source.rows(query), pair.target.rows(query), "{query}");
    }
    assert_eq!(dump(&pair.source, &[]).len(), dump(&pair.target, &[]).len());
    assert_nothing_left(&pair);
}

#[test]
fn a_name_with_a_line_break_clones() {
    let pair = Pair::filled(
        "it_line_break",
        "create table \"two\nlines; Type: TABLE\" (\"a\nb\" integer primary key);
         insert into \"two\nlines; Type: TABLE\" select generate_series(1, 5);
         create table after (x integer);",
    );
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn settings_of_either_database_do_not_change_the_values() {
    let pair = Pair::filled(
        "it_settings",
        r"create schema hidden;
         create table public.t (id integer primary key, d date, tz timestamptz, i interval, f real, g double precision,
             b bytea, a integer[], s text);
         insert into t select i, date '2024-03-01' + i, timestamptz '2024-06-01 12:00:00.123456+00' + i * interval '7 hours',
             i * interval '-1 day 03:04:05.6', i / 7.0, sqrt(i), decode('00ff5c27', 'hex'), array[i, null], 'back\slash'
         from generate_series(1, 300) i;
         create table hidden.t (x integer);
         insert into hidden.t values (1);
         create view public.v as select t.id, h.x from public.t, hidden.t h;
         alter database it_settings_src set datestyle = 'SQL, DMY';
         alter database it_settings_src set intervalstyle = 'sql_standard';
         alter database it_settings_src set timezone = 'Asia/Kolkata';
         alter database it_settings_src set extra_float_digits = -10;
         alter database it_settings_src set bytea_output = 'escape';
         alter database it_settings_src set search_path = 'hidden';
         alter database it_settings_src set default_transaction_isolation = 'serializable';
         alter database it_settings_src set standard_conforming_strings = off;",
    );
    pair.target.sql(
        "alter database it_settings_dst set datestyle = 'German, DMY';
         alter database it_settings_dst set intervalstyle = 'iso_8601';
         alter database it_settings_dst set timezone = 'America/St_Johns';
         alter database it_settings_dst set bytea_output = 'escape';
         alter database it_settings_dst set search_path = 'nowhere';
         alter database it_settings_dst set standard_conforming_strings = off;
         alter database it_settings_dst set default_transaction_isolation = 'repeatable read';
         alter database it_settings_dst set row_security = off;",
    );
    // The target's own settings stay, which is told.
    let run = clone(&pair, &["--verify", "checksum", "--json"]).exits(3);
    let left = run.json()["not_copied"].clone();
    assert!(left.as_array().unwrap().iter().all(|left| left["kind"] == "DATABASE SETTING"), "{left}");
    assert_equal(&pair);
}

#[test]
fn timeouts_of_either_database_do_not_end_the_copy() {
    let pair = Pair::filled(
        "it_timeouts",
        "create table t as select i, repeat(md5(i::text), 10) as filler from generate_series(1, 60000) i",
    );
    let limits = [
        "statement_timeout",
        "idle_in_transaction_session_timeout",
        "idle_session_timeout",
        "transaction_timeout",
    ];
    // The first session has to ask for the version before it knows which limits to take off.
    let time = |limit: &str| if limit == "idle_session_timeout" { "500ms" } else { "50ms" };
    pair.target.set(&limits.map(|limit| (limit, time(limit))));
    pair.source.set(&[("lock_timeout", "50ms")]);
    pair.source.set(&limits.map(|limit| (limit, time(limit))));
    let lost = limits.iter().any(|limit| pair.source.knows(limit) && !pair.target.knows(limit));
    clone(&pair, &["-j", "2"]).exits(if lost { 3 } else { 0 });
    for database in [&pair.source, &pair.target] {
        database.server_sql(&format!("alter database {} reset all", database.name));
    }
    assert_equal(&pair);
}

#[test]
fn foreign_tables_of_the_source_itself_come_along_and_stay() {
    let pair = Pair::filled(
        "it_own_foreign",
        "create extension postgres_fdw;
         create server elsewhere foreign data wrapper postgres_fdw options (host 'nowhere.invalid', dbname 'x');
         create foreign table far (x integer) server elsewhere options (table_name 'y');
         create table near (x integer);
         insert into near values (1);",
    );
    clone(&pair, &[]).exits(0);
    crate::equality::assert_same_schema(&pair);
    assert_eq!(pair.target.value("select string_agg(srvname, ',') from pg_foreign_server"), "elsewhere");
    assert_eq!(
        pair.target.value("select string_agg(extname, ',' order by 1) from pg_extension"),
        "plpgsql,postgres_fdw"
    );
    assert_eq!(pair.target.count("near"), 1);
}

#[test]
fn an_extension_that_the_target_had_before_stays() {
    let pair = Pair::filled("it_had_extension", "create table t (x integer); insert into t values (1)");
    pair.target.sql("create extension if not exists postgres_fdw");
    clone(&pair, &[]).exits(0);
    assert_eq!(pair.target.value("select count(*) from pg_extension where extname = 'postgres_fdw'"), "1");
    assert_eq!(pair.target.rows("select srvname from pg_foreign_server").len(), 0);
    assert_eq!(pair.target.count("t"), 1);
}

#[test]
fn objects_that_are_not_in_the_way_stay_as_they_are() {
    let pair = Pair::filled("it_neighbours", "create table t (x integer); insert into t values (1)");
    pair.target
        .sql("create schema mine; create table mine.keep (x integer); insert into mine.keep values (7)");
    clone(&pair, &[]).exits(0);
    assert_eq!((pair.target.count("t"), pair.target.value("select x from mine.keep")), (1, "7".into()));
    assert_nothing_left(&pair);
}

#[test]
fn rows_of_a_megabyte_travel_in_small_batches() {
    let pair = Pair::filled(
        "it_wide_rows",
        "create table wide (id integer primary key, big text);
         alter table wide alter column big set storage external;
         insert into wide select i, repeat(md5(i::text), 32768) from generate_series(1, 60) i;",
    );
    clone(&pair, &["-j", "2"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn statistics_for_the_planner_are_there_afterwards() {
    let pair = Pair::filled("it_analyze", "create table t as select generate_series(1, 1000) as x");
    clone(&pair, &[]).exits(0);
    assert_eq!(pair.target.value("select count(*) from pg_stats where tablename = 't'"), "1");
    assert_eq!(pair.target.value("select reltuples from pg_class where relname = 't'"), "1000");
}

#[test]
fn a_plain_role_clones_once_it_was_granted_the_wrapper() {
    let mut pair = Pair::filled(
        "it_plain_role",
        "create table t (id serial primary key, x text); insert into t (x) select 'x' || i from generate_series(1, 100) i",
    );
    pair.role("it_plain", "login password 'plain-pw'");
    pair.source.sql("grant select on all tables in schema public to it_plain; grant select on all sequences in schema public to it_plain");
    pair.target
        .sql("create extension if not exists postgres_fdw; grant usage on foreign data wrapper postgres_fdw to it_plain");
    pair.target.server_sql("alter database it_plain_role_dst owner to it_plain");
    let (source, target) =
        (pair.source.url_as("it_plain", "plain-pw"), pair.target.url_as("it_plain", "plain-pw"));
    clone(&pair, &["-s", &source, "-d", &target, "--no-owner", "--no-privileges"]).exits(0);
    assert_eq!(crate::equality::rows(&pair.source), crate::equality::rows(&pair.target));
    assert_eq!(crate::equality::sequences(&pair.source), crate::equality::sequences(&pair.target));
    assert_eq!(pair.target.value("select count(*) from pg_foreign_server"), "0");
}
