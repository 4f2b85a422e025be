//! Which rows of a table differ: sums of buckets from both sides at once, then keys and hashes of the rows that may differ,
//! which the target compares.
//!
//! Where buckets are ranges of a key, differing ones that hold many rows, because keys are not spread evenly, are divided
//! again, between the keys that they hold on either side, until they are small. Keys and hashes pass through fdwcopy as they
//! come; only sums are kept.
//!
//! Invariant: rows whose buckets have equal numbers on both sides are equal; the target stands still meanwhile.
//! Deliberately absent: rows, which travel over the bridge alone (see `apply`).

use super::division::{Division, InRanges, in_spans};
use super::statement::{End, Pair};
use super::steps::Share;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::session::{Session, Side, SourceSession, TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::incremental::bucketing::buckets;
use crate::plan::ranges::Span;

/// A range with more rows than this is divided.
const LARGE: u64 = 1000;
/// If there are no more of them than this: each takes two answers of both sides.
const MOST_DIVIDED: usize = 64;

/// Of every bucket how many rows it has, and two sums over their hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sums(Vec<[i64; 3]>);

/// What differs in a table.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// How its rows come into buckets.
    division: Division,
    /// What the source's rows sum up to.
    source: Sums,
    /// The buckets that differ.
    buckets: Vec<u64>,
    /// How many rows the target has.
    pub(super) there: u64,
    /// Rows that only the source has.
    pub(super) inserted: u64,
    /// Rows that have other values.
    pub(super) updated: u64,
    /// Rows that only the target has.
    pub(super) extra: u64,
    /// Whether the rows that differ are listed; else all are new.
    pub(super) listed: bool,
}

/// Both sides' sessions.
pub(super) type Ends<'a> = (&'a SourceSession, &'a TargetSession);

impl Sums {
    /// Asks one side.
    async fn ask<S: Side>(
        session: &Session<S>,
        pair: Pair<'_>,
        query: &Sql,
        division: &Division,
    ) -> Result<Self> {
        let about = about(session, pair);
        let rows = session.rows(query, &[]).await.context(Kind::Copy, UNREADABLE, &about)?;
        let strange =
            || Error::new(Kind::Internal, "an unexpected answer of the server").object(about.as_str());
        let mut sums = vec![[0_i64; 3]; usize::try_from(division.buckets()).map_err(|_| strange())?];
        let last = sums.len().saturating_sub(1);
        for row in rows {
            let numbers: Vec<i64> = column(&row, "numbers")?;
            let parts: [Vec<i64>; 3] =
                [column(&row, "rows")?, column(&row, "first")?, column(&row, "second")?];
            for (place, number) in numbers.into_iter().enumerate() {
                // The first and the last range reach further than the keys did.
                let bucket = usize::try_from(number.max(0)).unwrap_or(last).min(last);
                for (sum, part) in sums[bucket].iter_mut().zip(&parts) {
                    *sum = sum.wrapping_add(*part.get(place).ok_or_else(strange)?);
                }
            }
        }
        Ok(Self(sums))
    }

    /// Asks both.
    async fn of_both(
        (source, target): Ends<'_>,
        pair: Pair<'_>,
        division: &Division,
        further: &[Sql],
    ) -> Result<[Self; 2]> {
        let query = |end| pair.sums(end, division, further.to_vec());
        let (from_source, from_target) = (query(End::Source), query(End::Target));
        let (here, there) = tokio::join!(
            Self::ask(source, pair, &from_source, division),
            Self::ask(target, pair, &from_target, division)
        );
        Ok([here?, there?])
    }

    /// How many rows are in a bucket.
    fn of(&self, bucket: u64) -> u64 {
        let sum = usize::try_from(bucket).ok().and_then(|bucket| self.0.get(bucket));
        sum.map_or(0, |[rows, _, _]| rows.unsigned_abs())
    }

    fn rows(&self) -> u64 {
        self.0.iter().map(|[rows, _, _]| rows.unsigned_abs()).sum()
    }

    /// The buckets in which the other side has other rows.
    fn unlike(&self, other: &Self) -> Vec<u64> {
        let pairs = self.0.iter().zip(&other.0).zip(0..);
        pairs.filter(|((here, there), _)| here != there).map(|(_, bucket)| bucket).collect()
    }
}

impl Found {
    /// Whether nothing differs.
    pub(super) fn is_nothing(&self) -> bool {
        self.inserted + self.updated + self.extra == 0
    }

