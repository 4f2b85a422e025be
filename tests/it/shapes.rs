//! Tables of every shape: inheritance, partitions wherever the target puts a row, generated columns, strange names.

use std::fmt::Write as _;

use crate::command::clone;
use crate::equality::{assert_equal, assert_nothing_left, assert_same_schema};
use crate::pair::{Database, Pair};

/// Partitions by what another server sorts into other partitions: hashes of an enum's values depend on its oid.
pub(crate) const HASHED_BY_ENUM: &str = "
    create type mood as enum ('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n', 'o', 'p');
    create domain feeling as mood;
    create table hashed (id bigint generated always as identity, m mood, note text, twice bigint generated always as (id * 2) stored)
        partition by hash (m);
    create table hashed_0 partition of hashed for values with (modulus 4, remainder 0);
    create table hashed_1 (note text, gone text, m mood, id bigint not null, twice bigint generated always as (id * 2) stored);
    alter table hashed_1 drop column gone;
    alter table hashed attach partition hashed_1 for values with (modulus 4, remainder 1);
    create unlogged table hashed_2 partition of hashed for values with (modulus 4, remainder 2);
    create table hashed_3 partition of hashed for values with (modulus 4, remainder 3) partition by list (note);
    create table hashed_3_odd partition of hashed_3 for values in ('odd');
    create table hashed_3_rest partition of hashed_3 default;
    insert into hashed (m, note) select (enum_range(null::mood))[1 + i % 16], case when i % 3 = 0 then 'odd' else 'note ' || i end
        from generate_series(1, 2000) i;
    create table by_domain (f feeling, x integer) partition by hash (f);
    create table by_domain_0 partition of by_domain for values with (modulus 2, remainder 0);
    create table by_domain_1 partition of by_domain for values with (modulus 2, remainder 1);
    insert into by_domain select m, id from hashed;
    create table by_array (ms mood[], x integer) partition by hash (ms);
    create table by_array_0 partition of by_array for values with (modulus 2, remainder 0);
    create table by_array_1 partition of by_array for values with (modulus 2, remainder 1);
    insert into by_array select array[m, null, m], id from hashed;
    create table above (k integer, m mood) partition by range (k);
    create table above_low partition of above for values from (0) to (1000) partition by hash (m);
    create table above_low_0 partition of above_low for values with (modulus 2, remainder 0);
    create table above_low_1 partition of above_low for values with (modulus 2, remainder 1);
    create table above_high partition of above for values from (1000) to (9000);
    insert into above select id, m from hashed";

/// The rows of the trees of [`HASHED_BY_ENUM`], whichever partition they lie in.
fn rows_of_trees(database: &Database) -> Vec<Vec<String>> {
    let count = |tree: &str, columns: &str| {
        database
            .rows(&format!("select count(*), sum(hashtextextended(row({columns})::text, 0)) from {tree}"))
            .remove(0)
    };
    vec![
        count("hashed", "id, m, note, twice"),
        count("by_domain", "f, x"),
        count("by_array", "ms, x"),
        count("above", "k, m"),
        count("only above_high", "k, m"),
    ]
}

#[track_caller]
fn assert_trees_equal(pair: &Pair) {
    assert_eq!(rows_of_trees(&pair.source), rows_of_trees(&pair.target));
    assert_same_schema(pair);
    assert_nothing_left(pair);
}

/// Up to 16 partitions have no identity columns, which is told.
pub(crate) fn exit_code(pair: &Pair) -> i32 {
    if pair.source.version() >= 17 && pair.target.version() < 17 { 3 } else { 0 }
}

#[test]
fn rows_that_hash_into_other_partitions_on_the_target_arrive() {
    for level in ["count", "checksum"] {
        let pair = Pair::filled("it_hashed_by_enum", HASHED_BY_ENUM);
        let report = clone(&pair, &["--verify", level, "--json"]).exits(exit_code(&pair)).json();
        let lost = crate::command::list(&report, "not_copied", &["kind"]);
        assert!(lost.iter().all(|kind| kind[0] == "identity of a partition"), "{lost:?}");
        assert!(report["differences"].as_array().unwrap().is_empty());
        assert_trees_equal(&pair);
        let leaves = "select string_agg(distinct m::text, ' ') from only hashed_0";
        assert_ne!(
            pair.source.value(leaves),
            pair.target.value(leaves),
            "the target hashes as the source does"
        );
    }
}

#[test]
fn rows_that_hash_into_other_partitions_arrive_chunk_by_chunk() {
    for mode in ["lock", "none"] {
        let pair = Pair::filled("it_hashed_stepwise", HASHED_BY_ENUM);
        clone(&pair, &["--verify", "checksum", "--consistency", mode]).exits(exit_code(&pair));
        assert_trees_equal(&pair);
    }
}

