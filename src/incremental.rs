//! Rows into tables that exist: the workers pull whole groups of tables over their bridges.
//!
//! Invariant: a group is copied within one transaction of one worker, and no worker commits before all groups of all workers
//! are in and their keys are checked; whatever fails before that rolls all of them back.
//! Deliberately absent: choices (see `plan::incremental`).

pub mod look;
pub mod show;
pub mod state;
pub mod statement;
pub mod sync;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::task::JoinSet;
use tokio_postgres::error::SqlState;

use crate::bridge::{Bridge, Dismantled};
use crate::catalog::Oid;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::incremental::{CopyPlan, Group, TableCopy};
use crate::progress::{Event, Level};
use crate::queue::Queue;
use crate::report::{Finding, WatermarkReport};
use crate::run::Run;
use crate::schema::ForeignKey;
use crate::snapshot::{Held, Pinned};
use state::Tracking;

/// So many rows and keys that are wrong are told.
const TOLD: usize = 3;

/// What a table's copy came to.
#[derive(Debug, Clone, Default)]
pub struct Written {
    /// Rows inserted or changed.
    pub rows: u64,
    /// Worker time.
    pub seconds: f64,
    /// Where it began, by a watermark.
    pub watermark: Option<WatermarkReport>,
    /// What should be known about it.
    pub warnings: Vec<Finding>,
}

/// Everything is in, and nothing is committed.
pub struct Uncommitted {
    /// By the source table's oid.
    pub written: HashMap<Oid, Written>,
    bridges: Vec<Bridge>,
    held: Held,
}

/// Copies all groups over the pinned bridges; `keeping` says what is kept of it for the next copy.
pub async fn rows(pinned: Pinned, plan: &Arc<CopyPlan>, keeping: Keeping, run: &Run) -> Result<Uncommitted> {
    let bytes = plan.groups.iter().map(|group| group.bytes).sum();
    let tables = plan.tables().count();
    run.emit(Event::RowsPlanned { tables, chunks: tables, bytes });
    let (bridges, switch, held) = pinned.into_parts();
    let queue = Arc::new(Queue::new(0..plan.groups.len()));
    let keeping = Arc::new(keeping);
    let mut workers = JoinSet::new();
    for (index, bridge) in bridges.into_iter().enumerate() {
        let worker = Worker {
            number: index + 1,
            plan: Arc::clone(plan),
            keeping: Arc::clone(&keeping),
            run: run.clone(),
        };
        workers.spawn(worker.work(bridge, Arc::clone(&queue)));
    }
    let (mut bridges, mut written, mut first_error) = (Vec::new(), HashMap::new(), None);
    while let Some(ended) = workers.join_next().await {
        match ended.context(Kind::Internal, "a worker panicked", "rows").and_then(|result| result) {
            Ok((bridge, part)) => {
                bridges.push(bridge);
                written.extend(part);
            }
            Err(error) => {
                // The others are cancelled on the servers; what they report then is only an echo.
                switch.stop();
                first_error.get_or_insert(error);
            }
        }
    }
    let uncommitted = Uncommitted { written, bridges, held };
    match first_error {
        None => Ok(uncommitted),
        Some(error) => {
            uncommitted.give_up().await;
            Err(error)
        }
    }
}

impl Uncommitted {
    /// What these workers have written.
    #[must_use]
    pub fn new(bridges: Vec<Bridge>, held: Held) -> Self {
        Self { written: HashMap::new(), bridges, held }
    }

    /// What is held on the source.
    #[must_use]
    pub fn held(&self) -> &Held {
        &self.held
    }

    /// Commits all of it, if the source was held to the end; `last` is what each worker does before.
    pub async fn commit(self, last: Option<&Sql>, run: &Run) -> Result<HashMap<Oid, Written>> {
        self.held.still_there().await?;
        let dismantle = |bridge: Bridge, _| async move {
            let dismantled = bridge.dismantle().await?;
            if let Some(last) = last {
                dismantled.run(last).await?;
            }
            Ok(dismantled)
        };
        let dismantled = run.abreast(self.bridges, dismantle).await?;
        let committed = join_all(dismantled.into_iter().map(Dismantled::commit)).await;
        let (done, failed): (Vec<_>, Vec<_>) = committed.into_iter().partition(Result::is_ok);
        let others = done.len();
        join_all(done.into_iter().filter_map(Result::ok).map(TargetSession::close)).await;
        self.held.release().await;
        match failed.into_iter().find_map(Result::err) {
            None => Ok(self.written),
            Some(error) if others == 0 => Err(error),
            Some(error) => Err(error.remedy(
                "the tables of other workers are committed, each as a whole; run it again, or with --jobs 1, which is one transaction",
            )),
        }
    }

    /// Rolls everything back and lets the source go.
    pub async fn give_up(self) {
        join_all(self.bridges.into_iter().map(Bridge::roll_back)).await;
        self.held.release().await;
    }
}

