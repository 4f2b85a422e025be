//! The statements of a copy into tables that exist, pure.
//!
//! Invariant: a row that is there is only written to where its values differ, byte by byte: numbers of another scale and
//! words of another case that compare as equal do differ.
//! Deliberately absent: which tables and columns (see `plan::incremental`), and the bridge.

use crate::catalog::tables::{Fires, Trigger};
use crate::pg::ident::{Ident, Literal, QualifiedName};
use crate::pg::sql::Sql;
use crate::plan::incremental::{Extent, Group, TableCopy, Value, Watermark, Way};
use crate::sql;

/// What comes before the rows of a group: locks, triggers, keys that wait, and the emptying.
#[must_use]
pub fn before(group: &Group) -> Vec<Sql> {
    let mut statements: Vec<Sql> = lock(&group.locked).into_iter().collect();
    if group.replica {
        statements.push(hold_off());
    }
    if group.told_to_fire {
        statements.push(let_fire());
    }
    statements.extend(group.silenced.iter().map(disable));
    if !group.deferred.is_empty() {
        let constraints = Sql::join(&group.deferred, ", ");
        statements.push(sql!("incremental/defer.sql", constraints = constraints));
    }
    if !group.truncated.is_empty() {
        let tables = Sql::join(group.truncated.iter().map(meant), ", ");
        statements.push(sql!("incremental/truncate.sql", tables = tables));
    }
    statements.extend(group.deleted.iter().map(|table| sql!("incremental/delete.sql", table = meant(table))));
    statements
}

/// Locks these tables against writers, if there are any.
#[must_use]
pub fn lock(tables: &[Extent]) -> Option<Sql> {
    (!tables.is_empty()).then(|| lock_those(&Sql::join(tables.iter().map(meant), ", ")))
}

/// Locks what is copied of these tables against writers.
#[must_use]
pub fn lock_themselves(tables: &[TableCopy]) -> Sql {
    lock_those(&Sql::join(tables.iter().map(whole), ", "))
}

fn lock_those(tables: &Sql) -> Sql {
    sql!("incremental/lock.sql", tables = tables)
}

/// From here on triggers do not fire, those of foreign keys neither.
#[must_use]
pub fn hold_off() -> Sql {
    sql!("incremental/hold_off.sql")
}

/// From here on they fire again.
#[must_use]
pub fn let_fire() -> Sql {
    sql!("incremental/let_fire.sql")
}

/// What comes after them: keys that waited are checked, before any worker commits.
#[must_use]
pub fn check() -> Sql {
    sql!("incremental/check.sql")
}

/// Triggers are as they were.
#[must_use]
pub fn after(group: &Group) -> Vec<Sql> {
    let held_off = group.replica.then(let_fire);
    held_off.into_iter().chain(group.silenced.iter().map(enable)).collect()
}

/// The foreign table over which a table's rows come.
#[must_use]
pub fn foreign_table(server: &Ident, table: &TableCopy) -> Sql {
    let column =
        |(name, type_name): &(Ident, Sql)| sql!("incremental/column.sql", name = name, type_name = type_name);
    let own = table.own_rows_only.then(|| sql!("incremental/tableoid.sql", tableoid = tableoid(table)));
    sql!(
        "incremental/foreign_table.sql",
        local = local_name(table),
        columns = Sql::join(table.foreign.iter().map(column).chain(own), ", "),
        server = server,
        schema = Literal::new(table.source.schema.as_str()),
        table = Literal::new(table.source.name.as_str()),
        fetch_size = table.fetch_size
    )
}

/// The statement that brings a table's rows; within these bounds, if there are any.
#[must_use]
pub fn insert(table: &TableCopy, bounds: Option<&Sql>) -> Sql {
    let columns = if table.values.is_empty() {
        Sql::nothing()
    } else {
        sql!("incremental/column_list.sql", list = names(table))
    };
    sql!(
        "incremental/insert.sql",
        table = table.target,
        columns = columns,
        selected = needed(table, bounds),
        conflict = conflict(table)
    )
}

fn names(table: &TableCopy) -> Sql {
    Sql::join(table.values.iter().map(|(name, _)| name), ", ")
}

