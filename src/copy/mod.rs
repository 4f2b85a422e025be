//! The row phase: workers pull chunks from one queue and commit only when all rows of all workers are in.
//!
//! Invariant: no worker commits before every chunk of every worker has succeeded; whatever fails before that rolls
//! all of them back.
//! Deliberately absent: choices (see `plan`), and the way a chunk travels (see [`statement`]).

pub mod statement;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use futures_util::future::join_all;
use tokio::task::JoinSet;

use crate::bridge::{Bridge, Dismantled};
use crate::error::{Context, Error, Kind, Result};
use crate::plan::{Chunk, Plan};
use crate::progress::Event;
use crate::queue::Queue;
use crate::run::Run;
use crate::snapshot::{Held, Pinned};

/// What a table's copy came to.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Copied {
    /// Rows inserted.
    pub rows: u64,
    /// Worker time.
    pub seconds: f64,
}

/// The receipt of the row phase: everything is in and committed.
pub struct RowsReady {
    /// By index of the plan's table.
    pub tables: HashMap<usize, Copied>,
    /// What is still held on the source.
    pub held: Held,
}

/// Copies all chunks of `plan` over the pinned bridges.
pub async fn rows(pinned: Pinned, plan: &Arc<Plan>, run: &Run) -> Result<RowsReady> {
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
                    let total = tables.entry(table).or_default();
                    total.rows += part.rows;
                    total.seconds += part.seconds;
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
    held.still_there().await?;
    let dismantled = run.abreast(bridges, |bridge, _| bridge.dismantle()).await?;
    run.abreast(dismantled, |worker: Dismantled, _| worker.commit()).await?;
    Ok(RowsReady { tables, held })
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
        while let Some(chunk) = self.queue.take() {
            let table = self.plan.table_of(&chunk);
            let (part, parts) = chunk.part;
            self.run.emit(Event::ChunkStarted {
                worker: self.number,
                table: table.name.plain(),
                part: (parts > 1).then_some((part + 1, parts)),
                bytes: chunk.bytes,
            });
            let started = Instant::now();
            let result = bridge.copy(table, &statement::insert(table, &chunk)).await;
            let rows = match result {
                Ok(rows) => rows,
                Err(error) => {
                    bridge.roll_back().await;
                    return Err(remedied(error));
                }
            };
            let total = copied.entry(chunk.table).or_default();
            total.rows += rows;
            total.seconds += started.elapsed().as_secs_f64();
            self.run.emit(Event::ChunkFinished {
                worker: self.number,
                table: table.name.plain(),
                rows,
                bytes: chunk.bytes,
            });
        }
        Ok((bridge, copied))
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
