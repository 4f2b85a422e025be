//! `fdwcopy sync`: tables of the target become equal to the source's, and only rows that differ travel.
//!
//! Invariant: the target's tables are locked against writers before they are looked at; what is changed is summed up again
//! before anybody commits, and must then sum up to what the source has; a group is one transaction of one worker. Where it is
//! to be changed in steps, each is such a transaction, and the last one is proved.
//! Deliberately absent: choices (see `plan::incremental`).

mod apply;
mod division;
mod search;
mod statement;
mod steps;

use std::collections::HashMap;
use std::time::Instant;

use futures_util::future::join_all;

use super::statement as shared;
use crate::bridge::Bridge;
use crate::catalog::Oid;
use crate::error::{Context, Error, Kind, Result};
use crate::job::sync::MaxDelete;
use crate::pg::session::SourceSession;
use crate::plan::incremental::bucketing::Bucketing;
use crate::plan::incremental::{CopyPlan, Group, TableCopy};
use crate::progress::Event;
use crate::queue::Queue;
use crate::run::Run;
use apply::Changes;
use search::Found;
use statement::Pair;

/// What is synchronised, and how.
pub struct Syncing {
    /// The tables.
    pub plan: CopyPlan,
    /// How rows of each are matched, by the source table's oid.
    pub bucketings: HashMap<Oid, Bucketing>,
    /// Whether rows that only the target has are deleted.
    pub deletes: bool,
    /// How many at most.
    pub max_delete: MaxDelete,
    /// Whether the differences are only counted.
    pub dry_run: bool,
    /// How many changes of a group are one step; all if absent.
    pub step: Option<u64>,
    /// Whether the target's triggers fire.
    pub fire_triggers: bool,
}

/// What a table's synchronising came to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Synced {
    /// Rows of the source.
    pub rows: u64,
    /// Rows that were, or would be, added.
    pub inserted: u64,
    /// Likewise changed.
    pub updated: u64,
    /// Likewise deleted.
    pub deleted: u64,
    /// Rows that only the target has and that stay.
    pub extra: u64,
    /// Changes of its group that are left for a later step.
    pub left: u64,
    /// Worker time.
    pub seconds: f64,
}

impl Synced {
    /// Rows that were changed in any way.
    #[must_use]
    pub fn changed(&self) -> u64 {
        self.inserted + self.updated + self.deleted
    }

    /// With what was done before it.
    #[must_use]
    pub fn after(self, before: &Self) -> Self {
        Self {
            inserted: before.inserted + self.inserted,
            updated: before.updated + self.updated,
            deleted: before.deleted + self.deleted,
            seconds: before.seconds + self.seconds,
            ..self
        }
    }
}

/// A worker: its bridge, and its session on the source under the same snapshot.
pub type Pairs = Vec<(Bridge, SourceSession)>;

/// Synchronises all groups; nothing is committed. The bridges come back whatever happens; `stop` is called at the first
/// failure.
pub async fn rows(
    pairs: Pairs,
    syncing: &Syncing,
    stop: impl Fn(),
    run: &Run,
) -> (Vec<Bridge>, Result<HashMap<Oid, Synced>>) {
    let bytes = syncing.plan.groups.iter().map(|group| group.bytes).sum();
    let tables = syncing.plan.tables().count();
    run.emit(Event::RowsPlanned { tables, chunks: tables, bytes });
    let queue = &Queue::new(0..syncing.plan.groups.len());
    let stop = &stop;
    let work = |(index, (bridge, reader)): (usize, (Bridge, SourceSession))| async move {
        let worker = Worker { number: index + 1, syncing, run, bridge: &bridge, reader: &reader };
        let ended = worker.work(queue).await.map_err(remedied).inspect_err(|_| stop());
        reader.close().await;
        (bridge, ended)
    };
    let ended = join_all(pairs.into_iter().enumerate().map(work)).await;
    let (mut bridges, mut synced, mut failures) = (Vec::new(), HashMap::new(), Vec::new());
    for (bridge, result) in ended {
        bridges.push(bridge);
        match result {
            Ok(part) => synced.extend(part),
            Err(error) => failures.push(error),
        }
    }
    // What the others report when they are stopped is only an echo.
    let first = failures.iter().position(|error| error.kind() != Kind::Interrupted).unwrap_or(0);
    let failure = (!failures.is_empty()).then(|| failures.swap_remove(first));
    (bridges, failure.map_or(Ok(synced), Err))
}

struct Worker<'a> {
    number: usize,
    syncing: &'a Syncing,
    run: &'a Run,
    bridge: &'a Bridge,
    reader: &'a SourceSession,
}

