//! What a run has made on the target, written down there, and what was there before.
//!
//! The ledger is a schema of the target, `fdwcopy_state`, that lives as long as the run. It lists the archive's entries with
//! the statement that would undo each; the transaction that makes an object marks its entry. Undoing is one statement
//! for the server (`sql/ledger/undo.sql`), which the run's janitor runs when the run fails or when we are gone.
//!
//! Invariant: an entry is marked if and only if its object is there because of us. So everything of ours can be
//! undone at any moment, and nothing of others ever is.

use std::collections::{BTreeMap, HashSet};

use sha2::{Digest, Sha256};
use tokio_postgres::types::Type;

use crate::archive::{Archive, Entry, EntryId};
use crate::catalog::STATE_SCHEMA;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::Literal;
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::run::{Run, RunId};
use crate::sql;

const FAILED: &str = "the ledger could not be written";

/// What a ledger is opened with.
pub struct Opening<'a> {
    /// The run.
    pub id: &'a RunId,
    /// Its consistency mode.
    pub mode: &'static str,
    /// Whether it may be taken up again after an interruption, instead of being undone.
    pub resumable: bool,
    /// What was asked for.
    pub job: &'a str,
    /// What the target had before.
    pub existing: &'a Existing,
}

/// Opens the ledger: its schema appears on the target.
pub async fn open(guard: &TargetSession, opening: &Opening<'_>) -> Result<()> {
    let list =
        |names: &HashSet<String>| Sql::join(names.iter().map(|name| Literal::new(name.as_str())), ", ");
    let begin = sql!(
        "ledger/begin.sql",
        id = Literal::new(opening.id.to_string()),
        mode = Literal::new(opening.mode),
        resumable = opening.resumable,
        job = Literal::new(opening.job),
        schemas = list(&opening.existing.schemas),
        extensions = list(&opening.existing.extensions)
    );
    guard.run(&Sql::script(&[sql!("ledger/create.sql"), begin])).await.context(
        Kind::Schema,
        FAILED,
        STATE_SCHEMA,
    )?;
    Ok(())
}

/// Lists the entries of the archive, none of them made yet.
pub async fn register(guard: &TargetSession, archive: &Archive, run: &Run) -> Result<()> {
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
    guard
        .rows(
            &sql!("ledger/register.sql"),
            &[
                (&ids, Type::INT4_ARRAY),
                (&names, Type::TEXT_ARRAY),
                (&definitions, Type::TEXT_ARRAY),
                (&orders, Type::INT4_ARRAY),
                (&statements, Type::TEXT_ARRAY),
            ],
        )
        .await
        .context(Kind::Schema, FAILED, STATE_SCHEMA)?;
    Ok(())
}

/// Tells an entry's statement from every other.
fn definition(entry: &Entry) -> String {
    let digest = Sha256::digest(entry.statements().as_str());
    digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The statement that marks these entries as made; it runs in the transaction that makes them.
#[must_use]
pub fn mark<'a>(entries: impl IntoIterator<Item = &'a EntryId>) -> Option<Sql> {
    let ids: Vec<u32> = entries.into_iter().map(|id| id.number()).collect();
    (!ids.is_empty()).then(|| sql!("ledger/mark.sql", ids = Sql::join(ids, ", ")))
}

/// The statement that notes postgres_fdw as made; it runs in the transaction that installs it.
#[must_use]
pub fn note_extension() -> Sql {
    sql!("ledger/note_extension.sql")
}

/// Whether postgres_fdw is here because of us.
pub async fn lists_extension(session: &TargetSession) -> Result<bool> {
    let row = session.one(&sql!("ledger/lists_extension.sql"), &[]).await.context(
        Kind::Schema,
        "the ledger could not be read",
        STATE_SCHEMA,
    )?;
    column(&row, "listed")
}

/// The statement that forgets it: it is gone, or the source has it too.
#[must_use]
pub fn forget_extension() -> Sql {
    sql!("ledger/forget_extension.sql")
}

/// The statements that close the ledger: its schema goes, and what it lists stays.
#[must_use]
pub fn close() -> Sql {
    sql!("ledger/close.sql")
}

/// The part of a janitor's duty that undoes what the ledger lists.
#[must_use]
pub fn undo() -> Sql {
    sql!("ledger/undo.sql", close = close())
}

