//! `--temporary-role`: a login on the source for one run, and no trace of it afterwards.

use crate::command::{Fdwcopy, Run};
use crate::equality::{assert_no_sessions, assert_unchanged, fingerprint};
use crate::gate::{GATED, Gate};
use crate::pair::{Database, Pair, Session, wait_for};

const PASSWORD: &str = "T3mpC0re";
const AS_PLAIN: [&str; 4] = ["-O", "-x", "--no-comments", "--json"];

/// A pair whose source belongs to a role that may create roles, and whose target belongs to a plain one.
fn pair_of(name: &str, script: &str) -> (Pair, String) {
    let role = format!("{name}_role");
    let mut pair = Pair::new(name);
    let (source, target) = (pair.source.server.clone(), pair.target.server.clone());
    pair.role_on(&source, &role, &format!("login createrole password '{PASSWORD}'"));
    pair.role_on(&target, &role, &format!("login password '{PASSWORD}'"));
    for database in [&pair.source, &pair.target] {
        database.server_sql(&format!("alter database {} owner to {role}", database.name));
    }
    pair.source.sql(&format!("set role {role}; {script}"));
    pair.target.sql("create extension if not exists postgres_fdw");
    pair.target.sql(&format!("grant usage on foreign data wrapper postgres_fdw to {role}"));
    (pair, role)
}

fn run(pair: &Pair, role: &str) -> Fdwcopy {
    Fdwcopy::alone().source(&pair.source.url_as(role, PASSWORD)).target(&pair.target.url_as(role, PASSWORD))
}

/// Asserts that no temporary role is left that could have been made for this database, and no right of one.
#[track_caller]
fn assert_no_role(source: &Database, maker: &str) {
    let mine = "select r.rolname from pg_roles r where r.rolname ~ '^fdwcopy_'
        and exists (select from pg_class c, aclexplode(c.relacl) a where a.grantee = r.oid)";
    assert_eq!(source.rows(mine), Vec::<Vec<String>>::new());
    let strangers = "select c.relname from pg_class c, aclexplode(c.relacl) a
        where a.grantee <> 0 and not exists (select from pg_roles r where r.oid = a.grantee)";
    assert_eq!(source.rows(strangers), Vec::<Vec<String>>::new());
    // Of the tests that run beside this one, none has a session on this database.
    let members = format!(
        "select m.roleid::regrole from pg_auth_members m where m.member = '{maker}'::regrole and m.roleid::regrole::text ~ '^fdwcopy_'"
    );
    assert_eq!(source.rows(&members), Vec::<Vec<String>>::new());
}

fn role_of(run: &Run) -> String {
    let noted = run.stderr.split("fdwcopy_").nth(1).unwrap_or_default();
    format!("fdwcopy_{}", noted.chars().take(8).collect::<String>())
}

#[test]
fn the_target_logs_in_as_the_temporary_role_and_never_hears_of_the_users_password() {
    let (pair, role) = pair_of("it_temp_role", GATED);
    pair.target.server_sql(&format!("alter role {role} set pg_stat_statements.track = 'all'"));
    pair.target.server_sql(&format!("alter role {role} set log_statement = 'all'"));
    let gate = Gate::close(&pair);
    let mut running = run(&pair, &role).args(&["clone", "-vv", "--temporary-role"]).args(&AS_PLAIN).spawn();
    gate.wait_for_a_worker(&mut running);
    let bridges = pair.source.rows(
        "select distinct usename ~ '^fdwcopy_[0-9a-f]{8}$', rolvaliduntil > now(), rolinherit, rolsuper, rolconnlimit > 0
           from pg_stat_activity join pg_roles on usename = rolname
          where datname = current_database() and application_name ~ ' bridge '",
    );
    assert_eq!(bridges, [["t", "t", "f", "f", "t"]]);
    gate.open();
    let ended = running.wait().exits(0);
    assert_eq!(pair.source.count("gated"), pair.target.count("gated"));
    assert!(crate::secrets::kit::recorded(&pair.target, PASSWORD).is_empty());
    crate::secrets::kit::assert_nowhere(&pair, PASSWORD);
    assert!(ended.stderr.contains("worthless"), "{}", ended.stderr);
    let name = role_of(&ended);
    assert_eq!(pair.source.value(&format!("select count(*) from pg_roles where rolname = '{name}'")), "0");
    assert_no_role(&pair.source, &role);
    assert_no_sessions(&pair);
}

#[test]
fn its_rights_are_not_copied() {
    let (pair, role) = pair_of(
        "it_temp_acl",
        "create schema s; create table s.t (x int); grant select on s.t to public; create table s.u (x int)",
    );
    let arguments = ["clone", "--temporary-role", "-O", "--no-comments", "--json"];
    let ended = run(&pair, &role).args(&arguments).run().exits(0);
    assert_eq!(ended.json()["not_copied"].to_string(), "[]");
    let rights = "select count(*) from pg_class c, aclexplode(c.relacl) a where relname = 'u' and a.grantee <> c.relowner";
    assert_eq!(pair.target.value(rights), "0");
    assert_eq!(pair.source.value(rights), "0");
}

