//! Guarded pairs, and the search for secrets in everything that a server or a run writes.

use crate::command::{Fdwcopy, Run};
use crate::gate::GATED;
use crate::pair::{Database, Pair, Session};

/// The part of the passwords that no quoting changes, and a password that needs all of it.
pub(crate) const SECRET: &str = "S3cr3tC0re";
pub(crate) const PASSWORD_IN_SQL: &str = r#"'it''s\ a "S3cr3tC0re" p@ss/%=;'"#;
pub(crate) const PASSWORD_IN_URL: &str = "it%27s%5C%20a%20%22S3cr3tC0re%22%20p%40ss%2F%25%3D%3B";

/// A pair whose endpoints are a superuser of its own with that password.
pub(crate) fn guarded(name: &str, role: &str) -> (Pair, Fdwcopy) {
    let mut pair = Pair::filled(name, GATED);
    pair.role(role, &format!("superuser login password {PASSWORD_IN_SQL}"));
    let run = Fdwcopy::alone()
        .env("FDWCOPY_SOURCE", &pair.source.url_as(role, PASSWORD_IN_URL))
        .env("FDWCOPY_TARGET", &pair.target.url_as(role, PASSWORD_IN_URL));
    (pair, run)
}

#[track_caller]
pub(crate) fn assert_silent(run: &Run) {
    assert_not_told(run, SECRET);
}

#[track_caller]
pub(crate) fn assert_not_told(run: &Run, secret: &str) {
    for text in [&run.stdout, &run.stderr] {
        assert!(!text.contains(secret), "a password is printed:\n{text}");
    }
}

/// Asserts that neither server has written the secret down.
#[track_caller]
pub(crate) fn assert_nowhere(pair: &Pair, secret: &str) {
    assert_not_written(&pair.source, secret);
    assert_not_written(&pair.target, secret);
}

/// Asserts that neither the server's log nor its statistics hold the secret.
#[track_caller]
pub(crate) fn assert_not_written(database: &Database, secret: &str) {
    let lines = logged(database, secret);
    assert!(lines.is_empty(), "a password is logged by the server of {}: {lines:?}", database.name);
    let statements = recorded(database, secret);
    assert!(
        statements.is_empty(),
        "a password is recorded by the server of {}: {statements:?}",
        database.name
    );
}

/// Asserts that what fdwcopy keeps in the target during a run holds no secret.
#[track_caller]
pub(crate) fn assert_not_in_state(target: &Session, secret: &str) {
    let tables =
        "select relname from pg_class where relnamespace = to_regnamespace('fdwcopy') and relkind = 'r'";
    for table in target.rows(tables).into_iter().flatten() {
        let rows = target.rows(&format!("select t::text from fdwcopy.\"{table}\" t"));
        assert!(!rows.iter().any(|row| row[0].contains(secret)), "a password is kept in fdwcopy.{table}");
    }
}

/// The secret in two halves, so that the search does not find itself.
fn halves(secret: &str) -> String {
    let (first, second) = secret.split_at(secret.len() / 2);
    format!("'{first}' || '{second}'")
}

/// Recorded statements that hold the secret.
pub(crate) fn recorded(database: &Database, secret: &str) -> Vec<Vec<String>> {
    let session = Session::open(&database.server.url("postgres"));
    // Another test may be doing the same.
    let _ = session.try_sql("create extension if not exists pg_stat_statements");
    let query =
        format!("select query from pg_stat_statements where query like '%' || {} || '%'", halves(secret));
    session.rows(&query)
}

/// Lines of the server's log that hold the secret.
pub(crate) fn logged(database: &Database, secret: &str) -> Vec<Vec<String>> {
    let logging = database.value("select current_setting('logging_collector')");
    assert_eq!(logging, "on", "these tests read the server's log; set logging_collector = on");
    database.rows(&format!(
        "select name, line from pg_ls_logdir() l,
             regexp_split_to_table(convert_from(pg_read_binary_file(current_setting('log_directory') || '/' || name), 'LATIN1'), '\n') line
         where line like '%' || {} || '%'",
        halves(secret)
    ))
}

/// Every process's command line, as far as the system shows it.
pub(crate) fn command_lines() -> String {
    let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let texts = processes.filter_map(|process| std::fs::read(process.path().join("cmdline")).ok());
    texts.map(|bytes| String::from_utf8_lossy(&bytes).into_owned() + "\n").collect()
}

/// A pair, gated, whose endpoints are a plain role with that password, and whose target logs what it can for it.
pub(crate) fn guarded_plain(name: &str, role: &str, password: &str) -> (Pair, Fdwcopy) {
    let mut pair = Pair::filled(name, GATED);
    pair.role(role, &format!("login password '{password}'"));
    pair.source.sql(&format!("grant select on all tables in schema public to {role}"));
    pair.source.sql(&format!("grant select on all sequences in schema public to {role}"));
    pair.target.sql("create extension if not exists postgres_fdw");
    pair.target.sql(&format!("grant usage on foreign data wrapper postgres_fdw to {role}"));
    pair.target.server_sql(&format!("alter database {} owner to {role}", pair.target.name));
    for setting in [
        "log_statement = 'all'",
        "log_duration = on",
        "log_min_duration_statement = 0",
        "log_transaction_sample_rate = 1",
        "log_min_error_statement = 'debug5'",
        "log_error_verbosity = 'verbose'",
        "log_parameter_max_length_on_error = -1",
        "log_executor_stats = on",
        "log_planner_stats = on",
        "debug_print_parse = on",
        "debug_print_rewritten = on",
        "debug_print_plan = on",
        "session_preload_libraries = 'auto_explain'",
        "auto_explain.log_min_duration = 0",
        "auto_explain.log_nested_statements = on",
    ] {
        pair.target.server_sql(&format!("alter role {role} set {setting}"));
    }
    let run = Fdwcopy::alone()
        .env("FDWCOPY_SOURCE", &pair.source.url_as(role, password))
        .env("FDWCOPY_TARGET", &pair.target.url_as(role, password));
    (pair, run)
}
