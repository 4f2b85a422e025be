//! `fdwcopy copy`: rows into tables that exist.
//!
//! Invariant: all of it happens in transactions of the workers, which end together; the extension `postgres_fdw`, where it is
//! missing, is made and dropped by such a transaction too. So there is nothing to undo.
//! Deliberately absent: the ledger, and the janitor but for a temporary role.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Instant;

use super::{Servers, connect, dismiss, post_for_trial, refuse, sequences, timed, without_role};
use crate::bridge::extension;
use crate::catalog::Oid;
use crate::error::{Error, ErrorReport, Kind, Result};
use crate::incremental::look::Look;
use crate::incremental::state::{self, Before, Tracking, Turn};
use crate::incremental::{self, Keeping, Written, show};
use crate::job::copy::CopyJob;
use crate::plan::incremental::{CopyPlan, Group};
use crate::preflight::copying::{self, Ready};
use crate::progress::{Level, Phase};
use crate::report::{CopiedReport, Finding, Report, TableReport};
use crate::run::Run;
use crate::snapshot::{Locks, Pinned, Pinning};
use crate::temporary_role::TemporaryRole;

/// Copies, or shows how it would.
pub(super) async fn run(job: &CopyJob, run: &Run, report: &mut Report) -> Result<Option<String>> {
    let servers = connect(&job.base, run, report).await?;
    let janitor = post_for_trial(&job.base, &servers, run).await?;
    let mut role = None;
    let ended = phases(job, &servers, &mut role, run, report).await;
    let ended = without_role(role, ended, run, report).await;
    dismiss(janitor).await;
    ended
}

async fn phases(
    job: &CopyJob,
    servers: &Servers,
    role: &mut Option<TemporaryRole>,
    run: &Run,
    report: &mut Report,
) -> Result<Option<String>> {
    let checking = copying::check(job, (&servers.source, &servers.target), role, run);
    let mut ready = match timed(Phase::Preflight, report, run, checking).await? {
        Ok(ready) => ready,
        Err((findings, warnings)) => {
            report.warnings.extend(warnings);
            return Err(refuse(findings, report));
        }
    };
    report.warnings.append(&mut ready.warnings);
    if job.base.dry_run {
        report.warnings.extend(ready.plan.warnings.iter().cloned());
        report.plan = Some(show::value(&ready.plan));
        return Ok(Some(show::text(&ready.plan)));
    }
    let copy = Copy { job, servers, role: role.as_ref(), run };
    copy.phases(ready, report).await.map(|()| None)
}

/// The snapshot is taken, and everything is known.
pub(super) struct Begun {
    pub(super) pinned: Pinned,
    pub(super) plan: CopyPlan,
    keeping: Keeping,
    pub(super) turn: Turn,
}

/// A copy on its way.
pub(super) struct Copy<'a> {
    pub(super) job: &'a CopyJob,
    pub(super) servers: &'a Servers,
    pub(super) role: Option<&'a TemporaryRole>,
    pub(super) run: &'a Run,
}

