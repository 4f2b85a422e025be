//! What is made when the rows are in: indexes, constraints, triggers and the rest as a graph in parallel; then
//! privileges, event triggers and the refresh of materialised views (the order of `pg_restore`'s passes).

use std::collections::{BTreeSet, HashMap};

use tokio::task::JoinSet;

use super::batch::Batches;
use super::graph::{Graph, LockKey, Node};
use super::pre_data::is_privilege;
use super::{Existing, Lost, attempt};
use crate::archive::{Archive, Entry, EntryId};
use crate::catalog::Oid;
use crate::error::{Context, Kind, Result};
use crate::ledger::Ledger;
use crate::pg::session::Target;
use crate::pg::sql::Sql;
use crate::plan::{Plan, Refresh};
use crate::progress::{Event, Phase};
use crate::report::NotCopied;
use crate::run::Run;
use crate::sql;

const PHASE: Phase = Phase::PostData;

/// Everything that building the post-data needs.
pub struct Building<'a> {
    /// The archive.
    pub archive: &'a Archive,
    /// The plan: sizes and refreshes.
    pub plan: &'a Plan,
    /// Where to build.
    pub target: &'a Target,
    /// How many tasks at once.
    pub workers: usize,
    /// What was there before.
    pub existing: &'a Existing,
}

impl Building<'_> {
    /// Builds all of it; what is lost is added to `lost`.
    pub async fn run(&self, lost: &mut Lost, ledger: &mut Ledger, run: &Run) -> Result<()> {
        let privileges: Vec<&Entry> = self
            .archive
            .pre_data()
            .iter()
            .chain(self.archive.post_data())
            .filter(|e| is_privilege(e))
            .collect();
        let (closing, main): (Vec<&Entry>, Vec<&Entry>) =
            self.archive.post_data().iter().filter(|e| !is_privilege(e)).partition(|e| comes_last(e));
        let total = privileges.len() + closing.len() + main.len() + self.plan.refreshes.len();
        run.emit(Event::TasksPlanned { phase: PHASE, total });
        self.build(&main, lost, ledger, run).await?;
        let (target, existing) = (self.target, self.existing);
        Batches { target, existing, ledger, lost, phase: PHASE, run }.run(&privileges).await?;
        self.refresh(lost, run).await?;
        // An event trigger would fire at our own statements.
        Batches { target, existing, ledger, lost, phase: PHASE, run }.run(&closing).await
    }

    async fn build(&self, entries: &[&Entry], lost: &mut Lost, ledger: &mut Ledger, run: &Run) -> Result<()> {
        let mut graph = Graph::new(nodes(entries, self.archive.pre_data(), &self.plan.sizes()));
        let doomed: Vec<usize> =
            (0..entries.len()).filter(|&index| lost.takes_along(entries[index]).is_some()).collect();
        for index in graph.lose(&doomed) {
            lost.add(entries[index], NEEDS_LOST.into());
        }
        ledger.entries.extend(entries.iter().map(|entry| entry.id));
        let tasks: Vec<Task> = entries
            .iter()
            .map(|entry| Task { name: entry.to_string(), statements: entry.statements() })
            .collect();
        let refused = self.execute(graph, &tasks, run).await?;
        for (index, reason) in refused {
            ledger.entries.remove(&entries[index].id);
            lost.add(entries[index], reason);
        }
        Ok(())
    }

    async fn refresh(&self, lost: &mut Lost, run: &Run) -> Result<()> {
        let views = &self.plan.refreshes;
        let weightless =
            |view: &Refresh| Node { needs: view.after.iter().copied().collect(), ..Node::default() };
        let mut graph = Graph::new(views.iter().map(weightless).collect());
        let undefined: Vec<usize> = (0..views.len())
            .filter(|&index| lost.relation(self.archive.pre_data(), &views[index].name))
            .collect();
        let doomed = graph.lose(&undefined);
        let tasks: Vec<Task> = views
            .iter()
            .map(|view| Task {
                name: format!("REFRESH {}", view.name.plain()),
                statements: sql!("schema/refresh.sql", view = view.name),
            })
            .collect();
        let refused = self.execute(graph, &tasks, run).await?;
        let doomed = doomed.into_iter().map(|index| (index, NEEDS_LOST.to_owned()));
        lost.not_copied.extend(doomed.chain(refused).map(|(index, reason)| NotCopied {
            kind: "MATERIALIZED VIEW DATA".into(),
            object: views[index].name.plain(),
            reason,
        }));
        Ok(())
    }

    /// Executes the graph; returns the tasks that were refused or lost, each with the reason.
    async fn execute(&self, mut graph: Graph, tasks: &[Task], run: &Run) -> Result<Vec<(usize, String)>> {
        let mut refused = Vec::new();
        let mut running: JoinSet<(usize, usize, Result<Option<String>>)> = JoinSet::new();
        let mut slots: BTreeSet<usize> = (1..=self.workers).collect();
        loop {
            while let Some(slot) = slots.first().copied() {
                let Some(index) = graph.start_next() else { break };
                slots.remove(&slot);
                let task = tasks[index].clone();
                run.emit(Event::TaskStarted { phase: PHASE, slot, name: task.name.clone() });
                let session = self.target.pooled().await?;
                running.spawn(
                    async move { (slot, index, attempt(&session, &task.statements, &task.name).await) },
                );
            }
            let Some(ended) = running.join_next().await else { break };
            let (slot, index, outcome) = ended.context(Kind::Internal, "a task panicked", "post-data")?;
            slots.insert(slot);
            run.emit(Event::TaskFinished { phase: PHASE, slot });
            match outcome? {
                None => graph.done(index),
                Some(reason) => {
                    refused.push((index, reason));
                    refused
                        .extend(graph.failed(index).into_iter().map(|index| (index, NEEDS_LOST.to_owned())));
                }
            }
        }
        refused.extend(graph.stuck().iter().map(|&index| (index, "it is part of a circle".to_owned())));
        Ok(refused)
    }
}

