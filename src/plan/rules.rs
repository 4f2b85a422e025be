//! Rules of the user for single tables: which rows, which columns, and under which name on the target.
//!
//! A rule is `TABLE=…`, where TABLE is a pattern of the source's tables.
//!
//! Invariant: pure. Of several rules for one table the conditions all hold, the columns add up, and the last name counts.
//! Deliberately absent: any look into the condition; the server reads it.

use super::pattern::Pattern;
use crate::error::{Error, Kind, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::sql::Sql;

/// A pattern of tables, and what is said of them.
#[derive(Debug, Clone)]
pub struct Rule {
    pattern: Pattern,
    value: String,
}

impl Rule {
    /// Reads `TABLE=…`; a malformed one is a usage error that names it.
    pub fn parse(text: &str) -> Result<Self> {
        let split = end_of_pattern(text).map(|end| (&text[..end], text[end + 1..].trim()));
        let Some((pattern, value)) = split.filter(|(_, value)| !value.is_empty()) else {
            return Err(Error::new(Kind::Usage, "a rule reads TABLE=…").object(format!("rule {text}")));
        };
        Self::of(pattern, value)
    }

    /// A rule of a pattern and what is said.
    pub fn of(pattern: &str, value: &str) -> Result<Self> {
        Ok(Self { pattern: Pattern::parse(pattern.trim())?, value: value.to_owned() })
    }

    /// Whether it speaks of this table of the source.
    #[must_use]
    pub fn means(&self, table: &QualifiedName, visible: bool) -> bool {
        self.pattern.matches_relation(table.schema.as_str(), table.name.as_str(), visible)
    }

    /// The pattern as it was written.
    #[must_use]
    pub fn pattern(&self) -> &str {
        self.pattern.text()
    }

    /// What is said.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

/// Where the `=` stands that ends the pattern: not within quotes or a regular expression.
pub(super) fn end_of_pattern(text: &str) -> Option<usize> {
    if text.starts_with('/') {
        return text.find("/=").map(|at| at + 1);
    }
    let mut quoted = false;
    text.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '=' && !quoted).then_some(at)
    })
}

/// The rules of a command, each kind with its option.
#[derive(Debug, Clone, Default)]
pub struct Rules {
    conditions: Vec<Rule>,
    columns: Vec<(Rule, Vec<Ident>)>,
    exclude_columns: Vec<(Rule, Vec<Ident>)>,
    into: Vec<(Rule, QualifiedName)>,
}

/// What the rules say of one table.
#[derive(Debug, Clone, Default)]
pub struct Ruling {
    /// Only rows for which all of these are true.
    pub conditions: Vec<Sql>,
    /// Only these columns, if any are named.
    pub columns: Vec<Ident>,
    /// None of these columns.
    pub exclude_columns: Vec<Ident>,
    /// Its name on the target, where that is another.
    pub into: Option<QualifiedName>,
}

impl Ruling {
    /// Whether they mean a column.
    #[must_use]
    pub fn means(&self, column: &Ident) -> bool {
        (self.columns.is_empty() || self.columns.contains(column)) && !self.exclude_columns.contains(column)
    }
}

impl Rules {
    /// Reads what stands behind the patterns.
    pub fn new(
        conditions: Vec<Rule>,
        columns: Vec<Rule>,
        exclude_columns: Vec<Rule>,
        into: Vec<Rule>,
    ) -> Result<Self> {
        let listed = |option: &'static str, rules: Vec<Rule>| -> Result<Vec<_>> {
            let each = rules.into_iter().map(|rule| {
                let columns = names(&rule.value, ',').ok_or_else(|| malformed(option, &rule))?;
                Ok((rule, columns.into_iter().map(Ident::new).collect()))
            });
            each.collect()
        };
        let into = into.into_iter().map(|rule| {
            let parts = names(&rule.value, '.').unwrap_or_default();
            match <[String; 2]>::try_from(parts) {
                Ok([schema, name]) => Ok((rule, QualifiedName::new(schema, name))),
                Err(_) => Err(malformed("--into", &rule).remedy("write TABLE=schema.name")),
            }
        });
        Ok(Self {
            conditions,
            columns: listed("--columns", columns)?,
            exclude_columns: listed("--exclude-columns", exclude_columns)?,
            into: into.collect::<Result<_>>()?,
        })
    }

    /// What they say of this table of the source.
    #[must_use]
    pub fn of(&self, table: &QualifiedName, visible: bool) -> Ruling {
        let is_meant = |rule: &Rule| rule.means(table, visible);
        let listed = |rules: &[(Rule, Vec<Ident>)]| {
            rules.iter().filter(|(rule, _)| is_meant(rule)).flat_map(|(_, columns)| columns.clone()).collect()
        };
        let conditions = self.conditions.iter().filter(|rule| is_meant(rule));
        Ruling {
            conditions: conditions.map(|rule| Sql::from_user(&rule.value)).collect(),
            columns: listed(&self.columns),
            exclude_columns: listed(&self.exclude_columns),
            into: self.into.iter().rev().find(|(rule, _)| is_meant(rule)).map(|(_, name)| name.clone()),
        }
    }

    /// The rules that speak of none of these tables, each with its option.
    #[must_use]
    pub fn unmatched<'a>(
        &self,
        tables: &(impl Iterator<Item = (&'a QualifiedName, bool)> + Clone),
    ) -> Vec<(&'static str, String)> {
        let all = [
            ("--where", self.conditions.iter().collect::<Vec<_>>()),
            ("--columns", self.columns.iter().map(|(rule, _)| rule).collect()),
            ("--exclude-columns", self.exclude_columns.iter().map(|(rule, _)| rule).collect()),
            ("--into", self.into.iter().map(|(rule, _)| rule).collect()),
        ];
        let is_lost = move |rule: &&Rule| !tables.clone().any(|(name, visible)| rule.means(name, visible));
        let lost = all.into_iter().flat_map(|(option, rules)| {
            rules.into_iter().filter(&is_lost).map(move |rule| (option, rule.pattern.text().to_owned()))
        });
        lost.collect()
    }
}

