//! How far the run is: the events so far, folded into one value.
//!
//! Invariant: pure; the time is a parameter. A phase that ended, or that undoing overtook, leaves nothing.
//! Deliberately absent: any word or bar (see `bars` and `lines`).

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::progress::{Event, Phase};

/// Every phase that is known of and not over.
#[derive(Debug, Default)]
pub(super) struct State {
    phases: BTreeMap<Phase, Work>,
}

/// One phase's work: bytes for the rows, tasks for all others.
#[derive(Debug, Default)]
pub(super) struct Work {
    /// When the phase began; a phase may be planned before that.
    pub(super) since: Option<Instant>,
    /// When the first bit of real work began, from where rates are reckoned.
    pub(super) busy_since: Option<Instant>,
    /// Bytes or tasks that are done.
    pub(super) done: u64,
    /// Bytes or tasks in all, once planned.
    pub(super) total: Option<u64>,
    /// Rows that are in.
    pub(super) rows: u64,
    /// Who is busy, by worker or slot.
    pub(super) slots: BTreeMap<usize, Slot>,
}

/// What one worker or slot is busy with.
#[derive(Debug)]
pub(super) struct Slot {
    /// Table or task.
    pub(super) name: String,
    /// Which part of a table that was cut.
    pub(super) part: Option<(usize, usize)>,
    /// The chunk's size.
    pub(super) bytes: Option<u64>,
    /// Since when.
    pub(super) since: Instant,
}

impl State {
    /// Takes in an event that happened at `now`.
    pub(super) fn apply(&mut self, event: Event, now: Instant) {
        match event {
            Event::PhaseStarted(phase) => {
                if phase == Phase::Undo {
                    self.phases.clear();
                }
                self.phases.entry(phase).or_default().since = Some(now);
            }
            Event::PhaseFinished(phase, _) => {
                self.phases.remove(&phase);
            }
            Event::RowsPlanned { bytes, .. } => {
                self.phases.entry(Phase::Rows).or_default().total = Some(bytes);
            }
            Event::TasksPlanned { phase, total } => {
                self.phases.entry(phase).or_default().total = Some(total as u64);
            }
            Event::ChunkStarted { worker, table, part, bytes } => {
                let slot = Slot { name: table, part, bytes: Some(bytes), since: now };
                self.started(Phase::Rows, worker, slot);
            }
            Event::TaskStarted { phase, slot, name } => {
                self.started(phase, slot, Slot { name, part: None, bytes: None, since: now });
            }
            Event::ChunkFinished { worker, rows, bytes, .. } => {
                if let Some(work) = self.finished(Phase::Rows, Some(worker), bytes) {
                    work.rows += rows;
                }
            }
            Event::TaskFinished { phase, slot } => {
                self.finished(phase, Some(slot), 1);
            }
            Event::TasksFinished { phase, count } => {
                self.finished(phase, None, count as u64);
            }
            Event::Decided { .. } | Event::Note(..) => {}
        }
    }

    fn started(&mut self, phase: Phase, slot: usize, what: Slot) {
        let work = self.phases.entry(phase).or_default();
        work.since.get_or_insert(what.since);
        work.busy_since.get_or_insert(what.since);
        work.slots.insert(slot, what);
    }

    fn finished(&mut self, phase: Phase, slot: Option<usize>, amount: u64) -> Option<&mut Work> {
        let work = self.phases.get_mut(&phase)?;
        if let Some(slot) = slot {
            work.slots.remove(&slot);
        }
        work.done = work.done.saturating_add(amount);
        Some(work)
    }

    /// The phase's work, while it is not over.
    pub(super) fn work(&self, phase: Phase) -> Option<&Work> {
        self.phases.get(&phase)
    }

    /// The phases that have begun and are not over, with the moment they began.
    pub(super) fn running(&self) -> impl Iterator<Item = (Phase, &Work, Instant)> {
        self.phases.iter().filter_map(|(phase, work)| Some((*phase, work, work.since?)))
    }
}

impl Work {
    /// Bytes or tasks a second; unknown until something is done.
    pub(super) fn rate(&self, now: Instant) -> Option<f64> {
        let seconds = now.saturating_duration_since(self.busy_since?).as_secs_f64();
        // Precise to 2^52 bytes, which is enough for a rate.
        #[allow(clippy::cast_precision_loss)]
        let done = self.done as f64;
        (self.done > 0 && seconds > 0.0).then(|| done / seconds)
    }

