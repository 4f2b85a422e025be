//! Patterns of names: `pg_dump`'s language, or a regular expression between slashes.
//!
//! The rules are those of the manual, section "Patterns" of psql: `*` and `?`, a dot between schema and name,
//! lower case unless quoted, `$` literal, everything else of a regular expression as it is.
//!
//! Invariant: a quoted part matches itself alone, whatever it holds.

use regex::Regex;

use crate::error::{Error, Kind, Result};

/// A pattern as the user wrote it, ready to match.
#[derive(Debug, Clone)]
pub struct Pattern {
    text: String,
    form: Form,
}

#[derive(Debug, Clone)]
enum Form {
    /// Matched against `schema.name`, or against the schema alone.
    Expression(Regex),
    /// `pg_dump`'s form: an optional schema part and a name part.
    Parts { schema: Option<Regex>, name: Regex },
}

impl Pattern {
    /// Reads a pattern; malformed ones are a usage error that names the pattern.
    pub fn parse(text: &str) -> Result<Self> {
        let bad = |message: &str| Error::new(Kind::Usage, message).object(format!("pattern {text}"));
        let compile = |expression: &str| {
            Regex::new(expression).map_err(|e| bad("this is not a valid regular expression").caused_by(e))
        };
        if text.is_empty() {
            return Err(bad("a pattern cannot be empty"));
        }
        if let Some(expression) = text.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            return Ok(Self { text: text.to_owned(), form: Form::Expression(compile(expression)?) });
        }
        let parts = expressions(text).ok_or_else(|| bad("a double quote is not closed"))?;
        let form = match parts.as_slice() {
            [name] => Form::Parts { schema: None, name: compile(name)? },
            [schema, name] => Form::Parts { schema: Some(compile(schema)?), name: compile(name)? },
            _ => {
                return Err(bad("too many dots")
                    .remedy("write schema.name, and quote a name that holds a dot: \"a.b\""));
            }
        };
        Ok(Self { text: text.to_owned(), form })
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether it matches a relation; without a schema part only `visible` ones, as in `pg_dump`.
    #[must_use]
    pub fn matches_relation(&self, schema: &str, name: &str, visible: bool) -> bool {
        match &self.form {
            Form::Expression(expression) => expression.is_match(&format!("{schema}.{name}")),
            Form::Parts { schema: None, name: pattern } => visible && pattern.is_match(name),
            Form::Parts { schema: Some(outer), name: inner } => {
                outer.is_match(schema) && inner.is_match(name)
            }
        }
    }

    /// Whether it matches a schema.
    #[must_use]
    pub fn matches_schema(&self, schema: &str) -> bool {
        match &self.form {
            Form::Expression(expression) => expression.is_match(schema),
            Form::Parts { schema: None, name } => name.is_match(schema),
            Form::Parts { schema: Some(_), .. } => false,
        }
    }
}

/// The anchored regular expression of each dotted part; `None` if a quote is not closed.
fn expressions(text: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let part = parts.last_mut()?;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                part.push('"');
            }
            '"' => quoted = !quoted,
            c if quoted => part.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
            '.' => parts.push(String::new()),
            '*' => part.push_str(".*"),
            '?' => part.push('.'),
            '$' => part.push_str("\\$"),
            c => part.extend(c.to_lowercase()),
        }
    }
    (!quoted).then(|| parts.into_iter().map(|part| format!("(?s)^(?:{part})$")).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matches(pattern: &str, schema: &str, name: &str) -> bool {
        Pattern::parse(pattern).expect("a good pattern").matches_relation(schema, name, schema == "public")
    }

    #[test]
    fn stars_and_question_marks_are_wildcards() {
        assert!(matches("public.ord*", "public", "orders"));
        assert!(!matches("public.ord?", "public", "orders"));
        assert!(matches("*.order?", "shop", "orders"));
    }

    #[test]
    fn an_unquoted_name_is_folded_and_a_quoted_one_is_exact() {
        assert!(matches("public.Orders", "public", "orders"));
        assert!(!matches(r#"public."Orders""#, "public", "orders"));
        assert!(matches(r#"public."Mixed Case""#, "public", "Mixed Case"));
        assert!(matches(r#""a.b"."c""d*""#, "a.b", "c\"d*"));
    }

    #[test]
    fn a_name_without_schema_matches_only_what_is_visible() {
        assert!(matches("orders", "public", "orders"));
        assert!(!matches("orders", "archive", "orders"));
    }

    #[test]
    fn a_whole_name_must_match_but_an_expression_may_match_a_part() {
        assert!(!matches("public.order", "public", "orders"));
        assert!(matches("/^public\\.ord_\\d+$/", "public", "ord_17"));
        assert!(matches("/ord/", "archive", "orders"));
    }

    #[test]
    fn a_dollar_is_an_ordinary_character() {
        assert!(matches("public.cost$", "public", "cost$"));
    }

    #[test]
    fn schemas_are_matched_by_patterns_without_a_dot() {
        let pattern = Pattern::parse("app_*").expect("a good pattern");
        assert!(pattern.matches_schema("app_1") && !pattern.matches_schema("application"));
        assert!(!Pattern::parse("a.b").expect("a good pattern").matches_schema("a"));
    }

    #[test]
    fn malformed_patterns_are_usage_errors() {
        for text in ["", "\"open", "/(/", "a.b.c.d", "pub[lic"] {
            assert_eq!(Pattern::parse(text).expect_err(text).kind(), Kind::Usage, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_quoted_name_matches_itself_and_nothing_else(name in "\\PC{1,20}", other in "\\PC{1,20}") {
            let pattern = format!("public.\"{}\"", name.replace('"', "\"\""));
            prop_assert!(matches(&pattern, "public", &name));
            prop_assert_eq!(matches(&pattern, "public", &other), name == other);
        }
    }
}
