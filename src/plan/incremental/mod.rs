//! The plan of a copy into tables that exist: which columns, by which key, in which order, and what is held off meanwhile.
//!
//! Invariant: pure. What cannot be done without losing or changing something unasked is refused here, all of it at once,
//! and every difference between the columns of both sides is told.
//! Deliberately absent: how rows travel (see `incremental::statement`).

pub mod asking;
pub mod bucketing;
mod columns;
pub mod drift;
pub mod matching;
mod ties;
pub mod units;
mod watermark;

use std::collections::{BTreeMap, HashMap, HashSet};

use super::chunk;
use super::rules::Ruling;
use crate::catalog::tables::{Column, Key, Tables, Trigger};
use crate::catalog::{Catalog, Oid, Relation, RelationKind};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::sql::Sql;
use crate::report::Finding;
pub use asking::{Asking, Set, Way};
use matching::{Match, Matching};
use ties::{Allowed, Tied};
use units::Unit;
pub use watermark::{Grows, Watermark};

/// What is copied, group by group.
#[derive(Debug, Clone, Default)]
pub struct CopyPlan {
    /// Tables that foreign keys tie together are copied by one worker; the heaviest groups first.
    pub groups: Vec<Group>,
    /// What should be known about it.
    pub warnings: Vec<Finding>,
}

/// A table of the target, and whether its partitions are meant with it. Its heirs never are: they may be another worker's.
pub type Extent = (QualifiedName, bool);

/// Tables that are copied by one worker, in one transaction.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
pub struct Group {
    /// Parents before children.
    pub tables: Vec<TableCopy>,
    /// Tables that are emptied by TRUNCATE.
    pub truncated: Vec<Extent>,
    /// Tables that are emptied by DELETE, children first.
    pub deleted: Vec<Extent>,
    /// Tables that are locked against writers.
    pub locked: Vec<Extent>,
    /// Foreign keys and unique constraints that are checked at the end.
    pub deferred: Vec<QualifiedName>,
    /// Triggers that are disabled meanwhile.
    pub silenced: Vec<Trigger>,
    /// Whether triggers are held off, those of foreign keys too.
    pub replica: bool,
    /// Whether sessions there hold them off by themselves, and must not.
    pub told_to_fire: bool,
    /// Foreign keys that are checked by us in that case, each with its table.
    pub checked: Vec<(Oid, String)>,
    /// What else may be done where rows that are synchronised are in each other's way; nothing may, if absent.
    pub forced: Option<Forced>,
    /// Tables of the target to which others refer.
    pub referred: HashSet<Oid>,
    /// Whether there are triggers of users.
    pub has_triggers: bool,
    /// Whether rows change with others that they refer to: ON UPDATE CASCADE and its like.
    pub cascades: bool,
    /// The size of all of them on the source, in bytes.
    pub bytes: u64,
}

/// Rows that differ are deleted before any are written, while foreign keys are not looked at.
#[derive(Debug, Clone, Default)]
pub struct Forced {
    /// Whether triggers have to be held off for that.
    pub replica: bool,
    /// Tables that are locked against writers then.
    pub locked: Vec<Extent>,
    /// Triggers that would fire only then, and are disabled.
    pub silenced: Vec<Trigger>,
    /// Foreign keys that are checked by us then, each with its table.
    pub checked: Vec<(Oid, String)>,
}

/// How one table's rows are copied.
#[derive(Debug, Clone)]
pub struct TableCopy {
    /// Its oid on the source.
    pub oid: Oid,
    /// Its name there.
    pub source: QualifiedName,
    /// An inheritance parent: only its own rows are meant.
    pub own_rows_only: bool,
    /// Rows per batch of the cursor.
    pub fetch_size: u32,
    /// Its size on the source, in bytes.
    pub bytes: u64,
    /// The table of the target.
    pub target: QualifiedName,
    /// Its oid there.
    pub target_oid: Oid,
    /// Whether that is partitioned: its partitions are meant with it.
    pub whole_tree: bool,
    /// How.
    pub way: Way,
    /// The columns that may leave the source, with the types in which they are read.
    pub foreign: Vec<(Ident, Sql)>,
    /// The columns that are written, and with what.
    pub values: Vec<(Ident, Value)>,
    /// Which rows.
    pub conditions: Vec<Sql>,
    /// The columns by which a row is found again.
    pub key: Vec<Ident>,
    /// Those of them that might be NULL on the source.
    pub nullable_key: Vec<Ident>,
    /// The columns that are compared and changed where a row is there already.
    pub updated: Vec<Ident>,
    /// How a row is told from one that is there.
    pub matching: Matching,
    /// The column by which rows are found that are new since the copy before.
    pub watermark: Option<Watermark>,
    /// The files of the source's tables.
    pub files: Vec<String>,
}

