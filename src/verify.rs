//! Both sides are counted, each by its own server, and compared.
//!
//! Invariant: no row travels, only sums; a query that fails is an error, never a pass; the source is read under the
//! snapshot that the rows were copied from. A checksum is order-independent: the number of rows and two
//! independent 64-bit sums over the text of every row, with all settings pinned that change a value's text.
//! Deliberately absent: locating a difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::try_join_all;

use crate::error::{Context, Error, Kind, Result};
use crate::pg::session::{Session, Side, Source, Target, column};
use crate::pg::sql::Sql;
use crate::plan::Plan;
use crate::progress::{Event, Phase};
use crate::report::Difference;
use crate::run::Run;
use crate::snapshot::Held;
use crate::sql;

/// How closely both sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// Not at all.
    None,
    /// Row counts.
    Count,
    /// Row counts and checksums of all values.
    Checksum,
}

impl Level {
    /// The name in the report.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Count => Some("count"),
            Self::Checksum => Some("checksum"),
        }
    }
}

/// What a server says about a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbers {
    rows: i64,
    checksum: Option<String>,
}

/// What a side says, by index of the plan's table.
pub type Tally = BTreeMap<usize, Numbers>;

/// Tables up to this size share a query, so that thousands of small ones cost few round trips.
const SMALL: u64 = 1 << 20;
const SMALL_PER_QUERY: usize = 50;

/// Which tables one query reads.
type Batch = Vec<usize>;

/// Numbers of the source under the snapshot.
pub async fn source(
    source: &Source,
    held: &Held,
    plan: &Arc<Plan>,
    how: (Level, usize),
    run: &Run,
) -> Result<Tally> {
    let (level, workers) = how;
    let batches = batches(plan);
    let readers = workers.min(batches.len());
    let sessions = try_join_all((0..readers).map(|_| held.reader(source, run))).await?;
    read_all(sessions, batches, plan, level, run).await
}

/// Numbers of the target as it is now.
pub async fn target(target: &Target, plan: &Arc<Plan>, how: (Level, usize), run: &Run) -> Result<Tally> {
    let (level, workers) = how;
    let batches = batches(plan);
    run.emit(Event::TasksPlanned { phase: Phase::Verify, total: plan.tables.len() });
    let readers = workers.min(batches.len());
    let sessions = try_join_all((0..readers).map(|_| target.dedicated("verify", &[], run))).await?;
    read_all(sessions, batches, plan, level, run).await
}

/// What is not equal.
#[must_use]
pub fn compare(plan: &Plan, source: &Tally, target: &Tally) -> Vec<Difference> {
    let mut differences = Vec::new();
    for (index, table) in plan.tables.iter().enumerate() {
        let (here, there) = (source.get(&index), target.get(&index));
        if here == there {
            continue;
        }
        let rows = |numbers: Option<&Numbers>| numbers.map_or("missing".into(), |n| n.rows.to_string());
        let sums = |numbers: Option<&Numbers>| {
            numbers.and_then(|n| n.checksum.clone()).unwrap_or_else(|| "missing".into())
        };
        let counts_differ = rows(here) != rows(there);
        differences.push(Difference {
            schema: table.name.schema.as_str().into(),
            name: table.name.name.as_str().into(),
            kind: if counts_differ { "count" } else { "checksum" },
            source: if counts_differ { rows(here) } else { sums(here) },
            target: if counts_differ { rows(there) } else { sums(there) },
            keys: Vec::new(),
        });
    }
    differences
}

/// Batches of tables, the largest first.
fn batches(plan: &Plan) -> Vec<Batch> {
    let planned = plan.planned_tables();
    let (mut large, small): (Vec<usize>, Vec<usize>) =
        planned.into_iter().partition(|&index| plan.tables[index].bytes > SMALL);
    large.sort_by_key(|&index| std::cmp::Reverse(plan.tables[index].bytes));
    large
        .into_iter()
        .map(|index| vec![index])
        .chain(small.chunks(SMALL_PER_QUERY).map(<[usize]>::to_vec))
        .collect()
}

fn query(plan: &Plan, batch: &[usize], level: Level) -> Sql {
    let each = batch.iter().map(|&number| {
        let table = &plan.tables[number].name;
        if level == Level::Checksum {
            sql!("verify/checksum.sql", number = number, table = table)
        } else {
            sql!("verify/count.sql", number = number, table = table)
        }
    });
    Sql::join(each, "\nUNION ALL\n")
}

async fn read_all<S: Side>(
    sessions: Vec<Session<S>>,
    batches: Vec<Batch>,
    plan: &Arc<Plan>,
    level: Level,
    run: &Run,
) -> Result<Tally> {
    let queue = std::sync::Mutex::new(batches.into_iter());
    let next = || queue.lock().map_or(None, |mut batches| batches.next());
    let readers = sessions.into_iter().map(|session| async {
        let session = session;
        let mut numbers = Tally::new();
        let settings = sql!("verify/settings.sql");
        session.run(&settings).await.context(Kind::Verify, "the session could not be prepared", S::NAME)?;
        while let Some(batch) = next() {
            read(&session, &batch, plan, level, &mut numbers).await?;
            if S::NAME == "target" {
                run.emit(Event::TasksFinished { phase: Phase::Verify, count: batch.len() });
            }
        }
        session.close().await;
        Ok::<_, Error>(numbers)
    });
    Ok(try_join_all(readers).await?.into_iter().flatten().collect())
}

async fn read<S: Side>(
    session: &Session<S>,
    batch: &[usize],
    plan: &Plan,
    level: Level,
    numbers: &mut Tally,
) -> Result<()> {
    let about = batch.first().map_or_else(String::new, |&index| plan.tables[index].name.plain());
    let rows = session.rows(&query(plan, batch, level), &[]).await.context(
        Kind::Verify,
        &format!("rows could not be counted on the {}", S::NAME),
        about,
    )?;
    for row in &rows {
        let number: i32 = column(row, "number")?;
        let index =
            usize::try_from(number).map_err(|e| Error::new(Kind::Internal, "a wrong number").caused_by(e))?;
        numbers.insert(index, Numbers { rows: column(row, "rows")?, checksum: column(row, "checksum")? });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::Shape;
    use crate::plan::fixture::{catalog, relation};
    use crate::plan::select::Selection;

    fn plan() -> Plan {
        let catalog = catalog(vec![relation(1, "public", "t", crate::catalog::RelationKind::Table)]);
        let choice = Selection::default().choose(&catalog);
        Plan::new(&catalog, &choice, Shape { workers: 2, ctid_ranges: true, schema_only: false })
    }

    fn numbers(rows: i64, checksum: Option<&str>) -> Tally {
        Tally::from([(0, Numbers { rows, checksum: checksum.map(str::to_owned) })])
    }

    #[test]
    fn a_missing_answer_is_a_difference() {
        let differences = compare(&plan(), &numbers(3, None), &Tally::new());
        assert_eq!((differences[0].kind, differences[0].target.as_str()), ("count", "missing"));
    }

    #[test]
    fn equal_counts_with_other_values_differ_by_checksum() {
        let differences = compare(&plan(), &numbers(3, Some("1:2")), &numbers(3, Some("1:3")));
        assert_eq!(differences[0].kind, "checksum");
        assert!(compare(&plan(), &numbers(3, Some("1:2")), &numbers(3, Some("1:2"))).is_empty());
    }
}
