//! `fdwcopy copy`: rows into tables that exist, in every mode and by every rule for tables.

use crate::command::{Fdwcopy, Run, list};
use crate::pair::{Pair, wait_for};

/// Runs `fdwcopy copy`.
pub(crate) fn copy(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["copy"]).args(args).run()
}

/// Both sides with the same tables, those of the target belonging to fdwcopy's role.
pub(crate) fn both(name: &str, tables: &str) -> Pair {
    let pair = Pair::filled(name, tables);
    pair.target.login_session().sql(tables);
    pair
}

/// All rows of a table as text, in order.
pub(crate) fn content(pair: &Pair, table: &str) -> [Vec<Vec<String>>; 2] {
    let query = format!("select t::text from {table} t order by 1");
    [pair.source.rows(&query), pair.target.rows(&query)]
}

#[track_caller]
pub(crate) fn assert_same(pair: &Pair, tables: &[&str]) {
    for table in tables {
        let [source, target] = content(pair, table);
        assert_eq!(source, target, "{table}");
    }
}

/// Rows by table, of the report.
fn rows(run: &Run) -> Vec<Vec<String>> {
    list(&run.json(), "tables", &["name", "rows", "mode"])
}

/// Nothing of ours stays on the target, whether postgres_fdw was there or not.
#[track_caller]
pub(crate) fn assert_tidy(pair: &Pair) {
    let left = "select count(*) from pg_foreign_server union all
                select count(*) from pg_class where relname like 'fdwcopy%' union all
                select count(*) from pg_trigger where tgenabled <> 'O' and not tgisinternal";
    assert_eq!(pair.target.rows(left), [["0"], ["0"], ["0"]]);
}

const SHOP: &str = "create table customers (id int primary key, name text not null);
    create table orders (id bigint generated always as identity primary key, customer int references customers,
                         amount numeric, doubled numeric generated always as (amount * 2) stored)";

fn fill(pair: &Pair) {
    pair.source.sql(
        "insert into customers select i, 'c' || i from generate_series(1, 200) i;
         insert into orders (customer, amount) select 1 + i % 200, i from generate_series(1, 3000) i",
    );
}

#[test]
fn replace_makes_the_tables_what_the_source_has_again_and_again() {
    let pair = both("it_copy_replace", SHOP);
    fill(&pair);
    pair.target.sql("insert into customers values (7, 'other'), (999, 'gone'); insert into orders (customer) values (999)");
    let run = copy(&pair, &["--json"]).exits(0);
    assert_eq!(rows(&run), [["customers", "200", "replace"], ["orders", "3000", "replace"]]);
    assert!(run.stderr.contains("ACCESS EXCLUSIVE"), "{}", run.stderr);
    assert_same(&pair, &["customers", "orders"]);
    pair.source.sql("delete from orders where id % 3 = 0; update customers set name = 'x' where id < 10");
    copy(&pair, &[]).exits(0);
    assert_same(&pair, &["customers", "orders"]);
    assert_tidy(&pair);
}

#[test]
fn a_table_that_is_emptied_by_delete_waits_for_no_worker_that_copies_its_heir() {
    let tables = "create table base (id int primary key); create table heir (more text) inherits (base)";
    let pair = both("it_copy_heirs", tables);
    pair.source
        .sql("insert into base values (1); insert into heir select i, 'x' from generate_series(1, 20000) i");
    for _ in 0..2 {
        copy(&pair, &["--no-truncate", "-j", "2"]).exits(0);
        assert_same(&pair, &["base", "heir"]);
    }
    assert_tidy(&pair);
}

#[test]
fn upsert_adds_and_changes_what_differs_and_writes_to_no_other_row() {
    let pair = both("it_copy_upsert", SHOP);
    fill(&pair);
    copy(&pair, &["--mode", "upsert"]).exits(0);
    assert_same(&pair, &["customers", "orders"]);
    let places =
        "select ctid, xmin, id from orders union all select ctid, xmin, id from customers order by 3, 1";
    let before = pair.target.rows(places);
    let run = copy(&pair, &["--mode", "upsert", "--json"]).exits(0);
    assert_eq!(rows(&run), [["customers", "0", "upsert"], ["orders", "0", "upsert"]]);
    assert_eq!(pair.target.rows(places), before);
    pair.source.sql("update orders set amount = 5.00 where id = 5; update orders set amount = -1 where id = 6; insert into orders (customer) values (null)");
    pair.target.sql("insert into customers values (777, 'stays')");
    let run = copy(&pair, &["--mode", "upsert", "--json"]).exits(0);
    assert_eq!(
        rows(&run),
        [["customers", "0", "upsert"], ["orders", "3", "upsert"]],
        "a number of another scale is another"
    );
    assert_same(&pair, &["orders"]);
    assert_eq!(pair.target.count("customers"), 201);
}

