//! Large objects: with their oids, contents, owners, comments and rights, by both roads, and undone as everything else.

use std::time::Duration;

use crate::command::{Fdwcopy, Run, clone, list};
use crate::equality::{assert_equal, assert_no_sessions, assert_nothing_left, assert_unchanged, fingerprint};
use crate::gate::{GATED, Gate, LATE};
use crate::pair::{Database, Pair};

/// Ordinary, empty, sparse ones, ones that end in a hole, one with a short page in its middle, and one of a few MB.
const SHAPES: &str = "
    select lo_from_bytea(100001, 'hello'), lo_create(100002),
           lo_put(lo_create(100003), 50000000, 'far away'), lo_create(100004), lo_create(100005), lo_create(100006);
    do $$ begin
        perform lo_truncate64(lo_open(100004, 131072), 8192);
        perform lo_put(100005, 0, decode(repeat('ab', 2048), 'hex'));
        perform lo_truncate64(lo_open(100005, 131072), 2048 * 3);
        perform lo_truncate64(lo_open(100005, 131072), 2048 * 2);
        perform lo_put(100006, 0, 'short'); perform lo_put(100006, 4096, 'page');
        perform lo_truncate64(lo_open(100006, 131072), 300000);
    end $$;
    select lo_from_bytea(100007, (select string_agg(decode(md5(i::text), 'hex'), '' order by i) from generate_series(1, 200000) i));
    select lo_from_bytea(100008, decode(repeat('00', 5000), 'hex'));
    select lo_from_bytea(4000000000, 'beyond half of all oids');
    create table documents (id integer primary key, body oid);
    insert into documents select 1, 100007;
";

/// What a database's large objects are, as lines; `acl` as a set.
fn objects(database: &Database) -> Vec<Vec<String>> {
    database.rows(
        "select m.oid, pg_get_userbyid(lomowner), obj_description(m.oid, 'pg_largeobject'),
                (select string_agg(a.grantee::regrole || ' ' || a.privilege_type || ' ' || a.is_grantable, ',' order by 1)
                   from aclexplode(lomacl) a), lomacl is null,
                length(lo_get(m.oid)), md5(lo_get(m.oid))
           from pg_largeobject_metadata m order by 1",
    )
}

/// How many pages they take: holes take none.
fn pages(database: &Database) -> u64 {
    database.count("pg_largeobject")
}

#[track_caller]
fn assert_same_objects(pair: &Pair) {
    let (here, there) = (objects(&pair.source), objects(&pair.target));
    assert!(!here.is_empty());
    assert_eq!(here, there);
}

fn no_objects(database: &Database) {
    assert_eq!(database.count("pg_largeobject_metadata"), 0);
    assert_eq!(pages(database), 0);
}

/// Plain roles on both sides, the source's with SELECT on everything, the target's the owner of the database.
fn plain(name: &str, script: &str) -> (Pair, String) {
    let mut pair = Pair::filled(name, script);
    let role = name.to_owned();
    pair.role(&role, "login password 'plain'");
    pair.source.sql(&format!(
        "grant select on all tables in schema public to {role};
         do $$ declare o oid; begin for o in select oid from pg_largeobject_metadata loop
             execute format('grant select on large object %s to {role}', o); end loop; end $$"
    ));
    let target = &pair.target.name;
    pair.target.server_sql(&format!("alter database {target} owner to {role}"));
    pair.target.sql(&format!(
        "alter schema public owner to {role}; create extension postgres_fdw;
         grant usage on foreign data wrapper postgres_fdw to {role}"
    ));
    (pair, role)
}

fn clone_as(pair: &Pair, role: &str, options: &[&str]) -> Fdwcopy {
    Fdwcopy::between(pair)
        .source(&pair.source.url_as(role, "plain"))
        .target(&pair.target.url_as(role, "plain"))
        .args(&["clone", "--json"])
        .args(options)
}

