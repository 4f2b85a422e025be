//! Plain roles: what they lack is told beforehand, with the statements that mend it, and what only a superuser may create is
//! named. That everything else works for them is what the whole suite shows with `FDWCOPY_TEST_ROLES=plain`.

use crate::command::{Fdwcopy, Run, clone, fdwcopy, list};
use crate::equality::{assert_equal, assert_nothing_left, rows, sequences};
use crate::pair::{Database, Pair, wait_for};

const PASSWORD: &str = "rights-pw";

/// fdwcopy as a role of its own on each side that may log in and no more.
fn strangers(pair: &mut Pair, name: &str) -> [String; 2] {
    let roles = [format!("{name}_reader"), format!("{name}_writer")];
    let (source, target) = (pair.source.server.clone(), pair.target.server.clone());
    pair.role_on(&source, &roles[0], &format!("login password '{PASSWORD}'"));
    pair.role_on(&target, &roles[1], &format!("login password '{PASSWORD}'"));
    if pair.target.is_plain() {
        // This one is to become a member of the other, not the other way round.
        pair.target.server_sql(&format!("revoke {} from {}", roles[1], pair.target.login.user));
    }
    roles
}

fn run_as(pair: &Pair, roles: &[String; 2], args: &[&str]) -> Run {
    let source = pair.source.url_as(&roles[0], PASSWORD);
    let target = pair.target.url_as(&roles[1], PASSWORD);
    Fdwcopy::alone().source(&source).target(&target).args(args).run()
}

/// Runs, as an administrator, what a refused check prints for one side.
fn grant(run: &Run, side: &str, database: &Database) {
    let report = run.json();
    assert_eq!(report["grants"][format!("{side}_database")], database.name.as_str());
    for statement in report["grants"][side].as_array().unwrap() {
        database.sql(statement.as_str().unwrap());
    }
}

#[test]
fn what_a_check_prints_for_the_administrators_is_all_that_is_missing() {
    let mut pair = Pair::filled(
        "it_rights_grants",
        "create schema many; create schema \"Odd \"\"one\"; create schema few; create schema ext;
         create table many.t1 (id serial primary key, x text); create table many.t2 (id serial); create table many.t3 (id serial);
         create table many.t4 (id serial); create view many.v as select * from many.t1;
         create table few.t (id integer); create sequence few.s;
         create table \"Odd \"\"one\".\"T\" (id integer);
         create extension hstore schema few; create extension pageinspect schema ext;
         create table guarded (x integer); alter table guarded enable row level security;
         insert into many.t1 (x) select i from generate_series(1, 100) i; insert into guarded values (1)",
    );
    let roles = strangers(&mut pair, "it_rights_grants");
    let server = pair.source.server.clone();
    pair.role_on(&server, "it_rights_owner", "nologin");
    pair.source
        .sql("alter table few.t owner to it_rights_owner; grant create on schema few to it_rights_owner");
    // As nobody has prepared it.
    pair.target.server_sql(&format!("alter database {} owner to postgres", pair.target.name));
    pair.target.server_sql(&format!("revoke temporary on database {} from public", pair.target.name));
    pair.target.sql("drop extension if exists postgres_fdw");

    let check = run_as(&pair, &roles, &["check", "--json"]).exits(4);
    let of = |side: &str| check.json()["grants"][side].to_string();
    for words in [r#"SELECT ON ALL TABLES IN SCHEMA \"many\" TO"#, "BYPASSRLS", "USAGE ON SCHEMA"] {
        assert!(of("source").contains(words), "no {words} in {}", of("source"));
    }
    for words in ["CREATE, TEMPORARY ON DATABASE", "CREATE EXTENSION", "pageinspect", "FOREIGN DATA WRAPPER"]
    {
        assert!(of("target").contains(words), "no {words} in {}", of("target"));
    }
    assert!(!of("target").contains("hstore"), "trusted: {}", of("target"));
    let told = run_as(&pair, &roles, &["check"]).exits(4).stdout;
    for words in [
        "\n-- on the source, in the database it_rights_grants_src",
        "\nGRANT SELECT ON",
        "\nCREATE EXTENSION",
    ] {
        assert!(told.contains(words), "no {words} in {told}");
    }

    grant(&check, "source", &pair.source);
    grant(&check, "target", &pair.target);
    let check = run_as(&pair, &roles, &["check", "--json"]);
    assert_eq!(check.code, Some(0), "{}", check.stdout);
    // What an administrator has denied to all in the target's database stays denied, and is named.
    let run = run_as(&pair, &roles, &["clone", "--json"]).exits(3);
    assert_eq!(
        list(&run.json(), "not_copied", &["object"]),
        [[format!("{}: TEMPORARY of PUBLIC", pair.target.name)]]
    );
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_eq!(sequences(&pair.source), sequences(&pair.target));
    let owner = "select tableowner from pg_tables where schemaname = 'few'";
    assert_eq!(pair.target.value(owner), "it_rights_owner");
}

