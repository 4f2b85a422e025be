//! What `fdwcopy copy` refuses before anything is changed, and failures that leave the target as it was.

use crate::copy_modes::{assert_tidy, both, content, copy};
use crate::pair::Pair;
use crate::sync::sync;

#[track_caller]
fn refused(pair: &Pair, args: &[&str], code: &str, object: &str) {
    let run = copy(pair, &[args, &["--json"]].concat()).exits(4);
    let findings = run.findings();
    assert_eq!(findings, [(code.to_owned(), object.to_owned())], "{}", run.stdout);
}

#[test]
fn every_mistake_is_one_finding_and_nothing_is_changed() {
    let pair = Pair::filled(
        "it_copy_refusals",
        "create table t (id int primary key, n int, v text); insert into t values (1, 1, 'a');
         create table lonely (id int); create table typed (id int primary key, x timestamptz);
         create table bare (id int); create table strict (id int primary key)",
    );
    pair.target.login_session().sql(
        "create table t (id int primary key, n int, v text); insert into t values (9, 9, 'old');
         create table typed (id int primary key, x date); create table bare (id int);
         create table strict (id int primary key, must text not null); create view v_lonely as select 1 as id",
    );
    refused(&pair, &["-t", "lonely"], "target-table-missing", "public.lonely");
    refused(&pair, &["-t", "nothing"], "pattern-matches-nothing", "--table nothing");
    refused(&pair, &["-t", "t", "--where", "ordres=true"], "rule-matches-nothing", "--where ordres");
    refused(&pair, &["-t", "t", "--mode", "x=upsert"], "rule-matches-nothing", "--mode x");
    refused(&pair, &["-t", "t", "--where", "t=wrong > 1"], "where-fails", "public.t");
    refused(&pair, &["-t", "t", "--columns", "t=id,nix"], "unknown-column", "public.t");
    refused(&pair, &["-t", "t", "--set", "t.nix=1"], "unknown-column", "public.t");
    refused(&pair, &["-t", "t", "--mode", "upsert", "--key", "t=v"], "no-key", "public.t");
    refused(
        &pair,
        &["-t", "t", "--mode", "upsert", "--exclude-columns", "t=id"],
        "column-without-value",
        "public.t",
    );
    refused(&pair, &["-t", "typed"], "column-type-differs", "public.typed");
    refused(&pair, &["-t", "bare", "--mode", "upsert"], "no-key", "public.bare");
    refused(&pair, &["-t", "strict"], "column-without-value", "public.strict");
    refused(&pair, &["-t", "lonely", "--into", "lonely=public.v_lonely"], "target-no-table", "public.lonely");
    refused(&pair, &["-t", "t", "-t", "bare", "--into", "bare=public.t"], "same-target", "public.t");
    copy(&pair, &["-t", "typed", "--set", "typed.x=x::date"]).exits(0);
    copy(&pair, &["--mode", "some"]).exits(2).says(&["--mode", "some"]);
    copy(&pair, &["--set", "t=1"]).exits(2).says(&["--set"]);
    assert_eq!(content(&pair, "t")[1], [["(9,9,old)"]]);
    assert_tidy(&pair);
}

#[test]
fn tables_of_the_configuration_file_that_do_not_exist_are_named() {
    let pair = both("it_copy_config_unknown", "create table t (id int primary key)");
    pair.source.sql("insert into t values (1)");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("shop.toml");
    let path = file.to_str().unwrap();
    for (text, code, object) in [
        ("[rules.ordres]\nwhere = 'true'\n", "rule-matches-nothing", "--where ordres"),
        ("table = ['ordres']\n", "pattern-matches-nothing", "--table ordres"),
    ] {
        std::fs::write(&file, text).unwrap();
        refused(&pair, &["--config", path], code, object);
        let run = sync(&pair, &["--config", path, "--json"]).exits(4);
        assert_eq!(run.findings(), [(code.to_owned(), object.to_owned())], "{}", run.stdout);
    }
    std::fs::write(&file, "[rules.t]\nwhree = 'true'\n").unwrap();
    copy(&pair, &["--config", path]).exits(2).says(&["whree", "shop.toml"]);
    assert_eq!(pair.target.count("t"), 0);
    assert_tidy(&pair);
}

#[test]
fn rows_that_do_not_fit_fail_the_copy_with_their_reason_and_the_target_is_as_before() {
    let pair = Pair::filled(
        "it_copy_failures",
        "create table t (id int, k int, v text); insert into t values (1, 1, 'a'), (2, 1, 'b'), (3, null, 'c')",
    );
    pair.target.login_session().sql(
        "create table t (id int primary key, k int unique, v varchar(1)); insert into t values (9, 9, 'z')",
    );
    let before = content(&pair, "t")[1].clone();
    let by_k = ["--mode", "upsert", "--key", "t=k"];
    copy(&pair, &by_k).exits(1).says(&["public.t", "NULL"]);
    copy(&pair, &[&by_k[..], &["--where", "t=k is not null"]].concat())
        .exits(1)
        .says(&["public.t", "several rows with one key"]);
    copy(&pair, &[]).exits(1).says(&["public.t", "k"]);
    pair.source.sql("update t set k = id, v = 'long'");
    copy(&pair, &[]).exits(1).says(&["public.t", "does not fit"]);
    assert_eq!(content(&pair, "t")[1], before);
    pair.source.sql("update t set v = 'l'");
    copy(&pair, &[]).exits(0);
    assert_eq!(pair.target.count("t"), 3);
    assert_tidy(&pair);
}

#[test]
fn rights_that_are_missing_on_the_target_are_named_with_the_grant() {
    let mut pair = both("it_copy_rights", "create table t (id int primary key)");
    pair.role("it_copy_writer", "login password 'w'");
    pair.target.sql("create extension if not exists postgres_fdw; grant usage on foreign data wrapper postgres_fdw to it_copy_writer; grant insert, select on t to it_copy_writer");
    pair.source.sql("insert into t values (1); grant select on t to it_copy_writer");
    let target = pair.target.url_as("it_copy_writer", "w");
    let source = pair.source.url_as("it_copy_writer", "w");
    let writer = |args: &[&str]| {
        crate::command::Fdwcopy::alone().source(&source).target(&target).args(&["copy"]).args(args).run()
    };
    let run = writer(&["--json"]).exits(4);
    assert_eq!(run.findings()[0].0, "target-right-missing");
    assert!(run.stdout.contains("GRANT DELETE"), "{}", run.stdout);
    writer(&["--mode", "append"]).exits(0);
    pair.target.sql("grant delete on t to it_copy_writer");
    writer(&[]).exits(0);
    assert_eq!(pair.target.count("t"), 1);
}
