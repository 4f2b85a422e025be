//! `fdwcopy sync`: tables become equal, and only rows that differ travel and are written.

use crate::command::{Fdwcopy, Run, list};
use crate::copy_modes::{assert_same, assert_tidy, both, content};
use crate::pair::Pair;

/// Runs `fdwcopy sync`.
pub(crate) fn sync(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["sync"]).args(args).run()
}

/// Per table: rows inserted, updated, deleted, and those that only the target has.
pub(crate) fn changes(run: &Run) -> Vec<Vec<String>> {
    list(&run.json(), "tables", &["name", "inserted", "updated", "deleted", "extra"])
}

/// What tells a row that was written from one that was not.
fn places(pair: &Pair, table: &str) -> Vec<Vec<String>> {
    pair.target.rows(&format!("select ctid, xmin, id from {table} order by id"))
}

const SHOP: &str = "create table customers (id int primary key, name text not null unique);
    create table orders (id bigint generated always as identity primary key, customer int references customers,
                         amount numeric, doubled numeric generated always as (amount * 2) stored)";

fn fill(pair: &Pair) {
    let rows = "insert into customers select i, 'c' || i from generate_series(1, 2000) i;
                insert into orders (customer, amount) select 1 + i % 2000, i from generate_series(1, 30000) i";
    pair.source.sql(rows);
    pair.target.sql(rows);
    pair.source.sql("analyze");
}

#[test]
fn equal_tables_are_proved_equal_and_nothing_is_written() {
    let pair = both("it_sync_equal", SHOP);
    fill(&pair);
    let before = places(&pair, "orders");
    let run = sync(&pair, &["--delete", "--json"]).exits(0);
    assert_eq!(changes(&run), [["customers", "0", "0", "0", "0"], ["orders", "0", "0", "0", "0"]]);
    assert_eq!(list(&run.json(), "tables", &["verified"]), [["checksum"], ["checksum"]]);
    assert_eq!(places(&pair, "orders"), before);
    assert_tidy(&pair);
}

#[test]
fn only_rows_that_differ_are_written_and_the_dry_run_counts_them_before() {
    let pair = both("it_sync_some", SHOP);
    fill(&pair);
    pair.source.sql(
        "update orders set amount = -1 where id % 1000 = 7; delete from orders where id = 20000;
         insert into customers values (5000, 'new'); insert into orders (customer, amount) values (5000, 1.50)",
    );
    pair.target.sql(
        "update orders set amount = 5.00 where id = 5; delete from orders where id in (77, 78);
         insert into customers values (6000, 'stale'); insert into orders (customer, amount) overriding system value values (6000, 4)",
    );
    let expected = [["customers", "1", "0", "1", "0"], ["orders", "2", "32", "1", "0"]];
    let before = places(&pair, "orders");
    let dry = sync(&pair, &["--delete", "--dry-run", "--json"]).exits(3);
    assert_eq!(changes(&dry), expected, "{}", dry.stdout);
    assert_eq!(dry.json()["outcome"], "differences");
    assert_eq!(places(&pair, "orders"), before);
    let run = sync(&pair, &["--delete", "--json"]).exits(0);
    assert_eq!(changes(&run), expected);
    assert_same(&pair, &["customers", "orders"]);
    let after = places(&pair, "orders");
    let kept = before.iter().filter(|place| after.contains(place)).count();
    assert_eq!(kept, 29_999 - 32 - 1, "all others stay as they were");
    let again = sync(&pair, &["--delete", "--json"]).exits(0);
    assert_eq!(changes(&again), [["customers", "0", "0", "0", "0"], ["orders", "0", "0", "0", "0"]]);
    assert_tidy(&pair);
}

#[test]
fn an_empty_table_is_filled_and_one_that_differs_everywhere_is_made_equal() {
    let pair = both("it_sync_much", SHOP);
    fill(&pair);
    pair.target.sql("delete from orders; update customers set name = name || '!'");
    let run = sync(&pair, &["--json"]).exits(0);
    assert_eq!(changes(&run), [["customers", "0", "2000", "0", "0"], ["orders", "30000", "0", "0", "0"]]);
    assert_same(&pair, &["customers", "orders"]);
    pair.target.sql("delete from orders where id % 2 = 0");
    sync(&pair, &[]).exits(0);
    assert_same(&pair, &["orders"]);
    assert_tidy(&pair);
}

