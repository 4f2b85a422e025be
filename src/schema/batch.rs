//! Many small entries in few round trips.
//!
//! Invariant: what makes an object marks it in the ledger, in the same transaction. What holds a secret goes alone.
//! Deliberately absent: the order of entries, which is the archive's.

use super::{Lost, attempt, default_privileges, needs};
use crate::archive::Entry;
use crate::error::Result;
use crate::ledger::{Existing, Made, entries};
use crate::pg::server::Target;
use crate::pg::session::{TargetSession, plain_names};
use crate::pg::sql::Sql;
use crate::progress::{Event, Phase};
use crate::run::Run;

/// Entries sent in one message, which the server runs as one transaction; few enough for its lock table.
const BATCH: usize = 100;

/// What entries are run with.
pub(super) struct Batches<'a> {
    pub(super) target: &'a Target,
    pub(super) existing: &'a Existing,
    pub(super) made: &'a Made,
    /// Whether what is made must be kept from our role's default privileges.
    pub(super) plain_rights: bool,
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
            if batch.iter().any(|entry| is_extension(entry)) {
                let session = self.target.for_extensions(self.run).await?;
                self.run_batch(&session, batch).await?;
                session.close().await;
            } else {
                self.run_batch(&session, batch).await?;
            }
            self.run.emit(Event::TasksFinished { phase: self.phase, count: batch.len() });
        }
        Ok(())
    }

    async fn run_batch(&mut self, session: &TargetSession, batch: &[&Entry]) -> Result<()> {
        let is_new = |entry: &Entry| {
            (!self.existing.holds(entry) || entry.changes_only()) && !self.made.contains(&entry.id)
        };
        let wanted: Vec<&Entry> = batch.iter().copied().filter(|e| !e.is_empty() && is_new(e)).collect();
        if wanted.iter().any(|entry| entry.sql.is_secret() || self.lost.missing_for(entry).is_some()) {
            return self.run_one_by_one(session, &wanted).await;
        }
        if wanted.is_empty() || attempt(session, &self.script(&wanted), "schema").await?.is_none() {
            return Ok(());
        }
        self.run_one_by_one(session, &wanted).await
    }

    /// The entries' statements, and the mark of those that make something.
    fn script(&self, entries: &[&Entry]) -> Sql {
        let makes = entries.iter().filter(|entry| !self.existing.holds(entry)).map(|entry| &entry.id);
        // An extension's script may set the search path for what comes after it.
        let after = |entry: &Entry| is_extension(entry).then(plain_names);
        let statements = entries.iter().flat_map(|entry| [Some(entry.statements()), after(entry)]).flatten();
        let script = Sql::script(&entries::mark(makes).into_iter().chain(statements).collect::<Vec<_>>());
        if self.plain_rights { default_privileges::without(&script) } else { script }
    }

    async fn run_one_by_one(&mut self, session: &TargetSession, entries: &[&Entry]) -> Result<()> {
        for entry in entries {
            let reason = if let Some(lost) = self.lost.missing_for(entry) {
                Some(needs(lost))
            } else {
                attempt(session, &self.script(&[entry]), &entry.to_string())
                    .await?
                    .map(|refusal| refusal.reason)
            };
            if let Some(reason) = reason {
                self.lost.add(entry, reason);
            }
        }
        Ok(())
    }
}

fn is_extension(entry: &Entry) -> bool {
    entry.kind == "EXTENSION"
}
