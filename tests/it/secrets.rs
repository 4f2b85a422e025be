//! Passwords: on no screen, in no log, in no statistics, in no catalog, in no list of processes.

pub(crate) mod kit;
mod plain_role;

use crate::command::{Fdwcopy, write_program};
use crate::gate::Gate;
use crate::pair::{Pair, wait_for};
use crate::servers::programs;

use kit::{SECRET, assert_not_told, assert_nowhere, assert_silent, command_lines, guarded};

#[test]
fn a_password_is_seen_nowhere_during_a_clone() {
    let (pair, run) = guarded("it_secret", "it_secret_role");
    for database in [&pair.source, &pair.target] {
        for setting in
            ["log_statement = 'all'", "log_min_duration_statement = 0", "pg_stat_statements.track = 'all'"]
        {
            database.server_sql(&format!("alter database {} set {setting}", database.name));
        }
    }
    let gate = Gate::close(&pair);
    let mut run = run.args(&["clone", "-vv", "--progress", "lines"]).spawn();
    let activity = "select query from pg_stat_activity where query like '%' || 'S3cr3t' || 'C0re' || '%'";
    let mappings = "select umuser from pg_user_mapping";
    let (source, target) = (pair.source.session(), pair.target.session());
    let look = || {
        assert!(!command_lines().contains(SECRET), "a password stands in a command line");
        for session in [&source, &target] {
            assert_eq!(session.rows(activity), Vec::<Vec<String>>::new());
        }
        assert_eq!(target.rows(mappings), Vec::<Vec<String>>::new(), "another session sees a user mapping");
    };
    wait_for("a worker at the gate", || {
        look();
        gate.is_reached()
    });
    kit::assert_not_in_state(&target, SECRET);
    gate.open();
    while run.is_running() {
        look();
    }
    let run = run.wait().exits(0);
    assert_silent(&run);
    assert_nowhere(&pair, SECRET);
    crate::equality::assert_equal(&pair);
}

