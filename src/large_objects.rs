//! Large objects: made with the oids of the source, filled by one of two roads, measured on both sides, and described
//! with their owners, comments, labels and rights.
//!
//! `lo_create` and `lo_put` lock nothing that lasts, so thousands of them share a transaction. In the mode of one
//! snapshot that is the workers' transactions, which see the snapshot that they pinned; else every portion has one of its
//! own. What gives an object its owner, comment and rights locks it, and comes in small transactions afterwards.
//!
//! Invariant: the transaction that makes large objects fills them and lists them in the ledger: whatever fails, what is
//! listed is undone, and the server rolls back the rest.
//! Deliberately absent: choices (see `plan::large_objects`), and tables that hold the oids.

mod describe;
mod numbers;
pub mod statement;
mod stream;

use std::collections::{BTreeSet, HashSet};
use std::time::Instant;

use crate::bridge::{self, Bridge, Hop};
use crate::catalog::Oid;
use crate::error::{Context, Kind, Result};
use crate::hold::Hold;
use crate::job::{Definitions, Mode, VerifyLevel};
use crate::ledger::large_objects as ledger;
use crate::pg::server::{Source, Target};
use crate::pg::session::{SourceSession, TargetSession, column};
use crate::plan::large_objects::{LargeObjectsPlan, OidRange, Road};
use crate::progress::{Event, Phase};
use crate::queue::Queue;
use crate::report::{Difference, Finding, LargeObjectsReport, NotCopied};
use crate::run::Run;
use crate::sql;
use crate::stop::StopSwitch;

const FAILED: &str = "large objects could not be copied";

/// Everything that copying large objects needs.
pub struct LargeObjects<'a> {
    /// Where they come from.
    pub source: &'a Source,
    /// Where they go to.
    pub target: &'a Target,
    /// What is copied.
    pub plan: &'a LargeObjectsPlan,
    /// What of them beside the content.
    pub definitions: &'a Definitions,
    /// The role that we are on the target.
    pub role: &'a str,
    /// How many work side by side.
    pub workers: usize,
}

/// What was filled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filled {
    objects: usize,
    bytes: u64,
}

impl Filled {
    fn add(self, other: Self) -> Self {
        Self { objects: self.objects + other.objects, bytes: self.bytes + other.bytes }
    }
}

/// What it all came to.
pub struct Ended {
    /// For the report.
    pub report: LargeObjectsReport,
    /// What is not equal on both sides.
    pub difference: Option<Difference>,
    /// What could not be copied.
    pub not_copied: Vec<NotCopied>,
    /// What should be known.
    pub warning: Option<Finding>,
}

