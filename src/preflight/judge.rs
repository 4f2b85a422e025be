//! Facts become findings, pure.
//!
//! Invariant: every finding names its object and its remedy. Deliberately absent: queries (see `facts`).

mod capacity;
mod extensions;
mod large_objects;
mod ledger;
mod recording;
mod role;
mod roles;
mod standby;
mod superuser;
mod target;

pub(super) use capacity::{Capacity, Need, capacity};
pub(super) use extensions::{extension_versions, in_their_version};
pub(super) use large_objects::{grant as grant_large_objects, large_objects};
pub(super) use ledger::ledger;
pub(super) use recording::{is_given_away, not_tried, recording};
pub(super) use role::temporary_role;
pub(super) use roles::{membership, refused_roles, roles, unread_passwords};
pub(super) use standby::{Standby, standby};
pub(super) use superuser::superuser;
pub(super) use target::target;

use super::facts::Facts;
use crate::archive::Tools;
use crate::catalog::{Catalog, Database, Relation, RelationKind};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::pg::ident::Ident;
use crate::pg::server::Source;
use crate::pg::version::Version;
use crate::plan::select::Choice;
use crate::report::Finding;

pub(super) fn found(
    code: &'static str,
    object: impl Into<String>,
    message: impl Into<String>,
    remedy: impl Into<String>,
) -> Finding {
    Finding { code, object: object.into(), message: message.into(), remedy: remedy.into() }
}

/// pg_dump must be there, and not older than the source.
pub(super) fn tools(tools: Result<&Tools, &Error>, source: Version) -> Vec<Finding> {
    match tools {
        Err(error) => vec![super::finding("pg-dump-missing", error)],
        Ok(tools) if tools.version() < source.major() => vec![found(
            "pg-dump-too-old",
            tools.pg_dump().display().to_string(),
            format!("pg_dump {} is older than the source, which is {source}", tools.version()),
            format!(
                "install the client programs of version {0} (apt-get install postgresql-client-{0}), or name their directory with --pg-bin DIR",
                source.major()
            ),
        )],
        Ok(_) => Vec::new(),
    }
}

/// Both servers must be new enough.
pub(super) fn versions(source: Version, target: Version) -> Vec<Finding> {
    versions_below([("source", source, Version::OLDEST_SOURCE), ("target", target, Version::OLDEST_TARGET)])
}

/// Sides whose version is older than the oldest that will do.
pub(super) fn versions_below(sides: [(&str, Version, Version); 2]) -> Vec<Finding> {
    let too_old = sides.into_iter().filter(|(_, version, oldest)| version < oldest);
    let finding = |(name, version, oldest): (&str, Version, Version)| {
        let message = format!("its version {version} is older than {}", oldest.major());
        found("version-too-old", name, message, "upgrade that server first")
    };
    too_old.map(finding).collect()
}

/// A pattern that matches nothing is a mistake.
pub(super) fn patterns(choice: &Choice) -> Vec<Finding> {
    let unmatched = choice.unmatched.iter();
    unmatched
        .map(|(option, pattern)| {
            let kind = if option.ends_with("schema") { "schema" } else { "relation" };
            found(
                "pattern-matches-nothing",
                format!("{option} {pattern}"),
                format!("this pattern matches no {kind} of the source"),
                "mind the case and the schema: write schema.table, and \"Mixed Case\" in double quotes",
            )
        })
        .collect()
}

/// Whether we must be allowed to read a relation of this kind.
pub(super) fn must_be_readable(relation: &Relation) -> bool {
    // pg_dump locks every table that it describes, which takes the same right.
    matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned | RelationKind::Sequence)
}

/// The source's role must be able to read everything that was chosen, all rows of it.
pub(super) fn rights(catalog: &Catalog, choice: &Choice, job: &Job) -> Vec<Finding> {
    let role = Ident::new(catalog.database.role.as_str());
    let chosen = choice.of(catalog);
    let with_rows = |r: &Relation| {
        r.kind == RelationKind::Table && !job.definitions.schema_only && !choice.without_data.contains(&r.oid)
    };
    let must_read = |r: &&Relation| {
        let content = !job.definitions.schema_only && !choice.without_data.contains(&r.oid);
        must_be_readable(r) && (content || r.kind != RelationKind::Sequence)
    };
    let mut findings: Vec<Finding> = chosen
        .clone()
        .filter(must_read)
        .filter(|r| !r.readable)
        .map(|r| {
            let kind = if r.kind == RelationKind::Sequence { "SEQUENCE" } else { "TABLE" };
            let (schema, name) = (&r.name.schema, &r.name);
            found(
                "select-missing",
                r.name.plain(),
                format!("the role {} may not read it on the source", catalog.database.role),
                format!("on the source: GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT SELECT ON {kind} {name} TO {role};"),
            )
        })
        .collect();
    findings.extend(chosen.filter(|r| with_rows(r) && r.rows_hidden).map(|r| {
        found(
            "rows-hidden",
            r.name.plain(),
            format!("row-level security hides rows from the role {} on the source", catalog.database.role),
            format!("on the source: ALTER ROLE {role} BYPASSRLS; or connect as the table's owner; or leave its rows out: --exclude-table-data"),
        )
    }));
    findings
}

/// The two databases must go together.
pub(super) fn databases(
    source: &Database,
    facts: &Facts,
    findings: &mut Vec<Finding>,
    warnings: &mut Vec<Finding>,
) {
    let target = &facts.database;
    if target.standby {
        findings.push(found(
            "target-is-standby",
            target.name.clone(),
            "the target is a standby and cannot be written to",
            "name the primary as the target",
        ));
    }
    if source.encoding != target.encoding && target.encoding != "UTF8" {
        findings.push(found(
            "encoding-differs",
            target.name.clone(),
            format!(
                "the target's encoding {} cannot hold all that the source's {} can",
                target.encoding, source.encoding
            ),
            format!("create the target database with ENCODING '{}' TEMPLATE template0", source.encoding),
        ));
    }
    if source.encoding == "SQL_ASCII" && target.encoding != "SQL_ASCII" {
        warnings.push(found(
            "encoding-unknown",
            source.name.clone(),
            "the source's encoding is SQL_ASCII: a value that is not valid UTF-8 will stop the copy",
            "mend such values first, or create the target with ENCODING 'SQL_ASCII' TEMPLATE template0",
        ));
    }
    if (&source.collate, &source.ctype) != (&target.collate, &target.ctype) {
        warnings.push(found(
            "locale-differs",
            target.name.clone(),
            format!(
                "the source's locale is {}, the target's {}: text may sort differently",
                source.collate, target.collate
            ),
            format!("create the target database with LOCALE '{}' TEMPLATE template0", source.collate),
        ));
    }
}

/// What of the connection parameters could not be handed on to the target.
pub(super) fn hop_warning(text: &str, source: &Source) -> Finding {
    found("hop-parameter", source.endpoint().to_string(), text, "see --source-from-target in the manual")
}
