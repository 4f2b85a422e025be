//! The large objects of a run: which are made, and which of them have their owner, comment and rights.
//!
//! Invariant: the transaction that makes a large object fills it and lists it here. So one that is listed is complete,
//! and one that is there because of us can be unlinked at any moment.
//! Deliberately absent: filling them (see `large_objects`).

use super::{FAILED, STATE_SCHEMA};
use crate::catalog::Oid;
use crate::error::{Context, Kind, Result};
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::sql;

/// A large object that the run has made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Its oid, the same on both sides.
    pub oid: Oid,
    /// Whether it has its owner, comment and rights.
    pub described: bool,
}

/// The large objects that the ledger lists, by oid.
pub async fn read(session: &TargetSession) -> Result<Vec<Listed>> {
    let failed = "the ledger could not be read";
    let rows = session.rows(&sql!("ledger/large_objects.sql"), &[]).await.context(
        Kind::Copy,
        failed,
        STATE_SCHEMA,
    )?;
    rows.iter()
        .map(|row| Ok(Listed { oid: column(row, "oid")?, described: column(row, "described")? }))
        .collect()
}

/// The statement that marks these as described; it runs in the transaction that does it.
#[must_use]
pub fn mark_described(oids: &[Oid]) -> Sql {
    sql!("ledger/described.sql", oids = Sql::join(oids, ", "))
}

/// The part that unlinks the large object `item`, whoever owns it, and forgets it.
pub(super) fn unlink_one() -> Sql {
    sql!("ledger/unlink_one.sql")
}

/// Unlinks these, so that they are made anew.
pub async fn unlink(session: &TargetSession, oids: &[Oid]) -> Result<()> {
    if oids.is_empty() {
        return Ok(());
    }
    let unlink = sql!("ledger/unlink.sql", oids = Sql::join(oids, ", "), unlink = unlink_one());
    session.run(&unlink).await.context(Kind::Copy, FAILED, STATE_SCHEMA)?;
    Ok(())
}
