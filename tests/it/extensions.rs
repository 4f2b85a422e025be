//! Extensions: what is configured in them, their versions, and what databases make of their types and functions.

use crate::command::{Fdwcopy, Run, clone, list};
use crate::equality::{
    assert_equal, assert_nothing_left, assert_same_schema, assert_unchanged, fingerprint, rows, sequences,
};
use crate::gate::{GATED, Gate, LATE};
use crate::pair::{Pair, wait_for};

/// User data in every table of `it_configured`.
const CONFIGURED: &str = r#"
    create schema "The ""Shop""";
    create extension it_configured schema "The ""Shop""";
    set search_path = "The ""Shop""";
    insert into settings values ('shape', 'round'), ('it''s', null);
    insert into teams (name) select 'team ' || i from generate_series(1, 20) i;
    select setval('tickets', 77);
    insert into a_members select i, 'member of ' || i from generate_series(1, 20) i;
    delete from words where word = 'an';
    insert into words values ('one');
    reset search_path;
    create table greetings (x integer, said text default "The ""Shop""".greeting());
    insert into greetings (x) select generate_series(1, 10);
"#;

fn not_copied(run: &Run) -> Vec<(String, String)> {
    let entries = list(&run.json(), "not_copied", &["object", "reason"]);
    entries.into_iter().map(|mut entry| (entry.remove(0), entry.remove(0))).collect()
}

fn warned(run: &Run, code: &str) -> Vec<String> {
    let warnings = list(&run.json(), "warnings", &["code", "object"]);
    warnings.into_iter().filter(|one| one[0] == code).map(|mut one| one.remove(1)).collect()
}

#[test]
fn what_is_configured_in_an_extension_arrives() {
    for mode in ["snapshot", "lock", "none"] {
        let pair = Pair::filled(&format!("it_configured_{mode}"), CONFIGURED);
        let run = clone(&pair, &["--json", "--verify", "checksum", "--consistency", mode]).exits(0);
        assert_equal(&pair);
        let report = list(&run.json(), "tables", &["name", "rows", "verified"]);
        let table = |name: &str| report.iter().find(|one| one[0] == name).unwrap()[1..].to_vec();
        // The extension's own rows are not counted: they come with it.
        assert_eq!(table("settings"), ["2", "checksum"]);
        assert_eq!(
            (table("words"), table("teams")),
            (vec!["3".into(), "checksum".into()], vec!["20".into(), "checksum".into()])
        );
    }
}

#[test]
fn an_extension_without_user_data_leaves_no_trace_in_the_report() {
    let pair = Pair::filled("it_configured_not", "create extension it_configured; delete from words");
    let run = clone(&pair, &["--json"]).exits(0);
    assert_eq!(not_copied(&run), []);
    assert_eq!(list(&run.json(), "tables", &["name"]), Vec::<Vec<String>>::new());
    assert_equal(&pair);
}

