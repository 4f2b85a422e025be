//! How a table is cut, and how many of its rows travel in one batch. Numbers in, numbers out.
//!
//! Invariant: the ranges of a table cover every block once, and the last one is open.
//! Deliberately absent: names, and the order of chunks (see `order`).

use serde::Serialize;

use super::Chunk;
use crate::catalog::{Relation, RowWidth};

/// A chunk is never planned smaller than this (bytes on the source's disk).
const SMALLEST_CHUNK: u64 = 8 << 20;
/// Nor larger, where the table can be cut: a failure or a slow finish should not cost more.
const LARGEST_CHUNK: u64 = 256 << 20;
/// Chunks per worker: enough for an even finish, few enough for long scans.
const CHUNKS_PER_WORKER: u64 = 8;
/// What a worker sends at once: enough to hide a long round trip, too little to leave another worker idle.
const MOST_CHUNKS_AT_ONCE: usize = 16;
const MOST_BYTES_AT_ONCE: u64 = 1 << 20;
/// Text bytes in one batch of the cursor: the target's CPU is lowest at 150 to 300 kB
/// (`docs/architecture.md`, "fetch size").
const BATCH_BYTES: f64 = 200_000.0;
/// The widest batch that a run of the largest rows may make.
const LARGEST_BATCH: u64 = 16 << 20;
/// Rows in one batch, whatever their width.
const MOST_ROWS: f64 = 50_000.0;

/// A range of heap blocks, `from` inclusive, `to` exclusive; the last range of a table is open, because the table
/// may have grown between the reading of its size and the snapshot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct PageRange {
    /// First block.
    pub from: u32,
    /// First block that is not in the range any more.
    pub to: Option<u32>,
}

/// The chunk size for a copy of `total` bytes by `workers` workers.
#[must_use]
pub fn chunk_bytes(total: u64, workers: usize) -> u64 {
    (total / (workers as u64 * CHUNKS_PER_WORKER).max(1)).clamp(SMALLEST_CHUNK, LARGEST_CHUNK)
}

/// Whether a worker sends the `next` chunk together with those it has taken, so that thousands of small tables cost
/// few waits on a long line.
#[must_use]
pub fn goes_along(taken: &[Chunk], next: &Chunk) -> bool {
    if next.configuration && taken.last().is_some_and(|last| last.configuration) {
        // An extension's foreign keys are in force already.
        return true;
    }
    let bytes: u64 = taken.iter().map(|chunk| chunk.bytes).sum();
    taken.len() < MOST_CHUNKS_AT_ONCE && bytes + next.bytes <= MOST_BYTES_AT_ONCE
}

/// Cuts a heap of `pages` blocks that is `bytes` large with TOAST; one open range if it is small.
#[must_use]
pub fn page_ranges(pages: u32, bytes: u64, chunk: u64) -> Vec<PageRange> {
    let wanted = u32::try_from(bytes / chunk.max(1)).unwrap_or(u32::MAX);
    let parts = wanted.clamp(1, pages.max(1));
    let bound =
        |part: u32| u32::try_from(u64::from(pages) * u64::from(part) / u64::from(parts)).unwrap_or(pages);
    (0..parts)
        .map(|part| PageRange { from: bound(part), to: (part + 1 < parts).then(|| bound(part + 1)) })
        .collect()
}