impl LargeObjects<'_> {
    /// Fills all within the workers' open transactions; the switch stops the workers' sessions.
    pub async fn fill(
        &self,
        bridges: &[Bridge],
        (hold, switch): (&Hold, &StopSwitch),
        run: &Run,
    ) -> Result<Filled> {
        tell_plan(&self.plan.ranges, run);
        let queue = Queue::new(self.plan.ranges.iter().copied());
        let queue = &queue;
        let work = |bridge, run: Run| async move {
            self.worker(bridge, queue, hold, &run).await.inspect_err(|_| switch.stop())
        };
        let filled = run.abreast(bridges.iter().take(self.plan.ranges.len()), work).await?;
        Ok(filled.into_iter().fold(Filled::default(), Filled::add))
    }

    async fn worker(
        &self,
        bridge: &Bridge,
        queue: &Queue<OidRange>,
        hold: &Hold,
        run: &Run,
    ) -> Result<Filled> {
        let mut filled = Filled::default();
        let source = match self.plan.road {
            Road::Catalogs => {
                import(bridge).await?;
                None
            }
            Road::Streamed => Some(hold.reader(self.source, run).await?),
        };
        while let Some(range) = queue.take() {
            let part = match &source {
                None => self.pull(bridge.session(), range).await?,
                Some(source) => stream::copy(source, bridge.session(), range).await?,
            };
            filled = filled.add(part);
            tell(range, run);
        }
        Ok(filled)
    }

    /// Fills portion by portion what the ledger does not list yet, each in a transaction of its own.
    pub async fn fill_stepwise(&self, hop: &Hop, (hold, mode): (&Hold, Mode), run: &Run) -> Result<Filled> {
        let ranges = self.plan.without(&self.made_before((hold, mode), run).await?);
        tell_plan(&ranges, run);
        let queue = Queue::new(ranges.iter().copied());
        let work = |number: usize, run: Run| {
            let queue = &queue;
            async move {
                let mut filled = Filled::default();
                while let Some(range) = queue.take() {
                    let part = match self.plan.road {
                        Road::Catalogs => self.pull_alone(number, hop, range, &run).await?,
                        Road::Streamed => self.stream_alone(hold, range, &run).await?,
                    };
                    filled = filled.add(part);
                    tell(range, &run);
                }
                Ok(filled)
            }
        };
        let filled = run.abreast(1..=self.workers.min(ranges.len()), work).await?;
        Ok(filled.into_iter().fold(Filled::default(), Filled::add))
    }

    /// What earlier sessions of the run have made. What has gone from the source since, or is another one where the
    /// mode promises one moment, is unlinked.
    async fn made_before(&self, (hold, mode): (&Hold, Mode), run: &Run) -> Result<HashSet<Oid>> {
        let session = self.target.pooled(run).await?;
        let listed: HashSet<Oid> = ledger::read(&session).await?.into_iter().map(|one| one.oid).collect();
        if listed.is_empty() {
            return Ok(listed);
        }
        let planned: HashSet<Oid> = self.plan.oids.iter().copied().collect();
        let mut stale: BTreeSet<Oid> = listed.difference(&planned).copied().collect();
        if mode == Mode::Lock {
            let (here, there) = self.numbers(&self.plan.ranges, VerifyLevel::Checksum, hold, run).await?;
            let made_here = here.into_iter().filter(|(oid, _)| listed.contains(oid)).collect();
            stale.extend(numbers::differing(&made_here, &there));
        }
        ledger::unlink(&session, &stale.iter().copied().collect::<Vec<_>>()).await?;
        Ok(listed.into_iter().filter(|oid| !stale.contains(oid)).collect())
    }

    async fn pull_alone(&self, number: usize, hop: &Hop, range: OidRange, run: &Run) -> Result<Filled> {
        let session = bridge::worker_session(self.target, &format!("worker {number}"), run).await?;
        let bridge = Bridge::arm(session, &format!("w{number}"), hop, &[], run).await?;
        import(&bridge).await?;
        let filled = self.pull(bridge.session(), range).await?;
        bridge.dismantle().await?.commit().await?.close().await;
        Ok(filled)
    }

    async fn stream_alone(&self, hold: &Hold, range: OidRange, run: &Run) -> Result<Filled> {
        let source = hold.reader(self.source, run).await?;
        let target = self.target.dedicated("large objects", &[], run).await?;
        begin_reading(&source).await?;
        target.run(&statement::begin()).await.context(Kind::Copy, FAILED, range.named())?;
        let filled = stream::copy(&source, &target, range).await?;
        target.run(&statement::commit()).await.context(Kind::Copy, FAILED, range.named())?;
        Ok(filled)
    }

    /// Makes and fills the large objects of a portion over the bridge of this session.
    async fn pull(&self, session: &TargetSession, range: OidRange) -> Result<Filled> {
        let page = self.plan.page;
        let failed = || range.named();
        let created = session.run(&statement::create(range)).await.context(Kind::Copy, FAILED, failed())?;
        let extend = statement::extend(range, page);
        session.rows(&extend, &[]).await.context(Kind::Copy, FAILED, failed())?;
        let row =
            session.one(&statement::pull(range, page), &[]).await.context(Kind::Copy, FAILED, failed())?;
        let objects = created.first().copied().unwrap_or_default();
        Ok(Filled {
            objects: usize::try_from(objects).unwrap_or(usize::MAX),
            bytes: column::<i64>(&row, "bytes")?.unsigned_abs(),
        })
    }

    /// Measures what is made on both sides and gives it its owners, comments and rights.
    pub async fn finish(
        &self,
        filled: Filled,
        (hold, level): (&Hold, VerifyLevel),
        since: Instant,
        run: &Run,
    ) -> Result<Ended> {
        let listed = ledger::read(&self.target.pooled(run).await?).await?;
        let described: HashSet<Oid> =
            listed.into_iter().filter(|one| one.described).map(|one| one.oid).collect();
        let ranges = self.plan.without(&described);
        let mut bytes = filled.bytes;
        let mut difference = None;
        if level != VerifyLevel::None {
            let (here, there) = self.numbers(&self.plan.ranges, level, hold, run).await?;
            bytes = numbers::bytes(&there);
            difference = numbers::compare(&here, &there);
        }
        let described = self.describe(&ranges, hold, run).await?;
        let report = LargeObjectsReport {
            count: self.plan.count,
            bytes,
            road: self.plan.road.name(),
            seconds: since.elapsed().as_secs_f64(),
            verified: level.name().filter(|_| difference.is_none()),
        };
        let warning = described.warning();
        Ok(Ended { report, difference, not_copied: described.not_copied, warning })
    }
}

fn tell_plan(ranges: &[OidRange], run: &Run) {
    let total = ranges.iter().map(|range| range.count).sum();
    run.emit(Event::TasksPlanned { phase: Phase::LargeObjects, total });
}

async fn import(bridge: &Bridge) -> Result<()> {
    let import = statement::import(bridge.server());
    bridge.session().run(&import).await.context(Kind::Copy, FAILED, "target")?;
    Ok(())
}

/// Sizes and pieces of a portion are of one moment.
async fn begin_reading(source: &SourceSession) -> Result<()> {
    let begin = sql!("large_objects/begin_reading.sql");
    source.run(&begin).await.context(Kind::Copy, FAILED, "source")?;
    Ok(())
}

fn tell(range: OidRange, run: &Run) {
    run.emit(Event::TasksFinished { phase: Phase::LargeObjects, count: range.count });
}
