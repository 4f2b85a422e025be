//! What was asked of `sequences`.
//!
//! Invariant: as for every job, parsed values only; a policy that follows the source comes with one.
//! Deliberately absent: how a sequence is decided.

use crate::pg::conninfo::Conninfo;
use crate::plan::select::Selection;
use crate::sequences::decide::Policy;

/// Sequences to be brought to where no next value can collide.
#[derive(Debug)]
pub struct SequencesJob {
    /// Whose states are followed, if they are.
    pub source: Option<Conninfo>,
    /// Whose sequences these are.
    pub target: Conninfo,
    /// Which of them.
    pub selection: Selection,
    /// What they are to be brought to.
    pub policy: Policy,
    /// Number of sessions that look at the data.
    pub workers: usize,
    /// Only say what would be set.
    pub dry_run: bool,
}
