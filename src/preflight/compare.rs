//! What stands in the way of a comparison.
//!
//! Invariant: pure; all findings at once, each with what mends it. A table that could not be read, or not completely, is
//! never left out in silence.
//! Deliberately absent: whatever only a copy needs.

use std::collections::{BTreeSet, HashSet};

use super::judge::{found, versions_below};
use crate::catalog::{Catalog, Relation};
use crate::pg::ident::Ident;
use crate::pg::version::Version;
use crate::plan::compare::{Pairing, Tables};
use crate::plan::provider::Preset;
use crate::plan::rules::Rules;
use crate::plan::select::Selection;
use crate::report::{Finding, Grants};

const SIDES: [&str; 2] = ["source", "target"];

/// Both servers must be new enough to be read.
#[must_use]
pub fn old(source: Version, target: Version) -> Vec<Finding> {
    versions_below([("source", source, Version::OLDEST_SOURCE), ("target", target, Version::OLDEST_SOURCE)])
}

/// A name without its schema means on the target what it means on the source, whatever the target's role looks through.
pub fn see_alike(source: &Catalog, target: &mut Catalog) {
    let seen = source.relations.iter().filter(|r| r.visible).map(|r| r.name.schema.as_str());
    let seen: HashSet<&str> = seen.chain(["public"]).collect();
    for relation in &mut target.relations {
        relation.visible = seen.contains(relation.name.schema.as_str());
    }
}

/// The selection, with the provider of either side for both: what is left out of one is left out of the other.
#[must_use]
pub fn agreed(selection: &Selection, catalogs: [&Catalog; 2]) -> Selection {
    let provider = catalogs.into_iter().find_map(|catalog| selection.preset.provider(catalog));
    Selection { preset: provider.map_or(selection.preset, Preset::Named), ..selection.clone() }
}

/// The schemas of either side that are left out because they are the provider's own.
#[must_use]
pub fn left_out(selection: &Selection, [source, target]: [&Catalog; 2]) -> Vec<Finding> {
    let by_name = !selection.schemas.is_empty() || !selection.tables.is_empty();
    let Some(provider) = selection.preset.provider(source).filter(|_| !by_name) else { return Vec::new() };
    let schemas: BTreeSet<&String> = source.schemas.iter().chain(&target.schemas).collect();
    let is_out = |schema: &&String| {
        let by_pattern = selection.exclude_schemas.iter().any(|pattern| pattern.matches_schema(schema));
        provider.has_schema(schema) && !by_pattern
    };
    let warning = |schema: &String| {
        found(
            "provider-left-out",
            format!("schema {schema}"),
            format!("it is {}'s own, and is compared on neither side", provider.name),
            "nothing to do; if it is wanted all the same: --provider none, or choose it by name (-n, -t)",
        )
    };
    schemas.into_iter().filter(is_out).map(warning).collect()
}

/// Patterns that match nothing on either side, and rules that match no table of the source.
#[must_use]
pub fn patterns([source, target]: &[Tables<'_>; 2], rules: &Rules) -> Vec<Finding> {
    let unmatched =
        source.choice.unmatched.iter().filter(|pattern| target.choice.unmatched.contains(pattern));
    let nothing = |(option, pattern): &(&'static str, String), what: &str| {
        found(
            "pattern-matches-nothing",
            format!("{option} {pattern}"),
            format!("this pattern matches no {what}"),
            "mind the case and the schema: write schema.table, and \"Mixed Case\" in double quotes",
        )
    };
    let tables = source.meant.iter().map(|meant| (&meant.table.name, meant.table.visible));
    let rules = rules.unmatched(&tables);
    let of_rules = rules.iter().map(|rule| {
        nothing(rule, "table of the source that is compared; a partition is compared as part of its root")
    });
    unmatched.map(|pattern| nothing(pattern, "relation of either side")).chain(of_rules).collect()
}

/// Tables that our role may not read, or not completely, and what administrators have to run.
#[must_use]
pub fn rights(catalogs: [&Catalog; 2], pairings: &[Pairing<'_>]) -> (Vec<Finding>, Grants) {
    let mut findings = Vec::new();
    let mut statements: [Vec<String>; 2] = Default::default();
    for side in [0, 1] {
        let role = Ident::new(catalogs[side].database.role.as_str());
        let read = || pairings.iter().flat_map(move |pairing| pairing.read[side].iter().copied());
        findings.extend(read().filter(|r| !r.readable).map(|r| closed(r, &role, SIDES[side])));
        findings
            .extend(read().filter(|r| r.readable && r.rows_hidden).map(|r| hidden(r, &role, SIDES[side])));
        statements[side] = grants(read(), &role);
    }
    let [source, target] = statements;
    let grants = Grants {
        source_database: catalogs[0].database.name.clone(),
        target_database: catalogs[1].database.name.clone(),
        source,
        target,
    };
    (findings, grants)
}

fn closed(table: &Relation, role: &Ident, side: &str) -> Finding {
    let (schema, name) = (&table.name.schema, &table.name);
    found(
        "select-missing",
        table.name.plain(),
        format!("the role {} may not read it on the {side}", role.as_str()),
        format!(
            "on the {side}: GRANT USAGE ON SCHEMA {schema} TO {role}; GRANT SELECT ON TABLE {name} TO {role};"
        ),
    )
}

fn hidden(table: &Relation, role: &Ident, side: &str) -> Finding {
    found(
        "rows-hidden",
        table.name.plain(),
        format!("row-level security hides rows from the role {} on the {side}", role.as_str()),
        format!("on the {side}: ALTER ROLE {role} BYPASSRLS; or leave its rows out: --exclude-table-data"),
    )
}

fn grants<'a>(read: impl Iterator<Item = &'a Relation>, role: &Ident) -> Vec<String> {
    let (mut schemas, mut tables, mut bypass) = (BTreeSet::new(), BTreeSet::new(), false);
    for relation in read {
        bypass |= relation.rows_hidden;
        if !relation.readable {
            schemas.insert(relation.name.schema.to_string());
            tables.insert(relation.name.to_string());
        }
    }
    let list = |names: Vec<String>| names.join(", ");
    let mut grants = Vec::new();
    if !tables.is_empty() {
        grants.push(format!("GRANT USAGE ON SCHEMA {} TO {role};", list(schemas.into_iter().collect())));
        grants.push(format!("GRANT SELECT ON TABLE {} TO {role};", list(tables.into_iter().collect())));
    }
    grants.extend(bypass.then(|| format!("ALTER ROLE {role} BYPASSRLS;")));
    grants
}
