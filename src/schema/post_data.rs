//! What is made when the rows are in: indexes, constraints, triggers and the rest as a graph in parallel; then
//! privileges and the refresh of materialised views (the order of `pg_restore`'s passes).
//!
//! Invariant: what needs a lost entry is not tried, but named.
//! Deliberately absent: building an index in any other way than `pg_dump` wrote it, and what comes last of all (see
//! `closing`).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::task::JoinSet;

use super::batch::Batches;
use super::foreign_keys::{Violated, Violations};
use super::graph::{Graph, LockKey, Node};
use super::pre_data::is_privilege;
use super::{Lost, Refusal, attach, attempt, is_event_trigger, needs, owners};
use crate::archive::{Archive, Entry, EntryId};
use crate::catalog::Oid;
use crate::error::{Context, Error, Kind, Result};
use crate::job::InvalidForeignKeys;
use crate::ledger::{Existing, Made, entries};
use crate::pg::ident::QualifiedName;
use crate::pg::server::{Source, Target};
use crate::pg::session::TargetSession;
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
    pub target: &'a Arc<Target>,
    /// Where the definitions come from.
    pub source: &'a Arc<Source>,
    /// What becomes of foreign keys that the source's own rows violate.
    pub invalid_foreign_keys: InvalidForeignKeys,
    /// How many tasks at once.
    pub workers: usize,
    /// What was there before.
    pub existing: &'a Existing,
    /// What an earlier session of the run has made.
    pub made: &'a Made,
}

impl Building<'_> {
    /// Builds all of it; what is lost is added to `lost`.
    pub async fn run(&self, lost: &mut Lost, run: &Run) -> Result<()> {
        let changes = |entry: &&Entry| self.existing.is_changed_by(entry, self.archive);
        let (pre_data, post_data) = (self.archive.pre_data(), self.archive.post_data());
        let privileges: Vec<&Entry> =
            pre_data.iter().chain(post_data).filter(|e| is_privilege(e) && !changes(e)).collect();
        let main = post_data.iter().filter(|e| !is_privilege(e) && !changes(e) && !is_event_trigger(e));
        let main = main.filter(|entry| !self.made.contains(&entry.id));
        // No dependency says that a trigger of a partition comes with that of the partitioned table.
        let (states, main): (Vec<&Entry>, Vec<&Entry>) = main.partition(|entry| entry.sets_trigger_state());
        let total = privileges.len() + main.len() + states.len() + self.plan.refreshes.len();
        run.emit(Event::TasksPlanned { phase: PHASE, total });
        self.build(&main, lost, run).await?;
        self.build(&states, lost, run).await?;
        owners::shut_out(self.target, run).await?;
        let (target, existing, made) = (self.target, self.existing, self.made);
        let mut batches = Batches { target, existing, made, plain_rights: false, lost, phase: PHASE, run };
        batches.run(&privileges).await?;
        self.refresh(lost, run).await
    }

    async fn build(&self, entries: &[&Entry], lost: &mut Lost, run: &Run) -> Result<()> {
        let mut graph = Graph::new(nodes(entries, self.archive, &self.plan.sizes()));
        let doomed: Vec<(usize, String)> = entries
            .iter()
            .enumerate()
            .filter_map(|(index, entry)| Some((index, needs(lost.missing_for(entry)?))))
            .collect();
        let not_valid = self.invalid_foreign_keys == InvalidForeignKeys::NotValid;
        let tasks: Vec<Task> = entries.iter().map(|entry| Task::of_entry(entry, not_valid)).collect();
        let ended = self.execute(&mut graph, &tasks, doomed, run).await?;
        let mut reasons = ended.reasons;
        let violations =
            Violations { source: self.source, target: self.target, plan: self.plan, not_valid, run };
        reasons.extend(violations.judge(entries, ended.violated, lost).await?);
        for (index, reason) in reasons {
            lost.add(entries[index], reason);
        }
        Ok(())
    }

    async fn refresh(&self, lost: &mut Lost, run: &Run) -> Result<()> {
        let views = &self.plan.refreshes;
        let weightless =
            |view: &Refresh| Node { needs: view.after.iter().copied().collect(), ..Node::default() };
        let mut graph = Graph::new(views.iter().map(weightless).collect());
        let undefined = |view: &Refresh| lost.relation(self.archive.pre_data(), &view.name);
        let doomed: Vec<(usize, String)> = views
            .iter()
            .enumerate()
            .filter(|(_, view)| undefined(view))
            .map(|(index, view)| (index, needs(&view.name.plain())))
            .collect();
        let tasks: Vec<Task> = views.iter().map(Task::of_refresh).collect();
        let refused = self.execute(&mut graph, &tasks, doomed, run).await?;
        lost.not_copied.extend(refused.reasons.into_iter().map(|(index, reason)| NotCopied {
            kind: "MATERIALIZED VIEW DATA".into(),
            object: views[index].name.plain(),
            reason,
        }));
        Ok(())
    }

    /// Executes the graph but for the doomed tasks and what needs them; returns every task that was not done, or not as
    /// it was to be, with the reason.
    async fn execute(
        &self,
        graph: &mut Graph,
        tasks: &[Task],
        doomed: Vec<(usize, String)>,
        run: &Run,
    ) -> Result<Undone> {
        let (switch, stop) = run.stop.with_switch();
        let run = run.under(stop);
        let mut undone = Undone::default();
        for (index, reason) in doomed {
            undone.add(index, reason, graph.failed(index), tasks);
        }
        let mut failure: Option<Error> = None;
        let mut running: JoinSet<(usize, usize, Result<Outcome>)> = JoinSet::new();
        let mut slots: BTreeSet<usize> = (1..=self.workers).collect();
        loop {
            while let Some(slot) = slots.first().copied().filter(|_| failure.is_none()) {
                let Some(index) = graph.start_next() else { break };
                slots.remove(&slot);
                let (task, run, target) = (tasks[index].clone(), run.clone(), Arc::clone(self.target));
                running.spawn(async move { (slot, index, task.work(slot, &target, &run).await) });
            }
            let Some(ended) = running.join_next().await else { break };
            let (slot, index, outcome) = match ended.context(Kind::Internal, "a task panicked", "post-data") {
                Ok(ended) => ended,
                Err(error) => {
                    switch.stop();
                    failure.get_or_insert(error);
                    continue;
                }
            };
            slots.insert(slot);
            match outcome {
                Ok(Outcome::Done) => graph.done(index),
                Ok(Outcome::NotValid(reason)) => {
                    graph.done(index);
                    undone.violated.insert(index, Violated { reason, made: true });
                }
                Ok(Outcome::Refused(refusal)) => {
                    if refusal.violates {
                        let violated = Violated { reason: refusal.reason.clone(), made: false };
                        undone.violated.insert(index, violated);
                    }
                    undone.add(index, refusal.reason, graph.failed(index), tasks);
                }
                Err(error) => {
                    switch.stop();
                    failure.get_or_insert(error);
                }
            }
        }
        let circle = graph.stuck().iter().map(|&index| (index, "it is part of a circle".to_owned()));
        undone.reasons.extend(circle);
        failure.map_or(Ok(undone), Err)
    }
}

