//! `fdwcopy sync`: rows that differ, into tables that exist.
//!
//! Invariant: as in `copy`: all of it happens in transactions of the workers, which end together, so that there is nothing to
//! undo; a dry run rolls them back. With `--batch` there are several of them, one after the other, each with a snapshot of
//! its own, until nothing is left to do.
//! Deliberately absent: what differs (see `incremental::sync`).

use std::collections::HashMap;
use std::num::NonZeroU64;

use super::copy::{Begun, Copy};
use super::{Servers, connect, dismiss, post_for_trial, refuse, timed, without_role};
use crate::bridge::{Bridge, extension};
use crate::catalog::Oid;
use crate::catalog::columns::{self, Anatomy};
use crate::error::{Context, Error, Kind, Result};
use crate::incremental::Uncommitted;
use crate::incremental::state::Turn;
use crate::incremental::sync::{self, Pairs, Synced, Syncing};
use crate::job::sync::SyncJob;
use crate::pg::session::{SourceSession, plain_names};
use crate::plan::incremental::bucketing::Bucketing;
use crate::plan::incremental::{CopyPlan, TableCopy};
use crate::preflight::copying::{self, Ready};
use crate::progress::{Level, Phase};
use crate::report::{Difference, Report, SyncedReport, TableReport};
use crate::run::Run;
use crate::snapshot::{Held, Pinned};
use crate::temporary_role::TemporaryRole;
use crate::verify;

/// From this version on servers hash records.
const HASHES_RECORDS: u32 = 14;

/// Synchronises, or counts what differs.
pub(super) async fn run(job: &SyncJob, run: &Run, report: &mut Report) -> Result<()> {
    let base = &job.copy.base;
    let servers = connect(base, run, report).await?;
    let janitor = post_for_trial(base, &servers, run).await?;
    let mut role = None;
    let ended = phases(job, &servers, &mut role, run, report).await;
    let ended = without_role(role, ended, run, report).await;
    dismiss(janitor).await;
    ended
}

async fn phases(
    job: &SyncJob,
    servers: &Servers,
    role: &mut Option<TemporaryRole>,
    run: &Run,
    report: &mut Report,
) -> Result<()> {
    let checking = copying::check(&job.copy, (&servers.source, &servers.target), role, run);
    let mut ready = match timed(Phase::Preflight, report, run, checking).await? {
        Ok(ready) => ready,
        Err((findings, warnings)) => {
            report.warnings.extend(warnings);
            return Err(refuse(findings, report));
        }
    };
    report.warnings.append(&mut ready.warnings);
    let copy = Copy { job: &job.copy, servers, role: role.as_ref(), run };
    let mut done = HashMap::new();
    let mut left_before = u64::MAX;
    loop {
        let Step { syncing, synced, turn } = step(&copy, job, &mut ready, report).await?;
        add(&mut done, &synced);
        let left: u64 = synced.values().map(|table| table.left).sum();
        if left == 0 {
            tables(&syncing, &done, report);
            if !syncing.dry_run {
                copy.follow(&syncing.plan, report).await?;
            }
            turn.end().await;
            return Ok(());
        }
        let changed: u64 = done.values().map(Synced::changed).sum();
        run.note(Level::Normal, format!("{changed} changes are committed, {left} more were seen"));
        turn.end().await;
        if left >= left_before {
            return Err(too_fast(changed, left));
        }
        left_before = left;
    }
}

fn too_fast(changed: u64, left: u64) -> Error {
    let message = format!(
        "rows change faster than steps bring them over: {changed} changes are committed, {left} more were seen"
    );
    Error::new(Kind::Copy, message).object("--batch").remedy("let more changes be one step, or leave it out")
}

/// What one step has done.
struct Step {
    syncing: Syncing,
    synced: HashMap<Oid, Synced>,
    turn: Turn,
}

/// Under a snapshot of its own; committed, but for a dry run.
async fn step(copy: &Copy<'_>, job: &SyncJob, ready: &mut Ready, report: &mut Report) -> Result<Step> {
    let (servers, run) = (copy.servers, copy.run);
    let Begun { pinned, plan, turn, .. } = {
        let pinning = Box::pin(copy.pin(ready, report));
        let (result, took) = run.phase(Phase::Pin, pinning).await;
        report.phase_took(Phase::Pin, took);
        result?
    };
    report.consistency = pinned.consistency("snapshot");
    for warning in &plan.warnings {
        // The steps before have said most of it.
        if !report.warnings.contains(warning) {
            report.warnings.push(warning.clone());
        }
    }
    let (plan, bucketings) = match prepare(copy, ready, &pinned, plan).await {
        Ok(prepared) => prepared,
        Err(error) => {
            pinned.give_up().await;
            return Err(error);
        }
    };
    let syncing = Syncing {
        plan,
        bucketings,
        deletes: job.deletes,
        max_delete: job.max_delete,
        dry_run: job.copy.base.dry_run,
        step: job.step.map(NonZeroU64::get),
        fire_triggers: job.copy.asking.fire_triggers,
    };
    let working = Box::pin(work(pinned, servers, &syncing, run));
    let (uncommitted, synced) = timed(Phase::Rows, report, run, working).await?;
    if syncing.dry_run {
        uncommitted.give_up().await;
    } else {
        let last = ready.extension.as_ref().map(|_| extension::drop());
        turn.still_there().await?;
        timed(Phase::Finish, report, run, uncommitted.commit(last.as_ref(), run)).await?;
    }
    Ok(Step { syncing, synced, turn })
}

