//! Which rows of a table differ, by a search that reads each side once more and fetches next to nothing.
//!
//! Each side has summed its rows up in buckets, or does it first: by the hash of their key (or of the whole row, where there is no key): hashes
//! spread any kind of key evenly, need no order that both sides agree on, and read no index at random. Then keys and hashes
//! of as many differing buckets are fetched as the limit can need, each holding at least one difference, and merged.
//!
//! Invariant: what differs by its sums has differing rows; if none is found, that is an error.
//! Deliberately absent: in which columns rows differ (see `details`).

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;

use super::crew::{Crew, Together};
use super::from::{Piece, rows};
use super::merge::{Found, Line, Merge};
use super::numbers::Numbers;
use super::outcome::Differing;
use super::sums::{Buckets, Told, buckets, cut, in_buckets};
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::session::{Session, Side, SourceSide, TargetSide, column};
use crate::pg::sql::Sql;
use crate::plan::compare::{Compared, Subject};
use crate::queue::Queue;
use crate::sql;

/// Rows in one answer.
const AT_ONCE: u32 = 2000;

/// The rows of a table that were found, and how many more there are at least.
#[derive(Debug)]
pub(super) struct Located {
    pub(super) found: Vec<Found>,
    pub(super) more: u64,
}

/// A search in one table.
pub(super) struct Search<'a> {
    pub(super) subject: &'a Subject,
    pub(super) differing: &'a Differing,
    /// What both sides have said.
    pub(super) told: [&'a Told; 2],
    /// The subjects that were summed up in buckets.
    pub(super) bucketed: &'a BTreeMap<usize, u64>,
    pub(super) limit: usize,
    pub(super) together: &'a Together,
}

impl<'a> Search<'a> {
    /// Finds the rows.
    pub(super) async fn locate(
        &self,
        source: &'a Crew<SourceSide>,
        target: &'a Crew<TargetSide>,
    ) -> Result<Located> {
        let index = self.differing.subject;
        let known = [0, 1].map(|side: usize| self.told[side].buckets.get(&index));
        let buckets = self.bucketed.get(&index).copied().unwrap_or_else(|| buckets(self.rows()));
        let mask = buckets - 1;
        let (here, there) = match known {
            [Some(here), Some(there)] => (here.clone(), there.clone()),
            _ => self.together.both(self.sums(source, 0, buckets), self.sums(target, 1, buckets)).await?,
        };
        let all: BTreeSet<i64> = here.keys().chain(there.keys()).copied().collect();
        let differing: Vec<i64> =
            all.into_iter().filter(|bucket| here.get(bucket) != there.get(bucket)).collect();
        let (wanted, left) = differing.split_at(differing.len().min(self.limit));
        let (here, there) = self
            .together
            .both(self.open(source, 0, (mask, wanted)), self.open(target, 1, (mask, wanted)))
            .await?;
        let mut found = self.merge((source, here), (target, there)).await?;
        if found.is_empty() {
            return Err(Error::new(Kind::Internal, "its sums differ, but no row was found that does")
                .object(self.subject.name.plain()));
        }
        let more = found.len().saturating_sub(self.limit) + left.len();
        found.truncate(self.limit);
        Ok(Located { found, more: more as u64 })
    }

    /// Rows of the larger side.
    fn rows(&self) -> u64 {
        let of = |told: &Told| {
            let parts = told.parts.iter().filter(|((subject, _), _)| *subject == self.differing.subject);
            parts.map(|(_, numbers)| numbers.rows.unsigned_abs()).sum::<u64>()
        };
        of(self.told[0]).max(of(self.told[1]))
    }

    /// The pieces of the differing parts of one side, about one for each session.
    fn pieces<S: Side>(&self, crew: &Crew<S>, side: usize) -> Vec<Piece> {
        let parts = &self.subject.parts[side];
        let differing = &self.differing.parts[side];
        let total: u64 = differing.iter().map(|part| parts[*part].bytes).sum();
        let most =
            if crew.cuts { (total / crew.sessions.len().max(1) as u64).max(1 << 20) } else { u64::MAX };
        let cut = |part: &usize| {
            cut(&parts[*part], most)
                .into_iter()
                .map(|piece| Piece { part: *part, ..piece })
                .collect::<Vec<_>>()
        };
        differing.iter().flat_map(cut).collect()
    }

