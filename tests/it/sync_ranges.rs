//! `fdwcopy sync` by ranges of a whole number: whatever its distribution, exactly the rows that differ are found.

use crate::copy_modes::{assert_same, assert_tidy};
use crate::pair::Pair;
use crate::sync::{changes, sync};

const ROWS: &str = "insert into dense select i, 'v' || i from generate_series(1, 60000) i;
    insert into lumps select i, 'v' from generate_series(1, 20000) i;
    insert into lumps select 4000000000000 + i * 7, 'v' from generate_series(1, 20000) i;
    insert into lumps values (-9223372036854775808, 'v'), (-9223372036854775807, 'v'), (9223372036854775807, 'v'), (0, 'v');
    insert into widths select i - 20000, 'v' from generate_series(1, 40000) i;
    analyze;";

/// Every kind of distribution, filled alike; the target's key may be of another width.
fn filled(name: &str) -> Pair {
    let tables = |width: &str| {
        format!(
            "create table dense (id int primary key, v text); create table lumps (id bigint primary key, v text);
             create table widths (id {width} primary key, v text);"
        )
    };
    let pair = Pair::filled(name, &(tables("int") + ROWS));
    pair.target.login_session().sql(&(tables("bigint") + ROWS));
    pair
}

const NAMES: [&str; 3] = ["dense", "lumps", "widths"];

fn assert_nothing_differs(pair: &Pair) {
    assert_same(pair, &NAMES);
    let run = sync(pair, &["--delete", "--dry-run", "--json"]).exits(0);
    assert_eq!(changes(&run), NAMES.map(|name| [name, "0", "0", "0", "0"]), "{}", run.stdout);
}

#[test]
fn few_rows_are_found_at_either_end_and_in_lumps_of_the_key() {
    let pair = filled("it_sync_lumps");
    pair.source.sql(
        "update lumps set v = 'new' where id in (-9223372036854775808, 9223372036854775807, 7, 4000000000700);
         delete from lumps where id = 0; insert into lumps values (9223372036854775806, 'new'), (2000000000000, 'new');
         update dense set v = 'new' where id in (1, 30000, 60000); insert into dense values (-1, 'new'), (70000, 'new');
         insert into widths values (2147483647, 'new'); delete from widths where id = -19999",
    );
    pair.target.sql("insert into widths values (-9000000000, 'mine')");
    let run = sync(&pair, &["--delete", "--json"]).exits(0);
    let expected =
        [["dense", "2", "3", "0", "0"], ["lumps", "2", "4", "1", "0"], ["widths", "1", "0", "2", "0"]];
    assert_eq!(changes(&run), expected, "{}", run.stdout);
    assert_nothing_differs(&pair);
    assert_tidy(&pair);
}

#[test]
fn rows_spread_over_more_ranges_than_are_named_one_by_one_are_found() {
    let pair = filled("it_sync_spread");
    pair.source.sql(
        "update dense set v = 'new' where id % 400 = 7; delete from dense where id % 600 = 5;
         update lumps set v = 'new' where id % 300 = 1; update widths set v = 'new' where id % 500 = 0",
    );
    let run = sync(&pair, &["--delete", "--json"]).exits(0);
    let of = |table: &str, kind: &str| {
        pair.target.value(&format!("select count(*) from {table} where v = '{kind}'"))
    };
    let told = changes(&run);
    assert_eq!([&told[0][2], &told[0][3]], ["150", "100"]);
    assert_eq!([&told[1][2], &told[2][2]], [&of("lumps", "new"), &of("widths", "new")]);
    assert_nothing_differs(&pair);
}

#[test]
fn a_table_that_only_one_side_has_rows_of_is_filled_or_emptied() {
    let pair = filled("it_sync_one_side");
    pair.target.sql("delete from lumps");
    pair.source.sql("delete from widths");
    sync(&pair, &["--delete", "--max-delete", "100%"]).exits(0);
    assert_nothing_differs(&pair);
}
