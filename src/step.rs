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

/// Runs statements within a savepoint; the refusal if the server does not take them, or only warns that it has not
/// granted what it was to grant: our role may have some right on the object, but not that one.
pub async fn attempt(session: &TargetSession, statements: &Sql, about: &str) -> Result<Option<Refusal>> {
    let (savepoint, release) = (sql!("step/savepoint.sql"), sql!("step/release.sql"));
    // What earlier statements were warned of is not about this one.
    drop(session.ungranted());
    let done = if statements.is_secret() {
        session.run(&savepoint).await.context(Kind::Schema, "it could not be tried", about)?;
        session.run_secret(statements).await
    } else {
        session.run(&Sql::script(&[savepoint, statements.clone()])).await.map(drop)
    };
    let refused = match (done, session.ungranted()) {
        (Ok(()), None) => {
            session.run(&release).await.context(Kind::Schema, "it could not be kept", about)?;
            return Ok(None);
        }
        (Ok(()), Some(reason)) => Refusal { code: String::new(), reason },
        (Err(failure), _) => {
            let code = failure.server_error().map(|error| error.code().code().to_owned()).unwrap_or_default();
            Refusal { code, reason: refusal(failure, about)? }
        }
    };
    let back = session.run(&sql!("step/rollback_to.sql")).await;
    back.context(Kind::Schema, "it could not be undone", about)?;
    Ok(Some(refused))
}

/// Why the server refuses an object; anything that is not about the object is an error.
pub fn refusal(failure: Failure, about: &str) -> Result<String> {
    match failure.refusal() {
        Some(reason) => Ok(reason),
        None => Err(failure).context(Kind::Schema, "it could not be created", about),
    }
}
