//! Counting tables of the target whose row security is forced on their owners too.
//!
//! A superuser, or a role with BYPASSRLS, sees all rows; the owner of such a table does not, but may lift the force. It is
//! lifted in a transaction that is rolled back: its lock keeps everybody else out, and nobody ever sees the table without.
//!
//! Invariant: the table's row security is never changed.

use std::collections::HashSet;

use crate::error::{Context, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::sql;

const FAILED: &str = "row security could not be lifted for the counting";

/// Tables whose rows their policies hide from us.
pub(super) async fn guarded(session: &TargetSession) -> Result<HashSet<QualifiedName>> {
    let rows =
        session.rows(&sql!("verify/guarded.sql"), &[]).await.context(Kind::Verify, FAILED, "target")?;
    let name = |row| Ok(QualifiedName::new(column::<String>(row, "schema")?, column::<String>(row, "name")?));
    rows.iter().map(name).collect()
}

/// Begins a transaction in which we see all rows of those of the tables that are guarded; false if none is.
pub(super) async fn begin(
    session: &TargetSession,
    guarded: &HashSet<QualifiedName>,
    tables: impl Iterator<Item = &QualifiedName>,
) -> Result<bool> {
    let lifted: Vec<Sql> = tables
        .filter(|table| guarded.contains(*table))
        .map(|table| sql!("verify/lift.sql", table = table))
        .collect();
    if lifted.is_empty() {
        return Ok(false);
    }
    let script: Vec<Sql> = [sql!("verify/begin.sql")].into_iter().chain(lifted).collect();
    session.run(&Sql::script(&script)).await.context(Kind::Verify, FAILED, "target")?;
    Ok(true)
}
