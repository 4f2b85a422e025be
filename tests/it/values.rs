//! Values of every type, under settings of both databases that spell and read them in other ways; and very large ones.

use std::fmt::Write as _;

use crate::command::{clone, list};
use crate::equality::{assert_equal, assert_nothing_left, assert_same_schema};
use crate::pair::{Database, Pair};

/// Settings that change how a value is written or read.
const HOSTILE: [&str; 2] = [
    "DateStyle = 'SQL, DMY'; IntervalStyle = 'sql_standard'; bytea_output = 'escape'; extra_float_digits = -10; TimeZone = 'Asia/Kolkata';
     xmloption = 'document'; xmlbinary = 'hex'; array_nulls = off; standard_conforming_strings = off; backslash_quote = 'off'; lc_monetary = 'C.UTF-8';
     search_path = 'types, public'; transform_null_equals = on; client_encoding = 'LATIN1'; row_security = off; default_transaction_isolation = 'serializable';
     default_transaction_read_only = on; lock_timeout = '1ms'; idle_in_transaction_session_timeout = '1s'; quote_all_identifiers = on; check_function_bodies = on;
     gin_fuzzy_search_limit = 1; default_text_search_config = 'german'; work_mem = '64kB'; default_with_oids = off",
    "DateStyle = 'German, YMD'; IntervalStyle = 'iso_8601'; bytea_output = 'hex'; extra_float_digits = -15; TimeZone = 'America/New_York';
     xmloption = 'document'; array_nulls = off; standard_conforming_strings = off; escape_string_warning = on; search_path = 'nowhere'; transform_null_equals = on;
     client_encoding = 'SQL_ASCII'; default_transaction_isolation = 'serializable'; default_transaction_deferrable = on; lock_timeout = '1ms';
     default_tablespace = ''; constraint_exclusion = on; enable_partition_pruning = off; default_toast_compression = 'pglz'; synchronous_commit = off;
     cursor_tuple_fraction = 0.00001; force_parallel_mode = on; jit = on; idle_in_transaction_session_timeout = '1s'; default_transaction_read_only = on",
];

const TYPES: &str = r#"
    create schema types;
    create type types.mood as enum ('sad', 'it''s "ok"', 'a,b', '', '{}', 'happy'); alter type types.mood add value 'between' after 'sad';
    create domain types.small as integer check (value < 100); create domain types.smaller as types.small check (value < 50);
    create domain types.moods as types.mood[] check (cardinality(value) < 9);
    create type types.point as (x types.smaller, y types.small, m types.mood, note text);
    create type types.line as (a types.point, b types.point, label text, at timestamptz[]);
    create domain types.ordered as types.line; create type types.floats as range (subtype = float8, subtype_diff = float8mi);
    create type types.texts as range (subtype = text, collation = "C", multirange_type_name = types.text_ranges);
    create type types.lines as range (subtype = types.mood);"#;

