//! What "equal" and "unchanged" mean: rows by count and hash, sequences, the schema as `pg_dump` writes it, what the
//! catalogs say (see `facts`), and nothing of fdwcopy's left anywhere.
//!
//! Deliberately absent: fdwcopy's own idea of any of this.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::LazyLock;

use regex::Regex;

use crate::facts::facts;
use crate::pair::{Database, Pair, wait_for};
use crate::plain::without_wrapper;
use crate::servers::programs;

/// Fails the test unless the target is what the source is.
#[track_caller]
pub(crate) fn assert_equal(pair: &Pair) {
    assert_equal_as(pair, &[]);
}

/// The same, with options for `pg_dump` that leave out what was not to be copied.
#[track_caller]
pub(crate) fn assert_equal_as(pair: &Pair, dump_options: &[&str]) {
    assert_same("rows", &rows(&pair.source), &rows(&pair.target));
    assert_same("sequences", &sequences(&pair.source), &sequences(&pair.target));
    assert_same_schema_as(pair, dump_options);
    assert_nothing_left(pair);
    let names = |database: &Database, query| {
        let mut names = database.rows(query);
        names.retain(|row| !database.is_plain() || row[0] != "postgres_fdw");
        names
    };
    // A dump names extensions without their versions: each server installs the one that it came with.
    let extensions = if pair.source.version() == pair.target.version() {
        "select extname, extversion from pg_extension order by 1"
    } else {
        "select extname from pg_extension order by 1"
    };
    let schemas = "select nspname from pg_namespace where nspname !~ '^pg_(toast_)?temp' order by 1";
    for query in [extensions, schemas] {
        assert_eq!(names(&pair.source, query), names(&pair.target, query), "{query}");
    }
}

/// Fails the test unless the target holds what the source holds, to the last catalog row; also where the source has
/// servers of its own.
#[track_caller]
pub(crate) fn assert_same_contents(pair: &Pair) {
    assert_same("rows", &rows(&pair.source), &rows(&pair.target));
    assert_same("sequences", &sequences(&pair.source), &sequences(&pair.target));
    assert_same_schema(pair);
    let versions = [pair.source.version(), pair.target.version()];
    assert_same("facts", &facts(&pair.source, versions), &facts(&pair.target, versions));
    assert_no_sessions(pair);
}

/// Fails the test unless both schemas read the same to `pg_dump`, apart from what one of the servers cannot know.
#[track_caller]
pub(crate) fn assert_same_schema(pair: &Pair) {
    assert_same_schema_as(pair, &[]);
}

/// The same, with options for `pg_dump`.
#[track_caller]
pub(crate) fn assert_same_schema_as(pair: &Pair, options: &[&str]) {
    let [source, target] = [&pair.source, &pair.target].map(|database| dump(database, options));
    let versions = (pair.source.version(), pair.target.version());
    assert_same("schema", &without_news(source, versions), &without_news(target, versions));
    // Else parts of the schema are not meant.
    if options.is_empty() {
        assert_eq!(pair.source.rows(NOT_NULLS), pair.target.rows(NOT_NULLS), "columns that are NOT NULL");
    }
}

const NOT_NULLS: &str =
    "select attrelid::regclass::text, attname from pg_attribute join pg_class c on c.oid = attrelid
    join pg_namespace n on n.oid = relnamespace
    where attnotnull and attnum > 0 and not attisdropped and c.oid >= 16384 and relkind in ('r', 'p', 'f')
      and nspname !~ '^pg_' and nspname <> 'information_schema' order by 1, 2";

