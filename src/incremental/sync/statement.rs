//! The statements of `sync`, pure.
//!
//! Invariant: both sides are asked for the same expressions over the rows that are meant.
//! Deliberately absent: how a row is written (see `incremental::statement`).

use super::division::{Division, in_spans};
use super::steps::Share;
use crate::incremental::statement::{self, condition};
use crate::pg::ident::{Ident, Literal};
use crate::pg::sql::Sql;
use crate::plan::incremental::TableCopy;
use crate::plan::incremental::bucketing::{Bucketing, KeyColumn};
use crate::plan::ranges::Span;
use crate::sql;

/// A table and how its rows are matched.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) table: &'a TableCopy,
    pub(super) bucketing: &'a Bucketing,
}

/// Which end is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source,
    Target,
}

impl Pair<'_> {
    /// Asks for the least and the largest key, within a span if there is one.
    pub(super) fn bounds(&self, end: End, key: &Ident, within: Option<Span>) -> Sql {
        let conditions = within.into_iter().map(|span| in_spans(key, [span].into_iter())).collect();
        sql!("sync/bounds.sql", key = key, from = self.rows(end, conditions))
    }

    /// Asks for the sums of all buckets, or of some; `further` narrows the rows.
    pub(super) fn sums(&self, end: End, division: &Division, further: Vec<Sql>) -> Sql {
        let subject = &self.bucketing.subject;
        sql!(
            "sync/sums.sql",
            number = division.number(subject),
            hash = subject.hash(),
            from = self.from(end, further)
        )
    }

    /// The condition that a row is in one of these buckets.
    pub(super) fn within(&self, division: &Division, buckets: &[u64]) -> Sql {
        division.within(&self.bucketing.subject, buckets)
    }

    /// The condition that a row is none that only the target has.
    pub(super) fn not_extra(&self) -> Sql {
        let alias = &self.table.source.name;
        sql!("sync/not_extra.sql", differing = self.differing(), equal = self.equal(alias))
    }

    /// Keys and hashes of these rows.
    fn list(&self, end: End, further: Vec<Sql>) -> Sql {
        let key = self.named();
        let hash = self.bucketing.subject.hash();
        sql!("sync/list.sql", key = key, hash = hash, from = self.from(end, further))
    }

    /// Has the source send keys and hashes.
    pub(super) fn send(&self, further: Vec<Sql>) -> Sql {
        sql!("sync/send.sql", list = self.list(End::Source, further))
    }

    /// Has the target take them.
    pub(super) fn receive(&self) -> Sql {
        sql!("sync/receive.sql", there = self.received())
    }

    /// Makes room for them.
    pub(super) fn there(&self) -> Sql {
        let table = self.only(End::Target);
        sql!("sync/there.sql", there = self.received(), key = self.named(), table = table)
    }

    /// Finds a key of the source that is there twice, or not whole.
    pub(super) fn broken(&self) -> Sql {
        sql!("sync/broken.sql", there = self.received(), key = self.names())
    }

    /// Compares them with the target's, row by row.
    pub(super) fn differ(&self, further: Vec<Sql>) -> Sql {
        let each = |render: fn(Ident) -> Sql| self.numbered().map(render).collect::<Vec<_>>();
        sql!(
            "sync/differing.sql",
            differing = self.differing(),
            there = self.received(),
            key = self.names(),
            either = Sql::join(each(|name| sql!("sync/either.sql", name = name)), ", "),
            list = self.list(End::Target, further),
            equal = Sql::join(each(|name| sql!("sync/same.sql", name = name)), " AND ")
        )
    }

    /// Leaves only so many rows in the list.
    pub(super) fn cut(&self, share: Share) -> Sql {
        sql!("sync/cut.sql", differing = self.differing(), brought = share.brought, deleted = share.deleted)
    }

    /// Counts what differs.
    pub(super) fn counts(&self) -> Sql {
        sql!("sync/counts.sql", differing = self.differing())
    }

    /// Deletes rows that the source does not have; with `changed` also those that differ.
    pub(super) fn delete(&self, changed: bool) -> Sql {
        let kinds = Literal::new(if changed { "{-,~}" } else { "{-}" });
        sql!(
            "sync/delete.sql",
            table = statement::whole(self.table),
            differing = self.differing(),
            kinds = kinds,
            equal = self.equal(&Ident::new("fdwcopy_kept"))
        )
    }

    /// Deletes rows that differ.
    pub(super) fn delete_changed(&self) -> Sql {
        sql!(
            "sync/delete.sql",
            table = statement::whole(self.table),
            differing = self.differing(),
            kinds = Literal::new("{~}"),
            equal = self.equal(&Ident::new("fdwcopy_kept"))
        )
    }

    /// Brings the rows whose keys are these, of all that differ: the first after a place up to another.
    pub(super) fn bring_some(&self, (after, upto): (u64, u64)) -> Sql {
        let alias = &self.table.source.name;
        let each = self.key().map(|(name, column)| {
            sql!(
                "sync/batch.sql",
                alias = alias,
                column = column.name,
                name = name,
                type_name = column.type_name,
                collation = collation(column),
                differing = self.differing(),
                after = after,
                upto = upto
            )
        });
        let mut conditions: Vec<Sql> = each.collect();
        if self.bucketing.key.len() > 1 {
            conditions.push(self.wanted());
        }
        statement::insert(self.table, Some(&Sql::join(conditions, " AND ")))
    }

    /// Brings the rows that differ, out of all that travel.
    pub(super) fn bring_of_all(&self) -> Sql {
        statement::insert(self.table, Some(&self.wanted()))
    }

    /// Brings all rows.
    pub(super) fn bring_all(&self) -> Sql {
        statement::insert(self.table, None)
    }

    fn wanted(&self) -> Sql {
        let alias = &self.table.source.name;
        let each = self.key().map(|(name, column)| {
            let (type_name, collation) = (&column.type_name, collation(column));
            sql!(
                "sync/equal_as.sql",
                name = name,
                type_name = type_name,
                collation = collation,
                alias = alias,
                column = column.name
            )
        });
        let equal = Sql::join(each.collect::<Vec<_>>(), " AND ");
        sql!("sync/wanted.sql", differing = self.differing(), equal = equal)
    }

    fn equal(&self, alias: &Ident) -> Sql {
        let each = self
            .key()
            .map(|(name, column)| sql!("sync/equal.sql", name = name, alias = alias, column = column.name));
        Sql::join(each.collect::<Vec<_>>(), " AND ")
    }

    /// The rows that are meant.
    fn from(&self, end: End, further: Vec<Sql>) -> Sql {
        self.rows(end, self.table.conditions.iter().map(condition).chain(further).collect())
    }

    fn rows(&self, end: End, conditions: Vec<Sql>) -> Sql {
        let conditions = if conditions.is_empty() {
            Sql::nothing()
        } else {
            sql!("sync/where.sql", conditions = Sql::join(conditions, " AND "))
        };
        let alias = &self.table.source.name;
        sql!("sync/from.sql", table = self.only(end), alias = alias, conditions = conditions)
    }

    fn only(&self, end: End) -> Sql {
        let (name, whole_tree) = match end {
            End::Source => (&self.table.source, self.bucketing.whole_tree),
            End::Target => (&self.table.target, self.table.whole_tree),
        };
        if whole_tree { Sql::join([name], "") } else { sql!("sync/only.sql", table = name) }
    }

    /// The key's columns, each with the name that it has among ours.
    fn key(&self) -> impl Iterator<Item = (Ident, &KeyColumn)> {
        self.numbered().zip(&self.bucketing.key)
    }

    fn numbered(&self) -> impl Iterator<Item = Ident> + use<> {
        (1..=self.bucketing.key.len()).map(|number| Ident::new(format!("k{number}")))
    }

    fn names(&self) -> Sql {
        Sql::join(self.numbered(), ", ")
    }

    fn named(&self) -> Sql {
        let each = self.key().map(|(name, column)| sql!("sync/named.sql", column = column.name, name = name));
        Sql::join(each.collect::<Vec<_>>(), ", ")
    }

    fn received(&self) -> Ident {
        Ident::new(format!("fdwcopy_there_{}", self.table.oid))
    }

    fn differing(&self) -> Ident {
        Ident::new(format!("fdwcopy_differing_{}", self.table.oid))
    }
}

/// The foreign table's columns have the default collation; the target's may have another.
fn collation(column: &KeyColumn) -> Sql {
    if column.collates { sql!("sync/collation.sql") } else { Sql::nothing() }
}

/// Keys and constraints that may wait do so.
pub(super) fn defer() -> Sql {
    sql!("sync/defer.sql")
}

/// Room for the sums of many buckets.
pub(super) fn settings() -> Sql {
    sql!("sync/reader.sql")
}
