//! What servers of different versions say differently of the same object.
//!
//! Invariant: pure; only what differs between the two versions at hand is taken off, and off both sides alike.
//! `docs/verification.md` lists it.

use std::sync::LazyLock;

use regex::Regex;

use super::privileges::{ASPECT as PRIVILEGES, MAINTAIN};
use super::{Definition, Definitions, Value};

/// The table's name before a column.
static QUALIFIER: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r#"(?:[\w$]+|"(?:[^"]|"")+")\."#).ok());
/// The mode of an argument.
static IN: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"(^|, )IN ").ok());

/// Takes off what a server of one of the versions says and one of the other cannot.
pub(super) fn level(definitions: &mut Definitions, versions: [u32; 2]) {
    let apart = |news: u32| (versions[0] < news) != (versions[1] < news);
    // Up to 17 NOT NULL is nothing but a property of its column, which is compared.
    definitions.retain(|object, _| !(apart(18) && object.kind == "not-null constraint"));
    if apart(17) {
        definitions.values_mut().for_each(without_maintain);
    }
    for (object, definition) in definitions.iter_mut() {
        let aspects = &mut definition.aspects;
        match object.kind.as_str() {
            // Up to 13 there are none.
            "type" if apart(14) => drop(aspects.remove("multirange")),
            // Up to 13 the arguments of a procedure do not say IN.
            "procedure" if apart(14) => replace(definition, "arguments", &IN, "$1"),
            // Up to 14 the sequences of an unlogged table are logged.
            "sequence" if apart(15) => drop(aspects.remove("persistence")),
            // From 16 on a column has no table's name before it where it is clear.
            "view" | "materialized view" if apart(16) => replace(definition, "definition", &QUALIFIER, ""),
            _ => {}
        }
    }
}

fn replace(definition: &mut Definition, aspect: &str, what: &LazyLock<Option<Regex>>, with: &str) {
    if let (Some(Value::Text(text)), Some(what)) = (definition.aspects.get_mut(aspect), what.as_ref()) {
        *text = what.replace_all(text, with).into_owned();
    }
}

/// Up to 16 nobody has MAINTAIN.
fn without_maintain(definition: &mut Definition) {
    if let Some(Value::List(privileges)) = definition.aspects.get_mut(PRIVILEGES) {
        privileges.retain(|privilege| !privilege.starts_with(MAINTAIN));
    }
}
