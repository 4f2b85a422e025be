//! The proof of a clone: both sides are counted, each by its own server, and compared.
//!
//! Invariant: no row travels, only sums; a query that fails is an error, never a pass; the source is read under the
//! snapshot that the rows were copied from. A checksum is order-independent: the number of rows and two
//! independent 64-bit sums over the text of every row, with all settings pinned that change a value's text. Partitions
//! whose rows the target may have sorted in another way are compared together.
//! Deliberately absent: locating a difference.

use std::collections::{BTreeMap, BTreeSet};

use tokio_postgres::Row;

use super::exempt;
use crate::error::{Context, Kind, Result};
use crate::hold::Hold;
use crate::job::VerifyLevel;
use crate::pg::ident::Ident;
use crate::pg::server::{Source, Target};
use crate::pg::session::{Session, Side, column};
use crate::pg::sql::Sql;
use crate::plan::{Plan, TablePlan, configuration};
use crate::progress::{Event, Phase};
use crate::queue::Queue;
use crate::report::Difference;
use crate::run::Run;
use crate::sql;

/// How to compare, and with how many sessions on each side.
#[derive(Debug, Clone, Copy)]
pub struct How {
    /// How closely.
    pub level: VerifyLevel,
    /// Sessions on each side.
    pub workers: usize,
    /// Whether both databases have the same encoding.
    pub same_encoding: bool,
    /// Of the source: also count the rows written by transactions from this one on.
    pub written_since: Option<i64>,
}

/// What a server says about a table.
#[derive(Debug, Clone)]
pub struct Numbers {
    rows: i64,
    checksum: Option<Sums>,
    /// Rows of these that were written since the copy began, where that was asked.
    newer: i64,
}

/// Two sums over the rows of a table; those of several tables add up.
type Sums = [i128; 2];

impl Numbers {
    fn equals(&self, other: &Self) -> bool {
        (self.rows, self.checksum) == (other.rows, other.checksum)
    }

    fn plus(self, other: &Self) -> Self {
        let checksum = self.checksum.zip(other.checksum).map(|(a, b)| [a[0] + b[0], a[1] + b[1]]);
        Self { rows: self.rows + other.rows, checksum, newer: self.newer + other.newer }
    }
}

/// What a side says, by index of the plan's table.
pub type Tally = BTreeMap<usize, Numbers>;

/// Tables up to this size share a query, so that thousands of small ones cost few round trips.
const SMALL: u64 = 1 << 20;
const SMALL_PER_QUERY: usize = 50;

/// Which tables one query reads.
type Batch = Vec<usize>;

/// Numbers of the source under the snapshot.
pub async fn source(source: &Source, hold: &Hold, plan: &Plan, how: How, run: &Run) -> Result<Tally> {
    let queue = batches(plan, plan.planned_tables());
    let readers = how.workers.min(queue.len());
    let read = |_, run: Run| async {
        let run = run;
        let session = hold.reader(source, &run).await?;
        drain(&queue, &session, (plan, own_rows), how).await
    };
    Ok(run.abreast(0..readers, read).await?.into_iter().flatten().collect())
}

/// Numbers of the target as it is now.
pub async fn target(target: &Target, plan: &Plan, how: How, run: &Run) -> Result<Tally> {
    let subjects = subjects(plan);
    run.emit(Event::TasksPlanned { phase: Phase::Verify, total: subjects.len() });
    let queue = batches(plan, subjects);
    let how = How { written_since: None, ..how };
    let readers = how.workers.min(queue.len());
    target.close_idle();
    let read = |_, run: Run| async {
        let run = run;
        let session = target.dedicated("verify", &[], &run).await?;
        prepare(&session).await?;
        let guarded = exempt::guarded(&session).await?;
        let mut tally = Tally::new();
        while let Some(batch) = queue.take() {
            let names = batch.iter().map(|&index| plan.tables[index].arrives_in());
            let exemption = exempt::begin(&session, &guarded, names).await?;
            tally.extend(numbers(&session, &batch, (plan, arrived_rows), how).await?);
            if exemption {
                session.rollback().await;
            }
            run.emit(Event::TasksFinished { phase: Phase::Verify, count: batch.len() });
        }
        Ok(tally)
    };
    Ok(run.abreast(0..readers, read).await?.into_iter().flatten().collect())
}

