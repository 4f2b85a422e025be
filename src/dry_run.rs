//! What a clone would do, as text: the plan and every statement, pure.
//!
//! Invariant: made of the same values and the same statement builders that a run uses; holds no secret, because no
//! statement ever does.

use std::fmt::Write as _;

use indicatif::{HumanBytes, HumanCount};

use crate::archive::Archive;
use crate::bridge::{Hop, ddl};
use crate::copy::statement;
use crate::pg::ident::Ident;
use crate::pg::sql::Sql;
use crate::plan::Plan;
use crate::run::RunId;
use crate::{sequences, sql};

/// The text of the plan.
#[must_use]
pub fn show(plan: &Plan, archive: &Archive, hop: &Hop, id: &RunId) -> String {
    let mut text = String::new();
    heading(&mut text, "Plan");
    summary(&mut text, plan);
    heading(&mut text, "Schema: pre-data, in this order");
    for entry in archive.pre_data().iter().filter(|entry| !entry.is_empty()) {
        statements(&mut text, &entry.statements());
    }
    rows(&mut text, plan, hop, id);
    heading(
        &mut text,
        "Sequences: $1 names, $2 values, $3 whether they were handed out, read from the source",
    );
    for name in &plan.sequences {
        let _ = writeln!(text, "-- {}", name.plain());
    }
    statements(&mut text, &sequences::set_statement());
    heading(&mut text, "Post-data, in parallel where dependencies allow");
    for entry in archive.post_data().iter().filter(|entry| !entry.is_empty()) {
        statements(&mut text, &entry.statements());
    }
    for refresh in &plan.refreshes {
        statements(&mut text, &sql!("schema/refresh.sql", view = refresh.name));
    }
    heading(&mut text, "Statistics");
    for name in &plan.analyzed {
        statements(&mut text, &sql!("analyze/analyze.sql", tables = name));
    }
    text
}

fn heading(text: &mut String, title: &str) {
    let _ = writeln!(text, "{}-- {title}", if text.is_empty() { "" } else { "\n" });
}

fn statements(text: &mut String, sql: &Sql) {
    let statement = sql.as_str().trim_end();
    let _ = writeln!(text, "{statement}{}", if statement.ends_with(';') { "" } else { ";" });
}

fn summary(text: &mut String, plan: &Plan) {
    let _ = writeln!(
        text,
        "-- {} tables in {} chunks, {}; {} sequences; {} materialised views to refresh",
        HumanCount(plan.tables.len() as u64),
        HumanCount(plan.chunks.len() as u64),
        HumanBytes(plan.bytes()),
        HumanCount(plan.sequences.len() as u64),
        HumanCount(plan.refreshes.len() as u64),
    );
    for table in &plan.tables {
        let _ = writeln!(
            text,
            "--   {}: {}, {} {}, {} rows a batch{}",
            table.name.plain(),
            HumanBytes(table.bytes),
            table.chunks,
            if table.chunks == 1 { "chunk" } else { "chunks" },
            table.fetch_size,
            if table.own_rows_only { ", own rows only" } else { "" },
        );
    }
    for left in &plan.not_copied {
        let _ = writeln!(text, "-- not copied: {} {}: {}", left.kind, left.object, left.reason);
    }
}

fn rows(text: &mut String, plan: &Plan, hop: &Hop, id: &RunId) {
    heading(text, "Rows: every worker N opens one transaction with a bridge of its own");
    let server = Ident::new(format!("fdwcopy_{id}_wN"));
    statements(text, &sql!("bridge/begin.sql"));
    statements(text, &ddl::create_server(&server, hop, &format!("fdwcopy {id} bridge wN")));
    let _ = writeln!(
        text,
        "-- $1 the server, $2 the user, $3 the password: bind parameters, never part of a statement"
    );
    statements(text, &ddl::hand_over_login());
    statements(text, &ddl::create_user_mapping());
    statements(text, &ddl::arm(&server));
    statements(text, &ddl::pin());
    let _ = writeln!(text, "-- chunks, in the order in which workers pull them");
    let mut imported = std::collections::HashSet::new();
    for chunk in &plan.chunks {
        let table = plan.table_of(chunk);
        if imported.insert(table.oid) {
            statements(text, &ddl::import(&server, table));
        }
        statements(text, &statement::insert(table, chunk));
    }
    statements(text, &ddl::drop_server(&server));
    statements(text, &sql!("session/commit.sql"));
}