fn conflict(table: &TableCopy) -> Sql {
    let key = Sql::join(&table.key, ", ");
    match table.way {
        Way::Replace => Sql::nothing(),
        Way::Upsert | Way::Sync if !table.updated.is_empty() => change(table, &key),
        Way::Append | Way::Upsert | Way::Sync => sql!("incremental/keep.sql", key = key),
    }
}

/// The rows that have to be written, as far as that can be told before: ON CONFLICT would lock equal rows too, each of them in
/// the log.
fn needed(table: &TableCopy, bounds: Option<&Sql>) -> Sql {
    let selected = selection(table, bounds.cloned());
    if matches!(table.way, Way::Replace | Way::Sync) || !table.matching.comparable {
        return selected;
    }
    let mut same = vec![same_key(table)];
    if table.way == Way::Upsert && !table.updated.is_empty() {
        let there = table.updated.iter().zip(&table.matching.compared_as);
        let there =
            there.map(|(column, name)| sql!("incremental/there_as.sql", column = column, type_name = name));
        let (there, given) = (Sql::join(there, ", "), given(&table.updated));
        same.push(sql!("incremental/same_row.sql", there = there, given = given));
    }
    let same = Sql::join(same, " AND ");
    sql!(
        "incremental/missing.sql",
        names = names(table),
        selected = selected,
        there = whole(table),
        same = same
    )
}

fn given(columns: &[Ident]) -> Sql {
    Sql::join(columns.iter().map(|column| sql!("incremental/new.sql", column = column)), ", ")
}

fn same_key(table: &TableCopy) -> Sql {
    Sql::join(table.key.iter().map(|column| sql!("incremental/same_key.sql", column = column)), " AND ")
}

/// Finds a key that several rows of the source have, within these bounds.
#[must_use]
pub fn twice(table: &TableCopy, bounds: Option<&Sql>) -> Sql {
    let value = |column: &Ident| table.values.iter().find(|(name, _)| name == column);
    let typed = table.key.iter().zip(&table.matching.key_types).filter_map(|(column, type_name)| {
        let (name, value) = value(column)?;
        let expression = expression(name, value);
        Some(sql!("incremental/as_type.sql", expression = expression, type_name = type_name))
    });
    sql!(
        "incremental/twice.sql",
        key = Sql::join(typed, ", "),
        rows = rows(table, bounds.cloned()),
        names = Sql::join(&table.key, ", ")
    )
}

/// Where rows wait whose values of unique columns have changed places: the statements that bring them there, that take out
/// those that are there and put them back as they should be, that add the rest, and that clean up.
#[must_use]
pub fn in_turn(table: &TableCopy, stays: &[Ident], bounds: Option<&Sql>) -> [Sql; 4] {
    let staged = QualifiedName::new("pg_temp", format!("fdwcopy_staged_{}", table.oid));
    let comes: Vec<Ident> =
        table.values.iter().map(|(name, _)| name).filter(|name| !stays.contains(name)).cloned().collect();
    let kept = || stays.iter().map(|column| sql!("incremental/there.sql", column = column));
    let returned = table.key.iter().map(|column| sql!("incremental/there.sql", column = column));
    let names = names(table);
    [
        sql!(
            "incremental/stage.sql",
            staged = staged,
            names = names,
            target = table.target,
            selected = needed(table, bounds)
        ),
        sql!(
            "incremental/put_back.sql",
            there = whole(table),
            staged = staged,
            same = same_key(table),
            returned = Sql::join(returned.chain(kept()), ", "),
            target = table.target,
            columns = Sql::join(comes.iter().chain(stays), ", "),
            values = Sql::join([given(&comes)].into_iter().chain(kept()), ", ")
        ),
        sql!(
            "incremental/rest.sql",
            target = table.target,
            names = names,
            staged = staged,
            conflict = conflict(table)
        ),
        sql!("incremental/unstage.sql", staged = staged),
    ]
}

/// What an upsert goes back to where a value of a unique column is still taken.
#[must_use]
pub fn savepoint() -> Sql {
    sql!("incremental/savepoint.sql")
}

