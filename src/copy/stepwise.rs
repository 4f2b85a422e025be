//! Rows chunk by chunk: each batch of chunks commits on its own, together with its marks in the ledger.
//!
//! Invariant: rows and marks are of one transaction, so after any interruption the marks tell exactly which rows are
//! in. What failed for a passing reason (a lost connection, a deadlock) is tried again; where the answer to COMMIT
//! was lost, the marks say whether it took effect.
//! Deliberately absent: keeping the source still (see `hold`).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use super::streamed::Stream;
use super::{Copied, Worker, remedied};
use crate::bridge::{self, Bridge, Hop};
use crate::error::{Error, Kind, Result};
use crate::hold::Hold;
use crate::ledger::chunks;
use crate::pg::retry::is_away;
use crate::pg::server::{Source, Target};
use crate::pg::session::TargetSession;
use crate::plan::{Chunk, Plan, chunk};
use crate::progress::{Event, Level};
use crate::queue::Queue;
use crate::run::Run;

/// How long to wait before each further try.
const PAUSES: [Duration; 6] = [
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
    Duration::from_secs(10),
    Duration::from_secs(15),
];

/// Everything that copying stepwise needs.
pub struct Stepwise<'a> {
    /// Where rows come from.
    pub source: &'a Source,
    /// Where rows go to.
    pub target: &'a Target,
    /// How the target reaches the source.
    pub hop: &'a Hop,
    /// The plan.
    pub plan: &'a Arc<Plan>,
    /// What is held on the source meanwhile.
    pub hold: &'a Hold,
    /// Transactions of the source from this one on may not be seen by the copy.
    pub horizon: i64,
}

impl Stepwise<'_> {
    /// Copies these chunks of the plan; returns what each table's came to.
    pub async fn rows(
        &self,
        chunks: Vec<Chunk>,
        workers: usize,
        run: &Run,
    ) -> Result<HashMap<usize, Copied>> {
        run.emit(Event::RowsPlanned {
            tables: self.plan.tables.len(),
            chunks: chunks.len(),
            bytes: chunks.iter().map(|chunk| chunk.bytes).sum(),
        });
        let workers = workers.min(chunks.len());
        let queue = Arc::new(Queue::new(chunks));
        let work = |number, run: Run| {
            let worker = Worker { number, plan: Arc::clone(self.plan), queue: Arc::clone(&queue), run };
            self.work(worker)
        };
        let mut tables: HashMap<usize, Copied> = HashMap::new();
        for (table, part) in run.abreast(1..=workers, work).await?.into_iter().flatten() {
            tables.entry(table).or_default().add(part);
        }
        Ok(tables)
    }

    async fn work(&self, worker: Worker) -> Result<Vec<(usize, Copied)>> {
        let mut session = None;
        let mut copied = Vec::new();
        loop {
            let batch = worker.queue.take_batch(chunk::goes_along);
            if batch.is_empty() {
                return Ok(copied);
            }
            let parts = self.persist(&worker, &batch, &mut session).await.map_err(remedied)?;
            copied.extend(batch.iter().map(|chunk| chunk.table).zip(parts));
        }
    }

    /// Copies a batch, with more tries where the reason of a failure may pass.
    async fn persist(
        &self,
        worker: &Worker,
        batch: &[Chunk],
        session: &mut Option<TargetSession>,
    ) -> Result<Vec<Copied>> {
        let mut pauses = PAUSES.iter();
        let mut is_first = true;
        loop {
            // Not before the marks have said that an earlier try did not take effect.
            let earlier = if is_first { Ok(None) } else { self.took_effect(worker, batch).await };
            is_first = false;
            let error = match earlier {
                Ok(Some(parts)) => return Ok(parts),
                Ok(None) => match self.step(worker, batch, session.take()).await {
                    Ok(Some((used, parts))) => {
                        *session = Some(used);
                        return Ok(parts);
                    }
                    // An earlier try has committed after all; the marks will tell.
                    Ok(None) => {
                        Error::new(Kind::Internal, MARKED).object(self.plan.table_of(&batch[0]).name.plain())
                    }
                    Err(error) => error,
                },
                Err(error) => error,
            };
            let may_go = error.is(MARKED) || may_pass(&error);
            let Some(pause) = pauses.next().filter(|_| may_go) else { return Err(error) };
            worker.run.stop.check()?;
            // Without its locks the source has moved on; what is copied later would be of another moment.
            self.hold.still_there().await?;
            worker.run.note(Level::Verbose, format!("{error}; tried again in {} s", pause.as_secs_f32()));
            tokio::select! {
                () = tokio::time::sleep(*pause) => {}
                () = worker.run.stop.given() => {}
            }
        }
    }

    /// One transaction for the rows and their marks; returns the session for the next one, or nothing if the rows are
    /// there already.
    async fn step(
        &self,
        worker: &Worker,
        batch: &[Chunk],
        session: Option<TargetSession>,
    ) -> Result<Option<(TargetSession, Vec<Copied>)>> {
        let name = format!("w{}", worker.number);
        let session = match session {
            Some(session) => session,
            None => {
                bridge::worker_session(self.target, &format!("worker {}", worker.number), &worker.run).await?
            }
        };
        let mut bridge = Bridge::arm(session, &name, self.hop, &[], &worker.run).await?;
        match self.fill(worker, batch, &mut bridge).await {
            Ok(Some(parts)) => Ok(Some((bridge.dismantle().await?.commit().await?, parts))),
            ended => {
                bridge.roll_back().await;
                ended.map(|_| None)
            }
        }
    }

    /// The rows and their marks; `None` if they are marked already.
    async fn fill(
        &self,
        worker: &Worker,
        batch: &[Chunk],
        bridge: &mut Bridge,
    ) -> Result<Option<Vec<Copied>>> {
        let mut parts = worker.copy(bridge, batch).await?;
        let stream = Stream { source: self.source, hold: self.hold };
        let large = stream.rows(bridge.session(), self.plan, batch, &worker.run).await?;
        for (part, rows) in parts.iter_mut().zip(large) {
            part.rows += rows;
        }
        let copied: Vec<(&Chunk, u64)> = batch.iter().zip(parts.iter().map(|part| part.rows)).collect();
        let marked = chunks::mark(bridge.session(), self.plan, &copied, self.horizon).await?;
        Ok(marked.then_some(parts))
    }

    /// What the marks say of a batch whose COMMIT may have taken effect although we were not told.
    async fn took_effect(&self, worker: &Worker, batch: &[Chunk]) -> Result<Option<Vec<Copied>>> {
        let listed = chunks::read(&self.target.pooled(&worker.run).await?).await?;
        let rows = |chunk: &Chunk| {
            let table = self.plan.table_of(chunk).oid;
            let this = listed.iter().find(|one| (one.relation, one.part) == (table, chunk.part))?;
            this.mark.map(|mark| Copied { rows: mark.rows, seconds: 0.0 })
        };
        Ok(batch.iter().map(rows).collect())
    }
}

const MARKED: &str = "its chunk is marked as copied already";

/// Whether the reason may pass by itself: a lost connection, a server that restarts or is full, a deadlock.
fn may_pass(error: &Error) -> bool {
    let code = error.sqlstate().map(tokio_postgres::error::SqlState::code);
    is_away(error) || code.is_some_and(|code| code.starts_with("08") || ["40001", "40P01"].contains(&code))
}
