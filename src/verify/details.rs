//! In which columns rows differ that both sides have, and by which values.
//!
//! Invariant: a column is named only if its hash differs, which is what the row's hash is made of.
//! Deliberately absent: rows that cannot be told apart by their key.

use std::collections::HashMap;

use super::crew::{Crew, Together};
use super::from::{in_brackets, rows};
use super::merge::{Found, Label};
use super::outcome::Differing;
use super::rows::label;
use crate::error::{Context, Kind, Result};
use crate::pg::ident::Literal;
use crate::pg::session::{Side, SourceSide, TargetSide, column};
use crate::pg::sql::Sql;
use crate::plan::compare::{Identity, Subject};
use crate::report::RowDifference;
use crate::sql;

/// Rows that are asked for in one query.
const AT_ONCE: usize = 200;

/// The values of one row of one side, column by column: their hashes, and as much of their text as fits on a line.
#[derive(Debug, Clone)]
struct Values {
    hashes: Vec<Option<i64>>,
    texts: Vec<Option<String>>,
}

/// Rows of one side by their labels; those that are there more than once are none.
type ByLabel = HashMap<Label, Option<Values>>;

/// What is told of each row that was found.
pub(super) async fn told(
    (subject, differing): (&Subject, &Differing),
    found: &[Found],
    (source, target): (&Crew<SourceSide>, &Crew<TargetSide>),
    together: &Together,
) -> Result<Vec<RowDifference>> {
    let Some(key) = &subject.key else { return Ok(found.iter().map(of_whole_row).collect()) };
    let both: Vec<&Found> = found.iter().filter(|found| found.times == [1, 1]).collect();
    let mut sides = [ByLabel::new(), ByLabel::new()];
    for some in both.chunks(AT_ONCE) {
        let asked = |side: usize| query((subject, differing), key, some, side);
        let (here, there) =
            together.both(values(source, subject, &asked(0)), values(target, subject, &asked(1))).await?;
        for (known, more) in sides.iter_mut().zip([here, there]) {
            known.extend(more);
        }
    }
    Ok(found.iter().map(|found| of_key(subject, key, found, &sides)).collect())
}

/// The rows with these keys on one side.
fn query((subject, differing): (&Subject, &Differing), key: &Identity, found: &[&Found], side: usize) -> Sql {
    let is_row = |found: &&Found| {
        let each = key.columns.iter().zip(&found.label).map(|(column, value)| {
            let Some(value) = value else { return sql!("verify/is_null.sql", column = column.name) };
            let value = Literal::new(value);
            if column.by_text {
                return sql!("verify/is_printed.sql", printed = column.printed(), value = value);
            }
            let type_name = Sql::from_catalog(&column.types[side]);
            sql!("verify/is_value.sql", column = column.name, value = value, type_name = type_name)
        });
        in_brackets(&Sql::join(each, " AND "))
    };
    let these = Sql::join(found.iter().map(is_row), " OR ");
    let hashes = Sql::join(subject.columns.iter().map(|column| subject.hash_of(column)), ", ");
    let values = subject.columns.iter().map(|column| sql!("verify/value.sql", column = column.name));
    let values = Sql::join(values, ", ");
    let each = differing.parts[side].iter().map(|part| {
        let these = in_brackets(&these);
        let from = rows(subject, &subject.parts[side][*part], None, Some(these));
        sql!("verify/details.sql", label = label(subject), hashes = hashes, values = values, from = from)
    });
    Sql::join(each, "\nUNION ALL\n")
}

async fn values<S: Side>(crew: &Crew<S>, subject: &Subject, query: &Sql) -> Result<ByLabel> {
    let Some(session) = crew.sessions.first() else { return Ok(ByLabel::new()) };
    let rows = session.rows(query, &[]).await;
    let failed = "differing columns could not be looked for";
    let about = format!("{} on the {}", subject.name.plain(), S::NAME);
    let mut known = ByLabel::new();
    for row in rows.context(Kind::Verify, failed, about)? {
        let values = Values { hashes: column(&row, "hashes")?, texts: column(&row, "values")? };
        known.entry(column(&row, "label")?).and_modify(|first| *first = None).or_insert(Some(values));
    }
    Ok(known)
}

fn kind(times: [u64; 2]) -> &'static str {
    match times {
        [_, 0] => "source only",
        [0, _] => "target only",
        _ => "different",
    }
}

fn of_whole_row(found: &Found) -> RowDifference {
    RowDifference {
        kind: kind(found.times),
        key: found.label.iter().flatten().map(String::as_str).collect(),
        times: Some(found.times),
        columns: Vec::new(),
        values: Vec::new(),
    }
}

fn of_key(subject: &Subject, key: &Identity, found: &Found, sides: &[ByLabel; 2]) -> RowDifference {
    let names: Vec<&str> = key.columns.iter().map(|column| column.name.as_str()).collect();
    let shown: Vec<&str> = found.label.iter().map(|value| value.as_deref().unwrap_or("NULL")).collect();
    let mut row = RowDifference {
        kind: kind(found.times),
        key: format!("({})=({})", names.join(", "), shown.join(", ")),
        times: found.times.iter().any(|times| *times > 1).then_some(found.times),
        columns: Vec::new(),
        values: Vec::new(),
    };
    let values = |side: usize| sides[side].get(&found.label).and_then(Option::as_ref);
    let Some((here, there)) = values(0).zip(values(1)).filter(|_| found.times == [1, 1]) else { return row };
    for (index, column) in subject.columns.iter().enumerate() {
        if here.hashes.get(index) != there.hashes.get(index) {
            row.columns.push(column.name.as_str().to_owned());
            let text = |values: &Values| values.texts.get(index).cloned().flatten();
            row.values.push([text(here), text(there)]);
        }
    }
    row
}
