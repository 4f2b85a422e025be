//! Which columns of the target hold a sequence's values, and how far these go.
//!
//! Invariant: a column that could not be looked at, or whose values are computed from the sequence's, is named; it never
//! passes for an empty one. A parent is read with its partitions and children.
//! What names a sequence otherwise (a rule, a function with a parsed body), proves nothing, and is named too.
//! Deliberately absent: functions with a body of text, triggers and applications that call `nextval`: nobody can see them.

use std::collections::{BTreeMap, HashMap, HashSet};

use tokio_postgres::Row;

use super::decide::{Data, Definition};
use super::definition::Sequence;
use crate::catalog::Oid;
use crate::error::{Context, Error, Failure, Kind, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::server::Target;
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::progress::{Event, Phase};
use crate::queue::Queue;
use crate::run::Run;
use crate::sql;

/// Tables up to so many bytes share a query, so that thousands of small ones cost few round trips.
const SMALL: u64 = 1 << 20;
const SMALL_PER_QUERY: usize = 50;

/// A column that a sequence numbers.
#[derive(Debug, Clone)]
pub struct User {
    sequence: Oid,
    relation: Oid,
    parents: Vec<Oid>,
    /// Tables whose column of the same name is read with it.
    heirs: Vec<Oid>,
    table: QualifiedName,
    column: Ident,
    numbers: Option<Numbers>,
    /// Whether it takes the sequence's values as they are.
    straight: bool,
    /// Why it may not be looked at.
    closed: Option<&'static str>,
    small: bool,
}

/// The numbers that a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Numbers {
    /// The largest, and the smallest with the other sign; none where it holds all that a sequence can hand out.
    most: Option<i64>,
    /// Of integers there is one smaller than the largest is great.
    least: Option<i64>,
    form: Form,
}

/// What values a column may have beside whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// None.
    Whole,
    /// Fractions, NaN and infinities, larger ones than any sequence.
    Exact,
    /// The same, and large ones are rounded.
    Rounded,
}

/// The largest whole number below 2^63 that floating point has: a bound above it would be taken for 2^63.
const LARGEST_ROUNDED: i64 = i64::MAX - 1023;

/// All that takes values from sequences of the target.
#[derive(Debug)]
pub struct Users {
    columns: Vec<User>,
    /// What is no column, in the server's words.
    others: Vec<(Oid, String)>,
    /// Defaults that take values from a sequence, and nobody can tell from which.
    pub unknown: Vec<String>,
}

/// All that takes values from sequences of the target. Names that are looked up with each row mean what they do in this
/// session.
pub async fn users(session: &TargetSession) -> Result<Users> {
    let failed = "the users of the sequences could not be read";
    let rows = async |query: Sql| session.rows(&query, &[]).await.context(Kind::Copy, failed, "target");
    let columns = rows(sql!("sequences/users.sql", small = SMALL)).await?;
    let others = rows(sql!("sequences/others.sql")).await?;
    let unknown = rows(sql!("sequences/unknown.sql")).await?;
    let other = |row: &Row| Ok((column(row, "sequence")?, column(row, "what")?));
    Ok(Users {
        columns: without_heirs(columns.iter().map(user).collect::<Result<_>>()?),
        others: others.iter().map(other).collect::<Result<_>>()?,
        unknown: unknown.iter().map(|row| column(row, "what")).collect::<Result<_>>()?,
    })
}

impl Users {
    /// Whether a sequence numbers a column of one of these tables.
    #[must_use]
    pub fn numbers_any(&self, sequence: Oid, tables: &HashSet<Oid>) -> bool {
        self.columns.iter().any(|user| {
            let mut read = user.parents.iter().chain([&user.relation]).chain(&user.heirs);
            user.sequence == sequence && read.any(|relation| tables.contains(relation))
        })
    }
}

