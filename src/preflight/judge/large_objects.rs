//! Large objects that cannot be read, and those that are in the way.
//!
//! Invariant: however many there are, they are one finding each: the remedy is the same for all.

use super::found;
use crate::catalog::Catalog;
use crate::ledger::Found;
use crate::pg::ident::{Ident, Literal};
use crate::plan::Plan;
use crate::plan::large_objects::{Road, listed};
use crate::preflight::facts::Facts;
use crate::report::Finding;

/// Judges what the plan says of large objects.
pub(in crate::preflight) fn large_objects(plan: &Plan, catalog: &Catalog, facts: &Facts) -> Vec<Finding> {
    let objects = &plan.large_objects;
    if objects.is_empty() {
        return Vec::new();
    }
    let mut findings = Vec::new();
    let unreadable = &catalog.large_objects.unreadable;
    if objects.road == Road::Streamed && !unreadable.is_empty() {
        let role = catalog.database.role.as_str();
        findings.push(found(
            "select-missing",
            listed(unreadable),
            format!("the role {role} may not read {} on the source", them(unreadable.len())),
            format!("on the source, as their owner or a superuser: {}", grant(unreadable, role)),
        ));
    }
    let there = &facts.large_objects_in_the_way;
    if !there.is_empty() && !matches!(facts.ledger, Found::Unfinished(_)) {
        findings.push(found(
            "object-in-the-way",
            listed(there),
            if there.len() == 1 {
                "a large object of this oid exists on the target already"
            } else {
                "large objects of these oids exist on the target already"
            },
            format!(
                "clone into an empty database; or drop them there: SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata WHERE {}; or leave large objects out (-n, -t)",
                condition(there)
            ),
        ));
    }
    findings
}

fn them(count: usize) -> &'static str {
    if count == 1 { "it" } else { "them" }
}

/// One statement for few; for many, one that finds them itself.
pub(in crate::preflight) fn grant(oids: &[u32], role: &str) -> String {
    if oids.len() <= FEW {
        return format!("GRANT SELECT ON LARGE OBJECT {} TO {};", list(oids), Ident::new(role));
    }
    let role = Literal::new(role);
    format!(
        "DO $$ DECLARE item oid; BEGIN FOR item IN SELECT oid FROM pg_catalog.pg_largeobject_metadata LOOP EXECUTE pg_catalog.format('GRANT SELECT ON LARGE OBJECT %s TO %I', item, {role}); END LOOP; END $$;"
    )
}

fn condition(oids: &[u32]) -> String {
    match oids {
        [first, .., last] if oids.len() > FEW => format!("oid BETWEEN {first} AND {last}"),
        _ => format!("oid IN ({})", list(oids)),
    }
}

const FEW: usize = 20;

fn list(oids: &[u32]) -> String {
    oids.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}
