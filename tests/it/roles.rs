//! `--roles`: the roles that own or are granted anything come along, with their passwords or without; those that the
//! target has stay as they are, and what was made is undone with the rest.

use crate::command::{Fdwcopy, clone, list};
use crate::equality::{assert_equal, assert_no_sessions, assert_nothing_left, assert_unchanged, fingerprint};
use crate::gate::{GATED, Gate};
use crate::pair::{Database, Pair, Session, wait_for};
use crate::secrets::kit;

/// A pair with the roles `<name>_owner`, `_reader`, `_team`, `_boss`, `_watched` and `_set` on the source, each used in
/// another way.
fn peopled(name: &str) -> Pair {
    let mut pair = Pair::filled(name, GATED);
    let source = pair.source.server.clone();
    for (role, options) in [
        ("owner", "nologin createdb"),
        ("reader", "login password 'R3ader pw' connection limit 3 valid until '2090-01-02 03:04:05+00'"),
        ("team", "nologin"),
        ("boss", "nologin noinherit"),
        ("watched", "nologin"),
        ("set", "login"),
    ] {
        let role = format!("{name}_{role}");
        // One that an earlier failure kept.
        let _ = pair.target.session().try_sql(&format!("drop role if exists {role}"));
        pair.role_on(&source, &role, options);
    }
    pair.source.sql(&format!(
        "alter table plain owner to {name}_owner;
         create schema app authorization {name}_owner;
         grant select on gated to {name}_reader; grant update (x) on gated to {name}_watched;
         alter default privileges for role {name}_owner in schema app grant select on tables to {name}_reader;
         alter table gated enable row level security;
         create policy only_watched on gated to {name}_watched using (true);
         revoke {name}_team from {name}_reader; revoke {name}_boss from {name}_team;
         grant {name}_team to {name}_reader with admin option; grant {name}_boss to {name}_team;
         grant pg_monitor to {name}_boss;
         alter role {name}_reader set search_path = \"$user\", app, \"Mixed, Case\";
         alter role {name}_reader set statement_timeout = '90s';
         alter role {name}_set in database {name}_src set work_mem = '5MB';
         comment on role {name}_team is 'it''s the team'"
    ));
    pair
}

/// All that the servers know of the roles whose name begins so.
fn people(database: &Database, prefix: &str) -> Vec<Vec<String>> {
    database.rows(&format!(
        "select r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication,
                r.rolbypassrls, r.rolconnlimit, r.rolvaliduntil, a.rolpassword, shobj_description(r.oid, 'pg_authid'),
                (select setconfig from pg_db_role_setting s where s.setrole = r.oid and setdatabase = 0),
                (select setconfig from pg_db_role_setting s join pg_database d on d.oid = setdatabase
                  where s.setrole = r.oid and datname = current_database()),
                array(select roleid::regrole || ' ' || admin_option from pg_auth_members m where m.member = r.oid order by 1)
           from pg_roles r join pg_authid a using (rolname) where r.rolname ~ '^{prefix}_' order by 1"
    ))
}

fn names(database: &Database, prefix: &str) -> Vec<String> {
    people(database, prefix).into_iter().map(|mut row| row.remove(0)).collect()
}

#[test]
fn a_label_of_a_role_that_the_target_knows_no_provider_for_is_named() {
    let mut pair = Pair::new("it_roles_label");
    pair.role_on(&pair.source.server.clone(), "it_roles_labelled", "nologin");
    pair.source.sql(
        "create table t (x integer); alter table t owner to it_roles_labelled;
         insert into pg_shseclabel values ('it_roles_labelled'::regrole, 'pg_authid'::regclass, 'nobody', 'secret')",
    );
    let run = clone(&pair, &["--roles", "--json"]).exits(3);
    let left = list(&run.json(), "not_copied", &["kind", "object", "reason"]);
    assert_eq!(left[0][..2], ["SECURITY LABEL", "ROLE it_roles_labelled for nobody"]);
    assert!(left.len() == 1 && left[0][2].contains("nobody"), "{left:?}");
    pair.source.sql("delete from pg_shseclabel where provider = 'nobody'");
    pair.target.sql("drop table t; drop role it_roles_labelled");
}

