//! What differs, in words that fit on a line or two.
//!
//! Invariant: pure; both sides' words differ wherever the values do.

use super::{Object, Value};
use crate::report::{self, Part};

/// Something that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// What it is about.
    pub object: Object,
    /// The aspect of it that differs; none if it is on one side only.
    pub aspect: Option<String>,
    /// What the source has.
    pub source: String,
    /// What the target has.
    pub target: String,
}

/// What is said of a side without the object.
const MISSING: &str = "missing";
/// What is said of a side without a value.
const NONE: &str = "none";
/// A text of more characters is shown around the place where it differs.
const LONG: usize = 160;
/// So many characters before that place.
const BEFORE: usize = 40;

impl Difference {
    /// An object that only one side has, with so many parts that are missing with it.
    pub(super) fn alone(object: Object, in_source: bool, parts: usize) -> Self {
        let there = match parts {
            0 => "there".to_owned(),
            1 => "there, with 1 part".to_owned(),
            _ => format!("there, with {parts} parts"),
        };
        let (source, target) =
            if in_source { (there, MISSING.to_owned()) } else { (MISSING.to_owned(), there) };
        Self { object, aspect: None, source, target }
    }

    /// An aspect of which the sides say different things.
    pub(super) fn between(
        object: &Object,
        aspect: &str,
        source: Option<&Value>,
        target: Option<&Value>,
    ) -> Self {
        let (source, target) = match (source, target) {
            (Some(Value::List(here)), Some(Value::List(there))) => lists(here, there),
            _ => texts(&text(source), &text(target)),
        };
        Self { object: object.clone(), aspect: Some(aspect.to_owned()), source, target }
    }
}

impl From<Difference> for report::Difference {
    fn from(difference: Difference) -> Self {
        let Object { schema, relation, name, kind } = difference.object;
        let (schema, name, object) = if !relation.is_empty() {
            let object = if name.is_empty() { kind } else { format!("{kind} {name}") };
            (schema, relation, object)
        } else if name.is_empty() {
            (String::new(), schema, kind)
        } else {
            (schema, name, kind)
        };
        Self {
            schema,
            name,
            kind: "schema",
            part: Some(Part { object, aspect: difference.aspect }),
            source: difference.source,
            target: difference.target,
            ..Self::default()
        }
    }
}

fn text(value: Option<&Value>) -> String {
    match value {
        None => NONE.to_owned(),
        Some(Value::Text(text)) => text.clone(),
        Some(Value::List(list)) => list.join(", "),
    }
}

/// Of two lists, what only one of them has; all of both, where they differ in nothing but the order.
fn lists(here: &[String], there: &[String]) -> (String, String) {
    let beyond = |these: &[String], those: &[String]| -> Vec<String> {
        these.iter().filter(|item| !those.contains(item)).cloned().collect()
    };
    let (more, less) = (beyond(here, there), beyond(there, here));
    match (more.is_empty(), less.is_empty()) {
        (true, true) => texts(&here.join(", "), &there.join(", ")),
        (false, true) => (one_line(&more.join(", ")), "without".to_owned()),
        (true, false) => ("without".to_owned(), one_line(&less.join(", "))),
        (false, false) => texts(&more.join(", "), &less.join(", ")),
    }
}

/// Two texts, each on a line; long ones from shortly before the place where they differ.
fn texts(here: &str, there: &str) -> (String, String) {
    let same = here.chars().zip(there.chars()).take_while(|(a, b)| a == b).count();
    let from =
        if here.chars().count().max(there.chars().count()) > LONG { same.saturating_sub(BEFORE) } else { 0 };
    let cut = |text: &str| {
        let end = text.chars().count();
        let part: String = text.chars().skip(from).take(LONG).collect();
        let (before, after) = (if from > 0 { "…" } else { "" }, if end > from + LONG { "…" } else { "" });
        format!("{before}{}{after}", one_line(&part))
    };
    (cut(here), cut(there))
}

fn one_line(text: &str) -> String {
    text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r").replace('\t', "\\t")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_is_shown_around_the_place_where_it_differs() {
        let long = |word: &str| format!("{}\n{word}\n{}", "a".repeat(300), "z".repeat(300));
        let (here, there) = texts(&long("one"), &long("two"));
        assert!(
            here.starts_with("…aaa") && here.contains("\\none\\nzzz") && here.ends_with("zzz…"),
            "{here}"
        );
        assert!(there.contains("\\ntwo\\n") && here.chars().count() < LONG + 10);
        let (here, there) = texts(&"x".repeat(500), &"x".repeat(501));
        assert_ne!(here, there);
    }

    #[test]
    fn of_lists_only_what_is_not_in_both_is_shown() {
        let list = |items: &[&str]| items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>();
        assert_eq!(lists(&list(&["a", "b"]), &list(&["b"])), ("a".into(), "without".into()));
        assert_eq!(lists(&list(&["a", "b"]), &list(&["b", "c"])), ("a".into(), "c".into()));
        assert_eq!(lists(&list(&["a", "b"]), &list(&["b", "a"])), ("a, b".into(), "b, a".into()));
    }
}
