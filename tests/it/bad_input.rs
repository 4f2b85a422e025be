//! Refusals: each names the object and the remedy, ends with the documented code and leaves the target untouched.

use std::path::Path;

use crate::command::{Fdwcopy, Run, write_program};
use crate::equality::{assert_nothing_left, assert_unchanged, fingerprint};
use crate::pair::{Database, Pair};
use crate::servers::{EXTENSION_OF_THE_SOURCE, free_port};

const TABLE: &str = "create table t (id integer primary key, x text); insert into t values (1, 'x');";

/// Runs the clone for people and for programs; both refuse, naming all of `words` and a remedy for every finding.
#[track_caller]
fn refused_as(pair: &Pair, command: impl Fn(&[&str]) -> Fdwcopy, words: &[&str]) -> Run {
    let before = fingerprint(&pair.target);
    let told = command(&["clone"]).run().exits(4).says(words);
    let run = command(&["clone", "--json"]).run().exits(4);
    let report = run.json();
    assert_eq!(report["outcome"], "refused");
    let findings = report["findings"].as_array().unwrap();
    assert!(!findings.is_empty(), "{report}");
    for finding in findings {
        let field = |name: &str| finding[name].as_str().unwrap_or_default().to_owned();
        for name in ["code", "object", "message", "remedy"] {
            assert!(!field(name).is_empty(), "no {name} in {finding}");
        }
        assert!(
            unfolded(&told.stderr).contains(&unfolded(&field("remedy"))),
            "no remedy {finding} in\n{}",
            told.stderr
        );
    }
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(pair);
    run
}

#[track_caller]
fn refused(pair: &Pair, args: &[&str], words: &[&str]) -> Run {
    refused_as(pair, |command| Fdwcopy::between(pair).args(command).args(args), words)
}

