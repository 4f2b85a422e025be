//! Statements: a `String` cannot be executed, only [`Sql`] can.
//!
//! Invariant: `Sql` comes from a template under `sql/` through the [`sql!`](crate::sql) macro, whose holes take
//! only [`Fragment`]s (types that quote themselves, numbers, other `Sql`), or from the archive, whose text is
//! `pg_dump`'s own, or is a condition of the catalogs that `pg_dump` uses as it is, or the user's own. A misspelt hole does not compile. What holds a secret displays as something else.

use std::fmt;

use super::ident::{Ident, Literal, Operator, QualifiedName};

/// One statement, or several separated by semicolons.
#[derive(Clone, PartialEq, Eq)]
pub struct Sql {
    text: String,
    /// What is shown in place of a text that holds a secret.
    shown: Option<String>,
}

impl Sql {
    fn plain(text: String) -> Self {
        Self { text, shown: None }
    }

    /// For the [`sql!`](crate::sql) macro only.
    #[doc(hidden)]
    #[must_use]
    pub fn from_template(text: &str) -> Self {
        Self::plain(text.trim_end().to_owned())
    }

    /// A statement that `pg_dump` wrote.
    #[must_use]
    pub fn from_archive(text: String) -> Self {
        Self::plain(text)
    }

    /// A condition that an extension has put down in the source's catalogs, for `pg_dump` to append as it is.
    #[must_use]
    pub fn from_catalog(text: &str) -> Self {
        Self::plain(text.to_owned())
    }

    /// A condition that the user gave for a table; it is his session that it is executed in.
    #[must_use]
    pub fn from_user(text: &str) -> Self {
        Self::plain(text.to_owned())
    }

    /// The same statement, shown to people only as these words: it holds a secret.
    #[must_use]
    pub fn shown_as(mut self, words: String) -> Self {
        self.shown = Some(words);
        self
    }

    /// Whether it holds a secret, and is shown as something else.
    #[must_use]
    pub fn is_secret(&self) -> bool {
        self.shown.is_some()
    }

    /// A fragment that fills its hole with nothing.
    #[must_use]
    pub fn nothing() -> Self {
        Self::plain(String::new())
    }

    /// The statement's text, for the server alone; people are shown its `Display`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Several statements as one, sent in one round trip.
    #[must_use]
    pub fn script<'a>(statements: impl IntoIterator<Item = &'a Sql>) -> Self {
        let statements: Vec<&Sql> = statements.into_iter().collect();
        let ended = |text: &str| {
            let text = text.trim_end();
            format!("{text}{}\n", if text.ends_with(';') { "" } else { ";" })
        };
        let text = statements.iter().map(|sql| ended(&sql.text)).collect();
        let has_secret = statements.iter().any(|sql| sql.shown.is_some());
        let shown = has_secret.then(|| statements.iter().map(|sql| ended(&sql.to_string())).collect());
        Self { text, shown }
    }

    /// Fragments with `separator` between them.
    #[must_use]
    pub fn join<F: Fragment>(fragments: impl IntoIterator<Item = F>, separator: &str) -> Self {
        let parts: Vec<String> = fragments.into_iter().map(|fragment| fragment.to_string()).collect();
        Self::plain(parts.join(separator))
    }
}

impl fmt::Display for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.shown.as_deref().unwrap_or(&self.text))
    }
}

impl fmt::Debug for Sql {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Sql({self})")
    }
}

/// What may fill a hole of a template: a type whose `Display` cannot break out of its place.
pub trait Fragment: fmt::Display {}

impl Fragment for Ident {}
impl Fragment for QualifiedName {}
impl Fragment for Literal {}
impl Fragment for Operator {}
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
        let script = Sql::script(&[Sql::from_template("select 1"), Sql::from_archive("select 2;\n".into())]);
        assert_eq!(script.as_str(), "select 1;\nselect 2;\n");
    }

    #[test]
    fn a_secret_is_sent_but_never_shown() {
        let secret =
            Sql::from_archive("CREATE … password 'hush'".into()).shown_as("-- a user mapping".into());
        let script = Sql::script(&[Sql::from_template("select 1"), secret]);
        assert!(script.as_str().contains("hush"));
        assert!(!script.to_string().contains("hush") && !format!("{script:?}").contains("hush"));
        assert_eq!(script.to_string(), "select 1;\n-- a user mapping;\n");
    }

    #[test]
    fn joined_names_are_quoted() {
        let names = [Ident::new("a"), Ident::new("B c")];
        assert_eq!(Sql::join(&names, ", ").as_str(), r#""a", "B c""#);
    }
}
