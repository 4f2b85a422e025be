//! What is said of `sequences`: the table and what undoes it before they are set, the outcome and what is not safe after.
//!
//! Invariant: what is not safe and what undoes it are never left out, even with `-q`; what is as it should be is only
//! counted where there is much of it.

use std::fmt::Write as _;

use comfy_table::CellAlignment;

use super::{Report, list, plain, table};
use crate::progress::{Phase, SequenceLine};
use crate::report::SequenceReport;
use crate::terminal::words;

/// So many that need nothing are shown.
const QUIET_ONES: usize = 20;

/// What was done, or would be.
pub(super) fn outcome(report: &Report) -> String {
    let of = words::counted(report.sequences.len(), "sequence");
    let changed = |applied| report.sequences.iter().filter(|one| one.applied == Some(applied)).count();
    let came_to_it = report.phases.iter().any(|phase| phase.name == Phase::Sequences.name());
    match changed(false) {
        pending @ 1.. if !came_to_it => format!("looked at {of}, would set {pending}"),
        _ => format!("looked at {of}, set {}", changed(true)),
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

/// What was decided, before anything is set: the table, unless it is to be quiet, and what will undo it.
pub(in crate::terminal) fn decided(lines: &[SequenceLine], undo: &[String], quiet: bool) -> String {
    let table = if quiet { String::new() } else { sequences(lines) };
    let blocks = [table, statements("-- to undo, on the target, if nobody has used them since:", undo)];
    let blocks: Vec<String> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
    // What follows is apart from it.
    if blocks.is_empty() { String::new() } else { blocks.join("\n") + "\n" }
}

/// What came otherwise than decided, and what is not safe.
pub(super) fn blocks(report: &Report) -> Vec<String> {
    let all =
        |is: fn(&SequenceReport) -> bool| report.sequences.iter().filter(|one| is(one)).collect::<Vec<_>>();
    let name = |one: &SequenceReport| plain(&one.schema, &one.name);
    let overtaken = all(|one| one.was_overtaken() && one.open.is_none());
    let overtaken = list("not set", &overtaken, |one| {
        format!("{}: another session has moved it to {} meanwhile", name(one), one.after)
    });
    // A run that was stopped has not looked again, and does not call anything safe.
    let open = if report.error.is_none() { all(|one| one.open.is_some()) } else { Vec::new() };
    let open =
        list("not safe", &open, |one| format!("{}: {}", name(one), one.open.as_deref().unwrap_or_default()));
    let as_decided = report.sequences.iter().all(|one| one.proposed.is_none() || one.applied == Some(true));
    let undo = if as_decided { &[] } else { report.undo_sql.as_slice() };
    let undo = statements("-- to undo what was really set, if nobody has used them since:", undo);
    vec![overtaken, open, undo]
}

/// What a run that was stopped has set.
pub(super) fn stayed(report: &Report) -> String {
    let wanted: Vec<&SequenceReport> = report.sequences.iter().filter(|one| one.proposed.is_some()).collect();
    let count = |applied| wanted.iter().filter(|one| one.applied == applied).count();
    let (set, all) = (count(Some(true)), wanted.len());
    match count(None) {
        0 if set == 0 => "no sequence was set; run it again\n".to_owned(),
        0 => format!("{set} of {all} sequences to be set were, and stay set; run it again for the others\n"),
        unknown => format!(
            "{set} of {all} sequences to be set were, {unknown} more may be, and stay set; run it again for the others\n"
        ),
    }
}

fn sequences(lines: &[SequenceLine]) -> String {
    let (at_rest, mut shown): (Vec<_>, Vec<_>) = lines.iter().partition(|one| one.at_rest);
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

fn row(one: &SequenceLine) -> Vec<String> {
    vec![
        one.name.clone(),
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
fn state((value, is_called): (i64, bool)) -> String {
    if is_called { value.to_string() } else { format!("({value})") }
}

/// Without indentation: they are to be pasted.
fn statements(title: &str, statements: &[String]) -> String {
    if statements.is_empty() { String::new() } else { format!("{title}\n{}\n", statements.join("\n")) }
}
