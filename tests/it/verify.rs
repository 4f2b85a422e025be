//! What the proof notices: a row of the target that somebody changed after it was copied.

use crate::command::{Fdwcopy, list};
use crate::gate::{Gate, LATE};
use crate::pair::Pair;

/// Changes one row of `plain` and one of `namesake` on the target while an index is built elsewhere; returns the
/// report's differences as table and kind.
fn changed_after_the_rows(pair: &Pair, level: &str) -> Vec<Vec<String>> {
    pair.source.sql(LATE);
    pair.source.sql(
        "create table plain (id integer, x text);
         create table namesake (id integer, fdwcopy_row text, x text);
         create table untouched (id integer, fdwcopy_row text, x text);
         insert into plain select i, 'x' from generate_series(1, 100) i;
         insert into namesake select i, 'same', 'x' from generate_series(1, 100) i;
         insert into untouched select * from namesake;
         create table held as select i as x from generate_series(1, 10) i;
         create index on held (public.late(x))",
    );
    let gate = Gate::close_late(pair);
    let mut run = Fdwcopy::between(pair).args(&["clone", "--json", "--verify", level]).spawn();
    gate.wait_for_a_worker(&mut run);
    pair.target.sql("update plain set x = 'y' where id = 7; update namesake set x = 'y' where id = 7");
    gate.open();
    let run = run.wait();
    let differences = list(&run.json(), "differences", &["name", "kind"]);
    assert_eq!(run.code, Some(if differences.is_empty() { 0 } else { 3 }), "{}\n{}", run.stdout, run.stderr);
    differences
}

const BOTH: [[&str; 2]; 2] = [["namesake", "checksum"], ["plain", "checksum"]];

#[test]
fn a_checksum_notices_one_changed_value_whatever_the_columns_are_called() {
    let pair = Pair::new("it_changed_value");
    let mut differences = changed_after_the_rows(&pair, "checksum");
    differences.sort();
    assert_eq!(differences, BOTH);
}

#[test]
fn a_checksum_across_encodings_notices_one_changed_value_too() {
    let pair = Pair::with("it_changed_latin1", "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'", "");
    let mut differences = changed_after_the_rows(&pair, "checksum");
    differences.sort();
    assert_eq!(differences, BOTH);
}

#[test]
fn a_count_promises_no_more_than_the_number_of_rows() {
    let pair = Pair::new("it_changed_unseen");
    assert!(changed_after_the_rows(&pair, "count").is_empty());
}
