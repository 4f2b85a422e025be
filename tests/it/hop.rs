//! The target's own way to the source: which roles and which sources it works for, and when it is not needed.

use crate::command::Fdwcopy;
use crate::equality::{
    assert_equal, assert_nothing_left, assert_same_schema_as, assert_unchanged, fingerprint,
};
use crate::pair::{Database, Pair};
use crate::servers::TRUSTED_ROLE;

const TABLE: &str = "create table t (id integer primary key, x text); insert into t values (1, 'x')";

/// Two ways to a database for the role that needs no password: a port and a socket.
fn without_password(database: &Database) -> [String; 2] {
    let directory = database.value("select split_part(current_setting('unix_socket_directories'), ',', 1)");
    let server = &database.server;
    [&server.host, &directory]
        .map(|host| format!("host={host} port={} user={TRUSTED_ROLE} dbname={}", server.port, database.name))
}

/// One test, because there is one such role.
#[test]
fn a_source_that_asks_for_no_password_needs_a_superuser_on_the_target() {
    let mut pair = Pair::filled("it_no_password", TABLE);
    let source = pair.source.server.clone();
    pair.role_on(&source, TRUSTED_ROLE, "superuser login");
    pair.role("it_no_password_role", "login password 'pw'");
    pair.target.server_sql("alter database it_no_password_dst owner to it_no_password_role");
    pair.target
        .sql("create extension postgres_fdw; grant usage on foreign data wrapper postgres_fdw to public");
    let plain = pair.target.url_as("it_no_password_role", "pw");
    let before = fingerprint(&pair.target);
    for source in without_password(&pair.source) {
        let run = Fdwcopy::between(&pair).source(&source).target(&plain);
        let run = run.args(&["clone", "--json", "--no-owner", "-x"]).run().exits(4);
        let findings = run.json()["findings"].to_string();
        assert!(findings.contains("needs a source that asks for a password"), "{findings}");
        assert_unchanged(&pair.target, &before);
    }

    pair.target.sql("drop extension postgres_fdw");
    for source in without_password(&pair.source) {
        Fdwcopy::between(&pair).source(&source).args(&["clone"]).run().exits(0);
        assert_equal(&pair);
        pair.target.sql("drop table t");
    }
}

#[test]
fn definitions_alone_need_no_way_from_the_target_to_the_source() {
    let mut pair = Pair::filled("it_no_way", TABLE);
    pair.role("it_no_way_role", "login password 'pw'");
    for database in [&pair.source, &pair.target] {
        database.server_sql(&format!("alter database {} owner to it_no_way_role", database.name));
    }
    let target = pair.target.url_as("it_no_way_role", "pw");
    let run = |more: &[&str]| {
        let run = Fdwcopy::between(&pair).target(&target).args(&["clone", "--no-owner", "-x"]);
        run.args(&["--source-from-target", "port=1"]).args(more).run()
    };
    run(&[]).exits(4);
    run(&["--schema-only"]).exits(0);
    assert_same_schema_as(&pair, &["--no-owner", "--no-privileges"]);
    assert_eq!(pair.target.count("t"), 0);
    assert_nothing_left(&pair);
}
