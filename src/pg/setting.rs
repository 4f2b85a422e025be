//! Settings as the catalogs keep them for roles and databases, spelt for `ALTER … SET`.
//!
//! Invariant: the value that the statement stores is the one that was read, byte for byte. Deliberately absent: whether
//! a server knows the setting.

use std::fmt;

use super::ident::{Ident, Literal};
use super::sql::Fragment;

/// Settings whose value is kept as a list of quoted names (`GUC_LIST_QUOTE`; no extension may define another): the
/// same as `variable_is_guc_list_quote` of `pg_dump`.
const LISTS: [&str; 6] = [
    "local_preload_libraries",
    "search_path",
    "session_preload_libraries",
    "shared_preload_libraries",
    "temp_tablespaces",
    "unix_socket_directories",
];

/// A setting and its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// Its name.
    pub name: String,
    /// Its value as it is kept.
    pub value: String,
}

impl Setting {
    /// From `name=value`.
    #[must_use]
    pub fn parse(kept: &str) -> Option<Self> {
        let (name, value) = kept.split_once('=')?;
        Some(Self { name: name.into(), value: value.into() })
    }

    /// Its name in a statement.
    #[must_use]
    pub fn ident(&self) -> Ident {
        Ident::new(self.name.as_str())
    }

    /// Its value in a statement.
    #[must_use]
    pub fn words(&self) -> Words {
        let is_list = LISTS.iter().any(|list| self.name.eq_ignore_ascii_case(list));
        Words(if is_list { elements(&self.value) } else { vec![Literal::new(self.value.as_str())] })
    }
}

impl fmt::Display for Setting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} = {}", self.name, self.value)
    }
}

/// A setting's value, each element of a list a literal of its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Words(Vec<Literal>);

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, word) in self.0.iter().enumerate() {
            write!(f, "{}{word}", if index == 0 { "" } else { ", " })?;
        }
        Ok(())
    }
}

impl Fragment for Words {}

/// The elements of a list that the server has written (`SplitGUCList` of `varlena.c`).
fn elements(list: &str) -> Vec<Literal> {
    let mut elements = Vec::new();
    let mut rest = list.trim();
    while !rest.is_empty() {
        let (element, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquoted(quoted),
            None => {
                let end = rest.find(',').unwrap_or(rest.len());
                (rest[..end].trim_end().to_owned(), &rest[end..])
            }
        };
        elements.push(Literal::new(element));
        rest = after.trim_start().strip_prefix(',').unwrap_or_default().trim_start();
    }
    // Nothing can stand for an empty list but an empty element.
    if elements.is_empty() { vec![Literal::new("")] } else { elements }
}

/// The element whose opening quote was read, and what follows it.
fn unquoted(text: &str) -> (String, &str) {
    let mut element = String::new();
    let mut rest = text;
    while let Some(end) = rest.find('"') {
        element.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                element.push('"');
                rest = after;
            }
            None => return (element, rest),
        }
    }
    (element + rest, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(kept: &str) -> String {
        Setting::parse(kept).unwrap().words().to_string()
    }

    #[test]
    fn a_value_is_one_literal() {
        assert_eq!(words("work_mem=64MB"), "'64MB'");
        assert_eq!(words("app.list=a, \"b\", it's=so"), "'a, \"b\", it''s=so'");
        assert_eq!(words("log_line_prefix="), "''");
    }

    #[test]
    fn a_list_of_names_is_one_literal_each() {
        assert_eq!(words(r#"search_path="$user", public"#), "'$user', 'public'");
        assert_eq!(
            words(r#"search_path="a,b", "say ""x""", "Mixed Case",c"#),
            r#"'a,b', 'say "x"', 'Mixed Case', 'c'"#
        );
        assert_eq!(words(r#"search_path="""#), "''");
    }
}
