//! What the catalogs of a database say of its objects, and what of that differs between two databases.
//!
//! Invariant: an object is named by what it is and how it is called, never by an OID; what is said of it are plain
//! values, read by one query a kind on either side and compared purely. What belongs to an extension goes with it.
//! Deliberately absent: rows and the state of sequences; where things lie (tablespaces), the order of a table's columns;
//! options of user mappings (passwords); subscriptions, large objects, roles, the database's own properties and what
//! somebody changed in the system's schemas.

pub mod chosen;
pub mod compare;
mod difference;
pub mod left_out;
mod names;
mod privileges;
pub mod read;
#[cfg(test)]
mod tests;
mod versions;

use std::collections::BTreeMap;
use std::fmt;

pub use chosen::Chosen;
pub use compare::{How, compare};
pub use difference::Difference;

use crate::pg::ident::QualifiedName;

/// What tells an object from every other one of its database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Object {
    /// Its schema; empty where it lies in none.
    pub schema: String,
    /// The relation that it is or hangs on; empty where it is neither.
    pub relation: String,
    /// Its own name; empty for a schema and a relation.
    pub name: String,
    /// What it is: `table`, `column`, `function`, …
    pub kind: String,
}

impl Object {
    /// Whether it is a relation, and not something that hangs on one.
    fn is_relation(&self) -> bool {
        !self.relation.is_empty() && self.name.is_empty()
    }

    /// The relation that it is or hangs on.
    fn of_relation(&self) -> Option<QualifiedName> {
        let name = || QualifiedName::new(self.schema.as_str(), self.relation.as_str());
        (!self.relation.is_empty()).then(name)
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [&self.schema, &self.relation, &self.name];
        let parts: Vec<&str> =
            parts.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        write!(f, "{} {}", self.kind, parts.join("."))
    }
}

/// What is said of an aspect of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A word or a definition.
    Text(String),
    /// Things in an order.
    List(Vec<String>),
}

/// What is said of an object, by aspect: `type`, `default`, `owner`, …
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Definition {
    /// The aspects that it has.
    pub aspects: BTreeMap<String, Value>,
    /// The relation of the same schema that it goes with, though it is one itself.
    pub part_of: Option<String>,
}

/// What is said of all objects of a database.
pub type Definitions = BTreeMap<Object, Definition>;
