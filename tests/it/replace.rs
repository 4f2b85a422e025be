//! `--replace`: what is in the way on the target is replaced, or comes back exactly as it was.

use std::process::Command;

use crate::command::{Fdwcopy, Run, clone, list};
use crate::equality::{
    assert_equal, assert_no_sessions, assert_nothing_left, assert_unchanged, fingerprint, rows,
};
use crate::gate::{GATED, Gate};
use crate::pair::{Database, Pair, wait_for};
use crate::servers::programs;

/// Runs a script with psql, each statement on its own.
fn psql(database: &Database, script: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file, script.as_bytes()).unwrap();
    let output = Command::new(programs().unwrap().join("psql"))
        .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", &database.url(), "-f"])
        .arg(file.path())
        .output()
        .unwrap();
    assert!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
}

/// Both databases with one of everything, the target's rows and sequences being others; roles of this name.
fn everything(name: &str) -> Pair {
    let mut pair = Pair::new(name);
    let roles = format!("{name}_");
    for role in ["owner", "reader"] {
        pair.role(&format!("{roles}{role}"), "nologin");
    }
    let fixture = format!("{}/tests/it/fixtures/everything.sql", env!("CARGO_MANIFEST_DIR"));
    let script = std::fs::read_to_string(fixture).unwrap().replace("it_everything_", &roles);
    psql(&pair.source, &format!("{script}; {GATED}"));
    psql(&pair.target, &format!("{script}; {GATED}"));
    // Those of the target would count for what is made there.
    for database in [&pair.source, &pair.target] {
        database.sql(&format!(
            "alter default privileges in schema app revoke select on tables from {roles}reader"
        ));
    }
    // What the source's version does not know would stay as unrelated to it.
    if pair.source.version() < 15 {
        pair.target.sql("drop publication if exists whole");
    }
    psql(
        &pair.target,
        "delete from app.hashed; update public.twin set x = 77; delete from app.audit_log;
         select setval('app.called', 900); alter table public.large add column mine text default 'old';
         refresh materialized view app.a_on_counts; analyze public.large",
    );
    pair
}

fn replace(pair: &Pair, options: &[&str]) -> Fdwcopy {
    Fdwcopy::between(pair).args(&["clone", "--json", "--replace"]).args(options)
}

fn replaced(run: &Run) -> Vec<String> {
    run.json()["replaced"].as_array().map_or_else(Vec::new, |objects| {
        objects.iter().map(|one| one["object"].as_str().unwrap().to_owned()).collect()
    })
}

#[test]
fn a_database_with_one_of_everything_is_replaced_by_another_and_once_more() {
    let pair = everything("it_replace_all");
    let refused = clone(&pair, &["--json"]).exits(4);
    assert!(refused.findings().iter().all(|(code, _)| code == "object-in-the-way"), "{}", refused.stdout);
    let before = fingerprint(&pair.target);
    let check = Fdwcopy::between(&pair).args(&["check", "--replace"]).run().exits(0);
    assert!(check.stdout.contains("to be replaced:\n  - table public.large, about 94"), "{}", check.stdout);
    let shown = Fdwcopy::between(&pair).args(&["clone", "--replace", "--dry-run"]).run().exits(0);
    for statement in [
        "ALTER TABLE public.large SET SCHEMA",
        "ALTER ROUTINE app.twice(integer) SET SCHEMA",
        "ALTER PUBLICATION part RENAME TO",
    ] {
        assert!(shown.stdout.contains(statement), "{statement}: {}", shown.stdout);
    }
    assert_unchanged(&pair.target, &before);

    let run = replace(&pair, &["-j", "3"]).run().exits(0);
    assert_equal(&pair);
    let objects = replaced(&run);
    for object in ["public.large", "app.mood", "app.floatrange", "watch", "part", "app.===(integer,integer)"]
    {
        assert!(objects.iter().any(|one| one == object), "{object}: {objects:?}");
    }
    pair.source.sql("insert into public.twin values (5); alter table public.large drop column filler");
    replace(&pair, &[]).run().exits(0);
    assert_equal(&pair);
}

/// A run that is stopped in the middle of its rows; the target is as it was.
fn comes_back(pair: &Pair, options: &[&str], signal: &str) {
    let before = fingerprint(&pair.target);
    let gate = Gate::close(pair);
    let mut run = replace(pair, options).spawn();
    gate.wait_for_a_worker(&mut run);
    assert_ne!(fingerprint(&pair.target), before);
    match signal {
        "" => gate.terminate_workers(),
        signal => run.signal(signal),
    }
    let run = run.wait();
    assert_ne!(run.code, Some(0));
    assert_no_sessions(pair);
    assert_nothing_left(pair);
    assert_unchanged(&pair.target, &before);
    gate.open();
}

