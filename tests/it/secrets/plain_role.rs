//! A plain role on the target: nothing can be switched off for it, and what cannot be closed is warned of.

use super::kit::{SECRET, assert_nowhere, assert_silent, guarded, guarded_plain, logged, recorded};
use crate::command::{Fdwcopy, list};
use crate::gate::Gate;

const AS_PLAIN: [&str; 5] = ["-O", "-x", "--no-comments", "--progress", "lines"];

#[test]
fn a_target_that_logs_everything_logs_no_password_of_a_plain_role() {
    let (pair, run) = guarded_plain("it_secret_plain", "it_secret_plain_role", SECRET);
    let run = run.args(&["clone", "-vv"]).args(&AS_PLAIN).run().exits(0);
    assert_silent(&run);
    assert_nowhere(&pair, SECRET);
    let statements = logged(&pair.target, "COPY pg_temp.fdwcopy_secret");
    assert!(!statements.is_empty(), "the search would find what is there");
    assert!(!run.stderr.contains("password-recorded"), "{}", run.stderr);
}

#[test]
fn neither_does_it_when_the_run_fails() {
    let (pair, run) = guarded_plain("it_secret_plain_fails", "it_secret_plain_fails_role", SECRET);
    let gate = Gate::close(&pair);
    let mut run = run.args(&["clone", "-vv", "--json"]).args(&AS_PLAIN).spawn();
    gate.wait_for_a_worker(&mut run);
    gate.terminate_workers();
    assert_silent(&run.wait().exits(1));
    gate.open();
    let plain = || {
        let source = pair.source.url_as("it_secret_plain_fails_role", SECRET);
        let target = pair.target.url_as("it_secret_plain_fails_role", SECRET);
        Fdwcopy::alone().source(&source).target(&target).args(&["clone", "-vv"]).args(&AS_PLAIN)
    };
    assert_silent(&plain().args(&["--source-from-target", "port=1"]).run().exits(4));
    pair.target.sql(
        "create function no() returns event_trigger language plpgsql as $$ begin raise 'not here'; end $$;
         create event trigger no on ddl_command_end when tag in ('CREATE USER MAPPING') execute function no()",
    );
    assert_silent(&plain().run().exits(4).says(&["not here"]));
    assert_nowhere(&pair, SECRET);
}

#[test]
fn statistics_of_nested_statements_are_warned_of_and_a_check_does_not_send_the_password() {
    let (role, password) = ("it_secret_nested_role", "N3st3dC0re");
    let (pair, run) = guarded_plain("it_secret_nested", role, password);
    pair.target.server_sql(&format!("alter role {role} set pg_stat_statements.track = 'all'"));
    let check = run.args(&["check", "--json"]).args(&AS_PLAIN[..3]).run().exits(0);
    let warnings = list(&check.json(), "warnings", &["code", "object"]);
    assert!(
        warnings.contains(&vec!["password-recorded".into(), "pg_stat_statements".into()]),
        "{warnings:?}"
    );
    assert!(warnings.iter().any(|warning| warning[0] == "hop-not-tried"), "{warnings:?}");
    assert!(check.stderr.contains("--temporary-role"), "{}", check.stderr);
    assert!(recorded(&pair.target, password).is_empty());

    let run = Fdwcopy::alone()
        .source(&pair.source.url_as(role, password))
        .target(&pair.target.url_as(role, password))
        .args(&["clone", "--json"])
        .args(&AS_PLAIN)
        .run()
        .exits(0);
    assert!(run.stderr.contains("track = all"), "{}", run.stderr);
    assert!(!recorded(&pair.target, password).is_empty(), "what is warned of is true");
}

#[test]
fn an_audit_and_statistics_of_the_parser_are_warned_of() {
    let role = "it_secret_audit_role";
    let (pair, run) = guarded_plain("it_secret_audit", role, "4ud1tC0re");
    // The setting alone, for want of the extension.
    pair.target.server_sql(&format!("alter role {role} set pgaudit.log = 'ddl'"));
    pair.target.server_sql(&format!("alter role {role} set log_parser_stats = on"));
    let check = run.args(&["check", "--json"]).args(&AS_PLAIN[..3]).run().exits(0);
    let warnings = list(&check.json(), "warnings", &["code", "object"]);
    for object in ["pgaudit", "log_parser_stats"] {
        assert!(warnings.contains(&vec!["password-recorded".into(), object.into()]), "{warnings:?}");
    }
}

const CHATTY: &str = "
    create function tell() returns event_trigger language plpgsql as $$ begin raise log 'a user mapping'; end $$;
    create event trigger tell on ddl_command_end when tag in ('CREATE USER MAPPING') execute function tell()";

#[test]
fn an_event_trigger_that_may_log_is_warned_of() {
    let (pair, run) = guarded_plain("it_secret_trigger", "it_secret_trigger_role", "Tr1gg3rC0re");
    pair.target.sql(CHATTY);
    let check = run.args(&["check", "--json"]).args(&AS_PLAIN[..3]).run().exits(0);
    let warnings = list(&check.json(), "warnings", &["code", "object"]);
    assert_eq!(warnings, [["password-in-context", "event trigger tell"]]);
    assert!(!logged(&pair.target, "Tr1gg3rC0re").is_empty(), "what is warned of is true");
}

#[test]
fn an_event_trigger_that_logs_does_not_log_the_password_of_a_superusers_mapping() {
    let (pair, run) = guarded("it_secret_trigger_su", "it_secret_trigger_su_role");
    pair.target.sql(CHATTY);
    run.args(&["clone"]).run().exits(0);
    assert_nowhere(&pair, SECRET);
}
