//! `fdwcopy verify`: what is compared with what, what is refused, and what is said.

use crate::command::{Fdwcopy, Run, list};
use crate::equality::fingerprint;
use crate::pair::{Pair, wait_for};

fn verify(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["verify", "--json", "--no-schema"]).args(args).run()
}

/// A pair with the same content on both sides, which everybody may read.
fn twins(name: &str, script: &str) -> Pair {
    let pair = Pair::new(name);
    both(&pair, script);
    pair
}

fn both(pair: &Pair, script: &str) {
    for side in [&pair.source, &pair.target] {
        side.sql(script);
        readable(side);
    }
}

fn readable(side: &crate::pair::Database) {
    side.sql(
        "do $$ declare s name; begin
           for s in select nspname from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema' loop
             execute format('grant usage on schema %I to public; grant select on all tables in schema %I to public', s, s);
           end loop; end $$",
    );
}

fn differences(run: &Run) -> Vec<[String; 4]> {
    let mut all: Vec<[String; 4]> = list(&run.json(), "differences", &["name", "kind", "source", "target"])
        .into_iter()
        .map(|difference| difference.try_into().unwrap())
        .collect();
    all.sort();
    all
}

fn named(run: &Run) -> Vec<String> {
    differences(run).into_iter().map(|difference| difference[0].clone()).collect()
}

fn warnings(run: &Run) -> Vec<Vec<String>> {
    list(&run.json(), "warnings", &["code", "object"])
}

#[test]
fn settings_column_order_and_dropped_columns_make_no_difference() {
    let pair = Pair::new("it_verify_settings");
    pair.source.set(&[
        ("datestyle", "German"),
        ("timezone", "Asia/Tokyo"),
        ("extra_float_digits", "-5"),
        ("bytea_output", "escape"),
        ("intervalstyle", "sql_standard"),
        ("xmlbinary", "hex"),
        ("search_path", "other"),
        ("quote_all_identifiers", "on"),
    ]);
    pair.target.set(&[
        ("timezone", "America/New_York"),
        ("datestyle", "SQL, DMY"),
        ("intervalstyle", "iso_8601"),
    ]);
    let values = "select n, timestamptz '2024-06-01 10:00+02' + n * interval '1 h', date '2024-02-01' + n, n / 3.0::float8,
                  decode('00ff', 'hex'), make_interval(months => n), array[timestamptz '2024-01-01 00:00+00'], 'pg_class'::regclass,
                  n::numeric::money from generate_series(1, 50) n";
    let columns = "n, at, d, f, b, i, a, r, m";
    let table = "create table t (n int primary key, at timestamptz, d date, f float8, b bytea, i interval, a timestamptz[],
                                 r regclass, m money)";
    let turned = "create table t (gone text, m money, r regclass, a timestamptz[], i interval, b bytea, f float8, d date,
                                  at timestamptz, n int); alter table t drop gone";
    for (side, table) in [(&pair.source, table), (&pair.target, turned)] {
        side.sql("create schema other");
        side.sql(&format!("set search_path = public; {table}; insert into public.t ({columns}) {values}"));
        readable(side);
    }
    for args in [&[][..], &["--strict"], &["--level", "rows"]] {
        verify(&pair, args).exits(0);
    }
}

#[test]
fn a_table_or_a_column_of_one_side_alone_is_named_and_the_rest_compared() {
    let pair = twins(
        "it_verify_alone",
        "create table shared (id int primary key, x text, y int); insert into shared values (1, 'a', 1)",
    );
    pair.source.sql("create table here (); alter table shared add only_here int; create table kind (x int)");
    pair.target.sql("create table there (x int); alter table shared alter y type bigint; create view kind as select 1 as x");
    both(&pair, "");
    let run = verify(&pair, &[]).exits(3);
    let wanted = [
        ["here", "table", "table", "missing"],
        ["kind", "table", "table", "view"],
        ["shared", "column", "integer", "bigint"],
        ["shared", "column", "integer", "missing"],
        ["there", "table", "missing", "table"],
    ];
    assert_eq!(differences(&run), wanted.map(|row| row.map(str::to_owned)));
    pair.target.sql("update shared set y = 2");
    let run =
        verify(&pair, &["--level", "rows", "-t", "shared", "--exclude-columns", "shared=only_here"]).exits(3);
    let columns: Vec<_> = differences(&run).into_iter().map(|difference| difference[1].clone()).collect();
    assert_eq!(columns, ["checksum", "column"]);
}

