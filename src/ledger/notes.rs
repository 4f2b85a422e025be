//! What a run does to the target beside the archive's entries, with what undoes it.
//!
//! Invariant: a note is there before its deed, and its statement changes nothing where the deed was not done. What is
//! noted last is undone first, and all notes are undone before the archive's entries.
//! Deliberately absent: postgres_fdw, which is made known by `note_extension`.

use std::collections::HashSet;

use super::FAILED;
use crate::catalog::STATE_SCHEMA;
use crate::error::{Context, Kind, Result};
use crate::pg::ident::Literal;
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::sql;

/// What is going to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Kind and name of its object.
    pub name: String,
    /// The statement that undoes it, unless it goes with what the run has made.
    pub undo: Option<Sql>,
}

/// The names of all notes.
pub async fn read(guard: &TargetSession) -> Result<HashSet<String>> {
    let rows = guard.rows(&sql!("ledger/notes.sql"), &[]).await;
    let rows = rows.context(Kind::Schema, "the ledger could not be read", STATE_SCHEMA)?;
    rows.iter().map(|row| column(row, "name")).collect()
}

/// Adds these notes.
pub async fn write(guard: &TargetSession, notes: &[Note]) -> Result<()> {
    if notes.is_empty() {
        return Ok(());
    }
    let each = notes.iter().map(|note| {
        let undo = Literal::new(note.undo.as_ref().map_or("", Sql::as_str));
        sql!("ledger/note.sql", name = Literal::new(note.name.as_str()), undo = undo)
    });
    let written = guard.run(&Sql::script(&each.collect::<Vec<_>>())).await;
    written.context(Kind::Schema, FAILED, STATE_SCHEMA)?;
    Ok(())
}
