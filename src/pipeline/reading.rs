//! How the source is read, by the consistency mode, and the plan that is made of what is read.
//!
//! Invariant: the plan, the schema and what is held on the source are of one moment: tables that came or went between
//! their locking and the reading of the catalog make the locking start over. Who reads the catalogs has ended before
//! `pg_dump` begins: whoever waits for our locks on them (DROP SUBSCRIPTION of any database in older versions) would make it wait
//! behind him, and us for it, for ever.
//! Deliberately absent: copying.

use std::time::{Duration, Instant};

use super::{Servers, plan};
use crate::catalog::{Oid, Relation, RelationKind, read, values};
use crate::error::{Error, Kind, Result};
use crate::hold::Hold;
use crate::job::{Job, Mode};
use crate::pg::session::SourceSession;
use crate::plan::Plan;
use crate::plan::values::may_be_large;
use crate::preflight::Approved;
use crate::progress::Level;
use crate::run::Run;
use crate::snapshot::{self, Locks, Moment, Pinned, Pinning, Standstill};

/// What the workers read.
pub(super) enum Reading {
    /// One snapshot, all of them; they are at it already.
    Pinned(Box<Pinned>),
    /// A snapshot for each chunk.
    Stepwise(Box<Steps>),
}

/// What is read chunk by chunk.
pub(super) struct Steps {
    /// What is held on the source meanwhile.
    pub(super) hold: Hold,
    /// The moment of the schema.
    pub(super) moment: Moment,
    /// Transactions of the source from this one on may not be seen by the copy.
    pub(super) horizon: i64,
}

impl Reading {
    /// The exported snapshot under which the schema is read.
    pub(super) fn snapshot(&self) -> &str {
        match self {
            Self::Pinned(pinned) => pinned.held().moment().snapshot(),
            Self::Stepwise(steps) => steps.moment.snapshot(),
        }
    }
}

/// The job and what is known of its servers; the catalog is read again, and the choice made anew.
pub(super) struct Reader<'a> {
    pub(super) job: &'a Job,
    pub(super) servers: &'a Servers,
    pub(super) approved: &'a mut Approved,
    pub(super) run: &'a Run,
}

impl Reader<'_> {
    /// Locks, pins, and reads the catalog again under the snapshot; once more if tables came or went in between.
    pub(super) async fn pin(&mut self) -> Result<Pinned> {
        let servers = self.servers;
        let deadline = Instant::now() + self.job.snapshot_timeout;
        loop {
            let plan = self.plan();
            let pinning = Pinning {
                source: &servers.source,
                target: &servers.target,
                hop: &self.approved.hop,
                // A worker without a chunk would only cost two sessions.
                workers: plan.busy(self.job.workers),
                prelude: &[],
                tables: &plan.tables,
                standby: self.approved.catalog.database.standby,
                timeout: self.job.snapshot_timeout,
            };
            let locked = self.approved.choice.clone();
            let names: Vec<_> = locked.locked(&self.approved.catalog).map(|r| r.name.clone()).collect();
            let taking = Locks::take(&servers.source, &names, self.run);
            let waiting = "for locks on the source's tables; another session holds stronger ones";
            match self.run.patiently(waiting, taking).await? {
                Some(locks) => {
                    let pinned = pinning.agree(locks, self.run).await?;
                    let reader = pinned.held().reader(&servers.source, self.run).await?;
                    self.look_again(&reader).await?;
                    let choice = &self.approved.choice;
                    if choice.relations.is_subset(&locked.relations)
                        && choice.without_data.is_superset(&locked.without_data)
                    {
                        look_at_values(&reader, self.approved, self.job).await?;
                        reader.close().await;
                        return Ok(pinned);
                    }
                    reader.close().await;
                    pinned.give_up().await;
                }
                None => self.approved.read_again(self.job, &servers.source, self.run).await?,
            }
            self.try_again(deadline)?;
        }
    }

    /// Holds the source as the mode asks, and reads the catalog.
    pub(super) async fn steps(&mut self) -> Result<Steps> {
        let source = &self.servers.source;
        let deadline = Instant::now() + self.job.snapshot_timeout;
        loop {
            let locked = self.plan();
            let hold = match self.job.consistency {
                Mode::Lock => {
                    let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_secs(1));
                    Hold::Standstill(Standstill::take(source, &locked.tables, left, self.run).await?)
                }
                Mode::Snapshot | Mode::None => Hold::Nothing,
            };
            let horizon = snapshot::horizon(source, self.run).await?;
            let moment = Moment::take(source, self.run).await?;
            let reader = moment.reader(source, self.run).await?;
            self.look_again(&reader).await?;
            let is_locked = |oid| locked.tables.iter().any(|table| table.oid == oid);
            if self.job.consistency != Mode::Lock || self.plan().tables.iter().all(|t| is_locked(t.oid)) {
                look_at_values(&reader, self.approved, self.job).await?;
                reader.close().await;
                return Ok(Steps { hold, moment, horizon });
            }
            reader.close().await;
            hold.release().await;
            moment.end().await;
            self.try_again(deadline)?;
        }
    }

    pub(super) fn plan(&self) -> Plan {
        plan(self.job, self.servers, self.approved)
    }

    async fn look_again(&mut self, reader: &SourceSession) -> Result<()> {
        let waiting = "for the source's catalogs; is a table locked there?";
        let catalog = self.run.patiently(waiting, read::catalog(reader)).await?;
        self.approved.replace_catalog(catalog, self.job);
        Ok(())
    }

    fn try_again(&self, deadline: Instant) -> Result<()> {
        if Instant::now() >= deadline {
            return Err(Error::new(
                Kind::Snapshot,
                "tables are created and dropped faster than they can be locked",
            )
            .object("source")
            .remedy("leave them out with -T or -N, or give it longer with --snapshot-timeout"));
        }
        self.run.note(Level::Verbose, "tables were created or dropped meanwhile; locking again");
        Ok(())
    }
}

/// Looks at the values of the tables whose rows are copied, as far as the plan has to know them.
pub(super) async fn look_at_values(reader: &SourceSession, approved: &mut Approved, job: &Job) -> Result<()> {
    if job.definitions.schema_only {
        return Ok(());
    }
    let tables: Vec<&Relation> = approved
        .choice
        .with_data(&approved.catalog)
        .filter(|relation| relation.kind == RelationKind::Table)
        .collect();
    let oids: Vec<Oid> = tables.iter().map(|table| table.oid).collect();
    let large = tables.iter().filter(|table| may_be_large(table)).map(|table| table.oid);
    let large: Vec<Oid> = large.collect();
    values::look(reader, &mut approved.catalog, &oids, &large).await
}
