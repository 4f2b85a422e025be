//! Which objects a run takes: patterns as `pg_dump` reads them, quoted ones, regular expressions.

use crate::command::{clone, list};
use crate::equality::{assert_nothing_left, rows, sequences};
use crate::pair::Pair;

/// The tables of the target with their numbers of rows, in the order of their names.
fn taken(pair: &Pair) -> String {
    let tables = rows(&pair.target).into_iter();
    let short = |line: String| line.split(" rows").next().unwrap().replace(": ", "=");
    tables.map(short).collect::<Vec<_>>().join(" ")
}

fn shop(name: &str) -> Pair {
    let pair = Pair::new(name);
    pair.source.load("shop.sql");
    pair
}

#[test]
fn a_whole_shop_is_taken_without_any_selection() {
    let pair = shop("it_select_all");
    clone(&pair, &["--verify", "checksum"]).exits(0);
    crate::equality::assert_equal(&pair);
}

#[test]
fn chosen_schemas_come_whole_and_alone() {
    let pair = shop("it_select_schemas");
    clone(&pair, &["-n", "sales", "--schema", "public"]).exits(0);
    assert_eq!(
        taken(&pair),
        "public.customers=50 public.log_1=11 public.log_2=12 public.log_x=13 sales.order_lines=600 sales.orders=200"
    );
    assert!(pair.target.exists("sales.open_orders"));
    assert_eq!(pair.target.value("select last_value from public.counter"), "6");
    assert_eq!(pair.target.value("select count(*) from pg_namespace where nspname = 'stock'"), "0");
    assert_nothing_left(&pair);
}

#[test]
fn a_schema_can_be_left_out() {
    let pair = shop("it_select_not_stock");
    clone(&pair, &["-N", "stock"]).exits(0);
    assert!(taken(&pair).ends_with("sales.order_lines=600 sales.orders=200"), "{}", taken(&pair));
    assert!(!taken(&pair).contains("stock"));
}

#[test]
fn patterns_know_stars_question_marks_and_alternatives() {
    let pair = shop("it_select_patterns");
    clone(&pair, &["-n", "s*", "-n", "pub?ic", "-N", "(stock|nothing)"]).exits(0);
    assert!(!taken(&pair).contains("stock"));
    assert!(taken(&pair).contains("sales.orders=200"));
    assert!(taken(&pair).contains("public.customers=50"));
}

#[test]
fn tables_are_taken_by_pattern_and_left_out_by_pattern() {
    let pair = shop("it_select_tables");
    clone(&pair, &["-t", "public.log_*", "-T", "log_x"]).exits(0);
    assert_eq!(taken(&pair), "public.log_1=11 public.log_2=12");
    assert_eq!(sequences(&pair.target).len(), 0);
    assert_nothing_left(&pair);
}

#[test]
fn names_without_quotes_are_folded_as_in_sql() {
    let pair = shop("it_select_folded");
    clone(&pair, &["-t", "PUBLIC.LOG_1"]).exits(0);
    assert_eq!(taken(&pair), "public.log_1=11");
}