#[test]
fn without_delete_rows_of_the_target_alone_stay_and_are_told() {
    let pair = both("it_sync_extra", "create table t (id int primary key, v text)");
    pair.source.sql("insert into t select i, 'v' from generate_series(1, 10) i");
    pair.target.sql("insert into t values (3, 'other'), (99, 'mine')");
    let run = sync(&pair, &["--json"]).exits(3);
    assert_eq!(changes(&run), [["t", "9", "1", "0", "1"]]);
    assert_eq!(
        list(&run.json(), "differences", &["name", "kind", "target"]),
        [["t", "rows", "1 of its own"]]
    );
    assert_eq!(pair.target.count("t"), 11);
    sync(&pair, &["--delete"]).exits(0);
    assert_same(&pair, &["t"]);
}

#[test]
fn more_deletions_than_allowed_are_refused_with_their_number_and_nothing_is_changed() {
    let pair = both(
        "it_sync_max_delete",
        "create table t (id int primary key, v text); create table u (id int primary key)",
    );
    pair.source.sql("insert into t select i, 'v' from generate_series(1, 80) i; insert into u values (1)");
    pair.target.sql("insert into t select i, 'v' from generate_series(1, 100) i");
    let run = sync(&pair, &["--delete", "--json"]).exits(4);
    let message = run.json()["error"]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("20 of the target's 100 rows"), "{message}");
    assert_eq!([pair.target.count("t"), pair.target.count("u")], [100, 0]);
    sync(&pair, &["--delete", "--max-delete", "19"]).exits(4).says(&["--max-delete 19", "20 of"]);
    sync(&pair, &["--delete", "--max-delete", "lots"]).exits(2).says(&["--max-delete"]);
    sync(&pair, &["--delete", "--max-delete", "20%"]).exits(0);
    assert_same(&pair, &["t", "u"]);
    pair.source.sql("delete from t");
    sync(&pair, &["--delete", "-t", "t"]).exits(4).says(&["80 of the target's 80 rows"]);
    assert_tidy(&pair);
}

#[test]
fn two_rows_may_swap_a_unique_value_whether_others_refer_to_them_or_not() {
    let tables = "create table free (id int primary key, code text not null unique);
        create table waiting (id int primary key, code text not null unique deferrable);
        create table parent (id int primary key, code text not null unique);
        create table child (id int primary key, parent int not null references parent);
        create table by_code (id int primary key, code text references parent (code) on update cascade)";
    let pair = both("it_sync_swap", tables);
    let rows = "insert into free values (1, 'a'), (2, 'b'), (3, 'c'); insert into waiting select * from free;
        insert into parent select * from free; insert into child values (1, 1), (2, 2); insert into by_code values (1, 'c')";
    pair.source.sql(rows);
    pair.target.sql(rows);
    let swap = |table: &str| {
        format!(
            "update {table} set code = 'x' where id = 1; update {table} set code = 'a' where id = 2; update {table} set code = 'b' where id = 1;"
        )
    };
    pair.source.sql(&[swap("free"), swap("waiting"), swap("parent")].concat());
    let places = "select ctid, xmin, id from child";
    let before = pair.target.rows(places);
    sync(&pair, &["-t", "free", "-t", "waiting"]).exits(0);
    assert_same(&pair, &["free", "waiting"]);
    if pair.target.is_plain() {
        let run = sync(&pair, &["--json"]).exits(1);
        assert!(run.stdout.contains("DEFERRABLE"), "{}", run.stdout);
        assert_eq!(content(&pair, "parent")[1][0], ["(1,a)"]);
    } else {
        sync(&pair, &[]).exits(0);
        assert_same(&pair, &["free", "waiting", "parent", "child", "by_code"]);
        assert_eq!(pair.target.rows(places), before);
    }
    assert_tidy(&pair);
}