/// The lines of a dump as both versions can write them. What is left out where a version lies between the two:
/// what came with 14 (below); up to 14 the schema `public` is `initdb`'s, so that only a comment speaks of it
/// where owners are left out; from 16 on a view names columns without their table where that is clear; up to 16 all
/// rights on a table are those without MAINTAIN, which the owner keeps where all others are taken from him; 18 gives a
/// NOT NULL a name, and heirs have it written where it is theirs alone (`NOT_NULLS` compares it).
fn without_news(mut lines: Vec<String>, (source, target): (u32, u32)) -> Vec<String> {
    static QUALIFIER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"(?:\w+|"(?:[^"]|"")+")\."#).unwrap());
    static NAMED: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r#" CONSTRAINT (?:\w+|"(?:[^"]|"")+") NOT NULL\b"#).unwrap());
    static ALL_BEFORE: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(" SELECT,INSERT,REFERENCES,DELETE,TRIGGER,TRUNCATE,UPDATE ON ").unwrap());
    static MAINTAIN: LazyLock<Regex> = LazyLock::new(|| Regex::new("(GRANT [A-Z,]+),MAINTAIN ON ").unwrap());
    static NOT_NULL: LazyLock<Regex> = LazyLock::new(|| Regex::new("( NOT NULL)?,?$").unwrap());
    let apart = |news: u32| (source < news) != (target < news);
    let without = |lines: &mut [String], what: &Regex, instead: &str| {
        for line in lines {
            *line = what.replace_all(line, instead).into_owned();
        }
    };
    if apart(15)
        && let Some(comment) = lines.iter().position(|line| line.starts_with("-- *not* creating schema"))
        && lines[comment..].iter().take(4).all(|line| !line.starts_with("ALTER SCHEMA"))
    {
        lines.drain(comment - 4..comment + 3);
    }
    if apart(16) {
        let kinds = ["CREATE VIEW", "CREATE OR REPLACE VIEW", "CREATE MATERIALIZED"];
        let is_view = |line: &String| kinds.iter().any(|kind| line.starts_with(kind));
        for statement in lines.split_mut(String::is_empty).filter(|lines| lines.first().is_some_and(is_view))
        {
            without(statement, &QUALIFIER, "");
        }
    }
    if apart(17) {
        without(&mut lines, &ALL_BEFORE, " ALL ON ");
        without(&mut lines, &MAINTAIN, "$1 ON ");
        lines.retain(|line| !line.contains("GRANT MAINTAIN ON "));
    }
    if apart(18) {
        without(&mut lines, &NAMED, " NOT NULL");
        lines.retain(|line| !line.starts_with("    NOT NULL "));
        without(&mut lines, &NOT_NULL, "");
    }
    if apart(14) {
        lines = without_news_of_14(&lines);
    }
    lines
}

/// 14 names the multirange of a range, says `IN` of a procedure's arguments, and counts the functions that an operator
/// class need not have to its family. Which there are says `facts`.
fn without_news_of_14(lines: &[String]) -> Vec<String> {
    static NEWS: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^$|^    multirange_type_name = |^    FUNCTION \d+ |^ALTER OPERATOR FAMILY .* ADD$")
            .unwrap()
    });
    static PART: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^(    (?:subtype = |OPERATOR |STORAGE ).*?)(?: ?,|;)$").unwrap());
    static INPUT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"([(, ])IN ").unwrap());
    let line = |line: &String| {
        let is_call = line.contains("PROCEDURE ");
        if is_call { INPUT.replace_all(line, "$1") } else { PART.replace(line, "$1") }.into_owned()
    };
    let mut lines: Vec<String> = lines.iter().filter(|line| !NEWS.is_match(line)).map(line).collect();
    // Families that need other functions come in another order.
    lines.sort();
    lines
}

/// Fails the test if a session, a server, a mapping or a foreign table of fdwcopy's is left.
#[track_caller]
pub(crate) fn assert_nothing_left(pair: &Pair) {
    assert_no_sessions(pair);
    for query in [
        "select srvname from pg_foreign_server",
        "select umuser from pg_user_mapping",
        "select ftrelid::regclass from pg_foreign_table",
        "select nspname from pg_namespace where nspname ~ 'fdwcopy'",
        "select gid from pg_prepared_xacts",
    ] {
        assert_eq!(pair.target.rows(query), Vec::<Vec<String>>::new(), "left on the target: {query}");
    }
    let wrapper = pair.target.count("pg_extension where extname = 'postgres_fdw'") == 1;
    assert_eq!(
        wrapper,
        pair.target.is_plain(),
        "postgres_fdw is there only where an administrator has installed it"
    );
}

/// Waits until no session of fdwcopy's uses either database; a server needs a moment to see one end.
#[track_caller]
pub(crate) fn assert_no_sessions(pair: &Pair) {
    for database in [&pair.source, &pair.target] {
        let session = database.session();
        let query = "select count(*) from pg_stat_activity
            where datname = current_database() and backend_type = 'client backend' and application_name <> 'it'";
        wait_for("the end of fdwcopy's sessions", || session.value(query) == "0");
    }
}

/// Everything about a database that a run could change, as lines.
pub(crate) fn fingerprint(database: &Database) -> Vec<String> {
    let catalogs = database.rows(
        "select 'relations', string_agg(c.oid || ' ' || c.relname || ' ' || c.relfilenode, ',' order by c.oid)
         from pg_class c join pg_namespace n on n.oid = relnamespace
         where nspname !~ '^pg_' and nspname <> 'information_schema'
         union all select 'types', count(*)::text from pg_type
         union all select 'functions', count(*)::text from pg_proc
         union all select 'schemas', string_agg(nspname, ',' order by nspname) from pg_namespace
            where nspname !~ '^pg_(toast_)?temp'
         union all select 'extensions', string_agg(extname, ',' order by extname) from pg_extension
         union all select 'servers', count(*)::text from pg_foreign_server
         union all select 'mappings', count(*)::text from pg_user_mapping",
    );
    let mut lines = dump(database, &[]);
    lines.extend(rows(database));
    lines.extend(sequences(database));
    lines.extend(catalogs.into_iter().map(|row| row.join(" ")));
    lines
}

