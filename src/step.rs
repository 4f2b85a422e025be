//! Changes and questions that the server may refuse one by one, inside a transaction that goes on.
//!
//! Invariant: a refused step leaves nothing behind; anything that is not about the step itself (a lost session, a full
//! disk) is an error. What holds a secret takes its own road.
//! Deliberately absent: the transaction, which is the caller's.

use tokio_postgres::Row;

use crate::error::{Context, Failure, Kind, Result};
use crate::pg::session::{Session, Side, TargetSession};
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

/// The rows of a query within a savepoint, or the server's words if it fails, for whatever reason, and the transaction can
/// go on.
pub async fn ask<S: Side>(
    session: &Session<S>,
    query: &Sql,
    (kind, about): (Kind, &str),
) -> Result<Result<Vec<Row>, String>> {
    let failed = "it could not be asked";
    session.run(&sql!("step/savepoint.sql")).await.context(kind, failed, about)?;
    let failure = match session.rows(query, &[]).await {
        Ok(rows) => {
            session.run(&sql!("step/release.sql")).await.context(kind, failed, about)?;
            return Ok(Ok(rows));
        }
        Err(failure) => failure,
    };
    let words = failure.server_error().map(|error| error.message().to_owned());
    // A session that is gone has said something too: whether it can go on, it tells itself.
    match (words, session.run(&sql!("step/rollback_to.sql")).await) {
        (Some(words), Ok(_)) => Ok(Err(words)),
        _ => Err(failure).context(kind, failed, about),
    }
}

/// Why the server refuses an object; anything that is not about the object is an error.
pub fn refusal(failure: Failure, about: &str) -> Result<String> {
    match failure.refusal() {
        Some(reason) => Ok(reason),
        None => Err(failure).context(Kind::Schema, "it could not be created", about),
    }
}
