//! The last words of a run, for people.
//!
//! Invariant: pure. The answer and the trouble are apart, so that each can go to its own stream; nothing is
//! left out of the lists of what was not copied and what differs, even with `-q`.
//! Deliberately absent: the JSON report, which is `report` itself.

mod sequences;

pub(super) use sequences::decided;

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::time::Duration;

use comfy_table::{CellAlignment, Table, presets::NOTHING};
use indicatif::HumanCount;

use super::words;
use crate::error::ErrorReport;
use crate::pg::ident::QualifiedName;
use crate::report::{
    Difference, Finding, Grants, LargeObjectsReport, NotCopied, Outcome, Part, Replaced, Report, TableReport,
};

const SLOWEST: usize = 10;
const REPLACED: usize = 20;

/// What is left to say.
#[derive(Debug, Default)]
pub(super) struct Ending {
    /// For standard output.
    pub(super) answer: String,
    /// For standard error.
    pub(super) trouble: String,
}

/// The ending of a run; `quiet` leaves only what is wrong.
pub(super) fn render(report: &Report, quiet: bool) -> Ending {
    let is_plan = report.plan.is_some();
    let ran = matches!(report.outcome, Outcome::Done | Outcome::Differences) && !is_plan;
    let mut blocks = Vec::new();
    if ran && !quiet {
        blocks.extend([outcome(report), phases(report), slowest(report)]);
        blocks.push(list(
            "changed",
            &report.tables.iter().filter_map(changed).collect::<Vec<_>>(),
            Clone::clone,
        ));
    }
    if report.command == "sequences" {
        blocks.extend(sequences::blocks(report));
    }
    if report.exit_code() != 0 || !quiet {
        // The plan has told what will not be copied.
        blocks.push(list("not copied", if is_plan { &[] } else { &report.not_copied }, not_copied));
        let title = if report.command == "sequences" { "on one side only" } else { "different" };
        blocks.push(list(title, &report.differences, difference));
    }
    blocks.push(list("removed", &report.removed, Clone::clone));
    if !quiet && !is_plan {
        blocks.push(replaced(report));
    }
    if !quiet {
        blocks.push(list("warnings", &report.warnings, finding));
    }
    let mut trouble = trouble(report);
    if report.command == "check" && !report.findings.is_empty() {
        // Here the findings are the answer, not an accident.
        blocks.insert(0, std::mem::take(&mut trouble));
    }
    blocks.retain(|block| !block.is_empty());
    Ending { answer: blocks.join("\n"), trouble }
}

fn outcome(report: &Report) -> String {
    let seconds = report.phases.iter().map(|phase| phase.seconds).sum();
    let tables = words::counted(report.tables.len(), "table");
    let rows = HumanCount(report.tables.iter().map(|table| table.rows).sum());
    let size = words::size(report.tables.iter().map(|table| table.bytes).sum());
    let what = match report.command {
        "check" => "checked".to_owned(),
        "cleanup" if report.removed.is_empty() => "nothing was kept on the target; looked".to_owned(),
        "cleanup" => format!("removed {}", words::counted(report.removed.len(), "object")),
        "verify" => format!("compared {tables}"),
        "sequences" => sequences::outcome(report),
        "copy" => format!("copied {tables}, {rows} rows, {size}"),
        // Of a dry run nothing is proved.
        "sync" if report.tables.iter().any(|table| table.verified.is_none()) => {
            format!("compared {tables}, {rows} rows to change")
        }
        "sync" => format!("synchronised {tables}, {rows} rows changed"),
        _ => format!("cloned {tables}, {rows} rows, {size}{}", large_objects(report)),
    };
    let time = words::took(duration(seconds));
    let mut text = format!("{what} in {time}{}\n", proof(report));
    if report.command == "clone" {
        text.push_str(&promise(report));
    }
    text
}

fn large_objects(report: &Report) -> String {
    let told = |objects: &LargeObjectsReport| {
        format!(", {} ({})", words::counted(objects.count, "large object"), words::size(objects.bytes))
    };
    report.large_objects.as_ref().map(told).unwrap_or_default()
}