    /// Rows that have to be brought.
    pub(super) fn wanted(&self) -> u64 {
        self.inserted + self.updated
    }

    /// Rows of the source.
    pub(super) fn rows(&self) -> u64 {
        self.source.rows()
    }

    /// The condition that a row is in a bucket that differs, if it is worth its cost.
    fn some(&self, pair: Pair<'_>) -> Vec<Sql> {
        let are_most = self.buckets.len() as u64 > self.division.buckets() / 2;
        if are_most { Vec::new() } else { vec![pair.within(&self.division, &self.buckets)] }
    }
}

/// Finds what differs in a table. Rows are `always_listed` if not all of them are to be brought at once.
pub(super) async fn search(ends: Ends<'_>, pair: Pair<'_>, always_listed: bool) -> Result<Found> {
    let hull = match pair.bucketing.subject.ranged() {
        Some(key) => hull(ends, pair, key, None).await?,
        None => None,
    };
    let division = Division::of_all(pair.bucketing, hull);
    let [here, there] = Sums::of_both(ends, pair, &division, &[]).await?;
    let buckets = here.unlike(&there);
    let rows = there.rows();
    let mut found = Found {
        division,
        source: here,
        buckets,
        there: rows,
        inserted: 0,
        updated: 0,
        extra: 0,
        listed: false,
    };
    if found.buckets.is_empty() {
        return Ok(found);
    }
    if found.there == 0 && pair.bucketing.is_sure && !always_listed {
        found.inserted = found.rows();
        return Ok(found);
    }
    let within = match &found.division {
        Division::Hashes(_) => found.some(pair),
        Division::Ranges(ranges) => {
            let differing = found.buckets.iter().map(|bucket| Differing {
                span: ranges.span(*bucket),
                rows: found.source.of(*bucket).max(there.of(*bucket)),
            });
            let spans = narrowed(ends, pair, ranges, differing.collect()).await?;
            let rows: u64 = spans.iter().map(|one| one.rows).sum();
            let are_most = rows > found.rows().max(found.there) / 2;
            if are_most { Vec::new() } else { vec![in_spans(ranges.key(), spans.iter().map(|one| one.span))] }
        }
    };
    list(ends, pair, within, &mut found).await?;
    Ok(found)
}

/// The least span that holds the keys of both sides, if there are any.
async fn hull(
    (source, target): Ends<'_>,
    pair: Pair<'_>,
    key: &Ident,
    within: Option<Span>,
) -> Result<Option<Span>> {
    let query = |end| pair.bounds(end, key, within);
    let (of_source, of_target) = (query(End::Source), query(End::Target));
    let (here, there) = tokio::join!(bounds(source, pair, &of_source), bounds(target, pair, &of_target));
    Ok([here?, there?].into_iter().flatten().reduce(Span::with))
}

async fn bounds<S: Side>(session: &Session<S>, pair: Pair<'_>, query: &Sql) -> Result<Option<Span>> {
    let row = session.one(query, &[]).await.context(Kind::Copy, UNREADABLE, about(session, pair))?;
    let (low, high): (Option<i64>, Option<i64>) = (column(&row, "low")?, column(&row, "high")?);
    Ok(low.zip(high).map(|(from, to)| Span { from, to }))
}

/// A range that differs, and its rows on the larger side.
#[derive(Debug, Clone, Copy)]
struct Differing {
    span: Span,
    rows: u64,
}

/// The small ranges in which these differ, in order.
async fn narrowed(
    ends: Ends<'_>,
    pair: Pair<'_>,
    ranges: &InRanges,
    mut wanted: Vec<Differing>,
) -> Result<Vec<Differing>> {
    let mut small = Vec::new();
    loop {
        let (large, others): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|one| one.rows > LARGE);
        small.extend(others);
        if large.is_empty() || large.len() > MOST_DIVIDED {
            small.extend(large);
            small.sort_by_key(|one| one.span.from);
            return Ok(small);
        }
        wanted = Vec::new();
        for one in large {
            wanted.extend(divided(ends, pair, ranges.key(), one).await?);
        }
    }
}