/// What stands in the place of the ledger.
#[derive(Debug)]
pub enum Found {
    /// Nothing.
    Nothing,
    /// A schema of its name that is not ours, or belongs to that other role.
    Strange(String),
    /// The ledger of a run that has not ended.
    Unfinished(Unfinished),
}

/// A run that has not ended.
#[derive(Debug)]
pub struct Unfinished {
    /// Its id.
    pub id: String,
    /// Its consistency mode.
    pub mode: String,
    /// Whether it may be taken up again.
    pub resumable: bool,
    /// When it was begun, by the target's clock.
    pub begun: String,
    /// What was asked for.
    pub job: String,
    /// What the target had before it.
    pub existing: Existing,
    /// Number of its chunks, and how many of them are copied.
    pub chunks: (i64, i64),
}

/// Looks whether the target holds a ledger.
pub async fn find(target: &TargetSession) -> Result<Found> {
    let failed = "the ledger could not be read";
    let found =
        target.one(&sql!("ledger/find.sql"), &[]).await.context(Kind::Preflight, failed, STATE_SCHEMA)?;
    if !column::<bool>(&found, "schema")? {
        return Ok(Found::Nothing);
    }
    if !column::<bool>(&found, "ours")? {
        return Ok(Found::Strange(column(&found, "owner")?));
    }
    let rows =
        target.rows(&sql!("ledger/run.sql"), &[]).await.context(Kind::Preflight, failed, STATE_SCHEMA)?;
    let Some(row) = rows.first() else { return Ok(Found::Strange(column(&found, "owner")?)) };
    let names = |column_name| column::<Vec<String>>(row, column_name).map(HashSet::from_iter);
    Ok(Found::Unfinished(Unfinished {
        id: column(row, "id")?,
        mode: column(row, "mode")?,
        resumable: column(row, "resumable")?,
        begun: column(row, "begun")?,
        job: column(row, "job")?,
        existing: Existing { schemas: names("schemas")?, extensions: names("extensions")? },
        chunks: (column(row, "chunks")?, column(row, "copied")?),
    }))
}

/// What could not be undone; `None` if there is no ledger any more.
pub async fn left(session: &TargetSession) -> Result<Option<Vec<Error>>> {
    let failed = "what is left could not be read";
    let exists =
        session.one(&sql!("ledger/exists.sql"), &[]).await.context(Kind::Schema, failed, STATE_SCHEMA)?;
    if !column::<bool>(&exists, "exists")? {
        return Ok(None);
    }
    let rows =
        session.rows(&sql!("ledger/left.sql"), &[]).await.context(Kind::Schema, failed, STATE_SCHEMA)?;
    let error = |row| {
        let failure: String = column(row, "failure")?;
        Ok(Error::new(Kind::Schema, failure).object(column::<String>(row, "name")?))
    };
    rows.iter().map(error).collect::<Result<_>>().map(Some)
}
/// The entries that an earlier session of the run has made.
pub type Made = HashSet<EntryId>;

/// What was on the target before the run, and is therefore neither created nor ever dropped by it.
#[derive(Debug, Clone, Default)]
pub struct Existing {
    /// Schemas.
    pub schemas: HashSet<String>,
    /// Extensions.
    pub extensions: HashSet<String>,
}

impl Existing {
    /// Whether the entry's object was there before.
    #[must_use]
    pub fn holds(&self, entry: &Entry) -> bool {
        match entry.kind.as_str() {
            "SCHEMA" => self.schemas.contains(&entry.name),
            "EXTENSION" => self.extensions.contains(&entry.name),
            _ => false,
        }
    }

    /// Whether the entry changes something that was there before. Such a change cannot be undone by dropping, so it
    /// waits until everything else has succeeded.
    #[must_use]
    pub fn is_changed_by(&self, entry: &Entry) -> bool {
        let after = |word: &str| entry.name.strip_prefix(word);
        match entry.kind.as_str() {
            "COMMENT" | "ACL" | "SECURITY LABEL" => {
                after("SCHEMA ").is_some_and(|schema| self.schemas.contains(schema))
                    || after("EXTENSION ").is_some_and(|extension| self.extensions.contains(extension))
            }
            // Of a role, which is never ours.
            "DEFAULT ACL" => true,
            _ => self.holds(entry),
        }
    }
}
