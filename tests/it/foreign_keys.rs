//! Foreign keys that the rows violate: by default the run fails and is undone, on demand they are made NOT VALID; and
//! other constraints that the source's rows violate.

use crate::command::{Fdwcopy, Run, clone, list};
use crate::equality::{assert_equal, assert_nothing_left, assert_unchanged, dump, fingerprint, rows};
use crate::pair::Pair;

/// Nothing looks at the rows that are inserted.
const UNWATCHED: &str = "set session_replication_role = replica;";

const NOT_VALID: [&str; 3] = ["--json", "--invalid-foreign-keys", "not-valid"];

fn broken(name: &str) -> Pair {
    Pair::filled(
        name,
        &format!(
            "create table parent (id integer primary key);
             create table child (id integer primary key, parent integer references parent);
             create table other (parent integer constraint other_fine references parent);
             comment on constraint child_parent_fkey on child is 'broken';
             insert into parent values (1);
             insert into other values (1);
             {UNWATCHED}
             insert into child values (1, 1), (2, 99), (3, 99), (4, 7), (5, null)"
        ),
    )
}

fn error_of(run: &Run, field: &str) -> String {
    run.json()["error"][field].as_str().unwrap_or_default().to_owned()
}

#[test]
fn a_foreign_key_that_the_rows_of_the_source_violate_fails_the_run_and_shows_the_keys() {
    let pair = broken("it_fk_fail");
    let before = fingerprint(&pair.target);
    let run = clone(&pair, &["--json"]).exits(1);
    assert_eq!(run.json()["error"]["kind"], "schema");
    let (object, message, remedy) =
        (error_of(&run, "object"), error_of(&run, "message"), error_of(&run, "remedy"));
    assert_eq!(object, "foreign key public.child child_parent_fkey");
    assert!(message.contains("3 rows of public.child with 2 keys: (99) in 2 rows, (7)"), "{message}");
    assert!(remedy.contains("--invalid-foreign-keys not-valid"), "{remedy}");
    assert_unchanged(&pair.target, &before);
    assert_nothing_left(&pair);
    // The query of the remedy finds the rows on the source.
    let query = remedy.split_once("find them: ").unwrap().1.split_once(';').unwrap().0;
    assert_eq!(
        pair.source.value(&format!("select string_agg(id::text, ',' order by id) from ({query}) found")),
        "2,3,4"
    );
    pair.source.sql(&format!("delete from child where id in (select id from ({query}) found)"));
    clone(&pair, &[]).exits(0);
    assert_equal(&pair);
}

#[test]
fn on_demand_it_is_made_not_valid_which_is_warned_of_with_the_keys() {
    let pair = broken("it_fk_not_valid");
    let run = clone(&pair, &NOT_VALID).exits(0);
    let warnings = list(&run.json(), "warnings", &["code", "object", "message"]);
    assert_eq!(warnings.len(), 1, "{warnings:?}");
    assert_eq!(warnings[0][..2], ["foreign-key-not-valid", "foreign key public.child child_parent_fkey"]);
    assert!(warnings[0][2].contains("(99) in 2 rows, (7)"), "{warnings:?}");
    assert_eq!(rows(&pair.source), rows(&pair.target));
    // The word is all that differs: the comment on the key is there, the other key was looked at.
    let without = |lines: Vec<String>| -> Vec<String> {
        lines.into_iter().map(|line| line.replace(" NOT VALID", "")).collect()
    };
    assert_eq!(dump(&pair.source, &[]), without(dump(&pair.target, &[])));
    let invalid = "select string_agg(conname, ',') from pg_constraint where not convalidated";
    assert_eq!(pair.target.value(invalid), "child_parent_fkey");
    let refused = pair.target.session().try_sql("insert into child values (9, 9)");
    assert!(refused.is_err_and(|error| error.starts_with("23503")));
    assert_nothing_left(&pair);
}