/// A column for every type with its values, each row one of them.
const COLUMNS: &[(&str, &str)] = &[
    ("boolean", "true¦false¦null"),
    ("smallint", "-32768¦32767¦0"),
    ("integer", "-2147483648¦2147483647"),
    ("bigint", "-9223372036854775808¦9223372036854775807"),
    ("real", "'-0'¦'NaN'¦'Infinity'¦'-Infinity'¦'1.17549435e-38'¦'1e-45'¦'3.4028235e38'¦0.1¦16777217"),
    (
        "double precision",
        "'-0'¦'NaN'¦'Infinity'¦'-Infinity'¦'4.9e-324'¦'2.2250738585072014e-308'¦'1.7976931348623157e308'¦0.1¦0.30000000000000004",
    ),
    (
        "numeric",
        "'NaN'¦0.000¦-0.0¦('1' || repeat('0', 131071))::numeric¦('0.' || repeat('0', 16382) || '1')::numeric¦1e-1000",
    ),
    ("decimal", "'Infinity'¦'-Infinity'"),
    ("numeric(5, -2)", "1234567¦-99"),
    ("numeric(3, 5)", "0.00999"),
    ("money", "'-92233720368547758.08'¦'92233720368547758.07'¦0.01"),
    (
        "text",
        r#"''¦'NULL'¦' '¦'\'¦'\N'¦'\.'¦E'\t\r\n\b\f\v'¦'it''s'¦'\x00'¦U&'\+01F418'¦repeat('ü', 100000)¦E'\x01\x7f'¦'{}'¦'""'"#,
    ),
    ("varchar(7)", "'1234567'¦'ü      '¦''"),
    ("char(5)", "'a'¦'     '¦'ü'"),
    (r#""char""#, r"'a'¦''¦'\200'¦'\377'¦'\'"),
    ("name", "repeat('n', 63)¦''¦'a b'"),
    ("bytea", r"''¦'\x'¦'\x00'¦'\x005c27220aff'¦decode(repeat('00ff5c27', 100000), 'hex')¦'\x5c5c'"),
    ("date", "'infinity'¦'-infinity'¦'4713-01-01 BC'¦'5874897-12-31'¦'0001-01-01 BC'¦'2000-02-29'"),
    ("time", "'24:00:00'¦'00:00:00'¦'23:59:59.999999'"),
    ("time(2)", "'23:59:59.99'"),
    ("timetz", "'24:00:00-15:59'¦'00:00:00+15:59'¦'23:59:59.999999+05:30:17'"),
    (
        "timestamp",
        "'infinity'¦'-infinity'¦'4713-01-01 00:00:00 BC'¦'294276-12-31 23:59:59.999999'¦'0044-03-15 12:00 BC'¦'1999-12-31 23:59:59.999999'",
    ),
    (
        "timestamptz",
        "'infinity'¦'-infinity'¦'4713-01-02 00:00:00+00 BC'¦'294276-12-31 23:59:59.999999+00'¦'1883-11-18 12:00:00+00'¦'2024-11-03 05:30+00'¦'2024-11-03 06:30+00'",
    ),
    (
        "interval",
        "'178000000 years'¦'-178000000 years'¦'1 mon -1 day 00:00:00.000001'¦'-1 mon +1 day -00:00:00.000001'¦'0'¦'2147483647 days'",
    ),
    ("interval day to second", "'2562047788:00:54.775807'¦'-2562047788:00:54.775807'"),
    ("interval year to month", "'1-2'¦'-1-2'"),
    ("interval second(2)", "'1.23'¦'-0.01'"),
    ("point", "'(-0,NaN)'¦'(Infinity,1e-300)'"),
    ("line", "'{1,-1,0}'¦'{0,1,1e-17}'"),
    ("lseg", "'[(0,0),(1,0.1)]'"),
    ("box", "'(1,1),(0,-0.1)'"),
    ("path", "'((0,0),(1,0.1))'¦'[(0,0),(1,0.1)]'"),
    ("polygon", "'((0,0),(1,0.1),(2,0))'"),
    ("circle", "'<(1,2),0.1>'"),
    ("cidr", "'10.0.0.0/8'¦'::/0'¦'2001:4f8:3:ba::/64'"),
    ("inet", "'10.0.0.1/8'¦'::1'¦'::ffff:1.2.3.4/128'"),
    ("macaddr", "'08:00:2b:01:02:03'"),
    ("macaddr8", "'08:00:2b:01:02:03:04:05'"),
    ("bit(5)", "B'10101'¦B'00000'"),
    ("varbit", "B''¦B'1'¦repeat('10', 5000)::varbit"),
    ("tsvector", r"''¦'a:1A fat:2B,3C'¦$$'it''s' 'back\\slash' 'a b'$$"),
    ("tsquery", "''¦'a & !b:*A <2> c'¦$$'it''s' | 'a b'$$"),
    ("uuid", "'00000000-0000-0000-0000-000000000000'¦'ffffffff-ffff-ffff-ffff-ffffffffffff'"),
    ("xml", "''¦'text only'¦'<a/><b/>'¦'<?xml version=\"1.0\"?><a>ä&lt;</a>'¦'<!DOCTYPE a><a/>'"),
    ("json", r#"'{"a" : 1,  "a":2}'¦'"\u0000"'¦' null '¦'1e400'¦'[]'"#),
    ("jsonb", r#"'{"b": [1, null, "ü"], "a": 1e400}'¦'null'¦'"\\"'¦'{}'"#),
    ("jsonpath", r#"'$.a[*] ? (@.b > 1 && @ like_regex "^a\\d")'¦'strict $'"#),
    ("int4range", "'empty'¦'(,)'¦'[1,10)'¦'[,2147483647)'"),
    ("numrange", "'[0,NaN]'¦'(0.1,)'"),
    ("tstzrange", "'[2024-01-01 00:00+00,infinity]'¦'[\"0044-03-15 12:00:00+00 BC\",)'"),
    ("daterange", "'[2024-01-01,2024-02-01)'¦'[-infinity,infinity)'"),
    ("nummultirange", "'{}'¦'{[1,2),(3,4]}'¦'{[-Infinity,NaN]}'"),
    ("datemultirange", "'{[2024-01-01,2024-02-01)}'"),
    ("oid", "0¦4294967295"),
    ("xid", "'0'¦'4294967295'"),
    ("xid8", "'18446744073709551615'"),
    ("cid", "'4294967295'"),
    ("tid", "'(0,1)'¦'(4294967295,65535)'"),
    ("pg_lsn", "'0/0'¦'FFFFFFFF/FFFFFFFF'"),
    ("pg_snapshot", "'10:20:10,14,15'"),
    ("txid_snapshot", "'10:20:10,14,15'"),
    ("refcursor", "'a cursor'"),
    ("int2vector", "'1 2 3'¦''"),
    ("oidvector", "'1 2 3'¦''"),
    ("aclitem", "makeaclitem('postgres'::regrole, 'postgres'::regrole, 'SELECT', true)"),
    ("integer[]", "'{}'¦'[0:2]={1,NULL,3}'¦'[-1:0][2:3]={{1,2},{3,4}}'¦'{NULL}'"),
    ("text[]", r#"'{NULL,"NULL","","a b","\"","\\","{}",","}'¦'{{a,b},{c,NULL}}'"#),
    ("bytea[]", r"array['\x00'::bytea, null, '\x5c22']"),
    ("timestamptz[]", "array['0044-03-15 12:00+00 BC'::timestamptz, 'infinity', null]"),
    ("money[]", "array[1.5::money, null]"),
    ("real[]", "array[0.1::real, 'NaN', '-0']"),
    ("xml[]", "array['<a/><b/>'::xml, 'x']"),
    ("types.mood", r#"'sad'¦'it''s "ok"'¦'a,b'¦''¦'{}'¦'between'"#),
    ("types.moods", r#"array['it''s "ok"', 'a,b', '', null, '{}']::types.mood[]"#),
    ("types.smaller", "-5¦49"),
    (
        "types.point",
        r#"row(1, null, 'a,b', 'it''s (a) "b" \ ')¦row(null, null, null, null)¦row(1, 2, '', '')"#,
    ),
    (
        "types.line",
        r#"row(row(1, null, 'a,b', '"')::types.point, null, '\', array['0044-03-15 12:00+00 BC'::timestamptz, null])"#,
    ),
    ("types.ordered", r#"row(row(1, 2, '', '\"')::types.point, null, null, null)::types.line"#),
    (
        "types.line[]",
        r#"array[row(row(1, null, 'a,b', '","')::types.point, null, '{}', null)::types.line, null]"#,
    ),
    ("types.ordered[]", r"array[row(null, null, 'NULL', '{}')::types.line::types.ordered, null]"),
    ("types.floats", "'empty'¦'[0.1,Infinity]'¦'(-0,NaN)'"),
    ("types.texts", r#"types.texts('', 'a,b')¦types.texts('"', null, '()')¦types.texts('NULL', null)"#),
    ("types.text_ranges", r"types.text_ranges(types.texts('', 'a,b'), types.texts('b', '}'))"),
    ("types.lines", r"types.lines('sad', 'a,b', '[]')¦types.lines('', null)"),
    ("types.lines[]", r"array[types.lines('', null), 'empty', null]"),
];

/// What came with which version, of types and of values that the others write in the same way.
const NEWER: &[(&str, u32)] = &[
    ("xid8", 13),
    ("pg_snapshot", 13),
    ("nummultirange", 14),
    ("datemultirange", 14),
    ("types.text_ranges", 14),
    ("decimal", 14),
    ("interval day to second", 15),
    ("numeric(5, -2)", 15),
    ("numeric(3, 5)", 15),
];

/// The columns that both servers can hold.
fn columns(pair: &Pair) -> Vec<&'static (&'static str, &'static str)> {
    let version = pair.source.version().min(pair.target.version());
    let is_newer = |name: &str| NEWER.iter().any(|(newer, since)| *newer == name && *since > version);
    COLUMNS.iter().filter(|(name, _)| !is_newer(name)).collect()
}

fn types(pair: &Pair) -> String {
    let chosen = ", multirange_type_name = types.text_ranges";
    if pair.source.version() < 14 { TYPES.replace(chosen, "") } else { TYPES.into() }
}

fn every_type(of: &[&(&str, &str)]) -> String {
    let columns: Vec<String> = of.iter().enumerate().map(|(i, (name, _))| format!("c{i} {name}")).collect();
    let mut script = format!("create table every_type (id serial, {});", columns.join(", "));
    for (i, (_, values)) in of.iter().enumerate() {
        for value in values.split('¦') {
            let _ = writeln!(script, "insert into every_type (c{i}) values ({value});");
        }
    }
    script
}

/// The bytes of all values as binary COPY sends them, where no oid of a type is among them, or else their text.
fn bytes_of_values(database: &Database) -> Vec<Vec<String>> {
    let session = database.session();
    session.sql("set bytea_output = hex; set extra_float_digits = 3; set datestyle = iso; set intervalstyle = postgres; set timezone = 'UTC'; set lc_monetary = 'C'; set search_path = ''; set client_encoding = utf8");
    let columns = session.rows(
        "select quote_ident(a.attname), t.typsend::oid::regproc::text, t.typtype in ('b', 'e') and t.typelem = 0 and p.proargtypes[0] = t.oid
         from pg_attribute a join pg_type t on t.oid = a.atttypid left join pg_proc p on p.oid = t.typsend where attrelid = 'public.every_type'::regclass and attnum > 0 order by attnum",
    );
    let each: Vec<String> = columns
        .iter()
        .map(|column| match (column[2].as_str(), column[1].as_str()) {
            ("t", send) => format!("md5({send}({}))", column[0]),
            _ => format!("md5({}::text)", column[0]),
        })
        .collect();
    session.rows(&format!("select {} from public.every_type order by id", each.join(", ")))
}

#[test]
fn every_type_arrives_bit_by_bit_whatever_the_databases_are_set_to() {
    let pair = Pair::new("it_every_type");
    let columns = columns(&pair);
    pair.source.sql(&types(&pair));
    pair.source.sql(&every_type(&columns));
    for (database, settings) in [&pair.source, &pair.target].into_iter().zip(HOSTILE) {
        for setting in settings.split(';') {
            // Some of them are known to some versions only.
            let _ = crate::pair::Session::open(&database.server.url("postgres"))
                .try_sql(&format!("alter database {} set {setting}", database.name));
        }
    }
    let before = bytes_of_values(&pair.source);
    let run = clone(&pair, &["--verify", "checksum", "--json"]).exits(3);
    let named = list(&run.json(), "not_copied", &["kind", "object", "reason"]);
    assert!(named.iter().all(|kind| kind[0] == "DATABASE SETTING"), "{named:?}");
    let after = bytes_of_values(&pair.target);
    for (i, (before, after)) in before.iter().zip(&after).enumerate() {
        let strange: Vec<&(&str, &str)> =
            (1..before.len()).filter(|&c| before[c] != after[c]).map(|c| columns[c - 1]).collect();
        assert!(strange.is_empty(), "row {i}: {strange:?}");
    }
    assert_eq!(before.len(), after.len());
    assert_nothing_left(&pair);
}

#[test]
fn names_of_things_that_come_after_the_rows_arrive_as_values() {
    let mut pair = Pair::new("it_reg_types");
    pair.role("it_reg_role", "nologin");
    let script = r#"create schema app; create table app.t (id integer primary key, "Odd" text, unique ("Odd")); create index plain on app.t ((id + 1));
         create table app.p (id integer) partition by range (id); create table app.p1 partition of app.p for values from (0) to (9);
         create index on app.p (id); create view app.v as select 1; create sequence app.s; create materialized view app.m as select 1 as x; create index on app.m (x);
         create function app.f(integer, text) returns integer language sql as 'select 1'; create function app.only() returns integer language sql as 'select 1';
         create operator app.=== (leftarg = integer, rightarg = integer, function = int4eq);
         create type app.pair as (c regclass, f regprocedure); create domain app.named as regclass check (value <> 'pg_catalog.pg_proc'::regclass);
         create text search configuration app.conf (copy = simple); create text search dictionary app.dict (template = simple); create collation app.coll from "C";
         insert into app.t values (1, 'x'); insert into app.p values (1);
         create table reg (c regclass, p regproc, pe regprocedure, o regoper, oe regoperator, t regtype, r regrole, n regnamespace, cf regconfig, d regdictionary,
             co regcollation, cs regclass[], pr app.pair, prs app.pair[], na app.named);
         insert into reg values ('app.t', 'app.only', 'app.f(integer, text)', 'pg_catalog.||/', 'app.===(integer, integer)', 'app.pair[]', 'it_reg_role', 'app', 'app.conf', 'app.dict',
             'app.coll', array['app.t', 'app.v', null, '0']::regclass[], row('app.m', 'app.only()'), array[row('app.s', null)::app.pair], 'pg_class');
         insert into reg (c, na) values ('app.t_pkey', 'app."t_Odd_key"'), ('app.plain', 'app.p_id_idx'), ('app.p1_id_idx', 'app.m_x_idx'), ('12345678', '0'), ('pg_class_oid_index', 'app.p1');
         insert into reg (cs, pr, prs, p, t, r, n) values (array['app.t_pkey', 'app.plain', '99999999']::regclass[], row('app.t_pkey', null), array[row('app.plain', '0')::app.pair], '87654321', '87654321', '87654321', '87654321');
         create index on reg (c); insert into reg (c) values ('reg_c_idx')"#;
    let collation = if pair.source.version() >= 13 { "regcollation" } else { "text" };
    pair.source.sql(&script.replace("regcollation", collation));
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn values_that_name_what_is_nowhere_on_the_target_are_named() {
    let pair = Pair::filled(
        "it_reg_nowhere",
        "create table t (id integer primary key, big text); insert into t values (1, 'x');
         create table reg (c regclass); insert into reg select reltoastrelid from pg_class where relname = 't';
         create table fine (c regclass); insert into fine values ('t')",
    );
    let report = clone(&pair, &["--json"]).exits(3).json();
    let left = crate::command::list(&report, "not_copied", &["kind", "object"]);
    assert_eq!(left, [["table data", "public.reg"]]);
    assert_eq!((pair.target.count("reg"), pair.target.count("fine")), (0, 1));
    assert_same_schema(&pair);
}

#[test]
fn a_row_that_a_constraint_refuses_is_told_with_table_and_constraint_and_nothing_is_left() {
    let pair = Pair::filled(
        "it_refused",
        "create table limits (most integer); insert into limits values (10);
         create function small(integer) returns boolean language sql as 'select $1 <= coalesce((select max(most) from public.limits), 0)';
         create table t (x integer, constraint is_small check (small(x))); insert into t values (5); update limits set most = 1",
    );
    clone(&pair, &[]).exits(1).says(&["public.t", "is_small"]);
    assert_nothing_left(&pair);
    assert!(!pair.target.exists("t"));
}

#[test]
fn a_constraint_that_is_not_valid_yet_comes_after_the_rows() {
    let pair = Pair::filled(
        "it_not_valid",
        "create table t (x integer, y text); insert into t values (-1, null), (2, 'x'); alter table t add constraint positive check (x > 0) not valid;
         alter table t add constraint named check (y is not null) not valid;
         create domain d as integer; create table u (x d, xs d[]); insert into u values (-1, '{-2}'); alter domain d add constraint above check (value > 0) not valid",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn values_of_hundreds_of_megabytes_arrive() {
    let pair = Pair::filled(
        "it_large_values",
        "create table t (id integer primary key, b bytea, x text);
         insert into t values (1, decode(repeat('00ff5c27', 20000000), 'hex'), 'small'), (2, '\\x00', repeat('wide ü', 20000000)), (3, null, null);
         create table many as select i, repeat(md5(i::text), 60000) as x from generate_series(1, 60) i",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn a_row_beyond_the_limit_of_a_message_of_text_passes_through_us_or_is_named() {
    let script = "
        create type own as (x integer); create table t (id integer primary key, b bytea, x text);
        insert into t values (1, null, 'small'), (2, convert_to(repeat('0123456789', 56000000), 'UTF8'), 'streamed'), (3, '\\x00', 'small too'),
            (4, convert_to(repeat('0123456789', 56000000), 'UTF8'), null);
        update t set x = repeat('0123456789', 56000000) where id = 4;
        create table u (id integer, b bytea, o own); insert into u values (1, 'x', row(1)), (2, convert_to(repeat('0123456789', 56000000), 'UTF8'), row(2))";
    let pair = Pair::filled("it_huge_values", script);
    for (mode, level) in [("snapshot", "checksum"), ("lock", "count")] {
        let report = clone(&pair, &["--verify", level, "--consistency", mode, "--json"]).exits(3).json();
        assert!(report["differences"].as_array().unwrap().is_empty(), "{:?}", report["differences"]);
        let left = crate::command::list(&report, "not_copied", &["kind", "object", "reason"]);
        assert!(left.iter().all(|left| left[0] == "row") && left.len() == 2, "{left:?}");
        assert!(left[0][1] == "public.t" && left[0][2].contains("primary key (4)"), "{left:?}");
        let warnings = crate::command::list(&report, "warnings", &["code", "object"]);
        assert!(warnings.contains(&vec!["rows-through-fdwcopy".into(), "public.t".into()]), "{warnings:?}");
        let rows = "select id, md5(b), length(x) from t where id < 4 order by 1";
        assert_eq!(pair.source.rows(rows), pair.target.rows(rows));
        assert_eq!((pair.target.count("t"), pair.target.count("u")), (3, 1));
        assert_nothing_left(&pair);
        pair.target.sql("drop table t, u; drop type own");
    }
}
