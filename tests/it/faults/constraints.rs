//! Constraints that the rows of the source violate, and definitions that fail on the target: each is named with the
//! server's words, everything else is there, and nothing of the run is left.
//!
//! How a source comes to hold such rows: after a crash, a bad disk, a restore with triggers off, an index built by an
//! older collation. Here its catalogs are made to look away for a moment.

use crate::command::{clone, list};
use crate::equality::{assert_nothing_left, rows};
use crate::pair::Pair;

const BROKEN: &str = "
    create extension btree_gist;
    create table plain (id integer primary key, x text);
    insert into plain select i, 'row ' || i from generate_series(1, 1000) i;

    create table by_index (x integer); create index twice_idx on by_index (x);
    insert into by_index values (1), (1);
    create table by_key (x integer constraint twice_pkey primary key);
    create table by_unique (x integer constraint twice_key unique);
    create table by_exclusion (x integer, constraint twice_excl exclude using gist (x with =));
    update pg_index set indisunique = false where indexrelid in ('twice_pkey'::regclass, 'twice_key'::regclass);
    update pg_index set indisexclusion = false where indexrelid = 'twice_excl'::regclass;
";

const ROWS: &str = "
    insert into by_key values (1), (1); insert into by_unique values (1), (1); insert into by_exclusion values (1), (1);
    update pg_index set indisunique = true
        where indexrelid in ('twice_idx'::regclass, 'twice_pkey'::regclass, 'twice_key'::regclass);
    update pg_index set indisexclusion = true where indexrelid = 'twice_excl'::regclass;

    create table parent (id integer primary key);
    create table child (id integer constraint orphan_fkey references parent);
    set session_replication_role = replica; insert into child values (1); reset session_replication_role;

    create function here(x integer) returns integer immutable language plpgsql as $$ begin
        if current_database() ~ '_dst$' then raise 'not here: %', x; end if; return x; end $$;
    create table by_expression (x integer); insert into by_expression values (1);
    create index raising_idx on by_expression (public.here(x));
    create materialized view raising as select public.here(1);

    create table by_check (x integer); insert into by_check values (1);
    create function fine(checked by_check) returns boolean language plpgsql as $$ begin
        return current_database() !~ '_dst$'; end $$;
    alter table by_check add constraint fine_check check (public.fine(by_check));
";

#[test]
fn every_constraint_that_fails_is_named_and_nothing_else_is_lost() {
    let pair = Pair::filled("faults_constraints", BROKEN);
    pair.source.sql(ROWS);
    let run = clone(&pair, &["--json", "--invalid-foreign-keys", "not-valid"]).exits(3);
    assert!(list(&run.json(), "warnings", &["code"]).contains(&vec!["foreign-key-not-valid".into()]));
    let lost = list(&run.json(), "not_copied", &["object", "reason"]);
    for (object, words) in [
        ("twice_idx", "could not create unique index"),
        ("twice_pkey", "could not create unique index"),
        ("twice_key", "could not create unique index"),
        ("twice_excl", "could not create exclusion constraint"),
        ("raising_idx", "not here: 1"),
        ("public.raising", "not here: 1"),
        ("fine_check", "is violated by some row"),
    ] {
        let named = lost.iter().any(|entry| entry[0].contains(object) && entry[1].contains(words));
        assert!(named, "{object} with {words:?} is not in {lost:?}");
    }
    assert_eq!(lost.len(), 7, "{lost:?}");
    let without_the_view = |rows: Vec<String>| {
        rows.into_iter().filter(|row| !row.starts_with("public.raising")).collect::<Vec<_>>()
    };
    assert_eq!(without_the_view(rows(&pair.source)), without_the_view(rows(&pair.target)));
    assert!(pair.target.exists("plain_pkey"));
    assert_nothing_left(&pair);
}
