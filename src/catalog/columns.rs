//! Columns with their types, and what the rows of a table can be told by, of either side.
//!
//! Invariant: read by a session that finds only the system's names without their schema, so that a type is spelt in the
//! same way on both sides.
//! Deliberately absent: what is made of a type (see `plan::compare`).

use std::collections::HashMap;

use tokio_postgres::types::Type;

use super::Oid;
use crate::error::{Context, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::session::{Session, Side, column};
use crate::sql;

const FAILED: &str = "the columns could not be read";

/// A live column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type as SQL spells it, with its modifiers.
    pub type_name: String,
    /// Whether the type has a modifier here, such as a length.
    pub has_length: bool,
    /// From the type down to what its values are made of: `domain`, `array`, `range`, and at last the name of a type
    /// that PostgreSQL brings, `enum`, `composite`, or `made` and the name of another type.
    pub path: Vec<String>,
}

/// A unique index that holds at any time for all rows, and none of whose columns can be NULL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// The index.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Ident>,
}

/// What a table's rows are.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Anatomy {
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its keys, the best first.
    pub keys: Vec<Key>,
}

/// Reads the columns and keys of these tables.
pub async fn read<S: Side>(session: &Session<S>, tables: &[Oid]) -> Result<HashMap<Oid, Anatomy>> {
    let mut anatomies: HashMap<Oid, Anatomy> = HashMap::new();
    let wanted = [(&tables as &(dyn tokio_postgres::types::ToSql + Sync), Type::OID_ARRAY)];
    let idents = |names: Vec<String>| names.into_iter().map(Ident::new).collect();
    let columns = session.rows(&sql!("catalog/columns.sql"), &wanted).await;
    for row in columns.context(Kind::Schema, FAILED, S::NAME)? {
        anatomies.entry(column(&row, "relation")?).or_default().columns.push(Column {
            name: Ident::new(column::<String>(&row, "name")?),
            type_name: column(&row, "type")?,
            has_length: column(&row, "has_length")?,
            path: column(&row, "path")?,
        });
    }
    let keys = session.rows(&sql!("catalog/keys.sql"), &wanted).await;
    for row in keys.context(Kind::Schema, FAILED, S::NAME)? {
        let key = Key { name: column(&row, "name")?, columns: idents(column(&row, "columns")?) };
        anatomies.entry(column(&row, "relation")?).or_default().keys.push(key);
    }
    Ok(anatomies)
}
