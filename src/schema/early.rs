//! What the values of tables name has to be there before the rows: indexes, whose definitions come after them otherwise.
//!
//! Invariant: the archive's order.
//! Deliberately absent: which they are (see `plan::values`).

use super::Lost;
use super::batch::Batches;
use super::post_data::Building;
use crate::archive::Entry;
use crate::error::Result;
use crate::ledger::Made;
use crate::progress::{Event, Phase};
use crate::run::Run;

impl Building<'_> {
    /// Makes the plan's early indexes; returns what was made.
    pub async fn early(&self, lost: &mut Lost, run: &Run) -> Result<Made> {
        let is_early = |entry: &&Entry| {
            matches!(entry.kind.as_str(), "INDEX" | "CONSTRAINT")
                && self.plan.early.contains(&entry.oid)
                && !self.made.contains(&entry.id)
        };
        let entries: Vec<&Entry> = self.archive.post_data().iter().filter(is_early).collect();
        if entries.is_empty() {
            return Ok(Made::new());
        }
        let phase = Phase::Schema;
        run.emit(Event::TasksPlanned { phase, total: entries.len() });
        let (target, existing, made) = (self.target, self.existing, self.made);
        Batches { target, existing, made, plain_rights: false, lost, phase, run }.run(&entries).await?;
        Ok(entries.iter().map(|entry| entry.id).collect())
    }
}