#[test]
fn owners_that_may_not_create_in_a_schema_own_what_lies_in_it_all_the_same() {
    let mut pair = Pair::new("it_rights_owners");
    pair.role("it_rights_lord", "nologin");
    pair.role("it_rights_guest", "nologin");
    pair.source.sql(
        "create schema app authorization it_rights_lord; create table app.t (id serial primary key, x integer);
         create function app.f() returns integer language sql as 'select 1'; create type app.e as enum ('a');
         create view app.v as select * from app.t; insert into app.t (x) values (1); create statistics app.s on id, x from app.t;
         create materialized view app.m as select count(*) from app.t",
    );
    for kind in [
        "table app.t",
        "function app.f()",
        "type app.e",
        "view app.v",
        "statistics app.s",
        "materialized view app.m",
    ] {
        pair.source.sql(&format!("alter {kind} owner to it_rights_guest"));
    }
    pair.source.sql("grant usage on schema app to it_rights_guest");
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn in_a_schema_of_somebody_else_on_the_target_they_need_the_right_and_the_grant_is_told() {
    let mut pair = Pair::filled("it_rights_shut_out", "create table t (id integer)");
    let roles = strangers(&mut pair, "it_rights_shut_out");
    pair.role("it_rights_alien", "nologin");
    pair.source.sql(&format!("alter table t owner to it_rights_alien; grant select on t to {}", roles[0]));
    pair.target.server_sql(&format!(
        "alter database {} owner to {1}; grant it_rights_alien to {1}",
        pair.target.name, roles[1]
    ));
    pair.target.sql(&format!(
        "create extension if not exists postgres_fdw; grant usage on foreign data wrapper postgres_fdw to {0};
         alter schema public owner to postgres; revoke create on schema public from public;
         grant create, usage on schema public to {0}",
        roles[1]
    ));
    let check = run_as(&pair, &roles, &["check", "--json", "-x"]).exits(4);
    assert_eq!(check.findings(), [("owner-shut-out".into(), "schema public".into())]);
    grant(&check, "target", &pair.target);
    run_as(&pair, &roles, &["clone", "-x"]).exits(0);
    assert_eq!(
        pair.target.value("select tableowner from pg_tables where tablename = 't'"),
        "it_rights_alien"
    );
}

#[test]
fn rows_that_row_security_forces_on_their_owner_are_copied_and_counted() {
    let mut pair = Pair::filled(
        "it_rights_forced",
        "create table secret (id integer primary key, x text); insert into secret select i, i from generate_series(1, 50) i;
         create policy few on secret using (id < 3);
         alter table secret enable row level security; alter table secret force row level security",
    );
    let roles = strangers(&mut pair, "it_rights_forced");
    pair.source.server_sql(&format!("alter role {} bypassrls", roles[0]));
    pair.source.sql(&format!("grant select on secret to {}", roles[0]));
    pair.target.server_sql(&format!("alter database {} owner to {}", pair.target.name, roles[1]));
    pair.target.sql(&format!(
        "create extension if not exists postgres_fdw; grant usage on foreign data wrapper postgres_fdw to {}",
        roles[1]
    ));
    run_as(&pair, &roles, &["clone", "-O", "-x", "--verify", "checksum"]).exits(0);
    assert_eq!(rows(&pair.source), rows(&pair.target));
    let flags = "select relrowsecurity and relforcerowsecurity from pg_class where relname = 'secret'";
    assert_eq!(pair.target.value(flags), "t");
}

#[test]
fn what_only_a_superuser_may_create_is_named_before_and_after() {
    let mut pair = Pair::filled(
        "it_rights_superuser",
        "create table t (x integer); insert into t values (1);
         create function on_ddl() returns event_trigger language plpgsql as 'begin end';
         create event trigger watch on ddl_command_end execute function on_ddl();
         create publication everything for all tables;
         create type husk; create function husk_in(cstring) returns husk immutable language internal as 'int4in';
         create function husk_out(husk) returns cstring immutable language internal as 'int4out';
         create type husk (input = husk_in, output = husk_out, like = integer);
         create operator family f using btree;
         create text search template simpler (lexize = dsimple_lexize);
         create foreign data wrapper nothing",
    );
    let roles = strangers(&mut pair, "it_rights_superuser");
    pair.source.sql(&format!("grant select on t to {}", roles[0]));
    pair.target.server_sql(&format!("alter database {} owner to {}", pair.target.name, roles[1]));
    pair.target.sql(&format!(
        "create extension if not exists postgres_fdw; grant usage on foreign data wrapper postgres_fdw to {}",
        roles[1]
    ));
    let check = run_as(&pair, &roles, &["check", "--json", "-O", "-x"]).exits(0);
    let warned: Vec<String> = list(&check.json(), "warnings", &["code", "object"])
        .into_iter()
        .filter(|warning| warning[0] == "superuser-needed")
        .map(|mut warning| warning.remove(1))
        .collect();
    let run = run_as(&pair, &roles, &["clone", "--json", "-O", "-x"]).exits(3);
    let named = list(&run.json(), "not_copied", &["object"]).concat().join("\n");
    for (object, name) in [
        ("event trigger watch", "watch"),
        ("publication everything", "everything"),
        ("type public.husk", "husk"),
        ("operator family public.f USING btree", "f"),
        ("text search template public.simpler", "simpler"),
        ("foreign-data wrapper nothing", "nothing"),
    ] {
        assert!(warned.iter().any(|warning| warning == object), "{object} is not in {warned:?}");
        assert!(named.contains(name), "{name} is not in {named}");
    }
    assert_eq!(pair.target.count("t"), 1);
    assert_equal_as_far_as_it_goes(&pair);
}

fn assert_equal_as_far_as_it_goes(pair: &Pair) {
    assert_eq!(rows(&pair.source), rows(&pair.target));
}

#[test]
fn what_a_plain_role_cannot_see_of_user_mappings_is_named() {
    let mut pair = Pair::filled(
        "it_rights_mapping",
        "create foreign data wrapper elsewhere; create server far foreign data wrapper elsewhere;
         create user mapping for public server far options (password 'M4pp3dC0re')",
    );
    let roles = strangers(&mut pair, "it_rights_mapping");
    let check = run_as(&pair, &roles, &["check", "--json", "-O", "-x"]);
    let warned = list(&check.json(), "warnings", &["code", "object"]);
    assert!(
        warned.contains(&vec!["options-hidden".into(), "user mapping public on far".into()]),
        "{warned:?}"
    );
    let run = fdwcopy(&pair, &["check", "--json", "-O", "-x"]);
    let superuser = !pair.source.is_plain();
    assert_eq!(
        list(&run.json(), "warnings", &["code"]).concat().contains(&"options-hidden".into()),
        !superuser
    );
}

#[test]
fn default_privileges_of_the_targets_role_do_not_count_for_what_is_copied_and_stay_as_they_are() {
    let mut pair = Pair::filled(
        "it_rights_defaults",
        "create table t (x integer); create view v as select 1 as x; create sequence s; create type e as enum ('a');
         create function f() returns integer language sql as 'select 1'; create schema other; create table other.t (x integer)",
    );
    let server = pair.target.server.clone();
    pair.role_on(&server, "it_rights_defaults_extra", "nologin");
    let login = pair.target.login_session();
    let defaults = [
        (
            "grant select on tables to it_rights_defaults_extra",
            "revoke all on tables from it_rights_defaults_extra",
        ),
        (
            "in schema public grant insert on tables to it_rights_defaults_extra with grant option",
            "in schema public revoke all on tables from it_rights_defaults_extra",
        ),
        (
            "grant usage on sequences to it_rights_defaults_extra",
            "revoke all on sequences from it_rights_defaults_extra",
        ),
        (
            "grant create on schemas to it_rights_defaults_extra",
            "revoke all on schemas from it_rights_defaults_extra",
        ),
        ("revoke execute on functions from public", "grant execute on functions to public"),
        ("revoke usage on types from public", "grant usage on types to public"),
    ];
    for (change, _) in defaults {
        login.sql(&format!("alter default privileges {change}"));
    }
    let there =
        "select defaclnamespace::regnamespace, defaclobjtype, defaclacl from pg_default_acl order by 1, 2";
    let before = pair.target.rows(there);
    clone(&pair, &[]).exits(0);
    assert_eq!(pair.target.rows(there), before);
    for (_, back) in defaults {
        login.sql(&format!("alter default privileges {back}"));
    }
    assert_equal(&pair);
}

/// From 18 on default privileges may speak of large objects.
#[test]
fn default_privileges_of_the_targets_role_do_not_count_for_large_objects() {
    let mut pair = Pair::new("it_lo_defaults");
    pair.role("it_lo_friend", "nologin");
    pair.source.sql(
        "select lo_from_bytea(100001, 'x'), lo_from_bytea(100002, 'y'); grant select on large object 100002 to public",
    );
    let login = pair.target.login_session();
    let knows = pair.target.version() >= 18;
    let defaults = [
        "grant all on large objects to it_lo_friend, public",
        "revoke select on large objects from current_user",
    ];
    let back = [
        "revoke all on large objects from it_lo_friend, public",
        "grant select on large objects to current_user",
    ];
    for statement in defaults {
        assert_eq!(login.try_sql(&format!("alter default privileges {statement}")).is_ok(), knows);
    }
    clone(&pair, &[]).exits(0);
    let rights =
        "select oid, coalesce(lomacl, acldefault('L', lomowner)) from pg_largeobject_metadata order by 1";
    assert_eq!(pair.source.rows(rights), pair.target.rows(rights));
    for statement in back.into_iter().filter(|_| knows) {
        login.sql(&format!("alter default privileges {statement}"));
    }
}

#[test]
fn a_right_that_the_server_silently_does_not_grant_is_named() {
    let mut pair = Pair::filled(
        "it_rights_silent",
        "create table t (x integer); create extension pg_trgm; revoke execute on function similarity(text, text) from public;
         revoke create on schema public from public",
    );
    let roles = strangers(&mut pair, "it_rights_silent");
    pair.target.sql("create extension pg_trgm");
    let check = run_as(&pair, &roles, &["check", "--json", "--no-owner"]).exits(4);
    grant(&check, "source", &pair.source);
    grant(&check, "target", &pair.target);
    let clone = run_as(&pair, &roles, &["clone", "--json", "--no-owner"]).exits(3);
    let left = list(&clone.json(), "not_copied", &["kind", "object"]);
    assert_eq!(left, [["ACL", "public.FUNCTION similarity(text, text)"]]);
}

#[test]
fn rights_on_an_extension_that_the_target_had_are_as_they_were_when_the_run_fails() {
    let pair = Pair::filled(
        "it_rights_member",
        "create extension pg_trgm; revoke execute on function similarity(text, text) from public;
         create function slow() returns text language plpgsql as $$ begin
             if current_setting('application_name') like 'fdwcopy%' then perform pg_sleep(60); end if; return 'x'; end $$;
         create materialized view refreshed_last as select slow()",
    );
    pair.target.sql("create extension pg_trgm");
    let rights = "select proacl from pg_proc where proname = 'similarity'";
    let before = pair.target.rows(rights);
    let running = Fdwcopy::between(&pair).args(&["clone"]).spawn();
    let refreshing =
        "select count(*) from pg_stat_activity where datname = current_database() and state = 'active'
                      and query like 'REFRESH %' and application_name like 'fdwcopy%'";
    wait_for("the refresh", || pair.target.value(refreshing) == "1");
    running.signal("INT");
    running.wait().exits(130);
    assert_eq!(pair.target.rows(rights), before);
    assert_nothing_left(&pair);
}

#[test]
fn a_role_that_does_not_inherit_is_told_before_anything_is_given_away() {
    let mut pair = Pair::filled("it_rights_powerless", "create table t (x integer)");
    let server = pair.source.server.clone();
    pair.role_on(&server, "it_rights_powerless_boss", "nologin");
    pair.source.sql("create schema own authorization it_rights_powerless_boss; create table own.t (x integer); alter table own.t owner to it_rights_powerless_boss");
    let roles = strangers(&mut pair, "it_rights_powerless");
    pair.target.server_sql(&format!("alter role {} noinherit createrole", roles[1]));
    let check = run_as(&pair, &roles, &["check", "--json", "--roles"]).exits(4);
    if pair.target.version() < 16 {
        let finding = ("role-no-inherit".to_owned(), format!("role {}", roles[1]));
        assert!(check.findings().contains(&finding), "{:?}", check.findings());
    }
    grant(&check, "source", &pair.source);
    grant(&check, "target", &pair.target);
    run_as(&pair, &roles, &["clone", "--roles"]).exits(0);
    assert_eq!(
        pair.target.value("select tableowner from pg_tables where schemaname = 'own'"),
        "it_rights_powerless_boss"
    );
    pair.target.sql("drop owned by it_rights_powerless_boss cascade; drop role it_rights_powerless_boss");
}
