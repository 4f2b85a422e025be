//! How the rows of a table are divided into buckets, so that only those that differ are looked into.
//!
//! By ranges where both sides have the same key of one whole number: then the rows of a bucket are found through the key's
//! index, and a bucket can be divided again. Else by the hash of the key (or of the whole row, where there is no key): hashes
//! spread any kind of key evenly, and need no order that both sides agree on.
//!
//! Invariant: both sides divide alike, and each row is in one bucket.
//! Deliberately absent: what differs.

use std::collections::BTreeMap;

use super::crew::{Crew, Together};
use super::from::own_rows;
use super::numbers::Numbers;
use crate::error::{Context, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::session::{Session, Side, SourceSide, TargetSide, column};
use crate::pg::sql::Sql;
use crate::plan::compare::{Comparison, Part, Subject};
use crate::plan::ranges::{Ranges, Span};
use crate::sql;

/// Rows of a bucket, about.
pub(super) const BUCKET: u64 = 1000;
/// Not more buckets of a table than this: their sums travel.
const MOST_BUCKETS: u64 = 1 << 16;
/// Nor more of all tables in the first scan: they are kept.
const MOST_KEPT: u64 = 1 << 20;
/// Tables or ranges whose bounds are asked for in one query.
const BOUNDS_AT_ONCE: usize = 50;

/// The numbers of a table's buckets, by the buckets' numbers.
pub(super) type Buckets = BTreeMap<i64, Numbers>;

/// How a table's rows are divided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Division {
    /// By the hash of what they are told by, into so many buckets: a power of two.
    Hashes(u64),
    /// By this key.
    Ranges(Ident, Ranges),
}

impl Division {
    /// Asks for the numbers of each bucket.
    #[must_use]
    pub(super) fn query(&self, subject: &Subject, from: &Sql) -> Sql {
        let number = match self {
            Self::Hashes(buckets) => number(subject, *buckets),
            Self::Ranges(key, ranges) => {
                sql!("verify/number_in_ranges.sql", key = key, shift = ranges.shift())
            }
        };
        sql!("verify/buckets.sql", number = number, hash = subject.hash(), from = from)
    }
}

/// The number of a row's bucket, of so many.
pub(super) fn number(subject: &Subject, buckets: u64) -> Sql {
    sql!("verify/number_of_hash.sql", place = subject.place(), mask = buckets - 1)
}

/// How many buckets for so many rows: a power of two.
pub(super) fn buckets(rows: u64) -> u64 {
    (rows / BUCKET).next_power_of_two().clamp(1, MOST_BUCKETS)
}

/// The subjects that are summed up in buckets at once, so that differing rows take no scan more: where one scan is all
/// of it.
pub(super) async fn divisions(
    comparison: &Comparison,
    (source, target): (&Crew<SourceSide>, &Crew<TargetSide>),
    together: &Together,
) -> Result<BTreeMap<usize, Division>> {
    let counts = counts(comparison);
    let ranged = counts.iter().filter_map(|(index, count)| {
        let subject = &comparison.subjects[*index];
        Some((*index, *count, subject, subject.ranged()?))
    });
    let ranged: Vec<(usize, u64, &Subject, &Ident)> = ranged.collect();
    let asked = [0, 1].map(|side: usize| {
        let each = ranged.iter().map(|(_, _, subject, key)| (*key, own_rows(&subject.parts[side][0], &[])));
        each.collect::<Vec<_>>()
    });
    let hulls = hulls((source.exporter(), &asked[0]), (target.exporter(), &asked[1]), together).await?;
    let mut divisions: BTreeMap<usize, Division> =
        counts.iter().map(|(index, count)| (*index, Division::Hashes(*count))).collect();
    for ((index, count, _, key), hull) in ranged.into_iter().zip(hulls) {
        if let Some(hull) = hull {
            divisions.insert(index, Division::Ranges(key.clone(), Ranges::over(hull, count)));
        }
    }
    Ok(divisions)
}

/// How many buckets they take.
fn counts(comparison: &Comparison) -> BTreeMap<usize, u64> {
    let mut kept = 0;
    let wanted = comparison.subjects.iter().enumerate().filter_map(|(index, subject)| {
        let [[here], [there]] = [subject.parts[0].as_slice(), subject.parts[1].as_slice()] else {
            return None;
        };
        // Never analysed: rows of about a hundred bytes.
        let rows = |part: &Part| part.rows.filter(|rows| *rows > 0).unwrap_or(part.bytes / 100);
        let buckets = buckets(rows(here).max(rows(there)));
        kept += buckets;
        (buckets > 1 && kept <= MOST_KEPT).then_some((index, buckets))
    });
    wanted.collect()
}

/// A key, and the rows whose keys are looked at.
pub(super) type Keys<'a> = (&'a Ident, Sql);

/// For each of them the least span that holds the keys of both sides, if there is any.
pub(super) async fn hulls(
    (source, here): (&Session<SourceSide>, &[Keys<'_>]),
    (target, there): (&Session<TargetSide>, &[Keys<'_>]),
    together: &Together,
) -> Result<Vec<Option<Span>>> {
    let (here, there) = together.both(bounds(source, here), bounds(target, there)).await?;
    Ok(here
        .into_iter()
        .zip(there)
        .map(|(here, there)| here.into_iter().chain(there).reduce(Span::with))
        .collect())
}

async fn bounds<S: Side>(session: &Session<S>, asked: &[Keys<'_>]) -> Result<Vec<Option<Span>>> {
    let mut all = Vec::with_capacity(asked.len());
    for some in asked.chunks(BOUNDS_AT_ONCE) {
        let each = some.iter().enumerate();
        let each = each
            .map(|(number, (key, from))| sql!("verify/bounds.sql", number = number, key = key, from = from));
        let rows = session.rows(&Sql::join(each, "\nUNION ALL\n"), &[]).await;
        let mut spans = vec![None; some.len()];
        for row in rows.context(Kind::Verify, "the bounds of keys could not be read", S::NAME)? {
            let bounds = column::<Option<i64>>(&row, "low")?.zip(column::<Option<i64>>(&row, "high")?);
            let number = usize::try_from(column::<i64>(&row, "number")?).unwrap_or(usize::MAX);
            if let Some(span) = spans.get_mut(number) {
                *span = bounds.map(|(from, to)| Span { from, to });
            }
        }
        all.extend(spans);
    }
    Ok(all)
}