/// Rows per batch so that a batch is about 200 kB of text, and no batch of the widest rows beyond 16 MiB.
#[must_use]
pub fn fetch_size(table: &Relation) -> u32 {
    let average = match (table.width, stored_width(table)) {
        (Some(RowWidth { average, .. }), stored) => average.max(stored.unwrap_or(0.0)),
        (None, Some(stored)) => stored,
        // Never analysed and too small to be worth a sample: all of it is one batch or a few.
        (None, None) => 64.0,
    };
    let by_average = (BATCH_BYTES / average.max(1.0)).clamp(1.0, MOST_ROWS);
    let by_largest = table.width.map_or(u64::MAX, |width| LARGEST_BATCH / width.largest.max(1)).max(1);
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped above")]
    let rows = (by_average as u64).min(by_largest);
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// Whether the width of a row has to be measured: the statistics are missing, or say nothing about values that
/// live in TOAST (compressed there, and many per row).
#[must_use]
pub fn needs_width(table: &Relation) -> bool {
    let large = table.bytes > SMALLEST_CHUNK / 8;
    large && (stored_width(table).is_none() || table.toast_bytes > table.bytes / 10)
}

#[allow(clippy::cast_precision_loss, reason = "an estimate")]
fn stored_width(table: &Relation) -> Option<f64> {
    (table.tuples >= 1.0).then(|| table.bytes as f64 / table.tuples)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::catalog::RelationKind;
    use crate::plan::fixture::relation;

    fn table(bytes: u64, tuples: f64, width: Option<RowWidth>) -> Relation {
        let mut table = relation(1, "public", "t", RelationKind::Table);
        (table.bytes, table.tuples, table.width) = (bytes, tuples, width);
        table
    }

    #[test]
    fn narrow_rows_travel_by_thousands() {
        assert_eq!(fetch_size(&table(100_000_000, 1_000_000.0, None)), 2_000);
    }

    #[test]
    fn rows_of_a_megabyte_travel_one_by_one() {
        let width = Some(RowWidth { average: 1_000_000.0, largest: 1_000_000 });
        assert_eq!(fetch_size(&table(1 << 30, 1_000.0, width)), 1);
    }

    #[test]
    fn a_few_huge_rows_among_small_ones_bound_the_batch() {
        let width = Some(RowWidth { average: 500.0, largest: 8 << 20 });
        assert_eq!(fetch_size(&table(1 << 30, 2_000_000.0, width)), 2);
    }

    #[test]
    fn width_is_measured_where_statistics_say_nothing() {
        assert!(needs_width(&table(1 << 30, -1.0, None)));
        assert!(!needs_width(&table(1 << 30, 1e6, None)));
        assert!(!needs_width(&table(10_000, -1.0, None)));
        let mut toasted = table(1 << 30, 1e6, None);
        toasted.toast_bytes = 1 << 29;
        assert!(needs_width(&toasted));
    }

    #[test]
    fn a_small_heap_with_a_huge_toast_is_cut_too() {
        assert_eq!(page_ranges(100, 1 << 30, 256 << 20).len(), 4);
        assert_eq!(page_ranges(2, 1 << 30, 256 << 20).len(), 2);
    }

    #[test]
    fn small_chunks_travel_together_and_large_ones_alone() {
        let chunk = |bytes| Chunk { table: 0, part: (0, 1), range: None, bytes, configuration: false };
        assert!(goes_along(&[chunk(16_384)], &chunk(16_384)));
        assert!(!goes_along(&[chunk(8 << 20)], &chunk(16_384)));
        assert!(!goes_along(&vec![chunk(0); 16], &chunk(0)));
    }

    #[test]
    fn chunks_stay_within_their_bounds() {
        assert_eq!(chunk_bytes(0, 4), SMALLEST_CHUNK);
        assert_eq!(chunk_bytes(u64::MAX, 4), LARGEST_CHUNK);
    }

    proptest! {
        #[test]
        fn ranges_cover_every_block_once(pages in any::<u32>(), bytes in any::<u64>(), chunk in SMALLEST_CHUNK..LARGEST_CHUNK) {
            let ranges = page_ranges(pages.min(1 << 20), bytes >> 20, chunk >> 16);
            prop_assert_eq!(ranges[0].from, 0);
            prop_assert_eq!(ranges[ranges.len() - 1].to, None);
            for pair in ranges.windows(2) {
                prop_assert_eq!(pair[0].to, Some(pair[1].from));
                prop_assert!(pair[0].from < pair[1].from);
            }
        }
    }
}