/// Without the columns that are read with a parent's.
fn without_heirs(users: Vec<User>) -> Vec<User> {
    let key = |user: &User, relation| (user.sequence, relation, user.column.clone(), user.straight);
    let all: HashSet<_> = users.iter().map(|user| key(user, user.relation)).collect();
    let has_parent = |user: &User| user.parents.iter().any(|parent| all.contains(&key(user, *parent)));
    let (heirs, mut users): (Vec<User>, Vec<User>) = users.into_iter().partition(has_parent);
    for user in &mut users {
        let own = heirs.iter().filter(|heir| heir.sequence == user.sequence && heir.column == user.column);
        user.heirs.extend(own.map(|heir| heir.relation));
    }
    users
}

fn user(row: &Row) -> Result<User> {
    let kind: String = column(row, "type")?;
    Ok(User {
        sequence: column(row, "sequence")?,
        relation: column(row, "relation")?,
        parents: column(row, "parents")?,
        heirs: Vec::new(),
        table: QualifiedName::new(column::<String>(row, "schema")?, column::<String>(row, "name")?),
        column: Ident::new(column::<String>(row, "column_name")?),
        numbers: numbers(&kind, column(row, "modifier")?),
        straight: column(row, "straight")?,
        closed: match (column(row, "readable")?, column(row, "rows_hidden")?) {
            (false, _) => Some("it may not be read"),
            (true, true) => Some("row-level security hides rows"),
            (true, false) => None,
        },
        small: column(row, "small")?,
    })
}

/// The numbers of a type of this name and modifier; none if it holds no numbers.
fn numbers(kind: &str, modifier: i32) -> Option<Numbers> {
    let whole = |least: i64, most: i64| Numbers { least: Some(least), most: Some(most), form: Form::Whole };
    // Floating point rounds from there on.
    let exact = |bits: u32| {
        let most = (1_i64 << bits) - 1;
        Numbers { least: Some(-most), most: Some(most), form: Form::Rounded }
    };
    Some(match kind {
        "int2" => whole(i16::MIN.into(), i16::MAX.into()),
        "int4" => whole(i32::MIN.into(), i32::MAX.into()),
        "int8" => whole(i64::MIN, i64::MAX),
        "numeric" if !rounds(modifier) => {
            let most = largest_numeric(modifier);
            Numbers { most, least: most.map(|most| -most), form: Form::Exact }
        }
        "float4" => exact(24),
        "float8" => exact(53),
        _ => return None,
    })
}

/// Whether `numeric(precision, scale)` has a scale below 0, which rounds whole numbers.
fn rounds(modifier: i32) -> bool {
    modifier >= 4 && (modifier - 4) & 1024 != 0
}

/// The largest whole number of `numeric(precision, scale)`, by `numerictypmodin` of the server; none for one without
/// limits or with more digits than a sequence has.
fn largest_numeric(modifier: i32) -> Option<i64> {
    let packed = modifier.checked_sub(4).filter(|packed| *packed >= 0)?;
    let (precision, scale) = (packed >> 16, ((packed & 0x7ff) ^ 1024) - 1024);
    let digits = u32::try_from((precision - scale).max(0)).ok()?;
    10_i64.checked_pow(digits).filter(|_| digits < 19).map(|power| power - 1)
}

/// A column to be looked at, for a sequence.
struct Look<'a> {
    user: &'a User,
    sequence: &'a Sequence,
    numbers: Numbers,
}

/// What a column says.
struct Said {
    extreme: Option<i64>,
    beyond: bool,
}

