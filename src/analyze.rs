//! Planner statistics for what was copied.
//!
//! Invariant: a failure here spoils nothing that was copied; it becomes a warning.

use std::sync::Mutex;

use futures_util::future::join_all;

use crate::error::{Context, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::session::Target;
use crate::pg::sql::Sql;
use crate::plan::Plan;
use crate::progress::{Event, Phase};
use crate::report::Finding;
use crate::run::Run;
use crate::sql;

/// Tables per statement; ANALYZE holds each table's lock only while it works on it.
const BATCH: usize = 20;

/// Analyses the plan's tables, several at once; returns what went wrong.
pub async fn run(target: &Target, plan: &Plan, workers: usize, run: &Run) -> Result<Vec<Finding>> {
    let tables = &plan.analyzed;
    run.emit(Event::TasksPlanned { phase: Phase::Analyze, total: tables.len() });
    let queue = Mutex::new(tables.chunks(BATCH));
    let next = || queue.lock().map_or(None, |mut batches| batches.next());
    let outcomes = join_all((0..workers).map(|_| async {
        while let Some(batch) = next() {
            analyze(target, batch, run).await?;
            run.emit(Event::TasksFinished { phase: Phase::Analyze, count: batch.len() });
        }
        Ok(())
    }))
    .await;
    run.stop.check()?;
    Ok(outcomes.into_iter().filter_map(Result::err).map(|error| warning(&error)).collect())
}

async fn analyze(target: &Target, tables: &[QualifiedName], run: &Run) -> Result<()> {
    let session = target.pooled(run).await?;
    let statement = sql!("analyze/analyze.sql", tables = Sql::join(tables, ", "));
    let about = tables.first().map(QualifiedName::plain).unwrap_or_default();
    session.run(&statement).await.context(Kind::Copy, "statistics could not be gathered", about)?;
    Ok(())
}

fn warning(error: &crate::error::Error) -> Finding {
    Finding {
        code: "analyze-failed",
        object: "target".into(),
        message: crate::error::ErrorReport::from(error).to_string(),
        remedy: "run ANALYZE on the target".into(),
    }
}