/// Fails the test if the database changed since its fingerprint was taken.
#[track_caller]
pub(crate) fn assert_unchanged(database: &Database, before: &[String]) {
    assert_same(&format!("state of {}", database.name), before, &fingerprint(database));
}

/// Count and order-independent hash of every relation's own rows.
pub(crate) fn rows(database: &Database) -> Vec<String> {
    let session = database.session();
    session.sql(
        "set row_security = off; set search_path = ''; set extra_float_digits = 3; set datestyle = iso;
         set intervalstyle = postgres; set timezone = 'UTC'; set bytea_output = hex; set statement_timeout = 0",
    );
    let relations = session.rows(
        "select c.oid::regclass::text, c.relkind, c.relkind = 'm' and not c.relispopulated
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'm') and c.relpersistence <> 't'
           and n.nspname !~ '^pg_' and n.nspname <> 'information_schema' order by 1",
    );
    let line = |relation: &Vec<String>| {
        let name = &relation[0];
        if relation[2] == "t" {
            return format!("{name}: not populated");
        }
        let only = if relation[1] == "r" { "only" } else { "" };
        let hash = "coalesce(sum(pg_catalog.hashtextextended((t.*)::pg_catalog.text, 0)), 0)";
        let row = session.rows(&format!("select count(*), {hash} from {only} {name} t"));
        format!("{name}: {} rows, hash {}", row[0][0], row[0][1])
    };
    relations.iter().map(line).collect()
}

/// Every sequence with its state.
pub(crate) fn sequences(database: &Database) -> Vec<String> {
    let session = database.session();
    session.sql("set search_path = ''");
    let names = session.rows(
        "select oid::regclass::text from pg_class where relkind = 'S' and relpersistence <> 't' order by 1",
    );
    let line = |name: &Vec<String>| {
        let state = session.rows(&format!("select last_value, is_called from {}", name[0]));
        format!("{}: {} {}", name[0], state[0][0], state[0][1])
    };
    names.iter().map(line).collect()
}

/// The schema as `pg_dump` writes it, without the lines that are never the same twice.
pub(crate) fn dump(database: &Database, options: &[&str]) -> Vec<String> {
    let output = Command::new(programs().unwrap().join("pg_dump"))
        .args(["--schema-only", "--dbname", &database.url()])
        .args(options)
        .output()
        .unwrap();
    assert!(output.status.success(), "pg_dump: {}", String::from_utf8_lossy(&output.stderr));
    let restless = ["\\restrict", "\\unrestrict", "-- Dumped"];
    let mut text = String::from_utf8(output.stdout).unwrap();
    if database.is_plain() {
        text = without_wrapper(&text);
    }
    text.lines()
        .filter(|line| !restless.iter().any(|word| line.starts_with(word)))
        .map(with_sorted_roles)
        .collect()
}

/// A policy's roles stand in the order in which they lie in `pg_authid`, which is no two servers' same.
fn with_sorted_roles(line: &str) -> String {
    let roles = line.strip_prefix("CREATE POLICY ").and_then(|_| {
        let start = line.find(" TO ")? + " TO ".len();
        let end =
            [" USING (", " WITH CHECK (", ";"].iter().filter_map(|word| line[start..].find(word)).min()?;
        Some(start..start + end)
    });
    let Some(roles) = roles else { return line.to_owned() };
    let mut sorted: Vec<&str> = line[roles.clone()].split(", ").collect();
    sorted.sort_unstable();
    format!("{}{}{}", &line[..roles.start], sorted.join(", "), &line[roles.end..])
}

/// Compares two lists of lines; on failure shows only what differs.
#[track_caller]
fn assert_same(what: &str, left: &[String], right: &[String]) {
    if left == right {
        return;
    }
    let mut balance: BTreeMap<&str, i64> = BTreeMap::new();
    for line in left {
        *balance.entry(line).or_default() += 1;
    }
    for line in right {
        *balance.entry(line).or_default() -= 1;
    }
    let differing: Vec<String> = balance
        .into_iter()
        .filter(|(_, count)| *count != 0)
        .map(|(line, count)| format!("{} {line}", if count > 0 { '-' } else { '+' }))
        .collect();
    if differing.is_empty() {
        let (place, line) = left.iter().enumerate().find(|(i, line)| right.get(*i) != Some(*line)).unwrap();
        panic!("{what}: same lines, other order, from line {place}: {line} / {}", right[place]);
    }
    panic!("{what} differ (- first, + second):\n{}", differing.join("\n"));
}
