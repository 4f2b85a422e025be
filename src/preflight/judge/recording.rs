//! Where the source's password would be written down on the target.
//!
//! Invariant: what is told here holds for the way in which `Session::run_secret` works; `docs/secrets.md` has the trials.

use super::found;
use crate::preflight::facts::Recording;
use crate::report::Finding;

/// What on the target looks into the statements that are executed inside of it.
pub(in crate::preflight) fn recording(facts: &Recording, superuser: bool, temporary: bool) -> Vec<Finding> {
    if superuser {
        // Switched off for the one statement; whoever reads the audit should know.
        return Vec::from_iter(facts.audit.then(|| {
            found(
                "audit-interrupted",
                "pgaudit",
                "the statement that hands the source's password over is kept out of the target's audit log",
                "nothing to do; the rest is audited as ever",
            )
        }));
    }
    let whose = if temporary {
        "the password of the temporary role; it is worthless after the run"
    } else {
        "the source's password"
    };
    let remedy = |setting: &str| {
        let way = format!("have an administrator of the target run ALTER ROLE … SET {setting} for its role");
        if temporary { way } else { format!("use --temporary-role, or {way}") }
    };
    let places = [
        (
            facts.statements,
            "pg_stat_statements",
            "records nested statements (track = all) and with them",
            "pg_stat_statements.track = top",
        ),
        (facts.audit, "pgaudit", "is active and may log", "pgaudit.log = none"),
        (facts.parser, "log_parser_stats", "is on and makes the server log", "log_parser_stats = off"),
    ];
    let mut leaks: Vec<Finding> = places
        .into_iter()
        .filter(|(writes, ..)| *writes)
        .map(|(_, object, does, setting)| {
            found(RECORDED, object, format!("on the target it {does} {whose}"), remedy(setting))
        })
        .collect();
    leaks.extend(facts.triggers.iter().map(|trigger| {
        found(
            "password-in-context",
            format!("event trigger {trigger}"),
            format!(
                "should it log anything when a user mapping is made, the target would log with it {whose}"
            ),
            remedy("log_error_verbosity = terse"),
        )
    }));
    leaks
}

const RECORDED: &str = "password-recorded";

/// Whether the user's own password would be written down for sure.
pub(in crate::preflight) fn is_given_away(leaks: &[Finding], temporary: bool) -> bool {
    !temporary && leaks.iter().any(|leak| leak.code == RECORDED)
}

/// What who only looks should know.
pub(in crate::preflight) fn not_tried(address: &str) -> Finding {
    found(
        "hop-not-tried",
        address,
        "whether the target reaches the source was not tried, because the target would write the password down",
        "close that first, or use --temporary-role",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn loud() -> Recording {
        Recording { statements: true, audit: true, parser: true, triggers: vec!["log_ddl".into()] }
    }

    #[test]
    fn a_quiet_target_is_not_warned_of() {
        let quiet = Recording::default();
        assert!(recording(&quiet, false, false).is_empty() && recording(&quiet, true, false).is_empty());
    }

    #[test]
    fn every_place_is_named_with_a_way_out() {
        let warnings = recording(&loud(), false, false);
        let objects: Vec<&str> = warnings.iter().map(|warning| warning.object.as_str()).collect();
        assert_eq!(objects, ["pg_stat_statements", "pgaudit", "log_parser_stats", "event trigger log_ddl"]);
        assert!(warnings.iter().all(|warning| warning.remedy.contains("--temporary-role")));
        assert!(is_given_away(&warnings, false) && !is_given_away(&warnings[3..], false));
    }

    #[test]
    fn the_password_of_a_temporary_role_is_worth_less_words() {
        let warnings = recording(&loud(), false, true);
        assert!(
            warnings
                .iter()
                .all(|w| w.message.contains("worthless") && !w.remedy.contains("--temporary-role"))
        );
    }

    #[test]
    fn a_superuser_silences_everything_but_the_auditor_is_told() {
        let warnings = recording(&loud(), true, false);
        assert_eq!(warnings.len(), 1);
        assert_eq!(warnings[0].code, "audit-interrupted");
    }
}
