//! One snapshot for everybody: arm, pin, agree. The only home of the consistency promise.
//!
//! postgres_fdw cannot import an exported snapshot, but all workers can be made to *agree*. Every worker opens its
//! remote transaction without a snapshot (arms); then one session of ours reads `pg_current_snapshot()` on the
//! source, all workers take their snapshot (pin), and a last session exports a snapshot and tells its own text.
//! Equal texts before and after prove that no transaction ended in between: every end of a transaction with an xid
//! either removes an xid from the text or raises its upper bound, under one lock (`procarray.c`, `GetSnapshotData`
//! and `ProcArrayEndTransaction`). So all snapshots taken in between are the same one.
//!
//! Where the texts do not come out equal, SHARE locks make the copied tables stand still ([`share`]); on a standby,
//! where the text proves nothing, a pause of replay does it ([`replay`]). `docs/consistency.md` has the proofs.
//!
//! Invariant: [`Pinned`] exists only after agreement.
//! Deliberately absent: what is read under the snapshot.

mod moment;
mod pinning;
mod replay;
mod share;
mod standstill;

use std::time::Duration;

use futures_util::future::join_all;

use crate::bridge::Bridge;
use crate::bridge::ddl::LOCK_TIMEOUT;
use crate::error::{Context, Failure, Kind, Result};
use crate::pg::ident::{Literal, QualifiedName};
use crate::pg::server::Source;
use crate::pg::session::{SourceSession, column};
use crate::pg::sql::Sql;
use crate::pg::version::Version;
use crate::report::Consistency;
use crate::run::Run;
use crate::sql;
use crate::stop::StopSwitch;
pub use moment::Moment;
pub use pinning::Pinning;
pub use standstill::Standstill;

/// Settings of a session that reads tables which are locked by us.
pub const READER_SETTINGS: &[(&str, &str)] = &[LOCK_TIMEOUT];

/// ACCESS SHARE locks on the chosen tables: no TRUNCATE and no rewrite can pull rows away from under a snapshot.
pub struct Locks {
    session: SourceSession,
}

impl Locks {
    /// Locks these tables; waits for whoever holds a stronger lock. `None` if one of them is gone by now.
    pub async fn take(source: &Source, tables: &[QualifiedName], run: &Run) -> Result<Option<Self>> {
        let session = source.dedicated("locks", &[], run).await?;
        let failed = "the tables could not be locked";
        session.run(&sql!("snapshot/begin_locks.sql")).await.context(Kind::Snapshot, failed, "source")?;
        if !tables.is_empty() {
            let locking = session.run(&lock(tables)).await;
            // undefined_table, invalid_schema_name
            let gone = |failure: &Failure| {
                failure.server_error().is_some_and(|error| matches!(error.code().code(), "42P01" | "3F000"))
            };
            if locking.as_ref().is_err_and(gone) {
                return Ok(None);
            }
            locking.context(Kind::Snapshot, failed, "source")?;
        }
        Ok(Some(Self { session }))
    }

    /// The snapshot of this moment as text; the session is READ COMMITTED and keeps none.
    async fn current_snapshot(&self, version: Version) -> Result<String> {
        let query = if version.major() >= 13 {
            sql!("snapshot/current.sql")
        } else {
            sql!("snapshot/current_12.sql")
        };
        let row = self.session.one(&query, &[]).await.context(Kind::Snapshot, READ_FAILED, "source")?;
        column(&row, "snapshot")
    }
}

const READ_FAILED: &str = "the snapshot could not be read";

/// The receipt of pinning: every worker reads one and the same snapshot.
pub struct Pinned {
    bridges: Vec<Bridge>,
    workers_stop: StopSwitch,
    held: Held,
    how: Agreed,
}

/// What it took to agree.
struct Agreed {
    attempts: u32,
    locked: bool,
    window: Duration,
}

/// What keeps the snapshot alive and its tables in place on the source.
pub struct Held {
    moment: Moment,
    locks: Locks,
}

impl Held {
    /// The snapshot, exported.
    #[must_use]
    pub fn moment(&self) -> &Moment {
        &self.moment
    }

    /// One more session that sees the same snapshot.
    pub async fn reader(&self, source: &Source, run: &Run) -> Result<SourceSession> {
        self.moment.reader(source, run).await
    }

    /// Fails if the locks or the snapshot were lost: rows may have gone from under the workers then.
    pub async fn still_there(&self) -> Result<()> {
        is_there(&self.locks.session).await?;
        is_there(&self.moment.exporter).await
    }

    /// Lets the source go: its rows may be vacuumed and its tables altered again.
    pub async fn release(self) {
        self.moment.end().await;
        self.locks.session.close().await;
    }
}

impl Pinned {
    /// What it took to agree, for the report.
    #[must_use]
    pub fn consistency(&self, mode: &'static str) -> Consistency {
        Consistency {
            mode,
            agreed: true,
            attempts: self.how.attempts,
            locked: self.how.locked,
            source_written: None,
            window_ms: Some((self.how.window.as_secs_f64() * 1e4).round() / 10.0),
        }
    }

    /// Gives the snapshot up.
    pub async fn give_up(self) {
        join_all(self.bridges.into_iter().map(Bridge::roll_back)).await;
        self.held.release().await;
    }

    /// What is held on the source.
    #[must_use]
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// The bridges for the workers, the switch that stops them all, and what is held meanwhile.
    #[must_use]
    pub fn into_parts(self) -> (Vec<Bridge>, StopSwitch, Held) {
        (self.bridges, self.workers_stop, self.held)
    }
}

/// Locks these tables.
#[must_use]
pub fn lock(tables: &[QualifiedName]) -> Sql {
    sql!("snapshot/lock.sql", tables = Sql::join(tables, ", "))
}

/// Fails if this session is gone, and what it held with it.
async fn is_there(session: &SourceSession) -> Result<()> {
    let lost = "the session that held the locks was lost";
    session.run(&sql!("session/ping.sql")).await.context(Kind::Snapshot, lost, "source")?;
    Ok(())
}

/// The oldest transaction of the source that is not over: whatever is written from now on is of it or of a later one. (Its
/// upper end would not do: a transaction that is running may have its number, and its subtransactions' numbers, and write
/// only later.)
pub async fn horizon(source: &Source, run: &Run) -> Result<i64> {
    let query = if source.version().major() >= 13 {
        sql!("snapshot/horizon.sql")
    } else {
        sql!("snapshot/horizon_12.sql")
    };
    let session = source.pooled(run).await?;
    let row = session.one(&query, &[]).await.context(Kind::Snapshot, READ_FAILED, "source")?;
    column(&row, "horizon")
}

/// Opens the transaction that exports the snapshot.
#[must_use]
pub fn begin() -> Sql {
    sql!("snapshot/begin.sql")
}

/// Begins a transaction that sees this exported snapshot.
fn import(snapshot: &str) -> Sql {
    sql!("snapshot/import.sql", snapshot = Literal::new(snapshot))
}

/// Takes the snapshot, exports it and tells its text.
#[must_use]
pub fn export(version: Version) -> Sql {
    if version.major() >= 13 { sql!("snapshot/export.sql") } else { sql!("snapshot/export_12.sql") }
}