fn proof(report: &Report) -> String {
    let mut facts = Vec::new();
    let differing: BTreeSet<_> = report.differences.iter().map(|what| (&what.schema, &what.name)).collect();
    if !differing.is_empty() {
        facts.push(match differing.len() {
            1 => "1 table differs".to_owned(),
            n => format!("{} differ", words::counted(n, "table")),
        });
    }
    if !report.not_copied.is_empty() {
        facts.push(match report.not_copied.len() {
            1 => "1 object was not copied".to_owned(),
            n => format!("{} were not copied", words::counted(n, "object")),
        });
    }
    let verified = report.tables.iter().filter(|table| table.verified.is_some()).count();
    let by_checksum = report.tables.iter().all(|table| table.verified == Some("checksum"));
    if report.command == "sequences" {
        return format!("; {}\n", sequences::proof(report)).trim_end().to_owned();
    }
    if report.command == "check" {
        facts.push("nothing stands in the way".to_owned());
    } else if differing.is_empty() && verified > 0 {
        let what = if by_checksum { "checksums" } else { "counts" };
        let of = report.tables.len();
        let some = if verified < of { format!(" for {verified} of {of} tables") } else { String::new() };
        facts.push(format!("{what} equal on both sides{some}"));
    } else if verified == 0 && !report.tables.is_empty() && report.command != "sync" {
        facts.push("not verified".to_owned());
    }
    if facts.is_empty() { String::new() } else { format!("; {}", facts.join(", ")) }
}

fn promise(report: &Report) -> String {
    let how = &report.consistency;
    let promise = match how.mode {
        "snapshot" if !how.agreed => return String::new(),
        "snapshot" if how.locked => "one snapshot of the source, agreed on under SHARE locks",
        "snapshot" => "one snapshot of the source, proved the same for every worker",
        "lock" => "the source's tables were locked against writers during the copy",
        _ => "no promise between chunks: writers were not held off during the copy",
    };
    match how.window_ms {
        Some(window) if how.attempts > 1 => {
            format!("{promise} ({} tries, the last one took {window:.1} ms)\n", how.attempts)
        }
        _ => format!("{promise}\n"),
    }
}

fn phases(report: &Report) -> String {
    let rows = report.phases.iter().map(|phase| vec![phase.name.to_owned(), format!("{:.1}", phase.seconds)]);
    table(&["phase", "seconds"], &[CellAlignment::Left, CellAlignment::Right], rows)
}

fn slowest(report: &Report) -> String {
    let mut tables: Vec<&TableReport> = report.tables.iter().collect();
    tables.sort_by(|a, b| b.seconds.total_cmp(&a.seconds).then_with(|| a.name.cmp(&b.name)));
    let rows = tables.iter().take(SLOWEST).map(|table| {
        vec![
            plain(&table.schema, &table.name),
            HumanCount(table.rows).to_string(),
            words::size(table.bytes),
            format!("{:.1}", table.seconds),
            table.chunks.to_string(),
            table.verified.unwrap_or("no").to_owned(),
        ]
    });
    let title = if report.tables.len() > SLOWEST { "slowest tables" } else { "table" };
    let right = CellAlignment::Right;
    let sides = [CellAlignment::Left, right, right, right, right, CellAlignment::Left];
    table(&[title, "rows", "size", "seconds", "chunks", "verified"], &sides, rows)
}

/// What `sync` has changed of a table.
fn changed(table: &TableReport) -> Option<String> {
    let synced = table.synced.as_ref().filter(|_| table.rows > 0 && table.verified.is_some())?;
    let counted = [(synced.inserted, "inserted"), (synced.updated, "changed"), (synced.deleted, "deleted")];
    let counted = counted.iter().filter(|(rows, _)| *rows > 0);
    let counted: Vec<String> = counted.map(|(rows, what)| format!("{} {what}", HumanCount(*rows))).collect();
    Some(format!("{}: {}", plain(&table.schema, &table.name), counted.join(", ")))
}

fn table(head: &[&str], sides: &[CellAlignment], rows: impl Iterator<Item = Vec<String>>) -> String {
    let mut table = Table::new();
    table.load_style(NOTHING).set_header(head.iter().copied()).add_rows(rows);
    if table.is_empty() {
        return String::new();
    }
    for (column, side) in table.column_iter_mut().zip(sides) {
        column.set_padding((0, 2)).set_cell_alignment(*side);
    }
    format!("{}\n", table.trim_fmt())
}

fn list<T>(title: &str, items: &[T], line: impl Fn(&T) -> String) -> String {
    let mut text = if items.is_empty() { String::new() } else { format!("{title}:\n") };
    for item in items {
        text.push_str(&indented("  - ", &line(item)));
    }
    text
}

/// The largest tables first; there may be thousands of objects.
fn replaced(report: &Report) -> String {
    let mut objects: Vec<&Replaced> = report.replaced.iter().collect();
    objects.sort_by_key(|what| std::cmp::Reverse(what.rows));
    let more = objects.len().saturating_sub(REPLACED);
    let title = if report.command == "check" { "to be replaced" } else { "replaced" };
    let mut text = list(title, &objects[..objects.len() - more], |what| match what.rows {
        Some(rows) => format!("{} {}, about {} rows", what.kind, what.object, HumanCount(rows)),
        None => format!("{} {}", what.kind, what.object),
    });
    if more > 0 {
        let _ = writeln!(text, "  and {more} more");
    }
    text
}

