//! What is compared with what: a plain value made of both catalogs.
//!
//! A subject is a table of the source and the table of that name on the target; a partitioned table is one subject with
//! all its partitions, because both sides may have cut it in other ways.
//!
//! Invariant: pure; every chosen table of either side is in a subject, or named among what differs or is warned of.
//! Deliberately absent: sessions, and the answers.

pub mod digest;
mod pairing;
mod rulings;
mod tables;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::catalog::columns::{Anatomy, Column};
use crate::catalog::{Catalog, Oid};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::sql::Sql;
use crate::report::{Difference, Finding};
use digest::{Form, Way};
pub use pairing::{Pairing, pair};
pub use rulings::by_relation;
pub use tables::{Tables, tables};

/// A table that holds rows, of one side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its oid there.
    pub oid: Oid,
    /// Its name there.
    pub name: QualifiedName,
    /// Size on disk with TOAST, in bytes.
    pub bytes: u64,
    /// Size of its heap, in blocks.
    pub pages: u32,
    /// The planner's estimate of its rows, if it has one.
    pub rows: Option<u64>,
    /// Whether its rows lie in a heap.
    pub heap: bool,
    /// Its file's number.
    pub filenode: Oid,
}

/// A column that is compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Its name on both sides.
    pub name: Ident,
    /// How it enters the hash of its row.
    pub form: Form,
    /// What spreads its values over places at little cost, if anything does.
    pub spread: Option<&'static str>,
    /// Its type on the source and on the target.
    pub types: [String; 2],
    /// Whether values are looked for by their text: the two types print otherwise, or their `=` is an extension's.
    pub by_text: bool,
}

/// What rows are told by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The index.
    pub name: String,
    /// Its columns, which are all compared.
    pub columns: Vec<Compared>,
    /// Whether it is one whole number, by which both sides find rows through an index.
    pub ranges: bool,
}

/// A table of the source and its counterpart.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Its name on the source.
    pub name: QualifiedName,
    /// Its name on the target.
    pub counterpart: QualifiedName,
    /// Where its rows are, on the source and on the target.
    pub parts: [Vec<Part>; 2],
    /// The columns, by their names.
    pub columns: Vec<Compared>,
    /// Only rows for which all of these are true.
    pub conditions: Vec<Sql>,
    /// What its rows are told by, if anything.
    pub key: Option<Identity>,
    /// How rows are hashed.
    pub way: Way,
}

/// What is compared, and what is known to differ without a look at any row.
#[derive(Debug, Clone, Default)]
pub struct Comparison {
    /// Tables of both sides.
    pub subjects: Vec<Subject>,
    /// Tables of one side alone, and columns.
    pub differences: Vec<Difference>,
    /// What should be known.
    pub warnings: Vec<Finding>,
    /// What stands in the way.
    pub findings: Vec<Finding>,
}

