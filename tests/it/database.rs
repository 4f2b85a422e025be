//! What a database has of its own: settings, comment, rights, limits. It comes with a clone of the whole database, and
//! what the target has otherwise is never overwritten unasked.

use crate::command::{Fdwcopy, clone, list};
use crate::equality::{assert_equal, assert_nothing_left};
use crate::gate::{GATED, Gate};
use crate::pair::{Database, Pair};

const TABLE: &str = "create table t (id integer primary key); insert into t values (1), (2)";

/// All that the servers know of a database itself, its name and owner left out.
fn properties(database: &Database) -> Vec<Vec<String>> {
    let session = crate::pair::Session::open(&database.server.url("postgres"));
    session.rows(&format!(
        "select shobj_description(d.oid, 'pg_database'), datconnlimit, datistemplate,
                array(select unnest(datacl)::text order by 1),
                array(select s.setrole::regrole || ' ' || unnest(s.setconfig) from pg_db_role_setting s
                       where setdatabase = d.oid order by 1)
           from pg_database d where datname = '{}'",
        database.name
    ))
}

/// A pair whose source has all of it, and the role `<name>_reader`.
fn adorned(name: &str) -> Pair {
    let mut pair = Pair::filled(name, GATED);
    pair.role(&format!("{name}_reader"), "nologin");
    pair.source.sql(&format!(
        "comment on database {name}_src is 'it''s \"ours\"';
         alter database {name}_src connection limit 90;
         alter database {name}_src set search_path = \"$user\", public, \"a, b\";
         alter database {name}_src set application.colour = 'it''s blue\\';
         alter database {name}_src set datestyle = 'German, DMY';
         alter role {name}_reader in database {name}_src set work_mem = '5MB';
         revoke temporary on database {name}_src from public;
         grant temporary, create on database {name}_src to {name}_reader with grant option"
    ));
    pair
}

#[test]
fn a_database_gets_the_settings_comment_rights_and_limits_of_the_source() {
    let pair = adorned("it_database");
    let run = clone(&pair, &["--json"]).exits(0);
    assert_eq!(run.json()["not_copied"].as_array().unwrap().len(), 0);
    assert_equal(&pair);
    assert_eq!(properties(&pair.source), properties(&pair.target));
    assert_nothing_left(&pair);
    pair.target.sql("drop table gated, plain; drop domain passed; drop function gate");
    clone(&pair, &[]).exits(0);
    assert_eq!(properties(&pair.source), properties(&pair.target));
}

#[test]
fn a_part_of_a_database_brings_nothing_of_the_database_itself() {
    let pair = adorned("it_database_part");
    let before = properties(&pair.target);
    clone(&pair, &["-n", "public"]).exits(0);
    assert_eq!(properties(&pair.target), before);
}

#[test]
fn a_run_that_is_stopped_has_not_touched_the_database_itself() {
    let pair = adorned("it_database_stopped");
    let before = properties(&pair.target);
    for signal in ["INT", "KILL"] {
        let gate = Gate::close(&pair);
        let mut run = Fdwcopy::between(&pair).args(&["clone"]).spawn();
        gate.wait_for_a_worker(&mut run);
        run.signal(signal);
        run.wait();
        assert_nothing_left(&pair);
        assert_eq!(properties(&pair.target), before);
        gate.open();
    }
    clone(&pair, &[]).exits(0);
    assert_eq!(properties(&pair.source), properties(&pair.target));
}

