//! Every part of every table is counted and summed up, each side by its own server, both at once.
//!
//! The hash of a row is mixed twice before it is added to two sums: record hashes are linear in the hashes of their columns,
//! so that their plain sum would not change if values are swapped between rows. The mixes are `hashint8extended`, which sees
//! the two halves of the hash folded, and `hashfloat8extended`, which sees its first 53 bits: together all of it.
//!
//! A large table is read by one query with parallel workers: their scan of a table that does not fit into the server's cache
//! leaves the cache alone, which that of a range of blocks does not. Where there are none, it is cut into such ranges.
//!
//! Invariant: a query that fails is an error with the table's name; no side has many more processes than workers were asked
//! for.
//! Deliberately absent: what is equal (see `outcome`).

use std::collections::BTreeMap;

use super::buckets::{Buckets, Division};
use super::crew::{Crew, Together};
use super::from::{Piece, rows};
use super::numbers::Numbers;
use crate::error::{Context, Error, Kind, Result};
use crate::job::verify::Depth;
use crate::pg::session::{Session, Side, column};
use crate::pg::sql::Sql;
use crate::plan::chunk;
use crate::plan::compare::{Comparison, Part};
use crate::progress::{Event, Phase};
use crate::queue::Queue;
use crate::sql;

/// What a side says of every part: by the indexes of the subject and of its part.
pub(super) type Tally = BTreeMap<(usize, usize), Numbers>;

/// Parts up to this size share a query, so that thousands of small ones cost few round trips.
const SMALL: u64 = 1 << 20;
const SMALL_PER_QUERY: usize = 50;

/// What one query reads.
type Batch = Vec<Piece>;

/// What one side says.
#[derive(Debug, Default)]
pub(super) struct Told {
    /// Of every part.
    pub(super) parts: Tally,
    /// Of the buckets of those subjects that were summed up in buckets at once.
    pub(super) buckets: BTreeMap<usize, Buckets>,
}

/// The queries for one side, `side` 0 for the source and 1 for the target, the largest first.
#[must_use]
pub(super) fn batches(asking: &Asking<'_>, cuts: bool) -> Vec<Batch> {
    let Asking { comparison, side, workers, buckets, .. } = *asking;
    let all = || {
        let parts = |subject: usize| comparison.subjects[subject].parts[side].iter().enumerate();
        (0..comparison.subjects.len())
            .flat_map(move |subject| parts(subject).map(move |part| (subject, part)))
    };
    let total = all().map(|(_, (_, part))| part.bytes).sum();
    let most = if workers > 1 && cuts { chunk::chunk_bytes(total, workers) } else { u64::MAX };
    // A condition may fail: then its table has to be named.
    let is_small = |piece: &Piece| {
        let is_alone = buckets.contains_key(&piece.subject);
        piece.bytes <= SMALL && !is_alone && comparison.subjects[piece.subject].conditions.is_empty()
    };
    let pieces = all().flat_map(|(subject, (index, part))| {
        cut(part, most)
            .into_iter()
            .map(move |piece| Piece { subject, part: index, ..piece })
            .collect::<Vec<_>>()
    });
    let (small, mut large): (Vec<Piece>, Vec<Piece>) = pieces.partition(is_small);
    large.sort_by_key(|piece| std::cmp::Reverse(piece.bytes));
    let small = small.chunks(SMALL_PER_QUERY).map(<[Piece]>::to_vec);
    large.into_iter().map(|piece| vec![piece]).chain(small).collect()
}

/// A part in ranges of about this size, if its heap can be cut.
pub(super) fn cut(part: &Part, size: u64) -> Vec<Piece> {
    let ranges = if part.heap { chunk::page_ranges(part.pages, part.bytes, size) } else { Vec::new() };
    let whole = Piece { subject: 0, part: 0, range: None, bytes: part.bytes };
    if ranges.len() < 2 {
        return vec![whole];
    }
    let bytes = part.bytes / ranges.len() as u64;
    ranges.into_iter().map(|range| Piece { range: Some(range), bytes, ..whole }).collect()
}

/// What is asked of one side.
#[derive(Clone, Copy)]
pub(super) struct Asking<'a> {
    pub(super) comparison: &'a Comparison,
    pub(super) side: usize,
    pub(super) depth: Depth,
    /// How many processes of a server are to read at once.
    pub(super) workers: usize,
    /// The subjects that are summed up in buckets at once.
    pub(super) buckets: &'a BTreeMap<usize, Division>,
}

