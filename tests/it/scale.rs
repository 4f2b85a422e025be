//! Many tables: within the servers' default locks, and within the client's promised memory.

use std::fmt::Write;

use crate::command::clone;
use crate::equality::{assert_equal, assert_nothing_left};
use crate::pair::Pair;

#[test]
fn two_thousand_tables_clone_within_64_mib() {
    let pair = Pair::new("it_scale");
    pair.source.sql(
        "do $$ begin
             for i in 1..2000 loop
                 execute format('create table t_%s (id serial primary key, x text, y integer)', i);
                 execute format('insert into t_%s (x, y) select ''row '' || j, j from generate_series(1, 5) j', i);
                 if i % 200 = 0 then commit; end if;
             end loop;
         end $$",
    );
    let run = clone(&pair, &["--json"]).exits(0);
    let report = run.json();
    assert_eq!(report["tables"].as_array().map(Vec::len), Some(2000));
    assert_eq!(report["sequences"].as_array().map(Vec::len), Some(2000));
    assert!(run.peak_kib > 0 && run.peak_kib < 64 * 1024, "peak memory {} KiB", run.peak_kib);
    assert!(run.time.as_secs() < 120, "took {:?}", run.time);
    assert_equal(&pair);
}

#[test]
fn a_table_with_many_partitions_and_many_columns_clones() {
    let pair = Pair::new("it_wide_and_deep");
    let mut script = "create table p (k integer, v text) partition by list (k);".to_owned();
    for i in 0..200 {
        write!(script, "create table p_{i} partition of p for values in ({i});").unwrap();
    }
    let columns: Vec<String> = (1..=500).map(|i| format!("column_{i} integer default {i}")).collect();
    write!(script, "create table wide ({});", columns.join(", ")).unwrap();
    script.push_str(
        "insert into p select i % 200, i from generate_series(1, 2000) i; insert into wide default values;",
    );
    pair.source.sql(&script);
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
    assert_nothing_left(&pair);
}

#[test]
fn a_large_table_does_not_pass_through_the_client() {
    let pair = Pair::filled(
        "it_client_memory",
        "create table big as select i, repeat(md5(i::text), 30) as filler from generate_series(1, 120000) i",
    );
    let run = clone(&pair, &["-j", "2"]).exits(0);
    assert!(run.peak_kib > 0 && run.peak_kib < 64 * 1024, "peak memory {} KiB", run.peak_kib);
    assert_eq!(pair.target.count("big"), 120_000);
}
