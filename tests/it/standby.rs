//! A standby as the source: replay is paused for the moment of pinning and goes on whatever happens.
//!
//! One standby of the source cluster serves all tests here, one after the other: a pause concerns all of it.

use std::path::PathBuf;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::command::{Fdwcopy, Run, Running, list};
use crate::equality::{assert_nothing_left, assert_unchanged, fingerprint, sequences};
use crate::gateway::Gateway;
use crate::live::{Writers, consistency, pgbench_adds_up};
use crate::pair::{Database, Pair, Session, wait_for};
use crate::servers::{Cluster, Server, as_postgres, output, programs, reap, servers, source_programs};

const TABLE: &str = "create table t as select i as x from generate_series(1, 1000) i";

/// The standby, for one test at a time.
struct Standby {
    server: Server,
    _turn: MutexGuard<'static, ()>,
}

impl Standby {
    fn take() -> Self {
        static TURN: Mutex<()> = Mutex::new(());
        static SERVER: LazyLock<Result<Server, String>> = LazyLock::new(start);
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let server = SERVER.as_ref().unwrap_or_else(|reason| panic!("no standby: {reason}")).clone();
        let standby = Self { server, _turn: turn };
        standby.control().sql("select pg_wal_replay_resume()");
        standby
    }

    fn control(&self) -> Session {
        Session::open(&self.server.url("postgres"))
    }

    /// The source of the pair as the standby has it, once all of it has arrived.
    fn of(&self, source: &Database) -> Database {
        let session = source.session();
        // The servers of the tests commit asynchronously; this one's commit takes the earlier ones along.
        session.sql("set synchronous_commit = on; select pg_logical_emit_message(true, 'it', '')");
        let written = session.value("select pg_current_wal_lsn()");
        let control = self.control();
        wait_for("the standby to catch up", || {
            control.value(&format!("select pg_last_wal_replay_lsn() >= '{written}'")) == "t"
        });
        source.at(&self.server)
    }

    fn pause_state(&self) -> String {
        self.control().value("select pg_get_wal_replay_pause_state()")
    }

    /// Fails unless what is written to the primary now arrives.
    #[track_caller]
    fn assert_replays(&self, source: &Database) {
        assert_eq!(self.pause_state(), "not paused");
        source.sql("create table arrives (x integer)");
        let _ = self.of(source);
    }
}

/// Up to 13 a standby cannot tell when its replay stands still: it is refused, but for a copy that promises nothing.
/// True if this one was.
fn is_refused_for_its_age(standby: &Standby, name: &str) -> bool {
    let pair = Pair::filled(name, TABLE);
    if pair.source.version() >= 14 {
        return false;
    }
    let source = standby.of(&pair.source);
    let clone = |more: &[&str]| {
        Fdwcopy::between(&pair).source(&source.url()).args(&["clone", "--json"]).args(more).run()
    };
    let found: Vec<_> = clone(&[]).exits(4).findings().into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, ["source-is-standby"]);
    clone(&["--consistency", "none"]).exits(0);
    assert_eq!(pair.target.count("t"), 1000);
    assert_nothing_left(&pair);
    true
}

fn start() -> Result<Server, String> {
    let bin = source_programs()?;
    let primary = &servers().source;
    let directory = output(as_postgres("mktemp").args(["-d", "/tmp/fdwcopy-it-standby.XXXXXX"]))?;
    let directory = PathBuf::from(directory.trim());
    let data = directory.join("standby");
    // Held open until the process ends, however it ends.
    std::mem::forget(reap(&bin, &directory, &[&data])?);
    output(
        as_postgres(programs()?.join("pg_basebackup"))
            .args(["-R", "-X", "stream", "-c", "fast", "--no-sync", "-d", &primary.url("postgres"), "-D"])
            .arg(&data),
    )?;
    // What -R writes down holds words that an older server's libpq does not know.
    let primary_conninfo = format!("-c primary_conninfo={}", primary.url("postgres"));
    let cluster = Cluster::start(&bin, &bin.join("postgres"), &data, &primary_conninfo)?;
    Ok(cluster.server(&primary.password))
}

#[test]
fn a_clone_from_a_standby_of_a_busy_primary_is_exact() {
    let standby = Standby::take();
    if is_refused_for_its_age(&standby, "it_standby_old_live") {
        return;
    }
    let pair = Pair::new("it_standby_live");
    let mut writers = Writers::start(&pair.source);
    let source = standby.of(&pair.source);
    for _ in 0..3 {
        pair.target
            .sql("drop table if exists pgbench_accounts, pgbench_tellers, pgbench_branches, pgbench_history");
        let run = Fdwcopy::between(&pair)
            .source(&source.login_url())
            .args(&["clone", "--json", "--verify", "checksum"]);
        let run = run.run().exits(0);
        assert_eq!(consistency(&run)["locked"], false);
        assert_eq!(pgbench_adds_up(&pair.target), Ok(()));
        assert_eq!(list(&run.json(), "warnings", &["code"]), [["standby-conflicts"]]);
        assert!(writers.are_alive());
    }
    drop(writers);
    standby.assert_replays(&pair.source);
    assert_nothing_left(&pair);
}

