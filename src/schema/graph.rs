//! The dependency graph of tasks that are executed in parallel, pure.
//!
//! Invariant: a task is handed out only when all it needs is done and its locks go together with those of the tasks
//! that are running; what needs a failed task is never handed out.

use std::collections::{BTreeSet, HashMap};

/// A table that a task locks, by any key that tells tables apart.
pub type LockKey = u64;

/// One task of the graph.
#[derive(Debug, Clone, Default)]
pub struct Node {
    /// Indexes of the tasks it needs.
    pub needs: BTreeSet<usize>,
    /// Tables it locks so that others can still build indexes (SHARE).
    pub shares: BTreeSet<LockKey>,
    /// Tables it locks for itself alone.
    pub excludes: BTreeSet<LockKey>,
    /// Bytes it has to read; the heaviest ready task goes first.
    pub weight: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Done,
    Lost,
}

/// The tasks and how far they are.
#[derive(Debug)]
pub struct Graph {
    nodes: Vec<Node>,
    states: Vec<State>,
    /// Ready or waiting tasks, heaviest first.
    order: Vec<usize>,
    shared: HashMap<LockKey, usize>,
    excluded: BTreeSet<LockKey>,
}

impl Graph {
    /// A graph of these tasks; equal weights go in the given order.
    #[must_use]
    pub fn new(nodes: Vec<Node>) -> Self {
        let mut order: Vec<usize> = (0..nodes.len()).collect();
        order.sort_by_key(|&index| std::cmp::Reverse(nodes[index].weight));
        let states = vec![State::Waiting; nodes.len()];
        Self { nodes, states, order, shared: HashMap::new(), excluded: BTreeSet::new() }
    }

    /// Takes the heaviest task that can run now.
    pub fn start_next(&mut self) -> Option<usize> {
        let position = self.order.iter().position(|&index| self.is_ready(index))?;
        let index = self.order.remove(position);
        self.states[index] = State::Running;
        let node = &self.nodes[index];
        self.excluded.extend(&node.excludes);
        for key in &node.shares {
            *self.shared.entry(*key).or_default() += 1;
        }
        Some(index)
    }

    /// The task has succeeded.
    pub fn done(&mut self, index: usize) {
        self.unlock(index);
        self.states[index] = State::Done;
    }

    /// The task has failed, or must not even be tried; returns the tasks that need it, directly or not, which are
    /// lost with it.
    pub fn failed(&mut self, index: usize) -> Vec<usize> {
        match self.states[index] {
            State::Running => self.unlock(index),
            _ => self.order.retain(|other| *other != index),
        }
        self.states[index] = State::Lost;
        self.lose_dependents()
    }

    /// Tasks that were never handed out although nothing is running: they need each other.
    #[must_use]
    pub fn stuck(&self) -> &[usize] {
        &self.order
    }

    fn lose_dependents(&mut self) -> Vec<usize> {
        let mut lost = Vec::new();
        loop {
            let states = &self.states;
            let needs_lost =
                |index: &usize| self.nodes[*index].needs.iter().any(|n| states[*n] == State::Lost);
            let (gone, rest): (Vec<usize>, Vec<usize>) =
                self.order.iter().partition(|index| needs_lost(index));
            if gone.is_empty() {
                return lost;
            }
            for &index in &gone {
                self.states[index] = State::Lost;
            }
            self.order = rest;
            lost.extend(gone);
        }
    }

    fn is_ready(&self, index: usize) -> bool {
        let node = &self.nodes[index];
        let is_shared = |key: &LockKey| self.shared.get(key).is_some_and(|count| *count > 0);
        node.needs.iter().all(|needed| self.states[*needed] == State::Done)
            && node.shares.iter().all(|key| !self.excluded.contains(key))
            && node.excludes.iter().all(|key| !self.excluded.contains(key) && !is_shared(key))
    }

    fn unlock(&mut self, index: usize) {
        let node = &self.nodes[index];
        for key in &node.excludes {
            self.excluded.remove(key);
        }
        for key in &node.shares {
            self.shared.entry(*key).and_modify(|count| *count -= 1);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(needs: &[usize], shares: &[LockKey], excludes: &[LockKey], weight: u64) -> Node {
        Node {
            needs: needs.iter().copied().collect(),
            shares: shares.iter().copied().collect(),
            excludes: excludes.iter().copied().collect(),
            weight,
        }
    }

    #[test]
    fn the_heaviest_ready_task_goes_first() {
        let mut graph =
            Graph::new(vec![node(&[], &[], &[], 1), node(&[], &[], &[], 9), node(&[1], &[], &[], 99)]);
        assert_eq!((graph.start_next(), graph.start_next(), graph.start_next()), (Some(1), Some(0), None));
        graph.done(1);
        assert_eq!(graph.start_next(), Some(2));
    }

    #[test]
    fn indexes_of_a_table_are_built_side_by_side_but_not_beside_a_constraint() {
        let mut graph =
            Graph::new(vec![node(&[], &[7], &[], 3), node(&[], &[7], &[], 2), node(&[], &[], &[7], 1)]);
        assert_eq!((graph.start_next(), graph.start_next(), graph.start_next()), (Some(0), Some(1), None));
        graph.done(0);
        assert_eq!(graph.start_next(), None);
        graph.done(1);
        assert_eq!(graph.start_next(), Some(2));
    }

    #[test]
    fn what_needs_a_failed_task_is_lost_with_it() {
        let mut graph =
            Graph::new(vec![node(&[], &[], &[], 0), node(&[0], &[], &[], 0), node(&[1], &[], &[], 0)]);
        assert_eq!(graph.start_next(), Some(0));
        assert_eq!(graph.failed(0), [1, 2]);
        assert_eq!(graph.start_next(), None);
        assert!(graph.stuck().is_empty());
    }

    #[test]
    fn a_task_can_be_given_up_before_it_is_tried() {
        let mut graph =
            Graph::new(vec![node(&[], &[], &[], 0), node(&[0], &[], &[], 0), node(&[], &[], &[], 0)]);
        assert_eq!(graph.failed(0), [1]);
        assert!(graph.failed(1).is_empty());
        assert_eq!((graph.start_next(), graph.start_next()), (Some(2), None));
    }

    #[test]
    fn a_circle_is_told_instead_of_waited_for() {
        let mut graph = Graph::new(vec![node(&[1], &[], &[], 0), node(&[0], &[], &[], 0)]);
        assert_eq!(graph.start_next(), None);
        assert_eq!(graph.stuck(), [0, 1]);
    }
}
