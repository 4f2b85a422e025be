//! The archive's entries in the ledger: which there are, and which of them are made.
//!
//! Invariant: the transaction that makes an object marks its entry. A run is taken up again only with the very same
//! definitions: numbers may differ from one `pg_dump` to the next, names and statements may not.
//! Deliberately absent: what an entry's statement does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sha2::{Digest, Sha256};
use tokio_postgres::types::Type;

use super::{FAILED, Made};
use crate::archive::{Archive, Entry, EntryId};
use crate::catalog::STATE_SCHEMA;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::session::{Param, TargetSession, column};
use crate::pg::sql::Sql;
use crate::run::Run;
use crate::sql;

/// So many changed definitions are named; more would not help.
const NAMED: usize = 3;

/// Lists the entries of the archive in place of those that were listed before; these of them are made.
pub async fn register(guard: &TargetSession, archive: &Archive, made: &Made, run: &Run) -> Result<()> {
    let drops = archive.drops(&run.stop).await?;
    let undo: BTreeMap<EntryId, (i32, &str)> =
        (1..).zip(&drops).map(|(order, drop)| (drop.entry, (order, drop.sql.as_str()))).collect();
    let entries = || archive.pre_data().iter().chain(archive.post_data());
    let undo_of = |entry: &Entry| undo.get(&entry.id).copied();
    let ids: Vec<i32> = entries().map(|entry| entry.id.number().cast_signed()).collect();
    let names: Vec<String> = entries().map(Entry::to_string).collect();
    let definitions: Vec<String> = entries().map(definition).collect();
    let orders: Vec<Option<i32>> = entries().map(|entry| undo_of(entry).map(|(order, _)| order)).collect();
    let statements: Vec<Option<&str>> = entries().map(|entry| undo_of(entry).map(|(_, drop)| drop)).collect();
    let is_made: Vec<bool> = entries().map(|entry| made.contains(&entry.id)).collect();
    let (opening, filling, closing) =
        (sql!("ledger/begin_register.sql"), sql!("ledger/register.sql"), sql!("ledger/commit.sql"));
    let columns: [Param<'_>; 6] = [
        (&ids, Type::INT4_ARRAY),
        (&names, Type::TEXT_ARRAY),
        (&definitions, Type::TEXT_ARRAY),
        (&orders, Type::INT4_ARRAY),
        (&statements, Type::TEXT_ARRAY),
        (&is_made, Type::BOOL_ARRAY),
    ];
    // Sent without waiting in between; after a failure COMMIT rolls back.
    let (opened, filled, closed) =
        tokio::join!(guard.run(&opening), guard.rows(&filling, &columns), guard.run(&closing));
    opened.context(Kind::Schema, FAILED, STATE_SCHEMA)?;
    filled.context(Kind::Schema, FAILED, STATE_SCHEMA)?;
    closed.context(Kind::Schema, FAILED, STATE_SCHEMA)?;
    Ok(())
}

/// Tells an entry's statement from every other; of one with a secret, by the words that may be shown.
fn definition(entry: &Entry) -> String {
    let digest = Sha256::digest(entry.statements().to_string());
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The statement that marks these entries as made; it runs in the transaction that makes them.
#[must_use]
pub fn mark<'a>(entries: impl IntoIterator<Item = &'a EntryId>) -> Option<Sql> {
    let ids: Vec<u32> = entries.into_iter().map(|id| id.number()).collect();
    (!ids.is_empty()).then(|| sql!("ledger/mark.sql", ids = Sql::join(ids, ", ")))
}

/// Which entries of the archive the earlier sessions of the run have made; refuses if a definition has changed
/// since.
pub async fn made_before(guard: &TargetSession, archive: &Archive) -> Result<Made> {
    let failed = "the ledger could not be read";
    let rows =
        guard.rows(&sql!("ledger/entries.sql"), &[]).await.context(Kind::Schema, failed, STATE_SCHEMA)?;
    let listed: Vec<Listed> = rows
        .iter()
        .map(|row| Ok(((column(row, "name")?, column(row, "definition")?), column(row, "made")?)))
        .collect::<Result<_>>()?;
    let entries = archive.pre_data().iter().chain(archive.post_data());
    let now: Vec<(Definition, EntryId)> =
        entries.map(|entry| ((entry.to_string(), definition(entry)), entry.id)).collect();
    // Nothing was listed yet when the run was interrupted.
    if listed.is_empty() {
        return Ok(Made::new());
    }
    compare(listed, now).map_err(|changed| {
        let more = changed.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let named = changed.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
        Error::new(Kind::Preflight, format!("the source's schema has changed since the run was begun: {named}{more}"))
            .object("source")
            .remedy("remove what the run has made (fdwcopy cleanup --unfinished drop), then begin anew without --resume")
    })
}