/// A clone that is held in the middle of the pause.
fn in_the_pause(standby: &Standby, pair: &Pair) -> (Gateway, Running) {
    let source = standby.of(&pair.source);
    let gateway = Gateway::holding(&standby.server);
    let run = Fdwcopy::between(pair).source(&source.login_url());
    let mut run = run.args(&["clone", "--json", "--source-from-target", &gateway.options()]).spawn();
    wait_for("the pause", || {
        run.has_not_ended();
        gateway.is_reached()
    });
    (gateway, run)
}

#[test]
fn replay_goes_on_when_we_are_killed_in_the_middle_of_the_pause() {
    let standby = Standby::take();
    if is_refused_for_its_age(&standby, "it_standby_old_kill_9") {
        return;
    }
    let pair = Pair::filled("it_standby_kill_9", TABLE);
    let (gateway, run) = in_the_pause(&standby, &pair);
    let control = standby.control();
    let state = || control.value("select pg_get_wal_replay_pause_state()");
    assert_eq!(state(), "paused");
    run.signal("KILL");
    let killed = Instant::now();
    wait_for("replay to go on", || state() == "not paused");
    let took = killed.elapsed();
    eprintln!("replay went on {took:?} after kill -9");
    assert!(took < Duration::from_secs(3), "replay stood still for {took:?} after kill -9");
    assert_eq!(run.wait().code, None);
    drop(gateway);
    standby.assert_replays(&pair.source);
}

#[test]
fn replay_goes_on_when_the_pausing_session_is_ended_by_someone() {
    let standby = Standby::take();
    if is_refused_for_its_age(&standby, "it_standby_old_ended") {
        return;
    }
    let pair = Pair::filled("it_standby_ended", TABLE);
    let (gateway, run) = in_the_pause(&standby, &pair);
    let control = standby.control();
    let ended = control.rows(
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'fdwcopy replay pause %'",
    );
    assert_eq!(ended, [["t"]]);
    gateway.open();
    let run = run.wait().exits(0);
    consistency(&run);
    assert_eq!(pair.target.count("t"), 1000);
    standby.assert_replays(&pair.source);
}

#[test]
fn a_lost_coordinator_cannot_hold_replay_for_longer_than_the_dead_mans_limit() {
    let standby = Standby::take();
    if is_refused_for_its_age(&standby, "it_standby_old_dead_man") {
        return;
    }
    let pair = Pair::filled("it_standby_dead_man", TABLE);
    let (gateway, run) = in_the_pause(&standby, &pair);
    // As good as a network that is gone: no word from us, and no end of the connection either.
    run.signal("STOP");
    let started = Instant::now();
    wait_for("replay to go on", || standby.pause_state() == "not paused");
    assert!(started.elapsed() < Duration::from_secs(8), "{:?}", started.elapsed());
    gateway.open();
    run.signal("CONT");
    let run = run.wait().exits(0);
    assert!(consistency(&run)["attempts"].as_u64().unwrap() > 1, "a lapsed pause counted");
    standby.assert_replays(&pair.source);
}

#[test]
fn a_standby_that_its_administrator_has_paused_stays_paused() {
    let standby = Standby::take();
    if is_refused_for_its_age(&standby, "it_standby_old_paused") {
        return;
    }
    let pair = Pair::filled("it_standby_paused", TABLE);
    let source = standby.of(&pair.source);
    let control = standby.control();
    control.sql("select pg_wal_replay_pause()");
    wait_for("the administrator's pause", || standby.pause_state() == "paused");
    let run = Fdwcopy::between(&pair).source(&source.login_url()).args(&["clone", "--json"]).run().exits(0);
    consistency(&run);
    assert_eq!(pair.target.count("t"), 1000);
    assert_eq!(standby.pause_state(), "paused");
    control.sql("select pg_wal_replay_resume()");
    standby.assert_replays(&pair.source);
}

#[test]
fn a_role_that_may_not_pause_replay_is_refused_until_it_may() {
    let standby = Standby::take();
    if is_refused_for_its_age(&standby, "it_standby_old_rights") {
        return;
    }
    let mut pair = Pair::filled("it_standby_rights", TABLE);
    pair.source.sql("create unlogged table u (x integer)");
    let role = "it_standby_rights_role";
    pair.role(role, "login password 'pw'");
    pair.source.sql(&format!("grant select on t, u to {role}"));
    let source = standby.of(&pair.source);
    let before = fingerprint(&pair.target);
    let clone = |more: &[&str]| {
        let run = Fdwcopy::between(&pair).source(&source.url_as(role, "pw"));
        run.args(&["clone", "--json", "-x"]).args(more).run()
    };
    let run = clone(&[]).exits(4);
    let found: Vec<_> = run.findings().into_iter().map(|(code, _)| code).collect();
    assert_eq!(found, ["standby-pause-missing", "unlogged-on-standby"]);
    assert!(run.stdout.contains("GRANT EXECUTE ON FUNCTION pg_wal_replay_pause()"), "{}", run.stdout);
    assert_unchanged(&pair.target, &before);

    pair.source
        .sql(&format!("grant execute on function pg_wal_replay_pause(), pg_wal_replay_resume() to {role}"));
    let _ = standby.of(&pair.source);
    clone(&["--exclude-table-data", "u"]).exits(0);
    assert_eq!((pair.target.count("t"), pair.target.count("u")), (1000, 0));
    standby.assert_replays(&pair.source);
}