/// What is written into a column.
#[derive(Debug, Clone)]
pub enum Value {
    /// The source's column of the same name.
    Column,
    /// What an expression makes of the source's row.
    Expression(Sql),
}

/// What both sides have.
pub struct Sides<'a> {
    /// The source's catalog.
    pub catalog: &'a Catalog,
    /// What is copied of it.
    pub units: &'a [Unit],
    /// The columns of these units.
    pub source: &'a HashMap<Oid, Vec<Column>>,
    /// Their unique keys.
    pub source_keys: &'a HashMap<Oid, Vec<Key>>,
    /// The target's relations.
    pub there: &'a Catalog,
    /// The target's tables.
    pub target: &'a Tables,
    /// Whether our role may set `session_replication_role` there.
    pub may_play_replica: bool,
    /// Whether sessions there play a replica by themselves.
    pub plays_replica: bool,
}

/// The relation of the target into which the rows of this unit go.
#[must_use]
pub fn destination<'a>(unit: &Unit, asking: &Asking, there: &'a Catalog) -> Option<&'a Relation> {
    let name = target_name(unit, asking);
    there.relations.iter().find(|relation| relation.name == name)
}

fn target_name(unit: &Unit, asking: &Asking) -> QualifiedName {
    let relation = &unit.relation;
    asking.rules.of(&relation.name, relation.visible).into.unwrap_or_else(|| relation.name.clone())
}

impl CopyPlan {
    /// Plans it; or says all that stands in the way.
    pub fn new(asking: &Asking, sides: &Sides<'_>) -> Result<Self, Vec<Finding>> {
        let mut findings = unmatched(asking, sides.units);
        let mut warnings = Vec::new();
        let mut tied = Vec::new();
        let mut taken: BTreeMap<QualifiedName, String> = BTreeMap::new();
        for unit in sides.units {
            let planning = Planning { asking, sides, unit };
            let name = target_name(unit, asking);
            if let Some(other) = taken.insert(name.clone(), unit.relation.name.plain()) {
                findings.push(planning.finding(
                    "same-target",
                    format!("it and {other} would go into one table, {}", name.plain()),
                    "copy them one after the other, or into tables of their own (--into)",
                ));
            }
            match planning.table(&mut warnings) {
                Ok(table) => tied.push(table),
                Err(found) => findings.extend(found),
            }
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        if sides.plays_replica && !sides.may_play_replica {
            return Err(vec![plays_a_replica()]);
        }
        let allowed = Allowed {
            replica: sides.may_play_replica,
            plays_replica: sides.plays_replica,
            fire_triggers: asking.fire_triggers,
            no_truncate: asking.no_truncate,
        };
        let mut groups = Vec::new();
        for component in ties::components(tied, &sides.target.links, allowed) {
            match component.group() {
                Ok(group) => groups.push(group),
                Err(found) => findings.extend(found),
            }
        }
        groups.sort_by_key(|group| std::cmp::Reverse(group.bytes));
        if findings.is_empty() { Ok(Self { groups, warnings }) } else { Err(findings) }
    }

    /// All tables, in the order of their groups.
    pub fn tables(&self) -> impl Iterator<Item = &TableCopy> {
        self.groups.iter().flat_map(|group| &group.tables)
    }
}

fn plays_a_replica() -> Finding {
    Finding {
        code: "plays-a-replica",
        object: "target".into(),
        message: "session_replication_role is set for our sessions there: foreign keys would not be checked, and our role may not change that".into(),
        remedy: "on the target: ALTER ROLE … (or DATABASE …) RESET session_replication_role".into(),
    }
}

fn unmatched(asking: &Asking, units: &[Unit]) -> Vec<Finding> {
    let names: Vec<_> = units.iter().map(|unit| (&unit.relation.name, unit.relation.visible)).collect();
    let finding = |(option, pattern): (&str, String)| {
        Finding {
        code: "rule-matches-nothing",
        object: format!("{option} {pattern}"),
        message: "this rule speaks of no table that is copied".into(),
        remedy: "mind the case and the schema: write schema.table, and \"Mixed Case\" in double quotes; a partitioned table is copied by its own name".into(),
    }
    };
    asking.unmatched(&names).into_iter().map(finding).collect()
}

/// One unit on its way.
struct Planning<'a> {
    asking: &'a Asking,
    sides: &'a Sides<'a>,
    unit: &'a Unit,
}

