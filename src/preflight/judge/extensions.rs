//! Extensions: which are missing, which are elsewhere, which have another version.
//!
//! Invariant: a selection by schema or table brings no extension, a whole database brings all (as in pg_dump).

use super::found;
use crate::catalog::{Catalog, Extension};
use crate::pg::ident::Ident;
use crate::plan::select::Choice;
use crate::preflight::facts::Facts;
use crate::report::Finding;

/// Extensions that the clone needs and the target lacks.
pub(super) fn missing(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    let absent = |name: &str| !facts.extensions.contains_key(name);
    if choice.whole_database {
        let lacking = catalog.extensions.iter().filter(|e| absent(&e.name) && !choice.leaves_out(&e.name));
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

/// Extensions that the target lacks, and that our role may not install there: they are not trusted.
pub(super) fn not_permitted(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    // Providers let their administrators install what they offer.
    let refused = choice.whole_database && !facts.superuser && facts.provider.is_none();
    let brought = catalog.extensions.iter().filter(|_| refused);
    brought
        .filter(|e| !choice.leaves_out(&e.name))
        .filter(|e| !facts.extensions.contains_key(&e.name) && facts.untrusted_extensions.contains(&e.name))
        .map(|e| {
            found(
                "extension-not-permitted",
                format!("extension {}", e.name),
                format!(
                    "only a superuser can install it on the target, which the role {} is not",
                    facts.database.role
                ),
                format!(
                    "on the target, as an administrator: CREATE EXTENSION {};",
                    Ident::new(e.name.as_str())
                ),
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
        .collect()
}
