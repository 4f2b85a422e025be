//! The order of work: chunks for the queue, materialised views for their refresh.
//!
//! Invariant: nothing is lost by ordering, not even what lies in a circle.

use std::collections::{BTreeMap, BTreeSet};

use super::Chunk;
use crate::catalog::Oid;

/// Heaviest first, parts of different tables interleaved.
///
/// Chunks of similar size (within a factor of two) are dealt out evenly: all parts of a table at once would make
/// every worker extend the same file. Across sizes the heavy ones go first, so that no worker is left with a
/// heavy one at the end. The configuration of extensions comes last, in the order of the plan's tables.
pub fn sort_chunks(chunks: &mut [Chunk]) {
    #[allow(clippy::cast_precision_loss, reason = "a position, not a count")]
    let position = |chunk: &Chunk| (chunk.part.0 as f64 + 0.5) / chunk.part.1 as f64;
    chunks.sort_by(|a, b| {
        let heavy_first = b.bytes.max(1).ilog2().cmp(&a.bytes.max(1).ilog2());
        let by_weight = heavy_first
            .then(position(a).total_cmp(&position(b)))
            .then(b.bytes.cmp(&a.bytes))
            .then(a.table.cmp(&b.table));
        match (a.configuration, b.configuration) {
            (false, false) => by_weight,
            (true, true) => a.table.cmp(&b.table),
            (is_last, _) => is_last.cmp(&!is_last),
        }
    });
}

/// Orders `nodes` so that each follows the nodes it reads; `edges` are (reader, read).
/// Nodes in a cycle (impossible for views) come last, in their given order.
#[must_use]
pub fn refresh_order(nodes: &[Oid], edges: &[(Oid, Oid)]) -> Vec<Oid> {
    let known: BTreeSet<Oid> = nodes.iter().copied().collect();
    let mut waiting: BTreeMap<Oid, BTreeSet<Oid>> =
        nodes.iter().map(|node| (*node, BTreeSet::new())).collect();
    for (reader, read) in edges.iter().filter(|(reader, read)| reader != read && known.contains(read)) {
        waiting.entry(*reader).and_modify(|reads| {
            reads.insert(*read);
        });
    }
    let mut ordered = Vec::new();
    loop {
        let ready: Vec<Oid> =
            waiting.iter().filter(|(_, reads)| reads.is_empty()).map(|(node, _)| *node).collect();
        if ready.is_empty() {
            break;
        }
        for node in &ready {
            waiting.remove(node);
        }
        for reads in waiting.values_mut() {
            reads.retain(|read| !ready.contains(read));
        }
        ordered.extend(ready);
    }
    ordered.extend(waiting.into_keys());
    ordered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(table: usize, part: (usize, usize), bytes: u64) -> Chunk {
        Chunk { table, part, range: None, configuration: false, bytes }
    }

    #[test]
    fn heavy_chunks_go_first() {
        let mut chunks = vec![chunk(0, (0, 1), 10), chunk(1, (0, 1), 1000)];
        sort_chunks(&mut chunks);
        assert_eq!(chunks[0].table, 1);
    }

    #[test]
    fn parts_of_two_large_tables_take_turns() {
        let mut chunks: Vec<Chunk> =
            (0..3).map(|p| chunk(0, (p, 3), 100)).chain((0..3).map(|p| chunk(1, (p, 3), 90))).collect();
        sort_chunks(&mut chunks);
        let tables: Vec<usize> = chunks.iter().map(|chunk| chunk.table).collect();
        assert_eq!(tables, [0, 1, 0, 1, 0, 1]);
    }

    #[test]
    fn a_view_is_refreshed_after_the_views_it_reads() {
        assert_eq!(refresh_order(&[1, 2, 3], &[(1, 2), (2, 3), (3, 99)]), [3, 2, 1]);
    }

    #[test]
    fn a_cycle_loses_nothing() {
        assert_eq!(refresh_order(&[1, 2, 3], &[(1, 2), (2, 1)]), [3, 1, 2]);
    }
}
