//! The indexes of partition trees: what their attachments must not do side by side, and whether all became valid.
//!
//! An attachment that makes the index of a sub-partition valid goes on to those above it
//! (`validatePartitionedIndex` in `tablecmds.c`), and so locks what it does not name.
//!
//! Invariant: an index that is valid on the source and not on the target is named.
//! Deliberately absent: mending it.

use std::collections::{BTreeSet, HashMap};

use super::graph::LockKey;
use crate::archive::Entry;
use crate::catalog::{Oid, Relation};
use crate::error::{Context, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::server::{Source, Target};
use crate::pg::session::{Session, Side, column};
use crate::report::NotCopied;
use crate::run::Run;
use crate::sql;

/// Whether an entry attaches the index of a partition.
pub(super) fn attaches(entry: &Entry) -> bool {
    entry.kind == "INDEX ATTACH"
}

/// A key for each partition tree by the tables of it, from the tables that each attachment is about.
pub(super) fn trees(attachments: impl Iterator<Item = Vec<Oid>>) -> HashMap<Oid, LockKey> {
    // Beyond all oids, so that it is no table's own key.
    const TREE: LockKey = 1 << 32;
    let mut trees: HashMap<Oid, LockKey> = HashMap::new();
    for tables in attachments {
        let known: BTreeSet<LockKey> = tables.iter().filter_map(|table| trees.get(table).copied()).collect();
        let Some(key) = known.first().copied().or_else(|| Some(TREE | u64::from(*tables.first()?))) else {
            continue;
        };
        for tree in trees.values_mut().filter(|tree| known.contains(tree)) {
            *tree = key;
        }
        trees.extend(tables.into_iter().map(|table| (table, key)));
    }
    trees
}

/// The indexes of these tables that are valid on the source alone.
pub async fn not_valid(
    (source, target): (&Source, &Target),
    tables: impl Iterator<Item = &Relation>,
    run: &Run,
) -> Result<Vec<NotCopied>> {
    let there = invalid(&target.pooled(run).await?).await?;
    if there.is_empty() {
        return Ok(Vec::new());
    }
    let here = invalid(&source.pooled(run).await?).await?;
    let copied: BTreeSet<&QualifiedName> = tables.map(|table| &table.name).collect();
    let is_ours = |(table, index): &&(QualifiedName, String)| {
        copied.contains(table) && !here.contains(&(table.clone(), index.clone()))
    };
    Ok(there.iter().filter(is_ours).map(named).collect())
}

fn named((table, index): &(QualifiedName, String)) -> NotCopied {
    NotCopied {
        kind: "INDEX".into(),
        object: format!("{index} on {}", table.plain()),
        reason: "it is there, but not valid; drop and create it anew on the target".into(),
    }
}

async fn invalid<S: Side>(session: &Session<S>) -> Result<BTreeSet<(QualifiedName, String)>> {
    let rows = session.rows(&sql!("schema/invalid_indexes.sql"), &[]).await;
    let rows = rows.context(Kind::Schema, "the indexes could not be looked at", S::NAME)?;
    let index = |row| {
        let table = QualifiedName::new(column::<String>(row, "schema")?, column::<String>(row, "name")?);
        Ok((table, column(row, "index")?))
    };
    rows.iter().map(index).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_of_one_tree_have_one_key_whatever_their_order() {
        let trees = trees([vec![3, 2], vec![9, 8], vec![5, 4], vec![2, 1], vec![4, 1]].into_iter());
        let key = trees[&1];
        assert!([2, 3, 4, 5].iter().all(|table| trees[table] == key), "{trees:?}");
        assert!(trees[&9] == trees[&8] && trees[&8] != key);
    }
}
