//! The chunks of a run that may be taken up again: which there are, and which of them are copied.
//!
//! Invariant: the transaction that copies a chunk's rows marks it, and fails if it is marked already. So a chunk is
//! never copied twice and never skipped, however often a run is interrupted.
//! Deliberately absent: cutting tables into chunks, which is the planner's; the cuts of the first session stay.

use std::collections::BTreeSet;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::STATE_SCHEMA;
use crate::catalog::Oid;
use crate::error::{Context, Kind, Result};
use crate::pg::ident::{Literal, QualifiedName};
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::chunk::PageRange;
use crate::plan::{Chunk, Plan};
use crate::sql;

/// A chunk as the ledger lists it.
#[derive(Debug, Clone)]
pub struct Listed {
    /// The table's oid on the source.
    pub relation: Oid,
    /// The table's name.
    pub name: String,
    /// The table's file.
    pub filenode: Oid,
    /// Which part of the table, counted from 0, of how many.
    pub part: (usize, usize),
    /// The blocks it reads.
    pub range: Option<PageRange>,
    /// Its share of the table's size.
    pub bytes: u64,
    /// How it was copied, if it was.
    pub mark: Option<Mark>,
}

/// What is known of a chunk that was copied.
#[derive(Debug, Clone, Copy)]
pub struct Mark {
    /// Its rows.
    pub rows: u64,
    /// Transactions of the source from this one on may not have been seen by the copy.
    pub horizon: i64,
}

/// Lists the chunks of these tables of the plan.
pub async fn list(guard: &TargetSession, plan: &Plan, tables: &BTreeSet<usize>) -> Result<()> {
    let chunks: Vec<&Chunk> = plan.chunks.iter().filter(|chunk| tables.contains(&chunk.table)).collect();
    let number = |value: usize| i32::try_from(value).unwrap_or(i32::MAX);
    let relations: Vec<Oid> = chunks.iter().map(|chunk| plan.table_of(chunk).oid).collect();
    let names: Vec<String> = chunks.iter().map(|chunk| plan.table_of(chunk).name.to_string()).collect();
    let files: Vec<Oid> = chunks.iter().map(|chunk| plan.table_of(chunk).filenode).collect();
    let parts: Vec<i32> = chunks.iter().map(|chunk| number(chunk.part.0)).collect();
    let of_parts: Vec<i32> = chunks.iter().map(|chunk| number(chunk.part.1)).collect();
    let first: Vec<Option<i64>> = chunks.iter().map(|chunk| chunk.range.map(|r| i64::from(r.from))).collect();
    let end: Vec<Option<i64>> =
        chunks.iter().map(|chunk| chunk.range.and_then(|r| r.to).map(i64::from)).collect();
    let bytes: Vec<i64> = chunks.iter().map(|chunk| i64::try_from(chunk.bytes).unwrap_or(i64::MAX)).collect();
    guard
        .rows(
            &sql!("ledger/list_chunks.sql"),
            &[
                (&relations, Type::OID_ARRAY),
                (&names, Type::TEXT_ARRAY),
                (&files, Type::OID_ARRAY),
                (&parts, Type::INT4_ARRAY),
                (&of_parts, Type::INT4_ARRAY),
                (&first, Type::INT8_ARRAY),
                (&end, Type::INT8_ARRAY),
                (&bytes, Type::INT8_ARRAY),
            ],
        )
        .await
        .context(Kind::Schema, super::FAILED, STATE_SCHEMA)?;
    Ok(())
}

/// The chunks that the ledger lists.
pub async fn read(session: &TargetSession) -> Result<Vec<Listed>> {
    let failed = "the ledger could not be read";
    let rows =
        session.rows(&sql!("ledger/chunks.sql"), &[]).await.context(Kind::Copy, failed, STATE_SCHEMA)?;
    rows.iter().map(listed).collect()
}

fn listed(row: &Row) -> Result<Listed> {
    let strange = "an unexpected entry of the ledger";
    let count = |name: &str| {
        usize::try_from(column::<i32>(row, name)?).context(Kind::Internal, strange, STATE_SCHEMA)
    };
    let page = |name: &str| match column::<Option<i64>>(row, name)? {
        Some(page) => u32::try_from(page).context(Kind::Internal, strange, STATE_SCHEMA).map(Some),
        None => Ok(None),
    };
    let (first, to) = (page("first_page")?, page("end_page")?);
    let rows: Option<i64> = column(row, "rows")?;
    Ok(Listed {
        relation: column(row, "relation")?,
        name: column(row, "name")?,
        filenode: column(row, "filenode")?,
        part: (count("part")?, count("parts")?),
        range: first.map(|from| PageRange { from, to }),
        bytes: column::<i64>(row, "bytes")?.unsigned_abs(),
        mark: match (rows, column(row, "horizon")?) {
            (Some(rows), Some(horizon)) => Some(Mark { rows: rows.unsigned_abs(), horizon }),
            _ => None,
        },
    })
}

/// Marks chunks as copied; runs in the transaction that copies them. False if one of them is marked already.
pub async fn mark(
    session: &TargetSession,
    plan: &Plan,
    copied: &[(&Chunk, u64)],
    horizon: i64,
) -> Result<bool> {
    let values = copied.iter().map(|(chunk, rows)| {
        let (relation, part) = (plan.table_of(chunk).oid, chunk.part.0);
        sql!("ledger/copied_chunk.sql", relation = relation, part = part, rows = rows)
    });
    let mark = sql!("ledger/mark_chunks.sql", copied = Sql::join(values, ", "), horizon = horizon);
    let marked = session.run(&mark).await.context(Kind::Copy, super::FAILED, STATE_SCHEMA)?;
    Ok(marked == [copied.len() as u64])
}

/// The statement that forgets the chunks of a table, so that it is cut and copied anew.
#[must_use]
pub fn forget(table: &QualifiedName) -> Sql {
    sql!("ledger/forget_chunks.sql", name = Literal::new(table.to_string()))
}

/// Whether unlogged tables still have the rows that were copied: a crash of the target would have emptied them, and the
/// witness with them.
pub async fn unlogged_rows_are_there(session: &TargetSession) -> Result<bool> {
    let failed = "the ledger could not be read";
    let row =
        session.one(&sql!("ledger/witness.sql"), &[]).await.context(Kind::Copy, failed, STATE_SCHEMA)?;
    column(&row, "present")
}

/// Lets a later session know of the next crash.
pub async fn renew_witness(guard: &TargetSession) -> Result<()> {
    let renew = sql!("ledger/renew_witness.sql");
    guard.run(&renew).await.context(Kind::Copy, super::FAILED, STATE_SCHEMA)?;
    Ok(())
}