/// What is kept on the target for the next copy.
#[derive(Debug, Clone)]
pub enum Keeping {
    /// Nothing was ever kept.
    Nothing,
    /// Nothing, and what was kept of these tables is forgotten: they were written to by other rules.
    NoLonger,
    /// Watermarks.
    Watermarks(Box<Tracking>),
}

struct Worker {
    number: usize,
    plan: Arc<CopyPlan>,
    keeping: Arc<Keeping>,
    run: Run,
}

impl Worker {
    async fn work(self, bridge: Bridge, queue: Arc<Queue<usize>>) -> Result<(Bridge, HashMap<Oid, Written>)> {
        let mut written = HashMap::new();
        while let Some(index) = queue.take() {
            match self.group(&bridge, &self.plan.groups[index]).await {
                Ok(part) => written.extend(part),
                Err(error) => {
                    bridge.roll_back().await;
                    return Err(remedied(error));
                }
            }
        }
        Ok((bridge, written))
    }

    async fn group(&self, bridge: &Bridge, group: &Group) -> Result<Vec<(Oid, Written)>> {
        let session = bridge.session();
        let about = names(group);
        let before = statement::before(group);
        if !before.is_empty() {
            let script = Sql::script(&before);
            let preparing = session.run(&script);
            let waiting = format!("for locks on {about}");
            let prepared = self.run.patiently(&waiting, preparing).await;
            prepared.context(Kind::Copy, "the tables could not be prepared", &about)?;
        }
        let mut written = Vec::new();
        for table in &group.tables {
            written.push((table.oid, self.table(bridge, table).await?));
        }
        session.run(&statement::check()).await.context(Kind::Copy, "the rows break a constraint", &about)?;
        for (oid, child) in &group.checked {
            check(session, *oid, child).await?;
        }
        let after = statement::after(group);
        if !after.is_empty() {
            let restored = session.run(&Sql::script(&after)).await;
            restored.context(Kind::Copy, "the triggers could not be put back", &about)?;
        }
        Ok(written)
    }

    async fn table(&self, bridge: &Bridge, table: &TableCopy) -> Result<Written> {
        let (session, started) = (bridge.session(), Instant::now());
        let (worker, name) = (self.number, table.source.plain());
        let (begun, bytes) = (name.clone(), table.bytes);
        self.run.emit(Event::ChunkStarted { worker, table: begun, part: None, bytes });
        let failed = "its rows could not be copied";
        let made = session.run(&statement::foreign_table(bridge.server(), table)).await;
        made.context(Kind::Copy, failed, &name)?;
        let mut warnings = Vec::new();
        if let Some(explain) = statement::explain(table) {
            let lines = session.rows(&explain, &[]).await.context(Kind::Copy, failed, &name)?;
            let lines =
                lines.iter().map(|row| column::<String>(row, "QUERY PLAN")).collect::<Result<Vec<_>>>()?;
            let local = lines.iter().any(|line| line.trim_start().starts_with("Filter: "));
            warnings.extend(local.then(|| judged_on_target(&name)));
        }
        if let Some(query) = statement::broken_key(table) {
            let broken = session.rows(&query, &[]).await.context(Kind::Copy, failed, &name)?;
            if !broken.is_empty() {
                return Err(broken_key(&name));
            }
        }
        let (rows, watermark) = self.insert(session, table, &mut warnings).await?;
        self.run.emit(Event::ChunkFinished { worker, table: name, rows, bytes });
        Ok(Written { rows, seconds: started.elapsed().as_secs_f64(), watermark, warnings })
    }

    /// Brings the rows, those beyond the watermark if there is one.
    async fn insert(
        &self,
        session: &TargetSession,
        table: &TableCopy,
        warnings: &mut Vec<Finding>,
    ) -> Result<(u64, Option<WatermarkReport>)> {
        let name = table.source.plain();
        let (Some(by), Keeping::Watermarks(tracking)) = (&table.watermark, &*self.keeping) else {
            if !matches!(*self.keeping, Keeping::Nothing) {
                let forgotten = session.run(&state::forget(table.target_oid)).await;
                forgotten.context(Kind::Copy, "its watermark could not be forgotten", &name)?;
            }
            return Ok((bring(session, table, None).await?, None));
        };
        let mut beginning = tracking.begin(session, table, by).await?;
        let mark = tracking.mark(session, (table, by), &mut beginning).await?;
        let from =
            beginning.bound.as_deref().map_or("all rows".into(), |bound| format!("{} >= {bound}", by.column));
        let told = format!("{name}: {from} (overlap {})", tracking.overlap);
        self.run.note(Level::Normal, told);
        warnings.extend(beginning.anew.map(|why| started_anew(&name, why)));
        let rows = bring(session, table, Tracking::rows_from(by, &beginning).as_ref()).await?;
        let report = tracking.note(session, (table, by), &beginning, mark, rows).await?;
        Ok((rows, Some(report)))
    }
}