#[test]
fn a_copy_by_a_watermark_reaches_back_to_what_the_standby_has_replayed() {
    let standby = Standby::take();
    if is_refused_for_its_age(&standby, "it_standby_copy_old") {
        return;
    }
    let table = "create table t (id int primary key, at timestamptz not null default clock_timestamp())";
    let pair = Pair::filled("it_standby_copy", table);
    pair.target.login_session().sql(table);
    pair.source.sql("insert into t values (1)");
    let source = standby.of(&pair.source);
    let copy = |more: &[&str]| {
        let copying = ["copy", "--mode", "append", "--watermark", "t=at", "--json"];
        Fdwcopy::between(&pair).source(&source.url()).args(&copying).args(more).run().exits(0).json()
    };
    let from = |report: &serde_json::Value| report["tables"][0]["watermark"]["from"].clone();
    copy(&[]);
    assert!(from(&copy(&[])).is_null(), "who has a transaction open on the primary is not seen here");
    standby.control().sql("select pg_wal_replay_pause()");
    pair.source.sql("insert into t values (2)");
    std::thread::sleep(Duration::from_secs(4));
    copy(&["--overlap", "1 s"]);
    standby.control().sql("select pg_wal_replay_resume()");
    pair.source.sql("insert into t values (3)");
    let _ = standby.of(&pair.source);
    assert!(from(&copy(&["--overlap", "1 s"])).is_string(), "somebody vouches for it");
    assert_eq!(pair.target.rows("select id from t order by id"), [["1"], ["2"], ["3"]]);
}

#[test]
fn unlogged_sequences_of_a_standby_are_named_and_decided_by_the_data() {
    let standby = Standby::take();
    let script = "create unlogged table u (id serial primary key); create table t (id serial primary key)";
    let pair = Pair::filled("it_standby_sequences", script);
    // Before, the sequences of an unlogged table are logged.
    if pair.source.version() < 15 {
        return;
    }
    pair.source.sql("select setval('u_id_seq', 4), setval('t_id_seq', 9)");
    pair.target.login_session().sql(script);
    pair.target.sql("insert into u values (6)");
    let source = standby.of(&pair.source);
    let repair = |more: &[&str]| {
        Fdwcopy::between(&pair).source(&source.login_url()).args(&["sequences", "--json"]).args(more).run()
    };
    let warned = |run: &Run| {
        let warnings = list(&run.json(), "warnings", &["code", "object"]);
        let told = warnings.into_iter().filter(|one| one[0] == "unlogged-on-standby");
        told.map(|mut one| one.remove(1)).collect::<Vec<_>>()
    };
    let run = repair(&[]).exits(0);
    assert_eq!(warned(&run), ["public.u_id_seq"]);
    assert_eq!(sequences(&pair.target), ["public.t_id_seq: 9 t", "public.u_id_seq: 6 t"]);
    // What no data prove is not called safe.
    pair.source.sql("create unlogged sequence s; select setval('s', 3)");
    pair.target.login_session().sql("create sequence s");
    let _ = standby.of(&pair.source);
    let run = repair(&[]).exits(3);
    assert_eq!(warned(&run), ["public.s", "public.u_id_seq"]);
    repair(&["--from", "source"]).exits(3);
    repair(&["-T", "s"]).exits(0);
}

#[test]
fn unlogged_sequences_of_a_standby_as_the_target_are_refused_by_name() {
    let standby = Standby::take();
    let pair =
        Pair::filled("it_standby_seq_target", "create unlogged table u (id serial); create sequence s");
    let target = standby.of(&pair.source);
    let look = |more: &[&str]| {
        let run = Fdwcopy::alone().target(&target.login_url()).args(&["sequences", "--json", "--dry-run"]);
        run.args(more).run()
    };
    if pair.source.version() >= 15 {
        let found = look(&[]).exits(4).findings();
        assert_eq!(found, [("unlogged-on-standby".to_owned(), "public.u_id_seq".to_owned())]);
    }
    // Nothing proves that one, and there is no source.
    let run = look(&["-t", "s"]).exits(3);
    assert_eq!(list(&run.json(), "sequences", &["name"]), [["s"]]);
}
