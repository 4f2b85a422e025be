//! What two databases say differently of their objects.
//!
//! Invariant: pure. What is on one side only is one difference, whatever hangs on it. Each aspect that differs is one.
//! Deliberately absent: how a difference is told to people (see `terminal`) and what it means for the exit code.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::Difference;
use super::names::Names;
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
    let [mut source, mut target] = under_one_name([source, target], how);
    for definitions in [&mut source, &mut target] {
        versions::level(definitions, how.versions);
        how.leave_out(definitions);
    }
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

/// What is chosen of both sides, under the names of the target.
fn under_one_name(mut sides: [Definitions; 2], how: &How) -> [Definitions; 2] {
    for (definitions, chosen) in sides.iter_mut().zip(&how.chosen) {
        chosen.keep(definitions);
    }
    if how.renamed.is_empty() {
        return sides;
    }
    let [source, target] = sides;
    let names = Names::new(&source, how.renamed.iter());
    [names.put(source), names.there().put(target)]
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