/// What is not equal; a side that has no answer for a planned table is not equal either.
#[must_use]
pub fn compare(plan: &Plan, source: &Tally, target: &Tally) -> Vec<Difference> {
    let mut differences = Vec::new();
    for index in subjects(plan) {
        let name = plan.tables[index].arrives_in();
        let there = target.get(&index);
        let here: Option<Vec<&Numbers>> =
            plan.together_with(index).iter().map(|part| source.get(part)).collect();
        let here = here.and_then(|parts| {
            let (first, others) = parts.split_first()?;
            Some(others.iter().fold((*first).clone(), |sum, part| sum.plus(part)))
        });
        let here = here.as_ref();
        if here.zip(there).is_some_and(|(here, there)| here.equals(there)) {
            continue;
        }
        let rows = |numbers: Option<&Numbers>| numbers.map_or("missing".into(), |n| n.rows.to_string());
        let sums = |numbers: Option<&Numbers>| {
            let sums = numbers.and_then(|n| n.checksum);
            sums.map_or("missing".into(), |[first, second]| format!("{first}:{second}"))
        };
        let counts_differ = rows(here) != rows(there);
        differences.push(Difference {
            schema: name.schema.as_str().into(),
            name: name.name.as_str().into(),
            kind: if counts_differ { "count" } else { "checksum" },
            source: if counts_differ { rows(here) } else { sums(here) },
            target: if counts_differ { rows(there) } else { sums(there) },
            ..Difference::default()
        });
    }
    differences
}

/// The tables of the source that were written to since the copy began: rows are newer, or others than were copied.
#[must_use]
pub fn written(source: &Tally, copied: impl Fn(usize) -> Option<u64>) -> Vec<usize> {
    let is_written = |index: usize, numbers: &Numbers| {
        numbers.newer > 0 || copied(index).is_some_and(|rows| rows != numbers.rows.unsigned_abs())
    };
    source.iter().filter(|(index, numbers)| is_written(**index, numbers)).map(|(index, _)| *index).collect()
}

/// The part of a query that counts rows whose version is of this transaction or a later one.
///
/// Row versions carry 32 bits of their transaction's number, frozen ones too, and `age` compares within half of that
/// circle (`TransactionIdPrecedes` in `transam.c`): what lies in the other half was written long ago.
#[must_use]
pub fn newer(horizon: i64) -> Sql {
    sql!("verify/newer.sql", horizon = horizon.rem_euclid(1 << 32))
}

/// What is compared: the planned tables, and of those whose rows cannot be told apart on the target the first.
fn subjects(plan: &Plan) -> Vec<usize> {
    let mut roots = BTreeSet::new();
    let is_first = |index: &usize| match &plan.tables[*index].through {
        Some(root) => roots.insert(root.to_string()),
        None => true,
    };
    plan.planned_tables().into_iter().filter(is_first).collect()
}

/// The rows of a table, without those that stay behind.
fn own_rows(table: &TablePlan) -> Sql {
    if table.large.left.is_empty() {
        return planned_rows(table);
    }
    let left = Sql::join(table.large.left.iter().map(|place| place.tid()), ", ");
    sql!("verify/rows_but.sql", table = table.name, left = left)
}

/// The rows on the target among which those of a table are.
fn arrived_rows(table: &TablePlan) -> Sql {
    if let Some(root) = &table.through {
        return sql!("verify/whole_tree.sql", root = root);
    }
    planned_rows(table)
}

fn planned_rows(table: &TablePlan) -> Sql {
    sql!("verify/own_rows.sql", table = table.name, rows = configuration::only(table))
}

/// Batches of these tables, the largest first.
fn batches(plan: &Plan, tables: Vec<usize>) -> Queue<Batch> {
    let (mut large, small): (Vec<usize>, Vec<usize>) =
        tables.into_iter().partition(|&index| plan.tables[index].bytes > SMALL);
    large.sort_by_key(|&index| std::cmp::Reverse(plan.tables[index].bytes));
    let small = small.chunks(SMALL_PER_QUERY).map(<[usize]>::to_vec);
    Queue::new(large.into_iter().map(|index| vec![index]).chain(small))
}

/// Reads batches over this session until none is left.
async fn drain<S: Side>(
    queue: &Queue<Batch>,
    session: &Session<S>,
    asked: Asked<'_>,
    how: How,
) -> Result<Tally> {
    prepare(session).await?;
    let mut tally = Tally::new();
    while let Some(batch) = queue.take() {
        tally.extend(numbers(session, &batch, asked, how).await?);
    }
    Ok(tally)
}

/// Makes the same values the same text on this session, whatever its database is set to.
pub async fn prepare<S: Side>(session: &Session<S>) -> Result<()> {
    let settings = sql!("verify/settings.sql");
    session.run(&settings).await.context(Kind::Verify, "the session could not be prepared", S::NAME)?;
    Ok(())
}

/// The tables, and where the rows of one of them are.
type Asked<'a> = (&'a Plan, fn(&TablePlan) -> Sql);

/// A column as it is compared; of a table with large rows, its digest: their text would be too large.
fn compared(table: &TablePlan, column: &Ident) -> Sql {
    let large = &table.large;
    if large.bytes.contains(column) {
        sql!("verify/digest_of_bytes.sql", column = column)
    } else if large.texts.contains(column) {
        sql!("verify/digest_of_text.sql", column = column)
    } else {
        Sql::join([column], "")
    }
}

