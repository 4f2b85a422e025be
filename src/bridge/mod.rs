//! The bridge from the target to the source: it lives inside one transaction of a worker on the target.
//!
//! Invariant: server, user mapping and foreign tables are created and dropped in that transaction, so no other
//! session ever sees them and a crash of anybody leaves nothing (tried on 12, 15 and 18).
//! Deliberately absent: IMPORT before pinning (it would take the snapshot), and savepoints (they don't survive a
//! lost source).

pub mod ddl;
pub mod extension;

use std::collections::HashSet;

use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::server::Target;
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::plan::TablePlan;
use crate::run::{Run, RunId};
pub use ddl::Hop;

/// Spelling of values and rules of input, whatever the role or database says.
const WORKER_SETTINGS: &[(&str, &str)] = &[
    ("DateStyle", "ISO"),
    ("IntervalStyle", "postgres"),
    ("array_nulls", "on"),
    ("lc_monetary", "C"),
    // Else it would win over the name that the foreign server gives (from 15 on).
    ("postgres_fdw.application_name", ""),
];

/// A session of the target for a worker, before it has a bridge.
pub async fn worker_session(target: &Target, purpose: &str, run: &Run) -> Result<TargetSession> {
    target.dedicated(purpose, WORKER_SETTINGS, run).await
}

/// An open bridge: connected to the source, its transaction open on both sides.
pub struct Bridge {
    session: TargetSession,
    server: Ident,
    imported: HashSet<u32>,
}

impl Bridge {
    /// Opens the transaction, creates server and mapping, and connects to the source without taking a snapshot.
    ///
    /// `prelude` runs first in the same transaction. After a failure the session is gone, its transaction rolled back.
    pub async fn arm(
        session: TargetSession,
        name: &str,
        hop: &Hop,
        prelude: &[Sql],
        run: &Run,
    ) -> Result<Self> {
        let server = server_name(name, &run.id);
        let bridge = Self { session, server, imported: HashSet::new() };
        match bridge.cross(name, hop, prelude, run).await {
            Ok(()) => Ok(bridge),
            Err(error) => {
                bridge.session.rollback().await;
                Err(error)
            }
        }
    }

    async fn cross(&self, name: &str, hop: &Hop, prelude: &[Sql], run: &Run) -> Result<()> {
        let begin = ddl::begin();
        let opening: Vec<&Sql> = [&begin].into_iter().chain(prelude).collect();
        self.session
            .run(&Sql::script(opening))
            .await
            .context(
                Kind::Bridge,
                "the extension postgres_fdw could not be made ready on the target",
                "postgres_fdw",
            )
            .map_err(|e| {
                e.remedy(
                    "have an administrator run: CREATE EXTENSION postgres_fdw; (package postgresql-contrib)",
                )
            })?;
        let application_name = source_application_name(name, &run.id);
        self.session
            .run(&ddl::create_server(&self.server, hop, &application_name))
            .await
            .context(Kind::Bridge, "a foreign server could not be created on the target", "postgres_fdw")
            .map_err(|e| e.remedy("GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO the target's role"))?;
        self.session.run_secret(&ddl::create_user_mapping(&self.server, hop)).await.context(
            Kind::Bridge,
            "the user mapping could not be created",
            hop.address(),
        )?;
        self.session
            .run(&ddl::arm(&self.server))
            .await
            .context(Kind::Bridge, "the target cannot reach the source", hop.address())
            .map_err(arm_remedy)?;
        Ok(())
    }

    /// Takes the snapshot of the remote transaction.
    pub async fn pin(&self) -> Result<()> {
        self.session.run(&ddl::pin(&self.server)).await.context(
            Kind::Bridge,
            "the snapshot could not be taken",
            "source",
        )?;
        Ok(())
    }

    /// The script that copies by this statement: it imports the table first where this bridge has not yet.
    #[must_use]
    pub fn script(&mut self, table: &TablePlan, statement: &Sql) -> Sql {
        if self.imported.insert(table.oid) {
            Sql::script(&[ddl::import(&self.server, table), statement.clone()])
        } else {
            statement.clone()
        }
    }

    /// Runs a script of [`Bridge::script`]; returns its row count. Several may be under way at once: they are sent
    /// without waiting, and the server runs them one after the other.
    pub async fn copy(&self, table: &TablePlan, script: &Sql) -> Result<u64> {
        let counts = self.session.run(script).await.context(
            Kind::Copy,
            "rows could not be copied",
            table.name.plain(),
        )?;
        counts.last().copied().ok_or_else(|| Error::new(Kind::Internal, "an INSERT without a row count"))
    }

    /// The session, for what belongs to the same transaction.
    #[must_use]
    pub fn session(&self) -> &TargetSession {
        &self.session
    }

    /// The foreign server, for further foreign tables in the same transaction.
    #[must_use]
    pub fn server(&self) -> &Ident {
        &self.server
    }

    /// Removes what the bridge created; the transaction stays open, its rows uncommitted.
    pub async fn dismantle(self) -> Result<Dismantled> {
        self.session.run(&ddl::drop_server(&self.server)).await.context(
            Kind::Bridge,
            "the foreign server could not be dropped",
            &self.server,
        )?;
        Ok(Dismantled { session: self.session })
    }

    /// Gives everything up; returns the session for another try.
    pub async fn roll_back(self) -> TargetSession {
        self.session.rollback().await;
        self.session
    }
}

/// postgres_fdw tells every failure to connect by one SQLSTATE; the words say which it was.
fn arm_remedy(error: Error) -> Error {
    let server = error.server_error();
    let words =
        server.map(|e| format!("{} {}", e.message(), e.detail().unwrap_or_default())).unwrap_or_default();
    let remedy = if words.contains("password is required") || words.contains("password or GSSAPI") {
        "a target role that is no superuser needs a source that asks for a password, and the password in --source"
    } else if words.contains("authentication failed") {
        "check the password in --source; the source may ask the target's machine for another one than yours"
    } else if words.contains("pg_hba.conf") {
        "allow the target's machine in the source's pg_hba.conf, or say how it connects: --source-from-target \"sslmode=…\""
    } else if words.contains("certificate") || words.contains("SSL") {
        "name files of the target's machine: --source-from-target \"sslmode=… sslrootcert=…\""
    } else {
        "let the target's machine connect to that host and port, or say by which address it reaches the source: --source-from-target \"host=… port=…\""
    };
    error.remedy(remedy)
}

/// A worker's transaction whose bridge is gone and whose rows wait for COMMIT.
pub struct Dismantled {
    session: TargetSession,
}

impl Dismantled {
    /// Runs what else belongs to the transaction.
    pub async fn run(&self, script: &Sql) -> Result<()> {
        self.session.run(script).await.context(Kind::Bridge, "the bridge could not be put away", "target")?;
        Ok(())
    }

    /// Commits the rows; returns the session for the next transaction.
    pub async fn commit(self) -> Result<TargetSession> {
        self.session.run(&ddl::commit()).await.context(
            Kind::Copy,
            "the rows could not be committed",
            "target",
        )?;
        Ok(self.session)
    }
}

/// The name of a bridge's session on the source.
#[must_use]
pub fn source_application_name(name: &str, id: &RunId) -> String {
    format!("fdwcopy {id} bridge {name}")
}

/// The name of a bridge's foreign server.
#[must_use]
pub fn server_name(name: &str, id: &RunId) -> Ident {
    Ident::new(format!("fdwcopy_{id}_{name}"))
}