/// What is known of both sides.
pub struct Sides<'a> {
    /// The catalogs of the source and of the target.
    pub catalogs: [&'a Catalog; 2],
    /// Columns and keys.
    pub anatomies: [&'a HashMap<Oid, Anatomy>; 2],
    /// Whether both servers hash records, and the text form was not asked for.
    pub records: bool,
    /// Whether rows will be told by keys.
    pub by_key: bool,
}

impl Compared {
    /// Its value as text that is the same on both sides if the value is.
    #[must_use]
    pub fn printed(&self) -> Sql {
        digest::printed(&self.name, self.form)
    }
}

impl Subject {
    /// The hash of a row.
    #[must_use]
    pub fn hash(&self) -> Sql {
        hash_of(&self.columns, self.way)
    }

    /// The number by which rows that may be the same one come together: a hash of the key, or of the whole row.
    #[must_use]
    pub fn place(&self) -> Sql {
        let Some(key) = &self.key else { return self.hash() };
        match key.columns.as_slice() {
            [Compared { name, spread: Some(function), .. }] => digest::place(function, name),
            columns => hash_of(columns, self.way),
        }
    }

    /// The column whose ranges are looked through, if both sides have a key that allows it.
    #[must_use]
    pub fn ranged(&self) -> Option<&Ident> {
        self.key.as_ref().filter(|key| key.ranges).map(|key| &key.columns[0].name)
    }

    /// The hash of one column's value.
    #[must_use]
    pub fn hash_of(&self, column: &Compared) -> Sql {
        hash_of(std::slice::from_ref(column), self.way)
    }
}

fn hash_of(columns: &[Compared], way: Way) -> Sql {
    let columns: Vec<(&Ident, Form)> = columns.iter().map(|column| (&column.name, column.form)).collect();
    digest::hash(&columns, way)
}

/// Compares the columns of paired tables, and decides how their rows are compared.
#[must_use]
pub fn compare(pairings: Vec<Pairing<'_>>, sides: &Sides<'_>) -> Comparison {
    let mut comparison = Comparison::default();
    let same_encoding = sides.catalogs[0].database.encoding == sides.catalogs[1].database.encoding;
    let way = Way { records: sides.records, same_encoding };
    comparison.findings.extend(rulings::lost_columns(&pairings, sides.anatomies));
    for pairing in pairings {
        let anatomy =
            |side: usize| sides.anatomies[side].get(&pairing.oids[side]).cloned().unwrap_or_default();
        let anatomies = [anatomy(0), anatomy(1)];
        comparison.differences.extend(column_differences(&pairing, &anatomies));
        let columns = columns(&pairing, &anatomies);
        comparison.findings.extend(rulings::nothing_left(&pairing, &anatomies));
        comparison.warnings.extend(unknown_types(&pairing, &anatomies[0], &columns));
        let key = identity(&anatomies, &columns);
        if sides.by_key && key.is_none() {
            comparison.warnings.push(no_key(&pairing.name));
        }
        comparison.subjects.push(Subject {
            name: pairing.name,
            counterpart: pairing.counterpart,
            parts: pairing.parts,
            columns,
            conditions: pairing.ruling.conditions,
            key,
            way,
        });
    }
    comparison
}

/// Whether the rules mean a column.
fn is_meant(pairing: &Pairing<'_>, column: &Column) -> bool {
    pairing.ruling.means(&column.name)
}

/// The columns that both sides have, by their names: each side may have them in another order.
fn columns(pairing: &Pairing<'_>, [source, target]: &[Anatomy; 2]) -> Vec<Compared> {
    let shared = source.columns.iter().filter(|column| is_meant(pairing, column)).filter_map(|column| {
        let other = target.columns.iter().find(|other| other.name == column.name)?;
        let form = digest::form(column, other, pairing.wide);
        let is_made = |side: &Column| side.path.last().is_some_and(|name| name.starts_with("made "));
        Some(Compared {
            name: column.name.clone(),
            form,
            by_text: matches!(form, Form::Text | Form::Cast(_)) || is_made(column) || is_made(other),
            spread: digest::spread(column, other),
            types: [column.type_name.clone(), other.type_name.clone()],
        })
    });
    let mut shared: Vec<Compared> = shared.collect();
    shared.sort_by(|a, b| a.name.cmp(&b.name));
    shared
}

fn column_differences(pairing: &Pairing<'_>, [source, target]: &[Anatomy; 2]) -> Vec<Difference> {
    let find =
        |side: &Anatomy, name: &Ident| side.columns.iter().find(|column| column.name == *name).cloned();
    let all = source
        .columns
        .iter()
        .chain(target.columns.iter().filter(|column| find(source, &column.name).is_none()));
    let said = |column: Option<Column>| column.map_or_else(|| "missing".into(), |column| column.type_name);
    let each = all.filter(|column| is_meant(pairing, column)).filter_map(|column| {
        let [here, there] = [source, target].map(|side| said(find(side, &column.name)));
        (here != there).then(|| Difference {
            column: Some(column.name.as_str().to_owned()),
            ..Difference::of(&pairing.name, "column", here, there)
        })
    });
    each.collect()
}

/// The best key of the source whose columns are compared, or else of the target.
fn identity(anatomies: &[Anatomy; 2], columns: &[Compared]) -> Option<Identity> {
    let keys = anatomies.iter().flat_map(|side| &side.keys);
    keys.filter(|key| !key.columns.is_empty()).find_map(|key| {
        let find = |name: &Ident| columns.iter().find(|column| column.name == *name).cloned();
        let both = anatomies.iter().all(|side| side.keys.iter().any(|other| other.columns == key.columns));
        let columns = key.columns.iter().map(find).collect::<Option<Vec<_>>>()?;
        let ranges = both && matches!(columns.as_slice(), [column] if is_whole_number(column));
        Some(Identity { name: key.name.clone(), columns, ranges })
    })
}

/// Whether both sides' values are whole numbers, of whatever widths.
pub(crate) fn is_whole_number(column: &Compared) -> bool {
    column.types.iter().all(|name| ["smallint", "integer", "bigint"].contains(&name.as_str()))
}

fn unknown_types(pairing: &Pairing<'_>, source: &Anatomy, columns: &[Compared]) -> Vec<Finding> {
    let unknown = source.columns.iter().filter(|column| digest::is_unknown(column));
    let compared = unknown.filter(|column| columns.iter().any(|other| other.name == column.name));
    let warning = |column: &Column| Finding {
        code: "text-of-type",
        object: format!("{}.{}", pairing.name.plain(), column.name.as_str()),
        message: format!(
            "values of the type {} are compared as they are printed, which may depend on settings or on other objects",
            column.type_name
        ),
        remedy: "leave the column out if that is so: --exclude-columns".into(),
    };
    compared.map(warning).collect()
}

fn no_key(table: &QualifiedName) -> Finding {
    Finding {
        code: "no-key",
        object: table.plain(),
        message:
            "neither side has a key: whole rows are compared, and a changed row shows as one on each side"
                .into(),
        remedy: "nothing to do; a primary key would tell which row is which".into(),
    }
}
