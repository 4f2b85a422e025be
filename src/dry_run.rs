//! What a clone would do, as text: the plan and every statement, pure.
//!
//! Invariant: made of the same values and the same statement builders that a run uses; holds no secret, because
//! statements that do show something else.

use std::fmt::Write as _;

use crate::archive::Archive;
use crate::bridge::{self, Hop, ddl};
use crate::copy::statement;
use crate::database::Changes;
use crate::error::{Error, Kind, Result};
use crate::large_objects::statement as objects;
use crate::pg::ident::QualifiedName;
use crate::pg::sql::Sql;
use crate::pg::version::Version;
use crate::plan::Plan;
use crate::plan::large_objects::Road;
use crate::replace::Replacement;
use crate::roles::{Bringing, make};
use crate::run::RunId;
use crate::schema::post_data;
use crate::{analyze, sequences, snapshot};

/// What a dry run is made of.
pub struct DryRun<'a> {
    /// The plan.
    pub plan: &'a Plan,
    /// The schema.
    pub archive: &'a Archive,
    /// What of the target would be replaced.
    pub replacement: &'a Replacement,
    /// How the target would reach the source.
    pub hop: &'a Hop,
    /// The roles that would be made.
    pub roles: &'a Bringing,
    /// What of the target's database itself would be changed.
    pub database: &'a Changes,
    /// Tables that would be locked on the source.
    pub locked: Vec<QualifiedName>,
    /// The source's version.
    pub version: Version,
    /// The run's id.
    pub id: &'a RunId,
}