#[test]
fn types_that_hold_the_same_values_are_equal_but_named() {
    let pair = Pair::new("it_verify_types");
    pair.source.sql(
        "create table t (id int, s varchar(20), at timestamptz, c char(5));
                     insert into t values (1, 'a', '2024-01-01 12:00+00', 'x')",
    );
    pair.target.sql(
        "create table t (id bigint, s text, at timestamp, c text);
                     insert into t values (1, 'a', '2024-01-01 12:00', 'x')",
    );
    both(&pair, "");
    for args in [&[][..], &["--strict"]] {
        let kinds: Vec<_> =
            differences(&verify(&pair, args).exits(3)).into_iter().map(|d| d[1].clone()).collect();
        assert_eq!(kinds, ["column"; 4], "{args:?}");
    }
}

#[test]
fn rules_say_which_rows_and_columns_are_meant_and_where_they_are() {
    let pair = twins(
        "it_verify_rules",
        "create table t (id int primary key, x text, y text); insert into t select i, 'x', 'y' from generate_series(1, 9) i",
    );
    pair.target.sql("create schema s; alter table t set schema s; alter table s.t rename to other");
    pair.target.sql("delete from s.other where id > 5; update s.other set y = 'z'");
    readable(&pair.target);
    let into = ["--into", "t=s.other"];
    assert_eq!(named(&verify(&pair, &into).exits(3)), ["t"]);
    verify(&pair, &[&into[..], &["--where", "t=id <= 5", "--exclude-columns", "t=y"]].concat()).exits(0);
    verify(&pair, &[&into[..], &["--where", "t=id <= 5", "--columns", "t=id,x"]].concat()).exits(0);
    let run = verify(
        &pair,
        &[&into[..], &["--where", "t=id <= 6", "--columns", "t=id,x", "--level", "rows"]].concat(),
    );
    assert_eq!(run.exits(3).json()["differences"][0]["rows"][0]["key"], "(id)=(6)");
    let run = verify(&pair, &[&into[..], &["--where", "nothing=true"]].concat()).exits(4);
    assert_eq!(run.findings(), [("pattern-matches-nothing".into(), "--where nothing".into())]);
    verify(&pair, &["--where", "t"]).exits(2);
}

#[test]
fn a_condition_that_fails_fails_the_run_and_names_table_and_side() {
    let pair = twins("it_verify_condition", "create table t (id int, x text); insert into t values (1, 'a')");
    let run = verify(&pair, &["--where", "t=id / 0 = 1"]).exits(1);
    assert!(run.stderr.contains("public.t: rows could not be read on the "), "{}", run.stderr);
    pair.target.sql("alter table t rename x to z");
    let run = verify(&pair, &["--where", "t=x = 'a'"]).exits(1);
    assert!(run.stderr.contains("public.t") && run.stderr.contains("target"), "{}", run.stderr);
    verify(&pair, &["--where", "t=true); drop table t; --"]).exits(1);
    assert!(pair.source.exists("t") && pair.target.exists("t"));
}

#[test]
fn a_large_table_is_read_with_parallel_workers_or_in_ranges_where_there_are_none() {
    let pair = twins(
        "it_verify_large",
        "create table t as select i as id, repeat('x', 100) as v from generate_series(1, 200000) i",
    );
    pair.target.sql("update t set v = 'other' where id = 150000");
    let found = |jobs: &str| differences(&verify(&pair, &["-j", jobs]).exits(3));
    let alone = found("1");
    assert_eq!(found("3"), alone);
    let shown = verify(&pair, &["-j", "3", "-vv"]).stderr;
    assert!(shown.contains("SET max_parallel_workers_per_gather = 2"), "{shown}");
    both(
        &pair,
        "do $$ begin execute format('alter database %I set max_parallel_workers = 0', current_database()); end $$",
    );
    assert_eq!(found("3"), alone);
    pair.target.sql("update t set v = repeat('x', 100) where id = 150000");
    verify(&pair, &["-j", "3"]).exits(0);
}

