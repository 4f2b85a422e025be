//! Where the source's password would be written down on the target, and what a temporary role on the source needs.
//!
//! Invariant: what is told here holds for the way in which `Session::run_secret` works; `docs/secrets.md` has the trials.

use super::found;
use crate::catalog::{Catalog, Oid, Relation};
use crate::pg::ident::Ident;
use crate::preflight::facts::{Recording, RoleRights};
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

/// The temporary role must be possible: made, and given what it is to read.
pub(in crate::preflight) fn temporary_role(rights: &RoleRights, catalog: &Catalog) -> Vec<Finding> {
    let database = &catalog.database;
    let role = Ident::new(database.role.as_str());
    if database.standby {
        return vec![found(
            "temporary-role-impossible",
            database.name.clone(),
            "the source is a standby: no role can be made there",
            "name the primary as the source, or clone without --temporary-role",
        )];
    }
    if !rights.may_create {
        return vec![found(
            "temporary-role-impossible",
            database.name.clone(),
            format!("the role {} may not create roles on the source", database.role),
            format!("on the source: ALTER ROLE {role} CREATEROLE; or clone without --temporary-role"),
        )];
    }
    let mut findings = Vec::new();
    let not_grantable = |object: String, right: &str, grant: String| {
        let message = format!("the role {} may not grant {right} to a temporary role", database.role);
        found(
            "temporary-role-impossible",
            object,
            message,
            format!(
                "on the source: GRANT {grant} TO {role} WITH GRANT OPTION; or clone without --temporary-role"
            ),
        )
    };
    if !rights.may_connect {
        let grant = format!("CONNECT ON DATABASE {}", Ident::new(database.name.as_str()));
        findings.push(not_grantable(database.name.clone(), "CONNECT", grant));
    }
    findings.extend(rights.closed_schemas.iter().map(|schema| {
        let grant = format!("USAGE ON SCHEMA {}", Ident::new(schema.as_str()));
        not_grantable(format!("schema {schema}"), "USAGE", grant)
    }));
    findings.extend(
        named(&rights.closed_tables, catalog).map(|table| {
            not_grantable(table.name.plain(), "SELECT", format!("SELECT ON TABLE {}", table.name))
        }),
    );
    let guarded = named(&rights.guarded_tables, catalog).filter(|_| !rights.may_bypass);
    findings.extend(guarded.map(|table| {
        found(
            "rows-hidden",
            table.name.plain(),
            format!("row-level security would hide its rows from a temporary role, and {} may not exempt one", database.role),
            "clone without --temporary-role, connect as a superuser, or leave its rows out: --exclude-table-data",
        )
    }));
    findings
}

fn named<'a>(tables: &'a [Oid], catalog: &'a Catalog) -> impl Iterator<Item = &'a Relation> {
    catalog.relations.iter().filter(|relation| tables.contains(&relation.oid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::RelationKind;
    use crate::plan::fixture::{catalog, relation};

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

    fn rights() -> RoleRights {
        RoleRights {
            may_create: true,
            may_bypass: false,
            may_connect: true,
            closed_schemas: Vec::new(),
            closed_tables: Vec::new(),
            guarded_tables: Vec::new(),
        }
    }

    #[test]
    fn a_temporary_role_is_refused_for_every_reason_there_is() {
        let mut catalog = catalog(vec![relation(7, "public", "t", RelationKind::Table)]);
        assert!(temporary_role(&rights(), &catalog).is_empty());
        let closed = RoleRights {
            may_connect: false,
            closed_schemas: vec!["public".into()],
            closed_tables: vec![7],
            guarded_tables: vec![7],
            ..rights()
        };
        let findings = temporary_role(&closed, &catalog);
        let remedies: Vec<&str> = findings.iter().map(|finding| finding.remedy.as_str()).collect();
        assert_eq!(findings.len(), 4);
        for (remedy, grant) in
            remedies.iter().zip(["CONNECT ON DATABASE", "USAGE ON SCHEMA", "SELECT ON TABLE"])
        {
            assert!(remedy.contains(grant), "{remedy}");
        }
        assert_eq!(findings[3].code, "rows-hidden");
        let powerless = RoleRights { may_create: false, ..rights() };
        assert!(temporary_role(&powerless, &catalog)[0].remedy.contains("CREATEROLE"));
        catalog.database.standby = true;
        assert!(temporary_role(&rights(), &catalog)[0].message.contains("standby"));
    }
}