fn not_copied(what: &NotCopied) -> String {
    format!("{} {}: {}", what.kind, what.object, what.reason)
}

fn difference(what: &Difference) -> String {
    let name = if what.schema.is_empty() { what.name.clone() } else { plain(&what.schema, &what.name) };
    let kind = match (&what.part, &what.column) {
        (None, None) => format!("{} ", what.kind),
        (None, Some(column)) => format!("column {column}: "),
        (Some(Part { object, aspect: None }), _) => format!("{object}: "),
        (Some(Part { object, aspect: Some(aspect) }), _) => format!("{object}: {aspect}: "),
    };
    let mut text = format!("{name}: {kind}{} on the source, {} on the target", what.source, what.target);
    if !what.keys.is_empty() {
        let _ = write!(text, "\nkeys: {}", what.keys.join(", "));
    }
    text
}

fn finding(what: &Finding) -> String {
    let object = if what.object.is_empty() { String::new() } else { format!("{}: ", what.object) };
    let mut text = format!("{object}{} [{}]", what.message, what.code);
    if !what.remedy.is_empty() {
        let _ = write!(text, "\nhint: {}", what.remedy);
    }
    text
}

fn trouble(report: &Report) -> String {
    match (&report.error, report.outcome) {
        (error, Outcome::Refused) if !report.findings.is_empty() => {
            let count = words::counted(report.findings.len(), "finding");
            let mut text = format!("error: refused for {count}; nothing was changed\n");
            for (number, what) in report.findings.iter().enumerate() {
                text.push_str(&indented(&format!("{:>3}. ", number + 1), &finding(what)));
            }
            text.push_str(&report.grants.as_ref().map(grants).unwrap_or_default());
            text + &error.as_ref().map(undoing).unwrap_or_default()
        }
        (Some(error), Outcome::Interrupted) if error.also.is_empty() => match kept(report) {
            Some(kept) => format!("interrupted: {kept}"),
            None if report.command == "sequences" => {
                format!("interrupted: {}", sequences::stayed(report))
            }
            None if report.command == "cleanup" => "interrupted; run it again\n".to_owned(),
            None => "interrupted: everything fdwcopy had made was removed\n".to_owned(),
        },
        (Some(error), _) if report.sequences.is_empty() => {
            error_block(error) + &kept(report).unwrap_or_default()
        }
        (Some(error), _) => error_block(error) + &sequences::stayed(report),
        (None, _) => String::new(),
    }
}

/// What administrators have to run, without indentation: it is to be pasted.
fn grants(grants: &Grants) -> String {
    let sides = [
        ("source", &grants.source_database, &grants.source),
        ("target", &grants.target_database, &grants.target),
    ];
    let wanted = sides.into_iter().filter(|(.., statements)| !statements.is_empty());
    let block = |(side, database, statements): (&str, &String, &Vec<String>)| {
        format!(
            "\n-- on the {side}, in the database {database}, as an administrator:\n{}\n",
            statements.join("\n")
        )
    };
    wanted.map(block).collect()
}

/// What of a run is kept to be taken up again.
fn kept(report: &Report) -> Option<String> {
    let kept = report.warnings.iter().find(|what| what.code == "kept-for-resume");
    kept.map(|what| finding(what) + "\n")
}

/// One error with all that is known of it.
pub(super) fn error_block(error: &ErrorReport) -> String {
    let mut text = format!("error: {}", indented("", &error.to_string()));
    let facts = [("detail", &error.detail), ("sqlstate", &error.sqlstate), ("hint", &error.remedy)];
    for (name, fact) in facts {
        if let Some(fact) = fact {
            text.push_str(&indented(&format!("  {name}: "), fact));
        }
    }
    text + &undoing(error)
}

fn undoing(error: &ErrorReport) -> String {
    error.also.iter().map(|failure| indented("  failed while undoing: ", failure)).collect()
}

/// The text behind a lead, its further lines below its first one.
fn indented(lead: &str, text: &str) -> String {
    let below = format!("\n{}", " ".repeat(lead.len()));
    format!("{lead}{}\n", text.trim_end().replace('\n', &below))
}

fn plain(schema: &str, name: &str) -> String {
    QualifiedName::new(schema, name).plain()
}

fn duration(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or_default()
}

#[cfg(test)]
mod tests;
