//! Differing ranges of a key are divided until each is small.
//!
//! Keys may be distributed in any way: where a range holds too many rows, both sides tell the bounds of the keys that it
//! holds, and sum up what lies between in finer ranges. Keys are unique, so that a range of one number is small at last.
//!
//! Invariant: each range that is returned, and each that is left out, holds a differing row.
//! Deliberately absent: the rows.

use super::buckets::{BUCKET, Buckets, Division, buckets, hulls};
use super::crew::Crew;
use super::from::{own_rows, rows};
use super::numbers::Numbers;
use super::rows::{Crews, FAILED, Search, in_span, unequal};
use crate::error::{Context, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::session::{Session, Side, column};
use crate::plan::ranges::{Ranges, Span};
use crate::queue::Queue;

/// A range with more rows than this is divided.
const LARGE: u64 = 4 * BUCKET;

/// A differing range, and its rows on the larger side.
#[derive(Debug, Clone, Copy)]
struct Differing {
    span: Span,
    rows: u64,
}

/// The small ranges that differ, no more than the limit, and how many others do.
pub(super) async fn spans(
    search: &Search<'_>,
    crews: Crews<'_>,
    (key, ranges): (&Ident, Ranges),
    told: [Buckets; 2],
) -> Result<(Vec<Span>, u64)> {
    let mut wanted = differing(ranges, &told);
    let mut left = 0;
    loop {
        left += wanted.len().saturating_sub(search.limit) as u64;
        wanted.truncate(search.limit);
        let (large, mut next): (Vec<Differing>, Vec<Differing>) =
            wanted.into_iter().partition(|differing| differing.rows > LARGE);
        if large.is_empty() {
            return Ok((next.into_iter().map(|differing| differing.span).collect(), left));
        }
        next.extend(divided(search, crews, key, &large).await?);
        wanted = next;
    }
}

fn differing(ranges: Ranges, told: &[Buckets; 2]) -> Vec<Differing> {
    let rows = |bucket: i64| {
        let each = told.iter().filter_map(|side| side.get(&bucket));
        each.map(|numbers| numbers.rows.unsigned_abs()).max().unwrap_or_default()
    };
    let each = unequal(told).into_iter();
    each.map(|bucket| Differing { span: ranges.span(bucket), rows: rows(bucket) }).collect()
}

/// The differing ranges that lie in these.
async fn divided(
    search: &Search<'_>,
    (source, target): Crews<'_>,
    key: &Ident,
    large: &[Differing],
) -> Result<Vec<Differing>> {
    let asked = [0, 1].map(|side: usize| {
        let each = large.iter().map(|differing| in_span(key, differing.span));
        each.map(|within| (key, own_rows(&search.subject.parts[side][0], &[within]))).collect::<Vec<_>>()
    });
    let hulls =
        hulls((source.exporter(), &asked[0]), (target.exporter(), &asked[1]), search.together).await?;
    let finer = large.iter().zip(hulls).map(|(differing, hull)| {
        let span = hull.unwrap_or(differing.span);
        (differing.span, Ranges::over(span, buckets(differing.rows)))
    });
    let finer: Vec<(Span, Ranges)> = finer.collect();
    let summing =
        search.together.both(sums(search, source, (key, 0), &finer), sums(search, target, (key, 1), &finer));
    let (here, there) = summing.await?;
    let each = finer.iter().zip(here).zip(there);
    Ok(each.flat_map(|(((_, ranges), here), there)| differing(*ranges, &[here, there])).collect())
}

/// The numbers of the finer ranges within each.
async fn sums<'a, S: Side>(
    search: &Search<'_>,
    crew: &'a Crew<S>,
    (key, side): (&Ident, usize),
    finer: &[(Span, Ranges)],
) -> Result<Vec<Buckets>> {
    let queue = &Queue::new(finer.iter().enumerate());
    let drain = |session: &'a Session<S>| async move {
        let mut all = Vec::new();
        while let Some((index, (span, ranges))) = queue.take() {
            let within = Some(in_span(key, *span));
            let from = rows(search.subject, &search.subject.parts[side][0], None, within);
            let query = Division::Ranges(key.clone(), *ranges).query(search.subject, &from);
            let rows = session.rows(&query, &[]).await.context(Kind::Verify, FAILED, search.about::<S>())?;
            let read = |row| Ok((column(row, "number")?, Numbers::read(row)?));
            all.push((index, rows.iter().map(read).collect::<Result<Buckets>>()?));
        }
        Ok(all)
    };
    let mut all = vec![Buckets::new(); finer.len()];
    for (index, buckets) in search.together.each(&crew.sessions, drain).await?.into_iter().flatten() {
        all[index] = buckets;
    }
    Ok(all)
}
