//! Which rows of a table differ, by a search that reads little more than what differs and fetches next to nothing.
//!
//! Each side has summed its rows up in buckets (see `buckets`), or does it first. Where buckets are ranges of a key, the
//! differing ones are divided until they are small (see `narrow`) and read through the key's index; buckets of hashes take
//! a scan. Keys and hashes of as many differing buckets are fetched as the limit can need, each holding at least one
//! difference, and merged.
//!
//! Invariant: what differs by its sums has differing rows; if none is found, that is an error. No more is kept than what
//! is named.
//! Deliberately absent: in which columns rows differ (see `details`).

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;

use super::buckets::{Buckets, Division, buckets, number};
use super::crew::{Crew, Together};
use super::from::{Piece, rows};
use super::merge::{Found, Label, Line, Merge};
use super::narrow;
use super::numbers::Numbers;
use super::outcome::Differing;
use super::sums::{Told, cut};
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::session::{Session, Side, SourceSide, TargetSide, column};
use crate::pg::sql::Sql;
use crate::plan::compare::{Compared, Subject};
use crate::plan::ranges::Span;
use crate::queue::Queue;
use crate::sql;

/// Rows in one answer.
const AT_ONCE: u32 = 2000;

/// Ranges that are looked through at once.
const SPANS_AT_ONCE: usize = 64;

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
    pub(super) bucketed: &'a BTreeMap<usize, Division>,
    pub(super) limit: usize,
    pub(super) together: &'a Together,
}

/// Where rows are looked for.
#[derive(Clone, Copy)]
enum Within<'a> {
    /// In these of so many buckets of hashes.
    Buckets(u64, &'a [i64]),
    /// In these ranges of the key.
    Spans(&'a Ident, &'a [Span]),
}

/// Both sides' sessions.
pub(super) type Crews<'a> = (&'a Crew<SourceSide>, &'a Crew<TargetSide>);

impl<'a> Search<'a> {
    /// Finds the rows.
    pub(super) async fn locate(&self, crews: Crews<'a>) -> Result<Located> {
        let index = self.differing.subject;
        let located = match (self.bucketed.get(&index), [0, 1].map(|side: usize| self.known(side))) {
            (Some(Division::Ranges(key, ranges)), known) => {
                let narrowed =
                    narrow::spans(self, crews, (key, *ranges), known.map(Option::unwrap_or_default));
                let (spans, left) = narrowed.await?;
                self.in_spans(crews, key, &spans, left).await?
            }
            (Some(Division::Hashes(buckets)), [Some(here), Some(there)]) => {
                self.in_buckets(crews, *buckets, &[here, there]).await?
            }
            _ => {
                let buckets = buckets(self.rows());
                let summing =
                    self.together.both(self.sums(crews.0, 0, buckets), self.sums(crews.1, 1, buckets));
                let (here, there) = summing.await?;
                self.in_buckets(crews, buckets, &[here, there]).await?
            }
        };
        if located.found.is_empty() {
            return Err(Error::new(Kind::Internal, "its sums differ, but no row was found that does")
                .object(self.subject.name.plain()));
        }
        Ok(located)
    }

    /// What a side has said of the buckets; nothing if it was not asked.
    fn known(&self, side: usize) -> Option<Buckets> {
        let index = self.differing.subject;
        self.bucketed.get(&index).map(|_| self.told[side].buckets.get(&index).cloned().unwrap_or_default())
    }

    async fn in_buckets(&self, crews: Crews<'a>, buckets: u64, told: &[Buckets; 2]) -> Result<Located> {
        let differing = unequal(told);
        let (wanted, left) = differing.split_at(differing.len().min(self.limit));
        let mut located = Located { found: Vec::new(), more: left.len() as u64 };
        self.look(crews, Within::Buckets(buckets, wanted), &mut located).await?;
        Ok(located)
    }

    async fn in_spans(&self, crews: Crews<'a>, key: &Ident, spans: &[Span], left: u64) -> Result<Located> {
        let mut located = Located { found: Vec::new(), more: left };
        for some in spans.chunks(SPANS_AT_ONCE) {
            if located.found.len() < self.limit {
                self.look(crews, Within::Spans(key, some), &mut located).await?;
            } else {
                located.more += some.len() as u64;
            }
        }
        Ok(located)
    }

