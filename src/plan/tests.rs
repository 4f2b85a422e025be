use super::fixture::{SHAPE, catalog, relation};
use super::select::Selection;
use super::*;

fn plan(relations: Vec<Relation>, shape: Shape) -> Plan {
    let catalog = catalog(relations);
    let choice = Selection::default().choose(&catalog);
    Plan::new(&catalog, &choice, shape)
}

fn large(oid: Oid, name: &str) -> Relation {
    let mut table = relation(oid, "public", name, RelationKind::Table);
    (table.bytes, table.pages, table.tuples) = (1 << 30, 131_072, 1e7);
    table
}

#[test]
fn a_large_table_is_cut_and_a_small_one_travels_whole() {
    let plan = plan(vec![large(1, "big"), relation(2, "public", "small", RelationKind::Table)], SHAPE);
    assert!(plan.tables[0].chunks > 8);
    assert_eq!(plan.tables[1].chunks, 1);
    assert_eq!(plan.chunks.last().map(|chunk| (chunk.table, chunk.range)), Some((1, None)));
}

#[test]
fn nothing_is_cut_where_ranges_would_scan_the_whole_table() {
    let plan = plan(vec![large(1, "big")], Shape { ctid_ranges: false, ..SHAPE });
    assert_eq!((plan.tables[0].chunks, plan.chunks[0].range), (1, None));
}

#[test]
fn a_table_that_is_not_a_heap_travels_whole() {
    let mut columnar = large(1, "columnar");
    columnar.heap = false;
    assert_eq!(plan(vec![columnar], SHAPE).tables[0].chunks, 1);
}

#[test]
fn partitioned_tables_and_views_hold_no_rows_to_copy() {
    let plan = plan(
        vec![
            relation(1, "public", "parted", RelationKind::Partitioned),
            relation(2, "public", "leaf", RelationKind::Table),
            relation(3, "public", "view", RelationKind::View),
        ],
        SHAPE,
    );
    assert_eq!(plan.tables.iter().map(|t| t.oid).collect::<Vec<_>>(), [2]);
}

#[test]
fn a_partitioned_table_without_its_partitions_is_told() {
    let mut leaf = relation(2, "public", "leaf", RelationKind::Table);
    leaf.partition_of = Some(1);
    let catalog = catalog(vec![relation(1, "public", "parted", RelationKind::Partitioned), leaf]);
    let tables = vec![pattern::Pattern::parse("public.parted").expect("a good pattern")];
    let choice = Selection { tables, ..Selection::default() }.choose(&catalog);
    assert_eq!(Plan::new(&catalog, &choice, SHAPE).warnings[0].code, "partition-left-out");
    let everything = Selection::default().choose(&catalog);
    let plan = Plan::new(&catalog, &everything, SHAPE);
    assert!(plan.warnings.is_empty());
    assert_eq!(plan.analyzed, [QualifiedName::new("public", "parted")]);
}

#[test]
fn an_unpopulated_view_stays_unpopulated() {
    let mut empty = relation(1, "public", "empty", RelationKind::MaterializedView);
    empty.populated = false;
    let full = relation(2, "public", "full", RelationKind::MaterializedView);
    let plan = plan(vec![empty, full], SHAPE);
    assert_eq!(plan.refreshes, [Refresh { name: QualifiedName::new("public", "full"), after: vec![] }]);
}

#[test]
fn a_table_whose_definition_failed_is_not_copied() {
    let plan = plan(vec![large(1, "big"), relation(2, "public", "small", RelationKind::Table)], SHAPE);
    let rest = plan.without(|name| name.name.as_str() == "big");
    assert_eq!(rest.chunks.len(), 1);
}

#[test]
fn subscriptions_are_named_with_and_without_rows() {
    let mut catalog = catalog(vec![]);
    catalog.database.subscriptions = vec!["feed".into()];
    let choice = Selection::default().choose(&catalog);
    for schema_only in [false, true] {
        let plan = Plan::new(&catalog, &choice, Shape { schema_only, ..SHAPE });
        let kinds: Vec<&str> = plan.not_copied.iter().map(|left| left.kind.as_str()).collect();
        assert_eq!(kinds, ["SUBSCRIPTION"]);
    }
}
