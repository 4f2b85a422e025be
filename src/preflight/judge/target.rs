//! What the chosen objects need of the target: room for their names, rights, roles, types, locales.
//!
//! Invariant: every finding says what to run, where, ready to be pasted.

use super::{extensions, found};
use crate::catalog::Catalog;
use crate::job::Job;
use crate::ledger::Found;
use crate::pg::ident::Ident;
use crate::plan::select::Choice;
use crate::preflight::facts::{Collation, Facts};
use crate::replace::InTheWay;
use crate::report::Finding;

/// The target must have, and allow, what the chosen objects need.
pub(in crate::preflight) fn target(
    facts: &Facts,
    catalog: &Catalog,
    choice: &Choice,
    job: &Job,
) -> Vec<Finding> {
    if facts.same_database {
        return vec![found(
            "same-database",
            catalog.database.name.clone(),
            "source and target are the same database",
            "check --source and --target",
        )];
    }
    let mut findings = Vec::new();
    // What an unfinished run has made is told by the run, not object by object; and it is no obstacle to its going on.
    let stands = !matches!(facts.ledger, Found::Unfinished(_)) && !job.definitions.replace;
    let in_the_way = facts.in_the_way.iter().filter(|_| stands);
    findings.extend(in_the_way.map(|InTheWay { kind, identity, .. }| {
        let article = if kind.starts_with("index") { "an" } else { "a" };
        found(
            "object-in-the-way",
            identity.clone(),
            format!("{article} {kind} of this name exists on the target already"),
            "clone into an empty database, drop it, replace it (--replace), or leave it out (-T, -N)",
        )
    }));
    findings.extend(creation(facts, catalog, choice));
    findings.extend(extensions::missing(facts, catalog, choice));
    findings.extend(extensions::misplaced(facts, catalog, choice));
    findings.extend(facts.missing_types.iter().map(|(name, relation)| {
        found(
            "type-missing",
            name.clone(),
            format!("the target lacks this type, which {relation} uses"),
            "choose its schema too (-n), or create the type on the target",
        )
    }));
    let tablespaces = facts.missing_tablespaces.iter().filter(|_| job.definitions.tablespaces);
    findings.extend(tablespaces.map(|name| {
        found(
            "tablespace-missing",
            format!("tablespace {name}"),
            "the target lacks this tablespace, in which chosen tables or indexes lie",
            "create it on the target, or clone with --no-tablespaces",
        )
    }));
    findings.extend(facts.collations.iter().filter_map(|collation| lost_collation(collation, facts)));
    findings
}

fn creation(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    let role = Ident::new(facts.database.role.as_str());
    let database = Ident::new(facts.database.name.as_str());
    let mut findings = Vec::new();
    let missing = |schema: &str| !facts.schemas.contains(schema);
    if !facts.may_create {
        findings.push(found(
            "create-missing",
            facts.database.name.clone(),
            format!("the role {} may not create schemas in the target database", facts.database.role),
            format!("on the target: GRANT CREATE ON DATABASE {database} TO {role};"),
        ));
    }
    if !facts.may_use_temporary {
        findings.push(found(
            "temporary-missing",
            facts.database.name.clone(),
            format!(
                "the role {} may not create temporary tables in the target database",
                facts.database.role
            ),
            format!("on the target: GRANT TEMPORARY ON DATABASE {database} TO {role};"),
        ));
    }
    findings.extend(facts.closed_schemas.iter().map(|schema| {
        found(
            "create-missing",
            format!("schema {schema}"),
            format!("the role {} may not create anything in this schema of the target", facts.database.role),
            format!("on the target: GRANT CREATE ON SCHEMA {} TO {role};", Ident::new(schema.as_str())),
        )
    }));
    if choice.whole_database && choice.schemas.contains("public") && missing("public") {
        findings.push(found(
            "schema-missing",
            "schema public",
            "the target lacks it, and a dump takes it for granted",
            "on the target: CREATE SCHEMA public;",
        ));
    }
    let mut homeless: Vec<&str> = choice
        .of(catalog)
        .filter(|r| !choice.schemas.contains(r.name.schema.as_str()))
        .map(|r| r.name.schema.as_str())
        .filter(|schema| missing(schema))
        .collect();
    homeless.dedup();
    findings.extend(homeless.into_iter().map(|schema| {
        found(
            "schema-missing",
            format!("schema {schema}"),
            "the target lacks the schema of chosen tables, and --table does not bring it",
            format!(
                "on the target: CREATE SCHEMA {}; or choose the whole schema with -n",
                Ident::new(schema)
            ),
        )
    }));
    findings
}

/// Built-in collations must exist by name; user-defined ones need their operating-system locale.
fn lost_collation(collation: &Collation, facts: &Facts) -> Option<Finding> {
    let there = facts.known_collations.iter().any(|(name, provider, locale)| {
        if collation.built_in {
            *name == collation.name
        } else {
            collation.provider != "c" || (provider == "c" && *locale == collation.locale)
        }
    });
    let icu_is_absent = !collation.built_in
        && collation.provider == "i"
        && !facts.known_collations.iter().any(|(_, provider, _)| provider == "i");
    (!there || icu_is_absent).then(|| {
        found(
            "collation-missing",
            format!("collation {}", collation.name),
            format!("the target's server does not know its locale {}", collation.locale),
            "install the locale on the target's machine, then SELECT pg_import_system_collations('pg_catalog')",
        )
    })
}
