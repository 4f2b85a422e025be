//! What becomes of a value whose column has another type on the target.
//!
//! Values travel as text and are read by the target's type. Invariant: a value is never changed without a word: what
//! would round, cut or be understood otherwise is refused, and what cannot be read is an error of the server.
//! Deliberately absent: conversions by expression; `--set` says those.

use crate::catalog::tables::Column;

/// How a column's values fit into another type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fit {
    /// It is the same type.
    Same,
    /// Every value fits.
    Every,
    /// A value fits exactly, or the server refuses it.
    Checked,
    /// A value might be changed.
    Never,
}

const INTEGERS: [&str; 3] = ["smallint", "integer", "bigint"];

/// How values of the source's column fit into the target's.
#[must_use]
pub fn fit(source: &Column, target: &Column) -> Fit {
    if source.type_name == target.type_name {
        return Fit::Same;
    }
    let fit = fit_of(source, target);
    // A domain's constraints are the server's to check.
    if target.of_domain && fit != Fit::Never { Fit::Checked } else { fit }
}

fn fit_of(source: &Column, target: &Column) -> Fit {
    if source.base == target.base {
        return Fit::Every;
    }
    let ((from, given), (to, wanted)) = (parts(&source.base), parts(&target.base));
    if to == "text" || (to == "character varying" && wanted.is_empty()) {
        return Fit::Every;
    }
    let is_text = matches!(from.as_str(), "text" | "character varying" | "character");
    let rank = |name: &str| INTEGERS.iter().position(|known| *known == name);
    match (rank(&from), rank(&to)) {
        (Some(narrow), Some(wide)) => return if narrow < wide { Fit::Every } else { Fit::Checked },
        (Some(_), None) if to == "numeric" => return whole_numbers(&wanted),
        _ => {}
    }
    match (from.as_str(), to.as_str()) {
        (from, to)
            if from == to && matches!(to, "numeric" | "character varying" | "character" | "bit varying") =>
        {
            same_family(to, &given, &wanted)
        }
        (from, to) if from == to && wanted.is_empty() => Fit::Every,
        ("real", "double precision") | ("date", "timestamp without time zone") | ("jsonb", "json") => {
            Fit::Every
        }
        (_, "character varying" | "character" | "uuid") if is_text => Fit::Checked,
        _ if is_text && (rank(&to).is_some() || target.enumerated) => Fit::Checked,
        _ if source.enumerated && target.enumerated => Fit::Checked,
        _ => Fit::Never,
    }
}

/// A type's name and its modifiers: `timestamp(3) without time zone` is `timestamp without time zone` and 3.
pub(super) fn parts(type_name: &str) -> (String, Vec<i32>) {
    let Some((head, rest)) = type_name.split_once('(') else { return (type_name.to_owned(), Vec::new()) };
    let Some((inner, tail)) = rest.split_once(')') else { return (type_name.to_owned(), Vec::new()) };
    let modifiers: Result<Vec<i32>, _> = inner.split(',').map(|number| number.trim().parse()).collect();
    match modifiers {
        Ok(modifiers) => (format!("{head}{tail}"), modifiers),
        Err(_) => (type_name.to_owned(), Vec::new()),
    }
}

/// A numeric of a negative scale rounds whole numbers.
fn whole_numbers(wanted: &[i32]) -> Fit {
    match wanted {
        [] => Fit::Every,
        [_, scale] if *scale < 0 => Fit::Never,
        _ => Fit::Checked,
    }
}

/// Two lengths or scales of one type.
fn same_family(name: &str, given: &[i32], wanted: &[i32]) -> Fit {
    if wanted.is_empty() {
        return Fit::Every;
    }
    if name == "numeric" {
        let scale = |modifiers: &[i32]| modifiers.get(1).copied().unwrap_or(0);
        return if !given.is_empty() && scale(given) <= scale(wanted) { Fit::Checked } else { Fit::Never };
    }
    if given.is_empty() || given > wanted { Fit::Checked } else { Fit::Every }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture;

    fn column(type_name: &str) -> Column {
        Column { enumerated: type_name.starts_with("enum"), ..fixture::column("c", type_name) }
    }

    fn fits(from: &str, to: &str) -> Fit {
        fit(&column(from), &column(to))
    }

    #[test]
    fn what_is_wider_takes_every_value() {
        for (from, to) in [
            ("integer", "bigint"),
            ("integer", "numeric"),
            ("real", "double precision"),
            ("character varying(10)", "character varying(20)"),
            ("character varying(10)", "text"),
            ("numeric(10,2)", "numeric"),
            ("timestamp(3) without time zone", "timestamp without time zone"),
            ("shop.color", "text"),
            ("jsonb", "json"),
        ] {
            assert_eq!(fits(from, to), Fit::Every, "{from} {to}");
        }
        assert_eq!(fits("date", "date"), Fit::Same);
    }

    #[test]
    fn what_may_not_fit_is_left_to_the_server() {
        for (from, to) in [
            ("bigint", "integer"),
            ("text", "character varying(3)"),
            ("text", "uuid"),
            ("text", "enum.color"),
            ("enum.color", "enum.colour"),
            ("numeric(10,2)", "numeric(8,2)"),
            ("integer", "numeric(4,0)"),
        ] {
            assert_eq!(fits(from, to), Fit::Checked, "{from} {to}");
        }
    }

    #[test]
    fn what_would_be_changed_without_a_word_is_refused() {
        for (from, to) in [
            ("numeric", "numeric(10,2)"),
            ("numeric(10,4)", "numeric(10,2)"),
            ("double precision", "real"),
            ("timestamp with time zone", "timestamp without time zone"),
            ("timestamp without time zone", "date"),
            ("timestamp without time zone", "timestamp(0) without time zone"),
            ("text", "date"),
            ("json", "jsonb"),
            ("integer", "numeric(4,-2)"),
        ] {
            assert_eq!(fits(from, to), Fit::Never, "{from} {to}");
        }
    }
}
