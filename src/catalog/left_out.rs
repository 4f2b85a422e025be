//! What the source holds and `pg_dump` leaves out without a word.
//!
//! Invariant: every row stands for something that will not be on the target as it is on the source.
//! Deliberately absent: the words for it, and whether it was chosen (see `plan::left_out`); what `pg_dump` refuses or
//! the target does, which is told by the server.

use super::Oid;
use super::read::FAILED;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::session::{SourceSession, column};
use crate::sql;

/// Why `pg_dump` leaves something out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// An index that a failed `CREATE INDEX CONCURRENTLY` left.
    InvalidIndex,
    /// An object that somebody made in `pg_catalog` or `information_schema`.
    SystemSchema,
    /// Rights on what `information_schema` holds.
    InformationSchema,
    /// Rights on the type of a table's rows.
    RowType,
    /// A comment on what a parent hands down, or on the type of a table's rows.
    Comment,
    /// A constraint whose triggers were disabled.
    Asleep,
    /// A foreign key of a partition that has another name than its parent's.
    PartName,
    /// A partition whose `DETACH … CONCURRENTLY` was not finished.
    BeingDetached,
    /// A user mapping whose options our role is not shown.
    OptionsHidden,
    /// A logical replication slot.
    Slot,
    /// A prepared transaction.
    Prepared,
}

/// Something that will not arrive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// Why.
    pub cause: Cause,
    /// What it is.
    pub kind: String,
    /// Its name.
    pub object: String,
    /// The relation it belongs to, if it belongs to one.
    pub relation: Option<Oid>,
}

/// Reads what is left out.
pub(super) async fn left_out(source: &SourceSession) -> Result<Vec<LeftOut>> {
    let rows =
        source.rows(&sql!("catalog/left_out.sql"), &[]).await.context(Kind::Schema, FAILED, "source")?;
    let left_out = |row| {
        Ok(LeftOut {
            cause: cause(&column::<String>(row, "cause")?)?,
            kind: column(row, "kind")?,
            object: column(row, "object")?,
            relation: Some(column::<Oid>(row, "relation")?).filter(|oid| *oid != 0),
        })
    };
    rows.iter().map(left_out).collect()
}

fn cause(name: &str) -> Result<Cause> {
    Ok(match name {
        "invalid index" => Cause::InvalidIndex,
        "in a schema of the system" => Cause::SystemSchema,
        "rights in information_schema" => Cause::InformationSchema,
        "rights on a row type" => Cause::RowType,
        "comment on a part" => Cause::Comment,
        "asleep" => Cause::Asleep,
        "name of a part" => Cause::PartName,
        "being detached" => Cause::BeingDetached,
        "options not shown" => Cause::OptionsHidden,
        "place in the log" => Cause::Slot,
        "not committed" => Cause::Prepared,
        _ => return Err(Error::new(Kind::Internal, "an unexpected cause").object(name)),
    })
}