/// Tasks that were not done, or not as they were to be, and why.
#[derive(Default)]
struct Undone {
    reasons: BTreeMap<usize, String>,
    /// Foreign keys that the rows violate.
    violated: BTreeMap<usize, Violated>,
}

impl Undone {
    fn add(&mut self, index: usize, reason: String, dependents: Vec<usize>, tasks: &[Task]) {
        let why = needs(&tasks[index].name);
        self.reasons.entry(index).or_insert(reason);
        for dependent in dependents {
            self.reasons.entry(dependent).or_insert_with(|| why.clone());
        }
    }
}

/// How a task ended.
enum Outcome {
    Done,
    /// The foreign key stands, but the rows that violate it were not looked at: the server's reason.
    NotValid(String),
    Refused(Refusal),
}

#[derive(Clone)]
struct Task {
    name: String,
    statements: Sql,
    /// What is run where rows violate a foreign key, if it is to be made all the same.
    not_valid: Option<Sql>,
}

impl Task {
    fn of_entry(entry: &Entry, not_valid: bool) -> Self {
        let marked = |made: Sql| {
            let statements = entries::mark([&entry.id]).into_iter().chain([made]);
            Sql::script(&statements.collect::<Vec<_>>())
        };
        let not_valid = entry.not_valid().filter(|_| not_valid).map(marked);
        Self { name: entry.to_string(), statements: marked(entry.statements()), not_valid }
    }

    fn of_refresh(view: &Refresh) -> Self {
        let name = format!("REFRESH {}", view.name.plain());
        Self { name, statements: refresh(&view.name), not_valid: None }
    }

    async fn work(&self, slot: usize, target: &Target, run: &Run) -> Result<Outcome> {
        run.emit(Event::TaskStarted { phase: PHASE, slot, name: self.name.clone() });
        let session = target.pooled(run).await?;
        let outcome = self.attempt(&session).await;
        run.emit(Event::TaskFinished { phase: PHASE, slot });
        outcome
    }

    async fn attempt(&self, session: &TargetSession) -> Result<Outcome> {
        let Some(refusal) = attempt(session, &self.statements, &self.name).await? else {
            return Ok(Outcome::Done);
        };
        let Some(not_valid) = self.not_valid.as_ref().filter(|_| refusal.violates) else {
            return Ok(Outcome::Refused(refusal));
        };
        Ok(match attempt(session, not_valid, &self.name).await? {
            None => Outcome::NotValid(refusal.reason),
            Some(again) => {
                let reason = format!("{}; nor can it be NOT VALID: {}", refusal.reason, again.reason);
                Outcome::Refused(Refusal { reason, ..refusal })
            }
        })
    }
}

/// The statement that fills a materialised view.
#[must_use]
pub fn refresh(view: &QualifiedName) -> Sql {
    sql!("schema/refresh.sql", view = view)
}

/// The graph's nodes. A table among an entry's dependencies is locked: for itself alone, but for a plain index, which
/// others may be built beside (the rule of `identify_locking_dependencies` in `pg_backup_archiver.c`).
fn nodes(entries: &[&Entry], archive: &Archive, sizes: &HashMap<Oid, u64>) -> Vec<Node> {
    let position: HashMap<EntryId, usize> =
        entries.iter().enumerate().map(|(index, entry)| (entry.id, index)).collect();
    let tables = archive.pre_data().iter().filter(|entry| entry.kind == "TABLE");
    let tables: HashMap<EntryId, Oid> = tables.map(|entry| (entry.id, entry.oid)).collect();
    let tables_of = |entry: &Entry| -> Vec<Oid> {
        entry.dependencies.iter().filter_map(|id| tables.get(id).copied()).collect()
    };
    let attachments = archive.post_data().iter().filter(|entry| attach::attaches(entry));
    let trees = attach::trees(attachments.map(tables_of));
    entries
        .iter()
        .map(|entry| {
            let locked = tables_of(entry);
            let mut keys: BTreeSet<LockKey> = locked.iter().map(|oid| u64::from(*oid)).collect();
            if attach::attaches(entry) {
                keys.extend(locked.iter().filter_map(|oid| trees.get(oid)));
            }
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
