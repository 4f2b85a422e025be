//! Both sides are compared, each by its own server.
//!
//! Invariant: nothing travels but sums, until differing rows are looked for; a query that fails is an error, never a
//! pass.
//! Deliberately absent: what is compared with what (see `plan::compare`), and repair.

mod buckets;
mod crew;
mod details;
mod exempt;
mod from;
pub mod large_objects;
mod merge;
mod narrow;
mod numbers;
mod outcome;
mod proof;
mod rewritten;
mod rows;
mod sums;
mod written;

use std::collections::BTreeMap;

use crate::error::Result;
use crate::job::verify::Depth;
use crate::pg::server::{Source, Target};
use crate::pg::session::{SourceSide, TargetSide};
use crate::plan::compare::Comparison;
use crate::progress::{Event, Phase};
use crate::report::{Difference, Finding, RowDifference};
pub use crew::{Crew, Together};
pub use proof::{How, Tally, compare, newer, prepare, source, target, written};

/// Both servers and their snapshots.
pub struct Sides<'a> {
    /// The servers.
    pub servers: (&'a Source, &'a Target),
    /// Their snapshots and sessions.
    pub crews: (Crew<SourceSide>, Crew<TargetSide>),
}

/// How rows are compared.
#[derive(Debug, Clone, Copy)]
pub struct Closely {
    /// How closely.
    pub depth: Depth,
    /// How many rows of a table are named at most.
    pub limit: usize,
    /// Sessions on each side.
    pub workers: usize,
}

/// What was found.
#[derive(Debug, Default)]
pub struct Findings {
    /// Rows of each subject on the source.
    pub rows: Vec<u64>,
    /// What differs.
    pub differences: Vec<Difference>,
    /// What should be known.
    pub warnings: Vec<Finding>,
}

impl Sides<'_> {
    /// Compares all rows.
    pub async fn compare(
        &mut self,
        comparison: &Comparison,
        closely: Closely,
        together: &Together,
    ) -> Result<Findings> {
        let bucketed = match closely.depth {
            Depth::Rows => buckets::divisions(comparison, (&self.crews.0, &self.crews.1), together).await?,
            Depth::Count | Depth::Checksum => BTreeMap::new(),
        };
        let (source, target) = self.tally(comparison, closely, &bucketed, together).await?;
        let outcome = outcome::outcome(comparison, [&source.parts, &target.parts], closely.depth);
        let mut findings =
            Findings { rows: outcome.rows, warnings: outcome.warnings, differences: Vec::new() };
        for differing in outcome.differing {
            let subject = &comparison.subjects[differing.subject];
            let mut difference = differing.difference.clone();
            if closely.depth == Depth::Rows {
                let told = [&source, &target];
                let (limit, bucketed) = (closely.limit, &bucketed);
                let search = rows::Search { subject, differing: &differing, told, bucketed, limit, together };
                let (here, there) = (&self.crews.0, &self.crews.1);
                let located = search.locate((here, there)).await?;
                let told = details::told(subject, &located.found, (here, there), together).await?;
                findings.warnings.extend(told.unknown);
                difference.rows = told.rows;
                difference.keys = difference.rows.iter().map(line).collect();
                difference.more_rows = Some(located.more).filter(|more| *more > 0);
            }
            findings.warnings.extend(self.written(comparison, &differing, together).await?);
            findings.differences.push(difference);
        }
        self.are_as_they_were(comparison, together).await?;
        Ok(findings)
    }

    /// Fails if rows may have gone from under a snapshot.
    async fn are_as_they_were(&self, comparison: &Comparison, together: &Together) -> Result<()> {
        let here = rewritten::look(&self.crews.0, comparison, 0);
        let there = rewritten::look(&self.crews.1, comparison, 1);
        together.both(here, there).await?;
        Ok(())
    }

    async fn tally(
        &mut self,
        comparison: &Comparison,
        closely: Closely,
        bucketed: &BTreeMap<usize, buckets::Division>,
        together: &Together,
    ) -> Result<(sums::Told, sums::Told)> {
        let (source, target) = (&mut self.crews.0, &mut self.crews.1);
        let Closely { depth, workers, .. } = closely;
        let asking = [0, 1].map(|side| sums::Asking { comparison, side, depth, workers, buckets: bucketed });
        let here = sums::batches(&asking[0], source.cuts && !source.parallel);
        let there = sums::batches(&asking[1], target.cuts && !target.parallel);
        let total = here.iter().chain(&there).map(Vec::len).sum();
        together.run().emit(Event::TasksPlanned { phase: Phase::Verify, total });
        let readers = [&here, &there].map(|batches| workers.min(batches.len()));
        let opening = together.both(
            source.open(self.servers.0, readers[0], together),
            target.open(self.servers.1, readers[1], together),
        );
        opening.await?;
        let reading = together.both(
            sums::tally(source, &asking[0], here, together),
            sums::tally(target, &asking[1], there, together),
        );
        reading.await
    }

    /// Whether a differing table was written to on a side since its snapshot.
    async fn written(
        &self,
        comparison: &Comparison,
        differing: &outcome::Differing,
        together: &Together,
    ) -> Result<Vec<Finding>> {
        let subject = (comparison, differing);
        let here = written::look(self.servers.0, &self.crews.0, subject, 0, together.run());
        let there = written::look(self.servers.1, &self.crews.1, subject, 1, together.run());
        let (here, there) = together.both(here, there).await?;
        Ok(here.into_iter().chain(there).collect())
    }

    /// Lets both sides go.
    pub async fn end(self) {
        tokio::join!(self.crews.0.end(), self.crews.1.end());
    }
}

/// A differing row on one line.
fn line(row: &RowDifference) -> String {
    let times = row.times.map(|[here, there]| format!(" ({here} on the source, {there} on the target)"));
    let shown = |value: &Option<String>| value.as_ref().map_or("NULL".to_owned(), |text| format!("'{text}'"));
    let columns = row.columns.iter().zip(&row.values);
    let columns: Vec<String> =
        columns.map(|(name, [here, there])| format!("{name} {} → {}", shown(here), shown(there))).collect();
    let columns = if columns.is_empty() { String::new() } else { format!(": {}", columns.join(", ")) };
    format!("{} {}{columns}{}", row.kind, row.key, times.unwrap_or_default())
}
