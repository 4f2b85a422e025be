//! A source that is written to without pause: copies are exact, writers are not harmed, and the suite would notice
//! if it were otherwise.

use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::command::{Fdwcopy, Run, Running, clone};
use crate::equality::{assert_nothing_left, assert_unchanged, fingerprint};
use crate::gateway::Gateway;
use crate::pair::{Database, Pair, wait_for};
use crate::servers::programs;

/// pgbench against a source until dropped.
pub(crate) struct Writers(Child);

impl Writers {
    /// pgbench's own tables at scale 1, and four clients with its own transactions.
    pub(crate) fn start(source: &Database) -> Self {
        let made = pgbench(source, &["-i", "-q", "-s", "1"]).output().unwrap();
        assert!(made.status.success(), "pgbench -i: {}", String::from_utf8_lossy(&made.stderr));
        let writers = Self(pgbench(source, &["-n", "-c", "4", "-j", "2", "-T", "3600"]).spawn().unwrap());
        wait_for("the first transactions", || source.count("pgbench_history") > 20);
        writers
    }

    pub(crate) fn are_alive(&mut self) -> bool {
        self.0.try_wait().unwrap().is_none()
    }
}

impl Drop for Writers {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn pgbench(database: &Database, args: &[&str]) -> Command {
    let mut command = Command::new(programs().unwrap().join("pgbench"));
    // As all sessions of the tests: what is left of fdwcopy is counted without them.
    command
        .env("PGAPPNAME", "it")
        .args(args)
        .arg(database.url())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// Every transaction of pgbench adds one amount to four sums.
pub(crate) fn pgbench_adds_up(database: &Database) -> Result<(), String> {
    let sums = database.rows(
        "select (select sum(abalance) from pgbench_accounts), (select sum(tbalance) from pgbench_tellers),
                (select sum(bbalance) from pgbench_branches), (select coalesce(sum(delta), 0) from pgbench_history)",
    );
    let sums = &sums[0];
    if sums.iter().all(|sum| *sum == sums[0]) { Ok(()) } else { Err(format!("sums differ: {sums:?}")) }
}

const DROP_PGBENCH: &str =
    "drop table if exists pgbench_accounts, pgbench_tellers, pgbench_branches, pgbench_history";

/// Prints and returns how a clone came to its snapshot.
pub(crate) fn consistency(run: &Run) -> Value {
    let how = run.json()["consistency"].clone();
    eprintln!("attempts {}, locked {}, window {} ms", how["attempts"], how["locked"], how["window_ms"]);
    assert_eq!(how["agreed"], true);
    assert!(how["window_ms"].as_f64().is_some_and(|window| window > 0.0), "{how}");
    how
}

#[test]
fn clones_of_a_source_that_is_written_to_add_up_and_are_verified() {
    let pair = Pair::new("it_live");
    let mut writers = Writers::start(&pair.source);
    for _ in 0..3 {
        pair.target.sql(DROP_PGBENCH);
        let run = clone(&pair, &["--json", "--verify", "checksum", "-v"]).exits(0).says(&["try 1: pinned"]);
        consistency(&run);
        assert_eq!(pgbench_adds_up(&pair.target), Ok(()));
        assert!(run.json()["tables"].as_array().unwrap().iter().all(|table| table["verified"] == "checksum"));
        let moved_on = pair.source.count("pgbench_history") > pair.target.count("pgbench_history");
        assert!(writers.are_alive() && moved_on, "nobody wrote meanwhile");
    }
    assert_eq!(deadlocks(&pair.source), "0");
    assert_nothing_left(&pair);
}

#[test]
fn a_copy_without_one_snapshot_does_not_add_up() {
    let pair = Pair::new("it_live_inexact");
    let _writers = Writers::start(&pair.source);
    // Each of these is exact for itself, and of another moment than the others.
    for tables in [["-t", "pgbench_accounts"], ["-t", "pgbench_[tbh]*"]] {
        clone(&pair, &tables).exits(0);
    }
    let verdict = pgbench_adds_up(&pair.target);
    assert!(verdict.is_err(), "two moments went unnoticed: {verdict:?}");
}

/// A clone of a source on which transactions end whenever the workers pin.
fn clone_of_busy(pair: &Pair, source: &str, args: &[&str]) -> Run {
    let gateway = Gateway::disturbing(&pair.source, u32::MAX);
    let run = Fdwcopy::between(pair).source(source).args(&["clone", "--json", "-v", "-x"]).args(args);
    run.args(&["--source-from-target", &gateway.options()]).run()
}

const TWO_TABLES: &str = "create table plain (id bigserial primary key, note text);
    insert into plain (note) select 'row ' || i from generate_series(1, 5000) i;
    create table parent (x integer); insert into parent values (1);
    create table child (y integer) inherits (parent); insert into child values (2, 3)";

#[test]
fn share_locks_help_where_transactions_never_pause() {
    let pair = Pair::filled("it_share_locks", TWO_TABLES);
    let run =
        clone_of_busy(&pair, &pair.source.login_url(), &[]).exits(0).says(&["with SHARE locks for a moment"]);
    let how = consistency(&run);
    assert_eq!(how["locked"], true);
    assert_eq!(pair.target.count("plain"), 5000);
    assert_eq!(pair.target.count("only parent"), 1);
    assert_eq!(share_locks(&pair.source), "0");
    assert_nothing_left(&pair);
}

fn share_locks(database: &Database) -> String {
    database.value(
        "select count(*) from pg_locks where mode = 'ShareLock' and locktype = 'relation'
         and database = (select oid from pg_database where datname = current_database())",
    )
}

fn deadlocks(database: &Database) -> String {
    database.value("select deadlocks from pg_stat_database where datname = current_database()")
}

#[test]
fn a_role_that_may_only_read_is_told_what_would_help_on_a_busy_source() {
    let mut pair = Pair::filled("it_busy_reader", TWO_TABLES);
    let server = pair.source.server.clone();
    pair.role_on(&server, "it_busy_reader_role", "login password 'pw'");
    pair.source.sql("grant select on all tables in schema public to it_busy_reader_role; grant select on all sequences in schema public to it_busy_reader_role");
    let before = fingerprint(&pair.target);
    let source = pair.source.url_as("it_busy_reader_role", "pw");
    let run = clone_of_busy(&pair, &source, &["--snapshot-timeout", "2"]).exits(1);
    let error = &run.json()["error"];
    assert_eq!((&error["kind"], &error["object"]), (&"snapshot".into(), &"source".into()), "{error}");
    let remedy = error["remedy"].as_str().unwrap();
    let right = if pair.source.version() < 17 { "GRANT UPDATE ON" } else { "GRANT MAINTAIN ON" };
    for words in [right, "--consistency lock", "a standby", "quieter", "--snapshot-timeout"] {
        assert!(remedy.contains(words), "{remedy}");
    }
    assert!(remedy.contains(r#"TO "it_busy_reader_role""#), "{remedy}");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);

    pair.source.sql("grant update on plain, parent, child to it_busy_reader_role");
    let run = clone_of_busy(&pair, &source, &[]).exits(0);
    assert_eq!(consistency(&run)["locked"], true);
}

#[test]
fn a_long_writer_is_given_way_to() {
    let pair = Pair::filled("it_long_writer", TWO_TABLES);
    let long = pair.source.session();
    long.sql("begin; insert into plain (note) values ('held for long')");
    let stop = AtomicBool::new(false);
    let (run, slowest) = std::thread::scope(|scope| {
        let other = scope.spawn(|| {
            let session = pair.source.session();
            let mut slowest = Duration::ZERO;
            while !stop.load(Ordering::Relaxed) {
                let started = Instant::now();
                session.sql("insert into plain (note) values ('short'); update child set y = y + 1");
                slowest = slowest.max(started.elapsed());
                std::thread::sleep(Duration::from_millis(2));
            }
            slowest
        });
        let run = clone_of_busy(&pair, &pair.source.login_url(), &["--snapshot-timeout", "5"]);
        stop.store(true, Ordering::Relaxed);
        (run, other.join().unwrap())
    });
    eprintln!("the slowest statement of another writer took {slowest:?}");
    let mut run = run.exits(1).says(&["no SHARE locks for now", "public.plain is held by session"]);
    // What the session of another role does is not told to a plain one.
    if !pair.source.is_plain() {
        run = run.says(&["in transaction"]);
    }
    let error = &run.json()["error"];
    assert!(error["message"].as_str().unwrap().contains("plain is held by session"), "{error}");
    assert!(slowest < Duration::from_secs(1), "a writer was held up for {slowest:?}");
    long.sql("insert into plain (note) values ('still alive'); commit");
    assert_eq!((deadlocks(&pair.source).as_str(), share_locks(&pair.source).as_str()), ("0", "0"));
    assert_nothing_left(&pair);
    assert_eq!(consistency(&clone_of_busy(&pair, &pair.source.login_url(), &[]).exits(0))["locked"], true);
}

/// A clone that holds SHARE locks and waits for a bridge that does not come through; what happens then with the
/// locks, and how soon.
fn stuck_under_share_locks(name: &str, meanwhile: impl Fn(&Running)) -> Duration {
    let pair = Pair::filled(name, TWO_TABLES);
    // The one worker opens a cursor in each of ten plain tries.
    let gateway = Gateway::disturbing(&pair.source, 11);
    let run = Fdwcopy::between(&pair).args(&["clone", "--json", "-j", "1", "--snapshot-timeout", "120"]);
    let mut run = run.args(&["--source-from-target", &gateway.options()]).spawn();
    wait_for("a try under SHARE locks", || {
        run.has_not_ended();
        gateway.is_reached()
    });
    meanwhile(&run);
    let (started, session) = (Instant::now(), pair.source.session());
    session.sql("insert into plain (note) values ('not for long'); update child set y = 5");
    let took = started.elapsed();
    eprintln!("a writer waited for {took:?}");
    assert_eq!(share_locks(&pair.source), "0");
    run.try_signal("CONT");
    gateway.open();
    let how = consistency(&run.wait().exits(0));
    assert!(how["locked"] == true && how["attempts"].as_u64().unwrap() > 11, "{how}");
    assert_eq!(pair.target.count("plain where note = 'not for long'"), 1);
    took
}

#[test]
fn pinning_that_takes_too_long_lets_the_writers_go_on() {
    let took = stuck_under_share_locks("it_slow_pinning", |_| ());
    assert!(took < Duration::from_secs(1), "{took:?}");
}

#[test]
fn the_server_ends_share_locks_when_nothing_is_heard_from_us() {
    let took = stuck_under_share_locks("it_silent_pinning", |run| run.signal("STOP"));
    assert!(took < Duration::from_secs(1), "{took:?}");
}
