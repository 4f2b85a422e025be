//! Rules of columns that would leave out what nobody meant to.
//!
//! Invariant: pure; a name that no table has, and a table of which nothing would be left, is a finding.
//! Deliberately absent: which columns are compared.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::tables::{above, parents};
use super::{Pairing, is_meant};
use crate::catalog::columns::Anatomy;
use crate::catalog::{Catalog, Oid, Relation};
use crate::pg::ident::{Ident, QualifiedName};
use crate::plan::rules::Ruling;
use crate::report::Finding;

/// What the rules say of each relation of a side; a partition goes with its root.
#[must_use]
pub fn by_relation<'a>(
    catalog: &'a Catalog,
    pairings: &'a [Pairing<'_>],
    side: usize,
) -> BTreeMap<&'a QualifiedName, &'a Ruling> {
    let said: HashMap<Oid, &Ruling> = pairings.iter().map(|p| (p.oids[side], &p.ruling)).collect();
    let parents = parents(catalog);
    let of = |relation: &Relation| {
        let mut own = std::iter::once(relation.oid).chain(above(&parents, relation));
        own.find_map(|oid| said.get(&oid).copied())
    };
    catalog.relations.iter().filter_map(|relation| Some((&relation.name, of(relation)?))).collect()
}

/// Names that none of the tables has for which they are meant: of one rule for many tables each need not have all.
pub(super) fn lost_columns(pairings: &[Pairing<'_>], anatomies: [&HashMap<Oid, Anatomy>; 2]) -> Vec<Finding> {
    let has = |pairing: &Pairing<'_>, name: &Ident| {
        let sides = [0, 1].map(|side: usize| anatomies[side].get(&pairing.oids[side]));
        sides.into_iter().flatten().flat_map(|side| &side.columns).any(|column| column.name == *name)
    };
    let mut lost = Vec::new();
    for (option, of) in OPTIONS {
        let names: BTreeSet<&Ident> = pairings.iter().flat_map(of).collect();
        let is_lost = |name: &&Ident| !pairings.iter().any(|p| of(p).contains(*name) && has(p, name));
        lost.extend(names.into_iter().filter(is_lost).map(|name| Finding {
            code: "column-matches-nothing",
            object: format!("{option} {}", name.as_str()),
            message: "no table that this rule means has this column, on either side".into(),
            remedy: "mind the case: \"Mixed Case\" stands in double quotes".into(),
        }));
    }
    lost
}

type Named = for<'a> fn(&'a Pairing<'_>) -> &'a Vec<Ident>;

const OPTIONS: [(&str, Named); 2] =
    [("--columns", |p| &p.ruling.columns), ("--exclude-columns", |p| &p.ruling.exclude_columns)];

/// The finding that the rules leave no column of the table, although it has some.
pub(super) fn nothing_left(pairing: &Pairing<'_>, sides: &[Anatomy; 2]) -> Option<Finding> {
    let mut columns = sides.iter().flat_map(|side| &side.columns).peekable();
    let is_empty = columns.peek().is_some() && !columns.any(|column| is_meant(pairing, column));
    is_empty.then(|| Finding {
        code: "no-column-left",
        object: pairing.name.plain(),
        message:
            "the rules leave out all of its columns: nothing but the number of its rows would be compared"
                .into(),
        remedy: "name a column that is compared; for numbers alone there is --level count".into(),
    })
}
