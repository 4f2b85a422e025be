//! A login on the source for one run, so that the user's own password never reaches the target.
//!
//! It is named after the run, has a random password of which the source is only told the verifier, may do nothing but
//! read the tables of the plan, and ends by itself after a week. Its sessions are the only ones of ours that write to
//! the source, so they switch `default_transaction_read_only` off.
//!
//! Invariant: a role that may exist is in the caller's hands before its statement is sent, and can be removed by the
//! run's id alone ([`removal`]). Tables are granted only once the snapshot is taken: `pg_dump`, which reads under it,
//! does not see the grants, or the target would get them too.
//! Deliberately absent: whether we may do all this (preflight judges it).

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};

use crate::catalog::Oid;
use crate::error::{Context, Error, Failure, Kind, Result};
use crate::pg::ident::Literal;
use crate::pg::server::Source;
use crate::pg::session::SourceSession;
use crate::pg::sql::Sql;
use crate::run::{Run, RunId};
use crate::sql;
use crate::stop::Stop;

/// A source that restarts is given this many seconds to come back.
const PATIENCE: u32 = 20;

/// The role of a run.
pub struct TemporaryRole {
    source: Arc<Source>,
    id: RunId,
    password: SecretString,
}

impl TemporaryRole {
    /// A role that does not exist yet.
    pub fn new(source: &Arc<Source>, id: &RunId) -> Result<Self> {
        let mut password = String::new();
        for _ in 0..4 {
            let bits = getrandom::u64().map_err(|cause| {
                Error::new(Kind::Internal, "the operating system gives no random numbers")
                    .caused_by(std::io::Error::from(cause))
            })?;
            write!(password, "{bits:016x}").expect("writing to a string cannot fail");
        }
        Ok(Self { source: Arc::clone(source), id: id.clone(), password: password.into() })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> String {
        name(&self.id)
    }

    /// Its password.
    #[must_use]
    pub fn password(&self) -> &SecretString {
        &self.password
    }

    /// Creates it, for so many sessions at once; `bypass` lets it read tables with row security.
    pub async fn create(&self, connections: usize, bypass: bool, run: &Run) -> Result<()> {
        let verifier = postgres_protocol::password::scram_sha_256(self.password.expose_secret().as_bytes());
        let statement = |verifier: &str| {
            sql!(
                "temporary_role/create.sql",
                role = Literal::new(self.name()),
                verifier = Literal::new(verifier),
                connections = connections,
                bypass = if bypass { sql!("temporary_role/bypass.sql") } else { Sql::nothing() }
            )
        };
        let create = statement(&verifier).shown_as(statement("********").to_string());
        let session = writing_session(&self.source, run).await?;
        let created = repeated(&session, &create).await;
        session.close().await;
        created.context(Kind::Bridge, "the temporary role could not be created on the source", self.name())
    }

    /// Lets it read these tables.
    pub async fn admit(&self, tables: &[Oid], run: &Run) -> Result<()> {
        let tables = Sql::join(tables, ", ");
        let admit = sql!("temporary_role/admit.sql", role = Literal::new(self.name()), tables = tables);
        let session = writing_session(&self.source, run).await?;
        let admitted = repeated(&session, &admit).await;
        session.close().await;
        admitted.context(Kind::Bridge, "the temporary role could not be given its rights", self.name())
    }

    /// Drops it. The stop signal does not reach here.
    pub async fn remove(&self, run: &Run) -> Result<()> {
        let run = &run.under(Stop::never());
        let session = returning_session(&self.source, run).await?;
        let removed = repeated(&session, &removal(&self.id)).await;
        session.close().await;
        removed
            .context(Kind::Bridge, "the temporary role could not be dropped from the source", self.name())
            .map_err(|error| {
                error.remedy(format!("on the source: DROP OWNED BY {0}; DROP ROLE {0};", self.name()))
            })
    }
}

/// Removes the role of this run, with its sessions and grants, if it exists; for a session that may write, in the
/// source's database.
#[must_use]
pub fn removal(id: &RunId) -> Sql {
    sql!("temporary_role/remove.sql", role = Literal::new(name(id)))
}

/// The same inside a PL/pgSQL block.
#[must_use]
pub fn duty(id: &RunId) -> Sql {
    sql!("temporary_role/duty.sql", removal = Literal::new(removal(id).as_str()))
}

fn name(id: &RunId) -> String {
    format!("fdwcopy_{id}")
}

async fn writing_session(source: &Source, run: &Run) -> Result<SourceSession> {
    let settings = [("default_transaction_read_only", "off"), ("client_min_messages", "error")];
    source.dedicated("role", &settings, run).await
}

async fn returning_session(source: &Source, run: &Run) -> Result<SourceSession> {
    let mut tries = 0;
    loop {
        match writing_session(source, run).await {
            Err(_) if tries < PATIENCE => tokio::time::sleep(Duration::from_secs(1)).await,
            opened => return opened,
        }
        tries += 1;
    }
}

/// Somebody else may GRANT on the same table at this very moment, and the server only says "tuple concurrently updated".
async fn repeated(session: &SourceSession, statement: &Sql) -> Result<(), Failure> {
    for _ in 0..10 {
        match session.run(statement).await {
            Err(failure) if failure.server_error().is_some_and(|e| e.code().code() == "XX000") => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            done => return done.map(drop),
        }
    }
    session.run(statement).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_role_is_removed_by_the_runs_id_alone() {
        let id = RunId::random();
        let removal = removal(&id);
        assert!(removal.as_str().contains(&format!("'fdwcopy_{id}'")), "{removal}");
    }
}
