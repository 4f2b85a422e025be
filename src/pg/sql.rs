//! Statements: a `String` cannot be executed, only [`Sql`] can.
//!
//! Invariant: `Sql` comes from a template under `sql/` through the [`sql!`](crate::sql) macro, whose holes take
//! only [`Fragment`]s (types that quote themselves, numbers, other `Sql`), or from the archive, whose text is
//! `pg_dump`'s own. A misspelt hole does not compile.

use std::fmt;

use super::ident::{Ident, Literal, QualifiedName};

/// One statement, or several separated by semicolons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sql(String);

impl Sql {
    /// For the [`sql!`](crate::sql) macro only.
    #[doc(hidden)]
    #[must_use]
    pub fn from_template(text: &str) -> Self {
        Self(text.trim_end().to_owned())
    }

    /// A statement that `pg_dump` wrote.
    #[must_use]
    pub fn from_archive(text: String) -> Self {
        Self(text)
    }

    /// A fragment that fills its hole with nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self(String::new())
    }

    /// The statement's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Several statements as one text, sent in one round trip.
    #[must_use]
    pub fn script<'a>(statements: impl IntoIterator<Item = &'a Sql>) -> Self {
        let mut text = String::new();
        for Sql(statement) in statements {
            let statement = statement.trim_end();
            text.push_str(statement);
            text.push_str(if statement.ends_with(';') { "\n" } else { ";\n" });
        }
        Self(text)
    }

    /// Fragments with `separator` between them.
    #[must_use]
    pub fn join<F: Fragment>(fragments: impl IntoIterator<Item = F>, separator: &str) -> Self {
        let parts: Vec<String> = fragments.into_iter().map(|fragment| fragment.to_string()).collect();
        Self(parts.join(separator))
    }
}

impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What may fill a hole of a template: a type whose `Display` cannot break out of its place.
pub trait Fragment: fmt::Display {}

impl Fragment for Ident {}
impl Fragment for QualifiedName {}
impl Fragment for Literal {}
impl Fragment for Sql {}
impl Fragment for u32 {}
impl Fragment for u64 {}
impl Fragment for i64 {}
impl Fragment for usize {}
impl Fragment for bool {}
impl<F: Fragment> Fragment for &F {}

/// A statement from the template `sql/<file>`, its holes filled with [`Fragment`]s.
#[macro_export]
macro_rules! sql {
    ($file:literal $(, $hole:ident = $value:expr)* $(,)?) => {{
        fn fragment<F: $crate::pg::sql::Fragment + ?Sized>(value: &F) -> &F { value }
        let _ = fragment::<$crate::pg::sql::Sql>;
        $crate::pg::sql::Sql::from_template(&format!(
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/sql/", $file)),
            $($hole = fragment(&$value)),*
        ))
    }};
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_separates_its_statements() {
        let script = Sql::script(&[Sql("select 1".into()), Sql("select 2;\n".into())]);
        assert_eq!(script.as_str(), "select 1;\nselect 2;\n");
    }

    #[test]
    fn joined_names_are_quoted() {
        let names = [Ident::new("a"), Ident::new("B c")];
        assert_eq!(Sql::join(&names, ", ").as_str(), r#""a", "B c""#);
    }
}
