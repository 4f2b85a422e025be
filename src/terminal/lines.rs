//! Progress as plain lines, for logs and pipes.
//!
//! Invariant: what is said of the progress is at most one line per running phase every five seconds, and
//! it comes however long a single chunk takes.
//! Deliberately absent: cursor movements and colours.

use std::io::Write as _;
use std::time::{Duration, Instant};

use indicatif::HumanCount;

use super::screen::Screen;
use super::state::{Slot, State, Work};
use super::words;
use crate::progress::{Event, Phase};

const PAUSE: Duration = Duration::from_secs(5);
const NAMES: usize = 8;

/// A screen without a cursor.
pub(super) struct Lines {
    said: Instant,
}

impl Lines {
    /// Says nothing yet.
    pub(super) fn new() -> Self {
        Self { said: Instant::now() }
    }
}

/// A screen that shows remarks only.
pub(super) struct Remarks;

impl Screen for Remarks {
    fn say(&mut self, text: &str) {
        // Nobody is left to be told when standard error is closed.
        let _ = writeln!(std::io::stderr().lock(), "{text}");
    }
}

impl Screen for Lines {
    fn say(&mut self, text: &str) {
        Remarks.say(text);
    }

    fn tell(&mut self, event: &Event, before: &State) {
        if let Some(line) = milestone(event, before) {
            self.say(&line);
        }
    }

    fn draw(&mut self, state: &State, now: Instant) {
        if now.saturating_duration_since(self.said) < PAUSE {
            return;
        }
        self.said = now;
        for (phase, work, since) in state.running() {
            self.say(&standing(phase, work, now.saturating_duration_since(since), now));
        }
    }
}

fn milestone(event: &Event, before: &State) -> Option<String> {
    match event {
        Event::PhaseStarted(phase) => Some(format!("{phase}: started")),
        Event::RowsPlanned { tables, chunks, bytes } => Some(format!(
            "rows: {} in {} and {}",
            words::size(*bytes),
            words::counted(*tables, "table"),
            words::counted(*chunks, "chunk")
        )),
        Event::PhaseFinished(phase, time) => {
            let what = before.work(*phase).and_then(|work| achieved(*phase, work));
            let what = what.map(|text| format!(": {text}")).unwrap_or_default();
            Some(format!("{phase}: done in {}{what}", words::took(*time)))
        }
        _ => None,
    }
}

/// What a phase that ends has done, if it counted.
pub(super) fn achieved(phase: Phase, work: &Work) -> Option<String> {
    match phase {
        Phase::Rows => Some(format!("{} rows, {}", HumanCount(work.rows), words::size(work.done))),
        _ if work.done > 0 => Some(words::counted(usize::try_from(work.done).unwrap_or(usize::MAX), "task")),
        _ => None,
    }
}

fn standing(phase: Phase, work: &Work, elapsed: Duration, now: Instant) -> String {
    let mut words = vec![match (phase, work.total) {
        (Phase::Rows, Some(total)) => format!(
            "{} of {} ({} %)",
            words::size(work.done),
            words::size(total),
            work.percent().unwrap_or_default()
        ),
        (_, Some(total)) => format!("{} of {}", HumanCount(work.done), HumanCount(total)),
        (_, None) => format!("{} so far", words::about(elapsed)),
    }];
    if let (Phase::Rows, Some(rate)) = (phase, work.rate(now)) {
        words.push(words::rate(rate));
        words.extend(work.left(now).map(|left| format!("{} left", words::about(left))));
    }
    let busy = busy(work);
    format!("{phase}: {}{}{busy}", words.join(", "), if busy.is_empty() { "" } else { "; busy: " })
}

fn busy(work: &Work) -> String {
    let name = |slot: &Slot| match slot.part {
        Some((part, of)) => format!("{} (part {part}/{of})", words::one_line(&slot.name)),
        None => words::one_line(&slot.name).into_owned(),
    };
    let mut names: Vec<_> = work.slots.values().take(NAMES).map(name).collect();
    if work.slots.len() > NAMES {
        names.push(format!("{} more", work.slots.len() - NAMES));
    }
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state_of(events: Vec<Event>, at: Instant) -> State {
        let mut state = State::default();
        for event in events {
            state.apply(event, at);
        }
        state
    }

    fn lines(state: &State, now: Instant) -> Vec<String> {
        state.running().map(|(p, w, since)| standing(p, w, now - since, now)).collect()
    }

    #[test]
    fn the_rows_line_tells_amount_rate_time_left_and_who_is_busy() {
        let start = Instant::now();
        let later = start + Duration::from_secs(10);
        let begun = |worker, table: &str, part| Event::ChunkStarted {
            worker,
            table: table.into(),
            part,
            bytes: 300 << 20,
        };
        let state = state_of(
            vec![
                Event::PhaseStarted(Phase::Rows),
                Event::RowsPlanned { tables: 2, chunks: 9, bytes: 1 << 30 },
                begun(0, "public.orders", Some((2, 8))),
                Event::ChunkFinished { worker: 0, table: "public.orders".into(), rows: 9, bytes: 256 << 20 },
                begun(0, "public.orders", Some((3, 8))),
                begun(1, "shop.items", None),
            ],
            start,
        );
        insta::assert_snapshot!(lines(&state, later).join("\n"), @"rows: 256 MiB of 1 GiB (25 %), 25.60 MiB/s, 30s left; busy: public.orders (part 3/8), shop.items");
        let end = Event::PhaseFinished(Phase::Rows, Duration::from_millis(41_230));
        insta::assert_snapshot!(milestone(&end, &state).unwrap(), @"rows: done in 41.2 s: 9 rows, 256 MiB");
    }

    #[test]
    fn counted_and_uncounted_phases_have_a_line_too() {
        let start = Instant::now();
        let state = state_of(
            vec![
                Event::PhaseStarted(Phase::Connect),
                Event::PhaseStarted(Phase::PostData),
                Event::TasksPlanned { phase: Phase::PostData, total: 58 },
                Event::TasksFinished { phase: Phase::PostData, count: 17 },
                Event::TaskStarted { phase: Phase::PostData, slot: 0, name: "public.orders_pkey".into() },
            ],
            start,
        );
        insta::assert_snapshot!(lines(&state, start + Duration::from_secs(7)).join("\n"), @r"
        connect: 7s so far
        post-data: 17 of 58; busy: public.orders_pkey
        ");
    }

    #[test]
    fn a_long_list_of_busy_workers_is_cut() {
        let begun = |slot| Event::TaskStarted { phase: Phase::Analyze, slot, name: format!("t{slot}") };
        let now = Instant::now();
        let state = state_of((0..12).map(begun).collect(), now);
        insta::assert_snapshot!(lines(&state, now).join("\n"), @"analyze: 0s so far; busy: t0, t1, t2, t3, t4, t5, t6, t7, 4 more");
    }
}