#[test]
fn the_selection_holds_for_both_sides() {
    let pair = twins(
        "it_verify_selection",
        "create table a (x int); create table b (x int); create schema s; create table s.c (x int)",
    );
    pair.target.sql("insert into b values (1); insert into s.c values (1)");
    assert_eq!(named(&verify(&pair, &[]).exits(3)), ["b", "c"]);
    verify(&pair, &["-t", "a"]).exits(0);
    verify(&pair, &["-N", "s", "-T", "b"]).exits(0);
    verify(&pair, &["-N", "s", "--exclude-table-data", "b"]).exits(0);
    pair.target.sql("create table only_there (x int)");
    readable(&pair.target);
    assert_eq!(named(&verify(&pair, &["-t", "only_there"]).exits(3)), ["only_there"]);
    assert_eq!(verify(&pair, &["-t", "neither"]).exits(4).findings()[0].0, "pattern-matches-nothing");
}

#[test]
fn partitions_cut_in_other_ways_are_compared_as_a_whole() {
    let pair = Pair::new("it_verify_partitions");
    let rows = "insert into p select i, 'x' from generate_series(1, 30) i";
    pair.source.sql(&format!(
        "create table p (id int primary key, x text) partition by range (id);
         create table p1 partition of p for values from (0) to (10); create table p2 partition of p for values from (10) to (100);
         create table plain (id int, x text); {rows}"
    ));
    pair.target.sql(&format!(
        "create table p (id int primary key, x text) partition by range (id);
         create table p1 partition of p for values from (0) to (20); create table p2 partition of p for values from (20) to (100);
         create table plain (id int, x text) partition by list (x); create table plain_x partition of plain default; {rows}"
    ));
    both(&pair, "");
    for side in [&pair.source, &pair.target] {
        side.sql("insert into plain select i, 'x' from generate_series(1, 30) i");
    }
    let run = verify(&pair, &[]).exits(0);
    assert_eq!(warnings(&run), [["partitions-differ", "public.p"]]);
    // A root that is named brings its partitions.
    pair.target.sql("update p set x = 'y' where id in (5, 15)");
    let run = verify(&pair, &["-t", "p", "--level", "rows"]).exits(3);
    let mut keys: Vec<String> = run.json()["differences"][0]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["key"].to_string())
        .collect();
    keys.sort();
    assert_eq!(keys, ["\"(id)=(15)\"", "\"(id)=(5)\""]);
    assert_eq!(named(&verify(&pair, &["-t", "p1"]).exits(3)), ["p1"]);
}

#[test]
fn what_may_not_be_read_is_refused_all_at_once() {
    let mut pair = Pair::new("it_verify_rights");
    let script = "create table open (x int); create table closed (x int); create table hidden (x int);
                  alter table hidden enable row level security; grant select on open, hidden to public";
    pair.role("it_verify_reader", "login password 'pw'");
    both_without_grants(&pair, script);
    let run = Fdwcopy::alone()
        .source(&pair.source.url_as("it_verify_reader", "pw"))
        .target(&pair.target.url_as("it_verify_reader", "pw"))
        .args(&["verify", "--json", "--no-schema"])
        .run()
        .exits(4);
    let mut findings = run.findings();
    findings.sort();
    let wanted = [
        ("rows-hidden", "public.hidden"),
        ("rows-hidden", "public.hidden"),
        ("select-missing", "public.closed"),
        ("select-missing", "public.closed"),
    ];
    assert_eq!(findings, wanted.map(|(code, object)| (code.to_owned(), object.to_owned())));
    let grants = &run.json()["grants"];
    for (side, database) in [("source", &pair.source), ("target", &pair.target)] {
        for statement in grants[side].as_array().unwrap() {
            database.sql(statement.as_str().unwrap());
        }
    }
    Fdwcopy::alone()
        .source(&pair.source.url_as("it_verify_reader", "pw"))
        .target(&pair.target.url_as("it_verify_reader", "pw"))
        .args(&["verify", "--no-schema"])
        .run()
        .exits(0);
}