#[test]
fn a_key_that_is_not_valid_on_the_source_stays_so_without_a_word() {
    let pair = broken("it_fk_already");
    pair.source.sql(
        "alter table child drop constraint child_parent_fkey;
         alter table child add constraint child_parent_fkey foreign key (parent) references parent not valid",
    );
    let run = clone(&pair, &["--json"]).exits(0);
    assert_eq!(list(&run.json(), "warnings", &["code"]), Vec::<Vec<String>>::new());
    assert_equal(&pair);
}

#[test]
fn keys_of_every_shape_are_told_at_once() {
    let pair = Pair::filled(
        "it_fk_shapes",
        &format!(
            "create schema s;
             create domain s.code as text collate \"C\";
             create type s.pair as (a integer, b text);
             create table s.\"Up \"\"one\" (a bigint, b s.code, primary key (a, b));
             create table s.simple (a integer, b varchar(10) collate \"POSIX\",
                 constraint simple_fk foreign key (a, b) references s.\"Up \"\"one\");
             create table s.entire (a smallint, b s.code,
                 constraint entire_fk foreign key (a, b) references s.\"Up \"\"one\" match full);
             create table s.self (id numeric primary key, boss integer constraint self_fk references s.self);
             create table s.composed (p s.pair primary key);
             create table s.composing (p s.pair constraint composing_fk references s.composed);
             create table s.root (id integer primary key);
             create table s.leaf () inherits (s.root);
             create table s.to_root (id integer constraint root_fk references s.root);
             {UNWATCHED}
             insert into s.\"Up \"\"one\" values (1, 'x');
             insert into s.simple values (1, 'x'), (1, null), (null, 'y'), (2, 'it''s \\ b');
             insert into s.entire values (1, 'x'), (null, null), (null, 'half'), (3, 'z');
             insert into s.self values (1, 1), (2, 5);
             insert into s.composed values (row(1, 'a'));
             insert into s.composing values (row(1, 'a')), (row(2, 'b'));
             insert into s.root values (1);
             insert into s.leaf values (2);
             insert into s.to_root values (1), (2)"
        ),
    );
    let run = clone(&pair, &["--json"]).exits(1);
    let message = error_of(&run, "message");
    for told in [
        "s.simple with 1 key: (2, it's \\ b)",
        "s.entire with 2 keys: (3, z), (null, half)",
        "s.self with 1 key: (5)",
        "s.composing with 1 key: ((2,b))",
        // What an inheritance child holds is no row of its parent to a key.
        "s.to_root with 1 key: (2)",
    ] {
        assert!(message.contains(told), "{told}: {message}");
    }
    assert_eq!(error_of(&run, "object"), "5 foreign keys");
    assert_nothing_left(&pair);
    let run = clone(&pair, &NOT_VALID).exits(0);
    assert_eq!(list(&run.json(), "warnings", &["code"]).len(), 5);
    let invalid = "select count(*) from pg_constraint where not convalidated";
    assert_eq!(pair.target.value(invalid), "5");
}

#[test]
fn a_violated_key_of_a_partitioned_table_fails_the_run_or_is_named() {
    let pair = Pair::filled(
        "it_fk_partitioned",
        &format!(
            "create table parent (id integer primary key) partition by list (id);
             create table parent_1 partition of parent for values in (1);
             create table parent_2 partition of parent for values in (2);
             create table child (parent integer constraint child_fk references parent) partition by list (parent);
             create table child_1 partition of child for values in (1);
             create table child_rest partition of child default;
             create table plain (parent integer constraint plain_fk references parent);
             {UNWATCHED}
             insert into parent values (1);
             insert into child values (1), (8);
             insert into plain values (1), (8)"
        ),
    );
    let message = error_of(&clone(&pair, &["--json"]).exits(1), "message");
    assert!(message.contains("1 row of public.child with 1 key: (8)"), "{message}");
    assert!(message.contains("1 row of public.plain with 1 key: (8)"), "{message}");
    let version: u32 = pair.target.value("select current_setting('server_version_num')").parse().unwrap();
    if version >= 180_000 {
        clone(&pair, &NOT_VALID).exits(0);
        return;
    }
    let run = clone(&pair, &NOT_VALID).exits(3);
    let lost = list(&run.json(), "not_copied", &["object", "reason"]);
    assert_eq!(lost.len(), 1, "{lost:?}");
    assert_eq!(lost[0][0], "public.child child_fk");
    assert!(lost[0][1].contains("NOT VALID") && lost[0][1].contains("(8)"), "{lost:?}");
    assert_eq!(list(&run.json(), "warnings", &["code"]), [["foreign-key-not-valid"]]);
}

#[test]
fn a_key_that_only_lacks_rows_that_were_left_out_is_named_instead() {
    let pair = Pair::filled(
        "it_fk_left_out",
        "create table parent (id integer primary key);
         create table child (parent integer constraint child_fk references parent);
         insert into parent values (1);
         insert into child values (1)",
    );
    let run = clone(&pair, &["--json", "--exclude-table-data", "parent"]).exits(3);
    let lost = list(&run.json(), "not_copied", &["object", "reason"]);
    assert!(lost.iter().any(|one| one[0] == "public.child child_fk" && one[1].contains("(1)")), "{lost:?}");
}

#[test]
fn a_run_that_can_be_taken_up_again_ends_when_the_rows_are_mended_or_not_valid_is_asked_for() {
    for mode in ["lock", "none"] {
        let pair = broken(&format!("it_fk_resume_{mode}"));
        let command = ["clone", "--json", "--consistency", mode];
        let stopped = Fdwcopy::between(&pair).args(&command).run().exits(1);
        assert!(error_of(&stopped, "message").contains("(99)"), "{}", stopped.stdout);
        assert_eq!(list(&stopped.json(), "warnings", &["code"]), [["kept-for-resume"]]);
        let resume = Fdwcopy::between(&pair).args(&command).args(&["--resume"]);
        if mode == "lock" {
            pair.source.sql("delete from child where parent in (99, 7)");
            resume.run().exits(0);
            assert_equal(&pair);
        } else {
            resume.args(&["--invalid-foreign-keys", "not-valid"]).run().exits(0);
            assert_eq!(pair.target.count("pg_constraint where not convalidated"), 1);
            assert_nothing_left(&pair);
        }
    }
}

#[test]
fn other_constraints_that_the_rows_of_the_source_violate_are_named_with_the_servers_detail() {
    let pair = Pair::filled(
        "it_bad_constraints",
        "create extension btree_gist;
         create table keyed (id integer primary key, note text);
         create table single (x integer);
         create unique index single_x on single (x);
         create table booking (room integer, during int4range, constraint apart exclude using gist (room with =, during with &&));
         create table refers (id integer references keyed);
         create table checked (x integer);
         insert into checked values (-1);
         alter table checked add constraint positive check (x > 0) not valid",
    );
    // Indexes that miss a row, as after corruption.
    pair.source.sql(
        "insert into keyed values (1, 'a'); insert into single values (5); insert into booking values (1, '[1,5)');
         update pg_index set indisready = false where indrelid in ('keyed'::regclass, 'single'::regclass, 'booking'::regclass)",
    );
    pair.source.sql(
        "insert into keyed values (1, 'b'); insert into single values (5); insert into booking values (1, '[2,3)');
         update pg_index set indisready = true where indrelid in ('keyed'::regclass, 'single'::regclass, 'booking'::regclass);
         update pg_constraint set convalidated = true where conname = 'positive'",
    );
    let failing = clone(&pair, &["--json"]).exits(1);
    assert!(error_of(&failing, "message").contains("positive"), "{}", failing.stdout);
    pair.source.sql("alter table checked drop constraint positive");
    let run = clone(&pair, &["--json"]).exits(3);
    let lost = list(&run.json(), "not_copied", &["object", "reason"]);
    for (object, detail) in [
        ("keyed_pkey", "Key (id)=(1) is duplicated"),
        ("single_x", "Key (x)=(5) is duplicated"),
        ("apart", "conflicts with key"),
        ("refers_id_fkey", "needs"),
    ] {
        assert!(
            lost.iter().any(|one| one[0].contains(object) && one[1].contains(detail)),
            "{object}: {lost:?}"
        );
    }
    assert_eq!(rows(&pair.source), rows(&pair.target));
    assert_nothing_left(&pair);
}
