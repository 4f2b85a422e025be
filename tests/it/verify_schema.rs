//! `fdwcopy verify` of definitions: a clone has no difference, and whatever is changed afterwards is found and named.
//!
//! Invariant: every change is taken back, and then there is no difference again.

use serde_json::Value;

use crate::command::{Fdwcopy, Run, clone};
use crate::hostile::{forgotten, hostile, roles_for_us};
use crate::pair::{Pair, Session};

/// Compares definitions only.
fn verify(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["verify", "--schema-only", "--json"]).args(args).run()
}

/// The differences as `schema.name object: aspect`.
fn differences(run: &Run) -> Vec<String> {
    let document = run.json();
    let word = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let line = |row: &Value| {
        assert_eq!(row["kind"], "schema", "{row}");
        let name = [word(row, "schema"), word(row, "name")].join(".");
        let missing = if row["target"] == "missing" { "missing" } else { "extra" };
        let aspect = row["aspect"].as_str().unwrap_or(missing);
        format!("{} {}: {aspect}", name.trim_start_matches('.'), word(row, "object"))
    };
    let lines = document["differences"].as_array().unwrap().iter().map(line);
    // From 18 on NOT NULL is a constraint too.
    lines.filter(|line| !line.contains(" not-null constraint ")).collect()
}

/// Fails the test unless just these are found, and the exit code says so.
#[track_caller]
fn assert_found(pair: &Pair, args: &[&str], expected: &[&str]) {
    let run = verify(pair, args);
    assert_eq!(differences(&run), expected, "{}{}", run.stdout, run.stderr);
    run.exits(if expected.is_empty() { 0 } else { 3 });
}

/// A pair with one of each kind of object, cloned.
fn cloned(name: &str) -> Pair {
    let pair = Pair::new(name);
    pair.source.load("definitions.sql");
    clone(&pair, &["--no-analyze"]).exits(0);
    pair
}

#[test]
fn the_hostile_database_has_no_difference_after_a_clone() {
    let _roles = roles_for_us();
    let pair = hostile("it_vs_hostile", "");
    clone(&pair, &["--no-analyze"]).exits(if forgotten(&pair).is_empty() { 0 } else { 3 });
    assert_found(&pair, &[], &[]);
}

/// What is done to the target, what takes it back, and what is found meanwhile.
type Change = (&'static str, &'static str, &'static [&'static str]);

/// Makes the changes one after the other in sessions of this kind.
#[track_caller]
fn assert_each_is_found(pair: &Pair, session: impl Fn() -> Session, changes: &[Change]) {
    for (change, mend, expected) in changes {
        session().sql(change);
        assert_found(pair, &[], expected);
        session().sql(mend);
    }
    assert_found(pair, &[], &[]);
}

