//! Roles that may not read or set: all of it at once, before anything is set; what cannot be looked at is never safe.

use super::{line, state};
use crate::command::{Fdwcopy, Run, list};
use crate::pair::Pair;

const PASSWORD: &str = "sequences-pw";

/// Two databases of these objects, and a plain role of this name with _role; the script calls it ROLE.
fn pair(name: &str, script: &str) -> Pair {
    let mut pair = Pair::new(name);
    let role = format!("{name}_role");
    pair.role(&role, &format!("login password '{PASSWORD}'"));
    let script = script.replace("ROLE", &role);
    pair.source.sql(&script);
    pair.target.sql(&script);
    pair
}

fn as_role(pair: &Pair, with_source: bool, args: &[&str]) -> Run {
    let role = pair.source.name.replace("_src", "_role");
    let command = Fdwcopy::alone().target(&pair.target.url_as(&role, PASSWORD));
    let source = pair.source.url_as(&role, PASSWORD);
    let command = if with_source { command.source(&source) } else { command };
    command.args(&["sequences", "--json"]).args(args).run()
}

#[test]
fn all_rights_that_are_missing_are_told_at_once_with_their_grants() {
    let pair = pair(
        "it_seq_rights",
        r#"create schema shut; create table t (id serial primary key); create sequence shut."Odd name"; create sequence usable;
         grant usage on sequence usable to ROLE; grant select on t to ROLE"#,
    );
    pair.source.sql("select setval('t_id_seq', 9)");
    let run = as_role(&pair, true, &[]).exits(4);
    let count = |code: &str| run.findings().iter().filter(|(found, _)| found == code).count();
    assert_eq!((count("select-missing"), count("update-missing")), (3, 3), "{}", run.stdout);
    assert_eq!(state(&pair.target, "t_id_seq"), "1 f");

    let report = run.json();
    for (side, database) in [("source", &pair.source), ("target", &pair.target)] {
        for grant in report["grants"][side].as_array().unwrap() {
            database.sql(grant.as_str().unwrap());
        }
    }
    as_role(&pair, true, &[]).exits(0);
    assert_eq!(state(&pair.target, "t_id_seq"), "9 t");
}

#[test]
fn a_look_takes_no_right_to_set() {
    let pair = pair(
        "it_seq_look",
        "create table t (id serial primary key); insert into t values (5); grant select on t to ROLE;
         grant select on sequence t_id_seq to ROLE",
    );
    as_role(&pair, false, &[]).exits(4);
    let run = as_role(&pair, false, &["--dry-run"]).exits(3);
    assert_eq!(line(&run, "t_id_seq")["proposed"]["last_value"], 5);
}

#[test]
fn data_that_cannot_be_read_are_named_and_their_sequence_is_not_called_safe() {
    let pair = pair(
        "it_seq_unread",
        "create table closed (id serial primary key); create table guarded (id serial primary key);
         create table fine (id serial primary key, secret text); alter table guarded enable row level security;
         insert into closed values (4); insert into guarded values (5); insert into fine values (6);
         grant select, update on all sequences in schema public to ROLE;
         grant select on guarded to ROLE; grant select (id) on fine to ROLE",
    );
    let run = as_role(&pair, false, &[]).exits(3);
    assert_eq!(state(&pair.target, "fine_id_seq"), "6 t");
    for (name, why) in [("closed_id_seq", "may not be read"), ("guarded_id_seq", "row-level security")] {
        assert!(line(&run, name)["open"].as_str().unwrap().contains(why), "{}", run.stdout);
    }
    // With the source's state they are set, and still not called safe.
    pair.source
        .sql("select setval('closed_id_seq', 4), setval('guarded_id_seq', 5), setval('fine_id_seq', 6)");
    let run = as_role(&pair, true, &[]).exits(3);
    assert_eq!(state(&pair.target, "closed_id_seq"), "4 t");
    assert!(line(&run, "closed_id_seq")["open"].is_string());
    assert!(list(&run.json(), "sequences", &["name"]).len() == 3);
}

#[test]
fn a_table_that_fails_when_it_is_read_fails_alone() {
    let pair = pair(
        "it_seq_broken",
        "create foreign data wrapper nobody; create server nowhere foreign data wrapper nobody;
         create table p (id integer, k integer) partition by list (k); create sequence s;
         alter table p alter id set default nextval('s'); create foreign table f partition of p for values in (1) server nowhere;
         create table fine (id serial primary key); insert into fine values (8);
         grant select, update on all sequences in schema public to ROLE;
         grant select on all tables in schema public to ROLE",
    );
    let run = as_role(&pair, false, &[]).exits(3);
    assert_eq!(state(&pair.target, "fine_id_seq"), "8 t");
    assert!(line(&run, "s")["open"].as_str().unwrap().contains("could not be read"), "{}", run.stdout);
    assert!(line(&run, "fine_id_seq").get("open").is_none());
}
