//! An interrupted run is taken up again: which chunks are still to be copied, and which no longer hold.
//!
//! Invariant: a chunk that was copied is not copied again, unless it no longer holds; then the whole table is emptied
//! and copied anew. The cuts of the first session stay.
//! Deliberately absent: the schema (see `ledger::entries`).

use std::collections::{BTreeSet, HashMap};

use tokio_postgres::types::Type;

use crate::catalog::Oid;
use crate::copy::{Copied, statement};
use crate::error::{Context, Error, Kind, Result};
use crate::job::Mode;
use crate::ledger::chunks::{self, Listed, Mark};
use crate::pg::session::{SourceSession, TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::{Chunk, Plan, configuration};
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
    let tables = by_name(plan);
    let known: BTreeSet<usize> = listed.iter().filter_map(|one| tables.get(&one.name).copied()).collect();
    let fresh: BTreeSet<usize> = tables.into_values().filter(|table| !known.contains(table)).collect();
    if !fresh.is_empty() {
        chunks::list(guard, plan, &fresh).await?;
    }
    Ok(sort(plan, &listed, &fresh))
}

fn by_name(plan: &Plan) -> HashMap<String, usize> {
    plan.planned_tables().into_iter().map(|index| (plan.tables[index].name.to_string(), index)).collect()
}

fn sort(plan: &Plan, listed: &[Listed], fresh: &BTreeSet<usize>) -> Progress {
    let tables = by_name(plan);
    let mut progress = Progress::default();
    progress.remaining.extend(plan.chunks.iter().filter(|chunk| fresh.contains(&chunk.table)).cloned());
    progress.plan.clone_from(&progress.remaining);
    for one in listed {
        // A table whose definition was lost meanwhile has no place to copy to.
        let Some(&table) = tables.get(&one.name) else { continue };
        let configuration = plan.tables[table].configuration.is_some();
        let chunk = Chunk { table, part: one.part, range: one.range, configuration, bytes: one.bytes };
        progress.plan.push(chunk.clone());
        let Some(mark) = one.mark else {
            progress.remaining.push(chunk);
            continue;
        };
        progress.copied.entry(table).or_default().add(Copied { rows: mark.rows, seconds: 0.0 });
        progress.horizon = Some(progress.horizon.map_or(mark.horizon, |first| first.min(mark.horizon)));
    }
    crate::plan::order::sort_chunks(&mut progress.plan);
    crate::plan::order::sort_chunks(&mut progress.remaining);
    progress
}

/// Tables, by index of the plan, whose copied chunks no longer hold.
///
/// In every mode: those that are other tables by now, or lie in another file, where rows lie in other blocks; and
/// unlogged ones after a crash of the target. Where the mode promises one moment, the source is kept still, and those
/// whose rows have changed too.
pub async fn changed(
    source: &SourceSession,
    guard: &TargetSession,
    plan: &Plan,
    mode: Mode,
) -> Result<BTreeSet<usize>> {
    let listed = chunks::read(guard).await?;
    let tables = by_name(plan);
    let emptied = !chunks::unlogged_rows_are_there(guard).await?;
    let mut changed = BTreeSet::new();
    let mut copied = Vec::new();
    for one in &listed {
        let Some(&index) = tables.get(&one.name) else { continue };
        let table = &plan.tables[index];
        let is_other = table.oid != one.relation || table.filenode != one.filenode;
        // Without a heap nothing tells when a row was written.
        let is_unknown = mode == Mode::Lock && !table.heap;
        if is_other || is_unknown || (emptied && table.unlogged) {
            changed.insert(index);
        } else if let Some(mark) = one.mark {
            copied.push((index, one, mark));
        }
    }
    if mode == Mode::Lock {
        copied.retain(|(table, ..)| !changed.contains(table));
        changed.extend(written(source, plan, &copied).await?);
    }
    // Whose rows lie among others' on the target cannot be emptied without them.
    Ok(changed.into_iter().flat_map(|table| plan.together_with(table)).collect())
}

/// Tables of which a chunk is not what was copied. It is the same if no row version in its blocks is of a transaction
/// that was not over when its copy began, and if there are as many rows as were copied: whatever was inserted or
/// updated since has such a version, and whatever was deleted is missing in the count.
async fn written(
    source: &SourceSession,
    plan: &Plan,
    copied: &[(usize, &Listed, Mark)],
) -> Result<BTreeSet<usize>> {
    let failed = "the chunks that were copied could not be compared";
    let mut written = BTreeSet::new();
    for batch in copied.chunks(BATCH) {
        let each = batch.iter().enumerate();
        let each =
            each.map(|(number, (table, chunk, mark))| compare_chunk(number, plan, *table, (chunk, *mark)));
        let query = Sql::join(each, "\nUNION ALL\n");
        for row in source.rows(&query, &[]).await.context(Kind::Copy, failed, "source")? {
            let number = usize::try_from(column::<i64>(&row, "number")?).unwrap_or(usize::MAX);
            let strange =
                || Error::new(Kind::Internal, "an unexpected answer of the server").object("source");
            let (table, _, mark) = batch.get(number).ok_or_else(strange)?;
            let (rows, newer): (i64, i64) = (column(&row, "rows")?, column(&row, "newer")?);
            if newer > 0 || rows.unsigned_abs() != mark.rows {
                written.insert(*table);
            }
        }
    }
    Ok(written)
}

fn compare_chunk(number: usize, plan: &Plan, table: usize, (chunk, mark): (&Listed, Mark)) -> Sql {
    let rows = || configuration::only(&plan.tables[table]);
    let condition = chunk.range.map_or_else(rows, statement::within);
    sql!(
        "resume/chunk.sql",
        number = number,
        table = plan.tables[table].name,
        newer = verify::newer(mark.horizon),
        condition = condition
    )
}

/// Empties a table on the target, so that it is cut and copied anew.
pub async fn empty(guard: &TargetSession, plan: &Plan, table: usize) -> Result<()> {
    let table = &plan.tables[table];
    let empty = match &table.through {
        Some(root) => sql!("resume/truncate_tree.sql", root = root),
        None => {
            configuration::delete(table).unwrap_or_else(|| sql!("resume/truncate.sql", table = table.name))
        }
    };
    guard.run(&Sql::script(&[empty, chunks::forget(&table.name)])).await.context(
        Kind::Copy,
        "a table that has changed on the source could not be emptied",
        table.name.plain(),
    )?;
    Ok(())
}

/// Tables, by index of the plan, that lie in another file than when the plan was made: while nothing kept them from it,
/// rows may have moved from one chunk to another.
pub async fn rewritten(source: &SourceSession, plan: &Plan) -> Result<BTreeSet<usize>> {
    let planned = plan.planned_tables();
    let oids: Vec<Oid> = planned.iter().map(|&index| plan.tables[index].oid).collect();
    let rows = source.rows(&sql!("resume/files.sql"), &[(&oids, Type::OID_ARRAY)]).await.context(
        Kind::Copy,
        "the files of the tables could not be read",
        "source",
    )?;
    let files: HashMap<Oid, Oid> = rows
        .iter()
        .map(|row| Ok((column(row, "relation")?, column(row, "filenode")?)))
        .collect::<Result<_>>()?;
    let is_other = |index: &usize| {
        let table = &plan.tables[*index];
        files.get(&table.oid) != Some(&table.filenode)
    };
    Ok(planned.into_iter().filter(is_other).collect())
}