const TABLES: &[Change] = &[
    (
        "drop index app.by_total",
        "create index by_total on app.t (total) where total > 0",
        &["app.t index by_total: missing"],
    ),
    (
        "drop index app.by_total; create index by_total on app.t (total)",
        "drop index app.by_total; create index by_total on app.t (total) where total > 0",
        &["app.t index by_total: definition"],
    ),
    (
        "alter table app.t drop constraint sane, add constraint sane check (n > 0) not valid",
        "alter table app.t validate constraint sane",
        &["app.t constraint sane: valid"],
    ),
    (
        "alter table app.t drop constraint sane, add constraint sane check (n > 1) not valid",
        "alter table app.t drop constraint sane, add constraint sane check (n > 0)",
        &["app.t constraint sane: definition", "app.t constraint sane: valid"],
    ),
    (
        "alter table app.t drop constraint named",
        "alter table app.t add constraint named unique (name)",
        &["app.t constraint named: missing"],
    ),
    (
        "alter table app.other alter constraint to_t deferrable",
        "alter table app.other alter constraint to_t not deferrable",
        &["app.other constraint to_t: definition"],
    ),
    (
        "alter table app.t disable trigger fires",
        "alter table app.t enable trigger fires",
        &["app.t trigger fires: state"],
    ),
    (
        "drop trigger fires on app.t;
         create trigger fires after insert on app.t for each row execute function app.fires()",
        "drop trigger fires on app.t;
         create trigger fires before insert on app.t for each row execute function app.fires()",
        &["app.t trigger fires: definition"],
    ),
    (
        "alter table app.t alter n set default 6",
        "alter table app.t alter n set default 5",
        &["app.t column n: default"],
    ),
    (
        "alter table app.t alter n drop not null",
        "alter table app.t alter n set not null",
        &["app.t column n: nullability"],
    ),
    (
        "alter table app.other alter x type varchar(9)",
        "alter table app.other alter x type text",
        &["app.other column x: type"],
    ),
    (
        "alter table app.other alter x type text collate \"C\"",
        "alter table app.other alter x type text",
        &["app.other column x: collation"],
    ),
    (
        "alter table app.other alter id set generated always",
        "alter table app.other alter id set generated by default",
        &["app.other column id: identity"],
    ),
    (
        "alter table app.other alter x set statistics 7, alter x set storage external",
        "alter table app.other alter x set statistics -1, alter x set storage extended",
        &["app.other column x: statistics target", "app.other column x: storage"],
    ),
    ("alter table app.other drop x", "alter table app.other add x text", &["app.other column x: missing"]),
    (
        "alter table app.other add more integer",
        "alter table app.other drop more",
        &["app.other column more: extra"],
    ),
    (
        "create table app.extra (id serial primary key, x text default 'x'); create index on app.extra (x)",
        "drop table app.extra",
        &["app.extra table: extra"],
    ),
    (
        "alter table app.other rename to another",
        "alter table app.another rename to other",
        &["app.another table: extra", "app.other table: missing", "app.other_id_seq sequence: owned by"],
    ),
    (
        "alter table app.parted detach partition app.part_2",
        "alter table app.parted attach partition app.part_2 for values from (10) to (20)",
        &[
            "app.part_2 table: parents",
            "app.part_2 table: partition bound",
            "app.part_2 index part_2_v_idx: part of",
        ],
    ),
    (
        "alter table app.part_1 set (fillfactor = 50), set unlogged",
        "alter table app.part_1 reset (fillfactor), set logged",
        &["app.part_1 table: options", "app.part_1 table: persistence"],
    ),
    (
        "alter table app.other enable row level security, replica identity full",
        "alter table app.other disable row level security, replica identity default",
        &["app.other table: replica identity", "app.other table: row security"],
    ),
    (
        "alter policy own on app.other using (id > 1)",
        "alter policy own on app.other using (id > 0)",
        &["app.other policy own: using"],
    ),
    (
        "alter table app.other disable rule quiet",
        "alter table app.other enable rule quiet",
        &["app.other rule quiet: state"],
    ),
    (
        "create or replace view app.seen as select id, name from app.t where n > 2",
        "create or replace view app.seen as select id, name from app.t where n > 1",
        &["app.seen view: definition"],
    ),
    (
        "refresh materialized view app.summed with no data",
        "refresh materialized view app.summed",
        &["app.summed materialized view: populated"],
    ),
];

#[test]
fn what_is_changed_in_tables_is_found_and_named() {
    let pair = cloned("it_vs_tables");
    assert_each_is_found(&pair, || pair.target.login_session(), TABLES);
}

const OTHERS: &[Change] = &[
    (
        "alter type app.pair add attribute c integer",
        "alter type app.pair drop attribute c",
        &["app.pair type: attributes"],
    ),
    (
        "alter domain app.positive set not null",
        "alter domain app.positive drop not null",
        &["app.positive domain: nullability"],
    ),
    (
        "alter domain app.positive drop constraint above_zero",
        "alter domain app.positive add constraint above_zero check (value > 0)",
        &["app.positive domain: constraints"],
    ),
    (
        "alter sequence app.free increment 3 maxvalue 99",
        "alter sequence app.free increment 2 no maxvalue",
        &["app.free sequence: increment", "app.free sequence: maximum"],
    ),
    (
        "alter sequence app.free owned by app.other.t",
        "alter sequence app.free owned by none",
        &["app.free sequence: owned by"],
    ),
    (
        "create or replace function app.twice(x integer) returns integer immutable language sql as 'select x + x'",
        "create or replace function app.twice(x integer) returns integer immutable language sql as 'select x * 2'",
        &["app.twice(integer) function: body"],
    ),
    (
        "alter function app.twice(integer) stable security definer",
        "alter function app.twice(integer) immutable security invoker",
        &["app.twice(integer) function: security definer", "app.twice(integer) function: volatility"],
    ),
    (
        "create function app.twice(x bigint) returns bigint language sql as 'select x * 2'",
        "drop function app.twice(bigint)",
        &["app.twice(bigint) function: extra"],
    ),
    (
        "drop procedure app.does",
        "create procedure app.does(x integer) language sql as ''",
        &["app.does(integer) procedure: missing"],
    ),
    (
        "create or replace aggregate app.total (integer) (sfunc = int4pl, stype = integer, initcond = '7')",
        "create or replace aggregate app.total (integer) (sfunc = int4pl, stype = integer, initcond = '0')",
        &["app.total(integer) aggregate: aggregation"],
    ),
    (
        "alter operator app.<<< (integer, integer) set (restrict = scalarltsel)",
        "alter operator app.<<< (integer, integer) set (restrict = none)",
        &["app.<<<(integer, integer) operator: restrict"],
    ),
    (
        "alter text search configuration app.words drop mapping for email",
        "alter text search configuration app.words add mapping for email with simple",
        &["app.words text search configuration: mappings"],
    ),
    (
        "drop collation app.plain",
        "create collation app.plain (locale = 'C')",
        &["app.plain collation: missing"],
    ),
    (
        "drop statistics app.related; create statistics app.related (ndistinct) on n, total from app.t",
        "drop statistics app.related; create statistics app.related (dependencies) on n, total from app.t",
        &["app.related statistics: definition"],
    ),
    (
        "alter publication news set (publish = 'insert, update'); alter publication news add table app.other",
        "alter publication news set (publish = 'insert, update, delete, truncate');
         alter publication news drop table app.other",
        &["news publication: delete", "news publication: tables", "news publication: truncate"],
    ),
    (
        "create schema more; create table more.t (id serial); create type more.e as enum ()",
        "drop schema more cascade",
        &["more schema: extra"],
    ),
];

