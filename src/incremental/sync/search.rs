//! Which rows of a table differ: sums of buckets from both sides at once, then keys and hashes of the buckets that differ,
//! which the target compares.
//!
//! Rows come into buckets by the hash of their key, which spreads keys of any type evenly, however they are distributed, and
//! needs no order that both sides agree on. Keys and hashes pass through fdwcopy as they come; only sums are kept.
//!
//! Invariant: rows whose buckets have equal numbers on both sides are equal; the target stands still meanwhile.
//! Deliberately absent: rows, which travel over the bridge alone (see `apply`).

use super::statement::{End, Pair};
use crate::error::{Context, Error, Kind, Result};
use crate::pg::session::{Session, Side, SourceSession, TargetSession, column};
use crate::pg::sql::Sql;

/// Of every bucket how many rows it has, and two sums over their hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Sums(Vec<[i64; 3]>);

/// What differs in a table.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// What the source's rows sum up to.
    pub(super) source: Sums,
    /// How many rows the target has.
    pub(super) there: u64,
    /// The buckets that differ.
    pub(super) buckets: Vec<u64>,
    /// Rows that only the source has.
    pub(super) inserted: u64,
    /// Rows that have other values.
    pub(super) updated: u64,
    /// Rows that only the target has.
    pub(super) extra: u64,
    /// Whether the rows that differ are listed; else all are new.
    pub(super) listed: bool,
}

impl Sums {
    /// Asks one side.
    async fn ask<S: Side>(session: &Session<S>, pair: Pair<'_>, query: &Sql) -> Result<Self> {
        let about = format!("{} on the {}", pair.table.source.plain(), S::NAME);
        let rows =
            session.rows(query, &[]).await.context(Kind::Copy, "its rows could not be read", &about)?;
        let strange =
            || Error::new(Kind::Internal, "an unexpected answer of the server").object(about.as_str());
        let mut sums = vec![[0; 3]; usize::try_from(pair.bucketing.buckets).map_err(|_| strange())?];
        for row in rows {
            let numbers: Vec<i64> = column(&row, "numbers")?;
            let parts: [Vec<i64>; 3] =
                [column(&row, "rows")?, column(&row, "first")?, column(&row, "second")?];
            for (place, number) in numbers.into_iter().enumerate() {
                let bucket = usize::try_from(number).ok().and_then(|number| sums.get_mut(number));
                let bucket = bucket.ok_or_else(strange)?;
                for (sum, part) in bucket.iter_mut().zip(&parts) {
                    *sum = *part.get(place).ok_or_else(strange)?;
                }
            }
        }
        Ok(Self(sums))
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
}

/// Finds what differs in a table.
pub(super) async fn search(source: &SourceSession, target: &TargetSession, pair: Pair<'_>) -> Result<Found> {
    let (from_source, from_target) = (pair.sums(End::Source, Vec::new()), pair.sums(End::Target, Vec::new()));
    let (here, there) =
        tokio::join!(Sums::ask(source, pair, &from_source), Sums::ask(target, pair, &from_target));
    let (here, there) = (here?, there?);
    let buckets = here.unlike(&there);
    let mut found = Found {
        there: there.rows(),
        source: here,
        buckets,
        inserted: 0,
        updated: 0,
        extra: 0,
        listed: false,
    };
    if found.buckets.is_empty() {
        return Ok(found);
    }
    if found.there == 0 && pair.bucketing.is_sure {
        found.inserted = found.rows();
        return Ok(found);
    }
    list(source, target, pair, &mut found).await?;
    Ok(found)
}

/// Has the target compare keys and hashes of the buckets that differ.
async fn list(
    source: &SourceSession,
    target: &TargetSession,
    pair: Pair<'_>,
    found: &mut Found,
) -> Result<()> {
    let about = pair.table.source.plain();
    let failed = "differing rows could not be looked for";
    let within = some(pair, &found.buckets);
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
    let counts = target.one(&pair.counts(), &[]).await.context(Kind::Copy, failed, &about)?;
    let count = |name: &str| column::<i64>(&counts, name).map(i64::unsigned_abs);
    (found.inserted, found.updated, found.extra) = (count("inserted")?, count("updated")?, count("extra")?);
    found.listed = true;
    Ok(())
}

/// The condition that is worth its cost.
fn some(pair: Pair<'_>, buckets: &[u64]) -> Vec<Sql> {
    let are_most = buckets.len() as u64 > pair.bucketing.buckets / 2;
    if are_most { Vec::new() } else { vec![pair.within(buckets)] }
}

/// Fails unless the target's rows now sum up to the source's, but for those that only it has and that stay; `anywhere` if
/// rows may have changed that were equal.
pub(super) async fn prove(
    target: &TargetSession,
    pair: Pair<'_>,
    found: &Found,
    (extra_stays, anywhere): (bool, bool),
) -> Result<bool> {
    let mut further = if anywhere { Vec::new() } else { some(pair, &found.buckets) };
    further.extend((extra_stays && found.listed).then(|| pair.not_extra()));
    let now = Sums::ask(target, pair, &pair.sums(End::Target, further)).await?;
    let unlike = found.source.unlike(&now);
    Ok(if anywhere { unlike.is_empty() } else { !unlike.iter().any(|bucket| found.buckets.contains(bucket)) })
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
