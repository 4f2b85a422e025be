//! `fdwcopy verify`: both sides are read, each under one snapshot, and compared.
//!
//! Invariant: neither side is written to; what could not be read refuses or fails the run, and never passes.
//! Deliberately absent: a bridge. Each server computes over its own rows.

use super::definitions::{self, Sides};
use super::timed;
use crate::catalog::read;
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
    let moments = timed(Phase::Pin, report, run, async {
        run.both(async |run| Moment::take(&source, &run).await, async |run| Moment::take(&target, &run).await)
            .await
    })
    .await?;
    let catalogs = timed(Phase::Preflight, report, run, async {
        run.both(
            async |_| read::relations(moments.0.session()).await,
            async |_| read::relations(moments.1.session()).await,
        )
        .await
    })
    .await?;
    if job.schema {
        let sides = Sides {
            servers: (&source, &target),
            moments: (&moments.0, &moments.1),
            catalogs: [&catalogs.0, &catalogs.1],
        };
        let differing = definitions::differences(job, sides, run);
        let differing = timed(Phase::Schema, report, run, differing).await?;
        report.differences.extend(differing);
    }
    Ok(())
}
