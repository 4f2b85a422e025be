//! `fdwcopy verify`: every change of a row is found, and located, whatever the row is told by.

use serde_json::Value;

use crate::command::{Fdwcopy, Run, list};
use crate::pair::{Database, Pair};

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

/// A table, how the key of row `#` is written into it, and how it is told, if it is a key.
type Shape = (&'static str, &'static str, Option<&'static str>);

const SHAPES: [Shape; 8] = [
    ("by_int", "#,", Some("(id)=(#)")),
    ("by_none", "", None),
    ("by_text", "'k' || #,", Some("(id)=(k#)")),
    ("by_two", "#, 'k' || #,", Some("(k2, k1)=(k#, #)")),
    ("by_uuid", "lpad((#)::text, 32, '0')::uuid,", Some("(id)=(00000000-0000-0000-0000-0000000000##)")),
    ("child", "100 + #,", None),
    ("parent", "#,", Some("(id)=(#)")),
    ("parted", "#,", Some("(id)=(#)")),
];

/// The statement with each of the tables in the place of TABLE; a parent is meant without its child.
fn in_each(statement: &str) -> String {
    let in_one = |(table, ..): &Shape| {
        let only = if *table == "parent" { "only parent" } else { table };
        statement.replace("TABLE", only)
    };
    SHAPES.iter().map(in_one).collect::<Vec<_>>().join(";\n")
}

/// Puts row `row` of `good` into each table, as its row `number`.
fn put(row: &str, number: &str) -> String {
    let put = |(table, key, _): &Shape| {
        format!("insert into {table} select {} r.* from good.row r where n = {row}", key.replace('#', number))
    };
    SHAPES.iter().map(put).collect::<Vec<_>>().join(";\n")
}

fn fill(side: &Database) {
    side.sql("truncate by_int, by_text, by_uuid, by_two, by_none, parted, parent");
    side.sql(&put("n", "n"));
}

fn pair(name: &str) -> Pair {
    let pair = Pair::new(name);
    for side in [&pair.source, &pair.target] {
        side.sql(TABLES);
        fill(side);
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

/// Whether both levels, by both ways of hashing, find these rows of each table: their kinds, numbers and columns; and of
/// each table without a key so many rows of the source alone, of the target alone, and of both.
#[track_caller]
fn are_found(pair: &Pair, about: &str, expected: &[(&str, u32, &str)], without_key: [usize; 3]) {
    let names: Vec<&str> = SHAPES.iter().map(|shape| shape.0).collect();
    for way in [&[][..], &["--strict"]] {
        assert_eq!(differing(&verify(pair, way).exits(3)), names, "{about} {way:?}");
        let run = verify(pair, &[way, &["--level", "rows"]].concat()).exits(3);
        let report = run.json();
        assert_eq!(differing(&run), names, "{about} {way:?}");
        for (table, _, key) in &SHAPES {
            let found = rows(&report, table);
            let Some(spelt) = key else {
                let of = |kind: &str| found.iter().filter(|row| row.0 == kind).count();
                let kinds = ["source only", "target only", "different"].map(of);
                assert_eq!(kinds, without_key, "{about} {way:?} {table} {found:?}");
                continue;
            };
            let spelt = |row: u32| spelt.replace("##", &format!("{row:02}")).replace('#', &row.to_string());
            let told = |(kind, row, columns): &(&str, u32, &str)| {
                ((*kind).to_owned(), spelt(*row), (*columns).to_owned())
            };
            let mut wanted: Vec<_> = expected.iter().map(told).collect();
            wanted.sort_by(|a, b| (&a.1, &a.0).cmp(&(&b.1, &b.0)));
            assert_eq!(found, wanted, "{about} {way:?} {table}");
        }
    }
}

/// Makes the change in each table of the target, then of the source, expects it to be found in these columns of these
/// rows, and takes it back.
#[track_caller]
fn is_found(pair: &Pair, change: &str, expected: &[(u32, &str)]) {
    let rows: Vec<_> = expected.iter().map(|(row, columns)| ("different", *row, *columns)).collect();
    for side in [&pair.target, &pair.source] {
        side.sql(&in_each(change));
        are_found(pair, &format!("{change} in {}", side.name), &rows, [rows.len(), rows.len(), 0]);
        fill(side);
    }
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
        fill(side);
    }
    is_found(&pair, "update TABLE set t = null where n = 6", &[(6, "t")]);
}

/// The sides with what a row is that only this one has.
fn sides(pair: &Pair) -> [(&Database, &'static str, bool); 2] {
    [(&pair.target, "target only", false), (&pair.source, "source only", true)]
}

#[test]
fn a_missing_row_is_found_by_its_key() {
    let pair = pair("it_verify_missing");
    for (side, _, is_source) in sides(&pair) {
        side.sql(&in_each("delete from TABLE where n = 9"));
        let (kind, without_key) =
            if is_source { ("target only", [0, 1, 0]) } else { ("source only", [1, 0, 0]) };
        are_found(&pair, &format!("missing in {}", side.name), &[(kind, 9, "")], without_key);
        fill(side);
    }
    let equal = verify(&pair, &["--level", "rows"]).exits(0);
    let said = list(&equal.json(), "warnings", &["code", "object"]);
    assert!(said.contains(&vec!["no-key".into(), "public.by_none".into()]), "{said:?}");
}

#[test]
fn a_doubled_row_is_found_even_if_another_is_missing() {
    let pair = pair("it_verify_doubled");
    for (side, own, is_source) in sides(&pair) {
        // Where there is no key, it is the same row twice.
        side.sql(&format!("{}; update child set id = 104 where id = 177", put("4", "77")));
        are_found(&pair, &format!("doubled in {}", side.name), &[(own, 77, "")], [0, 0, 1]);
        side.sql(&in_each("delete from TABLE where n = 9"));
        let (other, without_key) =
            if is_source { ("target only", [0, 1, 1]) } else { ("source only", [1, 0, 1]) };
        let rows = [(own, 77, ""), (other, 9, "")];
        are_found(&pair, &format!("doubled and missing in {}", side.name), &rows, without_key);
        fill(side);
    }
    verify(&pair, &[]).exits(0);
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

#[test]
fn a_row_whose_columns_cannot_be_looked_up_is_told_all_the_same() {
    let pair = Pair::new("it_verify_refused");
    // Refuses the one query that asks for columns.
    let gate = "create function gate() returns boolean volatile language plpgsql as $$ begin
        if current_query() ~ 'AS hashes' and current_database() ~ 'SIDE' then raise 'no columns today'; end if; return true; end $$";
    let tables = "create table a (id int primary key, x int); insert into a values (1, 1), (2, 2);
                  create table b (id int primary key, x int); insert into b values (1, 1);
                  grant select on a, b to public; create schema good";
    for side in [&pair.source, &pair.target] {
        side.sql(tables);
    }
    pair.target.sql("update a set x = 9 where id = 2; update b set x = 9; insert into a values (3, 3)");
    for refusing in [&pair.source, &pair.target] {
        for side in [&pair.source, &pair.target] {
            side.sql("drop function if exists gate()");
            side.sql(&gate.replace(
                "SIDE",
                if side.name == refusing.name && side.server == refusing.server { "." } else { "^$" },
            ));
        }
        let run = verify(&pair, &["--level", "rows", "--where", "a=public.gate()"]).exits(3);
        let report = run.json();
        let told =
            |kind: &str, key: &str, columns: &str| (kind.to_owned(), key.to_owned(), columns.to_owned());
        let wanted = [told("different", "(id)=(2)", ""), told("target only", "(id)=(3)", "")];
        assert_eq!(rows(&report, "a"), wanted);
        assert_eq!(rows(&report, "b"), [told("different", "(id)=(1)", "x")]);
        let warnings = list(&report, "warnings", &["code", "object", "message"]);
        let [code, object, message] = &warnings[0][..] else { panic!("{warnings:?}") };
        assert_eq!((code.as_str(), object.as_str(), warnings.len()), ("columns-unknown", "public.a", 1));
        assert!(message.contains("no columns today"), "{message}");
    }
    for side in [&pair.source, &pair.target] {
        side.sql("drop function gate()");
        side.sql(&gate.replace("SIDE", "^$"));
    }
    let run = verify(&pair, &["--level", "rows", "--where", "a=public.gate()"]).exits(3);
    assert_eq!(rows(&run.json(), "a")[0].2, "x");
}