#[test]
fn rows_that_a_cascade_would_reach_are_not_touched_where_they_were_not_chosen() {
    let tables = "create table parent (id int primary key, v text);
        create table child (id int primary key, parent int references parent on delete cascade)";
    let pair = both("it_sync_cascade", tables);
    pair.source.sql("insert into parent values (1, 'a')");
    pair.target.sql("insert into parent values (1, 'b'), (2, 'b'); insert into child values (1, 1), (2, 2)");
    let delete = ["--delete", "--max-delete", "90%"];
    let run = sync(&pair, &[&delete[..], &["-t", "parent", "--json"]].concat());
    assert_eq!(run.code, Some(if pair.target.is_plain() { 4 } else { 1 }), "{}", run.stdout);
    assert_eq!([pair.target.count("parent"), pair.target.count("child")], [2, 2]);
    sync(&pair, &["--delete", "--max-delete", "100%"]).exits(0);
    assert_same(&pair, &["parent", "child"]);
    assert_tidy(&pair);
}

#[test]
fn rows_that_were_equal_stay_so_where_those_that_they_refer_to_change() {
    let tables = "create table parent (id int primary key, code text not null unique);
        create table child (id int primary key, code text references parent (code) on update cascade)";
    let pair = both("it_sync_follow", tables);
    pair.source.sql("insert into parent values (1, 'b'), (5, 'a'); insert into child values (1, 'a')");
    pair.target.sql("insert into parent values (1, 'a'); insert into child values (1, 'a')");
    let run = sync(&pair, &["--json"]);
    if pair.target.is_plain() {
        assert_eq!(run.exits(1).json()["error"]["kind"], "verify");
        assert_eq!(content(&pair, "parent")[1], [["(1,a)"]]);
    } else {
        run.exits(0);
        assert_same(&pair, &["parent", "child"]);
    }
    assert_tidy(&pair);
}

#[test]
fn rows_that_refer_to_each_other_come_in_any_order() {
    let tables = "create table staff (id int primary key, boss int references staff, v text);
        create table a (id int primary key, b int); create table b (id int primary key, a int references a);
        alter table a add foreign key (b) references b deferrable";
    let pair = both("it_sync_self", tables);
    pair.source.sql(
        "insert into staff values (9, null, 'top'), (1, 9, 'x'), (2, 1, 'x'), (3, 2, 'y');
         insert into a values (1, null), (2, null); insert into b values (1, 1), (2, 2); update a set b = id",
    );
    pair.target.sql("insert into staff values (1, null, 'x'), (3, 1, 'y'), (7, 3, 'gone')");
    sync(&pair, &["--delete", "--max-delete", "50%"]).exits(0);
    assert_same(&pair, &["staff", "a", "b"]);
    assert_tidy(&pair);
}

#[test]
fn triggers_stay_silent_and_their_work_is_noticed_where_they_may_fire() {
    let tables = "create table t (id int primary key, v text); create table log (n int);
        create function note() returns trigger language plpgsql as $$ begin insert into public.log values (1); new.v := new.v || '!'; return new; end $$;
        create trigger note before insert or update on t for each row execute function note()";
    let pair = both("it_sync_triggers", tables);
    pair.source.sql("alter table t disable trigger note; insert into t values (1, 'a'); alter table t enable trigger note");
    sync(&pair, &["-t", "t"]).exits(0);
    assert_same(&pair, &["t"]);
    assert_eq!(pair.target.count("log"), 0);
    pair.source.sql("alter table t disable trigger note; insert into t values (2, 'a'); alter table t enable trigger note");
    let run = sync(&pair, &["-t", "t", "--fire-triggers", "--json"]).exits(1);
    assert_eq!(run.json()["error"]["kind"], "verify");
    assert_eq!([pair.target.count("log"), pair.target.count("t")], [0, 1]);
    assert_tidy(&pair);
}