    /// The time left at this rate.
    pub(super) fn left(&self, now: Instant) -> Option<Duration> {
        // As above; what is left is an estimate in any case.
        #[allow(clippy::cast_precision_loss)]
        let rest = self.total?.saturating_sub(self.done) as f64;
        Duration::try_from_secs_f64(rest / self.rate(now)?).ok()
    }

    /// Hundredths that are done, at most 100: sizes may have grown since they were planned.
    pub(super) fn percent(&self) -> Option<u64> {
        let total = self.total?;
        Some(self.done.saturating_mul(100).checked_div(total).map_or(100, |part| part.min(100)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1 << 20;

    fn chunk(worker: usize, table: &str) -> Event {
        Event::ChunkStarted { worker, table: table.into(), part: Some((1, 2)), bytes: 10 * MIB }
    }

    fn chunk_done(worker: usize) -> Event {
        Event::ChunkFinished { worker, table: "t".into(), rows: 5, bytes: 10 * MIB }
    }

    fn rows_at(start: Instant) -> State {
        let mut state = State::default();
        state.apply(Event::PhaseStarted(Phase::Rows), start);
        state.apply(Event::RowsPlanned { tables: 1, chunks: 2, bytes: 40 * MIB }, start);
        state.apply(chunk(0, "a"), start);
        state.apply(chunk(1, "b"), start);
        state
    }

    #[test]
    fn a_worker_is_busy_from_the_start_of_a_chunk_to_its_end() {
        let start = Instant::now();
        let mut state = rows_at(start);
        state.apply(chunk_done(0), start);
        let work = state.work(Phase::Rows).unwrap();
        assert_eq!(work.slots.keys().collect::<Vec<_>>(), [&1]);
        assert_eq!((work.done, work.rows, work.percent()), (10 * MIB, 5, Some(25)));
    }

    #[test]
    fn rate_and_time_left_are_unknown_until_something_is_in() {
        let start = Instant::now();
        let mut state = rows_at(start);
        let later = start + Duration::from_secs(5);
        assert_eq!(state.work(Phase::Rows).unwrap().left(later), None);
        state.apply(chunk_done(0), later);
        let work = state.work(Phase::Rows).unwrap();
        assert_eq!(work.rate(later).map(super::super::words::rate).as_deref(), Some("2 MiB/s"));
        assert_eq!(work.left(later), Some(Duration::from_secs(15)));
    }

    #[test]
    fn tables_that_grew_do_not_go_beyond_the_end() {
        let start = Instant::now();
        let mut state = rows_at(start);
        (0..9).for_each(|_| state.apply(chunk_done(0), start));
        let work = state.work(Phase::Rows).unwrap();
        assert_eq!(work.percent(), Some(100));
        assert_eq!(work.left(start + Duration::from_secs(1)), Some(Duration::ZERO));
    }

    #[test]
    fn tasks_are_counted_whether_announced_or_not() {
        let now = Instant::now();
        let mut state = State::default();
        state.apply(Event::TasksPlanned { phase: Phase::PostData, total: 58 }, now);
        assert_eq!(state.running().count(), 0, "planned is not begun");
        state.apply(Event::TaskStarted { phase: Phase::PostData, slot: 3, name: "i".into() }, now);
        state.apply(Event::TaskFinished { phase: Phase::PostData, slot: 3 }, now);
        state.apply(Event::TasksFinished { phase: Phase::PostData, count: 16 }, now);
        let work = state.work(Phase::PostData).unwrap();
        assert_eq!((work.done, work.total, work.slots.len()), (17, Some(58), 0));
    }

    #[test]
    fn undoing_ends_whatever_was_under_way() {
        let now = Instant::now();
        let mut state = rows_at(now);
        state.apply(Event::PhaseStarted(Phase::Undo), now);
        assert_eq!(state.running().map(|(phase, ..)| phase).collect::<Vec<_>>(), [Phase::Undo]);
        state.apply(Event::PhaseFinished(Phase::Undo, Duration::ZERO), now);
        assert_eq!(state.running().count(), 0);
    }
}
