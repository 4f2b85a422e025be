//! What a copy by a watermark leaves for the next one: the mark, and since when transactions may have been open.
//!
//! A transaction that commits after the copy's snapshot may have written values below the mark. Whatever it writes, it began
//! after the horizon: the oldest transaction that was open when the copy asked for it, before its snapshot. A column of times
//! holds no time before its transaction began, and a growing number is larger than every number that was there when an
//! earlier snapshot was taken, if the transaction began after that. So the next copy begins there, less an overlap.
//!
//! Invariant: the state is written in the transaction that writes the rows; where it says too little, all rows are read.
//! Deliberately absent: sequences that hand out numbers in advance (CACHE), and clocks that are wrong by more than the overlap.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio_postgres::types::Type;

use super::statement;
use crate::catalog::{Oid, STATE_SCHEMA};
use crate::error::{Context, Error, Kind, Result};
use crate::job::copy::Overlap;
use crate::pg::ident::Literal;
use crate::pg::server::{Source, Target};
use crate::pg::session::{SourceSession, TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::incremental::{CopyPlan, Grows, TableCopy, Watermark, Way};
use crate::report::{Finding, WatermarkReport};
use crate::run::Run;
use crate::sql;

const UNKNOWN: &str = "the open transactions could not be read";
const UNREADABLE: &str = "the watermarks could not be read";
const UNWRITABLE: &str = "the watermark could not be written";
/// A session is seen in its transaction a moment after that has begun.
const MARGIN: Duration = Duration::from_secs(1);
/// The first half of the keys of the locks on tables: `fdwt` in ASCII.
const CLASS: i64 = 0x6664_7774;

/// What the target has of a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Home {
    /// Whether it is there.
    pub present: bool,
    /// What stands in its way.
    pub obstacle: Option<Finding>,
}

/// Looks whether the target keeps watermarks, or could.
pub async fn home(target: &TargetSession) -> Result<Home> {
    let row = target.one(&sql!("incremental/state.sql"), &[]).await;
    let row = row.context(Kind::Preflight, UNREADABLE, STATE_SCHEMA)?;
    let (present, absent, ours): (bool, bool, bool) =
        (column(&row, "present")?, column(&row, "absent")?, column(&row, "ours")?);
    let refused = |message: String, remedy: &str| Finding {
        code: "state-schema",
        object: format!("schema {STATE_SCHEMA}"),
        message,
        remedy: remedy.into(),
    };
    let obstacle = if !absent && !ours {
        let owner: String = column(&row, "owner")?;
        Some(refused(format!("watermarks are kept in it, and it belongs to {owner}"), "connect as that role"))
    } else if absent && !column::<bool>(&row, "may_create")? {
        let message = "watermarks are kept in it, and our role may not create it on the target".into();
        Some(refused(message, "on the target: GRANT CREATE ON DATABASE … TO our role"))
    } else {
        None
    };
    Ok(Home { present, obstacle })
}

/// Makes room for the state.
pub async fn create(target: &Target, run: &Run) -> Result<()> {
    let session = target.pooled(run).await?;
    let created = session.run(&sql!("incremental/create_state.sql", class = CLASS)).await;
    if created.is_err() {
        session.rollback().await;
    }
    created.context(Kind::Schema, "the place of the watermarks could not be made", STATE_SCHEMA)?;
    Ok(())
}

/// Names of the tables that have a watermark on the target.
pub async fn watermarks(target: &TargetSession) -> Result<Vec<String>> {
    if !home(target).await?.present {
        return Ok(Vec::new());
    }
    let rows = target.rows(&sql!("incremental/watermarks.sql"), &[]).await;
    rows.context(Kind::Schema, UNREADABLE, STATE_SCHEMA)?.iter().map(|row| column(row, "name")).collect()
}

/// Forgets all watermarks.
#[must_use]
pub fn drop_all() -> Sql {
    sql!("incremental/drop_state.sql")
}

/// What is known of the source's transactions before the snapshot is taken.
#[derive(Debug, Clone)]
pub struct Before {
    /// When; unknown on a standby that has replayed nothing yet.
    asked: Option<String>,
    oldest: Option<String>,
    hidden: bool,
    prepared: bool,
    /// Another one has begun where a standby was promoted: what had not come over to it is undone.
    timeline: String,
}

