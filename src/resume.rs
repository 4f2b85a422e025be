//! An interrupted run is taken up again: which chunks are still to be copied, and which no longer hold.
//!
//! Invariant: a chunk that was copied is not copied again, unless its table has changed on the source since and the
//! mode promises one moment for all: then the whole table is emptied first. The cuts of the first session stay.
//! Deliberately absent: the schema (see `ledger::entries`).

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::catalog::Oid;
use crate::copy::{Copied, statement};
use crate::error::{Context, Error, Kind, Result};
use crate::ledger::chunks::{self, Listed};
use crate::pg::session::{SourceSession, TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::{Chunk, Plan};
use crate::sql;
use crate::verify;

/// Chunks per query of the source.
const BATCH: usize = 50;

/// The rows of a run as its ledger has them.
#[derive(Debug, Default)]
pub struct Progress {
    /// All chunks, cut as the first session did.
    pub plan: Vec<Chunk>,
    /// Those that are still to be copied.
    pub remaining: Vec<Chunk>,
    /// What the earlier sessions have copied, by index of the plan's table.
    pub copied: HashMap<usize, Copied>,
    /// Transactions of the source from this one on may not have been seen by the first of these copies.
    pub horizon: Option<i64>,
}

/// Lists the plan's chunks in the ledger, as far as they are not yet, and tells which of them are to be copied.
pub async fn progress(guard: &TargetSession, plan: &Plan) -> Result<Progress> {
    let listed = chunks::read(guard).await?;
    let known: HashSet<Oid> = listed.iter().map(|chunk| chunk.relation).collect();
    let fresh: BTreeSet<usize> =
        plan.planned_tables().into_iter().filter(|&index| !known.contains(&plan.tables[index].oid)).collect();
    if !fresh.is_empty() {
        chunks::list(guard, plan, &fresh).await?;
    }
    Ok(sort(plan, listed, &fresh))
}

fn sort(plan: &Plan, listed: Vec<Listed>, fresh: &BTreeSet<usize>) -> Progress {
    let tables: HashMap<Oid, usize> =
        plan.planned_tables().into_iter().map(|index| (plan.tables[index].oid, index)).collect();
    let mut progress = Progress::default();
    progress.remaining.extend(plan.chunks.iter().filter(|chunk| fresh.contains(&chunk.table)).cloned());
    progress.plan.clone_from(&progress.remaining);
    for one in listed {
        // A table whose definition was lost meanwhile has no place to copy to.
        let Some(&table) = tables.get(&one.relation) else { continue };
        let chunk = Chunk { table, part: one.part, range: one.range, bytes: one.bytes };
        progress.plan.push(chunk.clone());
        let Some(copied) = one.copied else {
            progress.remaining.push(chunk);
            continue;
        };
        progress.copied.entry(table).or_default().add(Copied { rows: copied.rows, seconds: 0.0 });
        progress.horizon = Some(progress.horizon.map_or(copied.horizon, |first| first.min(copied.horizon)));
    }
    crate::plan::order::sort_chunks(&mut progress.plan);
    crate::plan::order::sort_chunks(&mut progress.remaining);
    progress
}

/// Tables, by index of the plan, of which a chunk that was copied is no longer what the source has.
///
/// The source is kept still. A chunk is the same if no row version in its blocks is of a transaction that its copy may
/// not have seen, and if there are as many rows as were copied: whatever was inserted or updated since has such a
/// version, and whatever was deleted is missing in the count.
pub async fn changed(source: &SourceSession, guard: &TargetSession, plan: &Plan) -> Result<BTreeSet<usize>> {
    let failed = "the chunks that were copied could not be compared";
    let listed = chunks::read(guard).await?;
    let tables: HashMap<Oid, usize> =
        plan.planned_tables().into_iter().map(|index| (plan.tables[index].oid, index)).collect();
    let copied: Vec<(usize, &Listed, chunks::Copied)> = listed
        .iter()
        .filter_map(|chunk| Some((*tables.get(&chunk.relation)?, chunk, chunk.copied?)))
        .collect();
    // Without a heap nothing tells when a row was written, and in a new file rows lie in other blocks.
    let (heaps, others): (Vec<_>, Vec<_>) = copied.into_iter().partition(|(table, chunk, _)| {
        let table = &plan.tables[*table];
        table.heap && table.filenode == chunk.filenode
    });
    let mut changed: BTreeSet<usize> = others.into_iter().map(|(table, ..)| table).collect();
    for batch in heaps.chunks(BATCH) {
        let each = batch.iter().enumerate().map(|(number, (table, chunk, copied))| {
            compare_chunk(number, plan, *table, chunk, copied.horizon)
        });
        let query = Sql::join(each, "\nUNION ALL\n");
        for row in source.rows(&query, &[]).await.context(Kind::Copy, failed, "source")? {
            let number = usize::try_from(column::<i64>(&row, "number")?).unwrap_or(usize::MAX);
            let strange =
                || Error::new(Kind::Internal, "an unexpected answer of the server").object("source");
            let (table, _, copied) = batch.get(number).ok_or_else(strange)?;
            let (rows, newer): (i64, i64) = (column(&row, "rows")?, column(&row, "newer")?);
            if newer > 0 || rows.unsigned_abs() != copied.rows {
                changed.insert(*table);
            }
        }
    }
    Ok(changed)
}

fn compare_chunk(number: usize, plan: &Plan, table: usize, chunk: &Listed, horizon: i64) -> Sql {
    let condition = chunk.range.map_or_else(Sql::nothing, statement::within);
    sql!(
        "resume/chunk.sql",
        number = number,
        table = plan.tables[table].name,
        newer = verify::newer(horizon),
        condition = condition
    )
}

/// Empties a table on the target, so that it can be copied anew.
pub async fn empty(guard: &TargetSession, plan: &Plan, table: usize) -> Result<()> {
    let table = &plan.tables[table];
    let truncate = sql!("resume/truncate.sql", table = table.name);
    guard.run(&Sql::script(&[truncate, chunks::forget(table.oid)])).await.context(
        Kind::Copy,
        "a table that has changed on the source could not be emptied",
        table.name.plain(),
    )?;
    Ok(())
}