    /// Adds the differing rows in there.
    async fn look(&self, crews: Crews<'a>, within: Within<'_>, located: &mut Located) -> Result<()> {
        let opening = self.together.both(self.open(crews.0, 0, within), self.open(crews.1, 1, within));
        let (here, there) = opening.await?;
        self.merge((crews.0, here), (crews.1, there), located).await
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
                let query = Division::Hashes(buckets).query(self.subject, &from);
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

    /// Each session begins to tell its share of the rows in there; returns how many sessions do.
    async fn open<S: Side>(&self, crew: &Crew<S>, side: usize, within: Within<'_>) -> Result<usize> {
        let all = self.looked_through(crew, side, within);
        let sessions = crew.sessions.len().min(all.len());
        let open = |index: usize| {
            let each = all.iter().skip(index).step_by(sessions).map(|from| self.lines(from));
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

    /// What stands behind FROM for one reading after the other, and the part that it reads.
    fn looked_through<S: Side>(&self, crew: &Crew<S>, side: usize, within: Within<'_>) -> Vec<(usize, Sql)> {
        let parts = &self.subject.parts[side];
        match within {
            Within::Buckets(buckets, chosen) => {
                let number = number(self.subject, buckets);
                let chosen =
                    sql!("verify/in_buckets.sql", number = number, buckets = Sql::join(chosen, ", "));
                let from = |piece: Piece| {
                    let chosen = Some(chosen.clone());
                    (piece.part, rows(self.subject, &parts[piece.part], piece.range, chosen))
                };
                self.pieces(crew, side).into_iter().map(from).collect()
            }
            Within::Spans(key, spans) => {
                let each = spans.iter().map(|span| in_span(key, *span));
                each.map(|in_span| (0, rows(self.subject, &parts[0], None, Some(in_span)))).collect()
            }
        }
    }

    fn lines(&self, (part, from): &(usize, Sql)) -> Sql {
        let (place, hash) = (self.subject.place(), self.subject.hash());
        let label = label(self.subject);
        sql!("verify/lines.sql", place = place, label = label, hash = hash, part = *part, from = from)
    }

    async fn merge(
        &self,
        (source, here): (&Crew<SourceSide>, usize),
        (target, there): (&Crew<TargetSide>, usize),
        located: &mut Located,
    ) -> Result<()> {
        let mut merge = Merge::new([here, there]);
        loop {
            let wanted = merge.wanted();
            if wanted.iter().all(Vec::is_empty) {
                return Ok(());
            }
            let fetching =
                self.together.both(self.fetch(source, &wanted[0]), self.fetch(target, &wanted[1])).await?;
            for (side, lines) in [fetching.0, fetching.1].into_iter().enumerate() {
                for (stream, lines) in wanted[side].iter().zip(lines) {
                    merge.take(side, *stream, lines, AT_ONCE as usize);
                }
            }
            let mut found = merge.found();
            let room = found.len().min(self.limit - located.found.len());
            located.more += (found.len() - room) as u64;
            found.truncate(room);
            located.found.append(&mut found);
        }
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

    /// What a failure is about.
    pub(super) fn about<S: Side>(&self) -> String {
        format!("{} on the {}", self.subject.name.plain(), S::NAME)
    }
}

pub(super) const FAILED: &str = "differing rows could not be looked for";

/// What a row is told by: the values of its key, or as much of itself as fits on a line.
pub(super) fn label(subject: &Subject) -> Sql {
    let Some(key) = &subject.key else {
        let columns: Vec<&Ident> = subject.columns.iter().map(|column| &column.name).collect();
        return sql!("verify/label_of_row.sql", columns = Sql::join(columns, ", "));
    };
    let printed = key.columns.iter().map(Compared::printed);
    sql!("verify/label_of_key.sql", columns = Sql::join(printed, ", "))
}

/// The buckets whose numbers are not the same on both sides.
pub(super) fn unequal([here, there]: &[Buckets; 2]) -> Vec<i64> {
    let all: BTreeSet<i64> = here.keys().chain(there.keys()).copied().collect();
    all.into_iter().filter(|bucket| here.get(bucket) != there.get(bucket)).collect()
}

/// The condition that the key lies in there.
pub(super) fn in_span(key: &Ident, span: Span) -> Sql {
    sql!("verify/in_span.sql", key = key, from = span.from, to = span.to)
}

fn line(row: &Row) -> Result<Line> {
    let part: i32 = column(row, "part")?;
    let part = part.try_into().context(Kind::Internal, "an unexpected answer of the server", part)?;
    let label: Label = column(row, "label")?;
    Ok(Line { place: column(row, "place")?, label, part, numbers: Numbers::read(row)? })
}
