//! `fdwcopy copy` and what the target's tables are tied by: foreign keys, triggers.

use crate::copy_modes::{assert_same, assert_tidy, both, copy};

#[test]
fn parents_go_before_children_whatever_their_names() {
    let tables = "create table z (id int primary key); create table m (id int primary key, z int not null references z);
                  create table a (id int primary key, m int not null references m, z int references z)";
    let pair = both("it_copy_parents", tables);
    pair.source.sql(
        "insert into z select generate_series(1, 50); insert into m select i, i from generate_series(1, 50) i;
         insert into a select i, i, i from generate_series(1, 50) i",
    );
    for mode in ["upsert", "replace", "append", "replace"] {
        copy(&pair, &["--mode", mode]).exits(0);
        assert_same(&pair, &["z", "m", "a"]);
    }
}

const PARENT: &str = "create table parent (id int primary key, v text)";

#[test]
fn a_table_that_another_one_refers_to_is_emptied_by_delete_where_the_key_can_wait() {
    let pair = both("it_copy_waits", PARENT);
    pair.source.sql("insert into parent select i, 'new' from generate_series(1, 20) i");
    pair.target.login_session().sql(
        "insert into parent values (1, 'old'), (50, 'old');
         create table child (p int references parent deferrable); insert into child values (1)",
    );
    let run = copy(&pair, &[]).exits(0);
    assert!(run.stderr.contains("SHARE ROW EXCLUSIVE"), "{}", run.stderr);
    assert_same(&pair, &["parent"]);
    pair.source.sql("delete from parent where id = 1");
    copy(&pair, &[]).exits(1).says(&["child"]);
    assert_eq!(pair.target.value("select v from parent where id = 1"), "new");
    assert_eq!(pair.target.count("child"), 1);
}

#[test]
fn rows_of_tables_that_were_not_chosen_are_never_deleted_with_those_they_refer_to() {
    let pair = both("it_copy_cascade", PARENT);
    pair.source.sql("insert into parent select i, 'new' from generate_series(1, 20) i");
    pair.target.login_session().sql(
        "insert into parent values (1, 'old');
         create table child (p int references parent on delete cascade); insert into child values (1)",
    );
    let run = copy(&pair, &["--json"]);
    if pair.target.is_plain() {
        assert_eq!(run.exits(4).findings()[0].0, "foreign-keys-in-the-way");
    } else {
        run.exits(0);
        assert_same(&pair, &["parent"]);
        pair.source.sql("delete from parent where id = 1");
        copy(&pair, &[]).exits(1).says(&["child", "1 of its rows"]);
        pair.source.sql("insert into parent values (1, 'back')");
        copy(&pair, &[]).exits(0);
    }
    assert_eq!(pair.target.count("child"), 1);
    copy(&pair, &["--mode", "upsert"]).exits(0);
    assert_same(&pair, &["parent"]);
}

fn circle(name: &str, options: &str) -> crate::pair::Pair {
    let tables = format!(
        "create table a (id int primary key, b int); create table b (id int primary key, a int references a {options});
         alter table a add constraint a_b foreign key (b) references b {options}"
    );
    let pair = both(name, &tables);
    pair.source.sql("alter table a drop constraint a_b; insert into a values (1, 1), (2, null); insert into b values (1, 1), (2, 2); alter table a add constraint a_b foreign key (b) references b");
    pair
}

#[test]
fn keys_that_go_round_in_a_circle_wait_for_the_end_where_they_can() {
    let pair = circle("it_copy_circle_waits", "deferrable");
    for mode in ["replace", "upsert", "replace"] {
        copy(&pair, &["--mode", mode]).exits(0);
        assert_same(&pair, &["a", "b"]);
    }
}

#[test]
fn keys_that_go_round_in_a_circle_are_checked_afterwards_where_they_cannot_wait() {
    let pair = circle("it_copy_circle", "");
    let run = copy(&pair, &["--json"]);
    if pair.target.is_plain() {
        assert_eq!(run.exits(4).findings()[0].0, "foreign-keys-in-the-way");
        return;
    }
    run.exits(0);
    assert_same(&pair, &["a", "b"]);
    pair.target.sql("delete from a where id = 2 and false");
    copy(&pair, &["--where", "b=id = 2"])
        .exits(1)
        .says(&["of its rows refer to rows that are not there: (1)"]);
    assert_same(&pair, &["a", "b"]);
    assert_tidy(&pair);
}

#[test]
fn triggers_of_the_target_fire_only_if_they_are_asked_to_and_are_as_they_were() {
    let pair = both("it_copy_triggers", "create table t (id int primary key, v text)");
    pair.source.sql("insert into t values (1, 'plain'), (2, 'plain')");
    pair.target.login_session().sql(
        "create function mark() returns trigger language plpgsql as $$begin new.v := new.v || '!'; return new; end$$;
         create trigger one before insert on t for each row execute function mark();
         create trigger two before insert on t for each row execute function mark(); alter table t enable always trigger two;
         create trigger three before insert on t for each row execute function mark(); alter table t disable trigger three",
    );
    let states = "select tgname, tgenabled from pg_trigger where not tgisinternal order by 1";
    let before = pair.target.rows(states);
    for mode in ["replace", "upsert"] {
        copy(&pair, &["--mode", mode]).exits(0);
        assert_same(&pair, &["t"]);
        assert_eq!(pair.target.rows(states), before);
    }
    copy(&pair, &["--fire-triggers"]).exits(0);
    assert_eq!(pair.target.value("select v from t where id = 1"), "plain!!");
    assert_eq!(pair.target.rows(states), before);
    pair.source.sql("insert into t values (3, null)");
    pair.target.sql("alter table t add check (v is not null)");
    copy(&pair, &[]).exits(1);
    assert_eq!(pair.target.rows(states), before);
}

#[test]
fn readers_of_the_target_see_the_old_rows_or_the_new_ones_and_never_none() {
    let pair = both("it_copy_readers", PARENT);
    pair.source.sql("insert into parent select i, 'new' from generate_series(1, 5000) i");
    pair.target.sql("insert into parent select i, 'old' from generate_series(1, 5000) i");
    let reader = pair.target.session();
    let old = pair.target.session();
    old.sql("begin isolation level repeatable read; select 1");
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let copying = scope.spawn(|| {
            copy(&pair, &["--no-truncate"]).exits(0);
            copy(&pair, &[]).exits(0);
            done.store(true, std::sync::atomic::Ordering::SeqCst);
        });
        while !done.load(std::sync::atomic::Ordering::SeqCst) && !copying.is_finished() {
            assert_eq!(reader.value("select count(*) from parent"), "5000");
        }
        copying.join().unwrap();
    });
    old.sql("rollback");
}
