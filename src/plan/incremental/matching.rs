//! How a row of the source is told from one that is there: by which types, before it is written to or only then, and what
//! stays of a row that has to make room for another one.
//!
//! Invariant: pure; where it is not sure that both sides mean the same by equal, nothing is taken for equal here.
//! Deliberately absent: which key that is.

use super::{Planning, Value, columns};
use crate::catalog::tables::{Column, Key};
use crate::pg::ident::Ident;
use crate::pg::sql::Sql;

/// How rows are matched.
#[derive(Debug, Clone, Default)]
pub struct Matching {
    /// The types of the key's columns.
    pub key_types: Vec<Sql>,
    /// Whether the source might have several rows with one key.
    pub doubtful: bool,
    /// Whether a row that is there can be compared before it is written to.
    pub comparable: bool,
    /// The types below domains of the columns that are compared.
    pub compared_as: Vec<Sql>,
    /// The columns that stay where a row is taken out and put back, so that values of unique columns can change places; none
    /// where no row has to be.
    pub stays: Option<Vec<Ident>>,
}

/// What is matched.
pub(super) struct Match<'a> {
    pub(super) columns: &'a [Column],
    pub(super) keys: &'a [Key],
    pub(super) key: &'a [Ident],
    pub(super) updated: &'a [Ident],
    pub(super) values: &'a [(Ident, Value)],
}

impl Planning<'_> {
    /// How rows are matched by the key.
    pub(super) fn matching(&self, with: &Match<'_>) -> Matching {
        if with.key.is_empty() {
            return Matching::default();
        }
        Matching {
            key_types: with.types(with.key, |column| &column.type_name),
            doubtful: self.is_doubtful(with),
            comparable: with.is_comparable(),
            compared_as: with.types(with.updated, |column| &column.base),
            stays: with.stays(),
        }
    }

    /// Whether no unique key of the source says that there is one row for each of these keys.
    fn is_doubtful(&self, with: &Match<'_>) -> bool {
        let oid = &self.unit.relation.oid;
        let source = self.sides.source.get(oid).map(Vec::as_slice).unwrap_or_default();
        let kind = |columns: &[Column], name: &Ident| {
            let column = columns.iter().find(|column| column.name == *name);
            column.map(|column| (column.base.clone(), column.collated))
        };
        let is_same = |column: &Ident| {
            with.key.contains(column)
                && with.is_own(column)
                && kind(source, column) == kind(with.columns, column)
        };
        let keys = self.sides.source_keys.get(oid).into_iter().flatten();
        !keys.filter(|key| key.plain).any(|key| key.columns.iter().all(is_same))
    }
}

impl Match<'_> {
    fn column(&self, name: &Ident) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == *name)
    }

    fn types(&self, names: &[Ident], of: impl Fn(&Column) -> &String) -> Vec<Sql> {
        let columns = names.iter().filter_map(|name| self.column(name));
        columns.map(|column| Sql::from_catalog(of(column))).collect()
    }

    fn is_own(&self, name: &Ident) -> bool {
        self.values.iter().any(|(known, value)| known == name && matches!(value, Value::Column))
    }

    /// What an expression makes gets its type only when it is written; and the equality of other types and collations need
    /// not be that of the key.
    fn is_comparable(&self) -> bool {
        let is_simple = |name: &Ident| {
            let column = self.column(name);
            column.is_some_and(|column| !column.collated && columns::is_built_in(&column.base))
        };
        self.values.iter().all(|(_, value)| matches!(value, Value::Column)) && self.key.iter().all(is_simple)
    }

    fn stays(&self) -> Option<Vec<Ident>> {
        // Of an index on expressions it is not known what it reads.
        let changes = |key: &&Key| {
            key.immediate
                && key.columns != self.key
                && (!key.plain || key.columns.iter().any(|column| self.updated.contains(column)))
        };
        self.keys.iter().find(changes)?;
        let comes = |name: &Ident| {
            self.updated.contains(name)
                || (self.key.contains(name) && self.values.iter().any(|(known, _)| known == name))
        };
        let stored = self.columns.iter().filter(|column| !column.generated);
        Some(stored.map(|column| &column.name).filter(|name| !comes(name)).cloned().collect())
    }
}