#[test]
fn configuration_is_left_out_with_its_extension_or_its_data() {
    let pair = Pair::filled("it_configured_out", CONFIGURED);
    let data_left_out = ["--exclude-table-data", "*.a_members", "-T", "*.settings", "--json"];
    let run = clone(&pair, &data_left_out).exits(0);
    let copied = list(&run.json(), "tables", &["name"]).concat();
    assert!(!copied.contains(&"a_members".into()) && !copied.contains(&"settings".into()), "{copied:?}");
    assert_eq!(pair.target.count(r#""The ""Shop""".settings"#), 2);
    assert_eq!(pair.target.count(r#""The ""Shop""".a_members"#), 0);
    assert_eq!(pair.target.count(r#""The ""Shop""".teams"#), 20);

    pair.target.sql(r#"drop table greetings; drop extension it_configured; drop schema "The ""Shop""""#);
    clone(&pair, &["--schema-only"]).exits(0);
    assert_eq!(pair.target.count(r#""The ""Shop""".teams"#), 0);
    assert_eq!(pair.target.count(r#""The ""Shop""".words"#), 3);
}

#[test]
fn a_run_that_is_killed_takes_the_configuration_back() {
    let pair = Pair::filled(
        "it_configured_undo",
        &format!("{CONFIGURED}{GATED}{LATE} create index on plain (public.late(id::integer))"),
    );
    pair.target.sql(r#"create schema "The ""Shop"""; create extension it_configured schema "The ""Shop""""#);
    let before = fingerprint(&pair.target);
    let gate = Gate::close_late(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    // The rows are in, and the index waits.
    assert_eq!(pair.target.count(r#""The ""Shop""".a_members"#), 20);
    run.signal("KILL");
    run.wait();
    wait_for("the janitor", || pair.target.value("select to_regnamespace('fdwcopy_state') is null") == "t");
    gate.open();
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);

    pair.target.sql(r#"drop extension it_configured; drop schema "The ""Shop""""#);
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn configuration_is_taken_up_again_after_an_interruption() {
    for (mode, had_extension) in [("lock", false), ("none", true)] {
        let pair = Pair::filled(
            &format!("it_configured_resume_{mode}"),
            &format!("{CONFIGURED}{GATED}{LATE} create index on plain (public.late(id::integer))"),
        );
        if had_extension {
            pair.target.sql(r#"create schema "The ""Shop"""; create extension it_configured schema "The ""Shop"""; delete from "The ""Shop""".words"#);
        }
        let gate = Gate::close_late(&pair);
        let mut run = Fdwcopy::between(&pair).args(&["clone", "--json", "--consistency", mode]).spawn();
        gate.wait_for_a_worker(&mut run);
        run.signal("KILL");
        run.wait();
        gate.open();
        pair.source.sql(r#"insert into "The ""Shop""".settings values ('late', 'yes')"#);
        pair.source.sql(r#"delete from "The ""Shop""".a_members where team = 3"#);
        let options = ["clone", "--json", "--verify", "checksum", "--consistency", mode, "--resume"];
        let run = Fdwcopy::between(&pair).args(&options).run();
        if mode == "none" {
            // Each chunk is of its own moment there.
            assert_eq!(run.json()["differences"].as_array().unwrap().len(), 2, "{}", run.stdout);
            assert_eq!(pair.target.count(r#""The ""Shop""".settings"#), 4);
            continue;
        }
        assert_eq!(run.code, Some(0), "{}", run.stdout);
        assert_equal(&pair);
    }
}

#[test]
fn an_extension_that_the_target_had_before_is_filled_where_nobody_has_used_it() {
    let pair = Pair::filled("it_configured_before", CONFIGURED);
    pair.target.sql(
        r#"create schema "The ""Shop"""; create extension it_configured schema "The ""Shop""";
           insert into "The ""Shop""".settings values ('mine', 'stays')"#,
    );
    let run = clone(&pair, &["--json", "--verify", "checksum"]).exits(3);
    let left = not_copied(&run);
    let named: Vec<&str> = left.iter().map(|(object, _)| object.as_str()).collect();
    assert_eq!(named, [r#""The ""Shop""".settings"#, r#""The ""Shop""".words"#], "{left:?}");
    assert_eq!(pair.target.value(r#"select value from "The ""Shop""".settings where key = 'mine'"#), "stays");
    assert_eq!(pair.target.count(r#""The ""Shop""".settings"#), 3);
    assert_eq!(pair.target.count(r#""The ""Shop""".a_members"#), 20);
    assert_eq!(sequences(&pair.source), sequences(&pair.target));
}

#[test]
fn an_extension_comes_in_the_version_of_the_source() {
    let pair = Pair::filled(
        "it_version",
        "create extension it_versions version '1.1';
         create table t (x integer default version_1_1()); insert into t default values;
         create extension hstore version '1.5'",
    );
    let run = clone(&pair, &["--json"]).exits(0);
    assert!(warned(&run, "extension-version-differs").is_empty(), "{}", run.stdout);
    assert_equal(&pair);
}

#[test]
fn a_version_that_the_target_cannot_install_is_told() {
    let pair = Pair::filled(
        "it_version_lost",
        "create extension it_newer; insert into newer_settings values ('a', 'b')",
    );
    let run = clone(&pair, &["--json"]).exits(3);
    assert_eq!(warned(&run, "extension-version-differs"), ["extension it_newer"]);
    let left = not_copied(&run);
    assert!(left[0].0 == "public.newer_settings" && left[0].1.contains("added"), "{left:?}");
    assert_eq!(rows(&pair.target), ["public.newer_settings: 0 rows, hash 0"]);
}

#[test]
fn a_database_full_of_extensions_arrives() {
    let pair = Pair::new("it_contrib");
    pair.source.load("contrib.sql");
    let run = clone(&pair, &["--json", "--verify", "checksum"]).exits(0);
    assert_eq!(not_copied(&run), []);
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_same_schema(&pair);
    // From 17 on the types that a type or a table brings along are members too, and json is written without its schema.
    let members = "select e.extname, n.nspname, replace(pg_describe_object(d.classid, d.objid, d.objsubid), 'pg_catalog.', '')
        from pg_depend d join pg_extension e on e.oid = d.refobjid join pg_namespace n on n.oid = e.extnamespace
        where d.deptype = 'e' and d.classid <> 'pg_type'::regclass order by 1, 3";
    // What an older server does not offer is told by the versions.
    if pair.source.version() <= pair.target.version() {
        // Else a version that has the like of one itself would name its schema.
        let [source, target] = [&pair.source, &pair.target].map(|database| {
            let session = database.session();
            session.sql("set search_path = ''");
            session.rows(members)
        });
        assert_eq!(source, target);
    } else {
        let extensions = "select extname, extnamespace::regnamespace from pg_extension order by 1";
        assert_eq!(pair.source.rows(extensions), pair.target.rows(extensions));
    }
}

#[test]
fn what_was_added_to_an_extension_by_hand_is_named() {
    let pair = Pair::filled(
        "it_members",
        "create extension it_configured; create table mine (x integer); insert into mine values (1);
         alter extension it_configured add table mine;
         alter extension it_configured drop function greeting(); create table t (x integer)",
    );
    let left = not_copied(&clone(&pair, &["--json"]).exits(3));
    let reason = |name: &str| &left.iter().find(|(object, _)| object == name).unwrap().1;
    assert!(reason("public.mine").contains("added by hand to the extension it_configured"), "{left:?}");
    assert!(reason("public.greeting()").contains("already exists"), "{left:?}");
    assert!(pair.target.exists("t") && left.len() == 2, "{left:?}");
}

#[test]
fn conditions_of_extensions_do_not_see_what_users_named_alike() {
    let pair = Pair::filled("it_condition_path", CONFIGURED);
    pair.source.sql(
        "create schema evil; create function evil.length(text) returns integer language sql as 'select 0';
         alter database it_condition_path_src set search_path = evil, pg_catalog, public",
    );
    for mode in ["snapshot", "lock"] {
        clone(&pair, &["--verify", "checksum", "--consistency", mode]).exits(0);
        assert_eq!(rows(&pair.source), rows(&pair.target));
        pair.target.sql(
            r#"drop table greetings; drop extension it_configured; drop schema "The ""Shop""", evil cascade"#,
        );
    }
}

#[test]
fn an_extension_that_only_a_superuser_may_create_is_refused_with_what_to_run() {
    let mut pair = Pair::filled("it_reserved", CONFIGURED);
    pair.target.sql("create extension postgres_fdw");
    pair.role_on(&pair.target.server.clone(), "it_reserved", "login password 'reserved-pw'");
    pair.target.sql(
        "alter database it_reserved_dst owner to it_reserved;
         grant usage on foreign data wrapper postgres_fdw to it_reserved",
    );
    let target = pair.target.url_as("it_reserved", "reserved-pw");
    let plain = |options: &[&str]| {
        Fdwcopy::between(&pair).target(&target).args(&["clone", "--json", "--no-owner"]).args(options).run()
    };
    let refused = plain(&[]).exits(4);
    assert_eq!(refused.findings(), [("extension-not-permitted".into(), "extension it_configured".into())]);
    let findings = list(&refused.json(), "findings", &["remedy"]);
    let remedy = findings[0][0].strip_prefix("on the target, as an administrator: ").unwrap();
    pair.target.sql(remedy);
    pair.target.sql(r#"grant usage, create on schema "The ""Shop""" to it_reserved"#);

    // Its tables are the administrator's.
    let run = plain(&[]).exits(3);
    let left = not_copied(&run);
    assert!(!left.is_empty() && left.iter().all(|(_, reason)| reason.contains("SELECT")), "{left:?}");
    assert_eq!(pair.target.count("greetings"), 10);

    pair.target.sql(
        r#"drop table greetings; delete from "The ""Shop""".words;
           grant all on all tables in schema "The ""Shop""" to it_reserved;
           grant all on all sequences in schema "The ""Shop""" to it_reserved"#,
    );
    plain(&["--verify", "checksum"]).exits(0);
    assert_eq!(rows(&pair.source), rows(&pair.target));
    pair.target.sql("drop extension postgres_fdw cascade");
}

#[test]
fn a_search_path_that_an_extension_has_extended_is_put_back() {
    let settings = "select setconfig from pg_db_role_setting
        where setdatabase = (select oid from pg_database where datname = current_database())";
    // What the target's database has of its own stays as it is, and is named.
    for (before, code) in [("reset search_path", 0), ("set search_path = 'a b', public", 3)] {
        let pair = Pair::filled(
            "it_search_path",
            &format!(
                "{LATE} create extension it_versions; create table t (x integer); insert into t values (1); create index on t (public.late(x))"
            ),
        );
        pair.target.sql(&format!("alter database it_search_path_dst {before}"));
        let fresh = pair.target.rows(settings);
        let gate = Gate::close_late(&pair);
        let mut run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
        gate.wait_for_a_worker(&mut run);
        assert_ne!(pair.target.rows(settings), fresh);
        run.signal("TERM");
        assert_eq!(run.wait().code, Some(130));
        gate.open();
        assert_eq!(pair.target.rows(settings), fresh);
        assert_nothing_left(&pair);
        clone(&pair, &[]).exits(code);
        assert_same_schema(&pair);
    }
}
