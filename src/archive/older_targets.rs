//! What newer versions of `pg_dump` write, of older sources too, and older targets cannot read: from 15 on `LOGGED` for
//! the sequence of an unlogged table's identity column, which it always was before; from 18 on NOT NULL of an inherited
//! column as a constraint of the table.
//!
//! Invariant: what is changed stands on a line of its own outside quotes, as `pg_dump` writes each part of a table;
//! nothing else is.
//! Deliberately absent: what an older target cannot keep, such as `NO INHERIT`; it refuses the object.

use super::Entry;
use crate::pg::sql::Sql;
use crate::pg::version::Version;

/// An entry's statements as a target of this version reads them, if they are others.
pub(super) fn statements(entry: &Entry, target: Version) -> Option<Sql> {
    let statements = entry.sql.as_str();
    let others = match entry.kind.as_str() {
        "SEQUENCE" if target.major() < 15 => logged(statements),
        "TABLE" | "FOREIGN TABLE" if target.major() < 18 => not_null_of_columns(statements),
        _ => None,
    };
    others.map(Sql::from_archive)
}

/// An identity column's sequence without the word.
fn logged(statements: &str) -> Option<String> {
    let (before, after) = statements.rsplit_once("\n    LOGGED\n    START WITH ")?;
    Some(format!("{before}\n    START WITH {after}"))
}

/// A table's statements with a statement for each constraint that is one of a column.
fn not_null_of_columns(statements: &str) -> Option<String> {
    let (create, rest) = statements.split_at(lines_of_first(statements).map(str::len).sum());
    let (mut kept, mut columns): (Vec<&str>, Vec<&str>) = (Vec::new(), Vec::new());
    for line in lines_of_first(create) {
        match not_null(line) {
            Some(column) => {
                columns.push(column);
                if let (false, Some(last)) = (line.ends_with(",\n"), kept.last_mut()) {
                    *last = last.strip_suffix(",\n").unwrap_or(last);
                }
            }
            None => kept.push(line),
        }
    }
    let (_, table) = create.split_once("TABLE ").filter(|_| !columns.is_empty())?;
    let table = lines_of_first(table).next()?.trim_end().strip_suffix(" (")?;
    let parts: String = kept
        .into_iter()
        .map(|line| if line.ends_with('\n') { line.to_owned() } else { format!("{line}\n") })
        .collect();
    let alter = |column: &&str| format!("ALTER TABLE ONLY {table} ALTER COLUMN {column} SET NOT NULL;\n");
    let alters: String = columns.iter().map(alter).collect();
    Some(format!("{parts}{alters}{rest}"))
}

/// The column of a line that is such a constraint.
fn not_null(line: &str) -> Option<&str> {
    let part = line.strip_prefix("    ")?.trim_end();
    let part = part.strip_suffix(',').unwrap_or(part);
    let constraint = match part.strip_prefix("CONSTRAINT ") {
        Some(named) => named[name_length(named)..].strip_prefix(' ')?,
        None => part,
    };
    let column = constraint.strip_prefix("NOT NULL ")?;
    (name_length(column) == column.len()).then_some(column)
}

/// The length of the name that a text begins with.
fn name_length(text: &str) -> usize {
    let mut quoted = false;
    let end = text.find(|c: char| {
        quoted ^= c == '"';
        !quoted && c.is_whitespace()
    });
    end.unwrap_or(text.len())
}

/// The lines of the first statement, with their ends; those inside quotes are none.
fn lines_of_first(text: &str) -> impl Iterator<Item = &str> {
    let (mut rest, mut ended) = (text, false);
    std::iter::from_fn(move || {
        if ended || rest.is_empty() {
            return None;
        }
        let mut quote = None;
        let end = rest.char_indices().find(|(_, c)| match (quote, *c) {
            (None, ';' | '\n') => {
                // Up to the end of its line.
                ended |= *c == ';';
                *c == '\n'
            }
            (None, '\'' | '"') => {
                quote = Some(*c);
                false
            }
            (Some(open), c) => {
                // A doubled quote closes and opens again, which comes to the same.
                if c == open {
                    quote = None;
                }
                false
            }
            _ => false,
        });
        let (line, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at + 1));
        rest = after;
        Some(line)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_is_not_called_logged() {
        let sequence = "ALTER TABLE t ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (\n    SEQUENCE NAME s\n    LOGGED\n    \
                        START WITH 1\n);\n";
        assert_eq!(logged(sequence).unwrap(), sequence.replace("    LOGGED\n", ""));
        assert_eq!(logged("CREATE SEQUENCE s\n    START WITH 1;\n"), None);
    }

    #[test]
    fn a_constraint_of_the_table_becomes_one_of_its_column() {
        let table = "CREATE TABLE \"a (\n\".t (\n    x integer,\n    NOT NULL more,\n    CONSTRAINT \"n\"\" (\" NOT NULL \"Odd \"\"c\"\n)\n\
                     INHERITS (p);\nALTER TABLE ONLY t ALTER COLUMN x SET STATISTICS 7;\n";
        assert_eq!(
            not_null_of_columns(table).unwrap(),
            "CREATE TABLE \"a (\n\".t (\n    x integer\n)\nINHERITS (p);\n\
             ALTER TABLE ONLY \"a (\n\".t ALTER COLUMN more SET NOT NULL;\n\
             ALTER TABLE ONLY \"a (\n\".t ALTER COLUMN \"Odd \"\"c\" SET NOT NULL;\n\
             ALTER TABLE ONLY t ALTER COLUMN x SET STATISTICS 7;\n"
        );
        assert_eq!(
            not_null_of_columns("CREATE TABLE t (\n    NOT NULL more\n)\nINHERITS (p);").unwrap(),
            "CREATE TABLE t (\n)\nINHERITS (p);\nALTER TABLE ONLY t ALTER COLUMN more SET NOT NULL;\n"
        );
    }

    #[test]
    fn what_only_looks_like_one_stays_as_it_is() {
        for part in [
            "x text DEFAULT '\n    NOT NULL x\n'",
            "\"y\n    NOT NULL x\n\" integer",
            "x integer NOT NULL",
            "CONSTRAINT c NOT NULL x NO INHERIT",
            "CONSTRAINT c CHECK ((x > 0))",
        ] {
            assert_eq!(not_null_of_columns(&format!("CREATE TABLE t (\n    {part}\n);\n")), None, "{part}");
        }
        assert_eq!(not_null_of_columns("CREATE TABLE t (\n);\n    NOT NULL x\n"), None);
    }
}