#[test]
fn what_was_to_be_replaced_comes_back_when_the_run_fails_is_interrupted_or_killed() {
    let pair = everything("it_replace_back");
    for signal in ["INT", "", "KILL"] {
        comes_back(&pair, &[], signal);
    }
    replace(&pair, &[]).run().exits(0);
    assert_equal(&pair);
}

#[test]
fn kill_9_at_any_moment_leaves_the_old_objects_or_the_new_ones() {
    let pair = Pair::new("it_replace_kill");
    pair.source.load("shop.sql");
    pair.target.load_as_login("shop.sql");
    pair.target.sql(
        "delete from sales.order_lines; create table public.mine (x integer); insert into mine values (1)",
    );
    let before = fingerprint(&pair.target);
    let mut kills = 0;
    for moment in 3..25 {
        let run = replace(&pair, &["-j", "2", "--no-analyze"]).spawn();
        std::thread::sleep(std::time::Duration::from_millis(moment * 60));
        run.try_signal("KILL");
        run.wait();
        assert_no_sessions(&pair);
        assert_nothing_left(&pair);
        if pair.target.count("sales.order_lines") > 0 {
            // It had come to its end.
            break;
        }
        kills += 1;
        assert_unchanged(&pair.target, &before);
    }
    assert!(kills > 2, "only {kills} runs were killed");
    replace(&pair, &[]).run().exits(0);
    pair.target.sql("drop table mine");
    assert_equal(&pair);
}

/// Two tables in schemas of their own, and what others of the target are.
const TWO: &str = "
    create schema a; create schema b;
    create table a.one (id serial primary key, note text);
    insert into a.one (note) select 'new' from generate_series(1, 10);
    create table b.two (id integer primary key, one integer references a.one);
    insert into b.two values (1, 1);
    create function a.shout(text) returns text language sql as 'select upper($1)';";

#[test]
fn only_chosen_objects_are_replaced_and_all_others_stay_what_they_are() {
    let pair = Pair::filled("it_replace_some", TWO);
    pair.target.login_session().sql(TWO);
    pair.target.sql(
        "update a.one set note = 'old'; insert into b.two values (2, 2);
         create table a.mine (x integer); insert into a.mine values (1);
         create table b.others (id integer); create schema c; create table c.one (id integer);
         alter table b.two drop constraint two_one_fkey",
    );
    let others = || {
        let mut lines = rows(&pair.target);
        lines.retain(|line| !line.starts_with("a.one:"));
        lines.extend(pair.target.rows(
            "select oid::text || relname from pg_class where relname in ('two', 'mine', 'others', 'two_pkey') order by 1").concat());
        lines
    };
    let before = others();
    let run = replace(&pair, &["-t", "a.one"]).run().exits(0);
    assert_eq!(replaced(&run), ["a.one"]);
    assert_eq!(before, others());
    assert_eq!(pair.target.value("select distinct note from a.one"), "new");
    assert_nothing_left(&pair);

    let run = replace(&pair, &["-n", "a"]).run().exits(0);
    assert_eq!(replaced(&run), ["a.one", "a.shout(pg_catalog.text)"]);
    assert_eq!(before, others());
}

