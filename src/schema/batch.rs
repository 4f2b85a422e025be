//! Many small entries in few round trips.
//!
//! Invariant: an entry is in the ledger while its statement may take effect, and only then. One with a secret goes alone.
//! Deliberately absent: the order of entries, which is the archive's.

use super::{Lost, attempt, needs};
use crate::archive::Entry;
use crate::error::Result;
use crate::ledger::{Existing, Ledger};
use crate::pg::server::Target;
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::progress::{Event, Phase};
use crate::run::Run;

/// Entries sent in one message, which the server runs as one transaction; few enough for its lock table.
const BATCH: usize = 100;

/// What entries are run with.
pub(super) struct Batches<'a> {
    pub(super) target: &'a Target,
    pub(super) existing: &'a Existing,
    pub(super) ledger: &'a mut Ledger,
    pub(super) lost: &'a mut Lost,
    pub(super) phase: Phase,
    pub(super) run: &'a Run,
}

impl Batches<'_> {
    /// Runs the entries in order. A batch that fails is undone by the server and then run one by one, so that one
    /// bad entry costs only itself.
    pub(super) async fn run(&mut self, entries: &[&Entry]) -> Result<()> {
        let session = self.target.pooled(self.run).await?;
        for batch in entries.chunks(BATCH) {
            self.run_batch(&session, batch).await?;
            self.run.emit(Event::TasksFinished { phase: self.phase, count: batch.len() });
        }
        Ok(())
    }

    async fn run_batch(&mut self, session: &TargetSession, batch: &[&Entry]) -> Result<()> {
        let is_new = |entry: &Entry| !self.existing.holds(entry) || entry.changes_only();
        let wanted: Vec<&Entry> = batch.iter().copied().filter(|e| !e.is_empty() && is_new(e)).collect();
        if wanted.iter().any(|entry| entry.sql.is_secret() || self.lost.missing_for(entry).is_some()) {
            return self.run_one_by_one(session, &wanted).await;
        }
        for entry in &wanted {
            self.write_down(entry);
        }
        let statements: Vec<Sql> = wanted.iter().map(|entry| entry.statements()).collect();
        if statements.is_empty() || attempt(session, &Sql::script(&statements), "schema").await?.is_none() {
            return Ok(());
        }
        for entry in &wanted {
            self.ledger.entries.remove(&entry.id);
        }
        self.run_one_by_one(session, &wanted).await
    }

    fn write_down(&mut self, entry: &Entry) {
        if !self.existing.holds(entry) {
            self.ledger.entries.insert(entry.id);
        }
    }

    async fn run_one_by_one(&mut self, session: &TargetSession, entries: &[&Entry]) -> Result<()> {
        for entry in entries {
            let reason = if let Some(lost) = self.lost.missing_for(entry) {
                Some(needs(lost))
            } else {
                self.write_down(entry);
                attempt(session, &entry.statements(), &entry.to_string()).await?
            };
            if let Some(reason) = reason {
                self.ledger.entries.remove(&entry.id);
                self.lost.add(entry, reason);
            }
        }
        Ok(())
    }
}