    /// The numbers of the buckets of one side.
    async fn sums<S: Side>(&self, crew: &'a Crew<S>, side: usize, buckets: u64) -> Result<Buckets> {
        let queue = &Queue::new(self.pieces(crew, side));
        let drain = |session: &'a Session<S>| async move {
            let mut sums: Vec<(i64, Numbers)> = Vec::new();
            while let Some(piece) = queue.take() {
                let from = rows(self.subject, &self.subject.parts[side][piece.part], piece.range, None);
                let query = in_buckets(self.subject, buckets, &from);
                let rows = session.rows(&query, &[]).await;
                for row in rows.context(Kind::Verify, FAILED, self.about::<S>())? {
                    sums.push((column(&row, "number")?, Numbers::read(&row)?));
                }
            }
            Ok(sums)
        };
        let mut all = Buckets::new();
        for (bucket, numbers) in self.together.each(&crew.sessions, drain).await?.into_iter().flatten() {
            let known = all.entry(bucket).or_default();
            *known = known.plus(numbers);
        }
        Ok(all)
    }

    /// Each session begins to tell its share of the rows in these buckets; returns how many sessions do.
    async fn open<S: Side>(
        &self,
        crew: &Crew<S>,
        side: usize,
        (mask, buckets): (u64, &[i64]),
    ) -> Result<usize> {
        let pieces = self.pieces(crew, side);
        let sessions = crew.sessions.len().min(pieces.len());
        let open = |index: usize| {
            let share = pieces.iter().skip(index).step_by(sessions);
            let each = share.map(|piece| self.lines(side, piece, (mask, buckets)));
            let declare = sql!("verify/declare.sql", lines = Sql::join(each, "\nUNION ALL\n"));
            async move {
                let declared = crew.sessions[index].run(&declare).await;
                declared.context(Kind::Verify, FAILED, self.about::<S>())?;
                Ok(())
            }
        };
        self.together.each(0..sessions, open).await?;
        Ok(sessions)
    }

    fn lines(&self, side: usize, piece: &Piece, (mask, buckets): (u64, &[i64])) -> Sql {
        let place = self.subject.place();
        let within =
            sql!("verify/in_buckets.sql", place = place, mask = mask, buckets = Sql::join(buckets, ", "));
        let from = rows(self.subject, &self.subject.parts[side][piece.part], piece.range, Some(within));
        sql!(
            "verify/lines.sql",
            place = place,
            label = label(self.subject),
            hash = self.subject.hash(),
            part = piece.part,
            from = from
        )
    }

    async fn merge(
        &self,
        (source, here): (&Crew<SourceSide>, usize),
        (target, there): (&Crew<TargetSide>, usize),
    ) -> Result<Vec<Found>> {
        let mut merge = Merge::new([here, there]);
        let mut found = Vec::new();
        loop {
            let wanted = merge.wanted();
            if wanted.iter().all(Vec::is_empty) {
                break;
            }
            let fetching =
                self.together.both(self.fetch(source, &wanted[0]), self.fetch(target, &wanted[1])).await?;
            for (side, lines) in [fetching.0, fetching.1].into_iter().enumerate() {
                for (stream, lines) in wanted[side].iter().zip(lines) {
                    merge.take(side, *stream, lines);
                }
            }
            found.extend(merge.found());
        }
        self.together.both(self.close(source, here), self.close(target, there)).await?;
        Ok(found)
    }

    async fn fetch<S: Side>(&self, crew: &Crew<S>, sessions: &[usize]) -> Result<Vec<Vec<Line>>> {
        let fetch = |index: &usize| {
            let session = &crew.sessions[*index];
            async move {
                let rows = session.rows(&sql!("verify/fetch.sql", rows = AT_ONCE), &[]).await;
                rows.context(Kind::Verify, FAILED, self.about::<S>())?.iter().map(line).collect()
            }
        };
        self.together.each(sessions, fetch).await
    }

    async fn close<S: Side>(&self, crew: &Crew<S>, sessions: usize) -> Result<()> {
        for session in &crew.sessions[..sessions] {
            session.run(&sql!("verify/close.sql")).await.context(Kind::Verify, FAILED, self.about::<S>())?;
        }
        Ok(())
    }

    fn about<S: Side>(&self) -> String {
        format!("{} on the {}", self.subject.name.plain(), S::NAME)
    }
}

const FAILED: &str = "differing rows could not be looked for";

/// What a row is told by: the values of its key, or as much of itself as fits on a line.
pub(super) fn label(subject: &Subject) -> Sql {
    let Some(key) = &subject.key else {
        let columns: Vec<&Ident> = subject.columns.iter().map(|column| &column.name).collect();
        return sql!("verify/label_of_row.sql", columns = Sql::join(columns, ", "));
    };
    let printed = key.columns.iter().map(Compared::printed);
    sql!("verify/label_of_key.sql", columns = Sql::join(printed, ", "))
}

fn line(row: &Row) -> Result<Line> {
    let part: i32 = column(row, "part")?;
    let part = part.try_into().context(Kind::Internal, "an unexpected answer of the server", part)?;
    Ok(Line { place: column(row, "place")?, label: column(row, "label")?, hash: column(row, "hash")?, part })
}