impl Worker<'_> {
    async fn work(&self, queue: &Queue<usize>) -> Result<HashMap<Oid, Synced>> {
        let settings = statement::settings();
        let failed = "the session could not be prepared";
        self.reader.run(&settings).await.context(Kind::Copy, failed, "source")?;
        self.bridge.session().run(&settings).await.context(Kind::Copy, failed, "target")?;
        let mut synced = HashMap::new();
        while let Some(index) = queue.take() {
            synced.extend(Box::pin(self.group(&self.syncing.plan.groups[index])).await?);
        }
        Ok(synced)
    }

    async fn group(&self, group: &Group) -> Result<Vec<(Oid, Synced)>> {
        let session = self.bridge.session();
        if !self.syncing.dry_run {
            let lock = shared::lock_themselves(&group.tables);
            let about = super::names(group);
            let locked = self.run.patiently(&format!("for locks on {about}"), session.run(&lock)).await;
            locked.context(Kind::Copy, "it could not be locked against writers", &about)?;
        }
        let (mut tables, mut times) = (Vec::new(), Vec::new());
        for table in &group.tables {
            let (pair, found, seconds) = self.search(table).await?;
            tables.push((pair, found));
            times.push(seconds);
        }
        let Syncing { deletes, fire_triggers, .. } = *self.syncing;
        let mut changes = Changes { group, tables, deletes, fire_triggers, are_all: true };
        let mut left = 0;
        let is_work = |found: &Found| found.wanted() > 0 || (deletes && found.extra > 0);
        if !self.syncing.dry_run && changes.tables.iter().any(|(_, found)| is_work(found)) {
            for (pair, found) in &changes.tables {
                self.bounded(pair.table, found)?;
            }
            if let Some(most) = self.syncing.step {
                left = changes.cut(session, most).await?;
            }
            let started = Instant::now();
            changes.apply(self.bridge).await?;
            times.last_mut().into_iter().for_each(|seconds| *seconds += started.elapsed().as_secs_f64());
        }
        let told = changes.tables.iter().zip(times);
        let told = told.map(|((pair, found), seconds)| (pair.table.oid, self.told(found, seconds)));
        let mut synced: Vec<(Oid, Synced)> = told.collect();
        synced.first_mut().into_iter().for_each(|(_, first)| first.left = left);
        Ok(synced)
    }

    async fn search<'a>(&'a self, table: &'a TableCopy) -> Result<(Pair<'a>, Found, f64)> {
        let (worker, name, bytes) = (self.number, table.source.plain(), table.bytes);
        let unknown = || Error::new(Kind::Internal, "a table without a plan").object(name.as_str());
        let bucketing = self.syncing.bucketings.get(&table.oid).ok_or_else(unknown)?;
        let pair = Pair { table, bucketing };
        let started = Instant::now();
        self.run.emit(Event::ChunkStarted { worker, table: name.clone(), part: None, bytes });
        let ends = (self.reader, self.bridge.session());
        let found = search::search(ends, pair, self.syncing.step.is_some()).await?;
        self.run.emit(Event::ChunkFinished { worker, table: name, rows: found.rows(), bytes });
        Ok((pair, found, started.elapsed().as_secs_f64()))
    }

    fn told(&self, found: &Found, seconds: f64) -> Synced {
        let (deleted, extra) = if self.syncing.deletes { (found.extra, 0) } else { (0, found.extra) };
        Synced {
            rows: found.rows(),
            inserted: found.inserted,
            updated: found.updated,
            deleted,
            extra,
            left: 0,
            seconds,
        }
    }

    /// Fails if more would be deleted than may be.
    fn bounded(&self, table: &TableCopy, found: &Found) -> Result<()> {
        let limit = self.syncing.max_delete;
        if !self.syncing.deletes || found.extra <= limit.of(found.there) {
            return Ok(());
        }
        let (extra, there) = (found.extra, found.there);
        let message = format!(
            "{extra} of the target's {there} rows would be deleted, more than --max-delete {limit} allows; nothing was changed"
        );
        Err(Error::new(Kind::Preflight, message)
            .object(table.target.plain())
            .remedy("look what is missing on the source (--dry-run counts, verify --level rows names); if it should be missing, allow more: --max-delete"))
    }
}

/// The error with what helps.
fn remedied(error: Error) -> Error {
    let remedy = match error.sqlstate().map(tokio_postgres::error::SqlState::code) {
        Some("23505" | "23P01") => {
            "a row that is not synchronised, or stays, has that value: choose all rows, or --delete; --key names by which key rows are found"
        }
        Some("23502") => "let the column of the target be NULL, or leave such rows out with --where",
        Some("22P02" | "22001" | "22003" | "22007" | "22008") => {
            "a value does not fit the target's type: change the column's type there, or leave it out with --exclude-columns, or its row with --where"
        }
        Some("42703" | "42883" | "42601" | "42P01" | "42704") => {
            "see what --where says: columns by their names on the source, functions with their schema"
        }
        _ => return super::remedied(error),
    };
    error.or_remedy(remedy)
}
