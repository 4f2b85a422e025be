//! What has to be known of tables that exist on a side before rows go into them: columns, keys, links, triggers, rights.
//!
//! Invariant: values only, of either side. Names of types are spelt with their schema, but for those of PostgreSQL itself:
//! the session that reads them has an empty search path.
//! Deliberately absent: choices (see `plan::incremental`).

use std::collections::HashMap;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::Oid;
use super::read::FAILED;
use crate::error::{Context, Kind, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::session::{Session, Side, TargetSession, column};
use crate::pg::sql::Sql;
use crate::sql;

/// A column.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts of pg_attribute")]
pub struct Column {
    /// Its name.
    pub name: Ident,
    /// Its type, as SQL.
    pub type_name: String,
    /// The type below its domains.
    pub base: String,
    /// Whether that is an enumeration.
    pub enumerated: bool,
    /// Whether its type is a domain.
    pub of_domain: bool,
    /// Whether it takes no NULL.
    pub not_null: bool,
    /// Whether it gets a value where none is given.
    pub filled: bool,
    /// Whether it is computed from others.
    pub generated: bool,
    /// Whether it is an identity column that is generated always.
    pub always_identity: bool,
    /// Whether it has another collation than its type.
    pub collated: bool,
    /// What it is computed from.
    pub computed_from: Vec<Ident>,
    /// Whether it is filled from a sequence whose numbers sessions take in advance.
    pub drawn_ahead: bool,
}

/// A unique index.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its name, which is that of its constraint too.
    pub name: Ident,
    /// Its columns.
    pub columns: Vec<Ident>,
    /// Whether it is the primary key.
    pub primary: bool,
    /// Whether it is valid, unique, of all rows, and of columns alone.
    pub plain: bool,
    /// Whether it is never deferred.
    pub immediate: bool,
}

/// What our role may do with a table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent rights")]
pub struct Rights {
    /// SELECT.
    pub select: bool,
    /// INSERT.
    pub insert: bool,
    /// UPDATE.
    pub update: bool,
    /// DELETE.
    pub delete: bool,
    /// TRUNCATE.
    pub truncate: bool,
    /// What its owner may.
    pub owned: bool,
}

/// A trigger of a user that is not disabled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The table or partition it is on.
    pub table: QualifiedName,
    /// Its name.
    pub name: Ident,
    /// When it fires.
    pub fires: Fires,
}

/// When a trigger fires, by `session_replication_role`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fires {
    /// In sessions as they are.
    Origin,
    /// In sessions that play a replica.
    Replica,
    /// Always.
    Always,
}

/// An end of a foreign key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct End {
    /// The topmost partitioned table above it, or itself.
    pub root: Oid,
    /// The table.
    pub name: QualifiedName,
    /// Whether it is partitioned: its partitions are meant with it.
    pub whole_tree: bool,
}

/// A foreign key between two tables; partitions count as their root.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts of pg_constraint")]
pub struct Link {
    /// Its oid.
    pub oid: Oid,
    /// Its name, with the schema it lies in.
    pub name: QualifiedName,
    /// The table that refers.
    pub child: End,
    /// The table that is referred to.
    pub parent: End,
    /// Whether its check may wait for the end of the transaction.
    pub deferrable: bool,
    /// Whether a row that is referred to may be deleted and come back: NO ACTION.
    pub waits: bool,
    /// Whether rows that refer are deleted or changed with the row that they refer to.
    pub cascades: bool,
    /// Whether rows that refer to others are changed with them: ON UPDATE CASCADE and its like.
    pub follows: bool,
    /// The columns that are referred to.
    pub columns: Vec<Ident>,
}

/// What is known of one table.
#[derive(Debug, Clone, Default)]
pub struct Table {
    /// Its columns, in order.
    pub columns: Vec<Column>,
    /// Its unique indexes, the primary key first.
    pub keys: Vec<Key>,
    /// Triggers on it and its partitions.
    pub triggers: Vec<Trigger>,
    /// What we may do with it.
    pub rights: Rights,
    /// Whether rules rewrite what is written to it.
    pub has_rules: bool,
    /// The topmost partitioned table above it, or itself.
    pub root: Oid,
}

/// What is known of some tables of one side.
#[derive(Debug, Clone, Default)]
pub struct Tables {
    /// By their oid.
    pub by_oid: HashMap<Oid, Table>,
    /// The foreign keys on both of their ends.
    pub links: Vec<Link>,
}