/// What the columns say of these sequences, by oid.
pub async fn data(
    target: &Target,
    (sequences, users): (&[Sequence], &Users),
    workers: usize,
    run: &Run,
) -> Result<BTreeMap<Oid, Data>> {
    let by_oid: HashMap<Oid, &Sequence> = sequences.iter().map(|one| (one.oid, one)).collect();
    let mut all: BTreeMap<Oid, Data> = sequences.iter().map(|one| (one.oid, Data::default())).collect();
    let mut looks = Vec::new();
    for (sequence, what) in &users.others {
        if let Some(data) = all.get_mut(sequence) {
            data.unprovable.push(format!("{what} names it too"));
        }
    }
    for user in &users.columns {
        let Some(sequence) = by_oid.get(&user.sequence) else { continue };
        let data = all.entry(user.sequence).or_default();
        match user.numbers.filter(|_| user.straight) {
            None => data.unprovable.push(format!("{} holds what is computed from its values", user.name())),
            Some(numbers) => match user.closed {
                None => looks.push(Look { user, sequence, numbers }),
                Some(why) => data.hidden.push(format!("{}: {why}", user.name())),
            },
        }
    }
    for (index, said) in look(target, &looks, workers, run).await? {
        let Look { sequence, numbers, user } = &looks[index];
        let data = all.entry(sequence.oid).or_default();
        match said {
            Ok(said) => add(data, sequence.definition.increment > 0, *numbers, &said),
            Err(refusal) => data.hidden.push(format!("{}: it could not be read: {refusal}", user.name())),
        }
    }
    for data in all.values_mut().filter(|data| is_unseen(data)) {
        data.unprovable.push("no column's default names it".into());
    }
    Ok(all)
}

fn is_unseen(data: &Data) -> bool {
    !data.seen && data.unprovable.is_empty() && data.hidden.is_empty()
}

fn add(data: &mut Data, rises: bool, numbers: Numbers, said: &Said) {
    let last = |values: [Option<i64>; 2], rises: bool| {
        let values = values.into_iter().flatten();
        if rises { values.max() } else { values.min() }
    };
    data.seen = true;
    data.extreme = last([data.extreme, said.extreme], rises);
    data.beyond |= said.beyond;
    let end = if rises { numbers.most } else { numbers.least };
    data.column_end = last([data.column_end, end], !rises);
}

impl User {
    fn name(&self) -> String {
        format!("{}.{}", self.table.plain(), self.column.as_str())
    }
}

type Answers = Vec<(usize, Result<Said, String>)>;

