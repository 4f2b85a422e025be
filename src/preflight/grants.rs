//! What an administrator has to run on either side before a clone goes well, as SQL that is ready to be pasted.
//!
//! Invariant: pure; one statement for what belongs together, no statement twice, in an order that works. After it the same
//! check finds none of these reasons any more.
//! Deliberately absent: what no statement mends (a missing package, a locale, an object in the way).

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Facts;
use super::judge::{grant_large_objects, membership};
use super::roles::Roles;
use crate::catalog::{Catalog, Oid, Relation, RelationKind};
use crate::job::Job;
use crate::pg::ident::Ident;
use crate::plan::large_objects::listed as listed_oids;
use crate::plan::select::Choice;
use crate::report::{Finding, Grants};

/// As many relations of a schema as are named one by one.
const FEW: usize = 3;

/// The code of the finding that the wrapper is not there and that our role may not bring it.
pub(super) const NO_WRAPPER: &str = "postgres-fdw-not-permitted";

/// What these findings ask of both administrators.
pub(super) fn missing(
    (facts, who): (&Facts, &Roles),
    (catalog, choice): (&Catalog, &Choice),
    job: &Job,
    findings: &[Finding],
) -> Grants {
    let mut grants = Grants {
        source_database: catalog.database.name.clone(),
        target_database: facts.database.name.clone(),
        source: source(facts, (catalog, choice), job, findings),
        target: Vec::new(),
    };
    grants.target = target((facts, who), catalog, job, findings);
    let reader = &catalog.database.role;
    let known = who.known.contains_key(reader);
    if grants.source.iter().any(|grant| grant.starts_with("GRANT")) && job.definitions.privileges && !known {
        // What is granted on the source is a privilege like any other, and is copied.
        grants.target.push(format!("CREATE ROLE {};", Ident::new(reader.as_str())));
    }
    grants
}

fn source(
    facts: &Facts,
    (catalog, choice): (&Catalog, &Choice),
    job: &Job,
    findings: &[Finding],
) -> Vec<String> {
    let role = Ident::new(catalog.database.role.as_str());
    let mut grants = Vec::new();
    if !facts.closed.schemas.is_empty() {
        grants.push(format!("GRANT USAGE ON SCHEMA {} TO {role};", listed(&facts.closed.schemas)));
    }
    for (kind, of_kind) in [
        ("TABLE", (|r| r.kind != RelationKind::Sequence) as fn(&Relation) -> bool),
        ("SEQUENCE", |r| r.kind == RelationKind::Sequence),
    ] {
        grants.extend(select(kind, of_kind, &facts.closed.relations, catalog, choice, &role));
    }
    let objects = &catalog.large_objects.unreadable;
    let closed =
        |finding: &Finding| finding.code == "select-missing" && finding.object == listed_oids(objects);
    if !objects.is_empty() && findings.iter().any(closed) {
        grants.push(grant_large_objects(objects, &catalog.database.role));
    }
    let hidden = !job.definitions.schema_only && choice.with_data(catalog).any(|r| r.rows_hidden);
    grants.extend(hidden.then(|| format!("ALTER ROLE {role} BYPASSRLS;")));
    let pause = findings.iter().any(|finding| finding.code == "standby-pause-missing");
    grants.extend(pause.then(|| {
        format!(
            "GRANT EXECUTE ON FUNCTION pg_catalog.pg_wal_replay_pause(), pg_catalog.pg_wal_replay_resume() TO {role};"
        )
    }));
    grants
}

/// SELECT on the closed relations of one kind: by schema where all of many are closed, else by name.
fn select(
    kind: &str,
    of_kind: fn(&Relation) -> bool,
    closed: &[Oid],
    catalog: &Catalog,
    choice: &Choice,
    role: &Ident,
) -> Vec<String> {
    let mut schemas: BTreeMap<&str, Vec<&Relation>> = BTreeMap::new();
    for relation in catalog.relations.iter().filter(|r| of_kind(r) && closed.contains(&r.oid)) {
        schemas.entry(relation.name.schema.as_str()).or_default().push(relation);
    }
    let is_whole = |schema: &str, closed: &[&Relation]| {
        let left_out = |r: &&Relation| {
            of_kind(r) && r.name.schema.as_str() == schema && !choice.relations.contains(&r.oid)
        };
        closed.len() > FEW && !catalog.relations.iter().any(|r| left_out(&r))
    };
    let (whole, parts): (Vec<_>, Vec<_>) = schemas.into_iter().partition(|(name, r)| is_whole(name, r));
    let mut grants = Vec::new();
    if !whole.is_empty() {
        let names = listed(whole.iter().map(|(schema, _)| *schema));
        grants.push(format!("GRANT SELECT ON ALL {kind}S IN SCHEMA {names} TO {role};"));
    }
    let names: Vec<String> =
        parts.iter().flat_map(|(_, relations)| relations).map(|r| r.name.to_string()).collect();
    if !names.is_empty() {
        grants.push(format!("GRANT SELECT ON {kind} {} TO {role};", names.join(", ")));
    }
    grants
}

