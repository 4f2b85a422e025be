//! Progress as bars: one line for every running phase, below it one for everyone who is busy.
//!
//! Invariant: what stands on the screen is `rows_of` the state, nothing is remembered beside it; remarks
//! go above the bars.
//! Deliberately absent: rates of indicatif's own. Chunks arrive in lumps, which its estimate does not like.

use std::collections::BTreeMap;
use std::time::Instant;

use console::{Term, measure_text_width, style};
use indicatif::{HumanCount, MultiProgress, ProgressBar, ProgressStyle};

use super::lines::achieved;
use super::screen::Screen;
use super::state::{Slot, State, Work};
use super::words;
use crate::progress::{Event, Phase};

/// A line's place: its phase, and within it first the phase itself, then the slots.
type Place = (Phase, Option<usize>);

/// Lines of the screen that bars leave free, however many workers there are.
const MARGIN: usize = 4;

/// The bars on standard error.
pub(super) struct Bars {
    screen: MultiProgress,
    shown: BTreeMap<Place, ProgressBar>,
}

#[derive(Debug, PartialEq, Eq)]
struct Row {
    place: Place,
    amount: Option<(u64, u64)>,
    text: String,
}

impl Bars {
    /// The bars, where standard error can show them.
    pub(super) fn new() -> Option<Self> {
        let screen = MultiProgress::new();
        (!screen.is_hidden()).then(|| Self { screen, shown: BTreeMap::new() })
    }

    fn show(&mut self, at: usize, row: Row, width: usize) {
        let is_new = !self.shown.contains_key(&row.place);
        let bar = self.shown.entry(row.place).or_insert_with(|| {
            self.screen.insert(at, ProgressBar::no_length().with_prefix(row.place.0.name()))
        });
        if is_new || bar.length().is_some() != row.amount.is_some() {
            bar.set_style(look(&row, width));
        }
        if let Some((done, total)) = row.amount {
            bar.update(|state| {
                state.set_len(total);
                state.set_pos(done.min(total));
            });
        }
        bar.set_message(row.text);
        bar.tick();
    }
}

impl Screen for Bars {
    fn say(&mut self, text: &str) {
        let _ = self.screen.println(text);
    }

    fn aside(&mut self, printing: &mut dyn FnMut()) {
        self.screen.suspend(printing);
    }

    fn tell(&mut self, event: &Event, before: &State) {
        if let Event::PhaseFinished(phase, time) = event {
            let mark = style("✓").green().for_stderr();
            let time = words::took(*time);
            let what = before.work(*phase).and_then(|work| achieved(*phase, work)).unwrap_or_default();
            self.say(format!("{mark} {:<10} {time:>8}  {what}", phase.name()).trim_end());
        }
    }

    fn draw(&mut self, state: &State, now: Instant) {
        let (height, width) = Term::stderr().size();
        let width = usize::from(width);
        let mut rows = rows_of(state, now, width);
        rows.truncate(usize::from(height).saturating_sub(MARGIN).max(1));
        self.shown.retain(|place, bar| {
            let stays = rows.iter().any(|row| row.place == *place);
            if !stays {
                bar.finish_and_clear();
                self.screen.remove(bar);
            }
            stays
        });
        for (at, row) in rows.into_iter().enumerate() {
            self.show(at, row, width);
        }
    }
}

impl Drop for Bars {
    fn drop(&mut self) {
        let _ = self.screen.clear();
    }
}

fn look(row: &Row, width: usize) -> ProgressStyle {
    // What stands beside the bar takes 66 columns at most.
    let bar = width.saturating_sub(66).clamp(8, 28);
    let template = match (row.place.1, row.amount) {
        (Some(_), _) => "    {wide_msg:.dim}".to_owned(),
        (None, Some(_)) => format!("{{spinner:.cyan}} {{prefix:10}} {{bar:{bar}.cyan/237}} {{wide_msg}}"),
        (None, None) => "{spinner:.cyan} {prefix:10} {wide_msg}".to_owned(),
    };
    ProgressStyle::with_template(&template)
        .expect("the templates are well formed")
        .progress_chars("━╸─")
        .tick_chars("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏ ")
}

/// Everything the screen shows, from top to bottom.
fn rows_of(state: &State, now: Instant, width: usize) -> Vec<Row> {
    let mut rows = Vec::new();
    for (phase, work, since) in state.running() {
        let text = match work.total {
            Some(total) => amount(phase, work, total, now),
            None => words::about(now.saturating_duration_since(since)),
        };
        let amount = work.total.map(|total| (work.done, total));
        rows.push(Row { place: (phase, None), amount, text });
        for (slot, text) in work.slots.keys().zip(details(phase, work, now, width)) {
            rows.push(Row { place: (phase, Some(*slot)), amount: None, text });
        }
    }
    rows
}

