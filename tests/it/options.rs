//! The options of `clone`, one by one.

use std::os::unix::fs::PermissionsExt;

use crate::command::{Fdwcopy, clone, list};
use crate::equality::{
    assert_equal, assert_equal_as, assert_nothing_left, assert_unchanged, fingerprint, rows,
};
use crate::pair::Pair;

fn shop(name: &str) -> Pair {
    let pair = Pair::new(name);
    pair.source.load("shop.sql");
    pair
}

#[test]
fn no_owner_leaves_everything_to_the_target_role() {
    let mut pair = shop("it_no_owner");
    let source = pair.source.server.clone();
    pair.role_on(&source, "it_absent_owner", "nologin");
    pair.source.sql(
        "alter table public.customers owner to it_absent_owner; alter schema stock owner to it_absent_owner",
    );
    clone(&pair, &["--no-owner"]).exits(0);
    assert_equal_as(&pair, &["--no-owner"]);
    assert_eq!(
        pair.target.value("select tableowner from pg_tables where tablename = 'customers'"),
        pair.target.login.user
    );
}

#[test]
fn no_privileges_leaves_grants_out() {
    let mut pair = shop("it_no_privileges");
    let source = pair.source.server.clone();
    pair.role_on(&source, "it_absent_reader", "nologin");
    pair.source.sql("grant select on stock.items to it_absent_reader; alter default privileges grant select on tables to it_absent_reader");
    clone(&pair, &["-x"]).exits(0);
    assert_equal_as(&pair, &["--no-privileges"]);
    assert_eq!(pair.target.value("select relacl is null from pg_class where relname = 'customers'"), "t");
}

#[test]
fn no_comments_leaves_comments_out() {
    let pair = shop("it_no_comments");
    clone(&pair, &["--no-comments"]).exits(0);
    assert_equal_as(&pair, &["--no-comments"]);
    assert_eq!(
        pair.target.value(
            "select count(*) from pg_description where classoid = 'pg_class'::regclass and objoid >= 16384"
        ),
        "0"
    );
}

#[test]
fn no_tablespaces_puts_everything_into_the_default_one() {
    let pair = shop("it_no_tablespaces");
    let session = pair.source.session();
    session.sql("set allow_in_place_tablespaces = on");
    let _ = session.try_sql("create tablespace it_fast location ''");
    session.sql("alter table stock.items set tablespace it_fast");
    clone(&pair, &["--no-tablespaces"]).exits(0);
    assert_equal_as(&pair, &["--no-tablespaces"]);
    session.sql("alter table stock.items set tablespace pg_default");
    session.sql("drop tablespace it_fast");
}

#[test]
fn schema_only_brings_tables_without_rows_and_sequences_without_state() {
    let pair = shop("it_schema_only");
    let run = clone(&pair, &["--schema-only", "--json"]).exits(0);
    crate::equality::assert_same_schema(&pair);
    assert!(rows(&pair.target).iter().all(|line| line.contains(": 0 rows")));
    assert_eq!(pair.target.rows("select last_value, is_called from public.counter"), [["5", "f"]]);
    assert_eq!(list(&run.json(), "tables", &["name"]).len(), 0);
    assert_nothing_left(&pair);
}

#[test]
fn every_level_of_verification_is_reported_for_every_table() {
    for (level, expected) in [("none", "null"), ("count", "count"), ("checksum", "checksum")] {
        let pair = shop(&format!("it_verify_{level}"));
        let run = clone(&pair, &["--verify", level, "--json"]).exits(0);
        let verified = list(&run.json(), "tables", &["verified"]);
        assert!(
            verified.len() == 8 && verified.iter().all(|table| table[0] == expected),
            "{level}: {verified:?}"
        );
        assert_equal(&pair);
    }
}

#[test]
fn planner_statistics_can_be_left_out() {
    let pair = shop("it_no_analyze");
    clone(&pair, &["--no-analyze"]).exits(0);
    assert_eq!(pair.target.value("select count(*) from pg_stats where schemaname = 'sales'"), "0");
}