/// What the steps so far came to.
fn add(done: &mut HashMap<Oid, Synced>, step: &HashMap<Oid, Synced>) {
    for (table, now) in step {
        let before = done.get(table).copied().unwrap_or_default();
        done.insert(*table, now.after(&before));
    }
}

/// Lets the temporary role in, and decides how the rows of each table are matched.
async fn prepare(
    copy: &Copy<'_>,
    ready: &Ready,
    pinned: &Pinned,
    plan: CopyPlan,
) -> Result<(CopyPlan, HashMap<Oid, Bucketing>)> {
    copy.admit(&ready.look).await?;
    if !copy.job.base.dry_run {
        let words =
            "writers of the target's tables wait until the commit (SHARE ROW EXCLUSIVE), readers do not";
        copy.run.note(Level::Verbose, words);
    }
    let Servers { source, target, .. } = copy.servers;
    let reader = pinned.held().reader(source, copy.run).await?;
    let anatomies = anatomies(&plan, &reader, copy).await;
    reader.close().await;
    let anatomies = anatomies?;
    let records =
        [source.version(), target.version()].iter().all(|version| version.major() >= HASHES_RECORDS);
    let bucketings = ready.look.bucketings(&plan, [&anatomies[0], &anatomies[1]], records);
    Ok((plan, bucketings))
}

/// Columns and keys of both sides.
async fn anatomies(
    plan: &CopyPlan,
    reader: &SourceSession,
    copy: &Copy<'_>,
) -> Result<[HashMap<Oid, Anatomy>; 2]> {
    let failed = "names could not be qualified";
    reader.run(&plain_names()).await.context(Kind::Preflight, failed, "source")?;
    let (here, there): (Vec<Oid>, Vec<Oid>) =
        plan.tables().map(|table| (table.oid, table.target_oid)).unzip();
    // The target's sessions find names by their schema alone.
    let target = copy.servers.target.pooled(copy.run).await?;
    Ok([columns::read(reader, &here).await?, columns::read(&target, &there).await?])
}

/// The workers' part; nothing is committed.
async fn work(
    pinned: Pinned,
    servers: &Servers,
    syncing: &Syncing,
    run: &Run,
) -> Result<(Uncommitted, HashMap<Oid, Synced>)> {
    let (bridges, switch, held) = pinned.into_parts();
    // The readers stop with the bridges.
    let (readers_switch, stop) = run.stop.with_switch();
    let run = &run.under(stop);
    let readers = readers(&bridges, &held, servers, run).await;
    let readers = match readers {
        Ok(readers) => readers,
        Err(error) => {
            Uncommitted::new(bridges, held).give_up().await;
            return Err(error);
        }
    };
    let pairs: Pairs = bridges.into_iter().zip(readers).collect();
    let stop = || {
        switch.stop();
        readers_switch.stop();
    };
    let (bridges, synced) = sync::rows(pairs, syncing, stop, run).await;
    let uncommitted = Uncommitted::new(bridges, held);
    match synced {
        Ok(synced) => Ok((uncommitted, synced)),
        Err(error) => {
            uncommitted.give_up().await;
            Err(error)
        }
    }
}

/// A session on the source for each bridge, and on both the same spelling of values.
async fn readers(
    bridges: &[Bridge],
    held: &Held,
    servers: &Servers,
    run: &Run,
) -> Result<Vec<SourceSession>> {
    let open = |bridge, run| async move {
        let bridge: &Bridge = bridge;
        verify::prepare(bridge.session()).await?;
        let reader = held.reader(&servers.source, &run).await?;
        verify::prepare(&reader).await?;
        Ok(reader)
    };
    run.abreast(bridges, open).await
}

fn tables(syncing: &Syncing, synced: &HashMap<Oid, Synced>, report: &mut Report) {
    for table in syncing.plan.tables() {
        let told = synced.get(&table.oid).copied().unwrap_or_default();
        let still = left(table, &told, syncing.dry_run);
        report.tables.push(TableReport {
            schema: table.source.schema.as_str().into(),
            name: table.source.name.as_str().into(),
            rows: told.inserted + told.updated + told.deleted,
            bytes: table.bytes,
            chunks: 1,
            seconds: told.seconds,
            verified: (!syncing.dry_run || still.is_none()).then_some("checksum"),
            copied: None,
            synced: Some(SyncedReport {
                into: table.target.clone(),
                inserted: told.inserted,
                updated: told.updated,
                deleted: told.deleted,
                extra: told.extra,
                source_rows: told.rows,
            }),
        });
        report.differences.extend(still);
    }
    report.tables.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
    report.differences.sort_by(|a, b| (&a.schema, &a.name).cmp(&(&b.schema, &b.name)));
}

/// What still differs.
fn left(table: &TableCopy, told: &Synced, dry_run: bool) -> Option<Difference> {
    let counted = [
        (told.inserted, "to insert"),
        (told.updated, "to change"),
        (told.deleted, "to delete"),
        (told.extra, "of its own"),
    ];
    let counted = counted.into_iter().filter(|(rows, what)| *rows > 0 && (dry_run || what.starts_with("of")));
    let counted: Vec<String> = counted.map(|(rows, what)| format!("{rows} {what}")).collect();
    let rows = told.rows.to_string();
    (!counted.is_empty()).then(|| Difference::of(&table.source, "rows", rows, counted.join(", ")))
}
