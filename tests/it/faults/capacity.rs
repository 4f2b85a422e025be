//! Too few connections or locks: preflight reckons what a clone takes, and it does not take more than that.

use std::sync::atomic::{AtomicBool, Ordering};

use super::arena::{Arena, Side};
use crate::command::{clone, list};
use crate::equality::{assert_equal, assert_nothing_left, assert_unchanged, fingerprint};
use crate::pair::{Database, Pair};

const SMALL: &str =
    "-c max_connections=9 -c max_locks_per_transaction=10 -c max_wal_senders=0 -c autovacuum=off";
const ROOMY: &str =
    "-c max_connections=60 -c max_locks_per_transaction=64 -c max_wal_senders=0 -c autovacuum=off";
const TABLES: i64 = 120;
const WORKERS: &str = "4";

/// The most that was seen of a server at one moment.
#[derive(Debug, Default)]
struct Peak {
    sessions: i64,
    locks: i64,
}

/// Looks at a server until told to stop. What is locked by the fast path is not in the lock table.
fn watch(database: &Database, ended: &AtomicBool) -> Peak {
    let session = database.session();
    let mut peak = Peak::default();
    while !ended.load(Ordering::Relaxed) {
        let row = &session.rows(
            "select (select count(*) from pg_stat_activity where application_name like 'fdwcopy%'),
                    greatest(count(distinct (locktype, database, relation, virtualxid, transactionid::text, classid, objid)),
                             (count(*) + 1) / 2)
             from pg_locks where not fastpath",
        )[0];
        peak.sessions = peak.sessions.max(row[0].parse().unwrap());
        peak.locks = peak.locks.max(row[1].parse().unwrap());
    }
    peak
}

/// The numbers after "takes" in the findings of this code, by side.
fn reckoned(report: &serde_json::Value, code: &str, side: Side) -> i64 {
    let findings = list(report, "findings", &["code", "object", "message"]);
    let message = findings.iter().find(|finding| finding[0] == code && finding[1] == side.name());
    let message = &message.unwrap_or_else(|| panic!("no {code} of the {} in {findings:?}", side.name()))[2];
    let number = message.rsplit(' ').find_map(|word| word.parse().ok());
    number.unwrap_or_else(|| panic!("no number in {message:?}"))
}

#[test]
fn a_clone_takes_no_more_sessions_and_locks_than_preflight_reckons_with() {
    let mut arena = Arena::with([SMALL, SMALL]);
    let (source, target) = (arena.server(Side::Source), arena.server(Side::Target));
    let pair = Pair::on([&source, &target], "faults_capacity", ["", ""]);
    for from in (1..=TABLES).step_by(20) {
        pair.source.sql(&format!(
            "do $$ begin for i in {from}..{} loop
                 execute format('create table t_%s (id integer primary key, x text)', i);
                 execute format('insert into t_%s select i, repeat(''x'', i) from generate_series(1, 50) i', i);
             end loop; end $$",
            from + 19
        ));
    }
    let before = fingerprint(&pair.target);
    let refused = clone(&pair, &["--json", "-j", WORKERS]).exits(4).json();
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
    for finding in list(&refused, "findings", &["remedy"]) {
        assert!(finding[0].contains("max_"), "no setting is named in {finding:?}");
    }

    arena.restart_with(ROOMY);
    let ended = AtomicBool::new(false);
    let peaks = std::thread::scope(|scope| {
        let watching = [&pair.source, &pair.target].map(|database| scope.spawn(|| watch(database, &ended)));
        let run = clone(&pair, &["-j", WORKERS]);
        ended.store(true, Ordering::Relaxed);
        run.exits(0);
        watching.map(|peak| peak.join().unwrap())
    });
    assert_equal(&pair);
    for (side, peak) in [Side::Source, Side::Target].into_iter().zip(peaks) {
        let sessions = reckoned(&refused, "too-few-sessions", side);
        let locks = reckoned(&refused, "too-few-locks", side);
        let fits = peak.sessions <= sessions && peak.locks <= locks;
        assert!(fits, "{}: {peak:?}, reckoned {sessions} sessions and {locks} locks", side.name());
        println!("{}: {peak:?}, reckoned {sessions} sessions and {locks} locks", side.name());
    }
}
