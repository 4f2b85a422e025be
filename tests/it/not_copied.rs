//! Entries that fail on the target: named with the server's words, what hangs on them skipped and named, the rest there.

use crate::command::{Run, clone, list};
use crate::equality::{assert_nothing_left, rows};
use crate::pair::Pair;

/// Objects and reasons of what was not copied.
pub(crate) fn not_copied(run: &Run) -> Vec<(String, String)> {
    let entries = list(&run.json(), "not_copied", &["object", "reason"]);
    entries.into_iter().map(|mut entry| (entry.remove(0), entry.remove(0))).collect()
}

#[track_caller]
pub(crate) fn named<'a>(entries: &'a [(String, String)], object: &str) -> &'a str {
    let found = entries.iter().find(|(name, _)| name.contains(object));
    found.map_or_else(|| panic!("{object} is not named in {entries:?}"), |(_, reason)| reason)
}

#[test]
fn an_index_that_cannot_be_built_is_named_with_the_servers_words() {
    let pair = Pair::filled(
        "it_bad_index",
        "create function public.moody(x integer) returns integer immutable language plpgsql as $$
         begin
             if pg_catalog.current_database() operator(pg_catalog.~) '_dst$' then raise exception 'not in this house'; end if;
             return x;
         end $$;
         create table t (x integer primary key);
         insert into t select generate_series(1, 10);
         create index moody_index on t (public.moody(x));
         comment on index moody_index is 'hangs on it';
         create index good_index on t (x)",
    );
    let run = clone(&pair, &["--json"]).exits(3);
    let entries = not_copied(&run);
    assert!(named(&entries, "moody_index").contains("not in this house"), "{entries:?}");
    assert!(
        entries.len() == 2 && entries.iter().all(|(object, _)| object.contains("moody_index")),
        "{entries:?}"
    );
    assert_eq!(run.json()["outcome"], "differences");
    assert!(
        pair.target.exists("good_index")
            && pair.target.exists("t_pkey")
            && !pair.target.exists("moody_index")
    );
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_nothing_left(&pair);
}

#[test]
fn a_materialized_view_that_cannot_be_filled_is_named_and_so_is_the_one_built_on_it() {
    let pair = Pair::filled(
        "it_bad_matview",
        "create function public.here() returns integer stable language sql as
             $$ select 1 / (case when pg_catalog.current_database() operator(pg_catalog.~) '_src$' then 1 else 0 end) $$;
         create table t (x integer);
         insert into t values (1);
         create materialized view shaky as select x, public.here() as y from t;
         create materialized view on_shaky as select sum(y) from shaky;
         create materialized view solid as select count(*) from t",
    );
    let entries = not_copied(&clone(&pair, &["--json"]).exits(3));
    assert!(entries.iter().any(|(_, reason)| reason.contains("division by zero")), "{entries:?}");
    named(&entries, "on_shaky");
    assert_eq!(pair.target.count("solid"), 1);
    let populated = "select string_agg(relname, ',') from pg_class where relkind = 'm' and relispopulated";
    assert_eq!(pair.target.value(populated), "solid");
}

#[test]
fn a_table_that_the_target_refuses_is_named_with_all_that_hangs_on_it() {
    let pair = Pair::filled(
        "it_bad_table",
        "create table unwelcome (id integer primary key);
         insert into unwelcome values (1);
         create view on_unwelcome as select * from unwelcome;
         create index unwelcome_index on unwelcome (id);
         create table welcome (id integer primary key);
         insert into welcome values (1), (2);
         create view on_welcome as select * from welcome",
    );
    pair.target.sql(
        "create schema guard;
         create function guard.turn_away() returns event_trigger language plpgsql as $$
         begin
             if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.unwelcome') then
                 raise exception 'turned away';
             end if;
         end $$;
         create event trigger turn_away on ddl_command_end when tag in ('CREATE TABLE') execute function guard.turn_away()",
    );
    let entries = not_copied(&clone(&pair, &["--json"]).exits(3));
    assert!(entries.iter().any(|(_, reason)| reason.contains("turned away")), "{entries:?}");
    for object in ["on_unwelcome", "unwelcome_index", "unwelcome_pkey"] {
        named(&entries, object);
    }
    assert_eq!(pair.target.count("on_welcome"), 2);
    assert!(pair.target.exists("welcome_pkey") && !pair.target.exists("unwelcome"));
    assert_nothing_left(&pair);
}
