//! Extensions: which are missing, which are elsewhere, which have another version.
//!
//! Invariant: a selection by schema or table brings no extension, a whole database brings all (as in pg_dump).

use std::collections::HashSet;

use super::found;
use crate::catalog::{Catalog, Extension};
use crate::pg::ident::Ident;
use crate::plan::select::Choice;
use crate::preflight::facts::Facts;
use crate::report::Finding;

/// The extension that is made before all others.
const BRIDGE: &str = "postgres_fdw";

/// Extensions that the clone needs and the target lacks.
pub(super) fn missing(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    let absent = |name: &str| !facts.extensions.contains_key(name);
    if choice.whole_database {
        let lacking = catalog.extensions.iter().filter(|e| absent(&e.name));
        return lacking
            .filter(|e| !facts.available_extensions.contains_key(&e.name))
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
pub(super) fn misplaced(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
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

/// The extensions to be made in the source's version, because the target's server would choose another.
pub(in crate::preflight) fn in_their_version(
    facts: &Facts,
    catalog: &Catalog,
    choice: &Choice,
    existing: &HashSet<String>,
) -> Vec<Extension> {
    let comes = |e: &&Extension| choice.whole_database && !existing.contains(&e.name);
    let wanted = catalog.extensions.iter().filter(comes).filter(|e| {
        let there = facts.available_extensions.get(&e.name);
        there.is_some_and(|there| there.default != e.version && there.versions.contains(&e.version))
    });
    // The bridges need it before anything of the source is made.
    wanted.filter(|e| e.name != BRIDGE).cloned().collect()
}

/// Extensions that come in another version, because the target's server cannot install the source's.
fn other_versions<'a>(
    facts: &'a Facts,
    catalog: &'a Catalog,
    choice: &'a Choice,
) -> impl Iterator<Item = Finding> + 'a {
    let comes = |e: &&Extension| choice.whole_database && !facts.extensions.contains_key(&e.name);
    catalog.extensions.iter().filter(comes).filter_map(|e| {
        let there = facts.available_extensions.get(&e.name)?;
        let is_lost = !there.versions.contains(&e.version) || (e.name == BRIDGE && there.default != e.version);
        is_lost.then(|| {
            found(
                "extension-version-differs",
                format!("extension {}", e.name),
                format!("its version is {} on the source; the target gets {}", e.version, there.default),
                "install the same version's package on the target's machine, or see that nothing depends on the difference",
            )
        })
    })
}

/// Another version may lack what the source's has.
pub(in crate::preflight) fn extension_versions(
    facts: &Facts,
    catalog: &Catalog,
    choice: &Choice,
) -> Vec<Finding> {
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
        .chain(other_versions(facts, catalog, choice))
        .collect()
}