/// The ranges in which this one differs.
async fn divided(
    ends: Ends<'_>,
    pair: Pair<'_>,
    key: &Ident,
    Differing { span, rows }: Differing,
) -> Result<Vec<Differing>> {
    let Some(hull) = hull(ends, pair, key, Some(span)).await? else { return Ok(Vec::new()) };
    let ranges = InRanges::new(key, span, hull, buckets(rows));
    let division = Division::Ranges(ranges.clone());
    let within = [in_spans(key, [span].into_iter())];
    let [here, there] = Sums::of_both(ends, pair, &division, &within).await?;
    let each = here.unlike(&there).into_iter();
    Ok(each
        .map(|bucket| Differing { span: ranges.span(bucket), rows: here.of(bucket).max(there.of(bucket)) })
        .collect())
}

/// Has the target compare keys and hashes of these rows.
async fn list((source, target): Ends<'_>, pair: Pair<'_>, within: Vec<Sql>, found: &mut Found) -> Result<()> {
    let about = pair.table.source.plain();
    let failed = "differing rows could not be looked for";
    target.run(&pair.there()).await.context(Kind::Copy, failed, &about)?;
    let passed = source.pass_on(&pair.send(within.clone()), target, &pair.receive()).await;
    passed.context(Kind::Copy, failed, &about)?;
    if !pair.bucketing.is_sure {
        let broken = target.rows(&pair.broken(), &[]).await.context(Kind::Copy, failed, &about)?;
        if let Some(row) = broken.first() {
            return Err(broken_key(&about, column(row, "key")?, column(row, "times")?));
        }
    }
    target.run(&pair.differ(within)).await.context(Kind::Copy, failed, &about)?;
    count(target, pair, found).await?;
    found.listed = true;
    Ok(())
}

/// Counts what is listed.
async fn count(target: &TargetSession, pair: Pair<'_>, found: &mut Found) -> Result<()> {
    let counts = target.one(&pair.counts(), &[]).await;
    let counts =
        counts.context(Kind::Copy, "differing rows could not be counted", pair.table.source.plain())?;
    let count = |name: &str| column::<i64>(&counts, name).map(i64::unsigned_abs);
    (found.inserted, found.updated, found.extra) = (count("inserted")?, count("updated")?, count("extra")?);
    Ok(())
}

/// Leaves only so many of the rows that differ.
pub(super) async fn cut(
    target: &TargetSession,
    pair: Pair<'_>,
    found: &mut Found,
    share: Share,
) -> Result<()> {
    let about = pair.table.source.plain();
    target.run(&pair.cut(share)).await.context(Kind::Copy, "differing rows could not be listed", about)?;
    count(target, pair, found).await
}

/// Fails unless the target's rows now sum up to the source's, but for those that only it has and that stay; `anywhere` if
/// rows may have changed that were equal.
pub(super) async fn prove(
    target: &TargetSession,
    pair: Pair<'_>,
    found: &Found,
    (extra_stays, anywhere): (bool, bool),
) -> Result<bool> {
    let mut further = if anywhere { Vec::new() } else { found.some(pair) };
    further.extend((extra_stays && found.listed).then(|| pair.not_extra()));
    let query = pair.sums(End::Target, &found.division, further);
    let now = Sums::ask(target, pair, &query, &found.division).await?;
    let unlike = found.source.unlike(&now);
    Ok(if anywhere { unlike.is_empty() } else { !unlike.iter().any(|bucket| found.buckets.contains(bucket)) })
}

const UNREADABLE: &str = "its rows could not be read";

fn about<S: Side>(_: &Session<S>, pair: Pair<'_>) -> String {
    format!("{} on the {}", pair.table.source.plain(), S::NAME)
}

fn broken_key(table: &str, key: &str, times: i64) -> Error {
    let what = if times > 1 {
        format!("the source has {times} rows with one key: ({key})")
    } else {
        format!("a column of its key is NULL in some rows: ({key})")
    };
    Error::new(Kind::Copy, what).object(table).remedy(
        "mend them, leave such rows out with --where, or name another key: --key; nothing was changed",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_differ_by_their_rows_or_any_of_their_sums() {
        let sums = |first: [i64; 3]| Sums(vec![first, [2, 5, 6], [0; 3]]);
        let here = sums([1, 7, 8]);
        assert_eq!(here.unlike(&here), [0; 0]);
        for other in [[2, 7, 8], [1, 0, 8], [1, 7, 0]] {
            assert_eq!(here.unlike(&sums(other)), [0]);
        }
        assert_eq!(here.rows(), 3);
    }
}
