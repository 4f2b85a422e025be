//! The tables of one side that are meant, each with the partitions that hold its rows.
//!
//! Invariant: a table that holds rows is part of one table at most: of the topmost that is meant.
//! Deliberately absent: the other side.

use std::collections::{HashMap, HashSet};

use super::Part;
use crate::catalog::{Catalog, Oid, Relation, RelationKind};
use crate::plan::select::{Choice, Selection};

/// A table, and where its rows are.
#[derive(Debug, Clone)]
pub struct Meant<'a> {
    /// The table.
    pub table: &'a Relation,
    /// It itself, or its partitions.
    pub leaves: Vec<&'a Relation>,
    /// Partitions that are foreign tables.
    pub foreign: Vec<&'a Relation>,
}

/// What is meant of one side.
pub struct Tables<'a> {
    selection: &'a Selection,
    /// What lies below each partitioned table, at any depth, in the catalog's order.
    below: HashMap<Oid, Vec<&'a Relation>>,
    /// What the patterns chose.
    pub choice: Choice,
    /// The topmost tables that are meant.
    pub meant: Vec<Meant<'a>>,
}

/// Evaluates the selection on one side.
#[must_use]
pub fn tables<'a>(catalog: &'a Catalog, selection: &'a Selection) -> Tables<'a> {
    let mut below: HashMap<Oid, Vec<&Relation>> = HashMap::new();
    let parents = parents(catalog);
    for relation in &catalog.relations {
        for oid in above(&parents, relation) {
            below.entry(oid).or_default().push(relation);
        }
    }
    let mut tables = Tables { selection, below, choice: selection.choose(catalog), meant: Vec::new() };
    let holds = |r: &&Relation| matches!(r.kind, RelationKind::Table | RelationKind::Partitioned);
    // What an extension brings may be another thing in each of its versions.
    let is_own = |r: &&Relation| tables.is_chosen(r) && r.configuration.is_none();
    let wanted: Vec<&Relation> = catalog.relations.iter().filter(holds).filter(is_own).collect();
    let oids: HashSet<Oid> = wanted.iter().map(|r| r.oid).collect();
    let is_top = |r: &&&Relation| !above(&parents, r).any(|parent| oids.contains(&parent));
    tables.meant = wanted.iter().filter(is_top).map(|table| tables.whole(table)).collect();
    tables
}

impl<'a> Tables<'a> {
    /// A table with all its partitions that are not left out by name.
    #[must_use]
    pub fn whole(&self, table: &'a Relation) -> Meant<'a> {
        if table.kind != RelationKind::Partitioned {
            return Meant { table, leaves: vec![table], foreign: Vec::new() };
        }
        let below = self.below.get(&table.oid).into_iter().flatten().copied();
        let inner = below.filter(|r| self.comes_with_its_root(r));
        let (leaves, others): (Vec<_>, Vec<_>) = inner.partition(|r| r.kind == RelationKind::Table);
        let foreign = others.into_iter().filter(|r| r.kind == RelationKind::ForeignTable).collect();
        Meant { table, leaves, foreign }
    }

    fn is_chosen(&self, relation: &Relation) -> bool {
        self.choice.relations.contains(&relation.oid) && !self.choice.without_data.contains(&relation.oid)
    }

    /// A table that is chosen brings its partitions, whatever schema they are in, unless they are left out by name too.
    fn comes_with_its_root(&self, leaf: &Relation) -> bool {
        let (schema, name) = (leaf.name.schema.as_str(), leaf.name.name.as_str());
        let mut left_out = self.selection.exclude_tables.iter().chain(&self.selection.exclude_data);
        let mut schemas_left_out = self.selection.exclude_schemas.iter();
        !left_out.any(|pattern| pattern.matches_relation(schema, name, leaf.visible))
            && !schemas_left_out.any(|pattern| pattern.matches_schema(schema))
    }
}

/// The partitioned table right above each partition.
pub(super) fn parents(catalog: &Catalog) -> HashMap<Oid, Oid> {
    catalog.relations.iter().filter_map(|r| Some((r.oid, r.partition_of?))).collect()
}

/// The oids of the partitioned tables above this one, the nearest first.
pub(super) fn above(parents: &HashMap<Oid, Oid>, relation: &Relation) -> impl Iterator<Item = Oid> {
    std::iter::successors(relation.partition_of, |oid| parents.get(oid).copied())
}

impl From<&Relation> for Part {
    fn from(relation: &Relation) -> Self {
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "an estimate, not negative"
        )]
        let rows = (relation.tuples >= 0.0).then_some(relation.tuples as u64);
        Self {
            oid: relation.oid,
            name: relation.name.clone(),
            bytes: relation.bytes,
            pages: relation.pages,
            rows,
            heap: relation.heap,
            filenode: relation.filenode,
        }
    }
}