#[test]
fn what_something_else_depends_on_is_not_replaced_and_that_is_named() {
    let pair = Pair::filled("it_replace_used", TWO);
    pair.source.sql(
        "create type a.mood as enum ('new'); create table a.parts (k integer) partition by list (k);
         create table a.part_1 partition of a.parts for values in (1);
         create cast (integer as text) with function pg_catalog.chr(integer)",
    );
    pair.target.login_session().sql(TWO);
    pair.target.sql(
        "create type a.mood as enum ('old'); create table a.parts (k integer) partition by list (k);
         create table a.part_1 partition of a.parts for values in (1);
         create table a.part_2 partition of a.parts for values in (2);
         create cast (integer as text) with function pg_catalog.chr(integer);
         create schema mine;
         create view mine.looks as select note from a.one;
         create table mine.refers (x integer constraint refers_one references a.one, m a.mood);
         create table mine.counts (x integer default nextval('a.one_id_seq'));
         create function mine.calls(text) returns text language sql begin atomic select a.shout($1); end;
         create publication tells for table a.one, mine.refers",
    );
    let before = fingerprint(&pair.target);
    let run = replace(&pair, &[]).run().exits(4);
    let findings = list(&run.json(), "findings", &["code", "object", "message"]);
    for (code, object, other) in [
        ("replaced-but-used", "table a.one", "view mine.looks"),
        ("replaced-but-used", "table a.one", "constraint refers_one on table mine.refers"),
        ("replaced-but-used", "table a.one", "publication tells"),
        ("replaced-but-used", "sequence a.one_id_seq", "default value for column x of table mine.counts"),
        ("replaced-but-used", "type a.mood", "table mine.refers"),
        ("replaced-but-used", "function a.shout(text)", "function mine.calls(text)"),
        ("replaced-but-used", "table a.parts", "table a.part_2"),
        ("object-in-the-way", "cast from integer to text", "cannot be replaced"),
    ] {
        let is_it = |one: &&Vec<String>| one[0] == code && one[1] == object && one[2].contains(other);
        assert!(findings.iter().any(|one| is_it(&one)), "{object} {other}: {findings:#?}");
    }
    // A partition of what stays, and an index of what stays.
    pair.target.sql("create table b.stranger (x integer); create index one_pkey on b.stranger (x)");
    pair.source.sql("create index stranger_x on b.two (one)");
    pair.target.sql("create index stranger_x on b.stranger (x)");
    let run = replace(&pair, &["-t", "a.part_1", "-t", "b.two"]).run().exits(4);
    let findings = list(&run.json(), "findings", &["code", "object", "message"]);
    assert_eq!(findings.len(), 2, "{findings:?}");
    assert!(findings.iter().all(|one| one[0] == "object-in-the-way"), "{findings:?}");
    assert!(findings[0][1].contains("index b.stranger_x"), "{findings:?}");
    assert!(findings[1][2].contains("part of table a.parts"), "{findings:?}");
    pair.target.sql("drop table b.stranger");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
fn a_plain_role_replaces_what_it_owns_and_is_told_the_grant_for_the_rest() {
    let mut pair = Pair::filled("it_replace_plain", TWO);
    pair.target.login_session().sql(TWO);
    pair.role("it_replace_role", "login password 'plain-pw'");
    pair.source.sql(
        "grant usage on schema a, b to it_replace_role; grant select on all tables in schema a, b to it_replace_role;
         grant select on all sequences in schema a, b to it_replace_role",
    );
    pair.target.sql(
        "create extension postgres_fdw; grant usage on foreign data wrapper postgres_fdw to it_replace_role;
         alter schema a owner to it_replace_role; alter schema b owner to it_replace_role;
         alter table a.one owner to it_replace_role; alter function a.shout owner to it_replace_role",
    );
    pair.target.server_sql("alter database it_replace_plain_dst owner to it_replace_role");
    let url = |database: &Database| database.url_as("it_replace_role", "plain-pw");
    let plain = || {
        let run = Fdwcopy::alone().source(&url(&pair.source)).target(&url(&pair.target));
        run.args(&["clone", "--json", "--replace", "-O"])
    };
    let run = plain().run().exits(4);
    assert_eq!(run.findings(), [("replaced-not-owned".to_owned(), "table b.two".to_owned())]);
    assert!(run.json()["findings"].to_string().contains("GRANT"), "{}", run.stdout);
    pair.target.sql("alter table b.two owner to it_replace_role; update a.one set note = 'old'");
    plain().run().exits(0);
    assert_eq!(rows(&pair.source), rows(&pair.target));
    plain().run().exits(0);
    assert_eq!(rows(&pair.source), rows(&pair.target));
}

#[test]
fn a_table_that_another_session_uses_stops_the_run_with_the_name_of_the_session() {
    let pair = Pair::filled("it_replace_locked", TWO);
    pair.target.login_session().sql(TWO);
    let before = fingerprint(&pair.target);
    let user = pair.target.session();
    user.sql("begin; select * from a.one");
    let run = replace(&pair, &[]).run().exits(1);
    let message = run.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("has locked a.one") && message.contains("it (process"), "{message}");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
    user.sql("rollback");
    replace(&pair, &[]).run().exits(0);
    assert_equal(&pair);
}