fn both_without_grants(pair: &Pair, script: &str) {
    pair.source.sql(script);
    pair.target.sql(script);
}

#[test]
fn ctrl_c_ends_the_reading_on_both_servers() {
    let pair = twins(
        "it_verify_interrupted",
        "create table t (x int); insert into t select generate_series(1, 1000)",
    );
    let slow = ["verify", "--no-schema", "--where", "t=pg_sleep(0.1) is not null"];
    let mut run = Fdwcopy::between(&pair).args(&slow).spawn();
    let busy = |side: &crate::pair::Database| {
        let query = "select count(*) from pg_stat_activity where state = 'active' and query ~ 'pg_sleep' and pid <> pg_backend_pid()
                     and datname = current_database()";
        side.value(query) != "0"
    };
    wait_for("both servers to read", || busy(&pair.source) && busy(&pair.target));
    run.has_not_ended();
    run.signal("INT");
    run.wait().exits(130);
    assert!(!busy(&pair.source) && !busy(&pair.target));
    verify(&pair, &[]).exits(0);
}

#[test]
fn the_failure_of_one_side_stops_the_other_at_once() {
    let pair =
        twins("it_verify_stops", "create table t (x int); insert into t select generate_series(1, 1000)");
    pair.source
        .sql("create function public.f(int) returns bool language sql as 'select pg_sleep(1) is not null'");
    let run = verify(&pair, &["--where", "t=public.f(x)"]).exits(1);
    assert!(run.time.as_secs() < 20 && run.stderr.contains("target"), "{}", run.stderr);
}

#[test]
fn a_comparison_changes_nothing_and_can_be_repeated() {
    let pair =
        twins("it_verify_changes_nothing", "create table t (id int primary key); insert into t values (1)");
    let before = [&pair.source, &pair.target].map(fingerprint);
    verify(&pair, &["--level", "rows"]).exits(0);
    verify(&pair, &["--level", "count"]).exits(0);
    assert_eq!([&pair.source, &pair.target].map(fingerprint), before);
}

#[test]
fn empty_tables_and_tables_without_columns_are_equal() {
    let pair = twins(
        "it_verify_empty",
        "create table nothing (); create table empty (x int); create table p (x int) partition by list (x)",
    );
    verify(&pair, &["--level", "rows"]).exits(0);
    pair.target.sql("insert into nothing default values");
    assert_eq!(named(&verify(&pair, &["--level", "rows"]).exits(3)), ["nothing"]);
}

#[test]
fn databases_of_two_encodings_are_compared_by_what_they_say() {
    let pair = Pair::with("it_verify_encodings", "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'", "");
    both(
        &pair,
        "create table t (id text primary key, x text); insert into t values (chr(228), chr(246)), ('a', 'b')",
    );
    for args in [&[][..], &["--strict"], &["--level", "rows"]] {
        verify(&pair, args).exits(0);
    }
    pair.target.sql("update t set x = chr(252) where id = chr(228)");
    let run = verify(&pair, &["--level", "rows"]).exits(3);
    let row = &run.json()["differences"][0]["rows"][0];
    assert_eq!((row["key"].as_str(), row["columns"][0].as_str()), (Some("(id)=(ä)"), Some("x")));
}

