//! Signals other than the first Ctrl-C: a terminal that goes away, `nohup`, and impatience during the undoing.

use std::time::Duration;

use crate::command::Fdwcopy;
use crate::equality::{assert_equal, assert_nothing_left, assert_unchanged, fingerprint};
use crate::gate::{GATED, Gate};
use crate::pair::{Pair, wait_for};

fn with_signals(pair: &Pair, disposition: &str) -> Fdwcopy {
    Fdwcopy::with_signals(disposition).source(&pair.source.login_url()).target(&pair.target.login_url())
}

#[test]
fn a_closed_terminal_stops_the_run_and_undoes_it() {
    let pair = Pair::filled("it_hangup", GATED);
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    // Whoever runs the tests may have it ignored, and that is inherited.
    let mut run = with_signals(&pair, "--default-signal=HUP").args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    run.signal("HUP");
    let run = run.wait().exits(130);
    assert_eq!(run.json()["outcome"], "interrupted");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}

#[test]
fn a_run_started_by_nohup_goes_on_without_its_terminal() {
    let pair = Pair::filled("it_nohup", GATED);
    let gate = Gate::close(&pair);
    let mut run = with_signals(&pair, "--ignore-signal=HUP").args(&["clone"]).spawn();
    gate.wait_for_a_worker(&mut run);
    run.signal("HUP");
    std::thread::sleep(Duration::from_millis(300));
    run.has_not_ended();
    gate.open();
    run.wait().exits(0);
    assert_equal(&pair);
}

#[test]
fn signals_during_the_undoing_change_nothing() {
    let pair = Pair::filled("it_impatient_undo", GATED);
    let before = fingerprint(&pair.target);
    let gate = Gate::close(&pair);
    let mut run = with_signals(&pair, "--default-signal=HUP").args(&["clone", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    // The DROP waits for this reader.
    let reader = pair.target.session();
    reader.sql("begin; lock table plain in access share mode");
    run.signal("INT");
    wait_for("the undoing at the lock", || {
        let waiting = "relation = 'plain'::regclass and mode = 'AccessExclusiveLock' and not granted";
        reader.value(&format!("select count(*) from pg_locks where {waiting}")) != "0"
    });
    for signal in ["INT", "TERM", "HUP", "INT"] {
        run.signal(signal);
    }
    std::thread::sleep(Duration::from_millis(300));
    run.has_not_ended();
    reader.sql("rollback");
    let run = run.wait().exits(130);
    assert_eq!(run.json()["outcome"], "interrupted");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
}
