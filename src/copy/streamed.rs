//! The second road: rows that are too large for the bridge pass through fdwcopy, in the binary form.
//!
//! Invariant: they are read under the same hold on the source and written in the same transaction as the other rows of
//! their chunk.
//! Deliberately absent: which rows they are (see `plan::values`).

use super::statement;
use crate::error::{Context, Kind, Result};
use crate::hold::Hold;
use crate::pg::server::Source;
use crate::pg::session::{SourceSession, TargetSession};
use crate::plan::values::Place;
use crate::plan::{Chunk, Plan, TablePlan};
use crate::run::Run;

/// Where large rows are read.
pub struct Stream<'a> {
    /// The source.
    pub source: &'a Source,
    /// What is held there.
    pub hold: &'a Hold,
}

impl Stream<'_> {
    /// Copies the large rows of these chunks into the target's open transaction; returns how many each of them has.
    pub async fn rows(
        &self,
        target: &TargetSession,
        plan: &Plan,
        chunks: &[Chunk],
        run: &Run,
    ) -> Result<Vec<u64>> {
        let mut reader: Option<SourceSession> = None;
        let mut rows = Vec::new();
        for chunk in chunks {
            let table = plan.table_of(chunk);
            let places = table.large.streamed_within(chunk.range);
            if places.is_empty() {
                rows.push(0);
                continue;
            }
            let reader = match &mut reader {
                Some(reader) => reader,
                none => none.insert(self.hold.reader(self.source, run).await?),
            };
            rows.push(pass(reader, target, table, &places).await?);
        }
        if let Some(reader) = reader {
            reader.close().await;
        }
        Ok(rows)
    }
}

async fn pass(
    source: &SourceSession,
    target: &TargetSession,
    table: &TablePlan,
    places: &[Place],
) -> Result<u64> {
    let failed = "large rows could not be copied";
    source.pass_on(&statement::send(table, places), target, &statement::receive(table)).await.context(
        Kind::Copy,
        failed,
        table.name.plain(),
    )
}