fn road(run: &Run) -> String {
    run.json()["large_objects"]["road"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn every_shape_arrives_with_its_oid_over_the_catalogs() {
    let pair = Pair::filled("it_lo_shapes", SHAPES);
    let run = clone(&pair, &["--json", "--verify", "checksum"]).exits(0);
    assert_eq!(road(&run), "catalogs");
    assert_eq!(run.json()["large_objects"]["count"], 9);
    assert_eq!(run.json()["large_objects"]["verified"], "checksum");
    assert_same_objects(&pair);
    assert!(pages(&pair.target) <= pages(&pair.source) + 2);
    assert_equal(&pair);
}

#[test]
fn every_shape_arrives_between_plain_roles_in_pieces() {
    let (pair, role) = plain("it_lo_plain", SHAPES);
    let run = clone_as(&pair, &role, &["--no-owner", "-x", "--verify", "checksum"]).run().exits(0);
    assert_eq!(road(&run), "streamed");
    let content = "select oid, length(lo_get(oid)), md5(lo_get(oid)) from pg_largeobject_metadata order by 1";
    assert_eq!(pair.source.rows(content), pair.target.rows(content));
    assert!(pages(&pair.target) <= pages(&pair.source), "a hole became zeros");
    assert_eq!(
        pair.target
            .value("select string_agg(distinct lomowner::regrole::text, ',') from pg_largeobject_metadata"),
        role
    );
    assert_no_sessions(&pair);
}

const DESCRIBED: &str = r#"
    select lo_from_bytea(100000 + i, decode(md5(i::text), 'hex')) from generate_series(1, 6) i;
    comment on large object 100001 is 'it''s a \ comment';
    alter large object 100002 owner to it_lo_owner;
    grant select on large object 100002 to public;
    grant select, update on large object 100002 to "it lo Reader" with grant option;
    revoke update on large object 100003 from current_user;
    revoke all on large object 100004 from current_user;
    alter large object 100005 owner to it_lo_owner;
    revoke all on large object 100005 from it_lo_owner;
    comment on large object 100005 is 'no rights at all';
"#;

#[test]
fn owners_comments_and_rights_come_along() {
    let mut pair = Pair::new("it_lo_described");
    pair.role("it_lo_owner", "nologin");
    pair.role("\"it lo Reader\"", "nologin");
    pair.source.sql(DESCRIBED);
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_same_objects(&pair);
    assert_nothing_left(&pair);
}

#[test]
fn what_the_target_refuses_of_one_is_named() {
    let pair = Pair::filled(
        "it_lo_refused",
        "select lo_from_bytea(100001, 'x'), lo_from_bytea(100002, 'y'); comment on large object 100002 is 'c';
         insert into pg_seclabel values (100001, 'pg_largeobject'::regclass, 0, 'nobody', 'secret')",
    );
    let run = clone(&pair, &["--json"]).exits(3);
    let left = list(&run.json(), "not_copied", &["kind", "object", "reason"]);
    assert_eq!(left[0][..2], ["large object", "100001"]);
    assert!(left.len() == 1 && left[0][2].contains("nobody"), "{left:?}");
    assert_same_objects(&pair);
}

#[test]
fn rights_that_others_have_granted_come_from_the_owner_and_are_told() {
    let mut pair = Pair::new("it_lo_grantor");
    pair.role("it_lo_grantor", "nologin");
    pair.source.sql(
        "select lo_from_bytea(100001, 'x'); grant select on large object 100001 to it_lo_grantor with grant option;
         set role it_lo_grantor; grant select on large object 100001 to public; reset role",
    );
    let run = clone(&pair, &["--json"]).exits(0);
    assert_eq!(
        list(&run.json(), "warnings", &["code", "object"]),
        [["grantor-changed", "large object 100001"]]
    );
    assert_same_objects(&pair);
}

/// A plain role that may become the owner of one large object, but has not inherited his rights.
fn given(name: &str, script: &str) -> (Pair, String) {
    let mut pair = Pair::filled(name, script);
    pair.role(&format!("{name}_owner"), "nologin");
    pair.role(name, "login password 'plain' noinherit");
    for server in [&pair.source, &pair.target] {
        server.server_sql(&format!("grant {name}_owner to {name}"));
    }
    pair.source.sql(&format!(
        "select lo_from_bytea(100001, 'given away'), lo_from_bytea(100002, 'mine');
         alter large object 100001 owner to {name}_owner; alter large object 100002 owner to {name};
         revoke all on large object 100001 from {name}_owner;
         grant select on large object 100001 to {name}, public; comment on large object 100001 is 'c';
         grant select on all tables in schema public to {name}; grant select on all sequences in schema public to {name}"
    ));
    let target = &pair.target.name;
    pair.target.server_sql(&format!("alter database {target} owner to {name}"));
    pair.target.sql(&format!(
        "alter schema public owner to {name}; create extension postgres_fdw;
         grant usage on foreign data wrapper postgres_fdw to {name}"
    ));
    (pair, name.to_owned())
}

#[test]
fn a_plain_role_undoes_what_it_has_given_away() {
    let script = format!("{GATED} {LATE} create index on plain (public.late(id::integer))");
    let (pair, role) = given("it_lo_given_undone", &script);
    let gate = Gate::close_late(&pair);
    let mut run = clone_as(&pair, &role, &["--no-owner"]).spawn();
    gate.wait_for_a_worker(&mut run);
    // As if owners had been asked for: the tables' would stand in the way here.
    pair.target.sql(&format!("alter large object 100001 owner to {role}_owner"));
    run.signal("INT");
    run.wait().exits(130);
    gate.open();
    assert_nothing_of_ours(&pair);
}

#[test]
fn a_plain_role_gives_them_to_owners_that_it_may_become() {
    let (pair, role) = given("it_lo_given", "");
    clone_as(&pair, &role, &[]).run().exits(4).says(&["does not inherit its rights"]);
    // From 16 on each membership has it of its own.
    pair.target.server_sql(if pair.target.version() < 16 {
        "alter role it_lo_given inherit"
    } else {
        "grant it_lo_given_owner to it_lo_given with inherit true"
    });
    clone_as(&pair, &role, &[]).args(&["--verify", "checksum"]).run().exits(0);
    assert_same_objects(&pair);
}

#[test]
fn owners_comments_and_rights_are_left_out_as_asked() {
    let mut pair = Pair::new("it_lo_bare");
    pair.role("it_lo_bare_owner", "nologin");
    pair.source.sql(
        "select lo_from_bytea(100001, 'x'); alter large object 100001 owner to it_lo_bare_owner;
         grant select on large object 100001 to public; comment on large object 100001 is 'c'",
    );
    clone(&pair, &["--no-owner", "-x", "--no-comments"]).exits(0);
    assert_eq!(objects(&pair.target)[0][1..5], [pair.target.login.user.as_str(), "∅", "∅", "t"]);
}

#[test]
fn ten_thousand_small_ones_take_seconds_by_both_roads() {
    let many = "select count(lo_from_bytea(200000 + i, decode(repeat(md5(i::text), 32), 'hex'))) from generate_series(1, 10000) i";
    let pair = Pair::filled("it_lo_many", many);
    let run = clone(&pair, &["--json"]).exits(0);
    assert!(run.time < Duration::from_secs(60), "{:?}", run.time);
    assert_same_objects(&pair);
    let (pair, role) = plain("it_lo_many_plain", many);
    let run = clone_as(&pair, &role, &["--no-owner", "-x"]).run().exits(0);
    assert!(run.time < Duration::from_secs(60), "{:?}", run.time);
    assert_eq!(pair.target.count("pg_largeobject_metadata"), 10000);
}

#[test]
fn twenty_thousand_with_owners_and_comments_do_not_fill_the_lock_table() {
    let mut pair = Pair::new("it_lo_locks");
    pair.role("it_lo_locks_owner", "nologin");
    pair.source.sql(
        "select count(lo_create(300000 + i)) from generate_series(1, 20000) i;
         update pg_largeobject_metadata set lomowner = 'it_lo_locks_owner'::regrole;
         insert into pg_description select oid, 'pg_largeobject'::regclass, 0, 'c' from pg_largeobject_metadata",
    );
    clone(&pair, &[]).exits(0);
    let described = "select count(*) from pg_largeobject_metadata where lomowner = 'it_lo_locks_owner'::regrole and obj_description(oid, 'pg_largeobject') = 'c'";
    assert_eq!(pair.target.value(described), "20000");
    // Direct changes of a catalog leave no dependency that would keep the role.
    pair.source.sql("update pg_largeobject_metadata set lomowner = 10");
}

#[test]
fn one_of_a_hundred_megabytes_arrives_by_both_roads() {
    let large = "select lo_create(100001); select count(lo_put(100001, i * 1000000::bigint, decode(repeat(md5(i::text), 31250), 'hex'))) from generate_series(0, 199) i";
    let digest = "select md5(string_agg(md5(lo_get(100001, i * 1000000::bigint, 1000000)), '' order by i)) from generate_series(0, 199) i";
    let pair = Pair::filled("it_lo_large", large);
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_eq!(pair.source.value(digest), pair.target.value(digest));
    let (pair, role) = plain("it_lo_large_plain", large);
    clone_as(&pair, &role, &["--no-owner", "-x", "--verify", "checksum"]).run().exits(0);
    assert_eq!(pair.source.value(digest), pair.target.value(digest));
}

#[test]
fn a_run_that_fails_after_them_leaves_none_and_the_next_one_is_equal() {
    let pair = Pair::filled(
        "it_lo_undone",
        &format!("{GATED} {LATE} {SHAPES} create index on plain (public.late(id::integer))"),
    );
    let before = fingerprint(&pair.target);
    for signal in ["INT", "KILL"] {
        let gate = Gate::close_late(&pair);
        let mut run = Fdwcopy::between(&pair).args(&["clone", "--json"]).spawn();
        gate.wait_for_a_worker(&mut run);
        assert_eq!(pair.target.count("pg_largeobject_metadata"), 9);
        run.signal(signal);
        run.wait();
        assert_no_sessions(&pair);
        crate::pair::wait_for("the undoing", || !pair.target.exists("fdwcopy_state.run"));
        assert_unchanged(&pair.target, &before);
        no_objects(&pair.target);
        gate.open();
    }
    clone(&pair, &[]).exits(0);
    assert_same_objects(&pair);
}

#[test]
fn a_run_killed_while_rows_are_copied_leaves_none() {
    let pair = Pair::filled("it_lo_rows", &format!("{GATED} {SHAPES}"));
    let gate = Gate::close(&pair);
    let mut run = Fdwcopy::between(&pair).args(&["clone"]).spawn();
    gate.wait_for_a_worker(&mut run);
    run.signal("KILL");
    run.wait();
    assert_no_sessions(&pair);
    gate.open();
    no_objects(&pair.target);
}

#[test]
fn an_interrupted_run_goes_on_with_those_that_are_missing() {
    for mode in ["lock", "none"] {
        let pair = Pair::filled(
            &format!("it_lo_resume_{mode}"),
            &format!("{GATED} {LATE} {SHAPES} create index on plain (public.late(id::integer))"),
        );
        let gate = Gate::close_late(&pair);
        let mut run = Fdwcopy::between(&pair).args(&["clone", "--consistency", mode]).spawn();
        gate.wait_for_a_worker(&mut run);
        run.signal("KILL");
        run.wait();
        assert_no_sessions(&pair);
        gate.open();
        assert_eq!(pair.target.count("fdwcopy_state.large_object"), 9);
        pair.source.sql("select lo_unlink(100001), lo_from_bytea(100009, 'new'), lo_put(100006, 0, 'SHORT')");
        if mode == "none" {
            // There no promise is made for what changed meanwhile, and the proof tells it.
            let run = clone(&pair, &["--json", "--consistency", mode, "--resume"]).exits(0);
            assert_eq!(run.json()["large_objects"]["count"], 9);
            pair.source.sql("select lo_put(100006, 0, 'short')");
        } else {
            clone(&pair, &["--consistency", mode, "--resume", "--verify", "checksum"]).exits(0);
        }
        assert_same_objects(&pair);
        assert_equal(&pair);
    }
}

/// Enough of them to be interrupted in the middle of.
const MANY: &str = "
    create table t (x integer); insert into t values (1);
    select count(lo_from_bytea(200000 + i, decode(repeat(md5(i::text), 500), 'hex'))) from generate_series(1, 4000) i;
    do $$ begin for i in 200001 .. 201000 loop execute format('comment on large object %s is %L', i, i); end loop; end $$";

#[test]
fn a_run_killed_at_any_moment_leaves_all_of_them_or_none() {
    let pair = Pair::filled("it_lo_killed", MANY);
    let mut undone = 0;
    for moment in 0..40 {
        let run = Fdwcopy::between(&pair).args(&["clone"]).spawn();
        std::thread::sleep(Duration::from_millis(600 + moment * 250));
        run.try_signal("KILL");
        let run = run.wait();
        assert_no_sessions(&pair);
        if run.code == Some(0) || pair.target.exists("t") {
            break;
        }
        crate::pair::wait_for("the undoing", || !pair.target.exists("fdwcopy_state.run"));
        no_objects(&pair.target);
        undone += 1;
    }
    assert!(undone > 1);
    assert_same_objects(&pair);
}

#[test]
fn a_run_killed_at_any_moment_is_taken_up_again_until_all_are_there() {
    for mode in ["lock", "none"] {
        let pair = Pair::filled(&format!("it_lo_kill_resume_{mode}"), MANY);
        for moment in 0.. {
            let begun = pair.target.exists("fdwcopy_state.run");
            let resume: &[&str] = if begun { &["--resume"] } else { &[] };
            let run = Fdwcopy::between(&pair)
                .args(&["clone", "--consistency", mode])
                .args(resume)
                .args(&["-j", "2"])
                .spawn();
            std::thread::sleep(Duration::from_millis(800 + moment * 400));
            run.try_signal("KILL");
            let run = run.wait();
            assert_no_sessions(&pair);
            assert!(matches!(run.code, None | Some(0)), "{}\n{}", run.stdout, run.stderr);
            if !pair.target.exists("fdwcopy_state.run") && pair.target.exists("t") {
                break;
            }
        }
        assert_same_objects(&pair);
        assert_equal(&pair);
    }
}

#[test]
fn one_that_is_in_the_way_is_a_finding() {
    let pair = Pair::filled("it_lo_in_the_way", SHAPES);
    pair.target.sql("select lo_from_bytea(100002, 'theirs'), lo_from_bytea(99, 'unrelated')");
    let run = clone(&pair, &["--json"]).exits(4);
    let findings = list(&run.json(), "findings", &["code", "object"]);
    assert_eq!(findings, [["object-in-the-way", "large object 100002"]]);
    pair.target.sql("select lo_unlink(100002)");
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_eq!(pair.target.value("select convert_from(lo_get(99), 'UTF8')"), "unrelated");
    assert_eq!(pair.target.count("pg_largeobject_metadata"), 10);
}

#[test]
fn one_that_may_not_be_read_is_a_finding_with_the_grant_to_run() {
    let (pair, role) =
        plain("it_lo_unreadable", "select count(lo_create(100000 + i)) from generate_series(1, 30) i");
    pair.source.sql(&format!("revoke select on large object 100007 from {role}"));
    let run = clone_as(&pair, &role, &["--no-owner", "-x"]).run().exits(4);
    let found = list(&run.json(), "findings", &["code", "object", "remedy"]);
    assert_eq!(found[0][..2], ["select-missing", "large object 100007"]);
    assert_nothing_of_ours(&pair);
    let remedy = found[0][2].split("superuser: ").nth(1).unwrap();
    pair.source.sql(remedy);
    clone_as(&pair, &role, &["--no-owner", "-x"]).run().exits(0);

    pair.source.sql("do $$ begin for i in 1 .. 30 loop execute format('revoke select on large object %s from it_lo_unreadable', 100000 + i); end loop; end $$");
    pair.target.sql("select lo_unlink(oid) from pg_largeobject_metadata");
    let run = clone_as(&pair, &role, &["--no-owner", "-x"]).run().exits(4);
    let found = list(&run.json(), "findings", &["code", "object", "remedy"]);
    assert_eq!(found[0][1], "large objects 100001, 100002, 100003 and 27 more");
    let grants = run.json()["grants"]["source"].clone();
    assert_eq!(grants.as_array().map(Vec::len), Some(1), "{grants}");
    pair.source.sql(grants[0].as_str().unwrap());
    clone_as(&pair, &role, &["--no-owner", "-x"]).run().exits(0);
}

fn assert_nothing_of_ours(pair: &Pair) {
    assert_no_sessions(pair);
    no_objects(&pair.target);
}

#[test]
fn a_missing_owner_is_told_before_anything_is_changed() {
    let mut pair = Pair::new("it_lo_owner_missing");
    let source = pair.source.server.clone();
    pair.role_on(&source, "it_lo_absent", "nologin");
    pair.source.sql("select lo_create(100001); alter large object 100001 owner to it_lo_absent");
    let run = clone(&pair, &["--json"]).exits(4);
    assert_eq!(list(&run.json(), "findings", &["code", "object"]), [["role-missing", "role it_lo_absent"]]);
}

#[test]
fn a_part_of_the_database_and_definitions_alone_bring_none() {
    let pair = Pair::filled("it_lo_part", SHAPES);
    clone(&pair, &["-n", "public"]).exits(0);
    no_objects(&pair.target);
    let pair = Pair::filled("it_lo_schema_only", SHAPES);
    clone(&pair, &["--schema-only"]).exits(0);
    no_objects(&pair.target);
}

#[test]
fn a_temporary_role_reads_no_catalogs_so_they_travel_in_pieces() {
    let pair = Pair::filled("it_lo_temporary", SHAPES);
    let run = clone(&pair, &["--json", "--temporary-role", "--verify", "checksum"]).exits(0);
    assert_eq!(road(&run), "streamed");
    assert_same_objects(&pair);
}

#[test]
fn a_dry_run_shows_their_statements_and_makes_none() {
    let pair = Pair::filled("it_lo_dry", SHAPES);
    let run = clone(&pair, &["--dry-run"]).exits(0);
    for words in ["Large objects: 9", "pg_catalog.lo_create(oid)", "BETWEEN 100001 AND 4000000000"] {
        assert!(run.stdout.contains(words), "{words} not in {}", run.stdout);
    }
    no_objects(&pair.target);
}
