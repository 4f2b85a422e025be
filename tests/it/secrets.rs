//! Passwords: on no screen, in no log, in no catalog, in no list of processes.

use crate::command::{Fdwcopy, Run};
use crate::gate::{GATED, Gate};
use crate::pair::{Database, Pair, wait_for};

/// The part of the passwords that no quoting changes, and a password that needs all of it.
const SECRET: &str = "S3cr3tC0re";
const PASSWORD_IN_SQL: &str = r#"'it''s\ a "S3cr3tC0re" p@ss/%=;'"#;
const PASSWORD_IN_URL: &str = "it%27s%5C%20a%20%22S3cr3tC0re%22%20p%40ss%2F%25%3D%3B";

/// A pair whose endpoints are a superuser of its own with that password.
fn guarded(name: &str, role: &str) -> (Pair, Fdwcopy) {
    let mut pair = Pair::filled(name, GATED);
    pair.role(role, &format!("superuser login password {PASSWORD_IN_SQL}"));
    let run = Fdwcopy::alone()
        .env("FDWCOPY_SOURCE", &pair.source.url_as(role, PASSWORD_IN_URL))
        .env("FDWCOPY_TARGET", &pair.target.url_as(role, PASSWORD_IN_URL));
    (pair, run)
}

#[track_caller]
fn assert_silent(run: &Run) {
    assert_not_told(run, SECRET);
}

#[track_caller]
fn assert_not_told(run: &Run, secret: &str) {
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(secret), "a password is printed:\n{text}");
    }
}

/// Asserts that no file of the server's log holds a password.
fn assert_not_logged(database: &Database) {
    let lines = database.rows(
        "select name, line from pg_ls_logdir() l,
             regexp_split_to_table(convert_from(pg_read_binary_file(current_setting('log_directory') || '/' || name), 'LATIN1'), '\n') line
         where line like '%' || 'S3cr3t' || 'C0re' || '%'",
    );
    assert!(lines.is_empty(), "a password is logged by the server of {}: {lines:?}", database.name);
    let logging = database.value("select current_setting('logging_collector')");
    assert_eq!(logging, "on", "these tests read the server's log; set logging_collector = on");
}

/// Every process's command line, as far as the system shows it.
fn command_lines() -> String {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let texts = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned() + "\n").collect()
}

#[test]
fn a_password_is_seen_nowhere_during_a_clone() {
    let (pair, run) = guarded("it_secret", "it_secret_role");
    for database in [&pair.source, &pair.target] {
        database.server_sql(&format!("alter database {} set log_statement = 'ddl'", database.name));
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
    gate.open();
    while run.is_running() {
        look();
    }
    let run = run.wait().exits(0);
    assert_silent(&run);
    assert_not_logged(&pair.source);
    assert_not_logged(&pair.target);
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
    let run = Fdwcopy::alone().args(&["clone", "-vv", "-s", &wrong, "-d", &pair.target.url()]).run().exits(4);
    assert_silent(&run);
    assert_not_logged(&pair.source);
    assert_not_logged(&pair.target);
}

#[test]
fn a_password_is_not_told_when_the_target_cannot_reach_the_source() {
    let (pair, run) = guarded("it_secret_hop", "it_secret_hop_role");
    let run = run.args(&["clone", "-vv", "--source-from-target", "port=1"]).run().exits(4);
    assert_silent(&run);
    assert_not_logged(&pair.target);
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

/// Another secret than ours, because this one is the user's statement, which servers log as they are told to.
const MAPPED: &str = "M4pp3dC0re";

#[test]
fn a_password_in_a_user_mapping_of_the_source_is_copied_and_never_shown() {
    let pair = Pair::filled(
        "it_secret_mapping",
        "create extension postgres_fdw; create schema app; create table app.t (x integer);
         create server elsewhere foreign data wrapper postgres_fdw options (host 'nowhere.invalid', dbname 'x');
         create user mapping for postgres server elsewhere options (user 'me', password 'it''s M4pp3dC0re; -- x')",
    );
    for more in [&["--dry-run"][..], &["--dry-run", "-vv"], &["--dry-run", "--json"]] {
        let run = Fdwcopy::between(&pair).args(&["clone"]).args(more).run().exits(0);
        assert!(run.stdout.contains("USER MAPPING postgres SERVER elsewhere"), "{}", run.stdout);
        assert_not_told(&run, MAPPED);
    }
    let run = Fdwcopy::between(&pair).args(&["clone", "-vv", "--progress", "lines"]).run().exits(0);
    assert_not_told(&run, MAPPED);
    let options =
        "select o from pg_user_mappings, unnest(umoptions) o where srvname = 'elsewhere' order by o";
    assert_eq!(pair.target.rows(options), [["password=it's M4pp3dC0re; -- x"], ["user=me"]]);
}
