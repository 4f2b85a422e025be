//! The rows and sequences inside of extensions that are user data, as `pg_extension_config_dump` marks them.
//!
//! Invariant: what the target had in an extension before the run is never changed: there the run adds only to what
//! nobody has used yet, and undoing empties it again. In an extension that the run makes, the marked rows become the
//! source's.
//! Deliberately absent: sessions (see `configuration` at the top).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use super::{Plan, TablePlan, order};
use crate::catalog::{Catalog, Oid, Relation, configuration::Configuration};
use crate::ledger::notes::Note;
use crate::pg::ident::{Ident, Literal, QualifiedName};
use crate::pg::sql::Sql;
use crate::report::NotCopied;
use crate::sql;

/// Which rows of an extension's own table are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rows {
    /// `WHERE …`, or nothing for all of them.
    pub condition: String,
    /// Whether those that the extension itself has made on the target go first.
    pub replaced: bool,
}

impl Rows {
    pub(super) fn of(configuration: &Configuration) -> Self {
        Self { condition: configuration.condition.clone(), replaced: false }
    }
}

/// What the target has of such a table or sequence.
#[derive(Debug, Clone)]
pub struct There {
    /// Columns that hold data.
    pub columns: Vec<Ident>,
    /// Whether our role may read and change it.
    pub permitted: bool,
    /// Whether other tables refer to it.
    pub referenced: bool,
    /// Whether it holds rows that are meant, or has handed out a number.
    pub used: bool,
    /// Of a sequence: its value.
    pub value: i64,
    /// Whether the run has taken it in hand in an earlier session.
    pub noted: bool,
}

/// A plan that fits what the target has.
#[derive(Debug)]
pub struct Fit {
    /// The plan.
    pub plan: Plan,
    /// What is to be noted before the rows are copied.
    pub notes: Vec<Note>,
    /// What is left behind.
    pub left: Vec<NotCopied>,
}

/// The tables with those of extensions at the end, each after those that its foreign keys refer to.
#[must_use]
pub fn last<'a>(tables: impl Iterator<Item = &'a Relation>) -> Vec<&'a Relation> {
    let (configuration, mut tables): (Vec<_>, Vec<_>) = tables.partition(|r| r.configuration.is_some());
    let nodes: Vec<Oid> = configuration.iter().map(|r| r.oid).collect();
    let needs = |r: &&'a Relation| r.configuration.iter().flat_map(|c| &c.needs).map(|oid| (r.oid, *oid)).collect();
    let edges: Vec<(Oid, Oid)> = configuration.iter().flat_map(|r| -> Vec<_> { needs(r) }).collect();
    let ordered = order::refresh_order(&nodes, &edges);
    tables.extend(ordered.iter().filter_map(|oid| configuration.iter().find(|r| r.oid == *oid).copied()));
    tables
}

/// The condition on the table itself that means only the planned rows; nothing where all are meant.
#[must_use]
pub fn only(table: &TablePlan) -> Sql {
    let Some(rows) = table.configuration.as_ref().filter(|rows| !rows.condition.is_empty()) else {
        return Sql::nothing();
    };
    sql!("configuration/only.sql", table = table.name, condition = Sql::from_catalog(&rows.condition))
}

/// The statement that removes the planned rows from an extension's table; other tables are simply emptied.
#[must_use]
pub fn delete(table: &TablePlan) -> Option<Sql> {
    table.configuration.as_ref()?;
    Some(sql!("configuration/delete.sql", table = table.name, only = only(table)))
}

/// The names of the configuration that a plan holds, each with its extension and condition.
pub fn planned<'a>(
    plan: &Plan,
    catalog: &'a Catalog,
) -> impl Iterator<Item = (&'a QualifiedName, &'a Configuration)> {
    let tables = plan.planned_tables().into_iter().map(|index| &plan.tables[index].name);
    let names: BTreeSet<QualifiedName> = tables.chain(&plan.sequences).cloned().collect();
    let marked = catalog.relations.iter().filter_map(|r| Some((&r.name, r.configuration.as_ref()?)));
    marked.filter(move |(name, _)| names.contains(*name))
}

/// The note's name of a table or sequence.
#[must_use]
pub fn note_name(name: &QualifiedName, is_sequence: bool) -> String {
    format!("{} {}", kind(is_sequence), name.plain())
}

