//! The kit itself: servers come, databases come and go, equality means something.

use crate::equality::{assert_equal, assert_unchanged, fingerprint, rows};
use crate::gate::{GATED, Gate};
use crate::pair::Pair;

#[test]
fn two_empty_databases_are_equal() {
    let pair = Pair::new("kit_empty");
    // The schema that a database begins with is not the same in all versions.
    pair.source.sql("drop schema public");
    pair.drop_public_of_target();
    assert_equal(&pair);
}

#[test]
fn a_differing_row_is_noticed() {
    let pair = Pair::filled("kit_row", "create table t (x int); insert into t values (1)");
    pair.target.sql("create table t (x int); insert into t values (2)");
    assert_ne!(rows(&pair.source), rows(&pair.target));
}

#[test]
fn a_change_is_noticed_by_the_fingerprint() {
    let pair = Pair::filled("kit_change", "create table t (x int)");
    let before = fingerprint(&pair.source);
    assert_unchanged(&pair.source, &before);
    pair.source.sql("insert into t values (1)");
    assert_ne!(fingerprint(&pair.source), before);
}

#[test]
fn the_gate_holds_rows_back_on_the_target_only() {
    let pair = Pair::filled("kit_gate", GATED);
    pair.target.sql(GATED);
    let gate = Gate::close(&pair);
    let blocked =
        pair.target.session().try_sql("set lock_timeout = '100ms'; insert into gated values (101, 1)");
    assert!(blocked.is_err_and(|error| error.starts_with("55P03")));
    gate.open();
    pair.target.sql("insert into gated values (101, 1)");
}
