//! Everything that a failed or interrupted run has created on the target is removed again.
//!
//! Invariant: only what the ledger names is dropped, by `pg_restore`'s own DROP statements, without CASCADE; what
//! cannot be dropped (somebody depends on it by now) is an error that names it.
//! The rows need no undoing: uncommitted ones are the server's to roll back, committed ones go with their tables.

use crate::archive::Archive;
use crate::bridge;
use crate::error::{Context, Kind, Result};
use crate::ledger::Ledger;
use crate::pg::session::Target;
use crate::pg::sql::Sql;
use crate::run::Run;
use crate::stop::Stop;

/// DROP statements per transaction; each holds its locks until the end of its transaction.
const BATCH: usize = 200;

/// Undoes what the ledger holds. The stop signal does not reach here: undoing always runs to its end.
pub async fn undo(target: &Target, archive: Option<&Archive>, ledger: &Ledger, run: &Run) -> Result<()> {
    let statements = match archive {
        Some(archive) if !ledger.entries.is_empty() => archive.drop_statements(&ledger.entries).await?,
        _ => Vec::new(),
    };
    if statements.is_empty() && !ledger.extension {
        return Ok(());
    }
    // A fresh session: those of the run may be lost or still busy with what was cancelled.
    let session =
        target.dedicated("undo", &[("client_min_messages", "warning")], &run.under(Stop::never())).await?;
    for batch in statements.chunks(BATCH) {
        session.run(&Sql::script(batch)).await.context(
            Kind::Schema,
            "what the run had created could not be dropped; drop it by hand",
            "target",
        )?;
    }
    if ledger.extension {
        bridge::remove_extension(&session).await?;
    }
    session.close().await;
    Ok(())
}
