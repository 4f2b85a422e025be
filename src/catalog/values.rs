//! What has to be known of the values of some tables before they are copied: which relations they name, and which rows
//! are larger than a message of the servers can be.
//!
//! Invariant: read under the snapshot that the rows are copied from, where there is one.
//! Deliberately absent: what is made of it (see `plan`).

use std::collections::HashMap;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Catalog, LargeRow, NamedRelation, Oid, Relation, Values};
use crate::error::{Context, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::session::{SourceSession, column};
use crate::pg::sql::Sql;
use crate::sql;

const FAILED: &str = "the values could not be looked at";

/// The bytes from which on a row's text may be too large for one message, which is limited to 1 GiB.
pub const LARGEST_TEXT: u64 = 1_000_000_000;

/// Looks at the values of these tables: those that hold names, and those that may hold large rows.
pub async fn look(
    source: &SourceSession,
    catalog: &mut Catalog,
    tables: &[Oid],
    may_be_large: &[Oid],
) -> Result<()> {
    let naming = columns_by_table(source, tables).await?;
    let long = long_columns(source, may_be_large).await?;
    for relation in &mut catalog.relations {
        let mut values = Values::default();
        if let Some(columns) = naming.get(&relation.oid) {
            values.names = named(source, relation, columns).await?;
        }
        if let Some(columns) = long.get(&relation.oid) {
            values.large = large_rows(source, relation, columns).await?;
            values.bytes.clone_from(&columns.bytes);
            values.texts.clone_from(&columns.texts);
            values.binary = columns.binary;
        }
        relation.values = values;
    }
    Ok(())
}

async fn columns_by_table(source: &SourceSession, tables: &[Oid]) -> Result<HashMap<Oid, Vec<Ident>>> {
    let query = sql!("catalog/naming_columns.sql", parts = type_parts());
    let rows =
        source.rows(&query, &[(&tables, Type::OID_ARRAY)]).await.context(Kind::Schema, FAILED, "source")?;
    rows.iter().map(|row| Ok((column(row, "relation")?, idents(row, "columns")?))).collect()
}

async fn named(source: &SourceSession, table: &Relation, columns: &[Ident]) -> Result<Vec<NamedRelation>> {
    let query = sql!("catalog/named_relations.sql", columns = Sql::join(columns, ", "), table = table.name);
    let rows = source.rows(&query, &[]).await.context(Kind::Schema, FAILED, table.name.plain())?;
    let read = |row: &Row| {
        Ok(NamedRelation {
            oid: column(row, "relation")?,
            name: column(row, "name")?,
            passing: column(row, "is_passing")?,
            index: column(row, "is_index")?,
            constraint: Some(column(row, "constraint_oid")?).filter(|oid| *oid != 0),
        })
    };
    rows.iter().map(read).collect()
}

/// Columns of a table whose values have no fixed length.
struct LongColumns {
    bytes: Vec<Ident>,
    texts: Vec<Ident>,
    others: Vec<Ident>,
    key: Vec<Ident>,
    binary: bool,
}

async fn long_columns(source: &SourceSession, tables: &[Oid]) -> Result<HashMap<Oid, LongColumns>> {
    if tables.is_empty() {
        return Ok(HashMap::new());
    }
    let query = sql!("catalog/long_columns.sql", parts = type_parts());
    let rows =
        source.rows(&query, &[(&tables, Type::OID_ARRAY)]).await.context(Kind::Schema, FAILED, "source")?;
    let read = |row: &Row| {
        let columns = LongColumns {
            bytes: idents(row, "bytes")?,
            texts: idents(row, "texts")?,
            others: idents(row, "others")?,
            key: idents(row, "key")?,
            binary: column(row, "binary")?,
        };
        Ok((column(row, "relation")?, columns))
    };
    rows.iter().map(read).collect()
}

/// Lengths are known without reading the values from TOAST.
async fn large_rows(source: &SourceSession, table: &Relation, long: &LongColumns) -> Result<Vec<LargeRow>> {
    let length = |name: &Ident| sql!("catalog/length.sql", column = name);
    let hex = |name: &Ident| sql!("catalog/hex_length.sql", column = name);
    let stored = |name: &Ident| sql!("catalog/stored_length.sql", column = name);
    let common: Vec<Sql> = long.texts.iter().map(length).chain(long.others.iter().map(stored)).collect();
    let sum = |bytes: Vec<Sql>| {
        let none = [sql!("catalog/no_length.sql")];
        Sql::join(none.iter().chain(&common).chain(&bytes), " + ")
    };
    let key = match long.key.as_slice() {
        [] => sql!("catalog/no_key.sql"),
        key => sql!("catalog/row_key.sql", key = Sql::join(key, ", ")),
    };
    let query = sql!(
        "catalog/large_rows.sql",
        key = key,
        text_bytes = sum(long.bytes.iter().map(hex).collect()),
        binary_bytes = sum(long.bytes.iter().map(length).collect()),
        table = table.name,
        limit = LARGEST_TEXT
    );
    let rows = source.rows(&query, &[]).await.context(Kind::Schema, FAILED, table.name.plain())?;
    let number = |row: &Row, name: &str| column::<i64>(row, name).map(i64::unsigned_abs);
    let read = |row: &Row| {
        Ok(LargeRow {
            page: u32::try_from(number(row, "page")?).unwrap_or(u32::MAX),
            line: u16::try_from(number(row, "line")?).unwrap_or(u16::MAX),
            key: column(row, "key")?,
            binary_bytes: number(row, "binary_bytes")?,
        })
    };
    rows.iter().map(read).collect()
}

/// What the types of the columns of some tables are made of: elements, bases, bounds, fields.
fn type_parts() -> Sql {
    sql!("catalog/type_parts.sql")
}

fn idents(row: &Row, name: &str) -> Result<Vec<Ident>> {
    Ok(column::<Vec<String>>(row, name)?.into_iter().map(Ident::new).collect())
}