#[test]
fn a_table_that_is_written_to_meanwhile_is_warned_of() {
    let pair = twins(
        "it_verify_written",
        "create table t (x int); insert into t select generate_series(1, 20); create table u (x int)",
    );
    pair.target.sql("insert into t values (0); insert into u values (0)");
    let slow = ["verify", "--json", "--no-schema", "--where", "t=pg_sleep(0.1) is not null"];
    let run = Fdwcopy::between(&pair).args(&slow).spawn();
    wait_for("the reading", || {
        let reading = "select count(*) from pg_stat_activity where datname = current_database() and state = 'active' and query ~ 'pg_sleep' and pid <> pg_backend_pid()";
        pair.source.value(reading) != "0"
    });
    pair.source.sql("update t set x = 100 where x = 7");
    let run = run.wait().exits(3);
    assert_eq!(warnings(&run), [["written-meanwhile", "public.t"]]);
    assert_eq!(named(&run), ["t", "u"]);
}

#[test]
fn large_objects_of_one_side_alone_differ_and_contents_are_said_to_be_unread() {
    let pair = twins("it_verify_objects", "create table t (x integer); select lo_create(100001)");
    let equal = verify(&pair, &[]).exits(0);
    assert_eq!(warnings(&equal), [["large-objects-unread", "large objects"]]);
    pair.target.sql("select lo_unlink(100001), lo_create(100002)");
    let other = verify(&pair, &[]).exits(3);
    assert_eq!(differences(&other)[0][..2], ["large objects", "large object"]);
    verify(&pair, &["-t", "t"]).exits(0);
}

#[test]
fn columns_that_no_table_has_and_tables_without_any_column_left_are_refused() {
    let script = "create table t (id int primary key, b int); insert into t values (1, 1); create table u (id int, seen int)";
    let pair = twins("it_verify_columns", script);
    pair.target.sql("update t set b = 2");
    for (option, rule, code) in [
        ("--columns", "t=bb", "column-matches-nothing"),
        ("--exclude-columns", "t=id,bb", "column-matches-nothing"),
        ("--exclude-columns", "t=id,b", "no-column-left"),
    ] {
        let run = verify(&pair, &[option, rule]).exits(4);
        assert!(run.findings().iter().any(|finding| finding.0 == code), "{:?}", run.findings());
    }
    verify(&pair, &["--columns", "t=id"]).exits(0);
    // A rule for many tables may name what only some of them have.
    assert_eq!(named(&verify(&pair, &["--exclude-columns", "*=seen"]).exits(3)), ["t"]);
}

#[test]
fn a_table_that_is_truncated_before_it_is_read_does_not_equal_an_empty_one() {
    let pair = Pair::new("it_verify_truncated");
    both(
        &pair,
        "create table a (x int); insert into a select generate_series(1, 200000); create table b (x int)",
    );
    // Too large to share a query with another.
    pair.source.sql("insert into b select generate_series(1, 50000)");
    let slow = ["verify", "--no-schema", "-j", "1", "--where", "a=x > 1 or pg_sleep(5) is not null"];
    let run = Fdwcopy::between(&pair).args(&slow).spawn();
    wait_for("the reading", || {
        let reading = "select count(*) from pg_stat_activity where datname = current_database() and state = 'active' and query ~ 'pg_sleep' and pid <> pg_backend_pid()";
        pair.source.value(reading) != "0"
    });
    pair.source.sql("truncate b");
    let run = run.wait().exits(1);
    assert!(run.stderr.contains("truncated, rewritten or dropped on the source"), "{}", run.stderr);
    verify(&pair, &[]).exits(0);
}

#[test]
fn what_either_sides_provider_leaves_out_is_left_out_of_both_and_said() {
    let pair = twins("it_verify_provider", "create table t (x int)");
    // Not recognised by a role, which the whole server would have.
    pair.source.sql("create schema heroku_ext; create schema _heroku; create table _heroku.own (x int)");
    pair.target
        .sql("create schema _heroku; create table _heroku.own (x int); insert into _heroku.own values (1)");
    both(&pair, "");
    let run = verify(&pair, &[]).exits(0);
    assert_eq!(warnings(&run), [["provider-left-out", "schema _heroku"]]);
    assert_eq!(named(&verify(&pair, &["--provider", "none"]).exits(3)), ["own"]);
}
