//! The row phase: workers pull chunks from one queue and commit only when all rows of all workers are in.
//!
//! Invariant: no worker commits before every chunk of every worker has succeeded; whatever fails before that rolls
//! all of them back. Only [`stepwise`] commits chunk by chunk.
//! Deliberately absent: choices (see `plan`), and the way a chunk travels (see [`statement`]).

pub mod statement;
pub mod stepwise;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::task::JoinSet;

use crate::bridge::{Bridge, Dismantled};
use crate::error::{Context, Error, Kind, Result};
use crate::hold::Hold;
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::plan::{Chunk, Plan, chunk};
use crate::progress::Event;
use crate::queue::Queue;
use crate::run::Run;
use crate::snapshot::Pinned;
use crate::stop::StopSwitch;

/// What a table's copy came to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Copied {
    /// Rows inserted.
    pub rows: u64,
    /// Worker time.
    pub seconds: f64,
}

impl Copied {
    /// Adds another part of the same table.
    pub fn add(&mut self, part: Self) {
        self.rows += part.rows;
        self.seconds += part.seconds;
    }
}

/// Everything is in, and nothing is committed: what else belongs to the same transactions comes now.
pub struct Uncommitted {
    /// By index of the plan's table.
    tables: HashMap<usize, Copied>,
    /// The workers' transactions.
    pub bridges: Vec<Bridge>,
    /// Stops what the workers' sessions do.
    pub switch: StopSwitch,
    /// What is held on the source.
    pub hold: Hold,
}

/// The receipt of the row phase: everything is in and committed.
pub struct RowsReady {
    /// By index of the plan's table.
    pub tables: HashMap<usize, Copied>,
    /// What is still held on the source.
    pub hold: Hold,
}

/// Copies all chunks of `plan` over the pinned bridges.
pub async fn rows(pinned: Pinned, plan: &Arc<Plan>, run: &Run) -> Result<Uncommitted> {
    run.emit(Event::RowsPlanned {
        tables: plan.tables.len(),
        chunks: plan.chunks.len(),
        bytes: plan.bytes(),
    });
    let (bridges, switch, held) = pinned.into_parts();
    let queue = Arc::new(Queue::new(plan.chunks.clone()));
    let mut workers = JoinSet::new();
    for (index, bridge) in bridges.into_iter().enumerate() {
        let worker =
            Worker { number: index + 1, plan: Arc::clone(plan), queue: Arc::clone(&queue), run: run.clone() };
        workers.spawn(worker.work(bridge));
    }
    let mut tables: HashMap<usize, Copied> = HashMap::new();
    let mut bridges = Vec::new();
    let mut first_error = None;
    while let Some(ended) = workers.join_next().await {
        let ended = ended.context(Kind::Internal, "a worker panicked", "rows").and_then(|result| result);
        match ended {
            Ok((bridge, copied)) => {
                bridges.push(bridge);
                for (table, part) in copied {
                    tables.entry(table).or_default().add(part);
                }
            }
            Err(error) => {
                // The others are cancelled on the servers; what they report then is only an echo.
                switch.stop();
                first_error.get_or_insert(error);
            }
        }
    }
    if let Some(error) = first_error {
        join_all(bridges.into_iter().map(Bridge::roll_back)).await;
        held.release().await;
        return Err(error);
    }
    if !queue.is_empty() {
        return Err(Error::new(Kind::Internal, "the workers ended before the queue was empty"));
    }
    Ok(Uncommitted { tables, bridges, switch, hold: Hold::Snapshot(Box::new(held)) })
}

impl Uncommitted {
    /// Commits what all workers have copied, if the source was held to the end.
    pub async fn commit(self, run: &Run) -> Result<RowsReady> {
        self.hold.still_there().await?;
        let dismantled = run.abreast(self.bridges, |bridge, _| bridge.dismantle()).await?;
        let committed = run.abreast(dismantled, |worker: Dismantled, _| worker.commit()).await?;
        join_all(committed.into_iter().map(TargetSession::close)).await;
        Ok(RowsReady { tables: self.tables, hold: self.hold })
    }

    /// Rolls everything back and lets the source go.
    pub async fn give_up(self) {
        join_all(self.bridges.into_iter().map(Bridge::roll_back)).await;
        self.hold.release().await;
    }
}

struct Worker {
    number: usize,
    plan: Arc<Plan>,
    queue: Arc<Queue<Chunk>>,
    run: Run,
}

impl Worker {
    async fn work(self, mut bridge: Bridge) -> Result<(Bridge, HashMap<usize, Copied>)> {
        let mut copied: HashMap<usize, Copied> = HashMap::new();
        loop {
            let batch = self.queue.take_batch(chunk::goes_along);
            if batch.is_empty() {
                return Ok((bridge, copied));
            }
            match self.copy(&mut bridge, &batch).await {
                Ok(parts) => {
                    for (chunk, part) in batch.iter().zip(parts) {
                        copied.entry(chunk.table).or_default().add(part);
                    }
                }
                Err(error) => {
                    bridge.roll_back().await;
                    return Err(remedied(error));
                }
            }
        }
    }

    /// Sends the chunks of a batch without waiting in between; the first failure is told, the others are its echo.
    async fn copy(&self, bridge: &mut Bridge, batch: &[Chunk]) -> Result<Vec<Copied>> {
        let script = |chunk: &Chunk| {
            let table = self.plan.table_of(chunk);
            bridge.script(table, &statement::insert(table, chunk))
        };
        let scripts: Vec<Sql> = batch.iter().map(script).collect();
        let bridge = &*bridge;
        let mut before = Instant::now();
        let copies = batch.iter().zip(&scripts).map(|(chunk, script)| async {
            let table = self.plan.table_of(chunk);
            self.tell_start(chunk);
            let rows = bridge.copy(table, script).await?;
            let (worker, table) = (self.number, table.name.plain());
            self.run.emit(Event::ChunkFinished { worker, table, rows, bytes: chunk.bytes });
            Ok((rows, Instant::now()))
        });
        let ended: Vec<(u64, Instant)> = join_all(copies).await.into_iter().collect::<Result<_>>()?;
        Ok(ended
            .into_iter()
            .map(|(rows, end)| {
                let seconds = end.duration_since(before).as_secs_f64();
                before = end;
                Copied { rows, seconds }
            })
            .collect())
    }

    fn tell_start(&self, chunk: &Chunk) {
        let (part, parts) = chunk.part;
        self.run.emit(Event::ChunkStarted {
            worker: self.number,
            table: self.plan.table_of(chunk).name.plain(),
            part: (parts > 1).then_some((part + 1, parts)),
            bytes: chunk.bytes,
        });
    }
}

/// Adds what the server does not say.
fn remedied(error: Error) -> Error {
    let remedy = match error.sqlstate().map(tokio_postgres::error::SqlState::code) {
        Some("53100") => "free disk space on the target, then run the clone again",
        Some("55P03") => {
            "another session asked for an exclusive lock on the table after the clone had begun, and waits for it (see pg_locks on the source); run the clone again when that is done"
        }
        Some("53200") => "raise max_locks_per_transaction or memory limits, then run the clone again",
        Some("08006" | "08003" | "08001") => {
            "the target lost the source; see the source's log, then run the clone again"
        }
        _ => return error,
    };
    error.remedy(remedy)
}
