//! Where large objects come in: with the rows, in the transactions of the same workers, or portion by portion.
//!
//! Invariant: in the mode of one snapshot, nothing is committed before the large objects are in too.

use std::time::Instant;

use super::timed;
use crate::bridge::Hop;
use crate::copy::{RowsReady, Uncommitted};
use crate::error::Result;
use crate::hold::Hold;
use crate::job::{Job, Mode};
use crate::large_objects::{Filled, LargeObjects};
use crate::progress::Phase;
use crate::report::{Finding, Report};
use crate::run::Run;

/// Large objects on their way.
pub(super) struct Filling<'a> {
    pub(super) objects: LargeObjects<'a>,
    pub(super) hop: &'a Hop,
    pub(super) job: &'a Job,
    pub(super) run: &'a Run,
}

impl Filling<'_> {
    /// Fills them in the transactions of the rows, commits both, and finishes them.
    pub(super) async fn with_rows(&self, rows: Uncommitted, report: &mut Report) -> Result<RowsReady> {
        let run = self.run;
        if self.objects.plan.is_empty() {
            return timed(Phase::Rows, report, run, rows.commit(run)).await;
        }
        let since = Instant::now();
        let filling = self.objects.fill(&rows.bridges, (&rows.hold, &rows.switch), run);
        let filled = match timed(Phase::LargeObjects, report, run, filling).await {
            Ok(filled) => filled,
            Err(error) => {
                rows.give_up().await;
                return Err(error);
            }
        };
        let rows = timed(Phase::Rows, report, run, rows.commit(run)).await?;
        self.finish(filled, &rows.hold, since, report).await?;
        Ok(rows)
    }

    /// Fills them portion by portion, each in a transaction of its own, and finishes them.
    pub(super) async fn stepwise(&self, hold: &Hold, report: &mut Report) -> Result<()> {
        if self.objects.plan.is_empty() {
            return Ok(());
        }
        let since = Instant::now();
        let filling = self.objects.fill_stepwise(self.hop, (hold, self.job.consistency), self.run);
        let filled = timed(Phase::LargeObjects, report, self.run, filling).await?;
        if self.job.consistency == Mode::Lock {
            report.warnings.push(not_locked());
        }
        self.finish(filled, hold, since, report).await
    }

    async fn finish(&self, filled: Filled, hold: &Hold, since: Instant, report: &mut Report) -> Result<()> {
        let level = self.job.proof.level;
        let finishing = self.objects.finish(filled, (hold, level), since, self.run);
        let ended = timed(Phase::LargeObjects, report, self.run, finishing).await?;
        report.large_objects = Some(ended.report);
        report.differences.extend(ended.difference);
        report.not_copied.extend(ended.not_copied);
        report.warnings.extend(ended.warning);
        Ok(())
    }
}

fn not_locked() -> Finding {
    Finding {
        code: "large-objects-not-locked",
        object: "large objects".into(),
        message: "no lock keeps others from writing to large objects: what was written meanwhile may be of several moments".into(),
        remedy: "clone with --consistency snapshot where large objects change".into(),
    }
}
