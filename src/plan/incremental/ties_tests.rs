use super::super::matching::Matching;
use super::*;
use crate::catalog::tables::End;
use crate::pg::ident::Ident;

const ALLOWED: Allowed =
    Allowed { replica: false, plays_replica: false, fire_triggers: false, no_truncate: false };
const ALL: Rights =
    Rights { select: true, insert: true, update: true, delete: true, truncate: true, owned: true };

fn name(oid: Oid) -> QualifiedName {
    QualifiedName::new("public", format!("t{oid}"))
}

fn table(oid: Oid, way: Way) -> Tied {
    let copy = TableCopy {
        oid,
        source: name(oid),
        own_rows_only: false,
        fetch_size: 1,
        bytes: 1,
        target: name(oid),
        target_oid: oid,
        whole_tree: false,
        way,
        foreign: Vec::new(),
        values: Vec::new(),
        conditions: Vec::new(),
        key: Vec::new(),
        nullable_key: Vec::new(),
        updated: Vec::new(),
        matching: Matching::default(),
        watermark: None,
        files: Vec::new(),
    };
    Tied { copy, root: oid, rights: ALL, triggers: Vec::new(), keys: Vec::new() }
}

fn end(oid: Oid) -> End {
    End { root: oid, name: name(oid), whole_tree: false }
}

fn link(child: Oid, parent: Oid, deferrable: bool) -> Link {
    Link {
        oid: child * 10 + parent,
        name: QualifiedName::new("public", format!("k{child}{parent}")),
        child: end(child),
        parent: end(parent),
        deferrable,
        waits: true,
        cascades: false,
        follows: false,
        columns: Vec::new(),
    }
}

fn replaced(oids: &[Oid]) -> Vec<Tied> {
    oids.iter().map(|oid| table(*oid, Way::Replace)).collect()
}

fn groups(tables: Vec<Tied>, links: &[Link], allowed: Allowed) -> Result<Vec<Group>, Vec<Finding>> {
    components(tables, links, allowed).into_iter().map(Component::group).collect()
}

fn one(tables: Vec<Tied>, links: &[Link], allowed: Allowed) -> Group {
    let mut groups = groups(tables, links, allowed).expect("a plan");
    assert_eq!(groups.len(), 1);
    groups.remove(0)
}

fn order(group: &Group) -> Vec<Oid> {
    group.tables.iter().map(|table| table.oid).collect()
}

#[test]
fn tables_that_nothing_ties_are_groups_of_their_own() {
    assert_eq!(groups(replaced(&[1, 2, 3]), &[link(2, 1, false)], ALLOWED).unwrap().len(), 2);
}

#[test]
fn parents_come_before_children_and_are_emptied_with_them() {
    let group = one(replaced(&[1, 2, 3]), &[link(1, 3, false), link(2, 1, false)], ALLOWED);
    assert_eq!(order(&group), [3, 1, 2]);
    assert_eq!((group.truncated.len(), group.deleted.len(), group.replica), (3, 0, false));
}

#[test]
fn a_table_that_others_refer_to_is_deleted_from_and_so_is_what_it_refers_to() {
    let links = [link(2, 1, false), link(9, 2, true)];
    let group = one(replaced(&[1, 2, 3]).into_iter().take(2).collect(), &links, ALLOWED);
    assert!(group.truncated.is_empty());
    assert_eq!(group.deleted.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>(), [name(2), name(1)]);
    assert_eq!((group.deferred.len(), group.locked.len()), (1, 2));
}

#[test]
fn rows_that_would_go_with_others_are_refused_or_held() {
    let cascade = [Link { waits: false, ..link(9, 1, true) }];
    let refused = groups(replaced(&[1]), &cascade, ALLOWED).unwrap_err();
    assert_eq!(refused[0].code, "foreign-keys-in-the-way");
    let group = one(replaced(&[1]), &cascade, Allowed { replica: true, ..ALLOWED });
    assert!(group.replica && group.checked.len() == 1 && group.locked.contains(&(name(9), false)));
}

#[test]
fn a_circle_waits_if_one_of_its_keys_can() {
    let group = one(replaced(&[1, 2]), &[link(1, 2, false), link(2, 1, true)], ALLOWED);
    assert_eq!((order(&group), group.deferred.len()), (vec![2, 1], 1));
    let hard = [link(1, 2, false), link(2, 1, false)];
    assert!(groups(replaced(&[1, 2]), &hard, ALLOWED).is_err());
    let held = one(replaced(&[1, 2]), &hard, Allowed { replica: true, ..ALLOWED });
    assert!(held.replica && held.checked.len() == 2);
    let mut deferring = replaced(&[1, 2]);
    deferring[0].keys.push(Key {
        name: Ident::new("later"),
        columns: Vec::new(),
        primary: false,
        plain: false,
        immediate: false,
    });
    let refused = groups(deferring, &hard, Allowed { replica: true, ..ALLOWED }).unwrap_err();
    assert_eq!(refused[0].code, "deferrable-key-in-the-way");
}

#[test]
fn triggers_are_disabled_by_the_owner_or_held_off_or_refused() {
    let trigger = |fires| Trigger { table: name(1), name: Ident::new("tr"), fires };
    let with = |fires, owned| {
        let rights = Rights { owned, ..ALL };
        vec![Tied { triggers: vec![trigger(fires)], rights, ..table(1, Way::Upsert) }]
    };
    let group = one(with(Fires::Always, true), &[], ALLOWED);
    assert!(!group.replica && group.silenced.len() == 1);
    assert!(one(with(Fires::Replica, true), &[], ALLOWED).silenced.is_empty());
    assert!(
        one(with(Fires::Origin, true), &[], Allowed { fire_triggers: true, ..ALLOWED }).silenced.is_empty()
    );
    let refused = groups(with(Fires::Origin, false), &[], ALLOWED).unwrap_err();
    assert_eq!(refused[0].code, "triggers-in-the-way");
    let may = Allowed { replica: true, ..ALLOWED };
    assert!(one(with(Fires::Origin, false), &[], may).replica);
    assert!(groups(with(Fires::Always, false), &[], may).is_err());
}

#[test]
fn only_tables_that_are_replaced_are_emptied() {
    let tables = vec![table(1, Way::Replace), table(2, Way::Upsert)];
    let group = one(tables, &[link(2, 1, true)], ALLOWED);
    assert_eq!((group.truncated.len(), group.deleted.len(), group.deferred.len()), (0, 1, 1));
    let group = one(replaced(&[1]), &[], Allowed { no_truncate: true, ..ALLOWED });
    assert_eq!((group.truncated.len(), group.deleted.len()), (0, 1));
}
