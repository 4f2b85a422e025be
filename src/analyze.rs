//! Planner statistics for what was copied.
//!
//! Invariant: a failure here spoils nothing that was copied; it becomes a warning that names its table, and the
//! others are analysed all the same.

use crate::error::{Context, Error, ErrorReport, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::server::Target;
use crate::pg::sql::Sql;
use crate::plan::Plan;
use crate::progress::{Event, Phase};
use crate::queue::Queue;
use crate::report::Finding;
use crate::run::Run;
use crate::sql;

/// Tables per statement; ANALYZE holds each table's lock only while it works on it.
const BATCH: usize = 20;

/// Analyses the plan's tables, several at once; returns what went wrong.
pub async fn run(target: &Target, plan: &Plan, workers: usize, run: &Run) -> Result<Vec<Finding>> {
    let tables = &plan.analyzed;
    run.emit(Event::TasksPlanned { phase: Phase::Analyze, total: tables.len() });
    let queue = Queue::new(tables.chunks(BATCH));
    let work = |_, run: Run| async {
        let run = run;
        let mut warnings = Vec::new();
        while let Some(batch) = queue.take() {
            if analyze(target, batch, &run).await.is_err() {
                for table in batch {
                    let alone = analyze(target, std::slice::from_ref(table), &run).await;
                    warnings.extend(alone.err().map(|error| warning(table, &error)));
                }
            }
            run.stop.check()?;
            run.emit(Event::TasksFinished { phase: Phase::Analyze, count: batch.len() });
        }
        Ok(warnings)
    };
    Ok(run.abreast(0..workers, work).await?.concat())
}

async fn analyze(target: &Target, tables: &[QualifiedName], run: &Run) -> Result<()> {
    let session = target.pooled(run).await?;
    let about = tables.first().map(QualifiedName::plain).unwrap_or_default();
    session.run(&statement(tables)).await.context(Kind::Copy, "statistics could not be gathered", about)?;
    Ok(())
}

/// The statement that gathers statistics for these tables.
#[must_use]
pub fn statement(tables: &[QualifiedName]) -> Sql {
    sql!("analyze/analyze.sql", tables = Sql::join(tables, ", "))
}

fn warning(table: &QualifiedName, error: &Error) -> Finding {
    Finding {
        code: "analyze-failed",
        object: table.plain(),
        message: ErrorReport::from(error).message,
        remedy: format!("run on the target: ANALYZE {table};"),
    }
}
