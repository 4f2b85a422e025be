//! Which DROP statement belongs to which entry: `pg_restore` does not say, so they are counted.
//!
//! Invariant: statements are handed out only where there are as many as entries asked for, or where a single entry
//! was asked for; every other count is asked again in parts. Which entries are asked for follows from headers.
//! Deliberately absent: running `pg_restore` (see `Archive::drops`) and any look into a statement.

use std::collections::{BTreeMap, BTreeSet};

use super::entry::{Entry, EntryId};
use crate::pg::sql::Sql;

/// What removes an entry's object again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DropStatement {
    /// The entry.
    pub entry: EntryId,
    /// `pg_restore`'s own statement for it.
    pub sql: Sql,
}

/// Changes of an object that goes itself; `pg_dump` writes no DROP for them.
const NEVER: [&str; 12] = [
    "ACL",
    "ACL LANGUAGE",
    "COMMENT",
    "DEFAULT ACL",
    "INDEX ATTACH",
    "PUBLICATION TABLE",
    "PUBLICATION TABLES IN SCHEMA",
    "ROW SECURITY",
    "SECURITY LABEL",
    "SEQUENCE OWNED BY",
    "SHELL TYPE",
    "TABLE ATTACH",
];

/// The entries that should have a DROP each, in the order given.
///
/// What is part of a table of the same archive goes with it: its constraints (the index of a partition's key cannot
/// be dropped on its own), for the same reason an index attached to the index of the parent, and the sequence of
/// an identity column.
pub(super) fn droppable<'a>(entries: &[&'a Entry]) -> Vec<&'a Entry> {
    let of_kind = |kind: &'static str| entries.iter().filter(move |entry| entry.kind == kind);
    let tables: BTreeSet<EntryId> = of_kind("TABLE").map(|table| table.id).collect();
    let attached: BTreeSet<_> = of_kind("INDEX ATTACH").map(|index| (&index.schema, &index.name)).collect();
    let owned: BTreeSet<EntryId> =
        of_kind("SEQUENCE OWNED BY").flat_map(|owned| owned.dependencies.iter().copied()).collect();
    let is_part = |entry: &Entry| match entry.kind.as_str() {
        "CONSTRAINT" => true,
        "INDEX" => attached.contains(&(&entry.schema, &entry.name)),
        // Other sequences that need a table are owned by one of its columns, and an entry says so.
        "SEQUENCE" => !owned.contains(&entry.id),
        _ => false,
    };
    let goes_with_table =
        |entry: &Entry| is_part(entry) && entry.dependencies.iter().any(|id| tables.contains(id));
    let has_own = |entry: &&Entry| {
        !NEVER.contains(&entry.kind.as_str())
            && !entry.is_empty()
            && !entry.changes_only()
            && !goes_with_table(entry)
    };
    entries.iter().copied().filter(has_own).collect()
}

/// What became of the statements printed for some entries.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Assigned<'a> {
    /// Each has found its entry.
    Told(Vec<DropStatement>),
    /// These must be asked for one after the other.
    Unclear(Vec<Vec<&'a Entry>>),
}

/// Hands the statements out; they are printed in the reverse order of the entries asked for.
pub(super) fn assign<'a>(asked: &[&'a Entry], printed: Vec<Sql>) -> Assigned<'a> {
    let told = |(entry, sql): (&&Entry, Sql)| DropStatement { entry: entry.id, sql };
    match (asked, printed.len()) {
        (_, 0) => Assigned::Told(Vec::new()),
        (_, count) if count == asked.len() => {
            Assigned::Told(asked.iter().rev().zip(printed).map(told).collect())
        }
        ([only], _) => Assigned::Told(vec![told((only, Sql::script(&printed)))]),
        _ => Assigned::Unclear(parts(asked)),
    }
}

fn parts<'a>(asked: &[&'a Entry]) -> Vec<Vec<&'a Entry>> {
    let mut kinds: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in asked {
        kinds.entry(&entry.kind).or_default().push(entry);
    }
    if kinds.len() > 1 {
        return kinds.into_values().collect();
    }
    let (first, second) = asked.split_at(asked.len() / 2);
    vec![first.to_vec(), second.to_vec()]
}

#[cfg(test)]
#[path = "assign_tests.rs"]
mod tests;
