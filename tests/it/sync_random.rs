//! `fdwcopy sync` after random changes on both sides, for every kind of key and shape of table, also when it was killed.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::command::{Fdwcopy, list};
use crate::copy_modes::{assert_same, assert_tidy, both};
use crate::copy_watermarks::Dice;
use crate::equality::assert_no_sessions;
use crate::pair::{Database, Pair, wait_for};
use crate::sync::sync;

/// A table with what makes a row from the number `i`, changes one, and gives one another key.
struct Shape {
    name: &'static str,
    columns: &'static str,
    values: &'static str,
    change: &'static str,
    move_key: &'static str,
}

const fn shape(
    name: &'static str,
    columns: &'static str,
    values: &'static str,
    change: &'static str,
    move_key: &'static str,
) -> Shape {
    Shape { name, columns, values, change, move_key }
}

const SHAPES: [Shape; 13] = [
    shape("ints", "id, v, n", "i, 'v' || i, i / 7.0", "v = v || random(), n = n * 10", "id = id + 100000"),
    shape("bigs", "id, v", "i * 5000000000, 'v' || i", "v = null", "id = default"),
    shape(
        "uuids",
        "id, v",
        "md5(i::text)::uuid, jsonb_build_object('a', i)",
        "v = '[1.0]'",
        "id = md5(id::text)::uuid",
    ),
    shape("texts", "id, v", "'É' || md5(i::text), i", "v = 'NaN'", "id = id || ' '"),
    shape("bytewise", "id, v", "chr(97 + i % 26) || i, i", "v = -0.0", "id = upper(id)"),
    shape(
        "times",
        "at, v",
        "timestamptz '2020-02-02' + i * interval '1.000001 s', decode(md5(i::text), 'hex')",
        "v = '\\x00'",
        "at = at - interval '30 years'",
    ),
    shape("several", "a, b, v", "i % 17, 'b' || i, i::numeric", "v = v + 0.10", "b = b || '''\\'"),
    shape(
        "parts",
        "id, day, v",
        "i, date '2024-01-01' + i % 90, 'v' || i",
        "v = random()",
        "day = date '2024-01-01' + ((day - date '2024-01-01') + 31) % 90, id = id + 100000",
    ),
    shape("base", "id, v", "i, 'v' || i", "v = random()", "id = id + 100000"),
    shape("heir", "id, v, more", "i + 50000, 'h' || i, i", "more = more + 1", "id = id + 100000"),
    shape("uniques", "id, code, v", "i, i, 'v' || i", "v = random()", "id = id + 100000"),
    shape("fixed", "id, v", "i, 'v' || i", "v = random()", "id = id + 100000"),
    shape("parent", "id, v", "i, 'v' || i", "v = random()", "v = v"),
];

