//! Names and literals that know how to quote themselves.
//!
//! Invariant: `Display` of these types is always safe to stand in a statement.

use std::fmt;

use serde::{Serialize, Serializer};

/// An SQL identifier; displayed in double quotes, always.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ident(String);

impl Ident {
    /// An identifier from the name as the catalogs hold it.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as the catalogs hold it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Ident {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.replace('"', "\"\""))
    }
}

impl Serialize for Ident {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// A schema-qualified name; displayed quoted.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct QualifiedName {
    /// The schema.
    pub schema: Ident,
    /// The name within it.
    pub name: Ident,
}

impl QualifiedName {
    /// A qualified name from names as the catalogs hold them.
    pub fn new(schema: impl Into<String>, name: impl Into<String>) -> Self {
        Self { schema: Ident::new(schema), name: Ident::new(name) }
    }

    /// The name for people: quoted only where PostgreSQL would need it.
    #[must_use]
    pub fn plain(&self) -> String {
        format!("{}.{}", plain(&self.schema), plain(&self.name))
    }
}

impl fmt::Display for QualifiedName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.schema, self.name)
    }
}

fn plain(ident: &Ident) -> String {
    let name = ident.as_str();
    let simple = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    if simple { name.to_owned() } else { ident.to_string() }
}

/// The name of an operator, made of the characters that such a name may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operator(String);

impl Operator {
    /// An operator of this name; none has any other characters than these.
    #[must_use]
    pub fn new(name: &str) -> Option<Self> {
        let is_one = !name.is_empty() && name.chars().all(|c| "+-*/<>=~!@#%^&|`?".contains(c));
        is_one.then(|| Self(name.to_owned()))
    }
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A string literal; displayed in single quotes, as an escape string where it holds a backslash
/// (so that it means the same whatever `standard_conforming_strings` says).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Literal(String);

impl Literal {
    /// A literal of this text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let quoted = self.0.replace('\'', "''");
        if quoted.contains('\\') {
            write!(f, "E'{}'", quoted.replace('\\', "\\\\"))
        } else {
            write!(f, "'{quoted}'")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_inside_names_are_doubled() {
        assert_eq!(QualifiedName::new("a\"b", "select").to_string(), r#""a""b"."select""#);
    }

    #[test]
    fn people_see_quotes_only_where_they_are_needed() {
        assert_eq!(QualifiedName::new("public", "Order Items").plain(), r#"public."Order Items""#);
    }

    #[test]
    fn an_operator_holds_nothing_but_an_operator() {
        assert_eq!(Operator::new("<@").map(|operator| operator.to_string()), Some("<@".into()));
        assert!(["", "=) OR (", "a", "= "].iter().all(|name| Operator::new(name).is_none()));
    }

    #[test]
    fn literals_survive_quotes_and_backslashes() {
        assert_eq!(Literal::new("it's").to_string(), "'it''s'");
        assert_eq!(Literal::new(r"a\'b").to_string(), r"E'a\\''b'");
    }
}
