//! `fdwcopy sync --batch`: several transactions, each of which leaves the target in order.

use std::time::Duration;

use crate::command::Fdwcopy;
use crate::copy_modes::{assert_same, assert_tidy, both};
use crate::equality::assert_no_sessions;
use crate::pair::{Pair, wait_for};
use crate::sync::{changes, sync};

const SHOP: &str = "create table customers (id int primary key, name text not null unique);
    create table orders (id bigint primary key, customer int not null references customers, v text);
    create table log (at timestamptz primary key, v text);
    create table lines (id uuid primary key, v text) partition by hash (id);
    create table lines_0 partition of lines for values with (modulus 2, remainder 0);
    create table lines_1 partition of lines for values with (modulus 2, remainder 1)";

const TABLES: [&str; 4] = ["customers", "orders", "log", "lines"];

fn fill(pair: &Pair) {
    let rows = "insert into customers select i, 'c' || i from generate_series(1, 1000) i;
        insert into orders select i, 1 + i % 500, 'o' from generate_series(1, 3000) i;
        insert into log select timestamptz '2026-01-01' + i * interval '1 min', 'l' from generate_series(1, 1000) i;
        insert into lines select md5(i::text)::uuid, 'l' from generate_series(1, 1000) i";
    pair.source.sql(rows);
    pair.target.sql(rows);
}

/// New parents and children, rows that go, rows that change, and children that get another parent.
fn change(pair: &Pair) {
    pair.source.sql(
        "insert into customers select i, 'n' || i from generate_series(2001, 2200) i on conflict do nothing;
         insert into orders select i, 2001 + i % 200, 'n' from generate_series(4001, 4300) i on conflict do nothing;
         update orders set customer = 2100 where id % 10 = 3; delete from orders where id % 10 = 4;
         delete from orders where customer between 400 and 420; delete from customers where id between 400 and 420;
         update customers set name = name || '!' where id % 7 = 0;
         update log set v = 'new' where v = 'l' and extract(minute from at) = 5; delete from lines where v = 'l' and id < '33333333-3333-3333-3333-333333333333'",
    );
}

const EVERYTHING: [&str; 3] = ["--delete", "--max-delete", "50%"];

#[test]
fn steps_come_to_the_same_and_are_transactions_of_their_own() {
    let pair = both("it_sync_steps", SHOP);
    fill(&pair);
    change(&pair);
    let expected =
        changes(&sync(&pair, &["--delete", "--max-delete", "50%", "--dry-run", "--json"]).exits(3));
    let run = sync(&pair, &[&EVERYTHING[..], &["--batch", "100", "--json"]].concat()).exits(0);
    assert_eq!(changes(&run), expected);
    assert_same(&pair, &TABLES);
    let written =
        "select count(distinct xmin::text) > 3 from orders where id > 4000 or customer = 2100 or v = 'n'";
    assert_eq!(pair.target.value(written), "t");
    let again = sync(&pair, &[&EVERYTHING[..], &["--batch", "100", "--json"]].concat()).exits(0);
    assert!(
        changes(&again).iter().all(|table| table[1..].iter().all(|rows| rows == "0")),
        "{}",
        again.stdout
    );
    assert_tidy(&pair);
}

#[test]
fn an_empty_table_is_filled_in_steps_too() {
    let pair = both("it_sync_steps_empty", SHOP);
    fill(&pair);
    pair.target.sql("truncate customers, orders, log, lines");
    sync(&pair, &["--batch", "700", "-j", "2"]).exits(0);
    assert_same(&pair, &TABLES);
    assert_tidy(&pair);
}

#[test]
fn what_is_killed_between_steps_has_broken_nothing_and_the_next_run_goes_on() {
    let pair = both("it_sync_steps_killed", SHOP);
    fill(&pair);
    for round in 0..3 {
        change(&pair);
        pair.source.sql(&format!("update orders set v = 'round {round}'"));
        let written = format!("select count(*) from orders where v = 'round {round}'");
        let run = Fdwcopy::between(&pair).args(&["sync", "--batch", "150"]).args(&EVERYTHING).spawn();
        wait_for("some steps", || pair.target.value(&written).parse::<u64>().unwrap() > 200 * (round + 1));
        std::thread::sleep(Duration::from_millis(70 * round));
        run.try_signal("KILL");
        run.wait();
        wait_for("the sessions to end", || {
            let sessions = "select count(*) from pg_stat_activity where application_name like 'fdwcopy%' and datname = current_database()";
            pair.target.value(sessions) == "0" && pair.source.value(sessions) == "0"
        });
        assert_eq!(
            pair.target.value("select count(*) from orders o where not exists (select from customers c where c.id = o.customer)"),
            "0"
        );
        assert_tidy(&pair);
        assert_no_sessions(&pair);
        sync(&pair, &[&EVERYTHING[..], &["--batch", "1000"]].concat()).exits(0);
        assert_same(&pair, &TABLES);
    }
}

#[test]
fn rows_that_can_only_be_changed_together_are_an_error_that_says_so() {
    let pair = both("it_sync_steps_swap", "create table t (id int primary key, code text not null unique)");
    let rows = "insert into t values (1, 'a'), (2, 'b'), (3, 'c')";
    pair.source.sql(rows);
    pair.target.sql(rows);
    pair.source.sql("update t set code = 'x' where id = 1; update t set code = 'a' where id = 2; update t set code = 'b' where id = 1");
    sync(&pair, &["--batch", "1"]).exits(1).says(&["--batch"]);
    assert_eq!(pair.target.rows("select code from t order by id"), [["a"], ["b"], ["c"]]);
    sync(&pair, &["--batch", "2"]).exits(0);
    assert_same(&pair, &["t"]);
    sync(&pair, &["--batch", "0"]).exits(2).says(&["--batch"]);
    sync(&pair, &["--batch", "5", "--dry-run"]).exits(2).says(&["--dry-run"]);
    assert_tidy(&pair);
}
