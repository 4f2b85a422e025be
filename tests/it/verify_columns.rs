//! `fdwcopy verify` of a part of the columns: what names one that is left out is not compared, and all else is.

use crate::command::{Fdwcopy, Run, list};
use crate::pair::Pair;

fn verify(pair: &Pair, args: &[&str]) -> Run {
    Fdwcopy::between(pair).args(&["verify", "--json", "-x", "-O"]).args(args).run()
}

/// What differs, as the object and what it hangs on.
fn differing(run: &Run) -> Vec<String> {
    let report = run.json();
    let all = report["differences"].as_array().unwrap().iter();
    let word = |row: &serde_json::Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    all.map(|row| format!("{} {}{}", word(row, "name"), word(row, "object"), word(row, "column"))).collect()
}

/// A table with a column that everything names, beside objects that do not.
const ALL: &str = "
    create table other (id int primary key);
    create table t (id int primary key, a int not null default 1, b int not null default 5 unique references other,
                    c serial, check (b > 0), check (a > 0), unique (a, id));
    create index by_a on t (a); create index by_both on t (a, b); create index by_some on t (a) where b > 1;
    create index by_what on t ((b + 1));
    create table refers (b int references t (b), x int);
    create function f() returns trigger language plpgsql as 'begin return new; end';
    create trigger of_b after update of b on t for each row execute function f();
    create trigger when_b after update on t for each row when (new.b > 0) execute function f();
    create trigger of_a after update of a on t for each row execute function f();
    create policy by_b on t using (b > 0); create policy by_a on t using (a > 0);
    create statistics of_b on a, b from t;
    create view seen as select id, b from t; create view beyond as select id from seen; create view others as select id, a from t;
    create materialized view kept as select b from t; create index on kept (b);
    comment on column t.b is 'gone'; comment on column t.a is 'there';
    create table p (id int, b int, primary key (id)) partition by range (id);
    create table p1 partition of p for values from (0) to (9); create index on p (b);
    insert into other values (5), (6); insert into t (id) values (1); insert into p values (1, 1);
    grant select on all tables in schema public to public";

/// The same without the column.
const WITHOUT: &str = "alter table t drop b cascade; alter table t drop c; alter table p drop b";

fn pair(name: &str) -> Pair {
    let pair = Pair::new(name);
    for side in [&pair.source, &pair.target] {
        side.session().sql(ALL);
    }
    pair
}

const RULES: [&[&str]; 2] = [
    &["--exclude-columns", "t=b,c", "--exclude-columns", "p=b"],
    &["--columns", "t=id,a", "--columns", "p=id"],
];

#[test]
fn what_names_a_column_that_is_left_out_is_not_compared() {
    let pair = pair("it_verify_part");
    pair.target.session().sql(WITHOUT);
    let without_rules = differing(&verify(&pair, &[]).exits(3));
    for one in
        ["t b", "t index by_some", "t trigger when_b", "beyond view", "p1 column b", "kept materialized view"]
    {
        assert!(without_rules.contains(&one.to_owned()), "{one} is not in {without_rules:?}");
    }
    for rules in RULES {
        let run = verify(&pair, rules);
        assert_eq!(differing(&run), Vec::<String>::new());
        run.exits(0);
    }
    // The other way round, too.
    pair.source.session().sql(WITHOUT);
    pair.target
        .session()
        .sql("drop table refers, p, t, other cascade; drop function f; drop view if exists others");
    pair.target.session().sql(ALL);
    for rules in RULES {
        let run = verify(&pair, rules);
        assert_eq!(differing(&run), Vec::<String>::new());
        run.exits(0);
    }
}

#[test]
fn what_names_only_columns_that_are_compared_is_compared() {
    let pair = pair("it_verify_rest");
    pair.target.session().sql(WITHOUT);
    let session = pair.target.session();
    for (change, mend, found) in [
        ("drop index by_a", "create index by_a on t (a)", "t index by_a"),
        ("alter table t alter a set default 2", "alter table t alter a set default 1", "t column a"),
        (
            "alter table t drop constraint t_a_check",
            "alter table t add check (a > 0)",
            "t constraint t_a_check",
        ),
        (
            "drop trigger of_a on t",
            "create trigger of_a after update of a on t for each row execute function f()",
            "t trigger of_a",
        ),
        ("drop policy by_a on t", "create policy by_a on t using (a > 0)", "t policy by_a"),
        (
            "create or replace view others as select id, a from t where a > 1",
            "create or replace view others as select id, a from t",
            "others view",
        ),
        ("comment on column t.a is null", "comment on column t.a is 'there'", "t column a"),
        ("alter table refers drop x", "alter table refers add x int", "refers column x"),
        // What the other side leaves out under this name is something else.
        ("create index by_both on t (a)", "drop index by_both", "t index by_both"),
    ] {
        session.sql(change);
        for rules in RULES {
            let of_definitions = [rules, &["--schema-only"]].concat();
            assert_eq!(differing(&verify(&pair, &of_definitions).exits(3)), [found], "{change} {rules:?}");
        }
        session.sql(mend);
    }
    session.sql("update t set a = 7");
    let run = verify(&pair, RULES[0]).exits(3);
    assert_eq!(list(&run.json(), "differences", &["name", "kind"]), [["t", "checksum"]]);
}