/// Text without the folding of a terminal.
fn unfolded(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn both_servers_unreachable_are_reported_at_once() {
    let pair = Pair::new("it_unreachable");
    let (source, target) = (free_port().unwrap(), free_port().unwrap());
    let url = |port: u16| format!("postgres://postgres:pw@127.0.0.1:{port}/postgres");
    let command = |args: &[&str]| Fdwcopy::alone().source(&url(source)).target(&url(target)).args(args);
    let run = refused_as(&pair, command, &[&source.to_string(), &target.to_string(), "127.0.0.1"]);
    assert_eq!(run.findings().len(), 2);
}

#[test]
fn an_unreachable_source_is_named() {
    let pair = Pair::new("it_no_source");
    let port = free_port().unwrap();
    let url = format!("postgres://postgres:pw@127.0.0.1:{port}/shop");
    refused_as(&pair, |args| Fdwcopy::between(&pair).source(&url).args(args), &["source", &port.to_string()]);
}

#[test]
fn a_host_that_does_not_exist_is_named() {
    let pair = Pair::new("it_no_host");
    let url = "postgres://postgres:pw@no-such-host.invalid/shop";
    refused_as(&pair, |args| Fdwcopy::between(&pair).source(url).args(args), &["no-such-host.invalid"]);
}

#[test]
fn wrong_passwords_are_reported_for_both_sides() {
    let pair = Pair::new("it_wrong_password");
    let (source, target) = (pair.source.url_as("postgres", "wrong"), pair.target.url_as("postgres", "wrong"));
    let command = |args: &[&str]| Fdwcopy::alone().source(&source).target(&target).args(args);
    let run = refused_as(&pair, command, &["source", "target", "password"]);
    assert_eq!(run.findings().len(), 2);
}

#[test]
fn a_database_that_does_not_exist_is_named() {
    let pair = Pair::new("it_no_database");
    let url = pair.source.server.url("it_there_is_no_such_database");
    refused_as(
        &pair,
        |args| Fdwcopy::between(&pair).source(&url).args(args),
        &["it_there_is_no_such_database"],
    );
}

#[test]
fn a_source_that_the_target_cannot_reach_is_named_with_host_port_and_option() {
    let pair = Pair::filled("it_no_hop", TABLE);
    refused(&pair, &["--source-from-target", "port=1"], &["127.0.0.1", "port 1", "--source-from-target"]);
    let way = format!("host=no-such-host.invalid port={}", pair.source.server.port);
    refused(&pair, &["--source-from-target", &way], &["no-such-host.invalid", "--source-from-target"]);
}

/// Of the pair's databases the one whose server is new enough to be source and target.
fn both_ways(pair: &Pair) -> &Database {
    let database = if pair.source.version() < 14 { &pair.target } else { &pair.source };
    database.sql(&format!("drop table if exists t; {TABLE}"));
    database
}

#[test]
fn one_database_cannot_be_both_source_and_target() {
    let pair = Pair::new("it_same");
    let database = both_ways(&pair);
    let server = &database.login;
    let before = fingerprint(database);
    let directory = database.value("select split_part(current_setting('unix_socket_directories'), ',', 1)");
    let by_host = |host: &str| {
        let (port, user, password) = (server.port, &server.user, &server.password);
        format!("host={host} port={port} user={user} password={password} dbname={}", database.name)
    };
    for other in [by_host("127.0.0.1"), by_host("localhost"), by_host(&directory)] {
        let command =
            |args: &[&str]| Fdwcopy::alone().source(&database.login_url()).target(&other).args(args);
        refused_as(&pair, command, &["same database", &database.name]);
    }
    assert_unchanged(database, &before);
}

#[test]
fn two_databases_of_one_server_are_not_the_same() {
    let pair = Pair::new("it_neighbour");
    let database = both_ways(&pair);
    database.server_sql("drop database if exists it_neighbour_dst2");
    database.server_sql("create database it_neighbour_dst2 template template0");
    let target = database.server.url("it_neighbour_dst2");
    Fdwcopy::alone().source(&database.url()).target(&target).args(&["clone"]).run().exits(0);
    assert_eq!(crate::pair::Session::open(&target).value("select count(*) from t"), "1");
    database.server_sql("drop database it_neighbour_dst2");
}

#[test]
fn every_object_in_the_way_is_named() {
    let pair = Pair::filled(
        "it_in_the_way",
        "create schema app; create table app.orders (id integer primary key); create type app.state as enum ('open');
         create function app.total(integer) returns integer language sql as 'select 1';
         create view app.open_orders as select * from app.orders; create sequence app.numbers; create table app.fine (x integer)",
    );
    pair.target.sql(
        "create schema app; create table app.orders (x integer); insert into app.orders values (7);
         create type app.state as (x integer);
         create function app.total(integer) returns integer language sql as 'select 2';
         create table app.open_orders (x integer); create sequence app.numbers start 3",
    );
    refused(&pair, &[], &["app.orders", "app.state", "app.total", "app.open_orders", "app.numbers"]);
}

#[test]
fn an_empty_schema_of_the_same_name_is_no_loss() {
    let pair = Pair::filled(
        "it_empty_schema",
        "create schema app; create table app.t (x integer); insert into app.t values (1)",
    );
    pair.target.sql("create schema app");
    let before = fingerprint(&pair.target);
    let run = Fdwcopy::between(&pair).args(&["clone"]).run();
    match run.code {
        Some(0) => assert_eq!(pair.target.count("app.t"), 1),
        Some(4) => {
            assert!(run.stderr.contains("app"), "{}", run.stderr);
            assert_unchanged(&pair.target, &before);
        }
        other => panic!("{other:?}: {}", run.stderr),
    }
}

#[test]
fn a_plain_role_that_may_not_use_postgres_fdw_is_told_how_to_get_it() {
    let mut pair = Pair::filled("it_no_wrapper", TABLE);
    pair.role("it_no_wrapper_role", "login password 'pw'");
    pair.target.server_sql("alter database it_no_wrapper_dst owner to it_no_wrapper_role");
    let target = pair.target.url_as("it_no_wrapper_role", "pw");
    let command =
        |args: &[&str]| Fdwcopy::between(&pair).target(&target).args(args).args(&["--no-owner", "-x"]);
    refused_as(
        &pair,
        command,
        &["postgres_fdw", "CREATE EXTENSION IF NOT EXISTS postgres_fdw", "GRANT USAGE"],
    );
}

#[test]
fn a_plain_role_without_usage_on_the_wrapper_is_told_the_grant() {
    let mut pair = Pair::filled("it_no_usage", TABLE);
    pair.role("it_no_usage_role", "login password 'pw'");
    pair.target.server_sql("alter database it_no_usage_dst owner to it_no_usage_role");
    pair.target.sql("create extension if not exists postgres_fdw");
    let target = pair.target.url_as("it_no_usage_role", "pw");
    let run = |more: &[&str]| {
        Fdwcopy::between(&pair).target(&target).args(&["clone", "--no-owner", "-x"]).args(more).run().exits(4)
    };
    run(&[]).says(&["postgres_fdw", "GRANT USAGE ON FOREIGN DATA WRAPPER"]);
    assert!(!pair.target.exists("t"));
}

#[test]
fn every_table_that_the_source_role_may_not_read_is_named_with_the_grant() {
    let mut pair = Pair::filled(
        "it_no_select",
        "create table open (x integer); create table secret (x integer); create schema vault;
         create table vault.gold (x integer); create sequence hidden_numbers",
    );
    pair.role("it_no_select_role", "login password 'pw'");
    pair.source.sql("grant select on open to it_no_select_role");
    let source = pair.source.url_as("it_no_select_role", "pw");
    let command = |args: &[&str]| Fdwcopy::between(&pair).source(&source).args(args);
    let words = ["public.secret", "vault.gold", "hidden_numbers", "it_no_select_role", "GRANT"];
    let run = refused_as(&pair, command, &words);
    assert!(!run.findings().iter().any(|(_, object)| object.contains("public.open")), "{:?}", run.findings());
}

#[test]
fn a_schema_that_the_source_role_may_not_enter_is_named() {
    let mut pair = Pair::filled("it_no_entry", "create schema vault; create table vault.gold (x integer)");
    pair.role("it_no_entry_role", "login password 'pw'");
    pair.source.sql("grant select on vault.gold to it_no_entry_role");
    let source = pair.source.url_as("it_no_entry_role", "pw");
    refused_as(&pair, |args| Fdwcopy::between(&pair).source(&source).args(args), &["vault", "USAGE"]);
}

#[test]
fn row_security_forced_on_the_owner_of_a_table_is_refused() {
    let mut pair = Pair::new("it_forced_security");
    pair.role("it_forced_security_role", "login password 'pw'");
    pair.source.sql(
        "create table forced (x integer); alter table forced owner to it_forced_security_role;
         insert into forced values (1); create policy none on forced using (false);
         alter table forced enable row level security; alter table forced force row level security",
    );
    let source = pair.source.url_as("it_forced_security_role", "pw");
    refused_as(&pair, |args| Fdwcopy::between(&pair).source(&source).args(args), &["public.forced"]);
}

#[test]
fn too_few_connections_for_the_workers_leave_the_target_untouched() {
    let mut pair = Pair::filled("it_few_connections", TABLE);
    pair.role("it_few_connections_role", "login password 'pw' connection limit 3");
    pair.source.sql("grant select on t to it_few_connections_role");
    let before = fingerprint(&pair.target);
    let source = pair.source.url_as("it_few_connections_role", "pw");
    let run = Fdwcopy::between(&pair).source(&source).args(&["clone", "-j", "8"]).run();
    run.exits(4).says(&["it has room for 3 more sessions", "CONNECTION LIMIT of the role"]);
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
fn row_security_that_would_hide_rows_is_refused() {
    let mut pair = Pair::filled(
        "it_row_security",
        "create table visible (x integer); create table hidden (x integer); insert into hidden values (1);
         create policy none on hidden using (false); alter table hidden enable row level security",
    );
    pair.role("it_row_security_role", "login password 'pw'");
    pair.source.sql("grant select on all tables in schema public to it_row_security_role");
    let source = pair.source.url_as("it_row_security_role", "pw");
    let command = |args: &[&str]| Fdwcopy::between(&pair).source(&source).args(args);
    refused_as(&pair, command, &["public.hidden", "row", "BYPASSRLS"]);
}

#[test]
fn every_pattern_that_matches_nothing_is_named() {
    let pair = Pair::filled("it_no_match", TABLE);
    refused(&pair, &["-t", "t", "-t", "no_such_table", "-T", "nor_this*"], &["no_such_table", "nor_this*"]);
    refused(&pair, &["-n", "no_such_schema"], &["no_such_schema"]);
    refused(&pair, &["-N", "no_schema_either"], &["no_schema_either"]);
    refused(&pair, &["--exclude-table-data", "no_data"], &["no_data"]);
    refused(&pair, &["-t", r"/^public\.\d+$/"], &[r"/^public\.\d+$/"]);
}

#[test]
fn a_missing_pg_dump_is_named_with_the_option() {
    let pair = Pair::filled("it_no_pg_dump", TABLE);
    let directory = tempfile::tempdir().unwrap();
    let bin = directory.path().to_str().unwrap();
    refused(&pair, &["--pg-bin", bin], &["pg_dump", bin, "--pg-bin"]);
}

#[test]
fn a_directory_for_temporary_files_that_cannot_be_written_is_refused_first() {
    let pair = Pair::filled("it_no_tmpdir", TABLE);
    let nowhere = "/nonexistent/fdwcopy-it";
    let command = |args: &[&str]| Fdwcopy::between(&pair).env("TMPDIR", nowhere).args(args);
    let run = refused_as(&pair, command, &["temporary file", nowhere, "set TMPDIR"]);
    assert_eq!(run.findings(), [("no-temporary-file".to_owned(), nowhere.to_owned())]);
}

/// A program that only knows its version.
fn fake(directory: &Path, name: &str, version: &str) {
    write_program(&directory.join(name), &format!("#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n"));
}

#[test]
fn a_pg_dump_older_than_the_source_is_refused_with_both_versions() {
    let pair = Pair::filled("it_old_pg_dump", TABLE);
    let directory = tempfile::tempdir().unwrap();
    fake(directory.path(), "pg_dump", "11.22");
    fake(directory.path(), "pg_restore", "11.22");
    let version = format!("{}.", pair.source.version());
    refused(&pair, &["--pg-bin", directory.path().to_str().unwrap()], &["pg_dump", "11", &version]);
}

#[test]
fn an_extension_that_the_target_cannot_offer_is_named() {
    let pair = Pair::new("it_no_extension");
    pair.source.sql(&format!("create extension {EXTENSION_OF_THE_SOURCE}; {TABLE}"));
    refused(&pair, &[], &[EXTENSION_OF_THE_SOURCE]);
}

#[test]
fn an_extension_in_another_schema_of_the_target_is_refused() {
    let pair = Pair::filled("it_elsewhere", "create extension hstore; create table t (h hstore)");
    pair.target.sql("create schema ext; create extension hstore schema ext");
    let run = refused(&pair, &[], &["extension hstore", r#"ALTER EXTENSION "hstore" SET SCHEMA "public""#]);
    assert_eq!(run.findings(), [("extension-elsewhere".into(), "extension hstore".into())]);
    pair.target.sql("alter extension hstore set schema public; drop schema ext");
    Fdwcopy::between(&pair).args(&["clone"]).run().exits(0);
}

#[test]
fn a_target_without_the_schema_public_is_refused() {
    let pair = Pair::filled("it_public_gone", TABLE);
    pair.drop_public_of_target();
    let run = refused(&pair, &[], &["schema public", "CREATE SCHEMA public"]);
    assert_eq!(run.findings(), [("schema-missing".into(), "schema public".into())]);
}

#[test]
fn a_tablespace_that_the_target_lacks_is_named_with_the_option() {
    let pair = Pair::filled("it_no_space", TABLE);
    let session = pair.source.session();
    session.sql("set allow_in_place_tablespaces = on");
    // A pair kept by an earlier failure keeps its tablespace.
    let created = session.try_sql("create tablespace it_only_there location ''");
    assert!(created.as_ref().err().is_none_or(|error| error.starts_with("42710")), "{created:?}");
    session.sql("create index elsewhere on t (x) tablespace it_only_there");
    let run = refused(&pair, &[], &["tablespace it_only_there", "--no-tablespaces"]);
    assert_eq!(run.findings(), [("tablespace-missing".into(), "tablespace it_only_there".into())]);
    Fdwcopy::between(&pair).args(&["clone", "--no-tablespaces"]).run().exits(0);
    assert!(pair.target.exists("elsewhere"));
    session.sql("drop index elsewhere");
    session.sql("drop tablespace it_only_there");
}

#[test]
fn a_collation_that_the_target_lacks_is_named() {
    let pair = Pair::filled("it_no_collation", r#"create table t (x text collate "de-x-icu")"#);
    pair.target.sql(r#"drop collation pg_catalog."de-x-icu""#);
    refused(&pair, &[], &["de-x-icu"]);
}

#[test]
fn an_encoding_that_cannot_hold_the_rows_is_refused() {
    let pair = Pair::with("it_encoding", "encoding 'UTF8'", "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'");
    pair.source.sql("create table t (x text); insert into t values ('€')");
    refused(&pair, &[], &["LATIN1", "UTF8"]);
}

#[test]
fn a_role_that_the_target_lacks_is_named_with_the_option() {
    let mut pair = Pair::filled("it_no_role", TABLE);
    let source = pair.source.server.clone();
    pair.role_on(&source, "it_only_owner", "nologin");
    pair.role_on(&source, "it_only_reader", "nologin");
    pair.source.sql("alter table t owner to it_only_owner; grant select on t to it_only_reader");
    refused(&pair, &[], &["it_only_owner", "it_only_reader", "--no-owner"]);
}

#[test]
fn several_problems_are_reported_at_once() {
    let mut pair = Pair::filled(
        "it_several",
        &format!("{TABLE} create table secret (x integer); create table owned (x integer)"),
    );
    let server = pair.source.server.clone();
    pair.role_on(&server, "it_several_owner", "nologin");
    pair.role_on(&server, "it_several_reader", "login password 'pw'");
    pair.source
        .sql("alter table owned owner to it_several_owner; grant select on t, owned to it_several_reader");
    pair.target.sql("create table t (y integer)");
    let source = pair.source.url_as("it_several_reader", "pw");
    let command =
        |args: &[&str]| Fdwcopy::between(&pair).source(&source).args(args).args(&["-N", "no_such_schema"]);
    let words = ["public.secret", "it_several_owner", "public.t", "no_such_schema"];
    assert!(refused_as(&pair, command, &words).findings().len() >= 4);
}

#[test]
fn wrong_options_are_usage_errors() {
    let pair = Pair::filled("it_usage", TABLE);
    let before = fingerprint(&pair.target);
    let wrong: [(&[&str], &str); 9] = [
        (&["--no-such-option"], "--no-such-option"),
        (&["--jobs", "0"], "jobs"),
        (&["--jobs", "many"], "jobs"),
        (&["--verify", "perhaps"], "verify"),
        (&["--progress", "loud"], "progress"),
        (&["-t", "/[unclosed/"], "/[unclosed/"),
        (&["-t", "\"unclosed"], "unclosed"),
        (&["--source-from-target", "hsot=x"], "hsot"),
        (&["--source-from-target", "no equals sign"], "source-from-target"),
    ];
    for (args, word) in wrong {
        Fdwcopy::between(&pair).args(&["clone"]).args(args).run().exits(2).says(&[word]);
    }
    assert_unchanged(&pair.target, &before);
}

#[test]
fn missing_endpoints_are_a_usage_error_that_names_option_and_variable() {
    Fdwcopy::alone().args(&["clone"]).run().exits(2).says(&["--source", "--target"]);
    Fdwcopy::alone().run().exits(2);
    Fdwcopy::alone().args(&["no-such-command"]).run().exits(2).says(&["no-such-command"]);
    Fdwcopy::alone().args(&["clone", "-s", "prot=1", "-d", "dbname=x"]).run().exits(2).says(&["prot"]);
}
