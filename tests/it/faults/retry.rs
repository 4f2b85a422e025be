//! Servers that are away for a moment while fdwcopy connects: it connects again, where the server had answered before or
//! says that it is starting.

use std::time::Duration;

use crate::command::{Fdwcopy, Running};
use crate::equality::{assert_equal, assert_nothing_left};
use crate::pair::{Database, Pair, wait_for};
use crate::proxy::Proxy;
use crate::servers::Server;

const TABLE: &str = "create table t (id integer primary key); insert into t select generate_series(1, 100)";

/// The URL of a database over this road.
fn over(road: &Proxy, database: &Database) -> String {
    let server = Server { host: "127.0.0.1".into(), port: road.port, ..database.server.clone() };
    database.at(&server).login_url()
}

fn told(run: &mut Running) {
    wait_for("another try", || {
        run.has_not_ended();
        run.has_said("trying again")
    });
}

#[test]
fn a_server_that_is_starting_is_waited_for() {
    let pair = Pair::filled("faults_starting", TABLE);
    let road = Proxy::to(&pair.source.server);
    road.answer("57P03");
    let source = over(&road, &pair.source);
    let own = format!("host={} port={}", pair.source.server.host, pair.source.server.port);
    let mut run =
        Fdwcopy::between(&pair).source(&source).args(&["clone", "-v", "--source-from-target", &own]).spawn();
    told(&mut run);
    road.open();
    run.wait().exits(0);
    assert_equal(&pair);
}

#[test]
fn the_stop_signal_ends_the_waiting_for_a_server() {
    let pair = Pair::filled("faults_starting_stop", TABLE);
    let road = Proxy::to(&pair.target.server);
    road.answer("57P03");
    let mut run = Fdwcopy::between(&pair).target(&over(&road, &pair.target)).args(&["clone", "-v"]).spawn();
    told(&mut run);
    run.signal("INT");
    let run = run.wait().exits(130);
    assert!(run.time < Duration::from_secs(2), "took {:?} to stop", run.time);
}

#[test]
fn a_server_that_never_answered_is_not_waited_for() {
    let pair = Pair::filled("faults_never", TABLE);
    let road = Proxy::to(&pair.source.server);
    road.refuse();
    std::thread::sleep(Duration::from_millis(100));
    let run = Fdwcopy::between(&pair).source(&over(&road, &pair.source)).args(&["clone", "-v"]).run();
    let run = run.exits(4).says(&["Connection refused"]);
    assert!(run.time < Duration::from_secs(3), "took {:?}", run.time);
}

/// A clone that has to connect to the target again while the road does this; then it is open again.
fn comes_back(name: &str, away: impl Fn(&Proxy)) {
    let pair = Pair::filled(name, TABLE);
    let road = Proxy::to(&pair.target.server);
    let other = pair.source.session();
    other.sql("begin; lock table t in access exclusive mode");
    let mut run = Fdwcopy::between(&pair).target(&over(&road, &pair.target)).args(&["clone", "-v"]).spawn();
    wait_for("fdwcopy at the lock", || {
        run.has_not_ended();
        let waiting = "not granted and relation = 't'::regclass";
        other.value(&format!("select count(*) from pg_locks where {waiting}")) != "0"
    });
    away(&road);
    other.sql("rollback");
    told(&mut run);
    road.open();
    run.wait().exits(0);
    assert_equal(&pair);
    assert_nothing_left(&pair);
}

#[test]
fn a_server_that_refuses_for_a_moment_is_connected_to_again() {
    comes_back("faults_refuses", Proxy::refuse);
}

#[test]
fn a_server_that_is_full_for_a_moment_is_connected_to_again() {
    comes_back("faults_full", |road| road.answer("53300"));
}
