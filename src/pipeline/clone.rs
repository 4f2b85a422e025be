//! The phases of a clone, and their undoing.
//!
//! Invariant: everything that is made on the target is in the ledger first; if any phase fails, is interrupted or
//! panics, what the ledger names is removed again before the report is given.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::{Servers, approve, dump, plan, refuse, timed};
use crate::archive::Archive;
use crate::bridge::extension;
use crate::copy::{self, RowsReady};
use crate::error::{Error, Kind, Result};
use crate::janitor::Janitors;
use crate::job::{Job, VerifyLevel};
use crate::ledger::{self, Made};
use crate::pg::session::TargetSession;
use crate::plan::Plan;
use crate::preflight::{self, Approved};
use crate::progress::{Level, Phase};
use crate::report::{Consistency, Finding, Report, TableReport};
use crate::run::Run;
use crate::schema::post_data::Building;
use crate::schema::{Lost, closing, pre_data};
use crate::snapshot::{Held, Locks, Pinned, Pinning};
use crate::verify::{How, Tally};
use crate::{analyze, sequences, undo, verify};

/// Clones under the eyes of janitors: whatever goes wrong, they put both sides in order.
pub(super) async fn all_or_nothing(
    job: &Job,
    servers: &Servers,
    run: &Run,
    report: &mut Report,
) -> Result<()> {
    let posted = Janitors::post(&servers.source, &servers.target, run).await;
    let janitors = posted.map_err(|error| match error.kind() {
        Kind::Preflight => refuse(vec![preflight::finding("another-run", &error)], report),
        _ => error,
    })?;
    let watched = janitors.watched(run);
    let phases = AssertUnwindSafe(phases(job, servers, &janitors, &watched, report)).catch_unwind().await;
    let panicked = |_| Err(Error::new(Kind::Internal, "a phase panicked; please report this"));
    let Err(error) = phases.unwrap_or_else(panicked) else {
        janitors.dismiss().await;
        return Ok(());
    };
    let error = match janitors.loss() {
        Some(loss) if error.kind() == Kind::Interrupted && !run.stop.is_given() => loss,
        _ => error,
    };
    if error.kind() == Kind::Preflight {
        janitors.dismiss().await;
        return Err(error);
    }
    match timed(Phase::Undo, report, run, undo::undo(janitors, &servers.target, run)).await {
        Ok(()) => Err(error),
        Err(undo_error) => Err(error.and_also(&undo_error)),
    }
}

async fn phases(
    job: &Job,
    servers: &Servers,
    janitors: &Janitors,
    run: &Run,
    report: &mut Report,
) -> Result<()> {
    let approved = approve(job, servers, run, report).await?;
    Clone { job, servers, guard: janitors.guard(), approved, run }.phases(report).await
}

/// A clone that preflight has approved.
struct Clone<'a> {
    job: &'a Job,
    servers: &'a Servers,
    guard: &'a TargetSession,
    approved: Approved,
    run: &'a Run,
}

