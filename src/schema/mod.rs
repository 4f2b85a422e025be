//! Archive entries are applied to the target: pre-data in order, post-data as a graph in parallel.
//!
//! Invariant: an entry that the server refuses is named with the server's message and what needs it is skipped and
//! named; anything that is not about the object (a lost session, a full disk) stops the run.
//! Deliberately absent: SQL of our own, but for REFRESH; every definition is `pg_dump`'s.

mod batch;
pub mod graph;
pub mod post_data;
pub mod pre_data;

use std::collections::{BTreeSet, HashSet};

use crate::archive::{Entry, EntryId};
use crate::error::{Failure, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::report::{Finding, NotCopied};

/// What was on the target before the run, and is therefore neither created nor ever dropped by it.
#[derive(Debug, Clone, Default)]
pub struct Existing {
    /// Schemas.
    pub schemas: HashSet<String>,
    /// Extensions.
    pub extensions: HashSet<String>,
}

impl Existing {
    /// Whether the entry's object was there before.
    #[must_use]
    pub fn holds(&self, entry: &Entry) -> bool {
        match entry.kind.as_str() {
            "SCHEMA" => self.schemas.contains(&entry.name),
            "EXTENSION" => self.extensions.contains(&entry.name),
            _ => false,
        }
    }
}

/// What could not be applied.
#[derive(Debug, Default)]
pub struct Lost {
    /// The entries.
    pub ids: BTreeSet<EntryId>,
    /// Why, for the report.
    pub not_copied: Vec<NotCopied>,
    /// What is not worth an exit code.
    pub warnings: Vec<Finding>,
}

impl Lost {
    /// Whether the entry needs one that is lost.
    fn takes_along(&self, entry: &Entry) -> Option<EntryId> {
        entry.dependencies.iter().copied().find(|id| self.ids.contains(id))
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
        self.ids.insert(entry.id);
        let object = match &entry.schema {
            Some(schema) => format!("{schema}.{}", entry.name),
            None => entry.name.clone(),
        };
        self.not_copied.push(NotCopied { kind: entry.kind.clone(), object, reason });
    }

    /// Whether the definition of this relation is lost.
    #[must_use]
    pub fn relation(&self, entries: &[Entry], name: &QualifiedName) -> bool {
        entries.iter().filter(|entry| self.ids.contains(&entry.id)).any(|entry| {
            entry.schema.as_deref() == Some(name.schema.as_str())
                && entry.name == name.name.as_str()
                && matches!(entry.kind.as_str(), "TABLE" | "SEQUENCE" | "MATERIALIZED VIEW")
        })
    }
}

/// Runs statements that belong to one object; the server's reason if it refuses them.
async fn attempt(target: &TargetSession, statements: &Sql, about: &str) -> Result<Option<String>> {
    for _ in 0..5 {
        let Err(failure) = target.run(statements).await else { return Ok(None) };
        match failure.server_error() {
            // Two tasks met in an order that the dependencies do not tell; the server has undone this one.
            Some(error) if error.code().code() == "40P01" => {}
            Some(error) if is_about_the_object(error.code().code()) => {
                let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
                return Ok(Some(format!("{}{detail}", error.message())));
            }
            _ => return Err(fatal(failure, about)),
        }
    }
    Ok(Some("it met a deadlock five times".into()))
}

fn fatal(failure: Failure, about: &str) -> crate::error::Error {
    use crate::error::Context;
    let result: Result<()> = Err::<(), _>(failure).context(Kind::Schema, "it could not be created", about);
    result.expect_err("made from an error")
}

/// SQLSTATE classes that speak of the server, not of the statement: connection, resources, operator intervention,
/// system errors.
fn is_about_the_object(sqlstate: &str) -> bool {
    !["08", "53", "57", "58"].contains(&&sqlstate[..2])
}