/// Undoes what came since.
#[must_use]
pub fn go_back() -> Sql {
    sql!("incremental/go_back.sql")
}

/// Keeps what came since.
#[must_use]
pub fn release() -> Sql {
    sql!("incremental/release.sql")
}

/// What is read of the source, wherever it goes.
#[must_use]
pub fn selected(table: &TableCopy) -> Sql {
    selection(table, None)
}

fn selection(table: &TableCopy, further: Option<Sql>) -> Sql {
    let values = table.values.iter().map(|(name, value)| expression(name, value));
    sql!("incremental/select.sql", values = Sql::join(values, ", "), rows = rows(table, further))
}

/// The largest value of the column by which new rows are found, and whether it is smaller than an earlier one; the user's
/// conditions do not matter to it.
#[must_use]
pub fn largest(table: &TableCopy, by: &Watermark, earlier: &Sql) -> Sql {
    let own = table.own_rows_only.then(|| own_rows(table));
    let condition = own.map(|own| sql!("incremental/where.sql", conditions = own));
    sql!(
        "incremental/largest.sql",
        column = by.column,
        type_name = by.type_name,
        earlier = earlier,
        local = local_name(table),
        condition = condition.unwrap_or_else(Sql::nothing)
    )
}

fn own_rows(table: &TableCopy) -> Sql {
    sql!("incremental/own_rows.sql", tableoid = tableoid(table), oid = table.oid)
}

/// The table of the target with all that is meant by it.
#[must_use]
pub fn whole(table: &TableCopy) -> Sql {
    meant(&(table.target.clone(), table.whole_tree))
}

fn change(table: &TableCopy, key: &Sql) -> Sql {
    let each = |render: fn(&Ident) -> Sql| Sql::join(table.updated.iter().map(render), ", ");
    sql!(
        "incremental/change.sql",
        key = key,
        changes = each(|column| sql!("incremental/changed.sql", column = column)),
        kept = each(|column| sql!("incremental/kept.sql", column = column)),
        given = each(|column| sql!("incremental/given.sql", column = column))
    )
}

/// Finds a row whose key is not whole, if the key might be NULL.
#[must_use]
pub fn broken_key(table: &TableCopy) -> Option<Sql> {
    let value = |column: &&Ident| table.values.iter().find(|(name, _)| name == *column);
    let is_null = |(name, given): &(Ident, Value)| {
        sql!("incremental/is_null.sql", expression = expression(name, given))
    };
    let nulls: Vec<Sql> =
        table.nullable_key.iter().filter_map(|column| value(&column)).map(is_null).collect();
    if nulls.is_empty() {
        return None;
    }
    let broken = condition(&Sql::join(nulls, " OR "));
    Some(sql!("incremental/any.sql", rows = rows(table, Some(broken))))
}

/// Asks the target whether it would let the source judge the conditions.
#[must_use]
pub fn explain(table: &TableCopy) -> Option<Sql> {
    (!table.conditions.is_empty()).then(|| sql!("incremental/explain.sql", rows = rows(table, None)))
}

fn rows(table: &TableCopy, further: Option<Sql>) -> Sql {
    let own = || own_rows(table);
    let conditions = table.conditions.iter().map(condition);
    let all: Vec<Sql> = table.own_rows_only.then(own).into_iter().chain(conditions).chain(further).collect();
    let all = if all.is_empty() {
        Sql::nothing()
    } else {
        sql!("incremental/where.sql", conditions = Sql::join(all, " AND "))
    };
    sql!("incremental/rows.sql", local = local_name(table), alias = table.source.name, condition = all)
}

/// A condition on a line of its own, so that a comment at its end ends with it.
#[must_use]
pub fn condition(text: &Sql) -> Sql {
    sql!("incremental/condition.sql", condition = text)
}

fn expression(name: &Ident, value: &Value) -> Sql {
    match value {
        Value::Column => Sql::join([name], ""),
        Value::Expression(expression) => sql!("incremental/expression.sql", expression = expression),
    }
}

/// The foreign table's name within `pg_temp`, where tables of several schemas meet.
fn local_name(table: &TableCopy) -> Ident {
    Ident::new(format!("fdwcopy_{}", table.oid))
}

