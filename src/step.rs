//! Changes that the server may refuse one by one, inside a transaction that goes on.
//!
//! Invariant: a refused step leaves nothing behind; anything that is not about the step itself (a lost session, a full
//! disk) is an error. What holds a secret takes its own road.
//! Deliberately absent: the transaction, which is the caller's.

use crate::error::{Context, Failure, Kind, Result};
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::report::NotCopied;
use crate::sql;

/// A change of the target that is not one of the archive's.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it brings: `ROLE`, `DATABASE SETTING`, …
    pub kind: &'static str,
    /// Of which object.
    pub object: String,
    /// How.
    pub statement: Sql,
}

impl Step {
    /// What stands in the report if it is not done.
    #[must_use]
    pub fn not_copied(&self, reason: impl Into<String>) -> NotCopied {
        NotCopied { kind: self.kind.into(), object: self.object.clone(), reason: reason.into() }
    }
}

/// The server's refusal.
#[derive(Debug)]
pub struct Refusal {
    /// Its SQLSTATE.
    pub code: String,
    /// Its words.
    pub reason: String,
}

/// Runs statements within a savepoint; the refusal if the server does not take them.
pub async fn attempt(session: &TargetSession, statements: &Sql, about: &str) -> Result<Option<Refusal>> {
    let (savepoint, release) = (sql!("step/savepoint.sql"), sql!("step/release.sql"));
    let done = if statements.is_secret() {
        session.run(&savepoint).await.context(Kind::Schema, "it could not be tried", about)?;
        match session.run_secret(statements).await {
            Ok(()) => session.run(&release).await.map(drop),
            refused => refused,
        }
    } else {
        session.run(&Sql::script(&[savepoint, statements.clone(), release])).await.map(drop)
    };
    let Err(failure) = done else { return Ok(None) };
    let code = failure.server_error().map(|error| error.code().code().to_owned()).unwrap_or_default();
    let reason = refusal(failure, about)?;
    let back = session.run(&sql!("step/rollback_to.sql")).await;
    back.context(Kind::Schema, "it could not be undone", about)?;
    Ok(Some(Refusal { code, reason }))
}

/// Why the server refuses an object; anything that is not about the object is an error.
pub fn refusal(failure: Failure, about: &str) -> Result<String> {
    match failure.refusal() {
        Some(reason) => Ok(reason),
        None => Err(failure).context(Kind::Schema, "it could not be created", about),
    }
}
