//! What two databases say differently of their objects.
//!
//! Invariant: pure. What is on one side only is one difference, whatever hangs on it. Each aspect that differs is one.
//! Deliberately absent: how a difference is told to people (see `terminal`) and what it means for the exit code.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::Difference;
use super::{Chosen, Definition, Definitions, Object, Value, privileges, versions};
use crate::job::verify::Counting;
use crate::pg::ident::QualifiedName;

/// What is compared, and how.
#[derive(Debug, Clone)]
pub struct How {
    /// The major versions of source and target.
    pub versions: [u32; 2],
    /// What was chosen of source and target.
    pub chosen: [Chosen; 2],
    /// Tables that have another name on the target.
    pub renamed: BTreeMap<QualifiedName, QualifiedName>,
    /// Which of what is said counts.
    pub counting: Counting,
}

/// Everything that differs, by object.
#[must_use]
pub fn compare(source: Definitions, target: Definitions, how: &How) -> Vec<Difference> {
    let prepare = |mut definitions: Definitions, side: usize| {
        how.chosen[side].keep(&mut definitions);
        versions::level(&mut definitions, how.versions);
        how.leave_out(&mut definitions);
        definitions
    };
    let mut source = rename(prepare(source, 0), &how.renamed);
    let mut target = prepare(target, 1);
    target.retain(|object, _| !is_our_tool(object) || source.contains_key(object));
    extensions_as_installable(&mut source, &mut target);
    let mut differences = alone(&source, &target, true);
    differences.extend(alone(&target, &source, false));
    for (object, here) in &source {
        if let Some(there) = target.get(object) {
            differences.extend(aspects(object, here, there));
        }
    }
    differences.sort_by(|a, b| (&a.object, &a.aspect).cmp(&(&b.object, &b.aspect)));
    differences
}

impl How {
    /// Takes off what does not count.
    fn leave_out(&self, definitions: &mut Definitions) {
        definitions.retain(|object, _| self.counting.privileges || object.kind != "default privileges");
        for definition in definitions.values_mut() {
            definition.aspects.retain(|aspect, _| match aspect.as_str() {
                "owner" => self.counting.owner,
                privileges::ASPECT => self.counting.privileges,
                "comment" | "attribute comments" => self.counting.comments,
                _ => true,
            });
        }
    }
}

/// What fdwcopy needs on a target and an administrator may have installed there.
fn is_our_tool(object: &Object) -> bool {
    object.kind == "extension" && object.name == "postgres_fdw"
}

/// An extension may have another version where the target's server cannot install the source's: that is the server's
/// age, and no difference between the databases.
fn extensions_as_installable(source: &mut Definitions, target: &mut Definitions) {
    for (object, there) in target.iter_mut().filter(|(object, _)| object.kind == "extension") {
        let installable = there.aspects.remove("installable");
        let Some(here) = source.get_mut(object) else { continue };
        let can_be = |version: &Value| match (version, &installable) {
            (Value::Text(version), Some(Value::List(versions))) => versions.contains(version),
            _ => false,
        };
        if !here.aspects.get("version").is_some_and(can_be) {
            here.aspects.remove("version");
            there.aspects.remove("version");
        }
    }
    for definition in source.values_mut() {
        definition.aspects.remove("installable");
    }
}

/// The source's objects under the names of the target, in definitions too.
fn rename(definitions: Definitions, renamed: &BTreeMap<QualifiedName, QualifiedName>) -> Definitions {
    if renamed.is_empty() {
        return definitions;
    }
    let names: Vec<(String, String)> = renamed.iter().map(|(from, to)| (from.plain(), to.plain())).collect();
    let text = |text: &mut String| {
        for (from, to) in &names {
            *text = with_name(text, from, to);
        }
    };
    let moved = |(mut object, mut definition): (Object, Definition)| {
        if let Some(name) = object.of_relation().as_ref().and_then(|name| renamed.get(name)) {
            name.schema.as_str().clone_into(&mut object.schema);
            name.name.as_str().clone_into(&mut object.relation);
        }
        for value in definition.aspects.values_mut() {
            match value {
                Value::Text(value) => text(value),
                Value::List(list) => list.iter_mut().for_each(text),
            }
        }
        (object, definition)
    };
    definitions.into_iter().map(moved).collect()
}

/// The text with one name in the place of another, wherever it stands as a whole.
fn with_name(text: &str, from: &str, to: &str) -> String {
    let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '$' || c == '"';
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (before, after) = (&rest[..at], &rest[at + from.len()..]);
        let whole = !before.ends_with(is_name) && !after.starts_with(is_name);
        result.push_str(before);
        result.push_str(if whole { to } else { from });
        rest = after;
    }
    result + rest
}

/// The objects of one side that the other lacks, but for those that are missing with something else.
fn alone(here: &Definitions, there: &Definitions, in_source: bool) -> Vec<Difference> {
    let missing = Missing::new(here.keys().filter(|object| !there.contains_key(*object)));
    let mut parts: BTreeMap<&Object, usize> = BTreeMap::new();
    for object in &missing.all {
        let whole = missing.whole_of(object, &here[*object]);
        *parts.entry(whole.unwrap_or(object)).or_default() += usize::from(whole.is_some());
    }
    let difference = |(object, parts): (&Object, usize)| Difference::alone(object.clone(), in_source, parts);
    parts.into_iter().map(difference).collect()
}

/// The objects that a side lacks.
struct Missing<'a> {
    all: BTreeSet<&'a Object>,
    schemas: BTreeMap<&'a str, &'a Object>,
    relations: BTreeMap<(&'a str, &'a str), &'a Object>,
}

impl<'a> Missing<'a> {
    fn new(objects: impl Iterator<Item = &'a Object>) -> Self {
        let all: BTreeSet<&Object> = objects.collect();
        let schemas = all.iter().filter(|object| object.kind == "schema");
        let relations = all.iter().filter(|object| object.is_relation());
        Self {
            schemas: schemas.map(|object| (object.schema.as_str(), *object)).collect(),
            relations: relations
                .map(|object| ((object.schema.as_str(), object.relation.as_str()), *object))
                .collect(),
            all,
        }
    }

    /// The object with which this one is missing too: its schema, the relation that it hangs on, the constraint that an
    /// index is for.
    fn whole_of(&self, object: &Object, definition: &Definition) -> Option<&'a Object> {
        let relation = definition.part_of.as_ref().unwrap_or(&object.relation);
        let constraint = || {
            let of_that_name = Object { kind: "constraint".into(), ..object.clone() };
            self.all.get(&of_that_name).filter(|_| object.kind == "index")
        };
        let schema = self.schemas.get(object.schema.as_str());
        let relation = self.relations.get(&(object.schema.as_str(), relation.as_str()));
        let other = |whole: &&&Object| **whole != object;
        schema.filter(other).or(relation.filter(other)).or_else(constraint).copied()
    }
}

/// What the sides say differently of an object that both have.
fn aspects<'a>(
    object: &'a Object,
    here: &'a Definition,
    there: &'a Definition,
) -> impl Iterator<Item = Difference> + 'a {
    let names: BTreeSet<&String> = here.aspects.keys().chain(there.aspects.keys()).collect();
    names.into_iter().filter_map(move |aspect| {
        let (source, target) = (here.aspects.get(aspect), there.aspects.get(aspect));
        (source != target).then(|| Difference::between(object, aspect, source, target))
    })
}