#[test]
fn roles_come_with_all_that_makes_them_and_log_in_with_their_old_passwords() {
    let pair = peopled("it_roles_all");
    clone(&pair, &["--roles"]).exits(0);
    assert_equal(&pair);
    assert_eq!(people(&pair.source, "it_roles_all"), people(&pair.target, "it_roles_all"));
    assert_eq!(people(&pair.target, "it_roles_all").len(), 6);
    let reader = Session::open(&pair.target.url_as("it_roles_all_reader", "R3ader%20pw"));
    assert_eq!(reader.value("select count(*) from public.gated"), "0", "row security holds");
    assert_eq!(reader.value("show search_path"), r#""$user", app, "Mixed, Case""#);
    drop(reader);
    assert_nothing_left(&pair);

    pair.target.sql(
        "drop schema app cascade; drop schema public cascade; create schema public authorization pg_database_owner;
         grant usage on schema public to public; comment on schema public is 'standard public schema'",
    );
    let again = clone(&pair, &["--roles", "--json"]).exits(0);
    assert_eq!(list(&again.json(), "warnings", &["code"]), Vec::<Vec<String>>::new());
    assert_equal(&pair);
}

#[test]
fn roles_come_without_passwords_if_these_are_not_wanted() {
    let pair = peopled("it_roles_no_pw");
    clone(&pair, &["--roles", "--no-role-passwords"]).exits(0);
    let with =
        pair.target.value("select count(rolpassword) from pg_authid where rolname ~ '^it_roles_no_pw_'");
    assert_eq!((with.as_str(), names(&pair.target, "it_roles_no_pw").len()), ("0", 6));
}

#[test]
fn roles_that_are_missing_are_found_before_anything_is_made() {
    let pair = peopled("it_roles_missing");
    let before = fingerprint(&pair.target);
    let run = clone(&pair, &["--json"]).exits(4).says(&["--roles"]);
    let expected = ["it_roles_missing_owner", "it_roles_missing_reader", "it_roles_missing_watched"];
    let found: Vec<String> =
        run.findings().into_iter().map(|(code, object)| format!("{code} {object}")).collect();
    assert_eq!(found, expected.map(|role| format!("role-missing role {role}")));
    // A policy names its roles, whoever owns the table.
    let run = clone(&pair, &["--json", "-O", "-x"]).exits(4);
    assert_eq!(run.findings(), [("role-missing".into(), "role it_roles_missing_watched".into())]);
    assert_unchanged(&pair.target, &before);
}

#[test]
fn a_check_and_a_dry_run_make_no_role_and_show_no_password() {
    let pair = peopled("it_roles_dry");
    let verifier =
        pair.source.value("select rolpassword from pg_authid where rolname = 'it_roles_dry_reader'");
    let check = crate::command::fdwcopy(&pair, &["check", "--roles", "--json"]).exits(0);
    assert!(check.findings().is_empty());
    let shown = clone(&pair, &["--roles", "--dry-run"]).exits(0).stdout;
    let membership = if pair.source.version().min(pair.target.version()) < 16 {
        r#"GRANT "it_roles_dry_team" TO "it_roles_dry_reader" WITH ADMIN OPTION;"#
    } else {
        r#"GRANT "it_roles_dry_team" TO "it_roles_dry_reader" WITH ADMIN TRUE, INHERIT TRUE, SET TRUE;"#
    };
    for words in [
        membership,
        r#"CREATE ROLE "it_roles_dry_owner" CREATEDB;"#,
        r#"ALTER ROLE "it_roles_dry_reader" PASSWORD '********';"#,
        r#"SET "search_path" TO '$user', 'app', 'Mixed, Case';"#,
    ] {
        assert!(shown.contains(words), "{words} in {shown}");
    }
    assert!(!shown.contains(&verifier));
    assert!(names(&pair.target, "it_roles_dry").is_empty());
}

#[test]
fn a_role_that_the_target_has_stays_as_it_is_and_is_told() {
    let mut pair = peopled("it_roles_there");
    let target = pair.target.server.clone();
    pair.role_on(&target, "it_roles_there_reader", "login password 'the target''s'");
    let before = pair.target.rows("select * from pg_authid where rolname = 'it_roles_there_reader'");
    let run = clone(&pair, &["--roles", "--json"]).exits(0);
    assert_eq!(
        list(&run.json(), "warnings", &["code", "object"]),
        [["role-differs", "role it_roles_there_reader"]]
    );
    let message = run.json()["warnings"][0]["message"].to_string();
    for word in ["CONNECTION LIMIT", "VALID UNTIL", "search_path", "its membership in it_roles_there_team"] {
        assert!(message.contains(word), "{word} in {message}");
    }
    assert_eq!(pair.target.rows("select * from pg_authid where rolname = 'it_roles_there_reader'"), before);
    assert_eq!(
        names(&pair.target, "it_roles_there"),
        ["owner", "reader", "set", "watched"].map(|role| format!("it_roles_there_{role}"))
    );
}

#[test]
fn roles_go_with_a_run_that_is_interrupted_or_killed() {
    let pair = peopled("it_roles_undone");
    let before = fingerprint(&pair.target);
    for signal in ["INT", "KILL"] {
        let gate = Gate::close(&pair);
        let mut run = Fdwcopy::between(&pair).args(&["clone", "--roles"]).spawn();
        gate.wait_for_a_worker(&mut run);
        assert_eq!(names(&pair.target, "it_roles_undone").len(), 6);
        run.signal(signal);
        let run = run.wait();
        assert_nothing_left(&pair);
        assert!(names(&pair.target, "it_roles_undone").is_empty(), "{}", run.stderr);
        assert_unchanged(&pair.target, &before);
        gate.open();
    }
    clone(&pair, &["--roles"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn a_role_that_somebody_has_come_to_need_is_left_and_told_and_the_rest_goes() {
    let pair = peopled("it_roles_needed");
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone", "--roles", "--json"]).spawn();
    gate.wait_for_a_worker(&mut run);
    pair.target.sql("create schema mine authorization it_roles_needed_team");
    run.signal("INT");
    run.wait().exits(1).says(&["ROLE it_roles_needed_team"]);
    assert_no_sessions(&pair);
    assert_eq!(names(&pair.target, "it_roles_needed"), ["it_roles_needed_team"]);
    gate.open();
    pair.target.sql("drop schema mine");
    let cleanup =
        Fdwcopy::alone().target(&pair.target.login_url()).args(&["cleanup", "--json"]).run().exits(0);
    assert!(cleanup.stdout.contains("ROLE it_roles_needed_team"), "{}", cleanup.stdout);
    assert!(names(&pair.target, "it_roles_needed").is_empty());
}

/// A plain role `<name>_me` that owns the target's database, with these options.
fn plain_target(pair: &mut Pair, name: &str, options: &str) -> String {
    let server = pair.target.server.clone();
    let me = format!("{name}_me");
    pair.role_on(&server, &me, &format!("login password 'pw' {options}"));
    pair.target.sql("create extension postgres_fdw");
    pair.target.sql(&format!("grant usage on foreign data wrapper postgres_fdw to {me}"));
    pair.target.server_sql(&format!("alter database {} owner to {me}", pair.target.name));
    pair.target.url_as(&me, "pw")
}

const OWNED: &str = "create table t (id serial primary key, x integer); insert into t (x) values (1), (2);
    create index on t (x)";

#[test]
fn a_plain_role_that_may_make_roles_gives_them_their_objects_and_leaves_them() {
    let mut pair = Pair::filled("it_roles_plain", OWNED);
    let source = pair.source.server.clone();
    pair.role_on(&source, "it_roles_plain_owner", "login password 'Own3r pw'");
    pair.role_on(&source, "it_roles_plain_team", "nologin");
    pair.source.sql(
        "alter table t owner to it_roles_plain_owner; grant it_roles_plain_team to it_roles_plain_owner;
         grant select on t to it_roles_plain_team",
    );
    let target = plain_target(&mut pair, "it_roles_plain", "createrole");
    pair.target.sql("alter schema public owner to it_roles_plain_me");
    let run =
        Fdwcopy::between(&pair).target(&target).args(&["clone", "--roles", "--no-comments", "--json"]).run();
    let run = run.exits(0);
    let codes = list(&run.json(), "warnings", &["code"]);
    // Up to 14 the schema public is whose the server is.
    let of_public = (pair.source.version() < 15).then_some(["public-owner-differs"]);
    let wanted: Vec<[&str; 1]> = [["database-owner-differs"]].into_iter().chain(of_public).collect();
    assert_eq!(codes, wanted);
    assert_eq!(
        pair.target.value("select tableowner from pg_tables where tablename = 't'"),
        "it_roles_plain_owner"
    );
    let members =
        "select member::regrole::text from pg_auth_members where roleid::regrole::text ~ '^it_roles_plain'";
    // From 16 on who makes a role may administer it, and nothing else.
    let made: &[[&str; 1]] = if pair.target.version() < 16 { &[] } else { &[["it_roles_plain_me"]; 2] };
    let wanted = [made, &[["it_roles_plain_owner"]]].concat();
    assert_eq!(pair.target.rows(&format!("{members} order by 1")), wanted);
    assert_eq!(
        Session::open(&pair.target.url_as("it_roles_plain_owner", "Own3r%20pw"))
            .value("select count(*) from t"),
        "2"
    );
}

#[test]
fn what_a_plain_role_may_not_make_is_found_with_the_statement_that_an_administrator_runs() {
    let mut pair = Pair::filled("it_roles_refused", OWNED);
    let source = pair.source.server.clone();
    pair.role_on(&source, "it_roles_refused_owner", "nologin replication connection limit 4");
    pair.source.sql("alter table t owner to it_roles_refused_owner");
    let target = plain_target(&mut pair, "it_roles_refused", "");
    let run = |command| {
        Fdwcopy::between(&pair).target(&target).args(&[command, "--roles", "--no-comments", "--json"]).run()
    };
    let refused = run("check").exits(4);
    assert_eq!(refused.findings(), [("role-refused".into(), "role it_roles_refused_owner".into())]);
    pair.target.sql("alter role it_roles_refused_me createrole");
    let refused = run("clone").exits(4);
    let remedy = refused.json()["findings"][0]["remedy"].as_str().unwrap().to_owned();
    let statements = remedy.split_once("target: ").unwrap().1.rsplit_once(';').unwrap().0;
    pair.target.sql(statements);
    pair.target.sql("alter schema public owner to it_roles_refused_me");
    run("clone").exits(0);
    assert_eq!(
        pair.target.value("select rolreplication from pg_roles where rolname = 'it_roles_refused_owner'"),
        "t"
    );
}

#[test]
fn a_source_role_that_may_not_read_passwords_is_told_that_the_roles_come_without() {
    let mut pair = Pair::filled("it_roles_unread", OWNED);
    let source = pair.source.server.clone();
    pair.role_on(&source, "it_roles_unread_reader", "login password 'pw'");
    pair.source.sql(
        "grant select on t to it_roles_unread_reader; grant select on sequence t_id_seq to it_roles_unread_reader",
    );
    let url = pair.source.url_as("it_roles_unread_reader", "pw");
    let run = |options: &[&str]| {
        Fdwcopy::between(&pair).source(&url).args(&["clone", "--roles", "--json"]).args(options).run()
    };
    let told = run(&[]).exits(0);
    assert_eq!(list(&told.json(), "warnings", &["code"]), [["passwords-unreadable"]]);
    pair.target.sql("drop table t; drop role it_roles_unread_reader");
    let meant = run(&["--no-role-passwords"]).exits(0);
    assert!(list(&meant.json(), "warnings", &["code"]).is_empty(), "{}", meant.stdout);
}

#[test]
fn a_verifier_is_written_down_nowhere() {
    let role = "it_roles_secret_me";
    let (mut pair, run) = kit::guarded_plain("it_roles_secret", role, kit::SECRET);
    let source = pair.source.server.clone();
    pair.role_on(&source, "it_roles_secret_reader", "login password 'V3rySecret'");
    pair.source.sql("grant select on gated to it_roles_secret_reader");
    pair.target.server_sql(&format!("alter role {role} createrole"));
    // As plain as the other one, but for what it takes to read passwords.
    pair.source.sql(&format!("grant select on pg_authid to {role}"));
    let verifier =
        pair.source.value("select rolpassword from pg_authid where rolname = 'it_roles_secret_reader'");
    let run = run.args(&["clone", "-vv", "--roles", "-O", "--no-comments", "--progress", "lines"]).run();
    assert!([Some(0), Some(3)].contains(&run.code), "{}", run.stderr);
    pair.source.sql(&format!("revoke select on pg_authid from {role}"));
    let there =
        pair.target.value("select rolpassword from pg_authid where rolname = 'it_roles_secret_reader'");
    assert_eq!(there, verifier);
    let secret = verifier.rsplit_once(':').unwrap().1;
    kit::assert_not_told(&run, secret);
    kit::assert_not_written(&pair.target, secret);
    let statements = kit::logged(&pair.target, "CREATE ROLE \"it_roles_secret_reader\"");
    assert!(!statements.is_empty(), "the search would find what is there");
}

#[test]
fn a_run_that_is_taken_up_again_finds_its_roles() {
    let pair = peopled("it_roles_resume");
    let options = ["clone", "--roles", "--consistency", "none", "-j", "2"];
    let killed = || {
        let gate = Gate::close(&pair);
        let mut run = Fdwcopy::between(&pair).args(&options).spawn();
        gate.wait_for_a_worker(&mut run);
        run.signal("KILL");
        run.wait();
        assert_no_sessions(&pair);
        gate.open();
        assert_eq!(names(&pair.target, "it_roles_resume").len(), 6);
    };
    killed();
    let cleanup = ["cleanup", "--unfinished", "drop"];
    Fdwcopy::alone().target(&pair.target.login_url()).args(&cleanup).run().exits(0);
    wait_for("the roles to go", || names(&pair.target, "it_roles_resume").is_empty());
    killed();
    Fdwcopy::between(&pair).args(&options).args(&["--resume"]).run().exits(0);
    assert_equal(&pair);
    assert_eq!(people(&pair.source, "it_roles_resume"), people(&pair.target, "it_roles_resume"));
}