#[test]
fn what_the_target_has_otherwise_stays_and_is_named_with_the_statement() {
    let pair = adorned("it_database_other");
    pair.target.sql(
        "comment on database it_database_other_dst is 'mine';
         alter database it_database_other_dst set datestyle = 'ISO, YMD';
         alter database it_database_other_dst set jit = off;
         revoke connect on database it_database_other_dst from public",
    );
    let run = clone(&pair, &["--json"]).exits(3);
    let left = list(&run.json(), "not_copied", &["kind", "object", "reason"]);
    let kinds: Vec<&str> = left.iter().map(|entry| entry[0].as_str()).collect();
    assert_eq!(kinds, ["DATABASE SETTING", "COMMENT", "DATABASE PRIVILEGE"]);
    let comment =
        "select shobj_description(oid, 'pg_database') from pg_database where datname = current_database()";
    assert_eq!(pair.target.value(comment), "mine");
    assert_eq!(pair.target.value("show datestyle"), "ISO, YMD");
    // The statement that is named does it.
    let statement = left[0][2].split_once("on the target: ").unwrap().1.split_once("; or").unwrap().0;
    pair.target.sql(statement);
    assert_eq!(pair.target.value("show datestyle"), "German, DMY");
    assert_eq!(pair.target.value("show jit"), "off");
}

#[test]
fn a_dry_run_shows_what_the_database_itself_would_get() {
    let pair = adorned("it_database_dry");
    let before = properties(&pair.target);
    let shown = clone(&pair, &["--dry-run"]).exits(0).stdout;
    for words in [
        r#"ALTER DATABASE "it_database_dry_dst" SET "search_path" TO '$user', 'public', 'a, b';"#,
        r#"COMMENT ON DATABASE "it_database_dry_dst" IS 'it''s "ours"';"#,
        r#"REVOKE TEMPORARY ON DATABASE "it_database_dry_dst" FROM PUBLIC;"#,
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert_eq!(properties(&pair.target), before);
}

#[test]
fn a_setting_that_our_role_may_not_make_is_named_with_the_servers_words() {
    let mut pair = Pair::filled("it_database_refused", TABLE);
    let server = pair.target.server.clone();
    pair.role_on(&server, "it_database_refused_me", "login password 'pw'");
    pair.target.sql("create extension postgres_fdw; grant usage on foreign data wrapper postgres_fdw to it_database_refused_me");
    pair.target.server_sql("alter database it_database_refused_dst owner to it_database_refused_me");
    pair.source.sql(
        "alter database it_database_refused_src set log_statement = 'none';
         alter database it_database_refused_src set work_mem = '5MB'",
    );
    let target = pair.target.url_as("it_database_refused_me", "pw");
    let run = |args: &[&str]| {
        Fdwcopy::between(&pair).target(&target).args(args).args(&["-O", "--no-comments", "--json"]).run()
    };
    let check = run(&["check"]).exits(0);
    let warned = list(&check.json(), "warnings", &["code", "object"]);
    assert_eq!(warned, [["not-copied", "DATABASE SETTING it_database_refused_dst: log_statement = none"]]);
    let cloned = run(&["clone"]).exits(3);
    let left = list(&cloned.json(), "not_copied", &["kind", "reason"]);
    assert_eq!(left, [["DATABASE SETTING", "permission denied to set parameter \"log_statement\""]]);
    assert_eq!(pair.target.value("show work_mem"), "5MB");
}

#[test]
fn settings_that_would_stop_a_run_do_not_stop_this_one_nor_the_next() {
    let pair = Pair::filled("it_database_hostile", TABLE);
    pair.source.sql(
        "alter database it_database_hostile_src set default_transaction_read_only = on;
         alter database it_database_hostile_src set statement_timeout = '1ms';
         alter database it_database_hostile_src set idle_in_transaction_session_timeout = '1ms';
         alter database it_database_hostile_src set search_path = 'nowhere';
         alter database it_database_hostile_src set session_replication_role = replica",
    );
    for _ in 0..2 {
        clone(&pair, &[]).exits(0);
        assert_eq!(properties(&pair.source), properties(&pair.target));
        let session =
            crate::pair::Session::open(&format!("{}?options=-c%20statement_timeout%3D0", pair.target.url()));
        assert_eq!(session.rows("select count(*) from public.t"), [["2"]]);
        session.sql("set session characteristics as transaction read write");
        session.sql("drop table public.t");
    }
}