impl DryRun<'_> {
    /// The plan and its statements as text.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        heading(&mut text, "Plan");
        summary(&mut text, self.plan);
        if !self.replacement.is_empty() {
            heading(&mut text, "Moved aside on the target, and dropped by the last transaction");
            text.push_str(&self.replacement.text());
        }
        self.pin(&mut text);
        self.roles(&mut text);
        heading(&mut text, "Schema: pre-data, in this order; privileges come last");
        for entry in self.archive.pre_data().iter().filter(|entry| !entry.is_empty()) {
            statements(&mut text, &entry.statements());
        }
        self.rows(&mut text);
        self.large_objects(&mut text);
        heading(
            &mut text,
            "Sequences: $1 names, $2 values, $3 whether they were handed out, read from the source",
        );
        for name in &self.plan.sequences {
            let _ = writeln!(text, "-- {}", name.plain());
        }
        statements(&mut text, &sequences::set_statement());
        heading(&mut text, "Post-data, in parallel where dependencies allow");
        for entry in self.archive.post_data().iter().filter(|entry| !entry.is_empty()) {
            statements(&mut text, &entry.statements());
        }
        for refresh in &self.plan.refreshes {
            statements(&mut text, &post_data::refresh(&refresh.name));
        }
        heading(&mut text, "Statistics");
        if !self.plan.analyzed.is_empty() {
            statements(&mut text, &analyze::statement(&self.plan.analyzed));
        }
        if !self.database.steps.is_empty() {
            heading(&mut text, "The database itself, in the last transaction");
        }
        for step in &self.database.steps {
            statements(&mut text, &step.statement);
        }
        text
    }

    fn roles(&self, text: &mut String) {
        if self.roles.roles.is_empty() {
            return;
        }
        heading(text, "Roles; passwords as data of a COPY, and set inside the target");
        for part in make::parts(self.roles, &make::unread_passwords(self.roles)) {
            statements(text, &part.step.statement);
        }
    }

    /// The plan and its statements for the report.
    pub fn value(&self) -> Result<serde_json::Value> {
        let failed = |e| Error::new(Kind::Internal, "the plan could not be written down").caused_by(e);
        let mut value = serde_json::to_value(self.plan).map_err(failed)?;
        value["statements"] = self.text().into();
        Ok(value)
    }

    fn pin(&self, text: &mut String) {
        heading(text, "Locks and snapshot, on the source");
        if !self.locked.is_empty() {
            statements(text, &snapshot::lock(&self.locked));
        }
        statements(text, &snapshot::begin());
        statements(text, &snapshot::export(self.version));
    }

    fn rows(&self, text: &mut String) {
        heading(text, "Rows: every worker N opens one transaction on the target with a bridge of its own");
        let server = bridge::server_name("wN", self.id);
        statements(text, &ddl::begin());
        let application_name = bridge::source_application_name("wN", self.id);
        statements(text, &ddl::create_server(&server, self.hop, &application_name));
        let _ = writeln!(
            text,
            "-- with the password: as data of a COPY into a temporary table, and executed inside the target"
        );
        statements(text, &ddl::create_user_mapping(&server, self.hop));
        statements(text, &ddl::arm(&server));
        statements(text, &ddl::pin(&server));
        let _ = writeln!(text, "-- chunks, in the order in which workers pull them");
        let mut imported = std::collections::HashSet::new();
        for chunk in &self.plan.chunks {
            let table = self.plan.table_of(chunk);
            if imported.insert(table.oid) {
                statements(text, &ddl::import(&server, table));
            }
            statements(text, &statement::insert(table, chunk));
        }
        statements(text, &ddl::drop_server(&server));
        statements(text, &ddl::commit());
    }

    fn large_objects(&self, text: &mut String) {
        let plan = &self.plan.large_objects;
        if plan.is_empty() {
            return;
        }
        let count = plan.count;
        match plan.road {
            Road::Catalogs => {
                heading(
                    text,
                    &format!("Large objects: {count}, pulled over the same bridges before they are dropped"),
                );
                statements(text, &objects::import(&bridge::server_name("wN", self.id)));
                for &range in &plan.ranges {
                    statements(text, &objects::create(range));
                    statements(text, &objects::extend(range, plan.page));
                    statements(text, &objects::pull(range, plan.page));
                }
            }
            Road::Streamed => {
                heading(
                    text,
                    &format!(
                        "Large objects: {count}, in pieces through fdwcopy, written in the workers' transactions"
                    ),
                );
                for &range in &plan.ranges {
                    let _ = writeln!(text, "-- {}", range.named());
                    statements(text, &objects::sizes(range));
                }
                let _ = writeln!(text, "-- for each portion: on the target, on the source, on the target");
                statements(text, &objects::create_listed());
                statements(text, &objects::pieces());
                statements(text, &objects::put());
            }
        }
        let _ = writeln!(
            text,
            "-- then owners, comments, labels and rights, as read from the source, 200 in a transaction"
        );
    }
}

fn heading(text: &mut String, title: &str) {
    let _ = writeln!(text, "{}-- {title}", if text.is_empty() { "" } else { "\n" });
}

fn statements(text: &mut String, sql: &Sql) {
    let shown = sql.to_string();
    let statement = shown.trim_end();
    let _ = writeln!(text, "{statement}{}", if statement.ends_with(';') { "" } else { ";" });
}

fn summary(text: &mut String, plan: &Plan) {
    let _ = writeln!(
        text,
        "-- {} tables in {} chunks, {} kB; {} sequences; {} materialised views to refresh",
        plan.planned_tables().len(),
        plan.chunks.len(),
        plan.bytes() / 1024,
        plan.sequences.len(),
        plan.refreshes.len(),
    );
    for table in &plan.tables {
        let _ = writeln!(
            text,
            "--   {}: {} kB, {} {}, {} rows a batch{}",
            table.name.plain(),
            table.bytes / 1024,
            table.chunks,
            if table.chunks == 1 { "chunk" } else { "chunks" },
            table.fetch_size,
            if table.own_rows_only { ", own rows only" } else { "" },
        );
    }
    for left in &plan.not_copied {
        let _ = writeln!(text, "-- not copied: {} {}: {}", left.kind, left.object, left.reason);
    }
    for warning in &plan.warnings {
        let _ = writeln!(text, "-- warning: {}: {}", warning.object, warning.message);
    }
}
