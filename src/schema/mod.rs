//! Archive entries are applied to the target: pre-data in order, post-data as a graph in parallel.
//!
//! Invariant: an entry that the server refuses is named with the server's message and what needs it is skipped and
//! named; anything that is not about the object (a lost session, a full disk) stops the run.
//! Deliberately absent: SQL of our own, but for REFRESH; every definition is `pg_dump`'s.

pub mod attach;
mod batch;
pub mod closing;
pub mod column_order;
mod default_privileges;
mod early;
mod foreign_keys;
pub mod graph;
mod owners;
pub mod post_data;
pub mod pre_data;

use std::collections::BTreeMap;

use tokio_postgres::error::{DbError, SqlState};

use crate::archive::{Entry, EntryId};
use crate::error::{Failure, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::report::{Finding, NotCopied};
use crate::step;
pub use foreign_keys::definition::ForeignKey;

/// What could not be applied.
#[derive(Debug, Default)]
pub struct Lost {
    /// The entries, with their names for people.
    entries: BTreeMap<EntryId, String>,
    /// Why, for the report.
    pub not_copied: Vec<NotCopied>,
    /// What is not worth an exit code.
    pub warnings: Vec<Finding>,
}

impl Lost {
    /// The lost entry that this one needs, if there is one.
    fn missing_for(&self, entry: &Entry) -> Option<&str> {
        entry.dependencies.iter().find_map(|id| self.entries.get(id)).map(String::as_str)
    }

    fn add(&mut self, entry: &Entry, reason: String) {
        if entry.kind == "COMMENT" && entry.name.starts_with("EXTENSION ") {
            // Only an extension's owner may comment on it, and the comment came with the extension anyway.
            self.warnings.push(Finding {
                code: "extension-comment",
                object: entry.name.clone(),
                message: format!("its comment was not copied: {reason}"),
                remedy: "nothing to do, unless the comment was changed on the source".into(),
            });
            return;
        }
        self.entries.insert(entry.id, entry.to_string());
        let object = match &entry.schema {
            Some(schema) => format!("{schema}.{}", entry.name),
            None => entry.name.clone(),
        };
        self.not_copied.push(NotCopied { kind: entry.kind.clone(), object, reason });
    }

    /// Whether the definition of this relation is lost.
    #[must_use]
    pub fn relation(&self, entries: &[Entry], name: &QualifiedName) -> bool {
        self.is_lost(entries, name, &["TABLE", "SEQUENCE", "MATERIALIZED VIEW"])
    }

    /// Whether this table could not be made a partition.
    #[must_use]
    pub fn attachment(&self, entries: &[Entry], name: &QualifiedName) -> bool {
        self.is_lost(entries, name, &["TABLE ATTACH"])
    }

    fn is_lost(&self, entries: &[Entry], name: &QualifiedName, kinds: &[&str]) -> bool {
        if self.entries.is_empty() {
            return false;
        }
        // The archive's listing prints line ends within names as spaces.
        let printed = |name: &Ident| name.as_str().replace(['\n', '\r'], " ");
        entries.iter().filter(|entry| self.entries.contains_key(&entry.id)).any(|entry| {
            entry.schema.as_deref() == Some(printed(&name.schema).as_str())
                && entry.name == printed(&name.name)
                && kinds.contains(&entry.kind.as_str())
        })
    }
}

/// Why an entry is skipped that needs a lost one.
fn needs(lost: &str) -> String {
    format!("it needs {lost}, which could not be created")
}

/// Why the server refuses an object.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Refusal {
    /// In its words, or ours.
    reason: String,
    /// Whether rows that are there violate a foreign key.
    violates: bool,
}

/// Runs statements that belong to one object; the server's reason if it refuses them.
async fn attempt(target: &TargetSession, statements: &Sql, about: &str) -> Result<Option<Refusal>> {
    for _ in 0..5 {
        let done = if statements.is_secret() {
            target.run_secret_alone(statements).await
        } else {
            target.run(statements).await.map(drop)
        };
        let Err(failure) = done else { return Ok(None) };
        match failure.server_error() {
            // Two tasks met in an order that the dependencies do not tell; the server has undone this one.
            Some(error) if error.code().code() == "40P01" => {}
            _ => return refusal(failure, about).map(Some),
        }
    }
    Ok(Some(Refusal { reason: "it met a deadlock five times".into(), violates: false }))
}

/// Why the server refuses an object; anything that is not about the object is an error.
fn refusal(failure: Failure, about: &str) -> Result<Refusal> {
    let code = failure.server_error().map(DbError::code);
    let violates = code == Some(&SqlState::FOREIGN_KEY_VIOLATION);
    Ok(Refusal { reason: step::refusal(failure, about)?, violates })
}

/// Event triggers and their comments.
fn is_event_trigger(entry: &Entry) -> bool {
    entry.kind == "EVENT TRIGGER" || entry.name.starts_with("EVENT TRIGGER ")
}
