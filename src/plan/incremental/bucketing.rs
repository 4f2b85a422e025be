//! How the rows of a table are summed up in buckets on both sides, so that only those travel that differ.
//!
//! Invariant: pure; what is compared is what is written: columns that both sides have, in forms that tell every difference.
//! Deliberately absent: which tables (see `plan::incremental`), and the search.

use super::{TableCopy, Value};
use crate::catalog::columns::{Anatomy, Column};
use crate::catalog::{Relation, RelationKind};
use crate::pg::ident::Ident;
use crate::pg::sql::Sql;
use crate::plan::compare::digest::{self, Way};
use crate::plan::compare::{Compared, Identity, Subject, is_whole_number};

/// Rows of a bucket, about: so many keys travel for one difference.
const BUCKET: u64 = 128;
/// Not more buckets than this: their sums travel, and are kept.
const MOST_BUCKETS: u64 = 1 << 16;

/// How a table's rows are summed up, and found again.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct Bucketing {
    /// What is compared.
    pub subject: Subject,
    /// Into how many buckets its rows are summed up, at most: a power of two.
    pub buckets: u64,
    /// The columns by which a row is found again.
    pub key: Vec<KeyColumn>,
    /// Whether the source finds rows by values of the key over the bridge.
    pub found_remotely: bool,
    /// Whether a key of the source says that no two rows have one key, and none has a part that is NULL.
    pub is_sure: bool,
    /// Whether a column other than the key cannot be changed, so that a row that differs has to be made anew.
    pub is_fixed: bool,
    /// Whether the source's table is partitioned.
    pub whole_tree: bool,
}

/// A column of the key.
#[derive(Debug, Clone)]
pub struct KeyColumn {
    /// Its name.
    pub name: Ident,
    /// The type in which it is read.
    pub type_name: Sql,
    /// Whether its type has a collation.
    pub collates: bool,
}

/// What both sides know of one table's rows.
pub struct Known<'a> {
    /// The table on the source.
    pub relation: &'a Relation,
    /// Columns and keys of both sides.
    pub anatomies: [&'a Anatomy; 2],
    /// How rows are hashed.
    pub way: Way,
    /// Whether rows may be too large for one text.
    pub wide: bool,
}

impl Bucketing {
    /// Decides it for one table.
    #[must_use]
    pub fn new(table: &TableCopy, known: &Known<'_>) -> Self {
        let columns = columns(table, known);
        let compared = |name: &Ident| columns.iter().find(|column| column.name == *name).cloned();
        let identity = table.key.iter().map(compared).collect::<Option<Vec<_>>>();
        let key: Vec<KeyColumn> = table.key.iter().map(|name| key_column(table, name)).collect();
        let is_fixed =
            |(name, _): &(Ident, Value)| !table.updated.contains(name) && !table.key.contains(name);
        let is_sure = !table.matching.doubtful && table.nullable_key.is_empty();
        Self {
            buckets: buckets(rows(known.relation)),
            found_remotely: key.iter().all(|column| is_built_in(column.type_name.as_str())),
            is_sure,
            is_fixed: table.values.iter().any(is_fixed),
            whole_tree: known.relation.kind == RelationKind::Partitioned,
            key,
            subject: Subject {
                name: table.source.clone(),
                counterpart: table.target.clone(),
                parts: [Vec::new(), Vec::new()],
                columns,
                conditions: table.conditions.clone(),
                key: identity.map(|columns| Identity {
                    name: "key".into(),
                    ranges: is_sure && matches!(columns.as_slice(), [column] if is_whole_number(column)),
                    columns,
                }),
                way: known.way,
            },
        }
    }
}

fn columns(table: &TableCopy, known: &Known<'_>) -> Vec<Compared> {
    let find = |side: usize, name: &Ident| -> Option<&Column> {
        known.anatomies[side].columns.iter().find(|column| column.name == *name)
    };
    let own = table.values.iter().filter(|(_, value)| matches!(value, Value::Column));
    let compared = own.filter_map(|(name, _)| {
        let (here, there) = (find(0, name)?, find(1, name)?);
        Some(Compared {
            name: name.clone(),
            form: digest::form(here, there, known.wide),
            spread: digest::spread(here, there),
            types: [here.type_name.clone(), there.type_name.clone()],
            by_text: false,
        })
    });
    compared.collect()
}

fn key_column(table: &TableCopy, name: &Ident) -> KeyColumn {
    let known = table.foreign.iter().find(|(column, _)| column == name);
    let type_name = known.map_or_else(|| Sql::from_catalog("text"), |(_, type_name)| type_name.clone());
    let collates =
        ["text", "character", "name"].iter().any(|collating| type_name.as_str().starts_with(collating));
    KeyColumn { name: name.clone(), type_name, collates }
}

/// Conditions on other types are judged by the target, so that all rows travel.
fn is_built_in(type_name: &str) -> bool {
    !type_name.contains(['.', '"'])
}

fn rows(relation: &Relation) -> u64 {
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an estimate, not negative")]
    if relation.tuples > 0.0 { relation.tuples as u64 } else { relation.bytes / 100 }
}

/// How many buckets for so many rows: a power of two.
#[must_use]
pub fn buckets(rows: u64) -> u64 {
    (rows / BUCKET).next_power_of_two().clamp(1, MOST_BUCKETS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::relation;

    #[test]
    fn a_bucket_holds_about_as_many_rows_in_tables_of_any_size() {
        let of = |tuples, bytes| {
            buckets(rows(&Relation { bytes, tuples, ..relation(1, "public", "t", RelationKind::Table) }))
        };
        assert_eq!([of(0.0, 0), of(10.0, 8192), of(100_000.0, 1)], [1, 1, 1024]);
        assert_eq!(of(-1.0, 10_000_000), 1024, "never analysed");
        assert_eq!(of(1e10, 0), MOST_BUCKETS);
    }

    #[test]
    fn values_of_an_extensions_type_are_not_looked_for_by_the_source() {
        assert!(is_built_in("timestamp with time zone") && is_built_in("character varying(10)"));
        assert!(!is_built_in("public.citext") && !is_built_in("\"char\""));
    }
}