/// The group's tables of the target, for people.
fn names(group: &Group) -> String {
    let names: Vec<String> = group.tables.iter().map(|table| table.target.plain()).collect();
    names.join(", ")
}

/// Brings the rows within these bounds; returns how many were written.
async fn bring(session: &TargetSession, table: &TableCopy, bounds: Option<&Sql>) -> Result<u64> {
    let name = table.source.plain();
    let failed = "its rows could not be copied";
    let run = async |sql: &Sql| {
        let counts = session.run(sql).await.context(Kind::Copy, failed, &name)?;
        Ok::<_, Error>(counts.last().copied().unwrap_or_default())
    };
    if table.matching.doubtful {
        let twice = session.rows(&statement::twice(table, bounds), &[]).await;
        if !twice.context(Kind::Copy, failed, &name)?.is_empty() {
            return Err(Error::new(Kind::Copy, "the source has several rows with one key")
                .object(name)
                .remedy(TWICE));
        }
    }
    let insert = statement::insert(table, bounds);
    let Some(stays) = &table.matching.stays else { return run(&insert).await };
    run(&statement::savepoint()).await?;
    match run(&insert).await {
        // A value of a unique column may be taken only by a row that is about to lose it.
        Err(error) if error.sqlstate() == Some(&SqlState::UNIQUE_VIOLATION) => {
            run(&statement::go_back()).await?;
            let [stage, put_back, rest, unstage] = statement::in_turn(table, stays, bounds);
            run(&stage).await?;
            let rows = run(&put_back).await? + run(&rest).await?;
            run(&unstage).await?;
            Ok(rows)
        }
        Err(error) => Err(error),
        Ok(rows) => {
            run(&statement::release()).await?;
            Ok(rows)
        }
    }
}

const TWICE: &str = "the source has several rows with one key: mend them, leave some out with --where, or name another key: --key";

fn started_anew(table: &str, why: &str) -> Finding {
    Finding {
        code: "watermark-anew",
        object: table.to_owned(),
        message: format!("all of its rows were read: {why}"),
        remedy: "nothing to do; the next copy begins at this one's mark, if it is known".into(),
    }
}

fn broken_key(table: &str) -> Error {
    Error::new(Kind::Copy, "a column of its key is NULL in some rows")
        .object(table)
        .remedy("leave such rows out with --where, or name another key: --key")
}

/// A foreign key whose triggers were held off.
async fn check(session: &TargetSession, oid: Oid, child: &str) -> Result<()> {
    let cannot = || Error::new(Kind::Copy, "a foreign key cannot be checked by us").object(child);
    let key = ForeignKey::read(session, oid).await?.ok_or_else(cannot)?;
    let failed = "a foreign key could not be checked";
    let found = session.rows(&key.violating_keys(), &[]).await.context(Kind::Copy, failed, child)?;
    let Some(first) = found.first() else { return Ok(()) };
    let rows: i64 = column(first, "all_rows")?;
    let keys = found.iter().take(TOLD).map(|row| column::<String>(row, "key"));
    let keys = keys.collect::<Result<Vec<_>>>()?.join("), (");
    let message = format!("{rows} of its rows refer to rows that are not there: ({keys})");
    Err(Error::new(Kind::Copy, message).object(child).remedy(VIOLATED))
}

const VIOLATED: &str = "copy the table that is referred to as well, or leave such rows out with --where";

fn judged_on_target(table: &str) -> Finding {
    Finding {
        code: "where-on-target",
        object: table.to_owned(),
        message: "the source cannot judge its condition over the bridge: all of its rows have travelled, and the target has judged them".into(),
        remedy: "use operators of PostgreSQL itself on the column alone, without now(), casts, or types of your own".into(),
    }
}

/// Adds what the server does not say.
fn remedied(error: Error) -> Error {
    let remedy = match error.sqlstate().map(tokio_postgres::error::SqlState::code) {
        Some("21000") => TWICE,
        Some("23505") => {
            "a row with that key is there, or the source has two of them; --mode upsert changes a row that is there, --key names by which key it is found"
        }
        Some("23503") => VIOLATED,
        Some("23502") => "give the column a value with --set, or leave such rows out with --where",
        Some("22P02" | "22001" | "22003" | "22007" | "22008") => {
            "a value does not fit the target's type: convert it with --set, or leave its row out with --where"
        }
        Some("42703" | "42883" | "42601" | "42P01" | "42704") => {
            "see what --where and --set say: columns by their names on the source, functions of the target with their schema; columns that are masked on the source cannot be read"
        }
        Some("55P03") => {
            "another session asked for an exclusive lock on the source's table after the copy had begun (see pg_locks there); run it again when that is done"
        }
        Some("40P01") => "another session locked the same tables in another order; run it again",
        Some("08006" | "08003" | "08001") => {
            "the target lost the source; see the source's log, then run it again"
        }
        _ => return error,
    };
    error.or_remedy(remedy)
}