impl Before {
    /// Asks the source.
    pub async fn ask(source: &Source, run: &Run) -> Result<Self> {
        let session = source.pooled(run).await?;
        let own = Literal::new(session_name_pattern(run));
        let row = session.one(&sql!("incremental/open_transactions.sql", own = own), &[]).await;
        let row = row.context(Kind::Snapshot, UNKNOWN, "source")?;
        // Only now: a transaction that is prepared in between is seen in one place or the other.
        let prepared = session.one(&sql!("incremental/prepared_transactions.sql"), &[]).await;
        let prepared = prepared.context(Kind::Snapshot, UNKNOWN, "source")?;
        Ok(Self {
            asked: column(&row, "asked")?,
            oldest: column(&row, "oldest")?,
            hidden: column(&row, "hidden")?,
            prepared: column(&prepared, "prepared")?,
            timeline: timeline(&session).await?,
        })
    }

    /// What should be known if others' transactions cannot be seen.
    #[must_use]
    pub fn warning(&self, overlap: Overlap) -> Option<Finding> {
        let remedy = "on the source: GRANT pg_read_all_stats TO our role, and track_activities = on for all; from a standby they are never seen: say with --overlap how long they last";
        let message = if overlap.given {
            format!(
                "how long others' transactions are open cannot be seen: none may be open for longer than --overlap ({overlap})"
            )
        } else {
            "how long others' transactions are open cannot be seen: the next copy will read all rows"
                .to_owned()
        };
        self.hidden.then(|| Finding {
            code: "transactions-hidden",
            object: "source".into(),
            message,
            remedy: remedy.into(),
        })
    }
}

async fn timeline(session: &SourceSession) -> Result<String> {
    match session.one(&sql!("incremental/timeline.sql"), &[]).await {
        // Some providers do not let everybody see it.
        Err(failure) if failure.server_error().is_some_and(|error| error.code().code() == "42501") => {
            Ok(String::new())
        }
        answer => column(&answer.context(Kind::Snapshot, UNKNOWN, "source")?, "timeline"),
    }
}

fn session_name_pattern(run: &Run) -> String {
    format!("fdwcopy {} %", run.id)
}

/// The time by the source's clock, as text.
pub async fn clock(source: &SourceSession) -> Result<String> {
    let row = source.one(&sql!("incremental/now.sql"), &[]).await;
    column(&row.context(Kind::Snapshot, "the source's clock could not be read", "source")?, "taken")
}

/// What all tables with watermarks have in common.
#[derive(Debug, Clone)]
pub struct Tracking {
    /// What tells the source's database from every other.
    pub source: String,
    /// What was known before the snapshot.
    pub before: Before,
    /// A time when the snapshot had been taken.
    pub taken: String,
    /// By how much more to reach back.
    pub overlap: Overlap,
}

/// Where one table's copy begins.
#[derive(Debug, Clone, Default)]
pub struct Beginning {
    /// The smallest value that is read; all if absent.
    pub bound: Option<String>,
    /// The mark of the copy before.
    mark: Option<String>,
    /// Its horizon.
    horizon: Option<String>,
    /// Why all rows are read, although there is an earlier mark.
    pub anew: Option<&'static str>,
    /// Whether earlier marks say nothing any more, because numbers may have begun anew.
    restarted: bool,
}

/// Tables of the target that no other run copies into as long as this one lives. It is taken before the snapshot: else
/// a run that began earlier could overwrite what a later one has brought.
pub struct Turn {
    session: TargetSession,
    tables: BTreeSet<Oid>,
}

impl Turn {
    /// Takes the tables of this plan, or fails at once if another run has one of them.
    pub async fn take(target: &Target, plan: &CopyPlan, run: &Run) -> Result<Self> {
        let names: BTreeMap<Oid, String> =
            plan.tables().map(|table| (table.target_oid, table.target.plain())).collect();
        let oids: Vec<Oid> = names.keys().copied().collect();
        let session = target.dedicated("turn", &[], run).await?;
        let query = sql!("incremental/take_locks.sql", class = CLASS);
        let taken = session.rows(&query, &[(&oids, Type::OID_ARRAY)]).await;
        let taken =
            taken.context(Kind::Copy, "the tables could not be locked against other copies", "target")?;
        if let Some(row) = taken.first() {
            let name = names.get(&column(row, "relation")?).cloned().unwrap_or_default();
            session.close().await;
            return Err(Error::new(
                Kind::Preflight,
                "another run of fdwcopy is copying into it; nothing was changed",
            )
            .object(name)
            .remedy("wait until it has ended"));
        }
        Ok(Self { session, tables: names.into_keys().collect() })
    }