fn malformed(option: &str, rule: &Rule) -> Error {
    Error::new(Kind::Usage, "these are no names").object(format!(
        "{option} {}={}",
        rule.pattern.text(),
        rule.value
    ))
}

/// Names with a separator between them, quoted or folded to lower case as in SQL; `None` if one is missing or broken.
pub(super) fn names(text: &str, separator: char) -> Option<Vec<String>> {
    let mut names = vec![(String::new(), false)];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let (name, was_quoted) = names.last_mut()?;
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                name.push('"');
            }
            '"' => {
                quoted = !quoted;
                *was_quoted = true;
            }
            c if quoted => name.push(c),
            c if c == separator => names.push((String::new(), false)),
            c if c.is_whitespace() && (name.is_empty() || chars.peek().is_none_or(|c| *c == separator)) => {}
            c => name.extend(c.to_lowercase()),
        }
    }
    let whole = names.iter().all(|(name, was_quoted)| *was_quoted || !name.is_empty());
    (!quoted && whole).then(|| names.into_iter().map(|(name, _)| name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(conditions: &[&str], columns: &[&str], into: &[&str]) -> Result<Rules> {
        let parse = |texts: &[&str]| texts.iter().map(|text| Rule::parse(text)).collect::<Result<Vec<_>>>();
        Rules::new(parse(conditions)?, parse(columns)?, Vec::new(), parse(into)?)
    }

    fn ruling(rules: &Rules, schema: &str, name: &str) -> Ruling {
        rules.of(&QualifiedName::new(schema, name), schema == "public")
    }

    #[test]
    fn a_rule_ends_its_pattern_at_the_first_sign_outside_of_quotes() {
        let rules = rules(&["/^a=b/=x = 1", r#"public."c=d"=y=2"#, "e = z >= 3"], &[], &[]).unwrap();
        let condition = |name| ruling(&rules, "public", name).conditions.first().map(Sql::to_string);
        assert_eq!(condition("c=d").as_deref(), Some("y=2"));
        assert_eq!(condition("e").as_deref(), Some("z >= 3"));
        assert_eq!(condition("f"), None);
    }

    #[test]
    fn conditions_all_hold_columns_add_up_and_the_last_name_counts() {
        let rules = rules(&["t=a > 1", "*=b"], &["t=A, \"B c\"", "t=d"], &["t=x.y", "t=z.\"T.t\""]).unwrap();
        let said = ruling(&rules, "public", "t");
        assert_eq!(said.conditions.len(), 2);
        assert_eq!(said.columns, ["a", "B c", "d"].map(Ident::new));
        assert_eq!(said.into, Some(QualifiedName::new("z", "T.t")));
    }

    #[test]
    fn a_malformed_rule_is_a_usage_error() {
        for text in ["t", "t=", "=x", "t= "] {
            assert_eq!(Rule::parse(text).expect_err(text).kind(), Kind::Usage, "{text}");
        }
        assert!(rules(&[], &["t=a,,b"], &[]).is_err() && rules(&[], &["t=\"a"], &[]).is_err());
        assert!(rules(&[], &[], &["t=name"]).is_err() && rules(&[], &[], &["t=a.b.c"]).is_err());
    }

    #[test]
    fn a_rule_that_speaks_of_no_table_is_told_with_its_option() {
        let rules = rules(&["t=true"], &["tt=a"], &[]).unwrap();
        let t = QualifiedName::new("public", "t");
        assert_eq!(rules.unmatched(&[(&t, true)].into_iter()), [("--columns", "tt".to_owned())]);
    }
}