#[test]
fn a_password_is_not_told_by_errors() {
    let (pair, run) = guarded("it_secret_error", "it_secret_error_role");
    let gate = Gate::close(&pair);
    let mut run = run.args(&["clone", "-vv", "--progress", "lines", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    gate.terminate_workers();
    assert_silent(&run.wait().exits(1));
    gate.open();
    let wrong = pair.source.url_as("it_secret_error_role", "S3cr3tC0re-but-wrong");
    let run =
        Fdwcopy::alone().args(&["clone", "-vv", "-s", &wrong, "-d", &pair.target.login_url()]).run().exits(4);
    assert_silent(&run);
    assert_nowhere(&pair, SECRET);
}

#[test]
fn a_password_is_not_told_when_the_target_cannot_reach_the_source() {
    let (pair, run) = guarded("it_secret_hop", "it_secret_hop_role");
    let run = run.args(&["clone", "-vv", "--source-from-target", "port=1"]).run().exits(4);
    assert_silent(&run);
    assert_nowhere(&pair, SECRET);
}

#[test]
fn a_password_is_not_in_the_plan() {
    let (_pair, run) = guarded("it_secret_plan", "it_secret_plan_role");
    let run = run.args(&["clone", "-vv", "--dry-run"]).run().exits(0);
    assert!(run.stdout.contains("CREATE USER MAPPING"));
    assert_silent(&run);
}

#[test]
fn a_password_in_a_connection_string_that_cannot_be_read_is_not_repeated() {
    let run = Fdwcopy::alone().args(&[
        "clone",
        "-s",
        "host=x password=S3cr3tC0re port=none",
        "-d",
        "postgres://u:S3cr3tC0re@[bad/x",
    ]);
    assert_silent(&run.run().exits(2));
}

#[test]
fn a_connection_string_in_the_wrong_place_is_not_repeated() {
    let url = "postgres://u:S3cr3tC0re@h/x";
    for wrong in [&[url][..], &["clone", url], &["clone", "-s", "h", url], &["clone", "--jobs", url]] {
        let run = Fdwcopy::alone().args(wrong).run().exits(2).says(&["a connection string"]);
        assert_silent(&run);
    }
}

/// Another secret than ours, because the source's log has it: there it is the user's statement.
const MAPPED: &str = "M4pp3dC0re";

#[test]
fn a_password_in_a_user_mapping_of_the_source_is_copied_and_seen_nowhere() {
    let pair = Pair::filled(
        "it_secret_mapping",
        "create extension postgres_fdw; create schema app; create table app.t (x integer);
         create server elsewhere foreign data wrapper postgres_fdw options (host 'nowhere.invalid', dbname 'x');
         create user mapping for postgres server elsewhere options (user 'me', password 'it''s M4pp3dC0re; -- x')",
    );
    let target = &pair.target;
    for setting in ["log_statement = 'all'", "pg_stat_statements.track = 'all'", "log_parser_stats = on"] {
        target.server_sql(&format!("alter database {} set {setting}", target.name));
    }
    for more in [&["--dry-run"][..], &["--dry-run", "-vv"], &["--dry-run", "--json"]] {
        let run = Fdwcopy::between(&pair).args(&["clone"]).args(more).run().exits(0);
        assert!(run.stdout.contains("USER MAPPING postgres SERVER elsewhere"), "{}", run.stdout);
        assert_not_told(&run, MAPPED);
    }
    let run = Fdwcopy::between(&pair).args(&["clone", "-vv", "--progress", "lines"]).run().exits(0);
    assert_not_told(&run, MAPPED);
    kit::assert_not_written(&pair.target, MAPPED);
    let options =
        "select o from pg_user_mappings, unnest(umoptions) o where srvname = 'elsewhere' order by o";
    assert_eq!(pair.target.rows(options), [["password=it's M4pp3dC0re; -- x"], ["user=me"]]);
}

#[test]
fn a_user_mapping_that_the_target_refuses_is_named_without_its_password() {
    let pair = Pair::filled(
        "it_secret_refused",
        "create extension postgres_fdw; create table t (x integer);
         create server elsewhere foreign data wrapper postgres_fdw options (host 'nowhere.invalid', dbname 'x');",
    );
    let role = "it_secret_refused_role";
    pair.source.sql(&format!("create role {role}"));
    pair.source.sql(&format!(
        "create user mapping for {role} server elsewhere options (user 'me', password '{MAPPED}')"
    ));
    let run = Fdwcopy::between(&pair).args(&["clone", "-vv", "--json", "--no-owner"]).run().exits(3);
    pair.source.sql(&format!("drop user mapping for {role} server elsewhere; drop role {role}"));
    assert!(run.json()["not_copied"].to_string().contains("USER MAPPING"), "{}", run.stdout);
    assert_not_told(&run, MAPPED);
    kit::assert_not_written(&pair.target, MAPPED);
}

#[test]
fn child_processes_see_no_password_but_what_libpq_needs() {
    let (_pair, run) = guarded("it_secret_children", "it_secret_children_role");
    let directory = tempfile::tempdir().unwrap();
    let seen = directory.path().join("seen");
    for program in ["pg_dump", "pg_restore"] {
        let script = format!(
            "#!/bin/sh\n{{ echo {program}; printf '%s\\n' \"$@\"; env; }} >> {}\nexec {} \"$@\"\n",
            seen.display(),
            programs().unwrap().join(program).display()
        );
        write_program(&directory.path().join(program), &script);
    }
    let bin = directory.path().display().to_string();
    run.args(&["clone", "--pg-bin", &bin]).run().exits(0);
    let seen = std::fs::read_to_string(seen).unwrap();
    let places: Vec<&str> = seen.lines().filter(|line| line.contains(SECRET)).collect();
    assert!(!places.is_empty() && places.iter().all(|line| line.starts_with("PGPASSWORD=")), "{places:?}");
}