    /// Whether it is our turn with all tables of this plan too.
    #[must_use]
    pub fn covers(&self, plan: &CopyPlan) -> bool {
        plan.tables().all(|table| self.tables.contains(&table.target_oid))
    }

    /// Fails if it was lost: another run may have come in between.
    pub async fn still_there(&self) -> Result<()> {
        let answer = self.session.one(&sql!("incremental/still.sql"), &[]).await;
        answer.context(Kind::Copy, "the locks against other copies were lost", "target")?;
        Ok(())
    }

    /// Lets others have their turn.
    pub async fn end(self) {
        self.session.close().await;
    }
}

/// Forgets a table's watermark: what it stood for is replaced.
#[must_use]
pub fn forget(relation: Oid) -> Sql {
    sql!("incremental/forget_watermark.sql", relation = relation)
}

impl Tracking {
    /// Where the copy of this table begins.
    pub async fn begin(
        &self,
        session: &TargetSession,
        table: &TableCopy,
        by: &Watermark,
    ) -> Result<Beginning> {
        if table.way == Way::Replace {
            return Ok(Beginning::default());
        }
        let query =
            sql!("incremental/watermark.sql", relation = table.target_oid, only = statement::whole(table));
        let about = table.target.plain();
        let rows = session.rows(&query, &[]).await.context(Kind::Copy, UNREADABLE, &about)?;
        let Some(row) = rows.first() else { return Ok(Beginning::default()) };
        let (mode, fingerprint): (String, String) = (column(row, "mode")?, column(row, "fingerprint")?);
        let known = Beginning {
            mark: column(row, "mark")?,
            horizon: column(row, "horizon")?,
            ..Beginning::default()
        };
        let anew = |why| Ok(Beginning { anew: Some(why), ..Beginning::default() });
        if fingerprint != self.fingerprint(table, by) {
            return anew("the mark is of another source, table or column, or of other rules");
        }
        if is_rewritten(&column::<Vec<String>>(row, "files")?, &table.files) {
            return anew("the source's table was emptied or written anew since");
        }
        if mode == Way::Append.name() && table.way == Way::Upsert {
            return anew("the copy before left rows alone that had changed");
        }
        if !column::<bool>(row, "filled")? {
            return anew("the target's table has been emptied");
        }
        let (Some(mark), Some(horizon)) = (&known.mark, &known.horizon) else {
            return Ok(Beginning { anew: Some("it is not known which transactions were open"), ..known });
        };
        let rows = session.rows(&self.bound(table, by, mark, horizon), &[]).await;
        let rows = rows.context(Kind::Copy, UNREADABLE, &about)?;
        let bound = rows.first().map(|row| column::<Option<String>>(row, "bound")).transpose()?.flatten();
        let anew = bound.is_none().then_some("a transaction was open since before the first mark");
        Ok(Beginning { bound, anew, ..known })
    }

    fn bound(&self, table: &TableCopy, by: &Watermark, mark: &str, horizon: &str) -> Sql {
        let (mark, horizon) = (Literal::new(mark), Literal::new(horizon));
        let local_time = match by.grows {
            Grows::Number => {
                return sql!(
                    "incremental/bound_of_number.sql",
                    relation = table.target_oid,
                    fingerprint = Literal::new(self.fingerprint(table, by)),
                    horizon = horizon,
                    overlap = seconds(self.overlap.time)
                );
            }
            Grows::Moment => Sql::nothing(),
            // A clock on a wall may be twelve hours behind.
            Grows::Local => sql!("incremental/local_time.sql"),
        };
        sql!(
            "incremental/bound_of_time.sql",
            mark = mark,
            horizon = horizon,
            local_time = local_time,
            type_name = by.type_name,
            overlap = seconds(self.overlap.time)
        )
    }

    /// The condition of rows from where the copy begins.
    #[must_use]
    pub fn rows_from(by: &Watermark, beginning: &Beginning) -> Option<Sql> {
        let bound = beginning.bound.as_ref()?;
        let (column, bound) = (&by.column, Literal::new(bound));
        Some(sql!("incremental/from_bound.sql", column = column, bound = bound, type_name = by.type_name))
    }

