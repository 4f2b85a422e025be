use std::collections::{BTreeMap, HashSet};

use super::*;
use crate::job::verify::Counting;

const ALL: Counting = Counting { owner: true, privileges: true, comments: true };

fn object(kind: &str, schema: &str, relation: &str, name: &str) -> Object {
    let [kind, schema, relation, name] = [kind, schema, relation, name].map(str::to_owned);
    Object { schema, relation, name, kind }
}

fn said(aspects: &[(&str, &str)]) -> Definition {
    let aspects =
        aspects.iter().map(|(aspect, text)| ((*aspect).to_owned(), Value::Text((*text).to_owned())));
    Definition { aspects: aspects.collect(), part_of: None }
}

/// A schema with a table, its column, its key with the index, and a sequence of its own.
fn shop() -> Definitions {
    let sequence = Definition { part_of: Some("t".into()), ..said(&[]) };
    Definitions::from([
        (object("schema", "s", "", ""), said(&[("owner", "me")])),
        (object("table", "s", "t", ""), said(&[("owner", "me"), ("comment", "a table")])),
        (object("column", "s", "t", "a"), said(&[("type", "integer"), ("default", "1")])),
        (object("constraint", "s", "t", "k"), said(&[("definition", "PRIMARY KEY (a)")])),
        (object("index", "s", "t", "k"), said(&[("definition", "btree (a)")])),
        (object("sequence", "s", "t_a_seq", ""), sequence),
    ])
}

fn how(counting: Counting) -> How {
    let chosen = Chosen {
        relations: ["t", "t_a_seq", "u"].map(|name| QualifiedName::new("s", name)).into(),
        schemas: HashSet::from(["s".to_owned()]),
        whole_database: true,
        provider: None,
    };
    How { versions: [15, 15], chosen: [chosen.clone(), chosen], renamed: BTreeMap::new(), counting }
}

fn between(source: Definitions, target: Definitions, how: &How) -> Vec<String> {
    let line = |found: Difference| {
        let aspect = found.aspect.map(|aspect| format!(" {aspect}")).unwrap_or_default();
        format!("{}{aspect}: {} | {}", found.object, found.source, found.target)
    };
    compare(source, target, how).into_iter().map(line).collect()
}

/// What differs when the target is the shop after this change.
fn after(change: impl FnOnce(&mut Definitions)) -> Vec<String> {
    let mut target = shop();
    change(&mut target);
    between(shop(), target, &how(ALL))
}

#[test]
fn the_same_is_no_difference() {
    assert_eq!(after(|_| ()), Vec::<String>::new());
}

#[test]
fn what_is_missing_is_told_once_whatever_hangs_on_it() {
    let without = |kept: fn(&Object) -> bool| after(|target| target.retain(|object, _| kept(object)));
    assert_eq!(without(|_| false), ["schema s: there, with 5 parts | missing"]);
    assert_eq!(without(|o| o.kind == "schema"), ["table s.t: there, with 4 parts | missing"]);
    assert_eq!(without(|o| o.name != "k"), ["constraint s.t.k: there, with 1 part | missing"]);
    assert_eq!(without(|o| o.kind != "index"), ["index s.t.k: there | missing"]);
    assert_eq!(without(|o| o.kind != "sequence"), ["sequence s.t_a_seq: there | missing"]);
    assert_eq!(between(Definitions::new(), shop(), &how(ALL)), ["schema s: missing | there, with 5 parts"]);
}

#[test]
fn each_aspect_that_differs_is_told_with_both_values() {
    let changed = after(|target| {
        let column = target.get_mut(&object("column", "s", "t", "a")).expect("it is there");
        *column = said(&[("type", "bigint"), ("identity", "always")]);
    });
    assert_eq!(
        changed,
        [
            "column s.t.a default: 1 | none",
            "column s.t.a identity: none | always",
            "column s.t.a type: integer | bigint"
        ]
    );
}

