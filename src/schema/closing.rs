//! The last transaction of a run: what changes something that the target had before, the dropping of what was
//! replaced, and event triggers, together with the closing of the ledger.
//!
//! Invariant: all of it is there or nothing: such changes cannot be undone by dropping, so they take effect at the
//! very moment from which nothing is undone any more. Event triggers come after the ledger, or they would fire at
//! its removal.
//! Whether its COMMIT took effect is asked where the answer was lost: the run would else be called failed with all of
//! its work in place.
//! Deliberately absent: anything that takes time.

use std::time::Duration;

use super::pre_data::is_privilege;
use super::{Lost, is_event_trigger, needs};
use crate::archive::{Archive, Entry};
use crate::error::{Context, Kind, Result};
use crate::ledger::{self, Existing, Until};
use crate::pg::server::Target;
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::replace;
use crate::report::{Finding, Replaced};
use crate::run::Run;
use crate::sql;
use crate::step::{self, Step};
use crate::stop::Stop;

const FAILED: &str = "the run could not be closed";
/// How often to ask for the fate of a COMMIT, and the pause in between.
const TRIES: u32 = 5;
const PAUSE: Duration = Duration::from_millis(200);

/// Runs the transaction on the session that guards the run; `steps` are what changes the database itself.
pub async fn close(
    archive: &Archive,
    existing: &Existing,
    steps: &[Step],
    guard: &TargetSession,
    lost: &mut Lost,
) -> Result<Closing> {
    let entries = || archive.pre_data().iter().chain(archive.post_data());
    let changes = entries().filter(|entry| existing.is_changed_by(entry, archive));
    let changes: Vec<&Entry> = changes.filter(|e| !existing.holds(e) || e.changes_only()).collect();
    let triggers: Vec<&Entry> = entries()
        .filter(|e| is_event_trigger(e) && !is_privilege(e) && !existing.is_changed_by(e, archive))
        .collect();
    guard.run(&sql!("schema/begin.sql")).await.context(Kind::Schema, FAILED, "target")?;
    apply(guard, &changes, lost).await?;
    for step in steps {
        if let Some(refusal) = step::attempt(guard, &step.statement, &step.object).await? {
            lost.not_copied.push(step.not_copied(refusal.reason));
        }
    }
    let (replaced, left) = replace::drop_all(guard).await?;
    lost.warnings.extend(left);
    lost.warnings.extend(leave_roles(guard).await?);
    guard.run(&ledger::close()).await.context(Kind::Schema, FAILED, "target")?;
    apply(guard, &triggers, lost).await?;
    let row =
        guard.one(&sql!("schema/transaction.sql"), &[]).await.context(Kind::Schema, FAILED, "target")?;
    Ok(Closing { transaction: column(&row, "transaction")?, replaced })
}

/// Ends the memberships of our role that were only meant for the run.
async fn leave_roles(guard: &TargetSession) -> Result<Option<Finding>> {
    let refusal = step::attempt(guard, &ledger::take_back(Until::End), "target").await?;
    Ok(refusal.map(|refusal| Finding {
        code: "membership-left",
        object: "target".into(),
        message: format!("our role is still a member of the roles that were made: {}", refusal.reason),
        remedy: "revoke these roles from it".into(),
    }))
}

/// The transaction, complete but for its COMMIT.
pub struct Closing {
    transaction: i64,
    /// What of the target was replaced.
    pub replaced: Vec<Replaced>,
}

impl Closing {
    /// Commits it; the point from which nothing is undone any more.
    pub async fn commit(self, guard: &TargetSession, target: &Target, run: &Run) -> Result<()> {
        let Err(failure) = guard.run(&sql!("schema/commit.sql")).await else { return Ok(()) };
        // The stop signal may have come before it or while it was under way: then this ends the transaction, or does
        // nothing.
        guard.rollback().await;
        let run = run.under(Stop::never());
        for _ in 0..TRIES {
            match self.took_effect(target, &run).await {
                Ok(true) => return Ok(()),
                Ok(false) => break,
                // The janitor may have ended that session too.
                Err(_) => tokio::time::sleep(PAUSE).await,
            }
        }
        Err(failure).context(Kind::Schema, FAILED, "target")
    }

    async fn took_effect(&self, target: &Target, run: &Run) -> Result<bool> {
        let session = target.dedicated("commit", &[], run).await?;
        let status = sql!("schema/transaction_status.sql", transaction = self.transaction);
        loop {
            let row = session.one(&status, &[]).await.context(Kind::Schema, FAILED, "target")?;
            match column::<Option<String>>(&row, "status")?.as_deref() {
                Some("committed") => return Ok(true),
                Some("in progress") => tokio::time::sleep(PAUSE).await,
                _ => return Ok(false),
            }
        }
    }
}

/// All entries at once, or one by one if the server refuses one of them.
async fn apply(guard: &TargetSession, entries: &[&Entry], lost: &mut Lost) -> Result<()> {
    let wanted: Vec<&Entry> = entries.iter().copied().filter(|entry| !entry.is_empty()).collect();
    let complete = wanted.iter().all(|entry| lost.missing_for(entry).is_none());
    if wanted.is_empty() || (complete && attempt(guard, &wanted).await?.is_none()) {
        return Ok(());
    }
    for entry in wanted {
        let reason = match lost.missing_for(entry) {
            Some(missing) => Some(needs(missing)),
            None => attempt(guard, &[entry]).await?,
        };
        if let Some(reason) = reason {
            lost.add(entry, reason);
        }
    }
    Ok(())
}

/// Runs the entries within a savepoint; the server's reason if it refuses one.
async fn attempt(guard: &TargetSession, entries: &[&Entry]) -> Result<Option<String>> {
    let statements: Vec<Sql> = entries.iter().map(|entry| entry.statements()).collect();
    let about = entries.first().map(ToString::to_string).unwrap_or_default();
    let refusal = step::attempt(guard, &Sql::script(&statements), &about).await?;
    Ok(refusal.map(|refusal| refusal.reason))
}
