//! What our role lacks to read sequences, and to set them.
//!
//! Invariant: pure; everything at once, each with the statement that mends it.
//! Deliberately absent: rights on the tables; what cannot be looked at there is named with its sequence.

use super::definition::Sequence;
use crate::catalog::Database;
use crate::pg::ident::{Ident, QualifiedName};
use crate::report::Finding;

/// Findings, and the statements that mend them.
pub type Lacking = (Vec<Finding>, Vec<String>);

/// What is lacking on the source, where states are only read.
#[must_use]
pub fn on_the_source(sequences: &[&Sequence], database: &Database) -> Lacking {
    lacking(sequences, database, ("source", "select-missing", &["SELECT"]))
}

/// What is lacking on the target, where they are set too, unless only a look is wanted.
#[must_use]
pub fn on_the_target(sequences: &[&Sequence], database: &Database, only_look: bool) -> Lacking {
    if only_look {
        lacking(sequences, database, ("target", "select-missing", &["SELECT"]))
    } else {
        // USAGE would do for nextval, but not for setval.
        lacking(sequences, database, ("target", "update-missing", &["SELECT", "UPDATE"]))
    }
}

fn lacking(
    sequences: &[&Sequence],
    database: &Database,
    (side, code, rights): (&str, &'static str, &[&str]),
) -> Lacking {
    let role = Ident::new(database.role.as_str());
    let has = |one: &Sequence, right: &str| if right == "SELECT" { one.rights.read } else { one.rights.set };
    let is_closed = |one: &&&Sequence| !one.rights.reach || rights.iter().any(|right| !has(one, right));
    let closed: Vec<&Sequence> = sequences.iter().filter(is_closed).copied().collect();
    if closed.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let rights = rights.join(", ");
    let mut schemas: Vec<&Ident> =
        closed.iter().filter(|one| !one.rights.reach).map(|one| &one.name.schema).collect();
    schemas.dedup();
    let mut grants: Vec<String> =
        schemas.iter().map(|schema| format!("GRANT USAGE ON SCHEMA {schema} TO {role};")).collect();
    let names: Vec<String> = closed.iter().map(|one| one.name.to_string()).collect();
    grants.push(format!("GRANT {rights} ON SEQUENCE {} TO {role};", names.join(", ")));
    let what = if code == "update-missing" { "read and set" } else { "read" };
    let finding = |one: &&Sequence| Finding {
        code,
        object: one.name.plain(),
        message: format!("the role {} may not {what} it on the {side}", database.role),
        remedy: remedy(&one.name, (side, &rights), &role, one.rights.reach),
    };
    (closed.iter().map(finding).collect(), grants)
}

fn remedy(name: &QualifiedName, (side, rights): (&str, &str), role: &Ident, reachable: bool) -> String {
    let schema =
        if reachable { String::new() } else { format!("GRANT USAGE ON SCHEMA {} TO {role}; ", name.schema) };
    format!("on the {side}: {schema}GRANT {rights} ON SEQUENCE {name} TO {role}; or leave it out: -T")
}