/// The numbers of one side, by all its sessions.
pub(super) async fn tally<'a, S: Side>(
    crew: &'a Crew<S>,
    asking: &Asking<'_>,
    batches: Vec<Batch>,
    together: &Together,
) -> Result<Told> {
    let bytes = |batch: &Batch| batch.iter().map(|piece| piece.bytes).sum();
    let total: u64 = batches.iter().map(bytes).sum();
    let queue = &Queue::new(batches);
    let drain = |session: &'a Session<S>| async move {
        let mut all = Vec::new();
        let mut helped = 0;
        while let Some(batch) = queue.take() {
            let helpers = if crew.parallel { helpers(bytes(&batch), total, asking.workers) } else { 0 };
            if helpers != helped {
                let failed = "the session could not be prepared";
                let set = session.run(&sql!("verify/helpers.sql", helpers = helpers)).await;
                set.context(Kind::Verify, failed, S::NAME)?;
                helped = helpers;
            }
            all.extend(numbers(session, asking, &batch).await?);
            together.run().emit(Event::TasksFinished { phase: Phase::Verify, count: batch.len() });
        }
        Ok(all)
    };
    let mut told = Told::default();
    for (piece, bucket, numbers) in together.each(&crew.sessions, drain).await?.into_iter().flatten() {
        let known = told.parts.entry((piece.subject, piece.part)).or_default();
        *known = known.plus(numbers);
        if asking.buckets.contains_key(&piece.subject) {
            let known = told.buckets.entry(piece.subject).or_default().entry(bucket).or_default();
            *known = known.plus(numbers);
        }
    }
    for piece in asking.buckets.keys() {
        // An empty table has no bucket.
        told.parts.entry((*piece, 0)).or_default();
    }
    Ok(told)
}

/// How many parallel workers help with so many of all bytes, so that about so many processes read at once: one
/// table takes one session, whose helpers are the other workers.
fn helpers(bytes: u64, total: u64, workers: usize) -> u64 {
    (bytes.saturating_mul(workers as u64)).div_ceil(total.max(1)).saturating_sub(1)
}

/// The numbers of some pieces; of one in buckets, those of each bucket.
async fn numbers<S: Side>(
    session: &Session<S>,
    asking: &Asking<'_>,
    batch: &[Piece],
) -> Result<Vec<(Piece, i64, Numbers)>> {
    let each = batch.iter().enumerate().map(|(number, piece)| query(asking, number, piece));
    let query = Sql::join(each, "\nUNION ALL\n");
    let first = &asking.comparison.subjects[batch[0].subject].parts[asking.side][batch[0].part].name;
    let about = match batch.len() {
        1 => first.plain(),
        several => format!("{} or one of {} tables after it", first.plain(), several - 1),
    };
    let failed = format!("rows could not be read on the {}", S::NAME);
    let rows = session.rows(&query, &[]).await.context(Kind::Verify, &failed, about)?;
    let read = |row| {
        let number: i64 = column(row, "number")?;
        let strange = || Error::new(Kind::Internal, "an unexpected answer of the server").object(number);
        let index = if batch.len() == 1 { Some(0) } else { usize::try_from(number).ok() };
        let piece = index.and_then(|index| batch.get(index)).ok_or_else(strange)?;
        Ok((*piece, number, Numbers::read(row)?))
    };
    rows.iter().map(read).collect()
}

fn query(asking: &Asking<'_>, number: usize, piece: &Piece) -> Sql {
    let subject = &asking.comparison.subjects[piece.subject];
    let from = rows(subject, &subject.parts[asking.side][piece.part], piece.range, None);
    match (asking.depth, asking.buckets.get(&piece.subject)) {
        (Depth::Count, _) => sql!("verify/number.sql", number = number, from = from),
        (_, Some(division)) => division.query(subject, &from),
        (_, None) => sql!("verify/sums.sql", number = number, hash = subject.hash(), from = from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_large_table_is_read_by_as_many_processes_as_there_are_workers() {
        assert_eq!(
            [helpers(100, 100, 4), helpers(60, 100, 4), helpers(10, 100, 4), helpers(100, 100, 1)],
            [3, 2, 0, 0]
        );
        assert_eq!(helpers(0, 0, 4), 0);
    }
}