const TABLES: &str = "create table ints (id int primary key, v text, n numeric);
    create table bigs (id bigint generated always as identity primary key, v text, double bigint generated always as (id * 2) stored);
    create table uuids (id uuid primary key, v jsonb);
    create table texts (id text primary key, v float8);
    create table bytewise (id text collate \"C\" primary key, v float8);
    create table times (at timestamptz primary key, v bytea);
    create table several (a int, b text, v numeric, primary key (b, a));
    create table parts (id int, day date, v text, primary key (id, day)) partition by range (day);
    create table parts_1 partition of parts for values from ('2024-01-01') to ('2024-02-01');
    create table parts_2 partition of parts for values from ('2024-02-01') to ('2024-03-01') partition by hash (id);
    create table parts_2a partition of parts_2 for values with (modulus 2, remainder 0);
    create table parts_2b partition of parts_2 for values with (modulus 2, remainder 1);
    create table parts_3 partition of parts default;
    create table base (id int primary key, v text); create table heir (more int, primary key (id)) inherits (base);
    create table uniques (id int primary key, code int not null unique, v text);
    create table fixed (id int primary key, n bigint generated always as identity, v text);
    create table parent (id int primary key, v text);
    create table child (id int primary key, parent int references parent)";

const NAMES: [&str; 14] = [
    "ints", "bigs", "uuids", "texts", "bytewise", "times", "several", "parts", "base", "heir", "uniques",
    "fixed", "parent", "child",
];

fn seed() -> u64 {
    let given = std::env::var("FDWCOPY_TEST_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = given
        .unwrap_or_else(|| u64::from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().subsec_nanos()));
    println!("seed {seed} (FDWCOPY_TEST_SEED={seed} repeats it)");
    seed
}

impl Shape {
    fn insert(&self, from: usize, to: usize) -> String {
        let Self { name, columns, values, .. } = self;
        format!(
            "insert into {name} ({columns}) overriding system value select {values} from generate_series({from}, {to}) i on conflict do nothing;"
        )
    }

    /// Some random changes, a part of the table each.
    fn changes(&self, dice: &mut Dice) -> String {
        let Self { name, change, move_key, .. } = self;
        let mut part = || format!("random() < {}.0 / {}", dice.roll(6), 1 + 10 * dice.roll(20));
        // A row of another server's child is in none of ours.
        let only = if *name == "parts" { "" } else { "only " };
        let goes = if *name == "parent" {
            "and not exists (select from child where child.parent = parent.id)"
        } else {
            ""
        };
        format!(
            "update {only}{name} set {change} where {}; update {only}{name} set {move_key} where {};
             delete from {only}{name} where {} {goes};",
            part(),
            part(),
            part()
        )
    }
}

/// Unique values go round, so that each row has one that another had.
fn rotate(by: usize) -> String {
    format!(
        "update uniques set code = -1 - code;
         with turned as (select id, lead(code, {by}, null) over (order by id) as code from uniques)
         update uniques u set code = -1 - t.code from turned t where t.id = u.id and t.code is not null;
         with left_over as (select id, row_number() over () as n from uniques where code < 0), top as (select max(code) as code from uniques)
         update uniques u set code = top.code + n from left_over, top where left_over.id = u.id;"
    )
}

fn fill(pair: &Pair, dice: &mut Dice) {
    for side in [&pair.source, &pair.target] {
        let rows: Vec<String> = SHAPES.iter().map(|shape| shape.insert(1, 1500)).collect();
        side.sql(&rows.join("\n"));
        side.sql("insert into child select i, i from generate_series(1, 700) i");
    }
    if dice.roll(2) == 0 {
        pair.source.sql("analyze");
    }
}

fn change(side: &Database, first: usize, dice: &mut Dice) {
    let session = side.session();
    session.sql(&format!("select setseed({}.0 / 1000)", dice.roll(1000)));
    for shape in &SHAPES {
        session.sql(&(shape.changes(dice) + &shape.insert(first, first + dice.roll(200))));
    }
    session.sql(&rotate(1 + dice.roll(5)));
    session.sql("update child set parent = (select max(id) from parent) where random() < 0.05; delete from child where random() < 0.05");
    session.sql("insert into child select 10000 + i, id from (select id, row_number() over () as i from parent order by id limit 20) p on conflict do nothing");
}

const EVERYTHING: [&str; 3] = ["--delete", "--max-delete", "100%"];

#[test]
fn after_random_changes_on_both_sides_all_tables_are_equal_again_and_again() {
    let mut dice = Dice(seed());
    let pair = both("it_sync_random", TABLES);
    fill(&pair, &mut dice);
    for round in 0..4 {
        change(&pair.source, 2000 + round * 1000, &mut dice);
        change(&pair.target, 2000 + round * 1000 + dice.roll(400), &mut dice);
        sync(&pair, &EVERYTHING).exits(0);
        assert_same(&pair, &NAMES);
        let run = sync(&pair, &["--delete", "--dry-run", "--json"]).exits(0);
        assert!(list(&run.json(), "tables", &["rows"]).iter().all(|rows| rows[0] == "0"), "{}", run.stdout);
    }
    assert_tidy(&pair);
}

#[test]
fn killed_at_any_moment_it_leaves_nothing_behind_and_the_next_run_makes_all_equal() {
    let mut dice = Dice(seed());
    let pair = both("it_sync_killed", TABLES);
    fill(&pair, &mut dice);
    let started = Instant::now();
    sync(&pair, &EVERYTHING).exits(0);
    let usual = usize::try_from(started.elapsed().as_millis()).unwrap();
    for round in 0..6 {
        change(&pair.source, 2000 + round * 1000, &mut dice);
        let state = "select md5(string_agg(t::text, '|' order by t::text)) from ints t";
        let before = pair.target.value(state);
        let mut run = Fdwcopy::between(&pair).args(&["sync"]).args(&EVERYTHING).spawn();
        std::thread::sleep(Duration::from_millis(dice.roll(usual + usual / 2).try_into().unwrap()));
        let was_running = run.is_running();
        run.try_signal("KILL");
        let killed = run.wait();
        wait_for("the sessions to end", || {
            let sessions = "select count(*) from pg_stat_activity where application_name like 'fdwcopy%' and datname = current_database()";
            pair.target.value(sessions) == "0" && pair.source.value(sessions) == "0"
        });
        let after = pair.target.value(state);
        assert!(after == before || after == pair.source.value(state), "half of it: {was_running} {killed:?}");
        assert_tidy(&pair);
        assert_no_sessions(&pair);
        sync(&pair, &EVERYTHING).exits(0);
        assert_same(&pair, &NAMES);
    }
}