const NEEDS_LOST: &str = "it needs something that could not be created";

#[derive(Clone)]
struct Task {
    name: String,
    statements: Sql,
}

/// Event triggers and their comments.
fn comes_last(entry: &Entry) -> bool {
    entry.kind == "EVENT TRIGGER" || entry.name.starts_with("EVENT TRIGGER ")
}

/// The graph's nodes. A table among an entry's dependencies is locked: for itself alone, but for a plain index, which
/// others may be built beside (the rule of `identify_locking_dependencies` in `pg_backup_archiver.c`).
fn nodes(entries: &[&Entry], pre_data: &[Entry], sizes: &HashMap<Oid, u64>) -> Vec<Node> {
    let position: HashMap<EntryId, usize> =
        entries.iter().enumerate().map(|(index, entry)| (entry.id, index)).collect();
    let tables: HashMap<EntryId, Oid> =
        pre_data.iter().filter(|entry| entry.kind == "TABLE").map(|entry| (entry.id, entry.oid)).collect();
    entries
        .iter()
        .map(|entry| {
            let locked: Vec<Oid> =
                entry.dependencies.iter().filter_map(|id| tables.get(id).copied()).collect();
            let keys: BTreeSet<LockKey> = locked.iter().map(|oid| u64::from(*oid)).collect();
            let is_index = entry.kind == "INDEX";
            let builds =
                matches!(entry.kind.as_str(), "INDEX" | "CONSTRAINT" | "FK CONSTRAINT" | "CHECK CONSTRAINT");
            Node {
                needs: entry.dependencies.iter().filter_map(|id| position.get(id).copied()).collect(),
                weight: if builds { locked.iter().filter_map(|oid| sizes.get(oid)).sum() } else { 0 },
                shares: if is_index { keys.clone() } else { BTreeSet::new() },
                excludes: if is_index { BTreeSet::new() } else { keys },
            }
        })
        .collect()
}
