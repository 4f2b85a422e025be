//! What a run has made on the target, written down there, and what was there before.
//!
//! The ledger is a schema of the target, `fdwcopy_state`, that lives as long as the run. It lists the archive's entries with
//! the statement that would undo each; the transaction that makes an object marks its entry. Undoing is one statement
//! for the server (`sql/ledger/undo.sql`), which the run's janitor runs when the run fails or when we are gone.
//!
//! Invariant: an entry is marked if and only if its object is there because of us. So everything of ours can be
//! undone at any moment, and nothing of others ever is.

pub mod chunks;
pub mod entries;
pub mod large_objects;
pub mod notes;

use std::collections::HashSet;

use crate::archive::{Archive, Entry, EntryId};
use crate::catalog::STATE_SCHEMA;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::{Ident, Literal};
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::replace;
use crate::run::RunId;
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
    /// Of which source.
    pub source: &'a str,
    /// What the target had before.
    pub existing: &'a Existing,
    /// What moves aside that is to be replaced.
    pub aside: Option<Sql>,
}

/// Opens the ledger: its schema appears on the target, and what is to be replaced is moved aside.
pub async fn open(guard: &TargetSession, opening: &Opening<'_>) -> Result<()> {
    let list =
        |names: &HashSet<String>| Sql::join(names.iter().map(|name| Literal::new(name.as_str())), ", ");
    let begin = sql!(
        "ledger/begin.sql",
        id = Literal::new(opening.id.to_string()),
        mode = Literal::new(opening.mode),
        resumable = opening.resumable,
        job = Literal::new(opening.job),
        source = Literal::new(opening.source),
        schemas = list(&opening.existing.schemas),
        extensions = list(&opening.existing.extensions)
    );
    // One message is one transaction.
    let script = [sql!("ledger/create.sql"), begin].into_iter().chain(opening.aside.clone());
    guard.run(&Sql::script(&script.collect::<Vec<_>>())).await.context(Kind::Schema, FAILED, STATE_SCHEMA)?;
    Ok(())
}

/// Takes the ledger of an interrupted run over.
pub async fn reopen(guard: &TargetSession, id: &RunId) -> Result<()> {
    let reopen = sql!("ledger/reopen.sql", id = Literal::new(id.to_string()));
    guard.run(&reopen).await.context(Kind::Schema, FAILED, STATE_SCHEMA)?;
    Ok(())
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

/// How long something that was noted stays in any case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// Until the run has failed; it stays when it has not.
    Failure,
    /// Until the source's privileges are granted.
    Privileges,
    /// Until the end of the run.
    End,
}

impl Until {
    /// What stands in the place of a definition.
    fn word(self) -> Literal {
        Literal::new(match self {
            Self::Failure => "",
            Self::Privileges => "until the privileges",
            Self::End => "until the end",
        })
    }
}

/// The statement that notes a role or a right as made; it runs in the transaction that makes it. What is noted later is
/// undone earlier, and all of it after the archive's entries, which may belong to the roles.
#[must_use]
pub fn note(name: &str, undo: &Sql, until: Until) -> Sql {
    sql!(
        "ledger/note.sql",
        name = Literal::new(name),
        definition = until.word(),
        undo = Literal::new(undo.as_str())
    )
}

/// The statement that undoes, and forgets, what was noted to stay no longer.
#[must_use]
pub fn take_back(until: Until) -> Sql {
    sql!("ledger/take_back.sql", definition = until.word())
}

/// The statements that close the ledger: its schema goes, and what it lists stays.
#[must_use]
pub fn close() -> Sql {
    sql!("ledger/close.sql")
}

/// The statement after which the run can no longer be taken up again, but only undone.
#[must_use]
pub fn give_up() -> Sql {
    sql!("ledger/give_up.sql")
}

/// The part of a janitor's duty that undoes what the ledger lists.
#[must_use]
pub fn undo(id: &RunId) -> Sql {
    sql!(
        "ledger/undo.sql",
        id = Literal::new(id.to_string()),
        unlink = large_objects::unlink_one(),
        object_failed = note_failure("large_object", "oid"),
        entry_failed = note_failure("entry", "id"),
        move_back = replace::move_back(&note_failure("aside", "place")),
        close = close()
    )
}

/// The part that writes down why an item of this table of the ledger could not be undone, if there is room for that.
fn note_failure(table: &str, key: &str) -> Sql {
    sql!("ledger/note_failure.sql", table = Ident::new(table), key = Ident::new(key))
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
    pub id: RunId,
    /// Its consistency mode.
    pub mode: String,
    /// Whether it may be taken up again.
    pub resumable: bool,
    /// When it was begun, by the target's clock.
    pub begun: String,
    /// What was asked for.
    pub job: String,
    /// Of which source.
    pub source: String,
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
        id: RunId::parse(&column::<String>(row, "id")?)
            .ok_or_else(|| Error::new(Kind::Preflight, failed).object(STATE_SCHEMA))?,
        mode: column(row, "mode")?,
        resumable: column(row, "resumable")?,
        begun: column(row, "begun")?,
        job: column(row, "job")?,
        source: column(row, "source")?,
        existing: Existing { schemas: names("schemas")?, extensions: names("extensions")? },
        chunks: (column(row, "chunks")?, column(row, "copied")?),
    }))
}

/// What could not be undone.
pub async fn left(session: &TargetSession) -> Result<Vec<Error>> {
    let failed = "what is left could not be read";
    let rows =
        session.rows(&sql!("ledger/left.sql"), &[]).await.context(Kind::Schema, failed, STATE_SCHEMA)?;
    let error = |row| {
        let failure: String = column(row, "failure")?;
        Ok(Error::new(Kind::Schema, failure).object(column::<String>(row, "name")?))
    };
    rows.iter().map(error).collect()
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
    /// waits until everything else has succeeded. What is done to members of extensions waits too, whether the extension
    /// was there or not.
    #[must_use]
    pub fn is_changed_by(&self, entry: &Entry, archive: &Archive) -> bool {
        let after = |word: &str| entry.name.strip_prefix(word);
        match entry.kind.as_str() {
            // Rights on what the system brought.
            "ACL" if entry.schema.as_deref() == Some("pg_catalog") => true,
            "ACL" if entry.name == "LANGUAGE plpgsql" => true,
            "COMMENT" | "ACL" | "SECURITY LABEL" => {
                archive.changes_a_member(entry)
                    || after("SCHEMA ").is_some_and(|schema| self.schemas.contains(schema))
                    || after("EXTENSION ").is_some_and(|extension| self.extensions.contains(extension))
            }
            // Of a role, which is never ours.
            "DEFAULT ACL" => true,
            _ => self.holds(entry) || archive.changes_a_member(entry),
        }
    }
}