fn query((plan, rows_of): Asked<'_>, batch: &[usize], how: How) -> Sql {
    // The hash is taken over bytes, which are the same text only in the same encoding.
    let text_of_row = |table: &TablePlan| {
        let columns = Sql::join(table.compared().into_iter().map(|column| compared(table, column)), ", ");
        if how.same_encoding {
            sql!("verify/row_bytes.sql", columns = columns)
        } else {
            sql!("verify/row_bytes_utf8.sql", columns = columns)
        }
    };
    let not_asked = || sql!("verify/not_asked.sql");
    let each = batch.iter().map(|&number| {
        let table = &plan.tables[number];
        let from = rows_of(table);
        // Other kinds of storage need not know xmin.
        let newer = how.written_since.filter(|_| plan.tables[number].heap).map_or_else(not_asked, newer);
        match how.level {
            VerifyLevel::Checksum => {
                let row = text_of_row(table);
                sql!("verify/checksum.sql", number = number, from = from, row = row, newer = newer)
            }
            VerifyLevel::Count | VerifyLevel::None => {
                sql!("verify/count.sql", number = number, from = from, newer = newer)
            }
        }
    });
    Sql::join(each, "\nUNION ALL\n")
}

async fn numbers<S: Side>(
    session: &Session<S>,
    batch: &[usize],
    asked: Asked<'_>,
    how: How,
) -> Result<Tally> {
    let about = batch.first().map_or_else(String::new, |&index| asked.0.tables[index].name.plain());
    let rows = session.rows(&query(asked, batch, how), &[]).await.context(
        Kind::Verify,
        &format!("rows could not be counted on the {}", S::NAME),
        about,
    )?;
    let read = |row: &Row| {
        let number: i64 = column(row, "number")?;
        let index =
            usize::try_from(number).context(Kind::Internal, "an unexpected answer of the server", number)?;
        let rows = column(row, "rows")?;
        let checksum =
            column::<Option<String>>(row, "checksum")?.as_deref().map(super::numbers::parse).transpose()?;
        Ok((index, Numbers { rows, checksum, newer: column(row, "newer")? }))
    };
    rows.iter().map(read).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::ident::QualifiedName;
    use crate::plan::Shape;
    use crate::plan::fixture::{SHAPE, catalog, relation};
    use crate::plan::select::Selection;

    fn plan() -> Plan {
        let catalog = catalog(vec![relation(1, "public", "t", crate::catalog::RelationKind::Table)]);
        let choice = Selection::default().choose(&catalog);
        Plan::new(&catalog, &choice, Shape { workers: 2, ..SHAPE })
    }

    fn numbers(rows: i64, checksum: Option<Sums>) -> Tally {
        Tally::from([(0, Numbers { rows, checksum, newer: 0 })])
    }

    #[test]
    fn a_missing_answer_is_a_difference() {
        let differences = compare(&plan(), &numbers(3, None), &Tally::new());
        assert_eq!((differences[0].kind, differences[0].target.as_str()), ("count", "missing"));
    }

    #[test]
    fn equal_counts_with_other_values_differ_by_checksum() {
        let differences = compare(&plan(), &numbers(3, Some([1, 2])), &numbers(3, Some([1, 3])));
        assert_eq!(differences[0].kind, "checksum");
        assert!(compare(&plan(), &numbers(3, Some([1, 2])), &numbers(3, Some([1, 2]))).is_empty());
    }

    #[test]
    fn partitions_whose_rows_may_move_are_compared_by_their_sum() {
        let mut plan = plan();
        let mut other = plan.tables[0].clone();
        other.name = QualifiedName::new("public", "u");
        plan.chunks.push(crate::plan::Chunk { table: 1, ..plan.chunks[0].clone() });
        plan.tables.push(other);
        for table in &mut plan.tables {
            table.through = Some(QualifiedName::new("public", "root"));
        }
        let part = |rows, sums| Numbers { rows, checksum: Some(sums), newer: 0 };
        let source =
            Tally::from([(0, part(3, [i128::from(i64::MIN), 2])), (1, part(4, [i128::from(i64::MIN), -1]))]);
        let all = part(7, [2 * i128::from(i64::MIN), 1]);
        assert!(compare(&plan, &source, &Tally::from([(0, all)])).is_empty());
        let lost = compare(&plan, &source, &Tally::from([(0, part(6, [0, 1]))]));
        assert_eq!((lost.len(), lost[0].name.as_str(), lost[0].source.as_str()), (1, "root", "7"));
        assert_eq!(compare(&plan, &Tally::from([(0, part(7, [0, 1]))]), &Tally::new())[0].source, "missing");
    }
}