    /// Reads the mark over the bridge, under the snapshot of the rows. Where it is smaller than it was, numbers may have
    /// begun anew, and all rows are read.
    pub async fn mark(
        &self,
        session: &TargetSession,
        (table, by): (&TableCopy, &Watermark),
        beginning: &mut Beginning,
    ) -> Result<Option<String>> {
        let earlier = or_null(beginning.mark.as_deref());
        let row = session.one(&statement::largest(table, by, &earlier), &[]).await;
        let row = row.context(Kind::Copy, "the largest value could not be read", table.source.plain())?;
        if column(&row, "behind")? {
            beginning.bound = None;
            beginning.restarted = true;
            beginning.anew = Some("the source's largest value is smaller than it was");
        }
        column(&row, "mark")
    }

    /// Writes down where the next copy may begin.
    pub async fn note(
        &self,
        session: &TargetSession,
        (table, by): (&TableCopy, &Watermark),
        beginning: &Beginning,
        mark: Option<String>,
        rows: u64,
    ) -> Result<WatermarkReport> {
        let about = table.target.plain();
        let horizon = self.horizon(session, beginning).await?;
        if beginning.restarted {
            let forget = sql!("incremental/forget_marks.sql", relation = table.target_oid);
            session.run(&forget).await.context(Kind::Copy, UNWRITABLE, &about)?;
        }
        let note = sql!(
            "incremental/note_watermark.sql",
            relation = table.target_oid,
            name = Literal::new(&about),
            mode = Literal::new(table.way.name()),
            fingerprint = Literal::new(self.fingerprint(table, by)),
            files = texts(&table.files),
            key = Sql::join(table.key.iter().map(|column| Literal::new(column.as_str())), ", "),
            column = Literal::new(by.column.as_str()),
            mark = or_null(mark.as_deref()),
            horizon = or_null(horizon.as_deref()),
            taken = Literal::new(self.taken.as_str()),
            rows = rows,
            overlap = seconds(self.overlap.time)
        );
        session.run(&note).await.context(Kind::Copy, UNWRITABLE, &about)?;
        Ok(WatermarkReport {
            column: by.column.as_str().into(),
            from: beginning.bound.clone(),
            mark,
            horizon,
            overlap_seconds: self.overlap.time.as_secs(),
        })
    }

    /// Since when transactions may be open that this copy has not seen; unknown if absent.
    async fn horizon(&self, session: &TargetSession, beginning: &Beginning) -> Result<Option<String>> {
        let Before { asked, oldest, hidden, prepared, .. } = &self.before;
        let (Some(asked), Some(oldest)) = (asked, oldest) else { return Ok(None) };
        if *hidden && !self.overlap.given {
            return Ok(None);
        }
        // When a prepared transaction began is not known, but not before what the copy before could not see.
        let earlier = if *prepared {
            match &beginning.horizon {
                Some(horizon) => horizon,
                None => return Ok(None),
            }
        } else {
            asked
        };
        let margin = if *hidden { self.overlap.time.max(MARGIN) } else { MARGIN };
        let query = sql!(
            "incremental/horizon.sql",
            oldest = Literal::new(oldest.as_str()),
            earlier = Literal::new(earlier.as_str()),
            margin = seconds(margin)
        );
        let row = session.one(&query, &[]).await.context(Kind::Copy, UNWRITABLE, STATE_SCHEMA)?;
        column(&row, "horizon")
    }

    /// Tells what was asked for from everything else.
    fn fingerprint(&self, table: &TableCopy, by: &Watermark) -> String {
        let parts = [
            self.source.clone(),
            self.before.timeline.clone(),
            table.source.plain(),
            by.column.to_string(),
            statement::selected(table).to_string(),
        ];
        let digest = Sha256::digest(parts.join("\n"));
        digest.iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
    }
}

/// Whether a table that the copy before has read has another file by now.
fn is_rewritten(before: &[String], now: &[String]) -> bool {
    let of = |file: &str| file.split_once('/').map(|(table, _)| table.to_owned());
    let known: BTreeSet<_> = now.iter().map(|file| of(file)).collect();
    before.iter().any(|file| known.contains(&of(file)) && !now.contains(file))
}

/// An array of texts, as a literal.
fn texts(values: &[String]) -> Literal {
    Literal::new(format!("{{{}}}", values.join(",")))
}

fn or_null(value: Option<&str>) -> Sql {
    value.map_or_else(|| sql!("incremental/null.sql"), |text| Sql::join([Literal::new(text)], ""))
}

fn seconds(time: Duration) -> Literal {
    Literal::new(format!("{} seconds", time.as_secs()))
}
