//! Which columns travel, in which types, and what is written where one side has others than the other.
//!
//! Invariant: a column whose values might be changed without a word is refused; a column that is masked on the source is not
//! even known to the target, so that its values cannot travel.
//! Deliberately absent: the judgement of two types (see `drift`).

use super::drift::{Fit, fit};
use super::{Fitted, Planning, Value, is_wanted};
use crate::catalog::tables::Column;
use crate::pg::ident::Ident;
use crate::pg::sql::Sql;
use crate::plan::rules::Ruling;
use crate::report::Finding;

impl Planning<'_> {
    /// Fits the source's columns to the target's.
    pub(super) fn columns(
        &self,
        target: &[Column],
        ruling: &Ruling,
        findings: &mut Vec<Finding>,
        warnings: &mut Vec<Finding>,
    ) -> Fitted {
        let relation = self.relation();
        let source = self.sides.source.get(&relation.oid).map(Vec::as_slice).unwrap_or_default();
        let sets = self.asking.sets_of(&relation.name, relation.visible);
        let set =
            |name: &Ident| sets.iter().find(|(column, _)| column == name).map(|(_, value)| value.clone());
        let of_source = |name: &Ident| source.iter().find(|column| column.name == *name);
        findings.extend(self.unknown_columns(source, target, ruling, &sets));
        let mut values = Vec::new();
        for column in target {
            let given = of_source(&column.name).filter(|_| is_wanted(ruling, &column.name));
            match (set(&column.name), given) {
                _ if column.generated => {
                    warnings.extend(given.filter(|from| !from.generated).map(|_| self.computed(column)));
                }
                (Some(expression), _) => values.push((column.name.clone(), Value::Expression(expression))),
                (None, Some(from)) => {
                    let (refused, told) = self.fit(from, column);
                    findings.extend(refused);
                    warnings.extend(told);
                    values.push((column.name.clone(), Value::Column));
                }
                (None, None) => {
                    let (refused, told) = self.without_value(column, of_source(&column.name).is_some());
                    findings.extend(refused);
                    warnings.extend(told);
                }
            }
        }
        let is_there = |name: &Ident| target.iter().any(|column| column.name == *name);
        let extra = source.iter().filter(|column| is_wanted(ruling, &column.name) && !is_there(&column.name));
        warnings.extend(extra.map(|column| {
            self.finding(
                "column-missing-on-target",
                format!("the target's table has no column {}: its values are not copied", column.name),
                "add it there, if it is wanted; --exclude-columns says that it is not",
            )
        }));
        findings.extend(self.shown_elsewhere(source, &values, &sets));
        warnings.extend(self.heirs(&sets));
        let travels = |column: &&Column| self.masked_in(column, &sets).is_none();
        let foreign = source.iter().filter(travels).map(|column| {
            let there = target.iter().find(|other| other.name == column.name);
            (column.name.clone(), read_as(column, there, set(&column.name).is_some()))
        });
        Fitted { foreign: foreign.collect(), values }
    }

    /// The masked column whose values this column of the source shows: itself, or one that it is computed from.
    fn masked_in(&self, column: &Column, sets: &[(Ident, Sql)]) -> Option<Ident> {
        let is_masked =
            |name: &&Ident| self.asking.mask_on_source && sets.iter().any(|(known, _)| known == *name);
        [&column.name].into_iter().chain(&column.computed_from).find(is_masked).cloned()
    }

    fn shown_elsewhere(
        &self,
        source: &[Column],
        values: &[(Ident, Value)],
        sets: &[(Ident, Sql)],
    ) -> Vec<Finding> {
        let written = source.iter().filter(|column| writes(values, &column.name));
        let shown =
            written.filter_map(|column| Some(self.masked_elsewhere(column, &self.masked_in(column, sets)?)));
        shown.collect()
    }

    fn heirs(&self, sets: &[(Ident, Sql)]) -> Option<Finding> {
        let has_heirs = self.asking.mask_on_source && self.relation().has_children && !sets.is_empty();
        has_heirs.then(|| {
            self.finding(
                "masked-heirs",
                "tables inherit from it, and what masks its columns does not mask theirs",
                "name them in --set too, or leave them out: -T",
            )
        })
    }

    fn computed(&self, column: &Column) -> Finding {
        self.finding(
            "column-computed",
            format!("the target computes its column {}: the source's values are not copied", column.name),
            "nothing to do, if both are the same",
        )
    }

    fn masked_elsewhere(&self, column: &Column, masked: &Ident) -> Finding {
        self.finding(
            "masked-elsewhere",
            format!("the source computes its column {} from {masked}, which is masked", column.name),
            format!(
                "mask it too: --set 'TABLE.{}=…'; or leave it out: --exclude-columns",
                column.name.as_str()
            ),
        )
    }

    fn fit(&self, from: &Column, to: &Column) -> (Option<Finding>, Option<Finding>) {
        let types = format!(
            "the column {} is {} on the source and {} on the target",
            to.name, from.type_name, to.type_name
        );
        match fit(from, to) {
            Fit::Same => (None, None),
            Fit::Every => (None, Some(self.finding("column-type-differs", types + ": every value fits", "nothing to do"))),
            Fit::Checked => (
                None,
                Some(self.finding("column-type-differs", types + ": a value that does not fit fails the copy", "nothing to do, if all fit")),
            ),
            Fit::Never => (
                Some(self.finding(
                    "column-type-differs",
                    types + ": values could be changed without a word",
                    format!("say how they are converted: --set 'TABLE.{0}={0}::{1}'; or leave the column out: --exclude-columns", to.name.as_str(), to.type_name),
                )),
                None,
            ),
        }
    }

    /// A column of the target that gets nothing from the source.
    fn without_value(&self, column: &Column, left_out: bool) -> (Option<Finding>, Option<Finding>) {
        let why = if left_out { "is left out" } else { "is missing on the source" };
        if column.not_null && !column.filled {
            let refused = self.finding(
                "column-without-value",
                format!("the target's column {} is NOT NULL without a default, and {why}", column.name),
                format!(
                    "give it a value: --set 'TABLE.{}=…', or a default on the target",
                    column.name.as_str()
                ),
            );
            return (Some(refused), None);
        }
        let told = self.finding(
            "column-missing-on-source",
            format!("the source's table has no column {}: rows that are new get its default", column.name),
            "nothing to do; --set gives it a value",
        );
        (None, Some(told).filter(|_| !left_out))
    }

    /// Columns that rules name and that do not exist.
    fn unknown_columns(
        &self,
        source: &[Column],
        target: &[Column],
        ruling: &Ruling,
        sets: &[(Ident, Sql)],
    ) -> Vec<Finding> {
        let has = |columns: &[Column], name: &Ident| columns.iter().any(|column| column.name == *name);
        let unknown = |option: &str, name: &Ident, side: &str| {
            self.finding(
                "unknown-column",
                format!("{option} names the column {name}, which the {side} does not have"),
                "mind the case: \"Mixed Case\" in double quotes",
            )
        };
        let mut findings = Vec::new();
        for name in &ruling.columns {
            if !has(source, name) {
                findings.push(unknown("--columns", name, "source"));
            } else if !has(target, name) {
                findings.push(unknown("--columns", name, "target"));
            }
        }
        let excluded = ruling.exclude_columns.iter().filter(|name| !has(source, name) && !has(target, name));
        findings.extend(excluded.map(|name| unknown("--exclude-columns", name, "source")));
        let set = sets.iter().filter(|(name, _)| !target.iter().any(|c| c.name == *name && !c.generated));
        findings.extend(set.map(|(name, _)| unknown("--set", name, "target")));
        findings
    }
}

/// Whether a column is written as it is on the source.
fn writes(values: &[(Ident, Value)], column: &Ident) -> bool {
    values.iter().any(|(name, value)| name == column && matches!(value, Value::Column))
}

/// Whether a type, as the catalogs spell it, is one of PostgreSQL's own.
pub(super) fn is_built_in(type_name: &str) -> bool {
    !type_name.contains('.') && !type_name.contains('"')
}

/// The type in which a column is read: the target's, so that its input decides; where an expression or a condition alone
/// reads it, the source's, if both servers are sure to have it.
fn read_as(column: &Column, there: Option<&Column>, replaced: bool) -> Sql {
    match there {
        Some(there) if !replaced || there.base == column.base => Sql::from_catalog(&there.base),
        _ if is_built_in(&column.base) => Sql::from_catalog(&column.base),
        _ => Sql::from_catalog("text"),
    }
}
