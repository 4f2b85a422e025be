//! `fdwcopy verify`: every change of a row is found, and located, whatever the row is told by.

use serde_json::Value;

use crate::command::{Fdwcopy, Run, list};
use crate::pair::Pair;

/// Rows 1 to 20 of every kind of value, told by each kind of key and by none; `good` keeps what they should be.
const TABLES: &str = "
    create schema good;
    create table good.row (
        n integer, big bigint, t text, u text, num numeric, f float8, j json, p point, x xml, i interval, b bytea,
        bits bit(8), at timestamptz, c char(4), e int[], m money, flag boolean, d date);
    insert into good.row
    select n, n, 't' || n, 'u' || n, n + 0.5, n - 1, json_build_object('a', n), point(n, 1), xmlelement(name e, n)::xml,
           '1 mon', decode(lpad(to_hex(n), 8, '0'), 'hex'), n::bit(8), timestamptz '2024-02-29 12:00+00' + n * interval '1 min',
           'c' || n, array[n, 2], n::numeric::money, n % 2 = 0, date '2024-01-01' + n
      from generate_series(1, 20) n;
    create table by_int (id integer primary key, like good.row);
    create table by_text (id text primary key, like good.row);
    create table by_uuid (id uuid primary key, like good.row);
    create table by_two (k1 integer, k2 text, like good.row, primary key (k2, k1));
    create table by_none (like good.row);
    create table parted (id integer primary key, like good.row) partition by range (id);
    create table parted_low partition of parted for values from (0) to (10);
    create table parted_high partition of parted for values from (10) to (1000);
    create table parent (id integer primary key, like good.row);
    create table child () inherits (parent);
    create table unchanged (like good.row);
    insert into unchanged select * from good.row;";

const FILLED: &str = "
    truncate by_int, by_text, by_uuid, by_two, by_none, parted, parent;
    insert into by_int select n, r.* from good.row r;
    insert into by_text select 'k' || n, r.* from good.row r;
    insert into by_uuid select lpad(n::text, 32, '0')::uuid, r.* from good.row r;
    insert into by_two select n, 'k' || n, r.* from good.row r;
    insert into by_none select * from good.row;
    insert into parted select n, r.* from good.row r;
    insert into parent select n, r.* from good.row r;
    insert into child select 100 + n, r.* from good.row r;";

/// Tables with the key of a row, spelt for its number.
const SHAPES: [(&str, &str); 7] = [
    ("by_int", "(id)=(#)"),
    ("by_text", "(id)=(k#)"),
    ("by_two", "(k2, k1)=(k#, #)"),
    ("by_uuid", "(id)=(00000000-0000-0000-0000-0000000000##)"),
    ("child", ""),
    ("parent", "(id)=(#)"),
    ("parted", "(id)=(#)"),
];

fn pair(name: &str) -> Pair {
    let pair = Pair::new(name);
    for side in [&pair.source, &pair.target] {
        side.sql(TABLES);
        side.sql(FILLED);
        side.sql(
            "grant usage on schema public to public; grant select on all tables in schema public to public",
        );
    }
    pair
}

fn verify(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["verify", "--json", "--no-schema", "-N", "good"]).args(args).run()
}

/// What differs: tables in order.
fn differing(run: &Run) -> Vec<String> {
    let mut names: Vec<String> =
        list(&run.json(), "differences", &["name"]).into_iter().map(|mut name| name.remove(0)).collect();
    names.sort();
    names
}

/// Kind, key and columns of the rows of a table that differ, in the order of their keys.
fn rows(report: &Value, table: &str) -> Vec<(String, String, String)> {
    let all = report["differences"].as_array().unwrap();
    let difference = all.iter().find(|difference| difference["name"] == table);
    let Some(rows) = difference.and_then(|difference| difference["rows"].as_array()) else {
        return Vec::new();
    };
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let columns =
        |row: &Value| row["columns"].as_array().unwrap().iter().map(text).collect::<Vec<_>>().join(",");
    let mut rows: Vec<_> =
        rows.iter().map(|row| (text(&row["kind"]), text(&row["key"]), columns(row))).collect();
    rows.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
    rows
}

fn key(spelt: &str, row: u32) -> String {
    spelt.replace("##", &format!("{row:02}")).replace('#', &row.to_string())
}

/// Makes the change in each table of the target that has rows of `good`, expects it to be found at both levels, by both
/// ways of hashing, in these columns of these rows, and takes it back.
#[track_caller]
fn is_found(pair: &Pair, change: &str, expected: &[(u32, &str)]) {
    let tables = SHAPES.iter().map(|(table, _)| *table).chain(["by_none"]);
    for table in tables.clone() {
        let only = if table == "parent" { "only parent" } else { table };
        pair.target.sql(&change.replace("TABLE", only));
    }
    let mut names: Vec<&str> = tables.collect();
    names.sort_unstable();
    for way in [&[][..], &["--strict"]] {
        assert_eq!(differing(&verify(pair, way).exits(3)), names, "{change} {way:?}");
        let run = verify(pair, &[way, &["--level", "rows"]].concat()).exits(3);
        let report = run.json();
        for (table, spelt) in SHAPES.iter().filter(|(table, _)| *table != "child") {
            let mut wanted: Vec<_> = expected
                .iter()
                .map(|(row, columns)| ("different".to_owned(), key(spelt, *row), (*columns).to_owned()))
                .collect();
            wanted.sort_by(|a, b| a.1.cmp(&b.1));
            assert_eq!(rows(&report, table), wanted, "{change} {way:?} {table}");
        }
        let without_key = rows(&report, "by_none");
        let sides = |kind: &str| without_key.iter().filter(|row| row.0 == kind).count();
        assert_eq!(
            (sides("source only"), sides("target only")),
            (expected.len(), expected.len()),
            "{change}"
        );
        assert_eq!(rows(&report, "child").len(), 2 * expected.len(), "{change}");
    }
    pair.target.sql(FILLED);
}