fn amount(phase: Phase, work: &Work, total: u64, now: Instant) -> String {
    if phase != Phase::Rows {
        return format!("{}/{}", HumanCount(work.done), HumanCount(total));
    }
    let mut words = vec![format!("{} of {}", words::size(work.done), words::size(total))];
    words.extend(work.rate(now).map(words::rate));
    words.extend(work.left(now).map(|left| format!("{} left", words::about(left))));
    words.join("  ")
}

/// The lines of all who are busy, in columns; names are shortened so that the rest stays on the screen.
fn details(phase: Phase, work: &Work, now: Instant, width: usize) -> Vec<String> {
    const INDENT: usize = 4;
    let slots = || work.slots.iter();
    let workers = column(slots().map(|(n, _)| match phase {
        Phase::Rows => format!("worker {n}  "),
        _ => String::new(),
    }));
    let parts = column(
        slots().map(|(_, slot)| slot.part.map(|(n, of)| format!("  part {n}/{of}")).unwrap_or_default()),
    );
    let ends = slots().map(|(_, Slot { bytes, since, .. })| {
        let size = bytes.map(|bytes| format!("  {:>10}", words::size(bytes))).unwrap_or_default();
        format!("{size}  {:>4}", words::about(now.saturating_duration_since(*since)))
    });
    let rests: Vec<_> = parts.into_iter().zip(ends).map(|(part, end)| part + &end).collect();
    let taken = |column: &[String]| column.first().map(|text| measure_text_width(text)).unwrap_or_default();
    // One place stays free: some terminals wrap when the last one is written.
    let room = width.saturating_sub(INDENT + taken(&workers) + taken(&rests) + 1);
    let names =
        column(slots().map(|(_, slot)| words::shorten(&words::one_line(&slot.name), room).into_owned()));
    workers.into_iter().zip(names).zip(rests).map(|((worker, name), rest)| worker + &name + &rest).collect()
}

/// The cells, all as wide as the widest.
fn column(cells: impl Iterator<Item = String>) -> Vec<String> {
    let cells: Vec<_> = cells.collect();
    let widest = cells.iter().map(|cell| measure_text_width(cell)).max().unwrap_or_default();
    cells.iter().map(|cell| format!("{cell}{}", " ".repeat(widest - measure_text_width(cell)))).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn screen(events: Vec<Event>, width: usize) -> String {
        let start = Instant::now();
        let mut state = State::default();
        for event in events {
            state.apply(event, start);
        }
        let rows = rows_of(&state, start + Duration::from_secs(8), width);
        let line = |row: &Row| match row.place {
            (phase, None) => format!("{phase} {:?} {}", row.amount, row.text),
            (_, Some(_)) => format!("    {}", row.text),
        };
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn copying() -> Vec<Event> {
        let begun = |worker, table: &str, part, bytes| Event::ChunkStarted {
            worker,
            table: table.into(),
            part,
            bytes,
        };
        vec![
            Event::PhaseStarted(Phase::Rows),
            Event::RowsPlanned { tables: 3, chunks: 9, bytes: 1 << 30 },
            begun(1, "public.orders", Some((2, 8)), 64 << 20),
            Event::ChunkFinished { worker: 1, table: "public.orders".into(), rows: 7, bytes: 64 << 20 },
            begun(1, "public.orders", Some((3, 8)), 64 << 20),
            begun(2, "warehouse.a_table_whose_name_tells_everything_about_it_2024_01", None, 4096),
        ]
    }

    #[test]
    fn every_busy_worker_has_a_line_under_the_overall_bar() {
        insta::assert_snapshot!(screen(copying(), 120), @r"
        rows Some((67108864, 1073741824)) 64 MiB of 1 GiB  8 MiB/s  2m left
            worker 1  public.orders                                                   part 3/8      64 MiB    8s
            worker 2  warehouse.a_table_whose_name_tells_everything_about_it_2024_01                 4 KiB    8s
        ");
    }

    #[test]
    fn names_give_way_on_a_narrow_screen() {
        let narrow = screen(copying(), 80);
        assert!(narrow.lines().skip(1).all(|line| measure_text_width(line) < 80), "{narrow}");
        insta::assert_snapshot!(narrow, @r"
        rows Some((67108864, 1073741824)) 64 MiB of 1 GiB  8 MiB/s  2m left
            worker 1  public.orders                          part 3/8      64 MiB    8s
            worker 2  warehouse.a_table_…g_about_it_2024_01                 4 KiB    8s
        ");
    }

    #[test]
    fn counted_tasks_have_their_lines_without_worker_numbers() {
        let events = vec![
            Event::PhaseStarted(Phase::PostData),
            Event::TasksPlanned { phase: Phase::PostData, total: 58 },
            Event::TasksFinished { phase: Phase::PostData, count: 17 },
            Event::TaskStarted { phase: Phase::PostData, slot: 0, name: "INDEX public.orders_pkey".into() },
            Event::TaskStarted { phase: Phase::PostData, slot: 1, name: "INDEX public.items\n".into() },
        ];
        insta::assert_snapshot!(screen(events, 80), @r"
        post-data Some((17, 58)) 17/58
            INDEX public.orders_pkey    8s
            INDEX public.items�         8s
        ");
    }
}