impl Clone<'_> {
    async fn phases(&mut self, report: &mut Report) -> Result<()> {
        let (run, job, source, target) = (self.run, self.job, &self.servers.source, &self.servers.target);
        let (pinned, plan, states) = timed(Phase::Pin, report, run, async {
            self.open_ledger().await?;
            if !job.definitions.schema_only {
                extension::install(self.guard).await?;
            }
            let pinned = self.pin().await?;
            let plan = plan(job, self.servers, &self.approved);
            let states = sequences::read(source, &plan.sequences, run).await?;
            Ok((pinned, plan, states))
        })
        .await?;
        report.consistency = Consistency { agreed: true, attempts: pinned.attempts(), ..report.consistency };
        report.warnings.extend(plan.warnings.iter().cloned());
        report.not_copied.extend(plan.not_copied.iter().cloned());

        let (archive, mut lost) = timed(Phase::Schema, report, run, async {
            let snapshot = Some(pinned.held().snapshot());
            let archive = dump(job, self.servers, &self.approved, snapshot, run).await?;
            ledger::register(self.guard, &archive, run).await?;
            let made = Made::new();
            let lost = pre_data::apply(&archive, target, &self.approved.existing, &made, run).await?;
            Ok((archive, lost))
        })
        .await?;
        let plan = Arc::new(plan.without(|name| lost.relation(archive.pre_data(), name)));

        let rows = timed(Phase::Rows, report, run, copy::rows(pinned, &plan, run)).await?;
        report.tables = tables(&plan, &rows);
        // Before the post-data: an event trigger of the source might forbid it.
        report.warnings.extend(self.put_extension_away(&archive).await);
        let setting = sequences::set(target, &plan.sequences, &states, run);
        report.sequences = timed(Phase::Sequences, report, run, setting).await?;
        let building = self.build(&archive, &plan, rows.held, &mut lost);
        let source_numbers = timed(Phase::PostData, report, run, building).await?;
        if job.proof.analyze {
            let analyzing = analyze::run(target, &plan, job.workers, run);
            let warnings = timed(Phase::Analyze, report, run, analyzing).await?;
            report.warnings.extend(warnings);
        }
        if job.proof.level != VerifyLevel::None {
            let counting = verify::target(target, &plan, self.how(), run);
            let numbers = timed(Phase::Verify, report, run, counting).await?;
            report.differences = verify::compare(&plan, &source_numbers, &numbers);
            report.mark_verified(job.proof.level.name());
        }
        let closing = closing::close(&archive, &self.approved.existing, self.guard, &mut lost);
        timed(Phase::Finish, report, run, closing).await?;
        report.not_copied.append(&mut lost.not_copied);
        report.warnings.append(&mut lost.warnings);
        Ok(())
    }

    async fn open_ledger(&self) -> Result<()> {
        let opening = ledger::Opening {
            id: &self.run.id,
            mode: self.job.consistency.name(),
            resumable: self.job.consistency.is_resumable(),
            job: &self.job.extent(),
            existing: &self.approved.existing,
        };
        ledger::open(self.guard, &opening).await
    }

    /// Locks, pins, and reads the catalog again under the snapshot; once more if tables came or went in between.
    async fn pin(&mut self) -> Result<Pinned> {
        let servers = self.servers;
        let deadline = std::time::Instant::now() + self.job.snapshot_timeout;
        loop {
            let pinning = Pinning {
                source: &servers.source,
                target: &servers.target,
                hop: &self.approved.hop,
                // A worker without a chunk would only cost two sessions.
                workers: plan(self.job, servers, &self.approved).chunks.len().min(self.job.workers),
                timeout: self.job.snapshot_timeout,
            };
            let locked = self.approved.choice.clone();
            let names: Vec<_> = locked.locked(&self.approved.catalog).map(|r| r.name.clone()).collect();
            let taking = Locks::take(&servers.source, &names, self.run);
            let waiting = "for locks on the source's tables; another session holds stronger ones";
            match self.run.patiently(waiting, taking).await? {
                Some(locks) => {
                    let pinned = pinning.agree(locks, self.run).await?;
                    self.look_again(&pinned).await?;
                    if self.approved.choice.relations.is_subset(&locked.relations) {
                        return Ok(pinned);
                    }
                    pinned.give_up().await;
                }
                None => self.approved.read_again(self.job, &servers.source, self.run).await?,
            }
            if std::time::Instant::now() >= deadline {
                return Err(Error::new(
                    Kind::Snapshot,
                    "tables are created and dropped faster than they can be locked",
                )
                .object("source")
                .remedy("leave them out with -T or -N, or give it longer with --snapshot-timeout"));
            }
            self.run.note(Level::Verbose, "tables were created or dropped meanwhile; pinning again");
        }
    }

    async fn look_again(&mut self, pinned: &Pinned) -> Result<()> {
        let waiting = "for the source's catalogs; is a table locked there?";
        let catalog = self.run.patiently(waiting, pinned.held().catalog()).await?;
        self.approved.replace_catalog(catalog, self.job);
        Ok(())
    }

    /// Post-data on the target while the source counts its rows and is then let go.
    async fn build(&self, archive: &Archive, plan: &Arc<Plan>, held: Held, lost: &mut Lost) -> Result<Tally> {
        let servers = self.servers;
        let how = self.how();
        let building = Building {
            archive,
            plan,
            target: &servers.target,
            workers: self.job.workers,
            existing: &self.approved.existing,
            made: &Made::new(),
        };
        let counting = |run: Run| async move {
            let mut tally = Tally::new();
            if how.level != VerifyLevel::None {
                tally = verify::source(&servers.source, &held, plan, how, &run).await?;
            }
            held.release().await;
            Ok(tally)
        };
        let (tally, ()) =
            self.run.both(counting, |run| async move { building.run(lost, &run).await }).await?;
        Ok(tally)
    }

    fn how(&self) -> How {
        How {
            level: self.job.proof.level,
            workers: self.job.workers,
            same_encoding: self.approved.same_encoding,
        }
    }

    /// The extension goes when it was ours; where the source has it too, it stays, in the source's schema. A good
    /// copy is not undone because of it.
    async fn put_extension_away(&self, archive: &Archive) -> Option<Finding> {
        let wanted = archive.pre_data().iter().any(|e| e.kind == "EXTENSION" && e.name == "postgres_fdw");
        let home =
            self.approved.catalog.extensions.iter().find(|e| e.name == "postgres_fdw").filter(|_| wanted);
        let home = home.map(|extension| extension.schema.as_str());
        extension::put_away(self.guard, home).await.err().map(|error| Finding {
            code: "extension-left",
            object: "postgres_fdw".into(),
            message: crate::error::ErrorReport::from(&error).message,
            remedy: "on the target: DROP EXTENSION postgres_fdw; when nobody uses it any more".into(),
        })
    }
}

fn tables(plan: &Plan, rows: &RowsReady) -> Vec<TableReport> {
    let report = |index: usize| {
        let table = &plan.tables[index];
        let copied = rows.tables.get(&index).copied().unwrap_or_default();
        TableReport {
            schema: table.name.schema.as_str().into(),
            name: table.name.name.as_str().into(),
            rows: copied.rows,
            bytes: table.bytes,
            chunks: table.chunks,
            seconds: copied.seconds,
            verified: None,
        }
    };
    plan.planned_tables().into_iter().map(report).collect()
}
