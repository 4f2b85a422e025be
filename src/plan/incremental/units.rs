//! What is copied as one: a table, or a partitioned table with all of its partitions, whose rows may lie otherwise on the target.
//!
//! Invariant: every chosen table's rows are in exactly one unit.
//! Deliberately absent: the target.

use std::collections::{HashMap, HashSet};

use crate::catalog::{Catalog, Oid, Relation, RelationKind, RowWidth};
use crate::plan::select::Choice;

/// A table of the source whose rows are copied by one statement.
#[derive(Debug, Clone)]
pub struct Unit {
    /// The table; of a partitioned one with the sizes of all of its partitions.
    pub relation: Relation,
    /// The tables that hold its rows.
    pub leaves: Vec<Oid>,
    /// Their files, each as `oid/number`.
    pub files: Vec<String>,
}

/// The units of what was chosen, by name.
#[must_use]
pub fn units(catalog: &Catalog, choice: &Choice) -> Vec<Unit> {
    let is_content = |r: &&Relation| !r.extension_member && r.configuration.is_none();
    let wanted: HashSet<Oid> = choice
        .with_data(catalog)
        .filter(is_content)
        .filter(|r| matches!(r.kind, RelationKind::Table | RelationKind::Partitioned))
        .map(|r| r.oid)
        .collect();
    let tree = Tree::new(catalog);
    let mut units = Vec::new();
    let mut covered = HashSet::new();
    // A root above a root stands before it.
    let roots = catalog.relations.iter().filter(|r| r.kind == RelationKind::Partitioned);
    let mut roots: Vec<&Relation> = roots.filter(|r| wanted.contains(&r.oid)).collect();
    roots.sort_by_key(|root| tree.depth(root));
    for root in roots {
        if covered.contains(&root.oid) {
            continue;
        }
        let below = tree.below(root.oid);
        let leaves: Vec<&Relation> =
            below.iter().copied().filter(|r| r.kind == RelationKind::Table).collect();
        let chosen = leaves.iter().filter(|leaf| wanted.contains(&leaf.oid)).count();
        // A root that is chosen alone means all of its rows; partitions that were left out are meant to be.
        if chosen == leaves.len()
            || (chosen == 0 && !leaves.iter().any(|leaf| choice.without_data.contains(&leaf.oid)))
        {
            covered.extend(below.iter().map(|relation| relation.oid));
            units.push(Unit {
                relation: whole(root, &leaves),
                leaves: leaves.iter().map(|leaf| leaf.oid).collect(),
                files: leaves.iter().map(|leaf| file(leaf)).collect(),
            });
        }
    }
    let single = catalog.relations.iter().filter(|r| r.kind == RelationKind::Table);
    let single = single.filter(|r| wanted.contains(&r.oid) && !covered.contains(&r.oid));
    let alone = |table: &Relation| Unit {
        relation: table.clone(),
        leaves: vec![table.oid],
        files: vec![file(table)],
    };
    units.extend(single.map(alone));
    units.sort_by(|a, b| a.relation.name.cmp(&b.relation.name));
    units
}

fn file(table: &Relation) -> String {
    format!("{}/{}", table.oid, table.filenode)
}

/// Who is below whom.
struct Tree<'a> {
    parts: HashMap<Oid, Vec<&'a Relation>>,
    parents: HashMap<Oid, Oid>,
}

impl<'a> Tree<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        let mut parts: HashMap<Oid, Vec<&Relation>> = HashMap::new();
        let mut parents = HashMap::new();
        for relation in &catalog.relations {
            if let Some(parent) = relation.partition_of {
                parts.entry(parent).or_default().push(relation);
                parents.insert(relation.oid, parent);
            }
        }
        Self { parts, parents }
    }

    fn depth(&self, relation: &Relation) -> usize {
        std::iter::successors(Some(relation.oid), |oid| self.parents.get(oid).copied()).count()
    }

    fn below(&self, root: Oid) -> Vec<&'a Relation> {
        let mut found = Vec::new();
        let mut open = vec![root];
        while let Some(oid) = open.pop() {
            for part in self.parts.get(&oid).into_iter().flatten() {
                found.push(*part);
                open.push(part.oid);
            }
        }
        found
    }
}

fn whole(root: &Relation, leaves: &[&Relation]) -> Relation {
    let widths = leaves.iter().filter_map(|leaf| leaf.width);
    let width = widths
        .reduce(|a, b| RowWidth { average: a.average.max(b.average), largest: a.largest.max(b.largest) });
    Relation {
        bytes: leaves.iter().map(|leaf| leaf.bytes).sum(),
        tuples: leaves.iter().map(|leaf| leaf.tuples.max(0.0)).sum(),
        width,
        ..root.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::{catalog, relation};
    use crate::plan::pattern::Pattern;
    use crate::plan::select::Selection;

    fn tree() -> Catalog {
        let part = |oid, name: &str, of| Relation {
            partition_of: Some(of),
            ..relation(oid, "public", name, RelationKind::Table)
        };
        catalog(vec![
            relation(1, "public", "events", RelationKind::Partitioned),
            part(2, "events_1", 1),
            part(3, "events_2", 1),
            relation(4, "public", "other", RelationKind::Table),
        ])
    }

    fn chosen(tables: &[&str], without: &[&str]) -> Vec<(Oid, Vec<Oid>)> {
        let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::parse(text).unwrap()).collect();
        let selection =
            Selection { tables: patterns(tables), exclude_data: patterns(without), ..Selection::default() };
        let catalog = tree();
        let choice = selection.choose(&catalog);
        units(&catalog, &choice).into_iter().map(|unit| (unit.relation.oid, unit.leaves)).collect()
    }

    #[test]
    fn a_partitioned_table_is_copied_as_a_whole_with_or_without_its_partitions_being_named() {
        assert_eq!(chosen(&["events*"], &[]), [(1, vec![2, 3])]);
        assert_eq!(chosen(&["events"], &[]), [(1, vec![2, 3])]);
        assert_eq!(chosen(&[], &[]), [(1, vec![2, 3]), (4, vec![4])]);
    }

    #[test]
    fn partitions_that_are_left_out_are_not_copied() {
        assert_eq!(chosen(&["events*"], &["events_1"]), [(3, vec![3])]);
        assert_eq!(chosen(&["events_1"], &[]), [(2, vec![2])]);
    }
}
