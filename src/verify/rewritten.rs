//! Whether a table that was read still has the file that it had under the snapshot.
//!
//! TRUNCATE and the rewrites of ALTER TABLE do not heed snapshots: who reads such a table later finds it empty, and it
//! would equal an empty one.
//!
//! Invariant: asked after everything was read; a table with another file, or none, fails the comparison.
//! Deliberately absent: locks, which would keep others from their work.

use tokio_postgres::types::Type;

use super::crew::Crew;
use crate::catalog::Oid;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::session::{Side, column};
use crate::plan::compare::Comparison;
use crate::sql;

/// Fails if a table of this side was truncated, rewritten or dropped.
pub(super) async fn look<S: Side>(crew: &Crew<S>, comparison: &Comparison, side: usize) -> Result<()> {
    let parts = comparison.subjects.iter().flat_map(|subject| &subject.parts[side]);
    let oids: Vec<Oid> = parts.map(|part| part.oid).collect();
    let wanted = [(&oids as &(dyn tokio_postgres::types::ToSql + Sync), Type::OID_ARRAY)];
    let rows = crew.exporter().rows(&sql!("verify/rewritten.sql"), &wanted).await;
    let rows =
        rows.context(Kind::Verify, "it could not be found out whether tables were rewritten", S::NAME)?;
    let Some(row) = rows.first() else { return Ok(()) };
    let table = QualifiedName::new(column::<String>(row, "schema")?, column::<String>(row, "name")?);
    let message = format!("it was truncated, rewritten or dropped on the {} while it was compared", S::NAME);
    Err(Error::new(Kind::Verify, message).object(table.plain()).remedy("compare again when nobody does that"))
}
