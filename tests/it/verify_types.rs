//! `fdwcopy verify`: types whose own idea of equality is not what a copy has to keep.

use serde_json::Value;

use crate::command::{Fdwcopy, Run, list};
use crate::pair::Pair;

fn verify(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["verify", "--json", "--no-schema"]).args(args).run()
}

fn twins(name: &str, script: &str) -> Pair {
    let pair = Pair::new(name);
    for side in [&pair.source, &pair.target] {
        side.sql(script);
        side.sql("grant select on all tables in schema public to public");
    }
    pair
}

/// The columns of the first differing row.
fn columns(run: &Run) -> Vec<Value> {
    run.json()["differences"][0]["rows"][0]["columns"].as_array().unwrap().clone()
}

/// Expects the change to be found by both ways of hashing, in this column.
#[track_caller]
fn is_found(pair: &Pair, column: &str, value: &str) {
    let before = pair.target.value(&format!("select {column}::text from t"));
    pair.target.sql(&format!("update t set {column} = {value}"));
    for way in [&[][..], &["--strict"]] {
        verify(pair, way).exits(3);
        let run = verify(pair, &[way, &["--level", "rows"]].concat()).exits(3);
        assert_eq!(columns(&run), [column], "{value} {way:?}");
    }
    let back = format!("update t set {column} = $q${before}$q$");
    pair.target.sql(&back);
    verify(pair, &[]).exits(0);
}

#[test]
fn what_equality_does_not_tell_is_told() {
    let pair = twins(
        "it_verify_equality",
        "create extension citext;
         create type mood as enum ('sad', 'ok'); create domain whole as bigint; create type two as (a int, b text);
         create table t (id int primary key, ci citext, m mood, w whole, c two, r int4range, js jsonb, ch \"char\", ar text[],
                         i inet, ma mood[]);
         insert into t values (1, 'A', 'sad', 0, row(1, null), '[1,5)', '{\"a\": 1.0}', 'x', '{a,null}', '10.0.0.1', '{ok}')",
    );
    // Oids of the enum's labels differ; its values do not.
    pair.target.sql("alter type mood add value 'new' before 'ok'");
    verify(&pair, &["--level", "rows"]).exits(0);
    for (column, value) in [
        ("ci", "'a'"),
        ("m", "'ok'"),
        ("w", "4294967297"),
        ("c", "row(1, '')"),
        ("c", "null"),
        ("r", "'[1,6)'"),
        ("js", "'{\"a\": 1.00}'"),
        ("ch", "'y'"),
        ("ar", "'{a,\"null\"}'"),
        ("ar", "'[0:1]={a,null}'"),
        ("i", "'10.0.0.1/24'"),
        ("ma", "'{sad}'"),
    ] {
        is_found(&pair, column, value);
    }
}

#[test]
fn texts_that_a_collation_calls_equal_are_told_apart() {
    let pair = twins(
        "it_verify_collation",
        "create collation lazy (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
         create table t (id int primary key, x text collate lazy, v varchar(9) collate lazy, b char(5));
         insert into t values (1, 'a', 'a', 'a')",
    );
    verify(&pair, &["--level", "rows"]).exits(0);
    is_found(&pair, "x", "'A'");
    is_found(&pair, "v", "'A'");
    is_found(&pair, "b", "'A'");
}

#[test]
fn keys_of_every_kind_tell_rows() {
    let pair = twins(
        "it_verify_keys",
        "create table k_text (id text primary key, x int); insert into k_text values ('it''s, (a)', 1), (E'back\\\\slash', 2), ('', 3);
         create table k_time (id timestamptz primary key, x int); insert into k_time values ('2024-01-01 00:00:00.000001+00', 1), ('infinity', 2);
         create table k_uniq (id int primary key, code text not null unique, x int); insert into k_uniq values (1, 'c1', 1);
         create table k_later (id int primary key deferrable, x int); insert into k_later values (1, 1);
         create table k_some (id int, x int); create unique index on k_some (id) where id > 0; insert into k_some values (1, 1)",
    );
    let tables = ["k_later", "k_some", "k_text", "k_time", "k_uniq"];
    for table in tables {
        pair.target.sql(&format!("update {table} set x = x + 1"));
    }
    let run = verify(&pair, &["--level", "rows"]).exits(3);
    let keys = |table: &str| -> Vec<String> {
        let report = run.json();
        let all = report["differences"].as_array().unwrap().clone();
        let difference = all.iter().find(|difference| difference["name"] == table).unwrap();
        let rows = difference["rows"].as_array().unwrap();
        let mut keys: Vec<String> = rows.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect();
        keys.sort();
        keys
    };
    assert_eq!(keys("k_text"), ["(id)=()", "(id)=(back\\slash)", "(id)=(it's, (a))"]);
    assert_eq!(keys("k_time"), ["(id)=(2024-01-01 00:00:00.000001+00)", "(id)=(infinity)"]);
    assert_eq!(keys("k_uniq"), ["(id)=(1)"]);
    let without: Vec<_> = list(&run.json(), "warnings", &["code", "object"]);
    assert_eq!(without, [["no-key", "public.k_later"], ["no-key", "public.k_some"]]);
}

