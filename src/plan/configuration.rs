//! The rows and sequences inside of extensions that are user data, as `pg_extension_config_dump` marks them.
//!
//! Invariant: what the target had in an extension before the run is never changed: there the run adds only to what
//! nobody has used yet, and undoing empties it again. In an extension that the run makes, the marked rows become the
//! source's.
//! Deliberately absent: sessions (see `configuration` at the top).

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use super::select::Choice;
use super::{Plan, TablePlan, order};
use crate::catalog::{Catalog, Oid, Relation, RelationKind, configuration::Configuration};
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
    /// What empties tables that the extension has filled itself and the source has emptied.
    pub emptying: Vec<Sql>,
    /// What is left behind.
    pub left: Vec<NotCopied>,
}

/// The tables with those of extensions that hold user data at the end, each after those that its foreign keys refer to.
#[must_use]
pub fn last<'a>(tables: impl Iterator<Item = &'a Relation>) -> Vec<&'a Relation> {
    let (mut configuration, mut tables): (Vec<_>, Vec<_>) = tables.partition(|r| r.configuration.is_some());
    // Such a table may belong to somebody who lets nobody lock it; without rows there is no need to.
    configuration.retain(|r| r.configuration.as_ref().is_some_and(|c| c.has_rows));
    let nodes: Vec<Oid> = configuration.iter().map(|r| r.oid).collect();
    let needs =
        |r: &&'a Relation| r.configuration.iter().flat_map(|c| &c.needs).map(|oid| (r.oid, *oid)).collect();
    let edges: Vec<(Oid, Oid)> = configuration.iter().flat_map(|r| -> Vec<_> { needs(r) }).collect();
    let ordered = order::refresh_order(&nodes, &edges);
    tables.extend(ordered.iter().filter_map(|oid| configuration.iter().find(|r| r.oid == *oid).copied()));
    tables
}

/// The condition on the table itself that means only the planned rows; nothing where all are meant.
#[must_use]
pub fn only(table: &TablePlan) -> Sql {
    table.configuration.as_ref().map_or_else(Sql::nothing, |rows| meant(&table.name, &rows.condition))
}

fn meant(table: &QualifiedName, condition: &str) -> Sql {
    if condition.is_empty() {
        return Sql::nothing();
    }
    sql!("configuration/only.sql", table = table, condition = Sql::from_catalog(condition))
}

/// The statement that removes the planned rows from an extension's table; other tables are simply emptied.
#[must_use]
pub fn delete(table: &TablePlan) -> Option<Sql> {
    table.configuration.as_ref().map(|rows| delete_rows(&table.name, &rows.condition))
}

fn delete_rows(table: &QualifiedName, condition: &str) -> Sql {
    sql!("configuration/delete.sql", table = table, only = meant(table, condition))
}

/// What is configured in extensions and was chosen.
pub fn chosen<'a>(catalog: &'a Catalog, choice: &'a Choice) -> impl Iterator<Item = Configured<'a>> {
    choice.with_data(catalog).filter_map(|relation| {
        let is_sequence = relation.kind == RelationKind::Sequence;
        Some(Configured { relation, of: relation.configuration.as_ref()?, is_sequence })
    })
}

/// A table or sequence of an extension that is meant for user data.
#[derive(Debug, Clone, Copy)]
pub struct Configured<'a> {
    /// It.
    pub relation: &'a Relation,
    /// Of what, and which part of it.
    pub of: &'a Configuration,
    /// Whether it is a sequence.
    pub is_sequence: bool,
}

impl Configured<'_> {
    /// What a note about it is called.
    #[must_use]
    pub fn note_name(&self) -> String {
        format!("{} {}", self.kind(), self.relation.name.plain())
    }

    fn kind(&self) -> &'static str {
        if self.is_sequence { "SEQUENCE SET" } else { "TABLE DATA" }
    }
}

/// Fits the plan to what the target has, when all extensions are there; `existing` names those that it had before.
#[must_use]
pub fn fit<'a>(
    plan: &Plan,
    chosen: impl Iterator<Item = Configured<'a>>,
    there: &BTreeMap<QualifiedName, There>,
    existing: &HashSet<String>,
) -> Fit {
    let mut fit = Fit { plan: plan.clone(), notes: Vec::new(), emptying: Vec::new(), left: Vec::new() };
    let mut lost = BTreeSet::new();
    // Notes are undone in the opposite order: first what refers to others.
    let place = |one: &Configured<'_>| plan.tables.iter().position(|table| table.name == one.relation.name);
    let mut chosen: Vec<Configured<'a>> = chosen.collect();
    chosen.sort_by_key(|one| (one.is_sequence, place(one)));
    for one in chosen {
        let name = &one.relation.name;
        let is_old = existing.contains(&one.of.extension);
        match judge(&one, there.get(name), is_old) {
            Verdict::Copy { replaced, note } => {
                let table = fit.plan.tables.iter_mut().find(|table| table.name == *name);
                table
                    .and_then(|table| table.configuration.as_mut())
                    .into_iter()
                    .for_each(|rows| rows.replaced = replaced);
                let undo = is_old.then(|| undo(&one, there.get(name)));
                fit.notes.extend(note.then(|| Note { name: one.note_name(), undo }));
            }
            Verdict::Nothing => drop(lost.insert(name)),
            Verdict::Empty => fit.emptying.push(delete_rows(name, &one.of.condition)),
            Verdict::Leave(reason) => {
                lost.insert(name);
                fit.left.push(NotCopied { kind: one.kind().into(), object: name.plain(), reason });
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
    /// The source has no rows where the target's extension has made some.
    Empty,
    Leave(String),
}

fn judge(one: &Configured<'_>, there: Option<&There>, is_old: bool) -> Verdict {
    let extension = &one.of.extension;
    let is_empty = !one.is_sequence && !one.of.has_rows;
    let Some(there) = there else {
        let lost = format!("the target has no extension {extension} with it");
        return if is_empty { Verdict::Nothing } else { Verdict::Leave(lost) };
    };
    // What was on the target before stays as it is.
    if is_empty && (!there.used || (is_old && !there.noted)) {
        return Verdict::Nothing;
    }
    let lacking = |column: &&Ident| !one.is_sequence && !there.columns.contains(column);
    if let Some(column) = one.relation.columns.iter().find(lacking) {
        return Verdict::Leave(format!(
            "the target's version of {extension} lacks its column {}",
            column.as_str()
        ));
    }
    let go_on = || match is_empty {
        true => Verdict::Empty,
        false => Verdict::Copy { replaced: there.used && !is_old, note: !there.noted },
    };
    if there.noted {
        return go_on();
    }
    if is_old && there.used {
        return Verdict::Leave(format!(
            "the target had the extension {extension} before, and has used this already; compare both, and copy by hand what is missing"
        ));
    }
    if !there.permitted {
        let rights = if one.is_sequence { "SELECT and UPDATE" } else { "SELECT, INSERT and DELETE" };
        return Verdict::Leave(format!(
            "within the extension {extension} it belongs to another role of the target: have {rights} on it granted, then copy it by hand or clone anew"
        ));
    }
    if there.used && there.referenced {
        return Verdict::Leave(format!(
            "the extension {extension} fills it itself, and other tables refer to these rows; compare both by hand"
        ));
    }
    go_on()
}

fn undo(one: &Configured<'_>, there: Option<&There>) -> Sql {
    let name = &one.relation.name;
    if !one.is_sequence {
        return delete_rows(name, &one.of.condition);
    }
    let value = there.map_or(1, |there| there.value);
    sql!("configuration/reset.sql", sequence = Literal::new(name.to_string()), value = value)
}