/// Looks at all of them, several at once.
async fn look(target: &Target, looks: &[Look<'_>], workers: usize, run: &Run) -> Result<Answers> {
    run.emit(Event::TasksPlanned { phase: Phase::Data, total: looks.len() });
    let (small, large): (Vec<usize>, Vec<usize>) =
        (0..looks.len()).partition(|index| looks[*index].user.small);
    let batches = large.chunks(1).chain(small.chunks(SMALL_PER_QUERY)).map(<[usize]>::to_vec);
    let queue = Queue::new(batches);
    let readers = workers.min(queue.len());
    let work = |_, run: Run| {
        let queue = &queue;
        async move {
            let session = target.pooled(&run).await?;
            let mut answers = Answers::new();
            while let Some(batch) = queue.take() {
                answers.extend(look_at(&session, looks, &batch).await?);
                run.emit(Event::TasksFinished { phase: Phase::Data, count: batch.len() });
            }
            Ok(answers)
        }
    };
    let reading = run.abreast(0..readers, work);
    let waiting =
        "for the extremes of the data; is a table locked on the target, or has its column no index?";
    Ok(run.patiently(waiting, reading).await?.into_iter().flatten().collect())
}

/// One query for a batch; where that fails, one for each, so that only those fail that must.
async fn look_at(session: &TargetSession, looks: &[Look<'_>], batch: &[usize]) -> Result<Answers> {
    match ask(session, looks, batch).await {
        Ok(answers) => return Ok(answers),
        Err(failure) if failure.refusal().is_none() => return Err(failed(failure, "target".into())),
        Err(_) => {}
    }
    let mut answers = Answers::new();
    for index in batch {
        match ask(session, looks, &[*index]).await {
            Ok(answer) => answers.extend(answer),
            Err(failure) => match failure.refusal() {
                Some(refusal) => answers.push((*index, Err(refusal))),
                None => return Err(failed(failure, looks[*index].user.table.plain())),
            },
        }
    }
    Ok(answers)
}

fn failed(failure: Failure, object: String) -> Error {
    let told: Result<()> = Err(failure).context(Kind::Copy, "the data could not be looked at", object);
    told.err().unwrap_or_else(Error::interrupted)
}

async fn ask(session: &TargetSession, looks: &[Look<'_>], batch: &[usize]) -> Result<Answers, Failure> {
    let query = Sql::join(batch.iter().map(|index| looks[*index].query(*index)), "\nUNION ALL\n");
    let mut answers = Answers::new();
    for row in session.rows(&query, &[]).await? {
        let index = usize::try_from(column::<i64>(&row, "number")?)?;
        let said = Said { extreme: column(&row, "extreme")?, beyond: column(&row, "beyond")? };
        answers.push((index, Ok(said)));
    }
    Ok(answers)
}

impl Look<'_> {
    /// Asks for the extreme within the bounds of the sequence: what lies beyond, it never comes to.
    fn query(&self, number: usize) -> Sql {
        let (table, column) = (&self.user.table, &self.user.column);
        let rises = self.sequence.definition.increment > 0;
        let (within, beyond) = self.bounds(rises);
        let extreme = match (rises, self.numbers.form == Form::Whole) {
            (true, true) => sql!("sequences/highest.sql", column = column, table = table, within = within),
            (true, false) => {
                sql!("sequences/highest_whole.sql", column = column, table = table, within = within)
            }
            (false, true) => sql!("sequences/lowest.sql", column = column, table = table, within = within),
            (false, false) => {
                sql!("sequences/lowest_whole.sql", column = column, table = table, within = within)
            }
        };
        sql!("sequences/extreme.sql", number = number, extreme = extreme, beyond = beyond)
    }

    /// Which values lie within the bounds, and whether there are others.
    fn bounds(&self, rises: bool) -> (Sql, Sql) {
        let (table, column) = (&self.user.table, &self.user.column);
        let Definition { least, most, .. } = self.sequence.definition;
        let holds_all = if rises {
            self.numbers.most.is_some_and(|end| end <= most)
        } else {
            self.numbers.least.is_some_and(|end| end >= least)
        };
        if self.numbers.form == Form::Whole && holds_all {
            return (Sql::nothing(), sql!("sequences/not_beyond.sql"));
        }
        // At the near side only what no sequence holds is left out, such as NaN and the infinities.
        let (least, most) = if rises { (-i64::MAX, most) } else { (least, i64::MAX) };
        let most = if self.numbers.form == Form::Rounded { most.min(LARGEST_ROUNDED) } else { most };
        let within = sql!("sequences/within.sql", column = column, least = least, most = most);
        let beyond = if rises {
            sql!("sequences/above.sql", table = table, column = column, bound = most)
        } else {
            sql!("sequences/below.sql", table = table, column = column, bound = least)
        };
        (within, beyond)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_numeric_column_ends_where_its_digits_do() {
        let modifier = |precision: i32, scale: i32| (precision << 16 | (scale & 0x7ff)) + 4;
        assert_eq!(largest_numeric(modifier(10, 0)), Some(9_999_999_999));
        assert_eq!(largest_numeric(modifier(5, 2)), Some(999));
        assert_eq!(largest_numeric(modifier(2, -3)), Some(99_999));
        assert_eq!(largest_numeric(modifier(3, 5)), Some(0));
        assert!(rounds(modifier(5, -2)) && !rounds(modifier(5, 2)) && !rounds(modifier(5, 0)) && !rounds(-1));
        assert_eq!((largest_numeric(modifier(38, 0)), largest_numeric(-1)), (None, None));
    }

    #[test]
    fn only_columns_of_numbers_say_how_far_a_sequence_has_come() {
        assert_eq!(numbers("int2", -1).and_then(|numbers| numbers.most), Some(32_767));
        assert!(numbers("text", -1).is_none() && numbers("", -1).is_none());
        assert!(numbers("float8", -1).is_some_and(|numbers| numbers.form == Form::Rounded));
    }
}