#[test]
fn a_slice_is_synchronised_under_another_name_and_with_some_columns() {
    let pair = Pair::filled(
        "it_sync_slice",
        "create table t (id int primary key, region text, v text, secret text);
         insert into t select i, case when i % 2 = 0 then 'eu' else 'us' end, 'v' || i, 's' from generate_series(1, 100) i",
    );
    pair.target.login_session().sql(
        "create schema app; create table app.slice (id int primary key, region text, v text, secret text default 'hidden');
         insert into app.slice values (1, 'us', 'stays', 'own'), (2, 'eu', 'old', 'own'), (1000, 'eu', 'goes', 'own'), (4, 'us', 'moved', 'own')",
    );
    let slice = ["--into", "t=app.slice", "--where", "t=t.region = 'eu'", "--exclude-columns", "t=secret"];
    let run = sync(&pair, &[&slice[..], &["--delete", "--max-delete", "50%", "--json"]].concat()).exits(0);
    assert_eq!(changes(&run), [["t", "49", "1", "1", "0"]]);
    assert_eq!(
        pair.target.rows("select id, v, secret from app.slice where id < 7 order by id"),
        [["1", "stays", "own"], ["2", "v2", "own"], ["4", "v4", "own"], ["6", "v6", "hidden"]]
    );
    assert_eq!(pair.target.count("app.slice"), 51);
    sync(&pair, &slice).exits(0);
}

#[test]
fn what_has_no_usable_key_is_refused_with_the_alternatives() {
    let tables = "create table bare (id int, v text); create table nullable (id int unique, v text);
        create table other (id int not null, v text); create unique index other_id on other (id);
        create table late (id int primary key deferrable)";
    let pair = both("it_sync_no_key", tables);
    pair.source.sql("insert into other values (1, 'a')");
    let refused = |table: &str| {
        let run = sync(&pair, &["-t", table, "--json"]).exits(4);
        assert_eq!(run.findings()[0].0, "no-key", "{}", run.stdout);
        assert!(run.stdout.contains("copy --mode replace") || run.stdout.contains("--key"), "{}", run.stdout);
    };
    refused("bare");
    refused("nullable");
    refused("late");
    let run = sync(&pair, &["-t", "nullable", "--key", "nullable=id", "--json"]).exits(4);
    assert_eq!(run.findings()[0].0, "key-nullable");
    sync(&pair, &["-t", "other"]).exits(0);
    assert_same(&pair, &["other"]);
    let run = sync(&pair, &["-t", "other", "--where", "other=nix > 1", "--json"]).exits(4);
    assert_eq!(run.findings()[0].0, "where-fails");
    let run = sync(&pair, &["-t", "nothing", "--json"]).exits(4);
    assert_eq!(run.findings()[0].0, "pattern-matches-nothing");
}

#[test]
fn keys_that_are_no_keys_on_the_source_fail_with_the_rows_and_change_nothing() {
    let pair = Pair::filled(
        "it_sync_source_key",
        "create table twice (id int, v text); create table nulls (id int, v text); create table must (id int primary key, v text)",
    );
    pair.target.login_session().sql(
        "create table twice (id int primary key, v text); create table nulls (id int primary key, v text);
         create table must (id int primary key, v text not null)",
    );
    pair.source.sql(
        "insert into twice values (1, 'a'), (2, 'b'), (2, 'c'); insert into nulls values (1, 'a'), (null, 'b');
         insert into must values (1, 'a'), (2, null)",
    );
    for (filled, target) in [(false, "0"), (true, "1")] {
        if filled {
            pair.target.sql("insert into twice values (1, 'a'); insert into nulls values (1, 'a'); insert into must values (1, 'a')");
        }
        for (table, words) in
            [("twice", "2 rows with one key: (2)"), ("nulls", "is NULL"), ("must", "null value")]
        {
            let run = sync(&pair, &["-t", table, "--json"]).exits(1);
            assert!(run.stdout.contains(words), "{table}: {}", run.stdout);
            assert_eq!(pair.target.value(&format!("select count(*) from {table}")), target);
        }
    }
    assert_tidy(&pair);
}