#[test]
fn what_does_not_count_is_not_compared() {
    let change = |target: &mut Definitions| {
        *target.get_mut(&object("table", "s", "t", "")).expect("it is there") = said(&[("owner", "you")]);
        target.insert(object("default privileges", "s", "", "of you on tables"), said(&[]));
    };
    assert_eq!(after(change).len(), 3);
    let mut target = shop();
    change(&mut target);
    let none = Counting { owner: false, privileges: false, comments: false };
    assert_eq!(between(shop(), target, &how(none)), Vec::<String>::new());
}

#[test]
fn only_what_is_chosen_is_compared() {
    let mut how = how(ALL);
    for chosen in &mut how.chosen {
        chosen.schemas.clear();
        chosen.whole_database = false;
    }
    let more = Definitions::from([
        (object("function", "s", "", "f()"), said(&[])),
        (object("extension", "", "", "hstore"), said(&[])),
        (object("column", "s", "other", "a"), said(&[])),
    ]);
    let source = shop().into_iter().chain(more).collect();
    assert_eq!(between(source, shop(), &how), Vec::<String>::new());
}

#[test]
fn a_renamed_table_is_known_by_its_new_name_in_definitions_too() {
    let check = |table: &str| said(&[("definition", &format!("CHECK (f({table}.*, s.t2, xs.t, 's.t')))"))]);
    let source = Definitions::from([
        (object("table", "s", "t", ""), said(&[])),
        (object("constraint", "s", "t", "c"), check("s.t")),
    ]);
    let target = Definitions::from([
        (object("table", "s", "u", ""), said(&[])),
        (
            object("constraint", "s", "u", "c"),
            said(&[("definition", "CHECK (f(s.u.*, s.t2, xs.t, 's.t')))")]),
        ),
    ]);
    let renamed = BTreeMap::from([(QualifiedName::new("s", "t"), QualifiedName::new("s", "u"))]);
    assert_eq!(between(source, target, &How { renamed, ..how(ALL) }), Vec::<String>::new());
}

#[test]
fn another_version_of_an_extension_counts_if_the_target_can_install_the_sources() {
    let extension = |version: &str, installable: &[&str]| {
        let mut said = said(&[("version", version)]);
        let installable = installable.iter().map(|version| (*version).to_owned()).collect();
        said.aspects.insert("installable".into(), Value::List(installable));
        Definitions::from([(object("extension", "", "", "hstore"), said)])
    };
    let here = || extension("1.5", &["1.5", "1.6"]);
    assert_eq!(
        between(here(), extension("1.6", &["1.5", "1.6", "1.7"]), &how(ALL)),
        ["extension hstore version: 1.5 | 1.6"]
    );
    assert_eq!(between(here(), extension("2.0", &["2.0"]), &how(ALL)), Vec::<String>::new());
}

#[test]
fn the_tool_of_the_copy_may_be_on_the_target_alone() {
    let wrapper = || Definitions::from([(object("extension", "", "", "postgres_fdw"), said(&[]))]);
    assert_eq!(between(Definitions::new(), wrapper(), &how(ALL)), Vec::<String>::new());
    assert_eq!(between(wrapper(), Definitions::new(), &how(ALL)).len(), 1);
}

#[test]
fn what_versions_say_differently_counts_between_equal_versions_only() {
    let view =
        |text: &str| Definitions::from([(object("view", "s", "u", ""), said(&[("definition", text)]))]);
    let not_null = Definitions::from([(object("not-null constraint", "s", "t", "n"), said(&[]))]);
    let sides =
        || (view("SELECT t.a FROM s.t;"), view("SELECT a FROM s.t;").into_iter().chain(not_null.clone()));
    let found = |versions| {
        let (source, target) = sides();
        between(source, target.collect(), &How { versions, ..how(ALL) }).len()
    };
    assert_eq!(found([15, 15]), 2);
    assert_eq!(found([15, 18]), 0);
    assert_eq!(found([16, 18]), 1);
}