fn kind(is_sequence: bool) -> &'static str {
    if is_sequence { "SEQUENCE SET" } else { "TABLE DATA" }
}

/// Fits the plan to what the target has, when all extensions are there; `existing` names those that it had before.
#[must_use]
pub fn fit(
    plan: &Plan,
    catalog: &Catalog,
    there: &BTreeMap<QualifiedName, There>,
    existing: &HashSet<String>,
) -> Fit {
    let marked: BTreeMap<&QualifiedName, &Configuration> = planned(plan, catalog).collect();
    let mut fit = Fit { plan: plan.clone(), notes: Vec::new(), left: Vec::new() };
    let mut lost = BTreeSet::new();
    let judge = |name: &QualifiedName, table: Option<&TablePlan>| {
        let configuration = marked.get(name)?;
        let is_old = existing.contains(&configuration.extension);
        Some((judge(configuration, table, there.get(name), is_old), is_old))
    };
    for index in plan.planned_tables() {
        let table = &plan.tables[index];
        let Some((verdict, is_old)) = judge(&table.name, Some(table)) else { continue };
        match verdict {
            Verdict::Copy { replaced, note } => {
                fit.plan.tables[index].configuration.iter_mut().for_each(|rows| rows.replaced = replaced);
                let undo = is_old.then(|| delete(table)).flatten();
                fit.notes.extend(note.then(|| Note { name: note_name(&table.name, false), undo }));
            }
            Verdict::Nothing => drop(lost.insert(table.name.clone())),
            Verdict::Leave(reason) => {
                lost.insert(table.name.clone());
                fit.left.push(left(&table.name, false, reason));
            }
        }
    }
    for name in &plan.sequences {
        let Some((verdict, is_old)) = judge(name, None) else { continue };
        match verdict {
            Verdict::Copy { note, .. } => {
                let undo = is_old.then(|| reset(name, there.get(name).map_or(1, |there| there.value)));
                fit.notes.extend(note.then(|| Note { name: note_name(name, true), undo }));
            }
            Verdict::Nothing => drop(lost.insert(name.clone())),
            Verdict::Leave(reason) => {
                lost.insert(name.clone());
                fit.left.push(left(name, true, reason));
            }
        }
    }
    fit.plan = fit.plan.without(|name| lost.contains(name));
    fit
}

enum Verdict {
    Copy {
        /// Rows that the extension has made itself go first.
        replaced: bool,
        note: bool,
    },
    /// Nothing is to be copied.
    Nothing,
    Leave(String),
}

fn judge(
    configuration: &Configuration,
    table: Option<&TablePlan>,
    there: Option<&There>,
    is_old: bool,
) -> Verdict {
    let extension = &configuration.extension;
    let Some(there) = there else {
        return Verdict::Leave(format!("the target has no extension {extension} with it"));
    };
    let lacking = |column: &&Ident| !there.columns.contains(column);
    if let Some(column) = table.and_then(|table| table.columns.iter().find(lacking)) {
        return Verdict::Leave(format!("the target's version of {extension} lacks its column {}", column.as_str()));
    }
    let copy = Verdict::Copy { replaced: there.used && !is_old, note: !there.noted };
    if there.noted {
        return copy;
    }
    // What is on the target before stays as it is.
    if table.is_some() && !configuration.has_rows && (is_old || !there.used) {
        return Verdict::Nothing;
    }
    if is_old && there.used {
        return Verdict::Leave(format!(
            "the target had the extension {extension} before, and uses this already; compare both, and copy by hand what is missing"
        ));
    }
    if !there.permitted {
        let rights = if table.is_some() { "SELECT, INSERT and DELETE" } else { "SELECT and UPDATE" };
        return Verdict::Leave(format!(
            "it is the property of another role on the target, within the extension {extension}: have {rights} granted on it, and copy it by hand or clone anew"
        ));
    }
    if there.used && there.referenced && table.is_some() {
        return Verdict::Leave(format!(
            "the extension {extension} fills it itself, and other tables of it refer to these rows; compare both by hand"
        ));
    }
    copy
}

fn reset(sequence: &QualifiedName, value: i64) -> Sql {
    sql!("configuration/reset.sql", sequence = Literal::new(sequence.to_string()), value = value)
}

fn left(name: &QualifiedName, is_sequence: bool, reason: String) -> NotCopied {
    NotCopied { kind: kind(is_sequence).into(), object: name.plain(), reason }
}
