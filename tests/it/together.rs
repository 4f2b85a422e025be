//! Several clones at once into one database.

use crate::command::{Fdwcopy, Running, list};
use crate::equality::assert_equal;
use crate::gate::Gate;
use crate::pair::Pair;

/// Schemas `early` and `late`, each with a table that waits at the gate of that name on the target.
fn two_schemas(name: &str) -> Pair {
    let pair = Pair::new(name);
    // It is not the same in all versions, and nothing of it is chosen.
    pair.source.sql("drop schema public");
    pair.drop_public_of_target();
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
fn a_second_clone_into_the_same_database_is_refused_and_the_first_goes_on() {
    let pair = two_schemas("it_together_refused");
    let gate = Gate::close(&pair);
    let first = begin(&pair, "early", &gate);
    let second = Fdwcopy::between(&pair).args(&["clone", "--json", "-n", "late"]).run().exits(4);
    assert_eq!(list(&second.json(), "findings", &["code"]), [["another-run"]]);
    let check = Fdwcopy::between(&pair).args(&["check", "--json", "-n", "late"]).run().exits(4);
    assert_eq!(list(&check.json(), "findings", &["code"]), [["another-run"]]);
    gate.open();
    first.wait().exits(0);
    Fdwcopy::between(&pair).args(&["clone", "-n", "late"]).run().exits(0);
    assert_equal(&pair);
}

#[test]
fn a_clone_begun_right_after_one_was_killed_waits_until_its_traces_are_gone() {
    let pair = two_schemas("it_together_killed");
    let gate = Gate::close(&pair);
    let first = begin(&pair, "early", &gate);
    first.signal("KILL");
    gate.open();
    Fdwcopy::between(&pair).args(&["clone"]).run().exits(0);
    first.wait();
    assert_equal(&pair);
}

#[test]
fn clones_into_several_databases_of_a_server_do_not_meet() {
    let (one, other) = (two_schemas("it_together_one"), two_schemas("it_together_other"));
    let gate = Gate::close(&one);
    let first = begin(&one, "early", &gate);
    Fdwcopy::between(&other).args(&["clone"]).run().exits(0);
    gate.open();
    first.wait().exits(0);
    assert_equal(&other);
}