/// The column that carries the source's `tableoid`.
fn tableoid(table: &TableCopy) -> Ident {
    let mut name = "fdwcopy_tableoid".to_owned();
    while table.foreign.iter().any(|(column, _)| column.as_str() == name) {
        name.push('_');
    }
    Ident::new(name)
}

/// A table alone, or with its partitions.
fn meant((table, whole_tree): &Extent) -> Sql {
    if *whole_tree { Sql::join([table], "") } else { sql!("incremental/only.sql", table = table) }
}

/// A trigger does not fire from here on.
#[must_use]
pub fn disable(trigger: &Trigger) -> Sql {
    sql!("incremental/disable_trigger.sql", table = trigger.table, trigger = trigger.name)
}

/// A trigger fires as it did before.
#[must_use]
pub fn enable(trigger: &Trigger) -> Sql {
    match trigger.fires {
        Fires::Origin => {
            sql!("incremental/enable_trigger.sql", table = trigger.table, trigger = trigger.name)
        }
        Fires::Replica => {
            sql!("incremental/enable_replica_trigger.sql", table = trigger.table, trigger = trigger.name)
        }
        Fires::Always => {
            sql!("incremental/enable_always_trigger.sql", table = trigger.table, trigger = trigger.name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::incremental::matching::Matching;

    fn table(way: Way) -> TableCopy {
        let names = ["id", "Note"].map(Ident::new);
        TableCopy {
            oid: 7,
            source: QualifiedName::new("shop", "orders"),
            own_rows_only: false,
            fetch_size: 100,
            bytes: 1,
            target: QualifiedName::new("staging", "orders"),
            target_oid: 8,
            whole_tree: false,
            way,
            foreign: names.iter().map(|name| (name.clone(), Sql::from_catalog("text"))).collect(),
            values: names.iter().map(|name| (name.clone(), Value::Column)).collect(),
            conditions: Vec::new(),
            key: vec![Ident::new("id")],
            nullable_key: Vec::new(),
            updated: vec![Ident::new("Note")],
            matching: Matching::default(),
            watermark: None,
            files: Vec::new(),
        }
    }

    #[test]
    fn a_row_that_is_there_is_changed_only_where_its_bytes_differ() {
        assert_eq!(
            insert(&table(Way::Upsert), None).as_str(),
            "INSERT INTO \"staging\".\"orders\" AS fdwcopy_kept (\"id\", \"Note\") OVERRIDING SYSTEM VALUE \
             SELECT \"id\", \"Note\" FROM pg_temp.\"fdwcopy_7\" AS \"orders\" \
             ON CONFLICT (\"id\") DO UPDATE SET \"Note\" = EXCLUDED.\"Note\" \
             WHERE pg_catalog.record_image_ne(ROW(fdwcopy_kept.\"Note\"), ROW(EXCLUDED.\"Note\"))"
        );
    }

    #[test]
    fn a_condition_cannot_swallow_what_follows_it() {
        let with = TableCopy { conditions: vec![Sql::from_user("id > 1 -- all")], ..table(Way::Append) };
        assert!(
            insert(&with, None).as_str().ends_with("WHERE (id > 1 -- all\n) ON CONFLICT (\"id\") DO NOTHING")
        );
    }

    #[test]
    fn the_rows_of_a_parent_are_told_from_its_childrens() {
        let parent = TableCopy { own_rows_only: true, ..table(Way::Replace) };
        assert!(insert(&parent, None).as_str().ends_with("WHERE \"fdwcopy_tableoid\" = 7::pg_catalog.oid"));
        assert!(
            foreign_table(&Ident::new("s"), &parent).as_str().contains("OPTIONS (column_name 'tableoid')")
        );
    }

    #[test]
    fn an_incomplete_key_is_looked_for_only_where_it_could_be() {
        assert!(broken_key(&table(Way::Upsert)).is_none());
        let open = TableCopy { nullable_key: vec![Ident::new("id")], ..table(Way::Upsert) };
        assert!(broken_key(&open).is_some_and(|query| query.as_str().contains("(\"id\") IS NULL")));
    }
}
