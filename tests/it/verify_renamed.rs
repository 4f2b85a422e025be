//! `fdwcopy verify --into` of definitions: a table is the same under its other name, wherever a server prints it.

use crate::command::{Fdwcopy, Run, list};
use crate::pair::{Database, Pair};

fn verify(pair: &Pair, args: &[&str]) -> Run {
    let into = ["--into", "a=public.b", "--into", "b=away.\"C c\"", "--into", "d=public.order"];
    Fdwcopy::between(pair)
        .args(&["verify", "--json", "-x", "-O", "--schema-only"])
        .args(&into)
        .args(args)
        .run()
}

fn differing(run: &Run) -> Vec<Vec<String>> {
    list(&run.json(), "differences", &["name", "object", "aspect"])
}

/// Three tables that name each other in every way, and literals that only look so.
fn load(side: &Database) {
    side.session().sql(
        "create schema away;
         create table b (id int primary key, x text default 'public.a', check (x <> 'public.b'));
         create table a (id int primary key references b, r regclass default 'public.b'::regclass, check (id > 0));
         create table d (id int references a, whole a, many b[]) partition by range (id);
         create table d1 partition of d for values from (0) to (9); create index on d (id);
         create function by_row(r a) returns int language sql as 'select 1 /* public.a */';
         create view seen as select a.id, b.x, a.r from a join b on a.id = b.id where b.x <> 'a.b';
         create view called as select b.id from a b; create view whole as select a from a;
         create policy p on a using (exists (select from b where b.id = a.id));
         create function f() returns trigger language plpgsql as 'begin perform from public.a; return new; end';
         create trigger t before insert on b for each row when (new.* is not null) execute function f();
         create rule r as on delete to a do also delete from b where b.id = old.id;
         create statistics s on id, x from b;
         grant select on all tables in schema public to public; grant usage on schema away to public",
    );
}

#[test]
fn tables_that_take_each_others_names_are_the_same_in_definitions_too() {
    let pair = Pair::new("it_verify_chain");
    load(&pair.source);
    load(&pair.target);
    let session = pair.target.session();
    session.sql("alter table b rename to \"C c\"; alter table \"C c\" set schema away; alter table a rename to b; alter table d rename to \"order\"");
    let run = verify(&pair, &[]);
    assert_eq!(differing(&run), Vec::<Vec<String>>::new(), "{}", run.stdout);
    run.exits(0);
    // What the literal says, and which of the tables is meant, still counts.
    session.sql("alter table away.\"C c\" alter x set default 'public.b'; alter table b alter r set default 'public.b'::regclass");
    session.sql("create or replace view called as select b.id from away.\"C c\" b");
    let found = differing(&verify(&pair, &[]).exits(3));
    assert_eq!(
        found,
        [["C c", "column x", "default"], ["b", "column r", "default"], ["called", "view", "definition"]]
    );
}
