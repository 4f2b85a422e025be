//! Tables of another name, wherever a server prints their names.
//!
//! Invariant: pure, and one pass: what was put in a name's place is not looked at again. A name is one as the server
//! prints it, as a whole, and not what happens to stand in a literal, a comment or the body of a function. On both sides
//! it comes out quoted, because which names are quoted depends on the server's keywords.
//! Deliberately absent: which tables have another name.

use std::collections::HashMap;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::{Definition, Definitions, Object, Value, privileges};
use crate::pg::ident::{Ident, QualifiedName};

/// A literal, a number, or names with dots between them.
static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = r#"(?:"(?:[^"]|"")*"|[\p{L}_][\w$]*)"#;
    Regex::new(&format!(
        r"'(?<literal>(?:[^']|'')*)'(?:::regclass)?|\d[\w.]*|(?<names>{name}(?:\.{name})*(?:\.\*)?)"
    ))
    .ok()
});

/// What somebody wrote, and the server does not read.
const VERBATIM: [&str; 9] = [
    "attribute comments",
    "body",
    "comment",
    "labels",
    "options",
    "owner",
    "server options",
    "settings",
    privileges::ASPECT,
];
/// Objects whose names hold those of types.
const SIGNED: [&str; 6] = ["aggregate", "cast", "function", "operator", "procedure", "transform"];

/// Names, and what they become.
pub(super) struct Names(HashMap<QualifiedName, QualifiedName>);

impl Names {
    /// These names; the indexes of a table go with it into its schema.
    pub(super) fn new<'a>(
        definitions: &Definitions,
        renamed: impl Iterator<Item = (&'a QualifiedName, &'a QualifiedName)>,
    ) -> Self {
        let mut names: HashMap<_, _> = renamed.map(|(from, to)| (from.clone(), to.clone())).collect();
        let indexes = definitions.keys().filter(|object| object.kind == "index").filter_map(|index| {
            let to = names.get(&index.of_relation()?)?;
            let name = |schema: &str| QualifiedName::new(schema, index.name.as_str());
            Some((name(&index.schema), name(to.schema.as_str())))
        });
        let indexes: Vec<_> = indexes.collect();
        names.extend(indexes);
        Self(names)
    }

    /// The same names on the side that has them already.
    pub(super) fn there(&self) -> Self {
        Self(self.0.values().map(|to| (to.clone(), to.clone())).collect())
    }

    /// The objects under their new names, in definitions too.
    pub(super) fn put(&self, definitions: Definitions) -> Definitions {
        let each = definitions.into_iter().map(|(mut object, mut definition)| {
            let own = object.of_relation();
            self.put_in_values(&mut definition, own.as_ref());
            if let Some(to) = own.as_ref().and_then(|own| self.0.get(own)) {
                to.schema.as_str().clone_into(&mut object.schema);
                to.name.as_str().clone_into(&mut object.relation);
            }
            if SIGNED.contains(&object.kind.as_str()) {
                object = Object { name: self.put_in_text(&object.name, None), ..object };
            }
            (object, definition)
        });
        each.collect()
    }

    fn put_in_values(&self, definition: &mut Definition, own: Option<&QualifiedName>) {
        let read = definition.aspects.iter_mut().filter(|(aspect, _)| !VERBATIM.contains(&aspect.as_str()));
        for (_, value) in read {
            match value {
                Value::Text(text) => *text = self.put_in_text(text, own),
                Value::List(list) => {
                    for text in list {
                        *text = self.put_in_text(text, own);
                    }
                }
            }
        }
    }

    /// `own` is the table that the text is about: its name may stand before a column without its schema.
    fn put_in_text(&self, text: &str, own: Option<&QualifiedName>) -> String {
        let Some(token) = TOKEN.as_ref() else { return text.to_owned() };
        let alone = self.alone(token, text, own);
        let put = |found: &Captures<'_>| {
            let whole = &found[0];
            if let Some(names) = found.name("names") {
                let parts = parts(names.as_str());
                return self.put_in_parts(&parts, &alone).unwrap_or_else(|| whole.to_owned());
            }
            let of_relation = found.name("literal").filter(|_| whole.ends_with("::regclass"));
            let moved =
                of_relation.and_then(|literal| self.get(&parts(&literal.as_str().replace("''", "'"))));
            moved.map_or_else(
                || whole.to_owned(),
                |to| format!("'{}'::regclass", to.to_string().replace('\'', "''")),
            )
        };
        token.replace_all(text, put).into_owned()
    }

    fn put_in_parts(&self, parts: &[&str], alone: &HashMap<String, Ident>) -> Option<String> {
        let (to, rest) = match self.get(parts) {
            Some(to) => (to.to_string(), &parts[2..]),
            None => {
                (alone.get(&unquoted(parts.first()?)).filter(|_| parts.len() > 1)?.to_string(), &parts[1..])
            }
        };
        Some(rest.iter().fold(to, |names, name| format!("{names}.{name}")))
    }

    /// The new name of the table with which these names begin.
    fn get(&self, parts: &[&str]) -> Option<&QualifiedName> {
        let [schema, name, ..] = parts else { return None };
        self.0.get(&QualifiedName::new(unquoted(schema), unquoted(name)))
    }

    /// The tables by whose bare names the text calls columns: those it names without an alias. Printed keywords are in
    /// capitals, so what is not is an alias.
    fn alone(&self, token: &Regex, text: &str, own: Option<&QualifiedName>) -> HashMap<String, Ident> {
        let bare = |from: &str, to: &QualifiedName| (from.to_owned(), to.name.clone());
        let named = token.captures_iter(text).filter_map(|found| {
            let names = found.name("names")?;
            let parts = parts(names.as_str());
            let to = self.get(&parts)?;
            let rest = text[names.end()..].strip_prefix(' ').unwrap_or_default();
            let has_alias = rest.starts_with(|c: char| c == '"' || c == '_' || c.is_lowercase());
            (!has_alias).then(|| bare(&unquoted(parts[1]), to))
        });
        let own = own.and_then(|own| Some(bare(own.name.as_str(), self.0.get(own)?)));
        named.chain(own).collect()
    }
}