#[test]
fn a_partition_whose_rows_are_not_wanted_is_no_difference() {
    let pair = Pair::filled("it_hashed_part", HASHED_BY_ENUM);
    let run = clone(&pair, &["--exclude-table-data", "public.hashed_0", "--verify", "checksum"]);
    run.exits(exit_code(&pair));
    assert_eq!(pair.target.count("hashed"), pair.source.count("hashed") - pair.source.count("hashed_0"));
    assert_same_schema(&pair);
}

/// Options for a source that sorts as C does and a target that sorts as people do, if its version can be told to.
fn sorted_elsewhere() -> (&'static str, &'static str, bool) {
    let target = crate::pair::Session::open(&crate::servers::servers().target.url("postgres"));
    let knows_icu = target.value("select current_setting('server_version_num')::integer >= 150000") == "t";
    // Without a second kind of collation this is only a clone.
    let icu = if knows_icu {
        "locale_provider icu icu_locale 'en-US' locale 'C.UTF-8' encoding 'UTF8'"
    } else {
        ""
    };
    ("lc_collate 'C' lc_ctype 'C.UTF-8' encoding 'UTF8'", icu, knows_icu)
}

#[test]
fn rows_that_another_collation_sorts_elsewhere_arrive() {
    let (c, icu, _) = sorted_elsewhere();
    let pair = Pair::with("it_sorted_elsewhere", c, icu);
    pair.source.sql(
        "create table names (name text, n integer) partition by range (name);
         create table names_low partition of names for values from (minvalue) to ('h');
         create table names_high partition of names for values from ('h') to ('zz');
         create table names_rest partition of names default;
         insert into names select chr(c) || i, i from generate_series(65, 90) c, generate_series(1, 5) i;
         insert into names select chr(c) || i, i from generate_series(97, 122) c, generate_series(1, 5) i",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    let all = r#"select name collate "C", n from names order by 1, 2"#;
    assert_eq!(pair.source.rows(all), pair.target.rows(all));
    assert_eq!(pair.source.count("names_low") != pair.target.count("names_low"), !icu.is_empty());
}

#[test]
fn a_partition_whose_bounds_mean_nothing_in_the_targets_order_is_named_and_its_rows_arrive() {
    let (c, icu, elsewhere) = sorted_elsewhere();
    let pair = Pair::with("it_bounds", c, icu);
    pair.source.sql(
        "create table names (name text) partition by range (name); create table names_a partition of names for values from ('B') to ('a');
         create table names_rest partition of names default; insert into names values ('a'), ('anna'), ('Carl'), ('Berta'), ('Zoe')",
    );
    let run = clone(&pair, &["--verify", "checksum", "--json"]);
    let left = crate::command::list(&run.json(), "not_copied", &["kind", "object"]);
    let (lost, code, rows) =
        if elsewhere { (vec![["TABLE ATTACH", "public.names_a"]], 3, 2) } else { (vec![], 0, 5) };
    assert_eq!(left, lost);
    run.exits(code);
    assert_eq!((pair.target.count("names_a"), pair.target.count("names")), (3, rows));
}

#[test]
fn rows_that_another_encoding_hashes_elsewhere_arrive() {
    let pair =
        Pair::with("it_hashed_latin1", "encoding 'LATIN1' lc_collate 'C' lc_ctype 'C'", "encoding 'UTF8'");
    pair.source.sql(
        "create table words (word text) partition by hash (word);
         create table words_0 partition of words for values with (modulus 2, remainder 0);
         create table words_1 partition of words for values with (modulus 2, remainder 1);
         insert into words select 'größe ' || i from generate_series(1, 200) i",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    let all = "select word from words order by word collate \"C\"";
    assert_eq!(pair.source.rows(all), pair.target.rows(all));
}

#[test]
fn a_partition_that_is_a_foreign_table_comes_as_a_definition() {
    let pair = Pair::filled(
        "it_foreign_partition",
        "create extension postgres_fdw; create server elsewhere foreign data wrapper postgres_fdw options (host 'nowhere.invalid');
         create type mood as enum ('a', 'b', 'c', 'd');
         create table t (k integer, x text) partition by range (k);
         create table t_0 partition of t for values from (0) to (10);
         create foreign table t_1 partition of t for values from (10) to (20) server elsewhere;
         create table t_2 partition of t default;
         insert into t values (1, 'a'), (2, 'b'), (99, 'z');
         create table by_list (m mood) partition by list (m);
         create table by_list_a partition of by_list for values in ('a');
         create foreign table by_list_b partition of by_list for values in ('b') server elsewhere;
         insert into by_list values ('a')",
    );
    let report = clone(&pair, &["--verify", "checksum", "--json"]).exits(0).json();
    let warned: Vec<&str> =
        report["warnings"].as_array().unwrap().iter().filter_map(|w| w["object"].as_str()).collect();
    assert!(warned.contains(&"public.t_1") && warned.contains(&"public.by_list_b"), "{warned:?}");
    for leaf in ["t_0", "t_2", "by_list_a"] {
        assert_eq!(pair.source.count(leaf), pair.target.count(leaf));
    }
    assert_same_schema(&pair);
}

#[test]
fn heirs_of_several_parents_and_generations_clone() {
    let pair = Pair::filled(
        "it_heirs",
        "create table a (id integer not null, note text default 'a', constraint low check (id < 1000) no inherit);
         create table b (id integer not null, b text); create table c (c text);
         create table ab (ab text) inherits (a, b); create table abc () inherits (ab, c);
         create table late (id integer not null, note text, c text, own integer); alter table late inherit a; alter table late inherit c;
         create table deep () inherits (abc);
         insert into a select i, 'own ' || i from generate_series(1, 30) i; insert into b values (1, 'b'); insert into c values ('c');
         insert into ab values (2, 'x', 'y', 'ab'); insert into abc values (3, 'x', 'y', 'ab', 'c');
         insert into deep values (4, null, null, null, 'deep'); insert into late values (2000, 'n', 'late', 9)",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn columns_that_change_their_order_are_named() {
    let pair = Pair::filled(
        "it_heirs_order",
        "create table a (id integer, note text); create table late (own integer, note text, id integer, twice integer generated always as (id * 2) stored);
         alter table late inherit a; insert into late values (9, 'n', 2); create table in_order (own text) inherits (a); insert into in_order values (1, 'x', 'y')",
    );
    let report = clone(&pair, &["--verify", "checksum", "--json"]).exits(3).json();
    let left = crate::command::list(&report, "not_copied", &["kind", "object"]);
    assert_eq!(left, [["column order", "public.late"]]);
    assert!(report["differences"].as_array().unwrap().is_empty());
    let rows = "select id, note, own, twice from late";
    assert_eq!(pair.source.rows(rows), pair.target.rows(rows));
}

#[test]
fn partitions_of_every_kind_clone() {
    let pair = Pair::filled(
        "it_partitions",
        r#"create table p (id integer not null, at date, region text) partition by range (at, id);
         create table p1 (dropped text, region text, at date, more text, id integer not null);
         alter table p1 drop column dropped, drop column more;
         alter table p attach partition p1 for values from ('2024-01-01', minvalue) to ('2025-01-01', minvalue);
         create table p2 partition of p for values from ('2025-01-01', minvalue) to (maxvalue, maxvalue) partition by list (region);
         create table "p2.eu" partition of p2 for values in ('eu', null); create table p2_rest partition of p2 default partition by hash (id);
         create table p2_h0 partition of p2_rest for values with (modulus 3, remainder 0);
         create table p2_h1 partition of p2_rest for values with (modulus 3, remainder 1);
         create unlogged table p2_h2 partition of p2_rest for values with (modulus 3, remainder 2);
         create table p_rest partition of p default; create table empty_root (x integer) partition by range (x);
         create table detached (id integer not null, at date, region text); alter table p attach partition detached for values from ('2020-01-01', 0) to ('2021-01-01', 0);
         alter table p detach partition detached; insert into detached values (1, '1999-01-01', 'x');
         insert into p select i, date '2023-06-01' + i, (array['eu', 'us', null])[1 + i % 3] from generate_series(1, 1500) i"#,
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn generated_columns_identities_and_tables_without_columns_clone() {
    let pair = Pair::filled(
        "it_generated",
        "create table g (a integer, double_a integer generated always as (a * 2) stored, b text, shout text generated always as (upper(b)) stored);
         insert into g (a, b) select i, 'b' || i from generate_series(1, 20) i;
         create table only_generated (g integer generated always as (7) stored); insert into only_generated select from generate_series(1, 9);
         create table none (); insert into none select from generate_series(1, 1000);
         create table emptied (a integer, b text); insert into emptied values (1, 'x'), (2, 'y'); alter table emptied drop column a, drop column b;
         create table none_parent (); create table none_child (x integer) inherits (none_parent);
         insert into none_parent select from generate_series(1, 3); insert into none_child values (1), (2);
         create table ida (id bigint generated always as identity (start 1000 increment -7 minvalue -1000000 maxvalue 2000), x text); insert into ida (x) values ('a'), ('b');
         create table idd (id smallint generated by default as identity, x text); insert into idd values (30000, 'far'); insert into idd (x) values ('near');
         create table two_serials (a serial, b bigserial); insert into two_serials default values;
         create table nothing_in_it (x integer primary key)",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn typed_unlogged_and_moved_tables_clone() {
    let pair = Pair::filled(
        "it_typed",
        "create type kind as (a integer, b text);
         create table typed of kind (a with options primary key, b default 'x'); insert into typed values (1, 'one'), (2, null);
         create unlogged table unlogged (x integer, y text); insert into unlogged select i, 'u' || i from generate_series(1, 99) i;
         create table of_typed (t typed, ts kind[]); insert into of_typed select t, array[row(1, 'x')::kind, null] from typed t;
         create table altered (a integer); insert into altered values (1); alter table altered add b text default 'added', add c integer not null default 7;
         insert into altered values (2); alter table altered alter a type text using 'v' || a; alter table altered drop column b, add b bytea",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn names_with_anything_in_them_clone() {
    let long = "ü".repeat(31) + "x";
    let names = [
        "with \"quotes\"",
        "dots. and. more",
        "line\nend",
        "tab\tand\rreturn",
        r"back\slash\n",
        "%s %I $1 $$ {name}",
        "select",
        "user",
        "-- TOC entry 1 (class 0 OID 0)",
        "';drop table t;--",
        "Ünïcode 数据 🐘",
        " leading and trailing ",
        "tableoid.",
        "\u{1}\u{7f}",
        &long,
    ];
    let mut script = "create schema seqs;".to_owned();
    for (i, name) in names.iter().enumerate() {
        let text = name.replace('\'', "''");
        let name = format!("\"{}\"", name.replace('"', "\"\""));
        let _ = write!(
            script,
            "create schema {name}; create sequence seqs.{name}; select nextval('seqs.{}');
             create table {name}.{name} ({name} integer primary key, \"{i}\" text default '{text}', s serial);
             insert into {name}.{name} values ({i}, '{text}');
             create table {name}.heir () inherits ({name}.{name}); insert into {name}.heir values (7);",
            name.replace('\'', "''")
        );
    }
    let pair = Pair::filled("it_any_names", &script);
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
}

#[test]
fn rules_and_triggers_of_every_state_do_not_fire_during_the_copy() {
    let pair = Pair::filled(
        "it_rules",
        "create table log (what text); create table t (x integer); create table u (x integer); create table p (x integer) partition by range (x);
         create table p1 partition of p for values from (0) to (100); create table vt (x integer); create view v as select x from vt;
         create function note() returns trigger language plpgsql as $$ begin insert into public.log values (tg_name); return new; end $$;
         insert into t values (1), (2); insert into u values (3); insert into p values (4); insert into vt values (5);
         create rule instead as on insert to t do instead nothing; create rule also as on insert to u do also insert into log values ('rule');
         create rule replica as on insert to u do also insert into log values ('replica rule'); alter table u enable replica rule replica;
         create rule always as on insert to p1 do also insert into log values ('always rule'); alter table p1 enable always rule always;
         create trigger always before insert on t for each row execute function note(); alter table t enable always trigger always;
         create trigger replica before insert on t for each row execute function note(); alter table t enable replica trigger replica;
         create trigger off after insert on u for each statement execute function note(); alter table u disable trigger off;
         create trigger each after insert on p for each row execute function note();
         create trigger of_view instead of insert on v for each row execute function note()",
    );
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
    assert_eq!(pair.target.count("log"), 0);
}

#[test]
fn an_inheritance_parent_with_as_many_columns_as_there_can_be_clones() {
    let pair = Pair::new("it_wide_parent");
    let columns: Vec<String> = (1..=1599).map(|i| format!("c{i} boolean")).collect();
    pair.source.sql(&format!(
        "create table wide ({}, note text); create table heir () inherits (wide); create table second (more integer, {}, note text);
         insert into wide (c1, c1599, note) values (true, false, 'own 1'), (false, null, 'own 2'), (null, null, null);
         insert into heir (c1, note) values (true, 'heir 1'), (false, 'heir 2'), (null, 'heir 3'), (true, 'heir 4')",
        columns.join(", "),
        columns[..1598].join(", ")
    ));
    clone(&pair, &["--verify", "checksum"]).exits(0);
    assert_equal(&pair);
    let pair = Pair::new("it_wide_stepwise");
    pair.source.sql(&format!(
        "create table wide ({}, note text); create table heir () inherits (wide);
         insert into wide (note) select 'own ' || i from generate_series(1, 60) i; insert into heir (note) select 'heir ' || i from generate_series(1, 60) i",
        columns.join(", ")
    ));
    clone(&pair, &["--verify", "checksum", "--consistency", "lock"]).exits(0);
    assert_equal(&pair);
}