#[test]
fn upsert_compares_values_of_every_kind() {
    let table = "create type mood as enum ('sad', 'ok'); create domain positive as int check (value > 0);
        create type pair_of as (a int, b numeric);
        create table t (id int primary key, j json, jb jsonb, x xml, p point, m mood, d positive, c pair_of, cs pair_of[],
                        f float8, n numeric[], i interval, r int4range, ts timestamptz, b bytea, u uuid, bits varbit, ch char(5))";
    let pair = both("it_copy_upsert_values", table);
    pair.source.sql(
        "insert into t select i, '{\"a\": 1.0 }', '{\"a\": 1.0}', '<a/>', point(1, i), 'ok', 5, row(i, 1.50)::pair_of, array[row(1, 2)::pair_of],
                'NaN', array[1.0, null, i], '24 hours', '[1,5)', now(), '\\x00', md5(i::text)::uuid, b'101', 'ab' from generate_series(1, 50) i;
         insert into t (id) values (100)",
    );
    let first = copy(&pair, &["--mode", "upsert", "--json"]).exits(0);
    assert_eq!(rows(&first), [["t", "51", "upsert"]]);
    let again = copy(&pair, &["--mode", "upsert", "--json"]).exits(0);
    assert_eq!(rows(&again), [["t", "0", "upsert"]]);
    assert_same(&pair, &["t"]);
}

#[test]
fn append_adds_rows_whose_key_is_not_there() {
    let pair = both("it_copy_append", SHOP);
    fill(&pair);
    pair.target.sql("insert into customers values (5, 'as it was')");
    let run = copy(&pair, &["--mode", "append", "--json"]).exits(0);
    assert_eq!(rows(&run), [["customers", "199", "append"], ["orders", "3000", "append"]]);
    assert_eq!(pair.target.value("select name from customers where id = 5"), "as it was");
    pair.source.sql("insert into customers values (500, 'new')");
    let run = copy(&pair, &["--mode", "append", "--json"]).exits(0);
    assert_eq!(rows(&run), [["customers", "1", "append"], ["orders", "0", "append"]]);
}

#[test]
fn each_table_may_have_a_mode_a_key_and_a_place_of_its_own() {
    let pair = Pair::filled(
        "it_copy_rules",
        "create table users (id int primary key, email text not null, seen int, secret text);
         insert into users select i, i || '@x.org', i, 's' from generate_series(1, 100) i;
         create table log (id int primary key, at int); insert into log select i, i from generate_series(1, 50) i",
    );
    pair.target.login_session().sql(
        "create schema staging; create table staging.people (id int, email text unique, seen int, secret text default 'none');
         insert into staging.people values (-1, '1@x.org', 0, 'kept'); create table log (id int primary key, at int);
         insert into log values (1000, 1)",
    );
    let arguments = [
        "--mode",
        "*=upsert",
        "--mode",
        "log=replace",
        "--into",
        "users=staging.people",
        "--key",
        "users=email",
        "--exclude-columns",
        "users=secret",
        "--where",
        "users=seen <= 10",
        "--where",
        "log=at > 20",
        "--json",
    ];
    let run = copy(&pair, &arguments).exits(0);
    assert_eq!(rows(&run), [["log", "30", "replace"], ["users", "10", "upsert"]]);
    let people = "select id, email, secret from staging.people order by id limit 2";
    assert_eq!(pair.target.rows(people), [["1", "1@x.org", "kept"], ["2", "2@x.org", "none"]]);
    assert_eq!(pair.target.value("select min(at) || '-' || max(at) from log"), "21-50");
    assert_eq!(rows(&copy(&pair, &arguments).exits(0))[1][1], "0");
}

