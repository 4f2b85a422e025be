//! A target that crashes in the middle of a run that may be taken up again: unlogged tables are emptied by it, their
//! marks in the ledger are not.

use super::arena::{Arena, Side};
use crate::command::Fdwcopy;
use crate::equality::{assert_equal, assert_no_sessions};
use crate::gate::{GATED, Gate};
use crate::pair::{Pair, wait_for};

#[test]
fn an_unlogged_table_that_a_crash_emptied_is_copied_anew() {
    let arena = Arena::with(["", ""]);
    let (source, target) = (arena.server(Side::Source), arena.server(Side::Target));
    let pair = Pair::on([&source, &target], "faults_unlogged", ["", ""]);
    pair.source.sql(GATED);
    pair.source.sql(
        "create unlogged table fleeting (id integer, filler text);
         insert into fleeting select i, repeat('x', 200) from generate_series(1, 10000) i",
    );
    let gate = Gate::close(&pair);
    let clone = |options: &[&str]| {
        Fdwcopy::between(&pair)
            .args(&["clone", "--consistency", "none", "--verify", "checksum"])
            .args(options)
    };
    let mut run = clone(&["-j", "2"]).spawn();
    gate.wait_for_a_worker(&mut run);
    wait_for("the unlogged table", || pair.target.count("fdwcopy_state.chunk where rows = 10000") == 1);
    run.signal("KILL");
    run.wait();
    assert_no_sessions(&pair);
    drop(gate);
    arena.cluster(Side::Target).stop().unwrap();
    arena.cluster(Side::Target).launch().unwrap();
    assert_eq!(pair.target.count("fleeting"), 0, "the crash was none");
    clone(&["--resume"]).run().exits(0);
    assert_equal(&pair);
}