impl Copy<'_> {
    async fn phases(&self, mut ready: Ready, report: &mut Report) -> Result<()> {
        let run = self.run;
        let pinning = self.pin(&mut ready, report);
        let Begun { pinned, plan, keeping, turn } = {
            let (result, took) = run.phase(Phase::Pin, pinning).await;
            report.phase_took(Phase::Pin, took);
            result?
        };
        // Whatever fails from here on ends the session, and with it our turn.
        report.consistency = pinned.consistency("snapshot");
        report.warnings.extend(plan.warnings.iter().cloned());
        self.admit(&ready.look).await?;
        for group in &plan.groups {
            tell_locks(group, run);
        }
        let plan = Arc::new(plan);
        let copying = incremental::rows(pinned, &plan, keeping, run);
        let uncommitted = timed(Phase::Rows, report, run, copying).await?;
        let last = ready.extension.as_ref().map(|_| extension::drop());
        turn.still_there().await?;
        let committing = uncommitted.commit(last.as_ref(), run);
        let mut written = timed(Phase::Finish, report, run, committing).await?;
        report.warnings.extend(written.values_mut().flat_map(|part| std::mem::take(&mut part.warnings)));
        report.tables = tables(&plan, &written);
        self.follow(&plan, report).await?;
        turn.end().await;
        Ok(())
    }

    /// Brings the sequences on that number what was copied. The rows are committed: what fails here is told.
    pub(super) async fn follow(&self, plan: &CopyPlan, report: &mut Report) -> Result<()> {
        if !self.job.sequences {
            return Ok(());
        }
        let tables: HashSet<Oid> = plan.tables().map(|table| table.target_oid).collect();
        let (source, target) = (&*self.servers.source, &*self.servers.target);
        let ends = sequences::Ends { source: Some(source), target };
        let followed = sequences::follow(ends, &tables, self.job.base.workers, self.run, report).await;
        self.run.stop.check()?;
        report.warnings.extend(followed.err().map(|error| Finding {
            code: "sequences-not-set",
            object: "target".into(),
            message: format!(
                "the rows are in, and the sequences as they were: {}",
                ErrorReport::from(&error)
            ),
            remedy: "run: fdwcopy sequences".into(),
        }));
        Ok(())
    }

    /// Locks, pins, and plans again under the snapshot; once more if tables came or went in between.
    pub(super) async fn pin(&self, ready: &mut Ready, report: &mut Report) -> Result<Begun> {
        let (run, base, servers) = (self.run, &self.job.base, self.servers);
        let deadline = Instant::now() + base.snapshot_timeout;
        let has_watermarks = self.job.asking.has_watermarks();
        if has_watermarks && !ready.home.present {
            state::create(&servers.target, run).await?;
        }
        let prelude: Vec<_> = ready.extension.iter().cloned().collect();
        let mut turn = Turn::take(&servers.target, &ready.plan, run).await?;
        loop {
            if !turn.covers(&ready.plan) {
                turn.end().await;
                turn = Turn::take(&servers.target, &ready.plan, run).await?;
            }
            let groups = ready.plan.groups.len();
            let holders = ready.look.holder_plans(base.shape(servers.source.version()));
            let pinning = Pinning {
                source: &servers.source,
                target: &servers.target,
                hop: &ready.hop,
                // Two transactions cannot make one extension.
                workers: if prelude.is_empty() { groups.min(base.workers) } else { 1 },
                prelude: &prelude,
                tables: &holders,
                standby: ready.look.catalog.database.standby,
                timeout: base.snapshot_timeout,
            };
            let waiting = "for locks on the source's tables; another session holds stronger ones";
            let locked = ready.look.locked();
            // What is open later begins later than what is asked for now.
            let before = if has_watermarks { Some(Before::ask(&servers.source, run).await?) } else { None };
            if let Some(locks) = run.patiently(waiting, Locks::take(&servers.source, &locked, run)).await? {
                let pinned = pinning.agree(locks, run).await?;
                let holders = ready.look.holders();
                match self.look_again(&pinned, ready).await {
                    Ok(Ok(plan)) if ready.look.holders().is_subset(&holders) && turn.covers(&plan) => {
                        let keeping = self.keeping(before, ready, report).await?;
                        return Ok(Begun { pinned, plan, keeping, turn });
                    }
                    Ok(Ok(plan)) => ready.plan = plan,
                    Ok(Err(findings)) => {
                        pinned.give_up().await;
                        return Err(refuse(findings, report));
                    }
                    Err(error) => {
                        pinned.give_up().await;
                        return Err(error);
                    }
                }
                pinned.give_up().await;
            }
            if Instant::now() >= deadline {
                return Err(moving());
            }
            run.note(Level::Verbose, "tables were created or dropped meanwhile; locking again");
        }
    }

    async fn look_again(&self, pinned: &Pinned, ready: &mut Ready) -> Result<Result<CopyPlan, Vec<Finding>>> {
        let Self { job, servers, run, .. } = self;
        let reader = pinned.held().reader(&servers.source, run).await?;
        let there = servers.target.pooled(run).await?;
        let look = Look::take(&job.asking, &job.base.selection, &reader, &there).await;
        reader.close().await;
        let mut look = look?;
        look.catalog.keep_widths(&ready.look.catalog);
        let plan = look.plan(&job.asking);
        ready.look = look;
        Ok(plan)
    }

    /// What is kept of the copy, now that the snapshot is taken.
    async fn keeping(&self, before: Option<Before>, ready: &Ready, report: &mut Report) -> Result<Keeping> {
        let Some(before) = before else {
            let usable = ready.home.present && ready.home.obstacle.is_none();
            return Ok(if usable { Keeping::NoLonger } else { Keeping::Nothing });
        };
        let overlap = self.job.overlap;
        report.warnings.extend(before.warning(overlap));
        let taken = state::clock(&self.servers.source.pooled(self.run).await?).await?;
        let source = ready.source_identity.clone();
        Ok(Keeping::Watermarks(Box::new(Tracking { source, before, taken, overlap })))
    }

    /// Lets the temporary role read the tables.
    pub(super) async fn admit(&self, look: &Look) -> Result<()> {
        let Some(role) = self.role else { return Ok(()) };
        let tables: Vec<Oid> = look.choice.relations.iter().copied().collect();
        role.admit(&tables, self.run).await
    }
}

fn moving() -> Error {
    Error::new(Kind::Snapshot, "tables are created and dropped faster than they can be locked")
        .object("source")
        .remedy("leave them out with -T or -N, or give it longer with --snapshot-timeout")
}

/// Whoever is made to wait should be able to learn by what.
fn tell_locks(group: &Group, run: &Run) {
    let names = |tables: &[(crate::pg::ident::QualifiedName, bool)]| {
        tables.iter().map(|(name, _)| name.plain()).collect::<Vec<_>>().join(", ")
    };
    if !group.truncated.is_empty() {
        let words = "emptied by TRUNCATE: readers and writers wait until the commit (ACCESS EXCLUSIVE)";
        run.note(Level::Normal, format!("{}: {words}", names(&group.truncated)));
    }
    if !group.deleted.is_empty() {
        let words = "emptied by DELETE: writers wait until the commit, readers do not (SHARE ROW EXCLUSIVE)";
        run.note(Level::Normal, format!("{}: {words}", names(&group.deleted)));
    }
}

fn tables(plan: &CopyPlan, written: &HashMap<Oid, Written>) -> Vec<TableReport> {
    let mut tables: Vec<TableReport> = plan
        .tables()
        .map(|table| {
            let part = written.get(&table.oid).cloned().unwrap_or_default();
            TableReport {
                schema: table.source.schema.as_str().into(),
                name: table.source.name.as_str().into(),
                rows: part.rows,
                bytes: table.bytes,
                chunks: 1,
                seconds: part.seconds,
                verified: None,
                copied: Some(CopiedReport {
                    mode: table.way.name(),
                    into: table.target.clone(),
                    watermark: part.watermark,
                }),
                synced: None,
            }
        })
        .collect();
    tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    tables
}
