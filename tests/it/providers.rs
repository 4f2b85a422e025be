//! Managed services: what the provider puts into every database is recognised and left out, on the target too.
//!
//! The tests make the roles, schemas and triggers that a service is known by.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::command::{clone, fdwcopy, list};
use crate::equality::{assert_equal, assert_nothing_left};
use crate::pair::Pair;

/// A service is known by its roles, which all databases of a server share.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

const SERVICE: &str = "
    create schema _heroku; create function _heroku.log() returns event_trigger language plpgsql as 'begin end';
    create table _heroku.own (x integer);
    create event trigger log_create_ext on ddl_command_end when tag in ('CREATE EXTENSION') execute function _heroku.log();
    create schema heroku_ext;
    create extension citext schema heroku_ext";

const CONTENT: &str =
    "create table t (id serial primary key, c heroku_ext.citext); insert into t (c) values ('X')";

#[test]
fn what_is_the_providers_own_is_left_out_and_told_and_the_rest_is_copied() {
    let _alone = alone();
    let pair = Pair::filled("it_provider", &format!("{SERVICE}; {CONTENT}"));
    let run = clone(&pair, &["--json"]).exits(0);
    let mut left = list(&run.json(), "warnings", &["code", "object"]);
    left.retain(|warning| warning[0] == "provider-left-out");
    let objects: Vec<&str> = left.iter().map(|warning| warning[1].as_str()).collect();
    assert_eq!(objects, ["schema _heroku", "event trigger log_create_ext"]);
    assert_eq!(pair.target.count("t"), 1);
    assert!(!pair.target.exists("_heroku.own"));
    assert_nothing_left(&pair);
}

#[test]
fn what_the_targets_provider_has_put_there_is_not_in_the_way() {
    let _alone = alone();
    let pair = Pair::filled("it_provider_both", &format!("{SERVICE}; {CONTENT}"));
    pair.target.sql(&format!("{SERVICE}; grant all on schema heroku_ext to public"));
    clone(&pair, &[]).exits(0);
    assert_eq!(pair.target.count("t"), 1);
    assert_eq!(pair.target.count("pg_event_trigger where evtname = 'log_create_ext'"), 1);
}

#[test]
fn the_preset_can_be_switched_off_and_chosen_by_name() {
    let _alone = alone();
    let pair = Pair::filled(
        "it_provider_none",
        "create schema _heroku; create table _heroku.own (x integer); create schema auth; create table auth.users (x integer)",
    );
    let named = fdwcopy(&pair, &["clone", "--provider", "supabase", "--json"]).exits(0);
    assert!(pair.target.exists("_heroku.own") && !pair.target.exists("auth.users"));
    assert_eq!(list(&named.json(), "warnings", &["object"]), [["schema auth"]]);
    pair.renew_target();
    clone(&pair, &["-n", "_heroku"]).exits(0);
    assert!(pair.target.exists("_heroku.own"), "what is chosen by name is meant");
    pair.renew_target();
    clone(&pair, &["--provider", "none"]).exits(0);
    assert_equal(&pair);
    fdwcopy(&pair, &["clone", "--provider", "nobody"]).exits(2).says(&["supabase"]);
}

#[test]
fn a_service_is_known_by_its_roles() {
    let _alone = alone();
    let mut pair = Pair::filled(
        "it_provider_roles",
        "create schema realtime; create table realtime.messages (x integer); create table t (x integer);
         create publication supabase_realtime for table t",
    );
    let source = pair.source.server.clone();
    pair.role_on(&source, "supabase_admin", "nologin");
    pair.source.sql("alter table realtime.messages owner to supabase_admin");
    let run = clone(&pair, &["--json"]).exits(0);
    let objects = list(&run.json(), "warnings", &["object"]).concat();
    for object in ["publication supabase_realtime", "schema realtime"] {
        assert!(objects.iter().any(|other| other == object), "{objects:?}");
    }
    assert!(pair.target.exists("t") && !pair.target.exists("realtime.messages"));
}