#[test]
fn a_type_that_nobody_knows_is_warned_of() {
    let pair = twins(
        "it_verify_unknown",
        "create extension if not exists intarray; create table t (id int primary key, q query_int)",
    );
    for side in [&pair.source, &pair.target] {
        side.sql("insert into t values (1, '1&2')");
    }
    let run = verify(&pair, &[]).exits(0);
    assert_eq!(list(&run.json(), "warnings", &["code", "object"]), [["text-of-type", "public.t.q"]]);
    pair.target.sql("update t set q = '1|2'");
    assert_eq!(columns(&verify(&pair, &["--level", "rows"]).exits(3)), ["q"]);
}

#[test]
fn large_values_are_compared_too() {
    let pair = twins(
        "it_verify_large",
        "create table t (id int primary key, x text, b bytea, j jsonb);
         alter table t alter x set storage external, alter b set storage external;
         insert into t select i, repeat('x', 2000000) || i, decode(repeat('ab', 2000000), 'hex'), '[1]' from generate_series(1, 4) i",
    );
    for way in [&[][..], &["--strict"]] {
        verify(&pair, way).exits(0);
    }
    for change in ["x = x || ' '", "b = set_byte(b, 1999999, 1)", "j = '[2]'"] {
        pair.target.sql(&format!("update t set {change} where id = 2"));
        let run = verify(&pair, &["--level", "rows"]).exits(3);
        assert_eq!(columns(&run), [&change[..1]], "{change}");
        pair.target.sql("update t a set x = repeat('x', 2000000) || a.id, b = decode(repeat('ab', 2000000), 'hex'), j = '[1]' where id = 2");
    }
}

#[test]
fn keys_of_extension_types_and_of_two_types_tell_the_right_rows() {
    let pair = Pair::new("it_verify_odd_keys");
    let tables = "create extension ltree; create table k_tree (id ltree primary key, x int); insert into k_tree values ('a.b', 1), ('a.c', 2)";
    let times = "insert into k_time values ('2024-01-01 12:00+00', 1), ('2024-01-02 12:00+00', 2)";
    let codes = "insert into k_code values ('a', 1), ('b', 2)";
    for (side, time, code) in [(&pair.source, "timestamptz", "char(5)"), (&pair.target, "timestamp", "text")]
    {
        side.set(&[("timezone", "UTC")]);
        side.sql(&format!("{tables}; create table k_time (id {time} primary key, x int); create table k_code (id {code} primary key, x int)"));
        side.sql(&format!("{times}; {codes}"));
        side.sql("grant select on all tables in schema public to public");
    }
    pair.target.sql("update k_tree set x = 9 where x = 2; update k_time set x = 9 where x = 2; update k_code set x = 9 where x = 2");
    let report = verify(&pair, &["--level", "rows"]).exits(3).json();
    let all = report["differences"].as_array().unwrap();
    for (table, key) in [("k_tree", "a.c"), ("k_time", "2024-01-02 12:00:00"), ("k_code", "b")] {
        let of_table = |d: &&Value| d["name"] == table && d["rows"].as_array().is_some_and(|r| !r.is_empty());
        let rows = all.iter().find(of_table).unwrap()["rows"].as_array().unwrap();
        let told: Vec<_> =
            rows.iter().map(|row| (row["key"].as_str().unwrap(), row["columns"][0].as_str())).collect();
        assert_eq!(told, [(format!("(id)=({key})").as_str(), Some("x"))], "{table}");
    }
}

#[test]
fn a_key_that_is_null_on_the_other_side_is_a_row_of_its_own() {
    let pair = twins(
        "it_verify_null_key",
        "create table t (id int primary key, x text); insert into t values (1, 'a'), (2, 'b');
         create table u (id text primary key, x text); insert into u values ('', 'a')",
    );
    pair.target.sql("alter table t drop constraint t_pkey; alter table t alter id drop not null; update t set id = null where id = 1");
    pair.target.sql(
        "alter table u drop constraint u_pkey; alter table u alter id drop not null; update u set id = null",
    );
    let report = verify(&pair, &["--level", "rows"]).exits(3).json();
    for (index, key) in [(0, "(id)=(1)"), (1, "(id)=()")] {
        let rows = report["differences"][index]["rows"].as_array().unwrap();
        let mut told: Vec<_> =
            rows.iter().map(|row| (row["kind"].as_str().unwrap(), row["key"].as_str().unwrap())).collect();
        told.sort_unstable();
        assert_eq!(told, [("source only", key), ("target only", "(id)=(NULL)")]);
    }
}

#[test]
fn what_differs_in_type_is_a_difference_however_far_its_values_reach() {
    let pair = Pair::new("it_verify_far");
    pair.source.sql("create table t (d date); insert into t values ('300000-01-01')");
    pair.target.sql("create table t (d timestamp); insert into t values ('2024-01-01')");
    for side in [&pair.source, &pair.target] {
        side.sql("grant select on t to public");
    }
    verify(&pair, &[]).exits(3);
}

#[test]
fn settings_that_change_what_sql_means_change_nothing() {
    let pair = twins(
        "it_verify_spelling",
        "create table t (id text primary key, x int); insert into t values (E'a\\\\b', 1), ('c', null)",
    );
    pair.source.set(&[("standard_conforming_strings", "off"), ("transform_null_equals", "on")]);
    pair.target.sql("update t set x = 2 where x = 1");
    let run = verify(&pair, &["--level", "rows", "--where", "t=id <> 'x\\y'"]).exits(3);
    assert_eq!(columns(&run), ["x"]);
    // Nothing equals NULL, on either side.
    verify(&pair, &["--where", "t=x = null"]).exits(0);
}
