//! Which sequences a side has, how they are defined, and what our role may do with them.
//!
//! Invariant: values only; read once, in one query.
//! Deliberately absent: states (see the room itself), and temporary sequences, which are nobody else's.

use tokio_postgres::Row;

use super::decide::Definition;
use crate::catalog::Oid;
use crate::error::{Context, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::session::{Session, Side, column};
use crate::sql;

/// A sequence of one side.
#[derive(Debug, Clone)]
pub struct Sequence {
    /// Its `pg_class` oid.
    pub oid: Oid,
    /// Its name.
    pub name: QualifiedName,
    /// What it counts, and how.
    pub definition: Definition,
    /// Values that a session takes at once.
    pub cache: i64,
    /// Whether a crash resets it.
    pub unlogged: bool,
    /// The column that owns it, as `schema.table.column`.
    pub owner_column: Option<String>,
    /// What our role may do with it.
    pub rights: Rights,
}

/// What our role may do with a sequence.
#[derive(Debug, Clone, Copy)]
pub struct Rights {
    /// USAGE on its schema.
    pub reach: bool,
    /// SELECT, which reading its state takes.
    pub read: bool,
    /// UPDATE, which `setval` takes.
    pub set: bool,
}

/// All sequences of a side, by schema and name.
pub async fn sequences<S: Side>(session: &Session<S>) -> Result<Vec<Sequence>> {
    let failed = "the definitions of sequences could not be read";
    let rows =
        session.rows(&sql!("sequences/definitions.sql"), &[]).await.context(Kind::Copy, failed, S::NAME)?;
    rows.iter().map(sequence).collect()
}

fn sequence(row: &Row) -> Result<Sequence> {
    let table: Option<String> = column(row, "table_name")?;
    let schema: Option<String> = column(row, "table_schema")?;
    let owning: Option<String> = column(row, "column_name")?;
    let table = schema.zip(table).map(|(schema, table)| QualifiedName::new(schema, table).plain());
    Ok(Sequence {
        oid: column(row, "oid")?,
        name: QualifiedName::new(column::<String>(row, "schema")?, column::<String>(row, "name")?),
        definition: Definition {
            kind: column(row, "type")?,
            start: column(row, "start")?,
            increment: column(row, "increment")?,
            least: column(row, "least")?,
            most: column(row, "most")?,
            cycles: column(row, "cycles")?,
        },
        cache: column(row, "cache")?,
        unlogged: column(row, "unlogged")?,
        owner_column: table.zip(owning).map(|(table, column)| format!("{table}.{column}")),
        rights: Rights {
            reach: column(row, "reachable")?,
            read: column(row, "readable")?,
            set: column(row, "settable")?,
        },
    })
}
