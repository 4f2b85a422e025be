//! The last words of `sequences`: the table, what is not safe, and what undoes it.
//!
//! Invariant: what is not safe is never left out; what is as it should be is only counted where there is much of it.

use std::fmt::Write as _;

use comfy_table::CellAlignment;

use super::{Report, list, plain, table};
use crate::report::{Outcome, SequenceReport};
use crate::sequences::State;
use crate::terminal::words;

/// So many that need nothing are shown.
const QUIET_ONES: usize = 20;

/// What was done, or would be.
pub(super) fn outcome(report: &Report) -> String {
    let of = words::counted(report.sequences.len(), "sequence");
    let changed = |applied| report.sequences.iter().filter(|one| one.applied == Some(applied)).count();
    match changed(false) {
        0 => format!("looked at {of}, set {}", changed(true)),
        pending => format!("looked at {of}, would set {pending}"),
    }
}

/// Whether they are safe.
pub(super) fn proof(report: &Report) -> String {
    let open = report.sequences.iter().filter(|one| one.open.is_some()).count();
    let unproved = report.sequences.iter().filter(|one| one.open.is_none() && one.collides.is_none()).count();
    let mut facts = Vec::new();
    facts.push(match open {
        0 => "no next value collides".to_owned(),
        open => format!("{} cannot be called safe", words::counted(open, "sequence")),
    });
    if unproved > 0 {
        facts.push(format!("{unproved} cannot be verified"));
    }
    if !report.differences.is_empty() {
        facts.push(format!("{} on one side only", report.differences.len()));
    }
    facts.join(", ")
}

/// The table, and the lists below it.
pub(super) fn blocks(report: &Report, quiet: bool) -> Vec<String> {
    let is_open = |one: &&SequenceReport| one.open.is_some();
    let mut blocks = Vec::new();
    if !quiet {
        blocks.push(sequences(report));
    }
    let open: Vec<&SequenceReport> = report.sequences.iter().filter(is_open).collect();
    blocks.push(list("not safe", &open, |one| {
        format!("{}: {}", plain(&one.schema, &one.name), one.open.as_deref().unwrap_or_default())
    }));
    if !quiet || report.outcome == Outcome::Failed {
        blocks.push(undo(report));
    }
    blocks
}

fn sequences(report: &Report) -> String {
    let needs_a_look = |one: &&SequenceReport| one.applied.is_some() || one.open.is_some();
    let (mut shown, at_rest): (Vec<_>, Vec<_>) = report.sequences.iter().partition(needs_a_look);
    let more = at_rest.len().saturating_sub(QUIET_ONES);
    shown.extend(at_rest.iter().take(at_rest.len() - more));
    let right = CellAlignment::Right;
    let left = CellAlignment::Left;
    let sides = [left, right, right, right, right, left, right];
    let head = ["sequence", "source", "target", "data", "proposed", "reason", "used %"];
    let mut text = table(&head, &sides, shown.into_iter().map(row));
    if more > 0 {
        let _ = writeln!(text, "and {more} more that need nothing");
    }
    text
}

fn row(one: &SequenceReport) -> Vec<String> {
    vec![
        plain(&one.schema, &one.name),
        one.source.map_or_else(nothing, state),
        one.target.map_or_else(nothing, state),
        one.data.map_or_else(nothing, |value| value.to_string()),
        one.proposed.map_or_else(nothing, state),
        one.reason.clone(),
        one.used_percent.map_or_else(nothing, |used| format!("{used:.1}")),
    ]
}

fn nothing() -> String {
    "-".into()
}

/// A value that was not handed out yet is told from one that was.
fn state(state: State) -> String {
    if state.is_called { state.last_value.to_string() } else { format!("({})", state.last_value) }
}

/// Without indentation: it is to be pasted.
fn undo(report: &Report) -> String {
    if report.undo_sql.is_empty() {
        return String::new();
    }
    format!("-- to undo, on the target, if nobody has used them since:\n{}\n", report.undo_sql.join("\n"))
}
