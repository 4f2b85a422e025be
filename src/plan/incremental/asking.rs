//! What was asked of a copy into tables that exist: how, and the rules for single tables.
//!
//! Invariant: pure; every malformed rule is a usage error that names its option.
//! Deliberately absent: whether the tables and columns that are named exist.

use crate::error::{Error, Kind, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::sql::Sql;
use crate::plan::rules::{Rule, Rules, end_of_pattern, names};

/// How rows go into a table that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// The table is emptied and filled again.
    Replace,
    /// Only rows whose key is not there are added.
    Append,
    /// Rows are added, or changed where they differ.
    Upsert,
    /// Rows that differ are found first; what the source does not have may be deleted.
    Sync,
}

impl Way {
    /// From the word of the command line.
    pub fn parse(word: &str) -> Result<Self> {
        match word {
            "replace" => Ok(Self::Replace),
            "append" => Ok(Self::Append),
            "upsert" => Ok(Self::Upsert),
            _ => {
                Err(Error::new(Kind::Usage, "it is replace, append or upsert").object(format!("mode {word}")))
            }
        }
    }

    /// The word of the command line and the report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Replace => "replace",
            Self::Append => "append",
            Self::Upsert => "upsert",
            Self::Sync => "sync",
        }
    }
}

/// An expression in the place of a column.
#[derive(Debug, Clone)]
pub struct Set {
    rule: Rule,
    column: Ident,
}

impl Set {
    /// Reads `TABLE.column=expression`.
    pub fn parse(text: &str) -> Result<Self> {
        let malformed =
            || Error::new(Kind::Usage, "it reads TABLE.column=expression").object(format!("--set {text}"));
        let start = if text.starts_with('/') { text.find("/.").ok_or_else(malformed)? + 1 } else { 0 };
        let end = start + end_of_pattern(&text[start..]).ok_or_else(malformed)?;
        let (place, expression) = (&text[..end], text[end + 1..].trim());
        let dot = start + last_dot(&place[start..]).ok_or_else(malformed)?;
        let mut column = names(&place[dot + 1..], ',').ok_or_else(malformed)?;
        let (Some(column), true, false) = (column.pop(), column.is_empty(), expression.is_empty()) else {
            return Err(malformed());
        };
        Ok(Self { rule: Rule::of(&place[..dot], expression)?, column: Ident::new(column) })
    }
}

/// The last dot outside of quotes.
fn last_dot(text: &str) -> Option<usize> {
    let mut quoted = false;
    let dots = text.char_indices().filter(|(_, c)| {
        quoted ^= *c == '"';
        *c == '.' && !quoted
    });
    dots.last().map(|(at, _)| at)
}

/// Reads `TABLE=column`.
pub fn watermark(text: &str) -> Result<(Rule, Ident)> {
    let rule = Rule::parse(text)?;
    let mut columns = names(rule.value(), ',').unwrap_or_default();
    match (columns.pop(), columns.is_empty()) {
        (Some(column), true) => Ok((rule, Ident::new(column))),
        _ => Err(Error::new(Kind::Usage, "it names one column").object(format!("--watermark {text}"))),
    }
}

/// What was asked.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches")]
pub struct Asking {
    /// How, where no rule says otherwise.
    pub way: Way,
    /// How, for single tables.
    pub ways: Vec<(Rule, Way)>,
    /// Rows, columns and names.
    pub rules: Rules,
    /// Expressions in the place of columns.
    pub sets: Vec<Set>,
    /// By which unique key a row is found again.
    pub keys: Vec<Rule>,
    /// By which column new rows are found.
    pub watermarks: Vec<(Rule, Ident)>,
    /// Whether columns that an expression replaces must not leave the source.
    pub mask_on_source: bool,
    /// Whether the user says how far to reach back for what cannot be known.
    pub vouched: bool,
    /// Whether the target's triggers fire.
    pub fire_triggers: bool,
    /// Whether tables are emptied by DELETE.
    pub no_truncate: bool,
}

impl Asking {
    /// How this table of the source is copied; of several rules the last counts.
    #[must_use]
    pub fn way_of(&self, table: &QualifiedName, visible: bool) -> Way {
        let rule = self.ways.iter().rev().find(|(rule, _)| rule.means(table, visible));
        rule.map_or(self.way, |(_, way)| *way)
    }

    /// The expressions in the place of its columns; of several for one column the last counts.
    #[must_use]
    pub fn sets_of(&self, table: &QualifiedName, visible: bool) -> Vec<(Ident, Sql)> {
        let mut sets: Vec<(Ident, Sql)> = Vec::new();
        for set in self.sets.iter().filter(|set| set.rule.means(table, visible)) {
            sets.retain(|(column, _)| *column != set.column);
            sets.push((set.column.clone(), Sql::from_user(set.rule.value())));
        }
        sets
    }

    /// By which key its rows are found again, if one is named: a constraint or columns.
    #[must_use]
    pub fn key_of(&self, table: &QualifiedName, visible: bool) -> Option<Vec<Ident>> {
        let rule = self.keys.iter().rev().find(|rule| rule.means(table, visible))?;
        Some(names(rule.value(), ',').unwrap_or_default().into_iter().map(Ident::new).collect())
    }

    /// The column by which its new rows are found, if one is named; of several rules the last counts.
    #[must_use]
    pub fn watermark_of(&self, table: &QualifiedName, visible: bool) -> Option<Ident> {
        let rule = self.watermarks.iter().rev().find(|(rule, _)| rule.means(table, visible));
        rule.map(|(_, column)| column.clone())
    }

    /// Whether any table is copied by a watermark.
    #[must_use]
    pub fn has_watermarks(&self) -> bool {
        !self.watermarks.is_empty()
    }

    /// The rules that speak of none of these tables, each with its option.
    #[must_use]
    pub fn unmatched(&self, tables: &[(&QualifiedName, bool)]) -> Vec<(&'static str, String)> {
        let mut lost = self.rules.unmatched(&tables.iter().copied());
        let own = [
            ("--mode", self.ways.iter().map(|(rule, _)| rule).collect::<Vec<_>>()),
            ("--set", self.sets.iter().map(|set| &set.rule).collect()),
            ("--key", self.keys.iter().collect()),
            ("--watermark", self.watermarks.iter().map(|(rule, _)| rule).collect()),
        ];
        for (option, rules) in own {
            let none = |rule: &&Rule| !tables.iter().any(|(name, visible)| rule.means(name, *visible));
            lost.extend(rules.into_iter().filter(none).map(|rule| (option, rule.pattern().to_owned())));
        }
        lost
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(text: &str) -> Option<(String, String, String)> {
        let set = Set::parse(text).ok()?;
        Some((set.rule.pattern().into(), set.column.as_str().into(), set.rule.value().into()))
    }

    #[test]
    fn an_expression_is_told_from_its_column_and_its_table() {
        let read =
            |pattern: &str, column: &str, value: &str| Some((pattern.into(), column.into(), value.into()));
        assert_eq!(set("public.users.email='a=b.c'"), read("public.users", "email", "'a=b.c'"));
        assert_eq!(set(r#"users."E.Mail" = null"#), read("users", "E.Mail", "null"));
        assert_eq!(set(r"/^public\.u/.email=md5(email)"), read(r"/^public\.u/", "email", "md5(email)"));
        for wrong in ["users=1", "users.email", "users.email=", ".=1", "u.a,b=1"] {
            assert_eq!(set(wrong), None, "{wrong}");
        }
    }
}
