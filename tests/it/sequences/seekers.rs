//! Who takes values from a sequence without being a column's plain default, and columns that round.

use super::{both, by_data, line, repair, set, state, target, warnings};

#[test]
fn a_domains_default_numbers_the_columns_of_the_domain() {
    let pair = target(
        "it_seq_domain",
        "create sequence s; create domain num as integer default nextval('s'); create domain over as num;
         create table t (id num primary key); create table u (id over primary key, k num default 5);
         insert into t values (7); insert into u values (40, 900)",
    );
    by_data(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "s"), "40 t");
    pair.target.sql("insert into t default values; insert into u default values");
    assert_eq!(set(&by_data(&pair, &[]).exits(0)), [""; 0]);
}

#[test]
fn a_rule_that_takes_values_leaves_the_next_one_unproved() {
    let script = "create sequence s; create table t (id integer primary key default nextval('s'));
         create table o (id integer); create view v as select 1 as x; create view w as select last_value from s;
         create rule r as on insert to v do instead insert into o values (nextval('s'))";
    let pair = both("it_seq_rule", script);
    pair.source.sql("select setval('s', 50)");
    let run = repair(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "s"), "50 t");
    assert_eq!(warnings(&run), ["cannot-verify"]);
    assert!(line(&run, "s").get("collides").is_none());
    assert!(line(&by_data(&pair, &[]).exits(3), "s")["open"].as_str().unwrap().contains("rule r"));
}

#[test]
fn names_that_are_looked_up_with_each_row_count_and_are_told_if_they_mean_nothing() {
    let pair = target(
        "it_seq_late",
        r#"create schema "Odd"; create sequence "Odd"."s"; create sequence plain;
         create table t (id integer primary key default nextval('"Odd".s'::text));
         create table u (id integer primary key default nextval('plain'::text));
         create table v (id integer primary key default nextval('nowhere'::text));
         insert into t values (8); insert into u values (9)"#,
    );
    let run = by_data(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, r#""Odd".s"#), "8 t");
    assert_eq!(state(&pair.target, "plain"), "9 t");
    assert_eq!(warnings(&run), ["cannot-verify"]);
    assert!(run.stdout.contains("column id of table v"), "{}", run.stdout);
}

#[test]
fn casts_between_whole_numbers_compute_nothing_and_others_do() {
    let pair = target(
        "it_seq_casts",
        "create domain pos as integer check (value > 0); create sequence a; create sequence b; create sequence c;
         create table ta (id integer primary key default nextval('a')::pos); insert into ta values (11);
         create table tb (id bigint primary key default nextval('b')::integer::bigint); insert into tb values (12);
         create table tc (id integer primary key default nextval('c')::bit(4)::integer); insert into tc values (13)",
    );
    let run = by_data(&pair, &[]).exits(3);
    assert_eq!((state(&pair.target, "a"), state(&pair.target, "b")), ("11 t".into(), "12 t".into()));
    assert!(line(&run, "c")["open"].as_str().unwrap().contains("computed"));
}

#[test]
fn a_partition_that_is_half_detached_is_read_alone() {
    let pair = target(
        "it_seq_detaching",
        "create table p (id bigserial, k integer) partition by list (k);
         create table p1 partition of p for values in (1); create table p2 partition of p for values in (2);
         insert into p values (5, 1), (77, 2)",
    );
    if pair.target.version() < 14 {
        return;
    }
    let reader = pair.target.session();
    reader.sql("begin; lock table p in access share mode");
    let detaching = pair.target.login_session();
    detaching.sql("set statement_timeout = '1s'");
    assert!(detaching.try_sql("alter table p detach partition p2 concurrently").is_err());
    reader.sql("commit");
    by_data(&pair, &[]).exits(0);
    assert_eq!(state(&pair.target, "p_id_seq"), "77 t");
}

#[test]
fn columns_that_round_end_where_they_begin_to() {
    let pair = target(
        "it_seq_rounding",
        "create sequence f4; create sequence f8; create sequence n;
         create table t4 (id real primary key default nextval('f4')); insert into t4 values (16777216);
         create table t8 (id double precision primary key default nextval('f8')); insert into t8 values (9007199254740992);
         create table tn (id numeric primary key default nextval('n')); insert into tn values (3)",
    );
    if pair.target.version() >= 15 {
        pair.target.login_session().sql("alter table tn alter id type numeric(5, -2)");
    }
    let run = by_data(&pair, &[]).exits(3);
    assert!(line(&run, "f4")["open"].as_str().unwrap().contains("does not fit"));
    assert!(line(&run, "f8")["open"].as_str().unwrap().contains("does not fit"));
    assert_eq!(line(&run, "n").get("open").is_some(), pair.target.version() >= 15);
}
