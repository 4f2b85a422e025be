//! What this run has created on the target, so that all of it can be removed again, and what was there before.
//!
//! Invariant: an entry is written down *before* its statement is sent, and struck out only when the server has
//! refused it. So everything of ours is in the ledger at any moment, and nothing of others ever is.

use std::collections::{BTreeSet, HashSet};

use crate::archive::{Entry, EntryId};

/// The ledger of a run.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Archive entries that exist on the target, or may exist, because of us.
    pub entries: BTreeSet<EntryId>,
    /// Whether we installed postgres_fdw.
    pub extension: bool,
}

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

    /// Whether the entry changes something that was there before. Such a change cannot be undone by dropping, so it
    /// waits until everything else has succeeded.
    #[must_use]
    pub fn is_changed_by(&self, entry: &Entry) -> bool {
        let after = |word: &str| entry.name.strip_prefix(word);
        match entry.kind.as_str() {
            "COMMENT" | "ACL" | "SECURITY LABEL" => {
                after("SCHEMA ").is_some_and(|schema| self.schemas.contains(schema))
                    || after("EXTENSION ").is_some_and(|extension| self.extensions.contains(extension))
            }
            // Of a role, which is never ours.
            "DEFAULT ACL" => true,
            _ => self.holds(entry),
        }
    }
}