/// Names with dots between them, each as it is spelt.
fn parts(names: &str) -> Vec<&str> {
    let mut quoted = false;
    let is_dot = |c: char| {
        quoted ^= c == '"';
        c == '.' && !quoted
    };
    names.split(is_dot).collect()
}

/// A name as the catalogs hold it.
fn unquoted(name: &str) -> String {
    let inner = name.strip_prefix('"').and_then(|name| name.strip_suffix('"'));
    inner.map_or_else(|| name.to_owned(), |inner| inner.replace("\"\"", "\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(renamed: &[(&str, &str)]) -> Names {
        let name = |text: &str| {
            let (schema, name) = text.split_once('.').unwrap();
            QualifiedName::new(schema, name)
        };
        Names(renamed.iter().map(|(from, to)| (name(from), name(to))).collect())
    }

    #[track_caller]
    fn becomes(renamed: &[(&str, &str)], text: &str, wanted: &str) {
        assert_eq!(names(renamed).put_in_text(text, None), wanted);
    }

    #[test]
    fn a_chain_of_names_is_put_in_one_pass() {
        let renamed = [("s.a", "s.b"), ("s.b", "s.c")];
        becomes(&renamed, "FROM s.a JOIN s.b ON s.a.x", r#"FROM "s"."b" JOIN "s"."c" ON "s"."b".x"#);
    }

    #[test]
    fn a_name_is_one_as_a_whole_only_however_it_is_quoted() {
        let renamed = [("s.t", "s.u"), ("S x.a.b", "s.a")];
        becomes(&renamed, "s.t2, xs.t, s.t.*, x.s.t", r#"s.t2, xs.t, "s"."u".*, x.s.t"#);
        becomes(&renamed, r#""S x"."a.b".c, "S x".a.b"#, r#""s"."a".c, "S x".a.b"#);
        becomes(&[("s.a\"b", "s.c")], r#"s."a""b""#, r#""s"."c""#);
    }

    #[test]
    fn what_stands_in_a_literal_is_no_name_unless_it_is_read_as_one() {
        let renamed = [("s.t", "s.u")];
        becomes(&renamed, "'s.t', E'it''s s.t', 's.t'::text", "'s.t', E'it''s s.t', 's.t'::text");
        becomes(&renamed, "'s.t'::regclass, 's.t2'::regclass", r#"'"s"."u"'::regclass, 's.t2'::regclass"#);
    }

    #[test]
    fn a_column_is_called_by_its_tables_new_name_unless_it_has_an_alias() {
        let renamed = [("s.t", "s.u")];
        becomes(&renamed, "SELECT t.a FROM s.t", r#"SELECT "u".a FROM "s"."u""#);
        becomes(&renamed, "SELECT t.a FROM s.t t", r#"SELECT t.a FROM "s"."u" t"#);
        becomes(&renamed, "SELECT t.a FROM s.x t", "SELECT t.a FROM s.x t");
        let own = QualifiedName::new("s", "t");
        assert_eq!(names(&renamed).put_in_text("CHECK (f(t.*))", Some(&own)), r#"CHECK (f("u".*))"#);
    }
}