impl Planning<'_> {
    fn relation(&self) -> &Relation {
        &self.unit.relation
    }

    fn finding(&self, code: &'static str, message: impl Into<String>, remedy: impl Into<String>) -> Finding {
        let object = self.relation().name.plain();
        Finding { code, object, message: message.into(), remedy: remedy.into() }
    }

    fn table(&self, warnings: &mut Vec<Finding>) -> Result<Tied, Vec<Finding>> {
        let relation = self.relation();
        let name = target_name(self.unit, self.asking);
        let there = destination(self.unit, self.asking, self.sides.there).ok_or_else(|| {
            vec![self.finding(
                "target-table-missing",
                format!("the target has no table {}", name.plain()),
                "make it first (fdwcopy clone --schema-only -t), say where its rows go (--into), or leave it out (-T)",
            )]
        })?;
        if !matches!(there.kind, RelationKind::Table | RelationKind::Partitioned) {
            let what = format!("{} of the target is no table", name.plain());
            return Err(vec![self.finding("target-no-table", what, "say where its rows go: --into")]);
        }
        let facts = self.sides.target.by_oid.get(&there.oid).cloned().unwrap_or_default();
        let way = self.asking.way_of(&relation.name, relation.visible);
        let mut findings = self.rights(there, &facts, way);
        let ruling = self.asking.rules.of(&relation.name, relation.visible);
        let fitted = self.columns(&facts.columns, &ruling, &mut findings, warnings);
        let key = self.key(&facts, way, &mut findings);
        let is_written = |column: &Ident| fitted.values.iter().any(|(written, _)| written == column);
        if let Some(missing) = key.iter().find(|column| !is_written(column)).filter(|_| findings.is_empty()) {
            let message = format!("the column {missing} of its key is not copied");
            findings.push(self.finding("key-not-copied", message, "copy it too, or name another key: --key"));
        }
        if !findings.is_empty() {
            return Err(findings);
        }
        let watermark = self.watermark(&fitted.foreign).map_err(|finding| vec![finding])?;
        let updated = updated(&facts.columns, &fitted.values);
        let matching = self.matching(&Match {
            columns: &facts.columns,
            keys: &facts.keys,
            key: &key,
            updated: &updated,
            values: &fitted.values,
        });
        warnings.extend(self.fixed_identity(&facts.columns, &key, &fitted.values, way));
        let copy = TableCopy {
            oid: relation.oid,
            source: relation.name.clone(),
            own_rows_only: relation.has_children,
            fetch_size: chunk::fetch_size(relation),
            bytes: relation.bytes,
            target: name,
            target_oid: there.oid,
            whole_tree: there.kind == RelationKind::Partitioned,
            way,
            foreign: fitted.foreign,
            nullable_key: self.nullable(&key, &fitted.values),
            updated,
            values: fitted.values,
            conditions: ruling.conditions,
            key,
            matching,
            watermark,
            files: self.unit.files.clone(),
        };
        Ok(Tied { copy, root: facts.root, rights: facts.rights, triggers: facts.triggers, keys: facts.keys })
    }

    fn rights(&self, there: &Relation, facts: &crate::catalog::tables::Table, way: Way) -> Vec<Finding> {
        let rights = facts.rights;
        let empties = rights.delete || (rights.truncate && !self.asking.no_truncate);
        let needed: &[(&str, bool)] = match way {
            Way::Replace => &[("INSERT", rights.insert), ("DELETE", empties)],
            Way::Append => &[("INSERT", rights.insert), ("SELECT", rights.select)],
            Way::Upsert => &[("INSERT", rights.insert), ("SELECT", rights.select), ("UPDATE", rights.update)],
            // To make a row anew takes as much as to delete one.
            Way::Sync => &[
                ("INSERT", rights.insert),
                ("SELECT", rights.select),
                ("UPDATE", rights.update),
                ("DELETE", rights.delete),
            ],
        };
        let missing: Vec<&str> = needed.iter().filter(|(_, has)| !has).map(|(right, _)| *right).collect();
        let mut findings = Vec::new();
        if !missing.is_empty() {
            let (missing, role) = (missing.join(", "), Ident::new(self.sides.there.database.role.as_str()));
            findings.push(self.finding(
                "target-right-missing",
                format!("our role on the target lacks {missing} on {}", there.name.plain()),
                format!("on the target: GRANT {missing} ON {} TO {role};", there.name),
            ));
        }
        if there.rows_hidden {
            findings.push(self.finding(
                "row-security-on-target",
                format!("row security of {} would decide which rows our role may write", there.name.plain()),
                "connect as its owner, or as a role with BYPASSRLS",
            ));
        }
        if facts.has_rules {
            findings.push(self.finding(
                "rules-on-target",
                format!("rules of {} rewrite what is written to it", there.name.plain()),
                "disable them: ALTER TABLE … DISABLE RULE",
            ));
        }
        findings
    }

    /// The columns by which a row is found again.
    fn key(
        &self,
        facts: &crate::catalog::tables::Table,
        way: Way,
        findings: &mut Vec<Finding>,
    ) -> Vec<Ident> {
        let (relation, keys) = (self.relation(), &facts.keys);
        let may_be_null =
            |name: &&Ident| facts.columns.iter().any(|column| column.name == **name && !column.not_null);
        let named = self.asking.key_of(&relation.name, relation.visible);
        if way == Way::Replace {
            return Vec::new();
        }
        let is_meant = |key: &&Key| match &named {
            None if way == Way::Sync => !key.columns.iter().any(|name| may_be_null(&name)),
            None => key.primary,
            Some(words) => match words.as_slice() {
                [name] if *name == key.name => true,
                words => {
                    words.len() == key.columns.len() && words.iter().all(|word| key.columns.contains(word))
                }
            },
        };
        let usable = |key: &&Key| key.plain && key.immediate;
        if let Some(key) = keys.iter().filter(is_meant).find(usable) {
            if let Some(column) = key.columns.iter().find(may_be_null).filter(|_| way == Way::Sync) {
                findings.push(self.finding(
                    "key-nullable",
                    format!("the column {column} of the key {} may be NULL, and a row without it is found by nothing", key.name),
                    "on the target: ALTER TABLE … ALTER COLUMN … SET NOT NULL; or name another key: --key; or fdwcopy copy --mode replace",
                ));
            }
            return key.columns.clone();
        }
        let others: Vec<String> = keys.iter().filter(usable).map(|key| key.name.to_string()).collect();
        let remedy = if others.is_empty() {
            "give the target's table a primary key or a unique constraint; or fdwcopy copy --mode replace"
                .to_owned()
        } else {
            format!("name one of its unique keys: --key 'TABLE=NAME', with {}", others.join(" or "))
        };
        let message = match (keys.iter().find(is_meant), &named) {
            (Some(key), _) => format!(
                "rows cannot be found by the key {}: it is deferrable, invalid, or not of plain columns",
                key.name
            ),
            (None, None) => "the target's table has no primary key by which a row is found again".to_owned(),
            (None, Some(_)) => "the target's table has no such unique key".to_owned(),
        };
        findings.push(self.finding("no-key", message, remedy));
        Vec::new()
    }

    /// Those columns of the key that might be NULL on the source.
    fn nullable(&self, key: &[Ident], values: &[(Ident, Value)]) -> Vec<Ident> {
        let columns = self.sides.source.get(&self.unit.relation.oid);
        let never = |column: &Ident| {
            let is_own = values.iter().any(|(name, value)| name == column && matches!(value, Value::Column));
            is_own && columns.into_iter().flatten().any(|known| known.name == *column && known.not_null)
        };
        key.iter().filter(|column| !never(column)).cloned().collect()
    }

    /// Identity columns that stay as they are where a row is changed.
    fn fixed_identity(
        &self,
        columns: &[Column],
        key: &[Ident],
        values: &[(Ident, Value)],
        way: Way,
    ) -> Option<Finding> {
        let is_fixed = |column: &&Column| {
            column.always_identity
                && !key.contains(&column.name)
                && values.iter().any(|(name, _)| *name == column.name)
        };
        let column = columns.iter().find(is_fixed).filter(|_| way == Way::Upsert)?;
        Some(self.finding(
            "identity-stays",
            format!(
                "its column {} is GENERATED ALWAYS AS IDENTITY: a row that is there keeps its number",
                column.name
            ),
            "nothing to do, if the numbers are the same on both sides; else make that column the key",
        ))
    }
}

/// What a row that is there gets: all but what the server never lets be changed.
fn updated(columns: &[Column], values: &[(Ident, Value)]) -> Vec<Ident> {
    let is_fixed = |name: &Ident| columns.iter().any(|column| column.always_identity && column.name == *name);
    values.iter().map(|(name, _)| name).filter(|name| !is_fixed(name)).cloned().collect()
}

/// A table's columns, fitted to the other side.
struct Fitted {
    foreign: Vec<(Ident, Sql)>,
    values: Vec<(Ident, Value)>,
}

/// Whether the rules leave this column in.
fn is_wanted(ruling: &Ruling, column: &Ident) -> bool {
    (ruling.columns.is_empty() || ruling.columns.contains(column)) && !ruling.exclude_columns.contains(column)
}

#[cfg(test)]
mod tests;