/// Name and hash of the statement.
type Definition = (String, String);
/// An entry as the ledger lists it, and whether it is made.
type Listed = (Definition, bool);

/// The entries of now that were made before; or the names of those that are not the same.
fn compare(listed: Vec<Listed>, now: Vec<(Definition, EntryId)>) -> Result<Made, Vec<String>> {
    let mut before: HashMap<Definition, Vec<bool>> = HashMap::new();
    for (definition, made) in listed {
        before.entry(definition).or_default().push(made);
    }
    let mut made = Made::new();
    let mut changed = Vec::new();
    for (definition, id) in now {
        match before.get_mut(&definition).and_then(Vec::pop) {
            Some(true) => {
                made.insert(id);
            }
            Some(false) => {}
            None => changed.push(definition.0),
        }
    }
    changed.extend(before.into_iter().filter(|(_, left)| !left.is_empty()).map(|((name, _), _)| name));
    changed.sort();
    changed.dedup();
    if changed.is_empty() { Ok(made) } else { Err(changed) }
}

/// The names of the objects that are made and can be undone, in the order of their undoing.
pub async fn names_of_made(session: &TargetSession) -> Result<Vec<String>> {
    let failed = "the ledger could not be read";
    let rows =
        session.rows(&sql!("ledger/made.sql"), &[]).await.context(Kind::Schema, failed, STATE_SCHEMA)?;
    rows.iter().map(|row| column(row, "name")).collect()
}

/// Puts aside, until they are made again, the entries that keep a table from being emptied and filled: foreign keys of
/// all tables, triggers and rules, and what is about these.
pub async fn put_aside(guard: &TargetSession, post_data: &[Entry]) -> Result<()> {
    let ids = in_the_way(post_data);
    if ids.is_empty() {
        return Ok(());
    }
    let ids = Sql::join(ids.into_iter().map(EntryId::number), ", ");
    let put_aside = sql!("ledger/put_aside.sql", ids = ids);
    guard.run(&put_aside).await.context(Kind::Schema, "what was built could not be put aside", "target")?;
    Ok(())
}

/// Those entries, and all that need one of them: a comment goes with what it is about. The rule that makes a view one
/// stays.
fn in_the_way(post_data: &[Entry]) -> BTreeSet<EntryId> {
    let is_one = |entry: &&Entry| match entry.kind.as_str() {
        "FK CONSTRAINT" | "TRIGGER" => true,
        "RULE" => !entry.name.ends_with(" _RETURN"),
        _ => false,
    };
    let mut ids: BTreeSet<EntryId> = post_data.iter().filter(is_one).map(|entry| entry.id).collect();
    loop {
        let needs_one =
            |entry: &&Entry| !ids.contains(&entry.id) && entry.dependencies.iter().any(|id| ids.contains(id));
        let more: Vec<EntryId> = post_data.iter().filter(needs_one).map(|entry| entry.id).collect();
        if more.is_empty() {
            return ids;
        }
        ids.extend(more);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition(name: &str, hash: &str) -> Definition {
        (name.into(), hash.into())
    }

    fn id(number: u32) -> EntryId {
        EntryId::new(number)
    }

    #[test]
    fn what_was_made_is_known_by_its_definition_whatever_its_number() {
        let listed = vec![(definition("TABLE t", "1"), true), (definition("INDEX i", "2"), false)];
        let now = vec![(definition("INDEX i", "2"), id(7)), (definition("TABLE t", "1"), id(9))];
        assert_eq!(compare(listed, now), Ok(Made::from([id(9)])));
    }

    #[test]
    fn a_changed_a_new_and_a_lost_definition_are_named_once_each() {
        let listed = vec![(definition("TABLE t", "1"), true), (definition("INDEX i", "2"), false)];
        let now = vec![(definition("TABLE t", "other"), id(1)), (definition("VIEW v", "3"), id(2))];
        assert_eq!(compare(listed, now), Err(vec!["INDEX i".into(), "TABLE t".into(), "VIEW v".into()]));
    }

    #[test]
    fn equal_definitions_are_counted() {
        let twice = || vec![(definition("COMMENT c", "1"), true), (definition("COMMENT c", "1"), true)];
        assert!(compare(twice(), vec![(definition("COMMENT c", "1"), id(1))]).is_err());
    }
}
