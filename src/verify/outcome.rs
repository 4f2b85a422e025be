//! What both sides' numbers mean: which tables are equal, and where the others differ.
//!
//! Invariant: pure; a part without an answer is never equal.
//! Deliberately absent: rows.

use super::numbers::Numbers;
use super::sums::Tally;
use crate::job::verify::Depth;
use crate::plan::compare::{Comparison, Subject};
use crate::report::{Difference, Finding};

/// A subject whose rows differ.
#[derive(Debug)]
pub(super) struct Differing {
    /// Its index.
    pub subject: usize,
    /// The parts of each side that may hold a differing row.
    pub parts: [Vec<usize>; 2],
    /// What it is told by.
    pub difference: Difference,
}

/// What came of it.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// Rows of each subject on the source.
    pub rows: Vec<u64>,
    /// The subjects that differ.
    pub differing: Vec<Differing>,
    /// What should be known of the others.
    pub warnings: Vec<Finding>,
}

/// Compares the numbers of both sides.
#[must_use]
pub(super) fn outcome(comparison: &Comparison, tallies: [&Tally; 2], depth: Depth) -> Outcome {
    let mut outcome = Outcome::default();
    for (index, subject) in comparison.subjects.iter().enumerate() {
        let totals = [0, 1].map(|side| total(subject, index, side, tallies[side]));
        outcome.rows.push(totals[0].map_or(0, |numbers| numbers.rows.unsigned_abs()));
        let parts = unequal_parts(subject, index, tallies);
        let is_equal = totals[0].is_some() && totals[0] == totals[1];
        if !is_equal {
            let difference = difference(subject, totals, depth);
            outcome.differing.push(Differing { subject: index, parts, difference });
        } else if parts.iter().any(|side| !side.is_empty()) && depth != Depth::Count && is_divided(subject) {
            outcome.warnings.push(moved(subject));
        }
    }
    outcome
}

fn is_divided(subject: &Subject) -> bool {
    subject.parts.iter().all(|side| side.len() > 1)
}

/// The sum over all parts; nothing if one has no answer.
fn total(subject: &Subject, index: usize, side: usize, tally: &Tally) -> Option<Numbers> {
    let parts = 0..subject.parts[side].len();
    parts
        .map(|part| tally.get(&(index, part)).copied())
        .try_fold(Numbers::default(), |sum, numbers| Some(sum.plus(numbers?)))
}

/// The parts that have no equal of the same name on the other side.
fn unequal_parts(subject: &Subject, index: usize, tallies: [&Tally; 2]) -> [Vec<usize>; 2] {
    let numbers = |side: usize, part: usize| tallies[side].get(&(index, part)).copied();
    let alone = subject.parts.iter().all(|side| side.len() == 1);
    [0, 1].map(|side: usize| {
        let other = 1 - side;
        let parts = subject.parts[side].iter().enumerate().filter(|(part, here)| {
            let there = subject.parts[other].iter().position(|there| alone || there.name == here.name);
            let is_equal = there.is_some_and(|there| {
                numbers(side, *part).is_some() && numbers(side, *part) == numbers(other, there)
            });
            !is_equal
        });
        parts.map(|(part, _)| part).collect()
    })
}

fn difference(subject: &Subject, [source, target]: [Option<Numbers>; 2], depth: Depth) -> Difference {
    let rows = |numbers: Option<Numbers>| numbers.map_or("unknown".into(), |n| n.rows.to_string());
    let sums = |numbers: Option<Numbers>| numbers.map_or("unknown".into(), |n| n.checksum());
    if rows(source) != rows(target) || depth == Depth::Count {
        Difference::of(&subject.name, "count", rows(source), rows(target))
    } else {
        Difference::of(&subject.name, "checksum", sums(source), sums(target))
    }
}

fn moved(subject: &Subject) -> Finding {
    Finding {
        code: "partitions-differ",
        object: subject.name.plain(),
        message: "it holds the same rows on both sides, but in other partitions".into(),
        remedy: "nothing to do, unless something reads single partitions".into(),
    }
}
