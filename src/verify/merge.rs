//! Two sets of rows, each in several streams ordered by one number, are compared while they come in. Rows that a server told
//! alike are one line of it.
//!
//! Invariant: pure. Whatever the streams' batches are, each row that is not equal on both sides is found once, and no more
//! is kept than the rows whose number has not been passed by all streams.
//! Deliberately absent: where the rows come from.

use std::collections::{BTreeMap, VecDeque};

use super::numbers::Numbers;

/// What a row is told by: as many values as its key has, some of which may be NULL where only the other side has the key.
pub(super) type Label = Vec<Option<String>>;

/// Rows as a server tells them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// The number that brings rows together that may be the same ones.
    pub place: i64,
    /// What the rows are told by.
    pub label: Label,
    /// Index of the subject's part that they are in.
    pub part: usize,
    /// How many rows of this server are told so, and the sums over their hashes.
    pub numbers: Numbers,
}

/// Something that is not equal on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// What it is told by.
    pub label: Label,
    /// How many rows are told so, on each side.
    pub times: [u64; 2],
    /// The part of each side that the last of them is in; 0 where there is none.
    pub parts: [usize; 2],
}

/// One server's session, as far as it has told.
#[derive(Debug, Default)]
struct Stream {
    lines: VecDeque<Line>,
    last: Option<i64>,
    ended: bool,
}

/// The streams of both sides.
#[derive(Debug)]
pub(super) struct Merge {
    streams: [Vec<Stream>; 2],
}

impl Merge {
    /// Of so many streams on each side.
    #[must_use]
    pub(super) fn new(streams: [usize; 2]) -> Self {
        Self { streams: streams.map(|count| (0..count).map(|_| Stream::default()).collect()) }
    }

    /// The streams of which more is wanted before anything can be said: those that are farthest behind.
    #[must_use]
    pub(super) fn wanted(&self) -> [Vec<usize>; 2] {
        let behind = self.open().map(|stream| stream.last).min();
        [0, 1].map(|side: usize| {
            let all = self.streams[side].iter().enumerate();
            let wanted = all.filter(|(_, stream)| !stream.ended && Some(stream.last) == behind);
            wanted.map(|(index, _)| index).collect()
        })
    }

    /// Takes what a stream has told; fewer lines than it was asked for mean that it has ended.
    pub(super) fn take(&mut self, side: usize, stream: usize, lines: Vec<Line>, asked: usize) {
        let stream = &mut self.streams[side][stream];
        stream.ended = lines.len() < asked;
        stream.last = lines.last().map(|line| line.place).or(stream.last);
        stream.lines.extend(lines);
    }

    /// What is known to differ by now.
    pub(super) fn found(&mut self) -> Vec<Found> {
        let behind = self.open().map(|stream| stream.last).min();
        let is_passed = |line: &Line| behind.is_none_or(|last| last.is_some_and(|last| line.place < last));
        let mut places: BTreeMap<i64, [Vec<Line>; 2]> = BTreeMap::new();
        for (side, streams) in self.streams.iter_mut().enumerate() {
            for stream in streams {
                while stream.lines.front().is_some_and(is_passed) {
                    if let Some(line) = stream.lines.pop_front() {
                        places.entry(line.place).or_default()[side].push(line);
                    }
                }
            }
        }
        places.into_values().flat_map(unequal).collect()
    }

    fn open(&self) -> impl Iterator<Item = &Stream> {
        self.streams.iter().flatten().filter(|stream| !stream.ended)
    }
}

/// The numbers of the rows that one side tells alike, and a part that holds one.
type Told = (Numbers, usize);

