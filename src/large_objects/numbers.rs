//! Both sides' large objects are measured, each by its own server, and compared.
//!
//! Invariant: sizes and checksums mean the same from whichever view they are computed: the sum over the pages that are
//! not all zeros, each with its number.
//! Deliberately absent: owners, comments and rights. The target is measured before it gets them: who is no superuser may
//! not be allowed to read what he has given away.

use std::collections::{BTreeMap, BTreeSet};

use super::LargeObjects;
use super::statement::{View, numbers};
use crate::catalog::Oid;
use crate::error::{Context, Kind, Result};
use crate::hold::Hold;
use crate::job::VerifyLevel;
use crate::pg::session::{Session, Side, column};
use crate::plan::large_objects::{OidRange, Road};
use crate::queue::Queue;
use crate::report::Difference;
use crate::run::Run;

/// So many keys of what differs are told.
const NAMED: usize = 100;

/// What a side says of its large objects.
pub(super) type Numbers = BTreeMap<Oid, Number>;

/// Size and checksum of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Number {
    size: i64,
    checksum: Option<String>,
}

impl LargeObjects<'_> {
    /// What both sides say of these portions.
    pub(super) async fn numbers(
        &self,
        ranges: &[OidRange],
        level: VerifyLevel,
        hold: &Hold,
        run: &Run,
    ) -> Result<(Numbers, Numbers)> {
        let here = |run: Run| async move {
            let (queue, view) = (Queue::new(ranges.iter().copied()), self.source_view());
            let read = |_, run: Run| async {
                let run = run;
                let session = hold.reader(self.source, &run).await?;
                self.drain(&queue, &session, (view, level)).await
            };
            run.abreast(0..self.workers.min(ranges.len()), read).await
        };
        let there = |run: Run| async move {
            let queue = Queue::new(ranges.iter().copied());
            let read = |_, run: Run| async {
                let run = run;
                let session = self.target.dedicated("large objects", &[], &run).await?;
                self.drain(&queue, &session, (View::Made, level)).await
            };
            run.abreast(0..self.workers.min(ranges.len()), read).await
        };
        let (here, there) = run.both(here, there).await?;
        Ok((here.into_iter().flatten().collect(), there.into_iter().flatten().collect()))
    }

    fn source_view(&self) -> View {
        match self.plan.road {
            Road::Catalogs => View::SourcePages,
            Road::Streamed => View::Source,
        }
    }

    async fn drain<S: Side>(
        &self,
        queue: &Queue<OidRange>,
        session: &Session<S>,
        (view, level): (View, VerifyLevel),
    ) -> Result<Numbers> {
        let mut all = Numbers::new();
        while let Some(range) = queue.take() {
            let query = numbers(view, range, self.plan.page, level);
            let failed = format!("large objects could not be measured on the {}", S::NAME);
            let rows = session.rows(&query, &[]).await.context(Kind::Verify, &failed, range.named())?;
            for row in &rows {
                let number = Number { size: column(row, "size")?, checksum: column(row, "checksum")? };
                all.insert(column(row, "oid")?, number);
            }
        }
        Ok(all)
    }
}

/// The bytes of all.
pub(super) fn bytes(numbers: &Numbers) -> u64 {
    numbers.values().map(|number| number.size.unsigned_abs()).sum()
}

/// The large objects that are not equal on both sides.
pub(super) fn differing(source: &Numbers, target: &Numbers) -> BTreeSet<Oid> {
    let oids = source.keys().chain(target.keys());
    oids.filter(|oid| source.get(oid) != target.get(oid)).copied().collect()
}

/// What is not equal, as one difference that names them.
pub(super) fn compare(source: &Numbers, target: &Numbers) -> Option<Difference> {
    let differing = differing(source, target);
    if differing.is_empty() {
        return None;
    }
    let told = |numbers: &Numbers| {
        let of: Numbers =
            differing.iter().filter_map(|oid| Some((*oid, numbers.get(oid)?.clone()))).collect();
        format!("{} of {} with {} bytes", of.len(), differing.len(), bytes(&of))
    };
    Some(Difference {
        schema: "pg_catalog".into(),
        name: "pg_largeobject".into(),
        kind: "large object",
        source: told(source),
        target: told(target),
        keys: differing.iter().take(NAMED).map(ToString::to_string).collect(),
        ..Difference::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(of: &[(Oid, i64, &str)]) -> Numbers {
        let number = |size, sum: &str| Number { size, checksum: Some(sum.into()) };
        of.iter().map(|(oid, size, sum)| (*oid, number(*size, sum))).collect()
    }

    #[test]
    fn a_missing_a_shorter_and_another_one_are_named() {
        let source = numbers(&[(1, 5, "a"), (2, 5, "a"), (3, 5, "a"), (4, 5, "a")]);
        let target = numbers(&[(1, 5, "a"), (2, 4, "a"), (3, 5, "b")]);
        let difference = compare(&source, &target).expect("three differ");
        assert_eq!(difference.keys, ["2", "3", "4"]);
        assert_eq!(difference.target, "2 of 3 with 9 bytes");
        assert_eq!(compare(&source, &source), None);
    }
}