/// What takes a superuser.
const SUPERUSERS: &[Change] = &[
    (
        "update pg_index set indisvalid = false where indexrelid = 'app.by_total'::regclass",
        "update pg_index set indisvalid = true where indexrelid = 'app.by_total'::regclass",
        &["app.t index by_total: valid"],
    ),
    (
        "alter table app.other disable trigger all",
        "alter table app.other enable trigger all",
        &["app.other constraint to_t: triggers"],
    ),
    (
        "alter type app.mood add value 'glad' before 'happy'",
        "delete from pg_enum where enumlabel = 'glad'",
        &["app.mood type: labels"],
    ),
    (
        "alter extension hstore update to '1.6'",
        "drop extension hstore; create extension hstore schema public version '1.5'",
        &["hstore extension: version"],
    ),
    (
        "drop extension hstore",
        "create extension hstore schema public version '1.5'",
        &["hstore extension: missing"],
    ),
    ("create extension citext", "drop extension citext", &["citext extension: extra"]),
    (
        "create schema w; create function w.atch() returns event_trigger language plpgsql as 'begin end';
         create event trigger watch on ddl_command_end execute function w.atch()",
        "drop event trigger watch; drop schema w cascade",
        &["watch event trigger: extra", "w schema: extra"],
    ),
    (
        "create foreign data wrapper w; create server s foreign data wrapper w;
         create user mapping for public server s options (password 'secret')",
        "drop foreign data wrapper w cascade",
        &["public on s user mapping: extra", "s server: extra", "w foreign-data wrapper: extra"],
    ),
    (
        "create cast (app.pair as text) with inout",
        "drop cast (app.pair as text)",
        &["app.pair AS text cast: extra"],
    ),
];

#[test]
fn what_is_changed_in_other_objects_is_found_and_named() {
    let pair = cloned("it_vs_objects");
    assert_each_is_found(&pair, || pair.target.login_session(), OTHERS);
    assert_each_is_found(&pair, || pair.target.session(), SUPERUSERS);
    pair.target.sql("drop schema app cascade");
    assert_found(&pair, &[], &["news publication: tables", "app schema: missing"]);
}