/// What differs among all rows of one place.
fn unequal(sides: [Vec<Line>; 2]) -> Vec<Found> {
    let mut labels: BTreeMap<Label, [Told; 2]> = BTreeMap::new();
    for (side, lines) in sides.into_iter().enumerate() {
        for line in lines {
            let (known, part) = &mut labels.entry(line.label).or_default()[side];
            *known = known.plus(line.numbers);
            *part = line.part;
        }
    }
    let differ = labels.into_iter().filter(|(_, [(here, _), (there, _)])| here != there);
    differ
        .map(|(label, told)| Found {
            label,
            times: told.map(|(numbers, _)| numbers.rows.unsigned_abs()),
            parts: told.map(|(_, part)| part),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;

    /// Those of one row: the sums tell multisets of a few such hashes apart.
    fn numbers(hash: i64) -> Numbers {
        let hash = i128::from(hash);
        Numbers { rows: 1, sums: [hash.pow(3), 1 << (10 * hash)] }
    }

    fn line(place: i64, label: &str, hash: i64) -> Line {
        Line { place, label: vec![Some(label.to_owned())], part: 0, numbers: numbers(hash) }
    }

    fn text(found: &Found) -> String {
        found.label.iter().flatten().map(String::as_str).collect()
    }

    /// Lets the merge run, each stream telling so many lines at once.
    fn run(streams: [Vec<Vec<Line>>; 2], at_once: usize) -> Vec<Found> {
        let mut merge = Merge::new([streams[0].len(), streams[1].len()]);
        let mut rest = streams.map(|side| side.into_iter().map(VecDeque::from).collect::<Vec<_>>());
        let mut found = Vec::new();
        loop {
            let wanted = merge.wanted();
            if wanted.iter().all(Vec::is_empty) {
                return found;
            }
            for (side, indexes) in wanted.into_iter().enumerate() {
                for index in indexes {
                    let queue = &mut rest[side][index];
                    let lines = queue.drain(..at_once.min(queue.len())).collect();
                    merge.take(side, index, lines, at_once);
                }
            }
            found.extend(merge.found());
        }
    }

    #[test]
    fn each_kind_of_difference_is_found() {
        let source = vec![line(1, "a", 1), line(2, "b", 2), line(3, "c", 3)];
        let target = vec![line(1, "a", 1), line(2, "b", 9), line(4, "d", 4)];
        let found: Vec<_> =
            run([vec![source], vec![target]], 1).into_iter().map(|f| (text(&f), f.times)).collect();
        assert_eq!(found, [("b".into(), [1, 1]), ("c".into(), [1, 0]), ("d".into(), [0, 1])]);
    }

    #[test]
    fn labels_that_share_a_place_are_told_apart() {
        let source = vec![line(1, "a", 1), line(1, "b", 2)];
        let target = vec![line(1, "b", 1), line(1, "a", 2)];
        assert_eq!(run([vec![source], vec![target]], 1).len(), 2);
    }

    #[test]
    fn a_row_that_is_there_twice_on_one_side_is_a_difference() {
        let found = run([vec![vec![line(1, "a", 1)]], vec![vec![line(1, "a", 1)], vec![line(1, "a", 1)]]], 5);
        assert_eq!(found[0].times, [1, 2]);
    }

    /// How often each hash is there, more on the source or more on the target, and the rows of each side.
    type Balance = (HashMap<i64, i64>, [u64; 2]);

    fn lines() -> impl Strategy<Value = Vec<(i64, u8, i64)>> {
        prop::collection::vec((-3..4i64, 0..3u8, 0..3i64), 0..40)
    }

    proptest! {
        #[test]
        fn the_differences_are_exactly_those_of_the_multisets(
            source in lines(), target in lines(), streams in 1..4usize, at_once in 1..7usize
        ) {
            let mut expected: BTreeMap<(i64, u8), Balance> = BTreeMap::new();
            for (side, rows) in [&source, &target].into_iter().enumerate() {
                for (place, label, hash) in rows {
                    let (surplus, times) = expected.entry((*place, *label)).or_default();
                    *surplus.entry(*hash).or_default() += if side == 0 { 1 } else { -1 };
                    times[side] += 1;
                }
            }
            expected.retain(|_, (surplus, ..)| surplus.values().any(|count| *count != 0));
            let dealt = |rows: Vec<(i64, u8, i64)>| {
                let mut all: Vec<Vec<Line>> = vec![Vec::new(); streams];
                for (index, (place, label, hash)) in rows.into_iter().enumerate() {
                    all[index % streams].push(line(place, &format!("{place}/{label}"), hash));
                }
                for stream in &mut all {
                    stream.sort_by_key(|line| line.place);
                }
                all
            };
            let mut found: Vec<(String, [u64; 2])> = run([dealt(source), dealt(target)], at_once)
                .into_iter().map(|found| (text(&found), found.times)).collect();
            let mut expected: Vec<(String, [u64; 2])> =
                expected.into_iter().map(|((place, label), (_, times))| (format!("{place}/{label}"), times)).collect();
            found.sort();
            expected.sort();
            prop_assert_eq!(found, expected);
        }
    }
}