#[test]
fn a_quoted_name_is_taken_as_it_stands() {
    let pair = Pair::filled(
        "it_select_quoted",
        r#"create table "Mixed Case" (x integer); create table "mixed case" (x integer); create table "a.b*" (x integer);
           create table "a.bc" (x integer); insert into "Mixed Case" values (1); insert into "a.b*" values (2)"#,
    );
    clone(&pair, &["-t", r#"public."Mixed Case""#, "-t", r#""a.b*""#]).exits(0);
    assert_eq!(taken(&pair), r#"public."Mixed Case"=1 public."a.b*"=1"#);
}

#[test]
fn a_regular_expression_matches_schema_and_table() {
    let pair = shop("it_select_regex");
    clone(&pair, &["-t", r"/^public\.log_\d+$/"]).exits(0);
    assert_eq!(taken(&pair), "public.log_1=11 public.log_2=12");
}

#[test]
fn a_regular_expression_leaves_tables_out() {
    let pair = shop("it_select_not_regex");
    clone(&pair, &["-n", "public", "-T", r"/^public\.log_[12]$/"]).exits(0);
    assert_eq!(taken(&pair), "public.customers=50 public.log_x=13");
}

#[test]
fn a_table_whose_data_is_excluded_arrives_empty() {
    let pair = shop("it_select_no_data");
    let run = clone(
        &pair,
        &["--exclude-table-data", "public.log_*", "--exclude-table-data", "stock.\"Mixed Case\"", "--json"],
    );
    let run = run.exits(0);
    assert!(taken(&pair).starts_with("public.customers=50 public.log_1=0 public.log_2=0 public.log_x=0"));
    assert!(taken(&pair).contains(r#"stock."Mixed Case"=0"#));
    crate::equality::assert_same_schema(&pair);
    assert!(!list(&run.json(), "tables", &["name"]).contains(&vec!["log_1".to_owned()]));
}

#[test]
fn a_foreign_key_to_a_table_that_was_not_chosen_is_named() {
    let pair = shop("it_select_dangling");
    let run = clone(&pair, &["-n", "sales", "--json"]).exits(3);
    let not_copied = list(&run.json(), "not_copied", &["object", "reason"]);
    assert_eq!(not_copied.len(), 1, "{not_copied:?}");
    assert!(not_copied[0][0].contains("orders_customer_fkey"), "{not_copied:?}");
    assert_eq!(taken(&pair), "sales.order_lines=600 sales.orders=200");
    assert_nothing_left(&pair);
}

#[test]
fn a_chosen_table_needs_its_schema_on_the_target_and_says_so() {
    let pair = shop("it_select_with_schema");
    let refused = clone(&pair, &["-t", "stock.items"]).exits(4);
    refused.says(&["schema stock", "CREATE SCHEMA"]);
    pair.target.login_session().sql("create schema stock");
    clone(&pair, &["-t", "stock.items", "-t", "stock.\"Mixed Case\""]).exits(0);
    assert_eq!(taken(&pair), r#"stock."Mixed Case"=2 stock.items=20"#);
}

#[test]
fn a_partition_can_be_left_out_of_the_rows() {
    let pair = Pair::filled(
        "it_select_partition",
        "create table p (k integer) partition by list (k); create table p1 partition of p for values in (1);
         create table p2 partition of p for values in (2); insert into p values (1), (1), (2)",
    );
    clone(&pair, &["--exclude-table-data", "p2"]).exits(0);
    assert_eq!(taken(&pair), "public.p1=2 public.p2=0");
}

#[test]
fn a_chosen_table_brings_the_sequence_it_owns() {
    let pair = Pair::filled(
        "it_select_owned",
        "create table t (id serial, x text); insert into t (x) values ('a'), ('b')",
    );
    clone(&pair, &["-t", "t"]).exits(0);
    assert_eq!(sequences(&pair.target), ["public.t_id_seq: 2 t"]);
}

#[test]
fn a_partitioned_table_chosen_without_its_partitions_is_warned_of() {
    let pair = Pair::filled(
        "it_select_root",
        "create table p (k integer) partition by list (k); create table p1 partition of p for values in (1);
         insert into p values (1), (1)",
    );
    let run = clone(&pair, &["-t", "p", "--json"]).exits(0);
    assert_eq!(list(&run.json(), "warnings", &["code", "object"]), [["partition-left-out", "public.p"]]);
    assert!(pair.target.exists("p") && !pair.target.exists("p1"));
    pair.target.sql("drop table p");
    let run = clone(&pair, &["-t", "p", "-t", "p1", "--json"]).exits(0);
    assert_eq!(list(&run.json(), "warnings", &["code"]), Vec::<Vec<String>>::new());
    assert_eq!(taken(&pair), "public.p1=2");
}
