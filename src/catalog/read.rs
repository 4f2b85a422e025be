//! The queries that fill the catalog.
//!
//! Invariant: decoded by name, failing on a surprise.

use std::collections::BTreeMap;

use tokio_postgres::Row;

use super::left_out::left_out;
use super::members::members;
use super::{
    Catalog, Database, Extension, LargeObjects, Oid, Ownership, Relation, RelationKind, RowWidth, Values,
    configuration,
};
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::session::{Session, Side, SourceSession, column};
use crate::sql;

pub(super) const FAILED: &str = "the catalogs could not be read";

/// Reads the catalog through this session, under its snapshot if it has one.
pub async fn catalog(source: &SourceSession) -> Result<Catalog> {
    let refreshes = source.rows(&sql!("catalog/refresh_dependencies.sql"), &[]).await.context(
        Kind::Schema,
        FAILED,
        "source",
    )?;
    Ok(Catalog {
        extensions: extensions(source).await?,
        large_objects: large_objects(source).await?,
        left_out: left_out(source).await?,
        members: members(source).await?,
        refresh_dependencies: refreshes
            .iter()
            .map(|row| Ok((column::<Oid>(row, "matview")?, column::<Oid>(row, "reads")?)))
            .collect::<Result<_>>()?,
        ..relations(source).await?
    })
}

/// Of the catalog of either side only what relations are chosen by, and the relations.
pub async fn relations<S: Side>(session: &Session<S>) -> Result<Catalog> {
    let rows =
        session.rows(&sql!("catalog/relations.sql"), &[]).await.context(Kind::Schema, FAILED, S::NAME)?;
    let mut relations = rows.iter().map(relation).collect::<Result<Vec<_>>>()?;
    configuration::read(session, &mut relations).await?;
    Ok(Catalog {
        database: database(session).await?,
        schemas: schemas(session).await?,
        relations,
        roles: roles(session).await?,
        extensions: Vec::new(),
        large_objects: LargeObjects::default(),
        left_out: Vec::new(),
        members: BTreeMap::new(),
        refresh_dependencies: Vec::new(),
    })
}

/// The schemas of either side, system ones left out.
pub async fn schemas<S: Side>(session: &Session<S>) -> Result<Vec<String>> {
    let rows =
        session.rows(&sql!("catalog/schemas.sql"), &[]).await.context(Kind::Schema, FAILED, S::NAME)?;
    rows.iter().map(|row| column(row, "name")).collect()
}

/// Names of the roles of either side, system ones left out.
pub async fn roles<S: Side>(session: &Session<S>) -> Result<Vec<String>> {
    let rows = session.rows(&sql!("catalog/roles.sql"), &[]).await.context(Kind::Schema, FAILED, S::NAME)?;
    rows.iter().map(|row| column(row, "name")).collect()
}

/// Facts about the database of either side.
pub async fn database<S: Side>(session: &Session<S>) -> Result<Database> {
    let row = session.one(&sql!("catalog/database.sql"), &[]).await.context(Kind::Schema, FAILED, S::NAME)?;
    Ok(Database {
        name: column(&row, "name")?,
        encoding: column(&row, "encoding")?,
        collate: column(&row, "collate")?,
        ctype: column(&row, "ctype")?,
        standby: column(&row, "standby")?,
        role: column(&row, "role")?,
        owner_of_public: column(&row, "owner_of_public")?,
        rights_on_public: column(&row, "rights_on_public")?,
        subscriptions: column(&row, "subscriptions")?,
    })
}

/// The extensions installed on either side.
pub async fn extensions<S: Side>(session: &Session<S>) -> Result<Vec<Extension>> {
    let rows =
        session.rows(&sql!("catalog/extensions.sql"), &[]).await.context(Kind::Schema, FAILED, S::NAME)?;
    rows.iter()
        .map(|row| {
            Ok(Extension {
                name: column(row, "name")?,
                version: column(row, "version")?,
                schema: column(row, "schema")?,
            })
        })
        .collect()
}

async fn large_objects(source: &SourceSession) -> Result<LargeObjects> {
    let row =
        source.one(&sql!("catalog/large_objects.sql"), &[]).await.context(Kind::Schema, FAILED, "source")?;
    Ok(LargeObjects {
        oids: column(&row, "oids")?,
        bytes: count(&row, "bytes")?,
        page: count(&row, "page")?,
        pages_readable: column(&row, "pages_readable")?,
        unreadable: column(&row, "unreadable")?,
    })
}

/// Measures the width of a table's rows as text on a sample of about twenty of its blocks.
///
/// `None` when the sample is empty or a row has no text form (beyond 1 GB, say).
pub async fn row_width(source: &SourceSession, table: &Relation) -> Result<Option<RowWidth>> {
    let percent = (2000 / table.pages.max(1)).clamp(1, 100);
    let sample = sql!("catalog/row_width.sql", table = table.name, percent = percent);
    let row = match source.one(&sample, &[]).await {
        Ok(row) => row,
        Err(failure) if failure.server_error().is_some() => return Ok(None),
        Err(failure) => return Err(failure).context(Kind::Schema, FAILED, table.name.plain()),
    };
    let average: Option<f64> = column(&row, "average")?;
    let largest: Option<i64> = column(&row, "largest")?;
    Ok(average.zip(largest).map(|(average, largest)| RowWidth { average, largest: largest.unsigned_abs() }))
}

fn relation(row: &Row) -> Result<Relation> {
    let relkind: String = column(row, "kind")?;
    let kind = RelationKind::from_relkind(&relkind)
        .ok_or_else(|| Error::new(Kind::Internal, "an unexpected kind of relation").object(&relkind))?;
    Ok(Relation {
        oid: column(row, "oid")?,
        name: QualifiedName::new(column::<String>(row, "schema")?, column::<String>(row, "name")?),
        kind,
        owner: column(row, "owner")?,
        visible: column(row, "visible")?,
        bytes: count(row, "bytes")?,
        pages: u32::try_from(count(row, "pages")?).unwrap_or(u32::MAX),
        toast_bytes: count(row, "toast_bytes")?,
        tuples: column(row, "tuples")?,
        partition_of: Some(column::<Oid>(row, "partition_of")?).filter(|parent| *parent != 0),
        has_children: column(row, "has_children")?,
        heap: column(row, "heap")?,
        populated: column(row, "populated")?,
        readable: column(row, "readable")?,
        filenode: column(row, "filenode")?,
        unlogged: column(row, "unlogged")?,
        rows_hidden: column(row, "rows_hidden")?,
        owned_by: match column(row, "owned_by")? {
            0 => None,
            table => Some(Ownership { table, identity: column(row, "identity")? }),
        },
        extension_member: column(row, "extension_member")?,
        configuration: None,
        columns: column::<Vec<String>>(row, "columns")?.into_iter().map(Ident::new).collect(),
        generated: column::<Vec<String>>(row, "generated")?.into_iter().map(Ident::new).collect(),
        moves: column(row, "moves")?,
        moves_with_encoding: column(row, "moves_with_encoding")?,
        values: Values::default(),
        width: None,
    })
}

fn count(row: &Row, name: &str) -> Result<u64> {
    Ok(column::<i64>(row, name)?.unsigned_abs())
}
