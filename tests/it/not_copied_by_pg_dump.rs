//! What `pg_dump` leaves out without a word: each named, and the exit code is 3.

use crate::command::{Run, clone, list};
use crate::equality::{assert_nothing_left, rows};
use crate::not_copied::{named, not_copied};
use crate::pair::{Database, Pair};
use crate::servers::{Cluster, initialize, servers, source_programs};

/// Clones and checks that exactly these objects are not copied, each for a reason with this word in it.
#[track_caller]
fn assert_named(pair: &Pair, wanted: &[(&str, &str)]) -> Run {
    let run = clone(pair, &["--json"]).exits(3);
    let entries = not_copied(&run);
    for (object, word) in wanted {
        let is_meant = |(name, reason): &(String, String)| name.contains(object) && reason.contains(word);
        assert!(entries.iter().any(is_meant), "{object} ({word}) is not among {entries:?}");
    }
    assert_eq!(entries.len(), wanted.len(), "{entries:?}");
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_nothing_left(pair);
    run
}

#[test]
fn an_index_that_is_invalid_is_named() {
    let pair = Pair::filled("it_invalid_index", "create table t (x integer); insert into t values (1), (1)");
    let failed = pair.source.session().try_sql("create unique index concurrently broken on t (x)");
    assert!(failed.is_err_and(|error| error.starts_with("23505")));
    assert_named(&pair, &[("broken", "not valid")]);
    assert!(!pair.target.exists("broken"));
}

#[test]
fn objects_in_the_schemas_of_the_system_are_named() {
    let pair = Pair::filled(
        "it_system_schemas",
        "create function pg_catalog.it_mine() returns integer language sql as 'select 1';
         create operator pg_catalog.<<->> (leftarg = integer, rightarg = integer, function = int4eq);
         create type pg_catalog.it_enum as enum ('x');
         create table information_schema.it_table (x integer);
         insert into information_schema.it_table values (1);
         create table t (x integer)",
    );
    let wanted = ["it_mine", "<<->>", "it_enum", "information_schema.it_table"];
    assert_named(&pair, &wanted.map(|object| (object, "schema of the system")));
}

#[test]
fn rights_in_the_information_schema_and_on_row_types_are_named() {
    let mut pair = Pair::new("it_odd_rights");
    pair.role("it_odd_reader", "nologin");
    pair.source.sql(
        "create table t (x integer);
         grant usage on type t to it_odd_reader;
         grant usage on schema information_schema to it_odd_reader;
         revoke select on information_schema.tables from public;
         grant select (table_name) on information_schema.columns to it_odd_reader;
         revoke execute on function information_schema._pg_truetypid(pg_attribute, pg_type) from public",
    );
    assert_named(
        &pair,
        &[
            ("type t", "row type"),
            ("schema information_schema", "information_schema"),
            ("view information_schema.tables", "information_schema"),
            ("information_schema.columns.table_name", "information_schema"),
            ("_pg_truetypid", "information_schema"),
        ],
    );
    pair.target.sql("drop table t");
    clone(&pair, &["--no-privileges"]).exits(0);
}

#[test]
fn comments_on_what_a_table_has_from_its_parent_are_named() {
    let pair = Pair::filled(
        "it_inherited_comments",
        "create function public.f() returns trigger language plpgsql as 'begin end';
         create table k (id integer primary key);
         create table p (id integer references k, v integer constraint positive check (v > 0)) partition by list (id);
         create table leaf partition of p for values in (1);
         create trigger shared after insert on p for each row execute function public.f();
         comment on trigger shared on leaf is 'x';
         comment on trigger shared on p is 'arrives';
         comment on constraint positive on leaf is 'x';
         comment on constraint positive on p is 'arrives';
         comment on constraint p_id_fkey on leaf is 'x';
         comment on type k is 'x'",
    );
    let wanted = ["trigger shared on", "positive on", "p_id_fkey on", "type public.k"];
    assert_named(&pair, &wanted.map(|object| (object, "leaves out comments")));
    pair.target.sql("drop table p, k; drop function f");
    clone(&pair, &["--no-comments"]).exits(0);
}

#[test]
fn a_foreign_key_that_is_asleep_is_named_because_it_wakes_up() {
    let pair = Pair::filled(
        "it_asleep",
        "create table k (id integer primary key);
         create table t (id integer references k);
         create table other (id integer references k, u integer unique deferrable);
         alter table t disable trigger all",
    );
    assert_named(&pair, &[("t_id_fkey on t", "disabled")]);
}

#[test]
fn a_partition_that_is_half_detached_is_named() {
    let pair = Pair::filled(
        "it_half_detached",
        "create table p (id integer) partition by list (id);
         create table leaf partition of p for values in (1);
         insert into p values (1)",
    );
    let reader = pair.source.session();
    reader.sql("begin; select * from p");
    let detaching = pair.source.session();
    detaching.sql("set statement_timeout = '300ms'");
    let error = detaching.try_sql("alter table p detach partition leaf concurrently").unwrap_err();
    reader.sql("commit");
    // Up to 13 it is no statement, so that nothing can be half done.
    if pair.source.version() < 14 {
        assert!(error.starts_with("42601"), "{error}");
        clone(&pair, &[]).exits(0);
        return;
    }
    assert_named(&pair, &[("leaf", "FINALIZE")]);
}

