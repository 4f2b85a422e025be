//! The plan of a copy with its statements, as text and as a value.
//!
//! Invariant: pure; the statements are those that would be run, but for the bridge's own.
//! Deliberately absent: printing.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::statement;
use crate::pg::ident::Ident;
use crate::pg::sql::Sql;
use crate::plan::incremental::{CopyPlan, Group, TableCopy};

/// For people.
#[must_use]
pub fn text(plan: &CopyPlan) -> String {
    let mut text = String::new();
    for (number, group) in plan.groups.iter().enumerate() {
        let _ =
            writeln!(text, "-- group {} of {}: one transaction of one worker", number + 1, plan.groups.len());
        for table in &group.tables {
            let key = Sql::join(&table.key, ", ").to_string();
            let by = if key.is_empty() { key } else { format!(" by {key}") };
            let since =
                table.watermark.as_ref().map(|by| format!(", new by {}", by.column)).unwrap_or_default();
            let _ = writeln!(
                text,
                "--   {} -> {}: {}{by}{since}",
                table.source.plain(),
                table.target.plain(),
                table.way.name()
            );
        }
        for sql in statements(group) {
            let _ = writeln!(text, "{sql};");
        }
        text.push('\n');
    }
    text
}

/// For programs.
#[must_use]
pub fn value(plan: &CopyPlan) -> Value {
    let table = |table: &TableCopy| {
        json!({
            "source": table.source,
            "into": table.target,
            "mode": table.way.name(),
            "columns": table.values.iter().map(|(name, _)| name).collect::<Vec<_>>(),
            "key": table.key,
            "watermark": table.watermark.as_ref().map(|by| &by.column),
        })
    };
    let group = |group: &Group| {
        json!({
            "tables": group.tables.iter().map(table).collect::<Vec<_>>(),
            "statements": statements(group).iter().map(Sql::to_string).collect::<Vec<_>>(),
        })
    };
    json!({ "groups": plan.groups.iter().map(group).collect::<Vec<_>>() })
}

fn statements(group: &Group) -> Vec<Sql> {
    let server = Ident::new("fdwcopy");
    let rows = group
        .tables
        .iter()
        .flat_map(|table| [statement::foreign_table(&server, table), statement::insert(table, None)]);
    let before = statement::before(group).into_iter();
    before.chain(rows).chain([statement::check()]).chain(statement::after(group)).collect()
}
