//! Which objects of a side are compared.
//!
//! Invariant: the patterns were evaluated by `plan::select`; a part of a relation is chosen with it, any other object
//! with its schema, what lies in none with the whole database.

use std::collections::HashSet;

use super::{Definitions, Object};
use crate::catalog::Catalog;
use crate::pg::ident::QualifiedName;
use crate::plan::provider::Provider;
use crate::plan::select::Choice;

/// What was chosen of a side.
#[derive(Debug, Clone)]
pub struct Chosen {
    /// Relations.
    pub relations: HashSet<QualifiedName>,
    /// Schemas of which every object is meant.
    pub schemas: HashSet<String>,
    /// Whether what lies in no schema is meant too.
    pub whole_database: bool,
    /// Whose own things are left out.
    pub provider: Option<&'static Provider>,
}

impl Chosen {
    /// What the patterns chose of a catalog.
    #[must_use]
    pub fn of(catalog: &Catalog, choice: &Choice) -> Self {
        Self {
            relations: choice.of(catalog).map(|relation| relation.name.clone()).collect(),
            schemas: choice.schemas.clone(),
            whole_database: choice.whole_database,
            provider: choice.provider,
        }
    }

    /// Leaves only what is chosen.
    pub(super) fn keep(&self, definitions: &mut Definitions) {
        definitions.retain(|object, _| self.has(object));
    }

    fn has(&self, object: &Object) -> bool {
        if let Some(relation) = object.of_relation() {
            return self.relations.contains(&relation);
        }
        if !object.schema.is_empty() {
            return self.schemas.contains(&object.schema);
        }
        let is_left_out = |provider: &Provider| provider.has_global(&object.kind, &object.name);
        self.whole_database && !self.provider.is_some_and(is_left_out)
    }
}
