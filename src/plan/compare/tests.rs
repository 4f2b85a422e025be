use super::*;
use crate::catalog::columns::Key;
use crate::catalog::{Relation, RelationKind};
use crate::plan::fixture::{catalog, relation};
use crate::plan::pattern::Pattern;
use crate::plan::rules::{Rule, Rules};
use crate::plan::select::Selection;

fn table(oid: Oid, name: &str) -> Relation {
    relation(oid, "public", name, RelationKind::Table)
}

fn root(oid: Oid, name: &str) -> Relation {
    relation(oid, "public", name, RelationKind::Partitioned)
}

fn leaf(oid: Oid, name: &str, of: Oid) -> Relation {
    Relation { partition_of: Some(of), ..table(oid, name) }
}

/// Names of the pairs with the numbers of their parts, and what differs.
type Told = (Vec<(String, [usize; 2])>, Vec<(String, String, String)>);

fn told(
    source: Vec<Relation>,
    target: Vec<Relation>,
    selection: &Selection,
    into: &[&str],
) -> crate::error::Result<Told> {
    let (source, target) = (catalog(source), catalog(target));
    let rules = into.iter().map(|text| Rule::parse(text).unwrap()).collect();
    let rules = Rules::new(Vec::new(), Vec::new(), Vec::new(), rules)?;
    let (here, there) = (tables(&source, selection), tables(&target, selection));
    let paired = pair(&here, &there, &target, &rules)?;
    let pairs = paired
        .pairings
        .iter()
        .map(|p| (p.name.name.as_str().to_owned(), [p.parts[0].len(), p.parts[1].len()]));
    let differences = paired.differences.iter().map(|d| (d.name.clone(), d.source.clone(), d.target.clone()));
    Ok((pairs.collect(), differences.collect()))
}

fn named(name: &str, parts: [usize; 2]) -> (String, [usize; 2]) {
    (name.to_owned(), parts)
}

#[test]
fn tables_go_together_by_name_and_what_is_alone_is_named() {
    let (pairs, alone) = told(
        vec![table(1, "a"), table(2, "b")],
        vec![table(7, "b"), table(8, "c")],
        &Selection::default(),
        &[],
    )
    .unwrap();
    assert_eq!(pairs, [named("b", [1, 1])]);
    let alone: Vec<_> =
        alone.iter().map(|(name, here, there)| (name.as_str(), here.as_str(), there.as_str())).collect();
    assert_eq!(alone, [("a", "table", "missing"), ("c", "missing", "table")]);
}

#[test]
fn a_partitioned_table_is_one_with_its_partitions_whatever_the_other_side_has() {
    let tree = || vec![root(1, "p"), leaf(2, "p1", 1), leaf(3, "p2", 1)];
    let all = Selection::default();
    assert_eq!(told(tree(), tree(), &all, &[]).unwrap().0, [named("p", [2, 2])]);
    assert_eq!(told(tree(), vec![table(9, "p")], &all, &[]).unwrap().0, [named("p", [2, 1])]);
    let only = Selection { tables: vec![Pattern::parse("p").unwrap()], ..Selection::default() };
    assert_eq!(told(tree(), tree(), &only, &[]).unwrap().0, [named("p", [2, 2])]);
    let but = Selection { exclude_tables: vec![Pattern::parse("p2").unwrap()], ..Selection::default() };
    assert_eq!(told(tree(), tree(), &but, &[]).unwrap().0, [named("p", [1, 1])]);
    // Partitions that are tables of their own on the other side are not missing there.
    let plain = || vec![table(1, "p1"), table(2, "p2")];
    assert_eq!(
        told(plain(), tree(), &all, &[]).unwrap(),
        (vec![named("p1", [1, 1]), named("p2", [1, 1])], Vec::new())
    );
}

#[test]
fn a_partition_comes_with_its_root_from_any_schema_unless_that_is_left_out() {
    let away = |oid| Relation { partition_of: Some(1), ..relation(oid, "away", "p2", RelationKind::Table) };
    let tree = || vec![root(1, "p"), leaf(2, "p1", 1), away(3)];
    let public = Pattern::parse("public").unwrap();
    let only = Selection { schemas: vec![public], ..Selection::default() };
    assert_eq!(told(tree(), tree(), &only, &[]).unwrap().0, [named("p", [2, 2])]);
    let but = Selection { exclude_schemas: vec![Pattern::parse("away").unwrap()], ..Selection::default() };
    assert_eq!(told(tree(), tree(), &but, &[]).unwrap().0, [named("p", [1, 1])]);
}