#[test]
fn a_user_mapping_whose_options_we_are_not_shown_is_named() {
    let mut pair = Pair::filled(
        "it_hidden_options",
        "create extension postgres_fdw;
         create server elsewhere foreign data wrapper postgres_fdw options (host 'nowhere.invalid');
         create user mapping for postgres server elsewhere options (password 'hidden-from-us');
         create table t (x integer)",
    );
    pair.role("it_not_shown", "login password 'not-shown-pw'");
    pair.source.sql("grant select on t to it_not_shown");
    let url = pair.source.url_as("it_not_shown", "not-shown-pw");
    let entries = not_copied(&clone(&pair, &["--json", "-x", "-s", &url]).exits(3));
    assert!(named(&entries, "postgres on elsewhere").contains("not shown"), "{entries:?}");
    assert_eq!(entries.len(), 1, "{entries:?}");
}

#[test]
fn replication_slots_and_prepared_transactions_are_named() {
    let directory = tempfile::Builder::new().prefix("fdwcopy-it-slots.").tempdir().unwrap();
    let mode = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(directory.path(), mode).unwrap();
    let (bin, data) = (source_programs().unwrap(), directory.path().join("data"));
    initialize(&bin, &data, "slots-pw").unwrap();
    let settings = "-c wal_level=logical -c max_prepared_transactions=2";
    let cluster = Cluster::start(&bin, &bin.join("postgres"), &data, settings).unwrap();
    let pair = Pair::on([&cluster.server("slots-pw"), &servers().target], "it_slots", ["", ""]);
    pair.source.sql("create table t (x integer); insert into t values (1)");
    pair.source.sql("select pg_create_logical_replication_slot('it_slot', 'test_decoding')");
    let preparing = pair.source.session();
    preparing.sql("begin; insert into t values (2); prepare transaction 'it_prepared'");
    assert_named(&pair, &[("it_slot", "replication slot"), ("it_prepared", "neither committed")]);
    preparing.sql("rollback prepared 'it_prepared'");
    pair.source.sql("select pg_drop_replication_slot('it_slot')");
    drop(pair);
    cluster.stop().unwrap();
}

#[test]
fn a_subscription_is_named_and_left_out() {
    let pair = Pair::filled(
        "it_subscription",
        "create table t (x integer);
         create subscription feed connection 'host=nowhere.invalid dbname=x' publication news with (connect = false)",
    );
    assert_named(&pair, &[("feed", "subscriber")]);
    assert_eq!(pair.target.count("pg_subscription where subname = 'feed'"), 0);
    let drop = |database: &Database| {
        for statement in ["alter subscription feed set (slot_name = none)", "drop subscription feed"] {
            database.sql(statement);
        }
    };
    drop(&pair.source);
}

#[test]
fn a_name_that_changes_is_a_warning_and_another_order_of_columns_is_named() {
    let pair = Pair::filled(
        "it_moved",
        "create table k (id integer primary key);
         create table p (id integer references k) partition by list (id);
         create table leaf (id integer constraint own_name references k);
         alter table p attach partition leaf for values in (1);
         create table parent (a integer);
         create table child (own text) inherits (parent);
         alter table parent add column late integer;
         create table apart (own text, a integer, late integer)",
    );
    // The table itself is named when the target has it.
    let report = clone(&pair, &["--json"]).exits(3).json();
    assert_eq!(list(&report, "not_copied", &["kind", "object"]), [["column order", "public.child"]]);
    let warnings = list(&report, "warnings", &["code", "object"]);
    let has =
        |code: &str, object: &str| warnings.iter().any(|found| found[0] == code && found[1].contains(object));
    assert!(has("constraint-renamed", "own_name"), "{warnings:?}");
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(list(&report, "not_copied", &["kind", "object"]), [["column order", "public.child"]]);
}

#[test]
fn a_dry_run_names_them_too() {
    let pair = Pair::filled(
        "it_dry_left_out",
        "create table t (x integer unique deferrable); alter table t disable trigger all",
    );
    let run = clone(&pair, &["--json", "--dry-run"]);
    assert!(named(&not_copied(&run), "t_x_key").contains("disabled"));
}

#[test]
fn what_was_done_to_an_extension_by_hand_is_named() {
    let pair = Pair::filled(
        "it_by_hand",
        "create extension fuzzystrmatch;
         create extension pg_stat_statements;
         create table t (x integer);
         create table swallowed (x integer primary key, y text);
         insert into swallowed values (1, 'y');
         create function public.f() returns trigger language plpgsql as 'begin return new; end';
         alter extension fuzzystrmatch add table swallowed;
         create index swallowed_index on swallowed (y);
         create trigger swallowed_trigger before insert on swallowed for each row execute function public.f();
         create or replace function public.soundex(text) returns text immutable language sql as 'select $1';
         comment on function public.metaphone(text, integer) is 'ours';
         create rule no_reset as on delete to pg_stat_statements do instead nothing",
    );
    let run = clone(&pair, &["--json"]).exits(3);
    let entries = not_copied(&run);
    for object in ["public.swallowed", "swallowed_pkey", "swallowed_index", "swallowed_trigger"] {
        assert!(named(&entries, object).contains("added by hand"), "{entries:?}");
    }
    // In another version an extension may have other members: that they are not compared is told.
    let version = "select extversion from pg_extension where extname = 'pg_stat_statements'";
    if pair.source.value(version) == pair.target.value(version) {
        assert!(named(&entries, "no_reset").contains("added by hand"), "{entries:?}");
    } else {
        assert!(run.stdout.contains("what was changed in it by hand is not looked for"), "{}", run.stdout);
    }
    assert!(!entries.iter().any(|(object, _)| object.ends_with("swallowed.x")), "{entries:?}");
    // Servers of other versions may write the same definition in another way.
    let same = pair.source.version() == pair.target.version();
    assert_eq!(entries.iter().any(|(object, _)| object.contains("soundex")), same, "{entries:?}");
    assert!(named(&entries, "metaphone").contains("comment"), "{entries:?}");
    assert!(!pair.target.exists("swallowed") && pair.target.exists("t"));
    assert_nothing_left(&pair);
}
