//! Through which table the rows of a partition are inserted.
//!
//! Invariant: a row that another server may put into another partition goes through the topmost partitioned table that
//! decides so, as with `pg_dump --load-via-partition-root`; never into a tree that holds a foreign table, which would
//! write to a third server.
//! Deliberately absent: what makes such a table (see `sql/catalog/relations.sql`).

use std::collections::{HashMap, HashSet};

use super::select::Choice;
use crate::catalog::{Catalog, Oid, Relation, RelationKind};
use crate::pg::ident::QualifiedName;

/// The ways of all chosen partitions.
pub struct Routes<'a> {
    by_oid: HashMap<Oid, &'a Relation>,
    /// Tables below which lies a foreign table.
    reach_out: HashSet<Oid>,
    same_encoding: bool,
}

impl<'a> Routes<'a> {
    /// The ways to a target whose database has the same encoding, or another one.
    #[must_use]
    pub fn new(catalog: &'a Catalog, choice: &'a Choice, same_encoding: bool) -> Self {
        let by_oid = choice.of(catalog).map(|relation| (relation.oid, relation)).collect();
        let mut routes = Self { by_oid, reach_out: HashSet::new(), same_encoding };
        let foreign = choice.of(catalog).filter(|relation| relation.kind == RelationKind::ForeignTable);
        routes.reach_out = foreign.flat_map(|table| routes.above(table)).map(|root| root.oid).collect();
        routes
    }

    /// The table through which the rows of this one are inserted, if that is another one.
    #[must_use]
    pub fn of(&self, table: &Relation) -> Option<&'a QualifiedName> {
        let moves = |root: &&Relation| root.moves || (root.moves_with_encoding && !self.same_encoding);
        let is_closed = |root: &&Relation| !self.reach_out.contains(&root.oid);
        self.above(table).filter(moves).filter(is_closed).last().map(|root| &root.name)
    }

    /// The chosen partitioned tables above this one, the nearest first.
    fn above(&self, table: &Relation) -> impl Iterator<Item = &'a Relation> {
        let parent = |table: &Relation| self.by_oid.get(&table.partition_of?).copied();
        std::iter::successors(parent(table), move |above| parent(above))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::{catalog, relation};
    use crate::plan::select::Selection;

    fn part(oid: Oid, name: &str, kind: RelationKind, of: Option<Oid>) -> Relation {
        Relation { partition_of: of, ..relation(oid, "public", name, kind) }
    }

    /// A tree of three levels, the middle one of which puts rows as it likes.
    fn tree() -> Vec<Relation> {
        vec![
            part(1, "root", RelationKind::Partitioned, None),
            Relation { moves: true, ..part(2, "middle", RelationKind::Partitioned, Some(1)) },
            part(3, "leaf", RelationKind::Table, Some(2)),
            part(4, "other", RelationKind::Table, Some(1)),
        ]
    }

    fn route(relations: Vec<Relation>, same_encoding: bool, leaf: Oid) -> Option<String> {
        let catalog = catalog(relations);
        let choice = Selection::default().choose(&catalog);
        let routes = Routes::new(&catalog, &choice, same_encoding);
        routes.of(catalog.relations.iter().find(|r| r.oid == leaf)?).map(QualifiedName::plain)
    }

    #[test]
    fn rows_go_through_the_topmost_table_that_may_move_them() {
        assert_eq!(route(tree(), true, 3).as_deref(), Some("public.middle"));
        assert_eq!(route(tree(), true, 4), None);
        let mut both = tree();
        both[0].moves = true;
        assert_eq!(route(both, true, 3).as_deref(), Some("public.root"));
    }

    #[test]
    fn texts_move_where_the_encoding_is_another() {
        let mut texts = tree();
        (texts[0].moves_with_encoding, texts[1].moves) = (true, false);
        assert_eq!(route(texts.clone(), true, 3), None);
        assert_eq!(route(texts, false, 3).as_deref(), Some("public.root"));
    }

    #[test]
    fn no_row_is_sent_where_a_foreign_table_could_catch_it() {
        let mut open = tree();
        open.push(part(5, "far", RelationKind::ForeignTable, Some(2)));
        assert_eq!(route(open, true, 3), None);
    }
}
