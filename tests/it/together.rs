//! Several clones at once into one database.

use crate::command::{Fdwcopy, Running, list};
use crate::equality::{assert_equal, assert_no_sessions, rows};
use crate::gate::Gate;
use crate::pair::Pair;

/// Schemas `early` and `late`, each with a table that waits at the gate of that name on the target.
fn two_schemas(name: &str) -> Pair {
    let pair = Pair::new(name);
    for (schema, key) in [("early", 42), ("late", 43)] {
        pair.source.sql(&format!(
            "create schema {schema};
             create function {schema}.gate(x integer) returns boolean language plpgsql as $$
             begin
                 if pg_catalog.current_database() operator(pg_catalog.~) '_dst$' then
                     perform pg_catalog.pg_advisory_xact_lock_shared({key});
                 end if;
                 return true;
             end $$;
             create domain {schema}.passed as integer check ({schema}.gate(value));
             create table {schema}.gated (x {schema}.passed);
             insert into {schema}.gated select generate_series(1, 100)"
        ));
    }
    pair
}

fn begin(pair: &Pair, schema: &str, gate: &Gate) -> Running {
    let mut run = Fdwcopy::between(pair).args(&["clone", "--json", "-n", schema]).spawn();
    gate.wait_for_a_worker(&mut run);
    run
}

#[test]
fn a_clone_that_begins_later_and_ends_sooner_leaves_the_first_its_way() {
    let pair = two_schemas("it_together_nested");
    let (early, late) = (Gate::close(&pair), Gate::close_late(&pair));
    let first = begin(&pair, "early", &early);
    let second = begin(&pair, "late", &late);
    late.open();
    second.wait().exits(0);
    early.open();
    let run = first.wait().exits(0);
    assert_eq!(list(&run.json(), "warnings", &["code"]), Vec::<Vec<String>>::new());
    assert_equal(&pair);
}

#[test]
fn a_clone_that_ends_sooner_leaves_its_extension_to_the_other_and_says_so() {
    let pair = two_schemas("it_together_left");
    let (early, late) = (Gate::close(&pair), Gate::close_late(&pair));
    let first = begin(&pair, "early", &early);
    let second = begin(&pair, "late", &late);
    early.open();
    let run = first.wait().exits(0);
    assert_eq!(list(&run.json(), "warnings", &["code", "object"]), [["extension-left", "postgres_fdw"]]);
    late.open();
    second.wait().exits(0);
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_no_sessions(&pair);
    assert_eq!(pair.target.rows("select srvname from pg_foreign_server"), Vec::<Vec<String>>::new());
    // What the first one's warning asks for.
    pair.target.sql("drop extension postgres_fdw");
    assert_equal(&pair);
}
