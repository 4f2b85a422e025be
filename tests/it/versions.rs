//! Servers of different versions: what a newer source has and an older target lacks is named, the rest arrives; what
//! a newer target has left behind likewise.
//!
//! Every test runs on every pair of versions and says what it expects of this one.

use crate::command::{Fdwcopy, Run, clone, list};
use crate::equality::{assert_nothing_left, assert_same_schema_as, rows};
use crate::pair::Pair;

/// What came with a version: its major, a schema of its own, and statements that run in it.
const NEWS: &[(u32, &str, &str)] = &[
    (14, "ranges_of_ranges", "create table t (m int4multirange); insert into t values ('{[1,2),[4,5)}')"),
    (14, "bodies", "create function f(x integer) returns integer language sql begin atomic select x; end"),
    (15, "one_null", "create table t (x integer unique nulls not distinct); insert into t values (null)"),
    (15, "invoker", "create table t (x integer); create view v with (security_invoker) as select * from t"),
    (15, "tens", "create table t (x numeric(5, -2)); insert into t values (1234)"),
    (
        15,
        "half_a_key",
        "create table p (a integer, b integer, primary key (a, b)); create table t (a integer, b integer,
         foreign key (a, b) references p on delete set null (b))",
    ),
    (16, "rules", "create collation c (provider = icu, locale = 'und', rules = '& a < g')"),
    (17, "built_in", "create collation c (provider = builtin, locale = 'C.UTF-8')"),
    (17, "caretaker", "create table t (x integer); grant maintain on t to public"),
    (
        17,
        "apart",
        "create table t (k integer, during int4range, exclude using gist (during with &&, k with =))
         partition by range (k)",
    ),
    (
        18,
        "virtual",
        "create table t (x integer, twice integer generated always as (x * 2)); insert into t values (1);
         create index on t (x)",
    ),
    (
        18,
        "lax",
        "create table t (x integer, constraint positive check (x > 0) not enforced); insert into t values (-1)",
    ),
    (
        18,
        "periods",
        "create table t (k int4range, during daterange, primary key (k, during without overlaps));
         create table r (k int4range, during daterange,
                         foreign key (k, period during) references t (k, period during))",
    ),
    (
        18,
        "from_now_on",
        "create table t (x integer); insert into t values (null);
         alter table t add constraint there not null x not valid",
    ),
    (18, "only_here", "create table t (x integer, constraint there not null x no inherit)"),
    (18, "ordered", "create table t (id uuid default uuidv7())"),
];

fn named(run: &Run) -> Vec<String> {
    list(&run.json(), "not_copied", &["object"]).into_iter().flatten().collect()
}

#[test]
fn what_is_news_to_the_target_is_named_and_all_else_arrives() {
    let pair = Pair::new("it_news");
    pair.source.sql("create extension btree_gist");
    pair.target.sql("revoke create on schema public from public");
    let (source, target) = (pair.source.version(), pair.target.version());
    for (_, schema, script) in NEWS.iter().filter(|(since, ..)| *since <= source) {
        pair.source.sql(&format!("create schema {schema}; set search_path = {schema}, public; {script}"));
    }
    let lost: Vec<&str> = NEWS
        .iter()
        .filter(|(since, ..)| (target + 1..=source).contains(since))
        .map(|(_, schema, _)| *schema)
        .collect();

    let run = clone(&pair, &["--json", "--verify", "checksum"]).exits(if lost.is_empty() { 0 } else { 3 });
    let named = named(&run);
    for schema in &lost {
        assert!(named.iter().any(|object| object.contains(schema)), "{schema} is not named in {named:?}");
    }
    for object in &named {
        assert!(lost.iter().any(|schema| object.contains(schema)), "{object} was lost too: {named:?}");
    }
    let excluded: Vec<String> = lost.iter().map(|schema| format!("--exclude-schema={schema}")).collect();
    assert_same_schema_as(&pair, &excluded.iter().map(String::as_str).collect::<Vec<_>>());
    let kept = |lines: Vec<String>| -> Vec<String> {
        lines.into_iter().filter(|line| !lost.iter().any(|schema| line.starts_with(schema))).collect()
    };
    assert_eq!(kept(rows(&pair.source)), kept(rows(&pair.target)));
    assert_nothing_left(&pair);
}

#[test]
fn an_operator_that_newer_versions_do_not_know_is_named() {
    let pair = Pair::filled("it_postfix", "create table t (x integer); insert into t values (1)");
    let postfix = "create operator !!! (leftarg = bigint, procedure = int8um)";
    pair.target.sql("revoke create on schema public from public");
    if pair.source.version() >= 14 {
        let refused = pair.source.session().try_sql(postfix);
        assert!(refused.is_err_and(|error| error.starts_with("42P13")));
        clone(&pair, &[]).exits(0);
        return;
    }
    pair.source.sql(postfix);
    let run = clone(&pair, &["--json"]).exits(3);
    assert!(matches!(&named(&run)[..], [one] if one.contains("!!!")), "{}", run.stdout);
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_nothing_left(&pair);
}

#[test]
fn what_an_older_target_forgets_without_a_word_is_named() {
    let pair = Pair::filled(
        "it_forgotten",
        "create table t (x integer constraint there not null, id integer generated always as identity)
         partition by range (x); create table t1 partition of t for values from (1) to (9);
         insert into t values (1)",
    );
    let (source, target) = (pair.source.version(), pair.target.version());
    let came_with = |news| target < news && source >= news;
    let run = Fdwcopy::between(&pair).args(&["clone", "--json"]).run();
    let mut expected = Vec::new();
    expected.extend(came_with(15).then_some("SCHEMA public"));
    expected.extend(came_with(17).then_some("public.t1.id"));
    assert_eq!(named(&run), expected);
    let run = run.exits(if expected.is_empty() { 0 } else { 3 });
    let warnings = list(&run.json(), "warnings", &["code", "object"]);
    let names = warnings.iter().any(|warning| warning[0] == "not-null-names" && warning[1].contains("there"));
    assert_eq!(names, came_with(18), "{warnings:?}");
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_nothing_left(&pair);
}

#[test]
fn an_exclusion_constraint_that_cannot_be_attached_to_its_parent_is_named() {
    let pair = Pair::filled("it_exclusion", "create extension btree_gist");
    pair.target.sql("revoke create on schema public from public");
    let made = pair.source.session().try_sql(
        "create table t (k integer, during int4range, exclude using gist (during with &&, k with =))
         partition by range (k); create table t1 partition of t for values from (1) to (9);
         insert into t values (1, '[1,5)')",
    );
    if pair.source.version() < 17 {
        assert!(made.is_err_and(|error| error.starts_with("0A000")));
        return;
    }
    assert_eq!(made, Ok(()));
    let run = clone(&pair, &["--json"]).exits(3);
    assert!(named(&run).iter().all(|object| object.contains("_during_k_excl")), "{}", run.stdout);
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_nothing_left(&pair);
    if pair.target.version() >= 17 {
        let overlapping = pair.target.session().try_sql("insert into t1 values (1, '[2,3)')");
        assert!(overlapping.is_err_and(|error| error.starts_with("23P01")));
    }
}
