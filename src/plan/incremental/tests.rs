use super::*;
use crate::catalog::tables::{Rights, Table};
use crate::plan::fixture::{self, catalog, relation};
use crate::plan::rules::{Rule, Rules};
use crate::plan::select::Selection;

fn column(name: &str, type_name: &str) -> Column {
    Column { not_null: name == "id", ..fixture::column(name, type_name) }
}

fn asking(way: Way) -> Asking {
    Asking {
        way,
        ways: Vec::new(),
        rules: Rules::default(),
        sets: Vec::new(),
        keys: Vec::new(),
        watermarks: Vec::new(),
        mask_on_source: false,
        vouched: false,
        fire_triggers: false,
        no_truncate: false,
    }
}

const ALL: Rights =
    Rights { select: true, insert: true, update: true, delete: true, truncate: true, owned: true };

/// Plans one table whose columns are these on the two sides.
fn plan(asking: &Asking, source: Vec<Column>, target: Vec<Column>) -> Result<CopyPlan, Vec<Finding>> {
    let catalog = catalog(vec![relation(1, "public", "t", RelationKind::Table)]);
    let choice = Selection::default().choose(&catalog);
    let units = units::units(&catalog, &choice);
    let key = Key {
        name: Ident::new("t_pkey"),
        columns: vec![Ident::new("id")],
        primary: true,
        plain: true,
        immediate: true,
    };
    let facts = Table { columns: target, keys: vec![key], rights: ALL, root: 1, ..Table::default() };
    let sides = Sides {
        catalog: &catalog,
        units: &units,
        source: &HashMap::from([(1, source)]),
        source_keys: &HashMap::new(),
        there: &catalog,
        target: &Tables { by_oid: HashMap::from([(1, facts)]), links: Vec::new() },
        may_play_replica: false,
        plays_replica: false,
    };
    CopyPlan::new(asking, &sides)
}

fn same() -> Vec<Column> {
    vec![column("id", "integer"), column("note", "text")]
}

fn codes(findings: &[Finding]) -> Vec<&'static str> {
    findings.iter().map(|finding| finding.code).collect()
}

#[test]
fn tables_that_are_alike_are_copied_without_a_word() {
    let plan = plan(&asking(Way::Upsert), same(), same()).unwrap();
    let table = plan.tables().next().unwrap();
    assert!(plan.warnings.is_empty() && table.nullable_key.is_empty());
    assert_eq!((table.key.len(), table.updated.len(), table.values.len()), (1, 2, 2));
}

#[test]
fn an_identity_column_that_is_always_generated_is_never_changed() {
    let target = vec![Column { always_identity: true, ..column("id", "integer") }, column("note", "text")];
    let keyed = plan(&asking(Way::Upsert), same(), target).unwrap();
    assert_eq!(keyed.tables().next().unwrap().updated, [Ident::new("note")]);
    assert!(keyed.warnings.is_empty());
    let other = vec![column("id", "integer"), Column { always_identity: true, ..column("note", "text") }];
    assert_eq!(codes(&plan(&asking(Way::Upsert), same(), other).unwrap().warnings), ["identity-stays"]);
}

#[test]
fn a_column_that_is_masked_on_the_source_is_not_even_declared() {
    let sets = vec![Set::parse("t.note='x'").unwrap()];
    let masked = Asking { sets, mask_on_source: true, ..asking(Way::Replace) };
    let plan = plan(&masked, same(), same()).unwrap();
    let table = plan.tables().next().unwrap();
    assert_eq!(table.foreign.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["id"]);
    assert!(matches!(table.values[1].1, Value::Expression(_)));
}

#[test]
fn columns_are_read_in_the_targets_type_and_unknown_ones_as_text() {
    let source = vec![column("id", "integer"), column("note", "text"), column("extra", "shop.color")];
    let target = vec![column("id", "bigint"), column("note", "text")];
    let plan = plan(&asking(Way::Replace), source, target).unwrap();
    let table = plan.tables().next().unwrap();
    let types: Vec<&str> = table.foreign.iter().map(|(_, type_name)| type_name.as_str()).collect();
    assert_eq!(types, ["bigint", "text", "text"]);
    assert_eq!(codes(&plan.warnings), ["column-type-differs", "column-missing-on-target"]);
}

#[test]
fn all_that_stands_in_the_way_is_told_at_once() {
    let rule = |text| Rule::parse(text).unwrap();
    let rules = Rules::new(vec![rule("other=true")], vec![rule("t=id,nix")], Vec::new(), Vec::new()).unwrap();
    let strict = Column { not_null: true, ..column("must", "text") };
    let target = vec![column("id", "integer"), strict];
    let findings = plan(&Asking { rules, ..asking(Way::Append) }, same(), target).unwrap_err();
    assert_eq!(codes(&findings), ["rule-matches-nothing", "unknown-column", "column-without-value"]);
}