#[test]
fn owners_privileges_and_comments_are_compared_unless_they_do_not_count() {
    let mut pair = cloned("it_vs_rights");
    pair.role("it_vs_other", "nologin");
    let (target, owner) = (pair.target.session(), &pair.target.login.user);
    target.sql("alter table app.other owner to it_vs_other");
    assert_found(&pair, &[], &["app.other table: owner", "app.other_id_seq sequence: owner"]);
    assert_found(&pair, &["--no-owner"], &[]);
    target.sql(&format!("alter table app.other owner to {owner}"));
    for (change, mend, expected) in [
        ("grant insert on app.t to it_vs_other", "revoke insert on app.t from it_vs_other", "app.t table"),
        (
            "grant select on app.t to it_vs_other with grant option",
            "revoke all on app.t from it_vs_other",
            "app.t table",
        ),
        ("revoke select on app.t from public", "grant select on app.t to public", "app.t table"),
        (
            "grant update (n) on app.t to it_vs_other",
            "revoke update (n) on app.t from it_vs_other",
            "app.t column n",
        ),
        (
            "revoke execute on function app.twice(integer) from public",
            "grant execute on function app.twice(integer) to public",
            "app.twice(integer) function",
        ),
        (
            "grant usage on schema app to it_vs_other",
            "revoke usage on schema app from it_vs_other",
            "app schema",
        ),
    ] {
        target.sql(change);
        assert_found(&pair, &[], &[&format!("{expected}: privileges")]);
        assert_found(&pair, &["--no-privileges"], &[]);
        target.sql(mend);
    }
    target
        .sql("alter default privileges for role it_vs_other in schema app grant select on tables to public");
    assert_found(&pair, &[], &["app.of it_vs_other on tables default privileges: extra"]);
    assert_found(&pair, &["-x"], &[]);
    target.sql(
        "alter default privileges for role it_vs_other in schema app revoke select on tables from public",
    );
    target.sql("comment on table app.t is 'another'; comment on column app.t.n is null");
    assert_found(&pair, &[], &["app.t table: comment", "app.t column n: comment"]);
    assert_found(&pair, &["--no-comments"], &[]);
    target.sql("comment on table app.t is 'a table'; comment on column app.t.n is 'a column'");
    assert_found(&pair, &[], &[]);
}

#[test]
fn only_what_is_chosen_is_compared() {
    let pair = cloned("it_vs_chosen");
    pair.target.sql(
        "alter table app.other add more integer; drop function app.twice(integer);
         create schema free; create table free.t (x integer); drop extension hstore",
    );
    let (extension, function) = ("hstore extension: missing", "app.twice(integer) function: missing");
    let (column, schema) = ("app.other column more: extra", "free schema: extra");
    assert_found(&pair, &[], &[extension, function, column, schema]);
    assert_found(&pair, &["-n", "app"], &[function, column]);
    assert_found(&pair, &["-N", "app"], &[extension, schema]);
    assert_found(&pair, &["-t", "app.other"], &[column]);
    assert_found(&pair, &["-t", "app.t"], &[]);
    assert_found(&pair, &["-T", "app.other"], &[extension, function, schema]);
}

#[test]
fn a_table_of_another_name_is_compared_with_what_it_is_called_on_the_target() {
    let pair = cloned("it_vs_into");
    pair.target.sql(
        "create schema archive; alter table app.other set schema archive;
         alter table archive.other rename to \"Old\"; alter table app.t rename to t2",
    );
    let chosen = ["-t", "app.t", "-t", "app.other"];
    let into = ["--into", "app.t=app.t2", "--into", "app.other=archive.\"Old\""];
    let options = [&chosen[..], &into[..]].concat();
    // Sequences went along under names of their own.
    let sequences = |line: &String| !line.contains(" sequence: ");
    let found: Vec<String> = differences(&verify(&pair, &options)).into_iter().filter(sequences).collect();
    assert_eq!(found, Vec::<String>::new());
    pair.target.sql("alter table archive.\"Old\" drop constraint to_t");
    let found: Vec<String> = differences(&verify(&pair, &options)).into_iter().filter(sequences).collect();
    assert_eq!(found, ["archive.Old constraint to_t: missing"]);
}

#[test]
fn people_are_told_what_differs_on_a_line_each() {
    let pair = cloned("it_vs_words");
    pair.target.sql(
        "alter table app.t alter n set default 6; drop table app.other; grant insert on app.t to public",
    );
    let run = Fdwcopy::between(&pair).args(&["verify", "--schema-only"]).run().exits(3);
    for line in [
        "app.t: column n: default: 5 on the source, 6 on the target",
        "app.other: table: there, with 9 parts on the source, missing on the target",
        "app.t: table: privileges: without on the source, INSERT to PUBLIC on the target",
    ] {
        assert!(run.stdout.contains(line), "{line} is not in\n{}", run.stdout);
    }
}

#[test]
fn a_foreign_key_that_does_not_fire_for_one_partition_is_found() {
    let pair = Pair::new("it_vs_unfired");
    for side in [&pair.source, &pair.target] {
        side.sql(
            "create table o (id integer primary key); create table p (id integer references o) partition by range (id);
             create table p1 partition of p for values from (0) to (9) partition by range (id);
             create table p1a partition of p1 for values from (0) to (9)",
        );
    }
    assert_found(&pair, &["-O", "-x"], &[]);
    pair.target.sql("alter table p1a disable trigger all");
    assert_found(&pair, &["-O", "-x"], &["public.p constraint p_id_fkey: triggers"]);
}