#[test]
fn one_changed_value_of_any_type_is_found_and_located() {
    let pair = pair("it_verify_values");
    verify(&pair, &[]).exits(0);
    for (column, value) in [
        ("b", r"set_bit(b, 9, 1 - get_bit(b, 9))"),
        ("big", "big + 4294967297"),
        ("num", "-num"),
        ("num", "num + 0.00"),
        ("i", "'30 days'"),
        ("j", "'{\"a\":  3}'"),
        ("p", "point(3, 2)"),
        ("x", "'<e>3</e><f/>'"),
        ("bits", "~bits"),
        ("at", "at + '1 us'"),
        ("c", "'C3'"),
        ("e", "array[[3, 2]]"),
        ("m", "m + '0.01'::money"),
        ("flag", "null"),
        ("t", "t || ' '"),
    ] {
        is_found(&pair, &format!("update TABLE set {column} = {value} where n = 3"), &[(3, column)]);
    }
    is_found(&pair, "update TABLE set f = '-0' where n = 1", &[(1, "f")]);
    verify(&pair, &["--level", "rows"]).exits(0);
}

#[test]
fn values_swapped_between_rows_are_found() {
    let pair = pair("it_verify_swapped");
    is_found(
        &pair,
        "update TABLE a set t = (select g.t from good.row g where g.n = 23 - a.n) where n in (11, 12)",
        &[(11, "t"), (12, "t")],
    );
    is_found(
        &pair,
        "update TABLE a set (num, u) = (select g.num, g.u from good.row g where g.n = 7 - a.n) where n in (3, 4)",
        &[(3, "num,u"), (4, "num,u")],
    );
    is_found(&pair, "update TABLE set t = u, u = t where n = 5", &[(5, "t,u")]);
}

#[test]
fn null_is_not_an_empty_text() {
    let pair = pair("it_verify_null");
    for side in [&pair.source, &pair.target] {
        side.sql("update good.row set t = '' where n = 6");
        side.sql(FILLED);
    }
    is_found(&pair, "update TABLE set t = null where n = 6", &[(6, "t")]);
}

#[test]
fn missing_and_further_rows_are_found_by_their_keys() {
    let pair = pair("it_verify_missing");
    for (table, _) in SHAPES {
        pair.target.sql(&format!("delete from {table} where n = 9"));
    }
    pair.target.sql("delete from by_none where n = 9");
    let kept = "insert into by_int select 77, r.* from good.row r where n = 4;
                insert into parted select 77, r.* from good.row r where n = 4;
                insert into by_none select * from good.row where n = 4";
    pair.target.sql(kept);
    let run = verify(&pair, &["--level", "rows"]).exits(3);
    let report = run.json();
    let told = |kind: &str, key: &str| (kind.to_owned(), key.to_owned(), String::new());
    for table in ["by_int", "parted"] {
        let wanted = [told("target only", "(id)=(77)"), told("source only", "(id)=(9)")];
        assert_eq!(rows(&report, table), wanted, "{table}");
    }
    assert_eq!(rows(&report, "by_text"), [told("source only", "(id)=(k9)")]);
    let doubled = rows(&report, "by_none");
    assert_eq!(doubled.len(), 2);
    assert!(doubled.iter().any(|row| row.0 == "different" && row.1.contains("t4")), "{doubled:?}");
    assert!(
        list(&report, "warnings", &["code", "object"])
            .contains(&vec!["no-key".into(), "public.by_none".into()])
    );
}

#[test]
fn a_row_that_is_there_twice_is_found_although_the_source_has_a_key() {
    let pair = pair("it_verify_twice");
    pair.target.sql("alter table by_int drop constraint by_int_pkey; insert into by_int select * from by_int where id = 3");
    pair.target
        .sql("alter table by_text drop constraint by_text_pkey; alter table by_text alter id drop not null");
    pair.target.sql("update by_text set id = null where id = 'k4'");
    let run = verify(&pair, &["--level", "rows"]).exits(3);
    let report = run.json();
    assert_eq!(rows(&report, "by_int"), [("different".into(), "(id)=(3)".into(), String::new())]);
    assert_eq!(report["differences"][0]["rows"][0]["times"].to_string(), "[1,2]");
    let kinds: Vec<String> = rows(&report, "by_text").into_iter().map(|row| row.0).collect();
    assert_eq!(kinds.len(), 2, "{kinds:?}");
}

#[test]
fn no_more_rows_are_named_than_the_limit_says_and_the_rest_is_counted() {
    let pair = Pair::new("it_verify_limit");
    let filled = "create table t (id integer primary key, x text); insert into t select i, 'x' from generate_series(1, 5000) i;
                  grant select on t to public; create schema good";
    pair.source.sql(filled);
    pair.target.sql(filled);
    pair.target.sql("update t set x = 'y' where id % 10 = 0");
    let run = verify(&pair, &["--level", "rows", "--limit", "3"]).exits(3);
    let difference = &run.json()["differences"][0];
    assert_eq!(difference["rows"].as_array().unwrap().len(), 3);
    assert!(difference["more_rows"].as_u64().unwrap() > 3, "{difference}");
    let run = verify(&pair, &["--level", "rows", "--limit", "1000"]).exits(3);
    let difference = &run.json()["differences"][0];
    assert_eq!(difference["rows"].as_array().unwrap().len(), 500);
    assert!(difference["more_rows"].is_null());
}