#[test]
fn expressions_mask_columns_and_what_is_masked_on_the_source_never_leaves_it() {
    let table = "create table users (id int primary key, email text, name text)";
    let pair = both("it_copy_mask", table);
    pair.source.sql("insert into users select i, 'clear' || i, 'n' from generate_series(1, 20) i");
    copy(&pair, &["--set", "users.email=md5(email)"]).exits(0);
    assert_eq!(pair.target.value("select count(*) from users where email = md5('clear' || id)"), "20");
    let masked = ["--mask-on-source", "--set", "users.email='user' || id || '@example.com'"];
    let run = copy(&pair, &[&masked[..], &["-vv"]].concat()).exits(0);
    assert!(!run.stderr.contains("\"email\" text"), "the foreign table does not even have the column");
    assert_eq!(pair.target.value("select email from users where id = 3"), "user3@example.com");
    let before = content(&pair, "users")[1].clone();
    copy(&pair, &["--mask-on-source", "--set", "users.email=md5(email)"]).exits(1).says(&["email", "users"]);
    assert_eq!(content(&pair, "users")[1], before);
}

#[test]
fn columns_may_differ_where_that_is_safe_and_every_difference_is_told() {
    let pair = Pair::filled(
        "it_copy_drift",
        "create table t (id int primary key, n int, v varchar(10), gone text, d numeric(10,2));
         insert into t select i, i, 'v' || i, 'g', i / 3.0 from generate_series(1, 10) i",
    );
    pair.target.login_session().sql(
        "create table t (extra text default 'x', v text, n bigint, id bigint primary key, d numeric(10,2))",
    );
    let run = copy(&pair, &["--json"]).exits(0);
    let mut told = list(&run.json(), "warnings", &["code"]);
    told.retain(|code| code[0].starts_with("column-"));
    told.sort();
    let (missing, differs) = ("column-missing-on-target", "column-type-differs");
    assert_eq!(told, [["column-missing-on-source"], [missing], [differs], [differs], [differs]]);
    let all = "select id, n, v, d from t order by id";
    assert_eq!(pair.source.rows(all), pair.target.rows(all));
    assert_eq!(pair.target.value("select distinct extra from t"), "x");
}

#[test]
fn partitions_may_lie_otherwise_on_the_target() {
    let rows = "insert into events select i, i % 40 from generate_series(1, 1000) i";
    let pair = Pair::filled(
        "it_copy_partitions",
        "create table events (id int, part int, primary key (id, part)) partition by range (part);
         create table events_1 partition of events for values from (0) to (10);
         create table events_2 partition of events for values from (10) to (100);
         create table plain (id int, part int); create table heir () inherits (plain);
         insert into plain values (1, 1); insert into heir values (2, 2)",
    );
    pair.source.sql(rows);
    pair.target.login_session().sql(
        "create table events (id int, part int, primary key (id, part)) partition by hash (part);
         create table events_a partition of events for values with (modulus 2, remainder 0);
         create table events_b partition of events for values with (modulus 2, remainder 1);
         create table plain (id int, part int); create table heir () inherits (plain); insert into heir values (9, 9)",
    );
    let run = copy(&pair, &["--json"]).exits(0);
    assert_eq!(rows_of(&run), [["events", "1000"], ["heir", "1"], ["plain", "1"]]);
    assert_same(&pair, &["events", "only plain", "heir"]);
    let run = copy(&pair, &["-t", "events", "--mode", "upsert", "--json"]).exits(0);
    assert_eq!(rows_of(&run), [["events", "0"]]);
}

fn rows_of(run: &Run) -> Vec<Vec<String>> {
    list(&run.json(), "tables", &["name", "rows"])
}