#[test]
fn a_check_makes_it_and_drops_it() {
    let (pair, role) = pair_of("it_temp_check", "create table t (x int)");
    let before = fingerprint(&pair.source);
    run(&pair, &role).args(&["check", "--temporary-role"]).args(&AS_PLAIN).run().exits(0);
    assert_unchanged(&pair.source, &before);
    assert_no_role(&pair.source, &role);
    let away = ["check", "--temporary-role", "--source-from-target", "port=1"];
    let refused = run(&pair, &role).args(&away).args(&AS_PLAIN).run().exits(4);
    assert_eq!(refused.findings()[0].0, "source-unreachable-from-target");
    assert_no_role(&pair.source, &role);
}

#[test]
fn it_is_dropped_after_failure_and_interruption() {
    for signal in [None, Some("INT")] {
        let (pair, role) = pair_of("it_temp_fails", GATED);
        let gate = Gate::close(&pair);
        let mut running = run(&pair, &role).args(&["clone", "--temporary-role"]).args(&AS_PLAIN).spawn();
        gate.wait_for_a_worker(&mut running);
        match signal {
            Some(signal) => running.signal(signal),
            None => gate.terminate_workers(),
        }
        running.wait().exits(if signal.is_some() { 130 } else { 1 });
        assert_no_role(&pair.source, &role);
        assert_no_sessions(&pair);
    }
}

#[test]
fn who_may_not_create_roles_is_told_so() {
    let (pair, role) = pair_of("it_temp_refused", "create table t (x int)");
    pair.source.server_sql(&format!("alter role {role} nocreaterole"));
    let refused = run(&pair, &role).args(&["clone", "--temporary-role"]).args(&AS_PLAIN).run().exits(4);
    assert_eq!(refused.findings()[0].0, "temporary-role-impossible");
    assert!(refused.json()["findings"].to_string().contains("CREATEROLE"));
}

#[test]
fn a_table_of_somebody_else_needs_the_right_to_grant_it() {
    let (pair, role) = pair_of("it_temp_grant", "create table mine (x int)");
    pair.source.sql(&format!(
        "create table theirs (x int); insert into theirs values (1); grant select on theirs to {role}"
    ));
    let arguments = ["clone", "--temporary-role"];
    let refused = run(&pair, &role).args(&arguments).args(&AS_PLAIN).run().exits(4);
    assert_eq!(refused.findings(), [("temporary-role-impossible".into(), "public.theirs".into())]);
    pair.source.sql(&format!("grant select on theirs to {role} with grant option"));
    run(&pair, &role).args(&arguments).args(&AS_PLAIN).run().exits(0);
    assert_eq!(pair.target.count("theirs"), 1);
    assert_no_role(&pair.source, &role);
}

#[test]
fn row_security_needs_a_superuser() {
    let script = "create table t (x int); insert into t values (1), (2); alter table t enable row level security; create policy p on t using (x = 1)";
    let (pair, role) = pair_of("it_temp_rls", script);
    let arguments = ["clone", "--temporary-role"];
    let refused = run(&pair, &role).args(&arguments).args(&AS_PLAIN).run().exits(4);
    assert_eq!(refused.findings(), [("rows-hidden".into(), "public.t".into())]);
    let all = Fdwcopy::alone().source(&pair.source.url()).target(&pair.target.url_as(&role, PASSWORD));
    all.args(&arguments).args(&AS_PLAIN).run().exits(0);
    assert_eq!(pair.target.count("t"), 2);
    assert_no_role(&pair.source, &role);
}

#[test]
fn what_a_killed_run_leaves_of_it_is_removed_by_the_runs_id_alone() {
    let (pair, role) = pair_of("it_temp_removal", "create schema s; create table s.t (x int)");
    let id = fdwcopy::run::RunId::random();
    let name = format!("fdwcopy_{id}");
    let maker = Session::open(&pair.source.url_as(&role, PASSWORD));
    maker.sql(&format!(
        "create role {name} login noinherit password 'x'; grant connect on database {} to {name};
         grant usage on schema s to {name}; grant select on s.t to {name}",
        pair.source.name
    ));
    let bridge = Session::open(&pair.source.url_as(&name, "x"));
    bridge.sql("begin; select * from s.t");
    let removal = fdwcopy::temporary_role::removal(&id);
    maker.sql(removal.as_str());
    maker.sql(removal.as_str());
    assert_eq!(pair.source.value(&format!("select count(*) from pg_roles where rolname = '{name}'")), "0");
    assert!(bridge.try_sql("select 1").is_err());
    assert_no_role(&pair.source, &role);
}

#[test]
fn after_kill_9_the_janitor_drops_it() {
    let (pair, role) = pair_of("it_temp_kill", GATED);
    let gate = Gate::close(&pair);
    let mut running = run(&pair, &role).args(&["clone", "--temporary-role"]).args(&AS_PLAIN).spawn();
    gate.wait_for_a_worker(&mut running);
    let made = "select distinct usename from pg_stat_activity
                 where datname = current_database() and application_name ~ ' bridge '";
    let name = pair.source.value(made);
    assert!(name.starts_with("fdwcopy_"), "{name}");
    running.signal("KILL");
    let count = format!("select count(*) from pg_roles where rolname = '{name}'");
    wait_for("the janitor", || pair.source.value(&count) == "0");
    gate.open();
    assert_no_role(&pair.source, &role);
    assert_no_sessions(&pair);
}
