//! In which columns rows differ that both sides have, and by which values.
//!
//! Invariant: a column is named only if its hash differs, which is what the row's hash is made of. A row that was found is
//! told, even if its columns cannot be.
//! Deliberately absent: rows that cannot be told apart by their key.

use std::collections::{BTreeMap, HashMap};

use super::crew::{Crew, Together};
use super::from::{in_brackets, rows};
use super::merge::{Found, Label};
use super::rows::label;
use crate::error::{Kind, Result};
use crate::pg::ident::Literal;
use crate::pg::session::{Side, SourceSide, TargetSide, column};
use crate::pg::sql::Sql;
use crate::plan::compare::{Identity, Subject};
use crate::report::{Finding, RowDifference};
use crate::{sql, step};

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

/// What is told of the rows of a table.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) rows: Vec<RowDifference>,
    /// The warning that columns are not known, though the rows are.
    pub(super) unknown: Option<Finding>,
}

/// What is told of each row that was found.
pub(super) async fn told(
    subject: &Subject,
    found: &[Found],
    (source, target): (&Crew<SourceSide>, &Crew<TargetSide>),
    together: &Together,
) -> Result<Told> {
    let Some(key) = &subject.key else {
        return Ok(Told { rows: found.iter().map(of_whole_row).collect(), unknown: None });
    };
    let both: Vec<&Found> = found.iter().filter(|found| is_pair(found)).collect();
    let mut sides = [ByLabel::new(), ByLabel::new()];
    let mut refused = None;
    for some in both.chunks(AT_ONCE) {
        let asked = |side: usize| query(subject, key, some, side);
        let (here, there) =
            together.both(values(source, subject, &asked(0)), values(target, subject, &asked(1))).await?;
        for (known, answer) in sides.iter_mut().zip([here, there]) {
            match answer {
                Ok(more) => known.extend(more),
                Err(reason) => refused = refused.or(Some(reason)),
            }
        }
    }
    let is_lost = |found: &&&Found| sides.iter().any(|side| !side.contains_key(&found.label));
    let lost = both.iter().filter(is_lost).count();
    let rows = found.iter().map(|found| of_key(subject, key, found, &sides)).collect();
    Ok(Told { rows, unknown: (lost > 0).then(|| columns_unknown(subject, lost, refused)) })
}

/// Whether each side has the row, and once.
fn is_pair(found: &Found) -> bool {
    found.times == [1, 1]
}

fn columns_unknown(subject: &Subject, rows: usize, refused: Option<String>) -> Finding {
    let reason = refused.unwrap_or_else(|| "they were not found again by their keys".into());
    Finding {
        code: "columns-unknown",
        object: subject.name.plain(),
        message: format!("of {rows} of its differing rows the columns are not known: {reason}"),
        remedy: "look at these rows on both sides by their keys".into(),
    }
}

/// The rows with these keys on one side, each sought in the one part that it was found in.
fn query(subject: &Subject, key: &Identity, found: &[&Found], side: usize) -> Sql {
    let mut by_part: BTreeMap<usize, Vec<Sql>> = BTreeMap::new();
    for found in found {
        by_part.entry(found.parts[side]).or_default().push(is_row(key, found, side));
    }
    let hashes = Sql::join(subject.columns.iter().map(|column| subject.hash_of(column)), ", ");
    let values = subject.columns.iter().map(|column| sql!("verify/value.sql", column = column.name));
    let values = Sql::join(values, ", ");
    let each = by_part.into_iter().map(|(part, these)| {
        let these = in_brackets(&Sql::join(these, " OR "));
        let from = rows(subject, &subject.parts[side][part], None, Some(these));
        sql!("verify/details.sql", label = label(subject), hashes = hashes, values = values, from = from)
    });
    Sql::join(each, "\nUNION ALL\n")
}

/// The condition that a row has this key.
fn is_row(key: &Identity, found: &Found, side: usize) -> Sql {
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
}

/// The values of one side, or why its server does not tell them.
async fn values<S: Side>(
    crew: &Crew<S>,
    subject: &Subject,
    query: &Sql,
) -> Result<std::result::Result<ByLabel, String>> {
    let Some(session) = crew.sessions.first() else { return Ok(Ok(ByLabel::new())) };
    let about = format!("{} on the {}", subject.name.plain(), S::NAME);
    let rows = match step::ask(session, query, (Kind::Verify, &about)).await? {
        Ok(rows) => rows,
        Err(reason) => return Ok(Err(format!("the {} says: {reason}", S::NAME))),
    };
    let mut known = ByLabel::new();
    for row in rows {
        let values = Values { hashes: column(&row, "hashes")?, texts: column(&row, "values")? };
        known.entry(column(&row, "label")?).and_modify(|first| *first = None).or_insert(Some(values));
    }
    Ok(Ok(known))
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
    let Some((here, there)) = values(0).zip(values(1)).filter(|_| is_pair(found)) else { return row };
    for (index, column) in subject.columns.iter().enumerate() {
        if here.hashes.get(index) != there.hashes.get(index) {
            row.columns.push(column.name.as_str().to_owned());
            let text = |values: &Values| values.texts.get(index).cloned().flatten();
            row.values.push([text(here), text(there)]);
        }
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::ident::{Ident, QualifiedName};
    use crate::plan::compare::digest::{Form, Way};
    use crate::plan::compare::{Compared, Part};

    #[test]
    fn a_row_is_sought_in_the_partition_that_it_was_found_in_alone() {
        let part = |number: u32| Part {
            oid: number,
            name: QualifiedName::new("s", format!("p{number}")),
            bytes: 0,
            pages: 0,
            rows: None,
            heap: true,
            filenode: number,
        };
        let id = Compared {
            name: Ident::new("id"),
            form: Form::Itself,
            spread: None,
            types: ["integer".into(), "integer".into()],
            by_text: false,
        };
        let name = QualifiedName::new("s", "p");
        let subject = Subject {
            name: name.clone(),
            counterpart: name,
            parts: [(0..9).map(part).collect(), vec![part(7)]],
            columns: vec![id.clone()],
            conditions: Vec::new(),
            key: None,
            way: Way { records: true, same_encoding: true },
        };
        let key = Identity { name: "k".into(), columns: vec![id], ranges: true };
        let found = |id: &str, part| Found { label: vec![Some(id.into())], times: [1, 1], parts: [part, 0] };
        let (one, two, three) = (found("1", 3), found("2", 5), found("3", 5));
        let asked = |side| query(&subject, &key, &[&one, &two, &three], side).as_str().to_owned();
        assert_eq!(asked(0).matches("FROM").count(), 2);
        assert!(asked(0).contains("\"p3\"") && asked(0).contains("\"p5\""), "{}", asked(0));
        assert_eq!(asked(0).matches("'2'").count(), 1);
        assert_eq!(asked(1).matches("FROM").count(), 1);
    }
}
