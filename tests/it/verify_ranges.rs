//! `fdwcopy verify --level rows`: whatever way keys are distributed, exactly the rows that differ are named.

use crate::command::Fdwcopy;
use crate::pair::Pair;

fn twins(name: &str, script: &str) -> Pair {
    let pair = Pair::new(name);
    for side in [&pair.source, &pair.target] {
        side.sql(script);
        side.sql("analyze t; grant select on t to public");
    }
    pair
}

/// Kind and key of each row that was found, in order.
#[track_caller]
fn found(pair: &Pair, args: &[&str]) -> Vec<String> {
    let run = Fdwcopy::between(pair)
        .args(&["verify", "--json", "--no-schema", "--level", "rows"])
        .args(args)
        .run()
        .exits(3);
    let report = run.json();
    let differences = report["differences"].as_array().unwrap();
    let rows = differences.iter().filter_map(|difference| difference["rows"].as_array()).flatten();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let mut found: Vec<String> = rows
        .map(|row| format!("{} {}", text(&row["kind"]), text(&row["key"]).replace("(id)=", "")))
        .collect();
    found.sort();
    found
}

#[test]
fn keys_that_nearly_all_lie_in_one_range_are_told_apart() {
    let pair = twins(
        "it_verify_skewed",
        "create table t (id bigint primary key, x int);
         insert into t select i, 0 from generate_series(-3000, 9000) i;
         insert into t values (9223372036854775807, 0), (-9223372036854775808, 0), (4611686018427387904, 0)",
    );
    pair.target.sql(
        "update t set x = 1 where id in (-3000, -1, 0, 8999, 9223372036854775807, -9223372036854775808);
         delete from t where id = 4611686018427387904; insert into t values (-4611686018427387904, 0)",
    );
    let expected = [
        "different (-1)",
        "different (-3000)",
        "different (-9223372036854775808)",
        "different (0)",
        "different (8999)",
        "different (9223372036854775807)",
        "source only (4611686018427387904)",
        "target only (-4611686018427387904)",
    ];
    assert_eq!(found(&pair, &[]), expected);
    assert_eq!(found(&pair, &["--limit", "3"]).len(), 3);
    assert_eq!(
        found(&pair, &["--where", "t=id < -10"]),
        ["different (-3000)", "different (-9223372036854775808)", "target only (-4611686018427387904)",]
    );
}

#[test]
fn keys_of_one_side_far_from_the_others_are_all_named() {
    let pair = twins(
        "it_verify_far",
        "create table t (id integer primary key, x int); insert into t select i, 0 from generate_series(1, 6000) i",
    );
    pair.target.sql("update t set id = 2000000000 + id where id > 5900");
    let rows = found(&pair, &["--limit", "1000"]);
    let of = |kind: &str| rows.iter().filter(|row| row.starts_with(kind)).count();
    assert_eq!((of("source only"), of("target only"), rows.len()), (100, 100, 200));
    pair.target.sql("truncate t");
    assert_eq!(found(&pair, &["--limit", "10000"]).len(), 6000);
}

#[test]
fn a_row_that_went_to_another_key_shows_under_both() {
    let pair = twins(
        "it_verify_moved",
        "create table t (id integer primary key, x int); insert into t select 2 * i, i from generate_series(1, 5000) i",
    );
    pair.target.sql(
        "update t set id = case id when 10 then 9001 when 9000 then 11 else 1 end where id in (10, 9000, 42)",
    );
    let expected = [
        "source only (10)",
        "source only (42)",
        "source only (9000)",
        "target only (1)",
        "target only (11)",
        "target only (9001)",
    ];
    assert_eq!(found(&pair, &[]), expected);
}

#[test]
fn keys_of_two_widths_go_through_the_same_ranges() {
    let pair = twins(
        "it_verify_widths",
        "create table t (id integer primary key, x int); insert into t select i, 0 from generate_series(-4000, 4000) i",
    );
    pair.target.sql("alter table t alter id type bigint; insert into t values (5000000000, 0); update t set x = 1 where id = -7");
    assert_eq!(found(&pair, &[]), ["different (-7)", "target only (5000000000)"]);
}

#[test]
fn a_side_without_the_key_may_hold_null_and_doubles() {
    let pair = twins(
        "it_verify_keyless_side",
        "create table t (id integer primary key, x int); insert into t select i, 0 from generate_series(1, 5000) i",
    );
    pair.target.sql(
        "alter table t drop constraint t_pkey; alter table t alter id drop not null;
         update t set id = null where id = 7; insert into t values (9, 0)",
    );
    assert_eq!(found(&pair, &[]), ["different (9)", "source only (7)", "target only (NULL)"]);
}

#[test]
fn rows_that_are_all_alike_are_counted() {
    let pair = twins(
        "it_verify_alike",
        "create table t (x int, y text); insert into t select 1, 'same' from generate_series(1, 50000)",
    );
    pair.target.sql("delete from t where ctid = (select min(ctid) from t)");
    let run =
        Fdwcopy::between(&pair).args(&["verify", "--json", "--no-schema", "--level", "rows"]).run().exits(3);
    let row = &run.json()["differences"][0]["rows"][0];
    assert_eq!(row["times"], serde_json::json!([50000, 49999]), "{row}");
}
