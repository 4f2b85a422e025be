//! How the rows of a table come into buckets, and where the rows of a bucket lie.
//!
//! By ranges of the key where that is one whole number: rows that were written together lie together, and are found through
//! the key's index. Else by the hash of the key, which spreads keys of any type evenly, however they are distributed, and
//! needs no order that both sides agree on.
//!
//! Invariant: pure; every row is in exactly one bucket, whatever it was that the keys were thought to be.

use crate::pg::ident::Ident;
use crate::pg::sql::Sql;
use crate::plan::compare::Subject;
use crate::plan::incremental::bucketing::Bucketing;
use crate::plan::ranges::{Ranges, Span};
use crate::sql;

/// Conditions on more ranges than this are one expression, for which the whole table is read.
const MOST_LISTED: usize = 500;

/// The buckets of some rows, by numbers from 0 on.
#[derive(Debug, Clone)]
pub(super) enum Division {
    /// So many, a power of two.
    Hashes(u64),
    /// By a key.
    Ranges(InRanges),
}

/// The numbers of a span, divided.
#[derive(Debug, Clone)]
pub(super) struct InRanges {
    key: Ident,
    ranges: Ranges,
    /// What is divided.
    whole: Span,
    /// The first and the last bucket as `ranges` count them; they reach to the ends of what is divided.
    ends: [i64; 2],
}

impl Division {
    /// All rows of a table; the hull is the least span that holds the keys of both sides.
    pub(super) fn of_all(bucketing: &Bucketing, hull: Option<Span>) -> Self {
        let buckets = bucketing.buckets;
        match bucketing.subject.ranged().zip(hull) {
            None => Self::Hashes(buckets),
            Some((key, hull)) => Self::Ranges(InRanges::new(key, Span::ALL, hull, buckets)),
        }
    }

    /// How many buckets there are.
    pub(super) fn buckets(&self) -> u64 {
        match self {
            Self::Hashes(buckets) => *buckets,
            Self::Ranges(InRanges { ends: [first, last], .. }) => last.abs_diff(*first) + 1,
        }
    }

    /// The number of a row's bucket.
    pub(super) fn number(&self, subject: &Subject) -> Sql {
        match self {
            Self::Hashes(buckets) => {
                sql!("sync/number_of_hash.sql", place = subject.place(), mask = buckets - 1)
            }
            Self::Ranges(InRanges { key, ranges, ends: [first, _], .. }) => {
                sql!("sync/number_in_ranges.sql", key = key, shift = ranges.shift(), first = *first)
            }
        }
    }

    /// The condition that a row is in one of these buckets.
    pub(super) fn within(&self, subject: &Subject, buckets: &[u64]) -> Sql {
        match self {
            Self::Hashes(_) => {
                sql!("sync/in_buckets.sql", number = self.number(subject), buckets = Sql::join(buckets, ", "))
            }
            Self::Ranges(ranges) => in_spans(&ranges.key, buckets.iter().map(|bucket| ranges.span(*bucket))),
        }
    }
}

impl InRanges {
    /// Divides what lies between two numbers; its keys lie in the hull.
    pub(super) fn new(key: &Ident, whole: Span, hull: Span, buckets: u64) -> Self {
        let ranges = Ranges::over(hull, buckets);
        let ends = [hull.from >> ranges.shift(), hull.to >> ranges.shift()];
        Self { key: key.clone(), ranges, whole, ends }
    }

    /// The column.
    pub(super) fn key(&self) -> &Ident {
        &self.key
    }

    /// The numbers in a bucket.
    pub(super) fn span(&self, bucket: u64) -> Span {
        let [first, last] = self.ends;
        let number = first.saturating_add_unsigned(bucket);
        let Span { from, to } = self.ranges.span(number);
        Span {
            from: if number == first { self.whole.from } else { from },
            to: if number == last { self.whole.to } else { to },
        }
    }
}

/// The condition that a key lies in one of these; they are in order, and have nothing in common.
pub(super) fn in_spans(key: &Ident, spans: impl Iterator<Item = Span>) -> Sql {
    let mut joined: Vec<Span> = Vec::new();
    for span in spans {
        match joined.last_mut() {
            Some(last) if last.to.checked_add(1) == Some(span.from) => last.to = span.to,
            _ => joined.push(span),
        }
    }
    if joined.len() <= MOST_LISTED {
        let each =
            joined.iter().map(|span| sql!("sync/in_span.sql", key = key, from = span.from, to = span.to));
        return sql!("sync/in_brackets.sql", conditions = Sql::join(each, " OR "));
    }
    // A key lies in one of them if it has passed an odd number of bounds.
    let bounds = joined.iter().flat_map(|span| [Some(span.from), span.to.checked_add(1)]).flatten();
    sql!("sync/in_spans.sql", key = key, bounds = Sql::join(bounds, ", "))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ranges(hull: Span, buckets: u64) -> Division {
        Division::Ranges(InRanges::new(&Ident::new("id"), Span::ALL, hull, buckets))
    }

    fn spans(division: &Division) -> Vec<Span> {
        let Division::Ranges(ranges) = division else { return Vec::new() };
        (0..division.buckets()).map(|bucket| ranges.span(bucket)).collect()
    }

    #[test]
    fn few_ranges_are_a_list_and_many_are_bounds() {
        let each = |number: i64| (0..number).map(|at| Span { from: at * 10, to: at * 10 + 5 });
        let key = Ident::new("id");
        let two = in_spans(&key, each(2));
        assert_eq!(
            two.as_str(),
            "(\"id\" BETWEEN '0'::int8 AND '5'::int8 OR \"id\" BETWEEN '10'::int8 AND '15'::int8)"
        );
        assert!(in_spans(&key, each(501)).as_str().contains("ARRAY[0, 6, 10, 16, 20, "));
    }

    #[test]
    fn ranges_side_by_side_are_one() {
        let side_by_side =
            [Span { from: i64::MIN, to: 4 }, Span { from: 5, to: 9 }, Span { from: 11, to: i64::MAX }];
        let condition = in_spans(&Ident::new("id"), side_by_side.into_iter());
        assert_eq!(condition.as_str().matches("BETWEEN").count(), 2);
    }

    proptest! {
        #[test]
        fn all_numbers_are_in_exactly_one_bucket(a in any::<i64>(), b in any::<i64>(), near in -3000..3000i64, buckets in 2..300u64) {
            for to in [b, a.saturating_add(near)] {
                let division = ranges(Span { from: a.min(to), to: a.max(to) }, buckets);
                let spans = spans(&division);
                prop_assert!(division.buckets() <= buckets);
                prop_assert_eq!((spans[0].from, spans[spans.len() - 1].to), (i64::MIN, i64::MAX));
                prop_assert!(spans.windows(2).all(|pair| pair[0].to.checked_add(1) == Some(pair[1].from)));
            }
        }
    }
}
