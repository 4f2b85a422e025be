//! What this run has created on the target, so that all of it can be removed again.
//!
//! Invariant: an entry is written down *before* its statement is sent, and struck out only when the server has
//! refused it. So everything of ours is in the ledger at any moment, and nothing of others ever is.

use std::collections::BTreeSet;

use crate::archive::EntryId;

/// The ledger of a run.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Archive entries that exist on the target, or may exist, because of us.
    pub entries: BTreeSet<EntryId>,
    /// Whether we installed postgres_fdw.
    pub extension: bool,
}