#[test]
fn an_old_object_that_cannot_be_dropped_does_not_undo_the_copy_but_stays_and_is_named() {
    let pair = Pair::filled("it_replace_left", GATED);
    pair.target.login_session().sql(GATED);
    pair.target.sql("delete from plain where id > 5");
    let gate = Gate::close(&pair);
    let mut run = replace(&pair, &[]).spawn();
    gate.wait_for_a_worker(&mut run);
    let aside = pair.target.value("select nspname from pg_namespace where nspname ~ '^fdwcopy_aside_'");
    pair.target.sql(&format!("create view holds as select * from {aside}.plain"));
    gate.open();
    let run = run.wait().exits(0);
    let warnings = list(&run.json(), "warnings", &["code", "object", "message"]);
    assert_eq!(warnings[0][..2], ["replaced-left".to_owned(), aside.clone()]);
    assert!(warnings[0][2].contains("view public.holds"), "{warnings:?}");
    assert_eq!(pair.target.count("holds"), 5);
    assert_eq!(pair.target.count("plain"), 1000);
    // What is left does not hinder the next run, and is no content of a source.
    pair.target.sql("drop view holds");
    replace(&pair, &[]).run().exits(0);
    let cleanup = |options: &[&str]| {
        Fdwcopy::alone().target(&pair.target.login_url()).args(&["cleanup", "--json"]).args(options).run()
    };
    assert_eq!(cleanup(&[]).exits(4).findings(), [("replaced-left".to_owned(), format!("schema {aside}"))]);
    pair.target.sql(&format!("create view needs as select * from {aside}.plain"));
    assert_eq!(cleanup(&["--unfinished", "drop"]).exits(4).findings()[0].0, "replaced-but-used");
    pair.target.sql("drop view needs");
    cleanup(&["--unfinished", "drop"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn a_run_that_can_be_taken_up_again_keeps_the_old_objects_aside_until_it_ends() {
    for mode in ["lock", "none"] {
        let pair = Pair::filled(&format!("it_replace_{mode}"), GATED);
        pair.target.login_session().sql(GATED);
        pair.target.sql("delete from plain where id > 5");
        let before = fingerprint(&pair.target);
        let options = ["--consistency", mode];
        let interrupted = || {
            let gate = Gate::close(&pair);
            let mut run = replace(&pair, &options).spawn();
            gate.wait_for_a_worker(&mut run);
            run.signal("KILL");
            run.wait();
            assert_no_sessions(&pair);
            gate.open();
        };
        let cleanup = |fate: &str| {
            let cleanup = Fdwcopy::alone().target(&pair.target.login_url());
            cleanup.args(&["cleanup", "--json", "--unfinished", fate]).run().exits(0)
        };
        interrupted();
        cleanup("drop");
        assert_unchanged(&pair.target, &before);
        assert_nothing_left(&pair);

        interrupted();
        let warnings = list(&cleanup("keep").json(), "warnings", &["code", "object"]);
        assert_eq!(warnings[0][0], "replaced-left");
        assert_eq!(pair.target.count(&format!("{}.plain", warnings[0][1])), 5);
        pair.target.sql(&format!("drop schema {} cascade", warnings[0][1]));

        interrupted();
        let run = replace(&pair, &options).args(&["--resume"]).run().exits(0);
        assert!(replaced(&run).contains(&"public.plain".to_owned()), "{}", run.stdout);
        assert_equal(&pair);
    }
}

#[test]
fn a_name_that_somebody_took_meanwhile_is_told_and_cleanup_brings_the_old_object_back_later() {
    let pair = Pair::filled("it_replace_taken", GATED);
    pair.target.login_session().sql(GATED);
    let before = rows(&pair.target);
    let gate = Gate::close(&pair);
    let mut run = replace(&pair, &[]).spawn();
    gate.wait_for_a_worker(&mut run);
    pair.target.sql("create view clings as select * from plain");
    run.signal("INT");
    let run = run.wait().exits(1);
    assert!(run.stdout.contains("TABLE public.plain, which was to be replaced"), "{}", run.stdout);
    gate.open();
    pair.target.sql("drop view clings");
    wait_for("the end of the janitor", || {
        let cleanup = Fdwcopy::alone().target(&pair.target.login_url());
        cleanup.args(&["cleanup", "--json"]).run().code == Some(0)
    });
    assert_eq!(before, rows(&pair.target));
    assert_nothing_left(&pair);
}

#[test]
fn a_table_that_a_subscription_of_the_target_feeds_is_not_replaced() {
    let pair = Pair::filled("it_replace_fed", "create table fed (x integer)");
    pair.target.login_session().sql("create table fed (x integer)");
    pair.target.sql(
        "create subscription feed_of_it_replace connection 'host=127.0.0.1' publication p with (connect = false);
         set allow_system_table_mods = on;
         insert into pg_subscription_rel select oid, 'fed'::regclass, 'r', null from pg_subscription where subname = 'feed_of_it_replace'",
    );
    let refused = replace(&pair, &[]).run().exits(4);
    assert_eq!(refused.findings(), [("replaced-but-used".into(), "table public.fed".into())]);
    pair.target.session().rows("alter subscription feed_of_it_replace set (slot_name = none)");
    pair.target.session().rows("drop subscription feed_of_it_replace");
}
