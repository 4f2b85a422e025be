//! Facts become findings, pure.

use super::facts::{Collation, Facts};
use crate::archive::Tools;
use crate::catalog::{Catalog, Database, Extension, Relation, RelationKind};
use crate::error::{Error, Result};
use crate::job::Job;
use crate::pg::ident::Ident;
use crate::pg::session::Source;
use crate::pg::version::Version;
use crate::plan::select::Choice;
use crate::report::Finding;

fn found(
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
    let mut findings = Vec::new();
    let too_old = |name: &str, version: Version, oldest: Version| {
        let message = format!("its version {version} is older than {}", oldest.major());
        found("version-too-old", name, message, "upgrade that server first")
    };
    if source < Version::OLDEST_SOURCE {
        findings.push(too_old("source", source, Version::OLDEST_SOURCE));
    }
    if target < Version::OLDEST_TARGET {
        findings.push(too_old("target", target, Version::OLDEST_TARGET));
    }
    findings
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

/// The source's role must be able to read everything that was chosen, all rows of it.
pub(super) fn rights(catalog: &Catalog, choice: &Choice, job: &Job) -> Vec<Finding> {
    let role = Ident::new(catalog.database.role.as_str());
    let chosen = choice.of(catalog);
    let with_rows = |r: &Relation| {
        r.kind == RelationKind::Table && !job.definitions.schema_only && !choice.without_data.contains(&r.oid)
    };
    let must_read = |r: &&Relation| match r.kind {
        // pg_dump locks every table that it describes, which takes the same right.
        RelationKind::Table | RelationKind::Partitioned => true,
        RelationKind::Sequence => !job.definitions.schema_only && !choice.without_data.contains(&r.oid),
        _ => false,
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
    findings.extend(chosen.filter(|r| with_rows(r) && r.readable && r.rows_hidden).map(|r| {
        found(
            "rows-hidden",
            r.name.plain(),
            format!("row-level security hides rows from the role {} on the source", catalog.database.role),
            format!("on the source: ALTER ROLE {role} BYPASSRLS; or connect as the table's owner; or leave its rows out: --exclude-table-data"),
        )
    }));
    findings
}

/// The target must have, and allow, what the chosen objects need.
pub(super) fn target(facts: &Facts, catalog: &Catalog, choice: &Choice, job: &Job) -> Vec<Finding> {
    if facts.same_database {
        return vec![found(
            "same-database",
            catalog.database.name.clone(),
            "source and target are the same database",
            "check --source and --target",
        )];
    }
    let mut findings = Vec::new();
    findings.extend(facts.in_the_way.iter().map(|(kind, identity)| {
        let article = if kind.starts_with("index") { "an" } else { "a" };
        found(
            "object-in-the-way",
            identity.clone(),
            format!("{article} {kind} of this name exists on the target already"),
            "clone into an empty database, drop it, or leave it out (-T, -N)",
        )
    }));
    findings.extend(creation(facts, catalog, choice));
    findings.extend(extensions(facts, catalog, choice));
    findings.extend(misplaced_extensions(facts, catalog, choice));
    findings.extend(facts.missing_types.iter().map(|(name, relation)| {
        found(
            "type-missing",
            name.clone(),
            format!("the target lacks this type, which {relation} uses"),
            "choose its schema too (-n), or create the type on the target",
        )
    }));
    findings.extend(roles(facts, job));
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
    if !facts.may_create && choice.schemas.iter().any(|schema| missing(schema)) {
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

fn extensions(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    let absent = |name: &str| !facts.extensions.contains_key(name);
    if choice.whole_database {
        let lacking = catalog.extensions.iter().filter(|e| absent(&e.name));
        return lacking
            .filter(|e| !facts.available_extensions.contains(&e.name))
            .map(|e| {
                found(
                    "extension-missing",
                    format!("extension {}", e.name),
                    "the target's server does not have this extension of the source",
                    "install its package on the target's machine, or leave out what uses it",
                )
            })
            .collect();
    }
    let lacking = facts.needed_extensions.iter().filter(|name| absent(name));
    lacking
        .map(|name| {
            found(
                "extension-missing",
                format!("extension {name}"),
                "chosen tables use this extension; a selection by schema or table does not bring it",
                format!("on the target: CREATE EXTENSION {};", Ident::new(name.as_str())),
            )
        })
        .collect()
}

/// Extensions that both sides have, of which the chosen objects may make use.
fn shared_extensions<'a>(
    facts: &'a Facts,
    catalog: &'a Catalog,
    choice: &'a Choice,
) -> impl Iterator<Item = (&'a Extension, &'a Extension)> {
    let used = |e: &&Extension| choice.whole_database || facts.needed_extensions.contains(&e.name);
    catalog.extensions.iter().filter(used).filter_map(|e| Some((e, facts.extensions.get(&e.name)?)))
}

/// Definitions name an extension's types and functions with their schema.
fn misplaced_extensions(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    let shared = shared_extensions(facts, catalog, choice);
    shared
        .filter(|(here, there)| here.schema != there.schema)
        .map(|(here, there)| {
            let (name, schema) = (Ident::new(here.name.as_str()), Ident::new(here.schema.as_str()));
            found(
                "extension-elsewhere",
                format!("extension {}", here.name),
                format!("it is in the schema {} on the source, in {} on the target", here.schema, there.schema),
                format!(
                    "on the target: ALTER EXTENSION {name} SET SCHEMA {schema}; or drop it there, and the clone brings it"
                ),
            )
        })
        .collect()
}

/// Another version may lack what the source's has.
pub(super) fn extension_versions(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    let shared = shared_extensions(facts, catalog, choice);
    shared
        .filter(|(here, there)| here.version != there.version)
        .map(|(here, there)| {
            found(
                "extension-version-differs",
                format!("extension {}", here.name),
                format!("its version is {} on the source, {} on the target", here.version, there.version),
                format!(
                    "if the source's is the newer one: ALTER EXTENSION {} UPDATE; on the target",
                    Ident::new(here.name.as_str())
                ),
            )
        })
        .collect()
}

fn roles(facts: &Facts, job: &Job) -> Vec<Finding> {
    let wanted = |owner: bool| if owner { job.definitions.owner } else { job.definitions.privileges };
    facts
        .roles
        .iter()
        .filter(|(_, owner)| wanted(*owner))
        .filter_map(|(role, owner)| {
            let ident = Ident::new(role.as_str());
            let way_out = if *owner { "--no-owner" } else { "--no-privileges" };
            match facts.known_roles.get(role) {
                None => Some(found(
                    "role-missing",
                    format!("role {role}"),
                    format!(
                        "the target lacks this role, which {}",
                        if *owner { "owns chosen objects" } else { "is granted rights" }
                    ),
                    format!("on the target: CREATE ROLE {ident}; or clone with {way_out}"),
                )),
                Some(false) if *owner => Some(found(
                    "role-not-granted",
                    format!("role {role}"),
                    format!(
                        "the role {} cannot give objects to this role on the target",
                        facts.database.role
                    ),
                    format!(
                        "on the target: GRANT {ident} TO {}; or clone with --no-owner",
                        Ident::new(facts.database.role.as_str())
                    ),
                )),
                Some(_) => None,
            }
        })
        .collect()
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

/// The two databases must go together.
pub(super) fn databases(
    source: &Database,
    facts: &Facts,
    findings: &mut Vec<Finding>,
    warnings: &mut Vec<Finding>,
) {
    let target = &facts.database;
    if source.standby {
        findings.push(found(
            "source-is-standby",
            source.name.clone(),
            "the source is a standby: whether all workers read the same snapshot cannot be proved there",
            "name the primary as the source",
        ));
    }
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
