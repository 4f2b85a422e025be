//! Extensions: which are missing, which are elsewhere, which have another version.
//!
//! Invariant: a selection by schema or table brings no extension, a whole database brings all (as in pg_dump).

use std::collections::HashSet;

use super::found;
use crate::catalog::{Catalog, Extension};
use crate::pg::ident::{Ident, Literal};
use crate::plan::select::Choice;
use crate::preflight::facts::Facts;
use crate::report::Finding;

/// The extension that is made before all others.
const BRIDGE: &str = "postgres_fdw";

/// Extensions that the clone needs and the target lacks.
pub(super) fn missing(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    let absent = |name: &str| !facts.extensions.contains_key(name);
    if choice.whole_database {
        let lacking = catalog.extensions.iter().filter(|e| absent(&e.name) && !choice.leaves_out(&e.name));
        let reserved = lacking.clone().filter_map(|e| reserved(e, facts));
        return lacking
            .clone()
            .filter(|e| !facts.available_extensions.contains_key(&e.name))
            .map(|e| {
                found(
                    "extension-missing",
                    format!("extension {}", e.name),
                    "the target's server does not have this extension of the source",
                    "install its package on the target's machine, or leave out what uses it",
                )
            })
            .chain(reserved)
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

/// Only a superuser may create it, and our role is none.
fn reserved(extension: &Extension, facts: &Facts) -> Option<Finding> {
    let there = facts.available_extensions.get(&extension.name)?;
    let version =
        if there.versions.contains(&extension.version) { &extension.version } else { &there.default };
    let (name, schema) = (Ident::new(extension.name.as_str()), Ident::new(extension.schema.as_str()));
    let version_word = Literal::new(version.as_str());
    // The bridges ask for it themselves, and say so. Providers let their administrators install what they offer.
    let is_free = extension.name == BRIDGE || facts.provider.is_some();
    (!is_free && there.reserved.contains(version)).then(|| {
        found(
            "extension-not-permitted",
            format!("extension {}", extension.name),
            format!("the role {} may not create it on the target: only a superuser may", facts.database.role),
            format!(
                "on the target, as an administrator: CREATE SCHEMA IF NOT EXISTS {schema}; CREATE EXTENSION {name} WITH SCHEMA {schema} VERSION {version_word};"
            ),
        )
    })
}

/// Extensions that both sides have, of which the chosen objects may make use.
fn shared_extensions<'a>(
    facts: &'a Facts,
    catalog: &'a Catalog,
    choice: &'a Choice,
) -> impl Iterator<Item = (&'a Extension, &'a Extension)> {
    let used = |e: &&Extension| {
        (choice.whole_database && !choice.leaves_out(&e.name)) || facts.needed_extensions.contains(&e.name)
    };
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
    wanted.cloned().collect()
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
        (!there.versions.contains(&e.version)).then(|| {
            found(
                "extension-version-differs",
                format!("extension {}", e.name),
                format!(
                    "its version is {} on the source; the target gets {}, and what was changed in it by hand is not looked for",
                    e.version, there.default
                ),
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
                format!(
                    "its version is {} on the source, {} on the target, and what was changed in it by hand is not looked for",
                    here.version, there.version
                ),
                format!(
                    "if the source's is the newer one: ALTER EXTENSION {} UPDATE; on the target",
                    Ident::new(here.name.as_str())
                ),
            )
        })
        .chain(other_versions(facts, catalog, choice))
        .collect()
}
