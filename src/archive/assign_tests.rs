//! Counting with statements that are made up, and with some that `pg_dump` would not print.

use proptest::prelude::*;

use super::*;

fn entry(id: u32, kind: &str, name: &str, needs: &[u32]) -> Entry {
    Entry {
        id: EntryId::new(id),
        class_oid: 1259,
        oid: id,
        kind: kind.into(),
        schema: Some("public".into()),
        name: name.into(),
        owner: None,
        dependencies: needs.iter().copied().map(EntryId::new).collect(),
        settings: Vec::new(),
        sql: Sql::from_archive(format!("CREATE {kind} {name};")),
    }
}

fn numbers(entries: &[&Entry]) -> Vec<String> {
    droppable(entries).iter().map(|entry| entry.id.to_string()).collect()
}

/// Prints as `pg_restore` does, with this many statements for each entry, until all are told.
fn ask(entries: &[&Entry], counts: impl Fn(EntryId) -> usize) -> (Vec<DropStatement>, usize) {
    let (mut told, mut runs) = (Vec::new(), 0);
    let mut groups = vec![entries.to_vec()];
    while let Some(group) = groups.pop() {
        runs += 1;
        let statements = |entry: &&Entry| {
            let id = entry.id;
            (0..counts(id)).map(move |part| Sql::from_archive(format!("DROP {id}.{part};")))
        };
        match assign(&group, group.iter().rev().flat_map(statements).collect()) {
            Assigned::Told(some) => told.extend(some),
            Assigned::Unclear(parts) => groups.extend(parts),
        }
    }
    told.sort_by_key(|one| one.entry);
    (told, runs)
}

#[test]
fn what_is_part_of_a_table_has_no_drop_of_its_own() {
    let entries = [
        entry(1, "TABLE", "t", &[]),
        entry(2, "SEQUENCE", "of_identity", &[1]),
        entry(3, "SEQUENCE", "of_serial", &[1]),
        entry(4, "SEQUENCE OWNED BY", "of_serial", &[3, 1]),
        entry(5, "SEQUENCE", "free", &[]),
        entry(6, "CONSTRAINT", "t t_pkey", &[1]),
        entry(7, "INDEX", "plain", &[1]),
        entry(8, "INDEX", "attached", &[1]),
        entry(9, "INDEX ATTACH", "attached", &[7, 8]),
        entry(10, "FK CONSTRAINT", "t t_fkey", &[1]),
        entry(11, "COMMENT", "TABLE t", &[1]),
    ];
    assert_eq!(numbers(&entries.iter().collect::<Vec<_>>()), ["1", "3", "5", "7", "10"]);
    // Its table is not in the archive.
    let alone: Vec<&Entry> = entries[1..].iter().filter(|entry| entry.kind != "SEQUENCE").collect();
    assert_eq!(numbers(&alone), ["6", "7", "8", "10"]);
}

#[test]
fn as_many_statements_as_entries_are_told_in_one_run() {
    let entries = [entry(1, "TABLE", "a", &[]), entry(2, "VIEW", "b", &[]), entry(3, "TABLE", "c", &[])];
    let (told, runs) = ask(&entries.iter().collect::<Vec<_>>(), |_| 1);
    assert_eq!(runs, 1);
    assert_eq!(
        told.iter().map(|one| one.sql.as_str()).collect::<Vec<_>>(),
        ["DROP 1.0;", "DROP 2.0;", "DROP 3.0;"]
    );
}

#[test]
fn a_kind_without_statements_costs_a_run_a_kind() {
    let entries = [entry(1, "TABLE", "a", &[]), entry(2, "ODD", "b", &[]), entry(3, "VIEW", "c", &[])];
    let (told, runs) = ask(&entries.iter().collect::<Vec<_>>(), |id| usize::from(id != EntryId::new(2)));
    assert_eq!(told.iter().map(|one| one.entry.to_string()).collect::<Vec<_>>(), ["1", "3"]);
    assert_eq!(runs, 4);
}

proptest! {
    #[test]
    fn every_statement_finds_its_entry(has in prop::collection::vec((0..4_usize, any::<bool>()), 0..40)) {
        let kinds = ["TABLE", "INDEX", "TRIGGER", "VIEW"];
        let entries: Vec<Entry> =
            has.iter().zip(1..).map(|(&(kind, _), id)| entry(id, kinds[kind], "x", &[])).collect();
        let count = |id: EntryId| {
            entries.iter().zip(&has).find(|(entry, _)| entry.id == id).map_or(0, |(_, &(_, has))| usize::from(has))
        };
        let (told, _) = ask(&entries.iter().collect::<Vec<_>>(), count);
        let expected: Vec<(EntryId, String)> = entries
            .iter()
            .filter(|entry| count(entry.id) == 1)
            .map(|entry| (entry.id, format!("DROP {}.0;", entry.id)))
            .collect();
        let told: Vec<(EntryId, String)> =
            told.iter().map(|one| (one.entry, one.sql.as_str().to_owned())).collect();
        prop_assert_eq!(told, expected);
    }
}

#[test]
fn a_single_entry_takes_all_that_is_printed_for_it() {
    let entries = [entry(1, "TABLE", "a", &[]), entry(2, "TABLE", "b", &[])];
    let (told, _) = ask(&entries.iter().collect::<Vec<_>>(), |id| if id == EntryId::new(1) { 3 } else { 1 });
    assert_eq!(told[0].sql.as_str(), "DROP 1.0;\nDROP 1.1;\nDROP 1.2;\n");
    assert_eq!(told[1].sql.as_str(), "DROP 2.0;");
}