#[test]
fn a_partition_that_the_source_has_detached_is_compared_beside_the_root() {
    let detached = vec![root(1, "p"), leaf(2, "p1", 1), table(3, "p2")];
    let tree = vec![root(1, "p"), leaf(2, "p1", 1), leaf(3, "p2", 1)];
    let wanted = vec![named("p", [1, 2]), named("p2", [1, 1])];
    assert_eq!(told(detached, tree, &Selection::default(), &[]).unwrap(), (wanted, Vec::new()));
}

#[test]
fn a_table_under_another_name_is_found_although_nobody_chose_it_there() {
    let only = Selection { tables: vec![Pattern::parse("a").unwrap()], ..Selection::default() };
    let (pairs, alone) = told(vec![table(1, "a")], vec![table(5, "z")], &only, &["a=public.z"]).unwrap();
    assert_eq!((pairs, alone), (vec![named("a", [1, 1])], Vec::new()));
    let two =
        told(vec![table(1, "a"), table(2, "b")], vec![table(5, "z")], &Selection::default(), &["*=public.z"]);
    assert!(two.is_err());
}

fn anatomy(columns: &[(&str, &str)], keys: &[&[&str]]) -> Anatomy {
    let column = |(name, kind): &(&str, &str)| Column {
        name: Ident::new(*name),
        type_name: (*kind).to_owned(),
        has_length: false,
        path: vec![(*kind).to_owned()],
    };
    let key = |columns: &&[&str]| Key {
        name: "k".into(),
        columns: columns.iter().map(|c| Ident::new(*c)).collect(),
    };
    Anatomy { columns: columns.iter().map(column).collect(), keys: keys.iter().map(key).collect() }
}

fn compared(source: Anatomy, target: Anatomy) -> Comparison {
    let catalogs = [catalog(vec![table(1, "t")]), catalog(vec![table(2, "t")])];
    let selection = Selection::default();
    let (here, there) = (tables(&catalogs[0], &selection), tables(&catalogs[1], &selection));
    let paired = pair(&here, &there, &catalogs[1], &Rules::default()).unwrap();
    let anatomies = [HashMap::from([(1, source)]), HashMap::from([(2, target)])];
    let sides = Sides {
        catalogs: [&catalogs[0], &catalogs[1]],
        anatomies: [&anatomies[0], &anatomies[1]],
        records: true,
        by_key: true,
    };
    compare(paired.pairings, &sides)
}

#[test]
fn columns_are_compared_in_one_order_and_differing_ones_named() {
    let comparison = compared(
        anatomy(&[("b", "int4"), ("a", "text"), ("x", "int4")], &[]),
        anatomy(&[("a", "varchar"), ("b", "int4"), ("y", "int4")], &[]),
    );
    let names: Vec<&str> = comparison.subjects[0].columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["a", "b"]);
    let differing: Vec<_> = comparison.differences.iter().map(|d| d.column.clone().unwrap()).collect();
    assert_eq!(differing, ["a", "x", "y"]);
    assert_eq!(comparison.warnings[0].code, "no-key");
}

#[test]
fn rows_are_told_by_the_first_key_whose_columns_both_sides_have() {
    let columns = [("a", "int4"), ("b", "int4")];
    let key = |source: &[&[&str]], target: &[&[&str]]| {
        let comparison =
            compared(anatomy(&[("x", "int4"), columns[0], columns[1]], source), anatomy(&columns, target));
        comparison.subjects[0].key.as_ref().map(|key| key.columns[0].name.as_str().to_owned())
    };
    assert_eq!(key(&[&["x"], &["b"]], &[&["a"]]).as_deref(), Some("b"));
    assert_eq!(key(&[&["x"]], &[&["a"]]).as_deref(), Some("a"));
    assert_eq!(key(&[], &[]), None);
}