#[test]
fn one_worker_is_enough() {
    let pair = shop("it_one_worker");
    clone(&pair, &["-j", "1"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn more_workers_than_tables_are_no_harm() {
    let pair = Pair::filled("it_many_workers", "create table t (x integer); insert into t values (1)");
    clone(&pair, &["-j", "12"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn the_target_takes_its_own_way_to_the_source() {
    let pair = shop("it_own_way");
    let port = pair.source.server.port;
    // A socket of the source's machine means nothing to a target elsewhere.
    let directory =
        pair.source.value("select split_part(current_setting('unix_socket_directories'), ',', 1)");
    let server = &pair.source.server;
    let source = format!(
        "host={directory} port={port} dbname={} user={} password={}",
        pair.source.name, server.user, server.password
    );
    let way = format!("host=localhost port={port}");
    let run = Fdwcopy::between(&pair).source(&source).args(&["clone", "--source-from-target", &way]);
    run.run().exits(0);
    assert_equal(&pair);
}

#[test]
fn the_own_way_of_the_target_stands_in_the_plan() {
    let pair = shop("it_own_way_plan");
    let way = format!("host=localhost port={}", pair.source.server.port);
    let run = clone(&pair, &["--source-from-target", &way, "--dry-run"]).exits(0);
    assert!(run.stdout.contains("'localhost'"), "{}", run.stdout);
}

#[test]
fn endpoints_are_found_as_libpq_finds_them() {
    let pair = shop("it_libpq");
    let directory = tempfile::tempdir().unwrap();
    let passfile = directory.path().join("pgpass");
    let services = directory.path().join("services");
    let (source, target) = (&pair.source.login, &pair.target.login);
    std::fs::write(&passfile, format!("*:{}:*:{}:{}\n", source.port, source.user, source.password)).unwrap();
    std::fs::set_permissions(&passfile, std::fs::Permissions::from_mode(0o600)).unwrap();
    let service = format!(
        "[shop]\nhost={}\nport={}\ndbname={}\nuser={}\npassword={}\n",
        target.host, target.port, pair.target.name, target.user, target.password
    );
    std::fs::write(&services, service).unwrap();
    let run = Fdwcopy::alone()
        .env("PGPASSFILE", passfile.to_str().unwrap())
        .env("PGSERVICEFILE", services.to_str().unwrap())
        .env("PGUSER", &source.user)
        .env("PGHOST", &source.host)
        .env("PGPORT", &source.port.to_string());
    run.args(&["clone", "-s", &format!("dbname={}", pair.source.name), "-d", "service=shop"]).run().exits(0);
    assert_equal(&pair);
}

#[test]
fn a_dry_run_prints_every_statement_and_changes_nothing() {
    let pair = shop("it_dry_run");
    let (source, target) = (fingerprint(&pair.source), fingerprint(&pair.target));
    let run = clone(&pair, &["--dry-run"]).exits(0);
    for words in [
        "CREATE SERVER",
        "CREATE USER MAPPING",
        "IMPORT FOREIGN SCHEMA",
        "INSERT INTO",
        "SELECT",
        "setval",
        "DROP SERVER",
        "order_lines",
        "Mixed Case",
    ] {
        assert!(run.stdout.contains(words), "no {words} in\n{}", run.stdout);
    }
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(&pair.source.server.password) && !text.contains(&pair.target.server.password));
    }
    assert_unchanged(&pair.source, &source);
    assert_unchanged(&pair.target, &target);
    assert_nothing_left(&pair);
}

#[test]
fn a_dry_run_prints_its_plan_as_one_document() {
    let pair = shop("it_dry_run_json");
    let target = fingerprint(&pair.target);
    let run = clone(&pair, &["--dry-run", "--json", "-vv"]).exits(0);
    let report = run.json();
    assert!(report["plan"].is_object() || report["plan"].is_array(), "{report}");
    assert!(report["plan"].to_string().contains("order_lines"));
    assert!(
        !run.stdout.contains(&pair.source.server.password)
            && !run.stderr.contains(&pair.source.server.password)
    );
    assert_unchanged(&pair.target, &target);
}

#[test]
fn a_dry_run_refuses_what_the_real_run_would_refuse() {
    let pair = shop("it_dry_run_refused");
    pair.target.sql("create table public.customers (x integer)");
    clone(&pair, &["--dry-run"]).exits(4).says(&["public.customers"]);
}