/// The columns of these tables of a side, by the table.
pub async fn columns<S: Side>(session: &Session<S>, tables: &[Oid]) -> Result<HashMap<Oid, Vec<Column>>> {
    let mut columns: HashMap<Oid, Vec<Column>> = HashMap::new();
    for row in all(session, &sql!("catalog/table_columns.sql"), tables).await? {
        columns.entry(column(&row, "relation")?).or_default().push(Column {
            name: Ident::new(column::<String>(&row, "name")?),
            type_name: column(&row, "type")?,
            base: column(&row, "base")?,
            enumerated: column(&row, "enumerated")?,
            of_domain: column(&row, "of_domain")?,
            not_null: column(&row, "not_null")?,
            filled: column(&row, "filled")?,
            generated: column(&row, "generated")?,
            always_identity: column(&row, "always_identity")?,
            collated: column(&row, "collated")?,
            computed_from: column::<Option<Vec<String>>>(&row, "computed_from")?
                .into_iter()
                .flatten()
                .map(Ident::new)
                .collect(),
            drawn_ahead: column(&row, "drawn_ahead")?,
        });
    }
    Ok(columns)
}

/// The unique indexes of these tables of a side, and others that may be deferred, by the table.
pub async fn keys<S: Side>(session: &Session<S>, tables: &[Oid]) -> Result<HashMap<Oid, Vec<Key>>> {
    let mut keys: HashMap<Oid, Vec<Key>> = HashMap::new();
    for row in all(session, &sql!("catalog/table_keys.sql"), tables).await? {
        keys.entry(column(&row, "relation")?).or_default().push(key(&row)?);
    }
    Ok(keys)
}

/// All of it, of these tables of the target.
pub async fn read(session: &TargetSession, tables: &[Oid]) -> Result<Tables> {
    let mut by_oid: HashMap<Oid, Table> = HashMap::new();
    for row in all(session, &sql!("catalog/table_rights.sql"), tables).await? {
        let rights = Rights {
            select: column(&row, "may_select")?,
            insert: column(&row, "may_insert")?,
            update: column(&row, "may_update")?,
            delete: column(&row, "may_delete")?,
            truncate: column(&row, "may_truncate")?,
            owned: column(&row, "owned")?,
        };
        let (has_rules, root) = (column(&row, "has_rules")?, column(&row, "root")?);
        by_oid.insert(column(&row, "relation")?, Table { rights, has_rules, root, ..Table::default() });
    }
    for (oid, columns) in columns(session, tables).await? {
        by_oid.entry(oid).or_default().columns = columns;
    }
    for (oid, keys) in keys(session, tables).await? {
        by_oid.entry(oid).or_default().keys = keys;
    }
    for row in all(session, &sql!("catalog/table_triggers.sql"), tables).await? {
        by_oid.entry(column(&row, "relation")?).or_default().triggers.push(trigger(&row)?);
    }
    let roots: Vec<Oid> = by_oid.values().map(|table| table.root).collect();
    let links = all(session, &sql!("catalog/table_links.sql"), &roots).await?;
    Ok(Tables { by_oid, links: links.iter().map(link).collect::<Result<_>>()? })
}

async fn all<S: Side>(session: &Session<S>, query: &Sql, tables: &[Oid]) -> Result<Vec<Row>> {
    session.rows(query, &[(&tables, Type::OID_ARRAY)]).await.context(Kind::Preflight, FAILED, S::NAME)
}

fn key(row: &Row) -> Result<Key> {
    Ok(Key {
        name: Ident::new(column::<String>(row, "name")?),
        columns: column::<Vec<String>>(row, "columns")?.into_iter().map(Ident::new).collect(),
        primary: column(row, "primary")?,
        plain: column(row, "plain")?,
        immediate: column(row, "immediate")?,
    })
}

fn trigger(row: &Row) -> Result<Trigger> {
    Ok(Trigger {
        table: name(row, "schema", "name")?,
        name: Ident::new(column::<String>(row, "trigger")?),
        fires: match column::<String>(row, "state")?.as_str() {
            "A" => Fires::Always,
            "R" => Fires::Replica,
            _ => Fires::Origin,
        },
    })
}

fn link(row: &Row) -> Result<Link> {
    Ok(Link {
        oid: column(row, "oid")?,
        name: name(row, "schema", "name")?,
        child: End {
            root: column(row, "child")?,
            name: name(row, "child_schema", "child_name")?,
            whole_tree: column(row, "child_partitioned")?,
        },
        parent: End {
            root: column(row, "parent")?,
            name: name(row, "parent_schema", "parent_name")?,
            whole_tree: column(row, "parent_partitioned")?,
        },
        deferrable: column(row, "deferrable")?,
        waits: column(row, "waits")?,
        cascades: column(row, "cascades")?,
        follows: column(row, "follows")?,
        columns: column::<Vec<String>>(row, "columns")?.into_iter().map(Ident::new).collect(),
    })
}

fn name(row: &Row, schema: &str, name: &str) -> Result<QualifiedName> {
    Ok(QualifiedName::new(column::<String>(row, schema)?, column::<String>(row, name)?))
}
