//! What is printed: the table, the undoing, the document.

use super::{both, repair};
use crate::command::Fdwcopy;

#[test]
fn the_table_the_verdict_and_the_undoing_are_printed() {
    let pair = both("it_seq_table", "create table t (id serial primary key); create sequence s");
    pair.source.sql("select setval('t_id_seq', 12)");
    let run = Fdwcopy::between(&pair).args(&["sequences"]).run().exits(0);
    for words in [
        "looked at 2 sequences, set 1",
        "no next value collides, 1 cannot be verified",
        "sequence",
        "public.t_id_seq",
        "the source's state",
        "-- to undo",
        r#"SELECT pg_catalog.setval('"public"."t_id_seq"', 1, false);"#,
    ] {
        assert!(run.stdout.contains(words), "{words:?} is not in\n{}", run.stdout);
    }
    let run = Fdwcopy::between(&pair).args(&["sequences", "-q"]).run().exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
}

#[test]
fn the_document_has_every_field_of_a_sequence() {
    let pair = both("it_seq_document", "create table t (id serial primary key)");
    pair.source.sql("select setval('t_id_seq', 12)");
    pair.target.sql("insert into t values (4)");
    let report = repair(&pair, &[]).exits(0).json();
    assert_eq!((&report["command"], &report["outcome"]), (&"sequences".into(), &"done".into()));
    let expected = serde_json::json!({
        "schema": "public", "name": "t_id_seq", "before": null, "after": 12, "is_called": true, "reason": "the source's state",
        "source": { "last_value": 12, "is_called": true }, "target": { "last_value": 1, "is_called": false },
        "data": 4, "proposed": { "last_value": 12, "is_called": true }, "applied": true, "next": 13, "used_percent": 0.0,
        "collides": false
    });
    assert_eq!(report["sequences"][0], expected);
    let phases = crate::command::list(&report, "phases", &["name"]).concat();
    assert_eq!(phases, ["connect", "preflight", "data", "sequences", "verify"]);
}

#[test]
fn what_is_not_safe_is_printed_even_quietly() {
    let pair =
        both("it_seq_unsafe", "create table t (id smallserial primary key); insert into t values (32767)");
    let run = Fdwcopy::alone().target(&pair.target.login_url()).args(&["sequences", "-q"]).run().exits(3);
    assert!(run.stdout.contains("not safe:") && run.stdout.contains("public.t_id_seq"), "{}", run.stdout);
}
