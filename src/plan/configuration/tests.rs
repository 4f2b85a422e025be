use super::*;
use crate::plan::Shape;
use crate::plan::fixture::{SHAPE, catalog, relation};
use crate::plan::select::Selection;

fn marked(oid: Oid, name: &str, needs: &[Oid]) -> Relation {
    let mut table = relation(oid, "ext", name, RelationKind::Table);
    let (extension, condition) = ("shop".into(), "WHERE custom".into());
    table.configuration = Some(Configuration { extension, condition, needs: needs.to_vec(), has_rows: true });
    table.extension_member = true;
    table
}

fn there() -> There {
    let columns = vec![Ident::new("id"), Ident::new("note")];
    There { columns, permitted: true, referenced: false, used: false, value: 1, noted: false }
}

fn fitted(relations: Vec<Relation>, there: &There, existing: &[&str]) -> Fit {
    let catalog = catalog(relations);
    let choice = Selection::default().choose(&catalog);
    let plan = Plan::new(&catalog, &choice, Shape { workers: 2, ..SHAPE });
    let names = catalog.relations.iter().map(|r| (r.name.clone(), there.clone())).collect();
    let extensions = existing.iter().map(|name| (*name).to_owned()).collect();
    let existing = Existing { extensions, ..Existing::default() };
    fit(&plan, chosen(&catalog, &choice), &names, &existing)
}

#[test]
fn what_is_referred_to_goes_first_and_all_of_it_last() {
    let relations =
        vec![marked(1, "a", &[2]), marked(2, "b", &[]), relation(3, "z", "z", RelationKind::Table)];
    let ordered: Vec<Oid> = last(relations.iter()).iter().map(|r| r.oid).collect();
    assert_eq!(ordered, [3, 2, 1]);
    let fit = fitted(relations, &there(), &[]);
    let tables: Vec<&str> =
        fit.plan.chunks.iter().map(|chunk| fit.plan.table_of(chunk).name.name.as_str()).collect();
    assert_eq!(tables, ["z", "b", "a"]);
}

#[test]
fn rows_that_an_extension_of_the_run_has_made_itself_go_first() {
    let fit = fitted(vec![marked(1, "a", &[])], &There { used: true, ..there() }, &[]);
    assert!(fit.plan.tables[0].configuration.as_ref().is_some_and(|rows| rows.replaced));
    assert_eq!(fit.notes[0].undo, None);
}

#[test]
fn an_extension_of_the_target_is_filled_with_a_note_or_left_alone() {
    let fresh = fitted(vec![marked(1, "a", &[])], &there(), &["shop"]);
    assert_eq!(
        fresh.notes[0].undo.as_ref().map(Sql::as_str),
        Some(
            "DELETE FROM ONLY \"ext\".\"a\" WHERE ctid IN (SELECT ctid FROM ONLY \"ext\".\"a\" WHERE custom\n)"
        )
    );
    let used = fitted(vec![marked(1, "a", &[])], &There { used: true, ..there() }, &["shop"]);
    assert!(used.plan.chunks.is_empty() && used.notes.is_empty() && used.left.len() == 1);
    let resumed = There { used: true, noted: true, ..there() };
    let resumed = fitted(vec![marked(1, "a", &[])], &resumed, &["shop"]);
    assert!(resumed.plan.chunks.len() == 1 && resumed.notes.is_empty() && resumed.left.is_empty());
}

#[test]
fn a_table_of_another_version_or_another_owner_is_named() {
    let narrow = There { columns: vec![Ident::new("id")], ..there() };
    assert!(fitted(vec![marked(1, "a", &[])], &narrow, &[]).left[0].reason.contains("lacks its column note"));
    let closed = There { permitted: false, ..there() };
    assert!(fitted(vec![marked(1, "a", &[])], &closed, &[]).left[0].reason.contains("INSERT"));
}

#[test]
fn what_the_source_has_emptied_is_emptied() {
    let mut table = marked(1, "a", &[]);
    table.configuration.as_mut().expect("it is marked").has_rows = false;
    let fit = fitted(vec![table.clone()], &There { used: true, ..there() }, &[]);
    assert!(fit.plan.tables.is_empty() && fit.emptying.len() == 1);
    assert!(fitted(vec![table], &There { used: true, ..there() }, &["shop"]).emptying.is_empty());
}