fn target((facts, who): (&Facts, &Roles), catalog: &Catalog, job: &Job, findings: &[Finding]) -> Vec<String> {
    let role = Ident::new(facts.database.role.as_str());
    let database = Ident::new(facts.database.name.as_str());
    let found = |code| findings.iter().filter(move |finding: &&Finding| finding.code == code);
    let mut grants = Vec::new();
    let rights = [(facts.may_create, "CREATE"), (facts.may_use_temporary, "TEMPORARY")];
    let rights: Vec<&str> = rights.into_iter().filter(|(has, _)| !has).map(|(_, right)| right).collect();
    if !rights.is_empty() {
        grants.push(format!("GRANT {} ON DATABASE {database} TO {role};", rights.join(", ")));
    }
    let lacking = facts.database.role.as_str();
    let create = found("schema-missing").filter_map(|finding| finding.object.strip_prefix("schema "));
    let create: BTreeSet<&str> = create.collect();
    grants.extend(
        create.iter().map(|schema| format!("CREATE SCHEMA {} AUTHORIZATION {role};", Ident::new(*schema))),
    );
    if !facts.closed_schemas.is_empty() {
        grants.push(format!("GRANT CREATE, USAGE ON SCHEMA {} TO {role};", listed(&facts.closed_schemas)));
    }
    let mut unmade: BTreeSet<&str> = create.clone();
    for code in ["extension-not-permitted", "extension-missing"] {
        for name in found(code).filter_map(|finding| finding.object.strip_prefix("extension ")) {
            grants.extend(extension(name, facts, catalog, &mut unmade));
        }
    }
    let absent = found(NO_WRAPPER).next().is_some();
    if absent && facts.wrapper_usable.is_none() {
        grants.push("CREATE EXTENSION IF NOT EXISTS postgres_fdw;".into());
    }
    if absent || (facts.wrapper_usable == Some(false) && !job.definitions.schema_only) {
        grants.push(format!("GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {role};"));
    }
    let roles = |code| found(code).filter_map(|finding| finding.object.strip_prefix("role "));
    let made = roles("role-missing").map(Ident::new);
    grants.extend(made.map(|name| format!("CREATE ROLE {name};")));
    let owners = who.used.iter().filter(|role| role.owner).map(|role| role.name.as_str());
    let missing: Vec<&str> =
        owners.filter(|name| roles("role-missing").any(|other| other == *name)).collect();
    let members = roles("role-not-granted").chain(missing).filter(|name| *name != lacking);
    let members: BTreeSet<&str> = members.filter(|_| !facts.superuser).collect();
    if !members.is_empty() {
        grants.push(membership(&listed(members), lacking, who.inheriting));
    }
    grants.extend(found("role-no-inherit").next().map(|_| format!("ALTER ROLE {role} INHERIT;")));
    let shut_out = facts.shut_out.iter().filter(|_| job.definitions.owner && !facts.superuser);
    grants.extend(shut_out.map(|(schema, owner)| let_in(schema, owner)));
    grants
}

/// Lets an owner-to-be create in a schema that the target has.
pub(super) fn let_in(schema: &str, owner: &str) -> String {
    format!("GRANT CREATE ON SCHEMA {} TO {};", Ident::new(schema), Ident::new(owner))
}

/// CREATE EXTENSION, with its schema where that is not there yet.
fn extension<'a>(
    name: &str,
    facts: &Facts,
    catalog: &'a Catalog,
    made: &mut BTreeSet<&'a str>,
) -> Vec<String> {
    if !facts.available_extensions.contains_key(name) {
        return Vec::new();
    }
    let Some(extension) = catalog.extensions.iter().find(|extension| extension.name == name) else {
        return Vec::new();
    };
    let (schema, role) = (extension.schema.as_str(), Ident::new(facts.database.role.as_str()));
    let mut grants = Vec::new();
    let there = facts.schemas.contains(schema) || schema == "pg_catalog";
    if !there && made.insert(schema) {
        grants.push(format!("CREATE SCHEMA {} AUTHORIZATION {role};", Ident::new(schema)));
    }
    grants.push(format!("CREATE EXTENSION {} WITH SCHEMA {};", Ident::new(name), Ident::new(schema)));
    grants
}

fn listed<S: Into<String>>(names: impl IntoIterator<Item = S>) -> String {
    names.into_iter().map(|name| Ident::new(name).to_string()).collect::<Vec<_>>().join(", ")
}
