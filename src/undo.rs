//! Everything that a failed or interrupted run has created on the target is removed again.
//!
//! Invariant: only what the ledger names is dropped, by `pg_restore`'s own DROP statements, without CASCADE. A
//! statement that fails does not keep the others from being run; what could not be dropped is told.
//! The rows need no undoing: uncommitted ones are the server's to roll back, committed ones go with their tables.

use std::time::Duration;

use tokio_postgres::types::Type;

use crate::archive::Archive;
use crate::bridge::extension;
use crate::error::{Context, Error, ErrorReport, Kind, Result};
use crate::ledger::Ledger;
use crate::pg::server::{Target, names_of_target};
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::progress::{Event, Phase};
use crate::run::Run;
use crate::sql;
use crate::stop::Stop;

/// DROP statements per transaction; each holds its locks until the end of its transaction.
const BATCH: usize = 200;
/// A target that restarts is given this many seconds to come back.
const PATIENCE: u32 = 20;

/// Undoes what the ledger holds. The stop signal does not reach here: undoing always runs to its end.
pub async fn undo(target: &Target, archive: Option<&Archive>, ledger: &Ledger, run: &Run) -> Result<()> {
    let run = &run.under(Stop::never());
    let statements = match archive {
        Some(archive) if !ledger.entries.is_empty() => archive.drop_statements(&ledger.entries).await?,
        _ => Vec::new(),
    };
    if statements.is_empty() && !ledger.extension {
        return Ok(());
    }
    run.emit(Event::TasksPlanned { phase: Phase::Undo, total: statements.len() });
    // A fresh session: those of the run may be lost or still busy with what was cancelled.
    let session = connect(target, run).await?;
    end_sessions(&session, run).await?;
    let dropping = drop_all(&session, &statements, run);
    let mut left = run.patiently("for locks on the target, to undo the clone", dropping).await;
    if ledger.extension {
        left.extend(extension::remove(&session, run).await.err());
    }
    session.close().await;
    if left.is_empty() { Ok(()) } else { Err(remains(&left)) }
}

async fn connect(target: &Target, run: &Run) -> Result<TargetSession> {
    let mut tries = 0;
    loop {
        match target.dedicated("undo", &[("client_min_messages", "warning")], run).await {
            Ok(session) => return Ok(session),
            Err(error) if tries >= PATIENCE => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
        tries += 1;
    }
}

/// A cancelled statement may still be on its way; what it made later would not be undone.
async fn end_sessions(session: &TargetSession, run: &Run) -> Result<()> {
    let names = names_of_target(run);
    for _ in 0..50 {
        let ended = session.rows(&sql!("undo/end_sessions.sql"), &[(&names, Type::TEXT)]).await.context(
            Kind::Schema,
            "the sessions of the run could not be ended",
            "target",
        )?;
        if ended.is_empty() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    Ok(())
}

/// Drops in batches; a batch that fails is run again one by one. Returns what failed.
async fn drop_all(session: &TargetSession, statements: &[Sql], run: &Run) -> Vec<Error> {
    let mut left = Vec::new();
    for batch in statements.chunks(BATCH) {
        if session.run(&Sql::script(batch)).await.is_err() {
            for statement in batch {
                let dropped = session.run(statement).await;
                left.extend(dropped.context(Kind::Schema, "it could not be undone", statement).err());
            }
        }
        run.emit(Event::TasksFinished { phase: Phase::Undo, count: batch.len() });
    }
    left
}

fn remains(left: &[Error]) -> Error {
    let words: Vec<String> = left.iter().map(|error| ErrorReport::from(error).to_string()).collect();
    Error::new(Kind::Schema, format!("not everything could be undone: {}", words.join("; ")))
        .object("target")
        .remedy("drop by hand what is left")
}