#[test]
fn several_workers_copy_groups_of_tables_side_by_side_under_one_snapshot() {
    let tables: Vec<String> =
        (1..=8).map(|i| format!("create table t{i} (id int primary key, v text)")).collect();
    let pair = both("it_copy_workers", &tables.join(";"));
    pair.target.sql("create extension if not exists postgres_fdw");
    for i in 1..=8 {
        pair.source.sql(&format!("insert into t{i} select i, 'x' from generate_series(1, 500) i"));
    }
    let run = copy(&pair, &["-j", "3", "--json"]).exits(0);
    assert!(rows_of(&run).iter().all(|table| table[1] == "500"));
    assert_eq!(run.json()["consistency"]["agreed"], true);
    assert_eq!(pair.target.value("select count(*) from pg_extension where extname = 'postgres_fdw'"), "1");
    let all: Vec<String> = (1..=8).map(|i| format!("t{i}")).collect();
    assert_same(&pair, &all.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn rules_and_groups_of_the_configuration_file_say_how_each_table_is_copied() {
    let pair = both("it_copy_config", SHOP);
    fill(&pair);
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("shop.toml");
    let text = "[rules.\"public.customers\"]\nset = { name = \"'c' || id\" }\nwhere = 'id <= 100'\n\
                [group.some]\nmode = ['upsert']\n[group.some.rules.orders]\nwhere = ['customer <= 50', 'id < 1000']\nmode = 'append'\n";
    std::fs::write(&file, text).unwrap();
    let config = ["--config", file.to_str().unwrap(), "--json"];
    let run = copy(&pair, &[&config[..], &["--group", "some"]].concat()).exits(0);
    let orders = pair.source.value("select count(*) from orders where customer <= 50 and id < 1000");
    assert_eq!(rows(&run), [["customers", "100", "upsert"], ["orders", &orders, "append"]]);
    let run = copy(&pair, &[&config[..], &["--group", "some", "--mode", "orders=upsert"]].concat()).exits(0);
    let typed = [["customers", "0", "upsert"], ["orders", "0", "upsert"]];
    assert_eq!(rows(&run), typed, "what is typed wins, for what it is typed");
    copy(&pair, &[&config[..], &["--group", "none"]].concat()).exits(2).says(&["none", "some"]);
}

#[test]
fn a_temporary_role_reads_for_one_copy() {
    let pair = both("it_copy_temporary_role", SHOP);
    fill(&pair);
    let source = pair.source.url();
    let run = Fdwcopy::between(&pair).source(&source).args(&["copy", "--temporary-role", "-vv"]);
    let run = run.run().exits(0);
    assert!(!run.stderr.contains(&pair.source.server.password));
    assert_same(&pair, &["customers", "orders"]);
    assert_eq!(pair.source.value("select count(*) from pg_roles where rolname like 'fdwcopy%'"), "0");
}

#[test]
fn a_dry_run_shows_the_statements_and_changes_nothing() {
    let pair = both("it_copy_dry_run", SHOP);
    fill(&pair);
    pair.target.sql("insert into customers values (1, 'mine')");
    let run = copy(&pair, &["--dry-run"]).exits(0);
    for words in ["TRUNCATE", "INSERT INTO", "CREATE FOREIGN TABLE", "customers", "replace"] {
        assert!(run.stdout.contains(words), "{words} in\n{}", run.stdout);
    }
    let plan = copy(&pair, &["--dry-run", "--mode", "upsert", "--json"]).exits(0).json();
    assert!(plan["plan"].to_string().contains("ON CONFLICT"), "{plan}");
    assert_eq!(pair.target.count("customers"), 1);
}

#[test]
fn a_run_that_is_killed_or_interrupted_leaves_the_target_as_it_was_and_the_next_one_succeeds() {
    for signal in ["KILL", "INT"] {
        let pair = both(&format!("it_copy_{}", signal.to_lowercase()), SHOP);
        fill(&pair);
        pair.target.sql("insert into customers values (1, 'mine'); create table gate (); ");
        // Whoever inserts into the second table waits for this lock.
        let blocker = pair.target.session();
        blocker.sql("begin; lock table orders in share mode");
        let run = Fdwcopy::between(&pair).args(&["copy"]).spawn();
        let waits = "select count(*) from pg_locks where not granted and relation = 'orders'::regclass";
        wait_for("the copy to stand at the lock", || pair.target.value(waits) != "0");
        run.signal(signal);
        if signal == "INT" {
            run.wait().exits(130);
        }
        let alive = "select count(*) from pg_stat_activity where application_name like 'fdwcopy%'
                      and datname = current_database()";
        wait_for("its sessions to end", || pair.target.value(alive) == "0");
        blocker.sql("rollback");
        assert_eq!(pair.target.rows("select id, name from customers"), [["1", "mine"]]);
        assert_tidy(&pair);
        copy(&pair, &[]).exits(0);
        assert_same(&pair, &["customers", "orders"]);
    }
}
