//! Golden endings.

use super::*;
use crate::error::{Error, Kind};
use crate::progress::{Phase, SequenceLine};
use crate::report::SequenceReport;
use crate::sequences::State;

fn shown(report: &Report, quiet: bool) -> String {
    let ending = render(report, quiet);
    format!("<stdout>\n{}<stderr>\n{}", ending.answer, ending.trouble)
}

fn table_report(schema: &str, name: &str, rows: u64, seconds: f64) -> TableReport {
    TableReport {
        schema: schema.into(),
        name: name.into(),
        rows,
        bytes: rows * 150,
        chunks: if rows > 1_000_000 { 8 } else { 1 },
        seconds,
        verified: Some("count"),
        copied: None,
        synced: None,
    }
}

fn cloned() -> Report {
    let mut report = Report::new("clone", "snapshot");
    report.consistency.agreed = true;
    report.consistency.attempts = 1;
    for (phase, millis) in [(Phase::Connect, 40), (Phase::Rows, 8_400), (Phase::PostData, 3_900)] {
        report.phase_took(phase, Duration::from_millis(millis));
    }
    report.tables = vec![
        table_report("public", "customers", 400_000, 1.26),
        table_report("public", "orders", 3_000_000, 7.1),
        table_report("shop", "Order Items", 12_003, 0.04),
    ];
    report.finish();
    report
}

fn a_finding(code: &'static str, object: &str, message: &str, remedy: &str) -> Finding {
    Finding { code, object: object.into(), message: message.into(), remedy: remedy.into() }
}

#[test]
fn a_good_clone_tells_what_it_did_and_its_proof() {
    insta::assert_snapshot!(shown(&cloned(), false), @r#"
    <stdout>
    cloned 3 tables, 3,412,003 rows, 488.09 MiB in 12.3 s; counts equal on both sides
    one snapshot of the source, proved the same for every worker

    phase      seconds
    connect        0.0
    rows           8.4
    post-data      3.9

    table                    rows        size  seconds  chunks  verified
    public.orders       3,000,000  429.15 MiB      7.1       8  count
    public.customers      400,000   57.22 MiB      1.3       1  count
    shop."Order Items"     12,003    1.72 MiB      0.0       1  count
    <stderr>
    "#);
}

#[test]
fn a_good_clone_is_silent_when_asked_to() {
    assert_eq!(shown(&cloned(), true), "<stdout>\n<stderr>\n");
}

fn left_behind() -> Report {
    let mut report = cloned();
    report.tables[0].verified = None;
    report.not_copied = vec![
        NotCopied {
            kind: "INDEX".into(),
            object: "public.orders_odd".into(),
            reason: "the target said: function odd(integer) does not exist\nline two of it".into(),
        },
        NotCopied {
            kind: "table data".into(),
            object: "public.log".into(),
            reason: "excluded by --exclude-table-data".into(),
        },
    ];
    report.differences = vec![Difference {
        schema: "shop".into(),
        name: "Order Items".into(),
        kind: "count",
        source: "12003".into(),
        target: "12004".into(),
        keys: vec!["(7)".into(), "(9)".into()],
        ..Difference::default()
    }];
    report.warnings =
        vec![a_finding("standby", "db.example:5432", "the source is a standby", "copy from the primary")];
    report.finish();
    report
}

#[test]
fn whatever_was_left_behind_is_listed() {
    insta::assert_snapshot!(shown(&left_behind(), false), @r#"
    <stdout>
    cloned 3 tables, 3,412,003 rows, 488.09 MiB in 12.3 s; 1 table differs, 2 objects were not copied
    one snapshot of the source, proved the same for every worker

    phase      seconds
    connect        0.0
    rows           8.4
    post-data      3.9

    table                    rows        size  seconds  chunks  verified
    public.orders       3,000,000  429.15 MiB      7.1       8  count
    public.customers      400,000   57.22 MiB      1.3       1  no
    shop."Order Items"     12,003    1.72 MiB      0.0       1  count

    not copied:
      - INDEX public.orders_odd: the target said: function odd(integer) does not exist
        line two of it
      - table data public.log: excluded by --exclude-table-data

    different:
      - shop."Order Items": count 12003 on the source, 12004 on the target
        keys: (7), (9)

    warnings:
      - db.example:5432: the source is a standby [standby]
        hint: copy from the primary
    <stderr>
    "#);
}

#[test]
fn quiet_still_lists_what_is_wrong() {
    insta::assert_snapshot!(shown(&left_behind(), true), @r#"
    <stdout>
    not copied:
      - INDEX public.orders_odd: the target said: function odd(integer) does not exist
        line two of it
      - table data public.log: excluded by --exclude-table-data

    different:
      - shop."Order Items": count 12003 on the source, 12004 on the target
        keys: (7), (9)
    <stderr>
    "#);
}

#[test]
fn only_the_ten_slowest_tables_are_shown() {
    let mut report = cloned();
    report.tables = (0..30).map(|n| table_report("public", &format!("t{n}"), 10, f64::from(n))).collect();
    let ending = render(&report, false).answer;
    assert!(ending.contains("slowest tables") && ending.contains("public.t29"), "{ending}");
    assert_eq!(ending.matches("public.").count(), 10, "{ending}");
}

fn refused(command: &'static str) -> Report {
    let mut report = Report::new(command, "snapshot");
    report.findings = vec![
        a_finding(
            "object-in-the-way",
            "public.orders",
            "exists on the target already",
            "drop it, leave it out with --exclude-table, or give --replace",
        ),
        a_finding(
            "select-missing",
            "public.secrets",
            "the source role copier may not read it",
            "GRANT SELECT ON public.secrets TO copier",
        ),
        a_finding(
            "fdw-missing",
            "",
            "postgres_fdw is not installed on the target",
            "install postgresql-contrib",
        ),
    ];
    report.fail(&Error::new(Kind::Preflight, "preflight has findings"));
    report
}

#[test]
fn a_refusal_lists_every_finding_with_its_remedy() {
    insta::assert_snapshot!(shown(&refused("clone"), false), @r#"
    <stdout>
    <stderr>
    error: refused for 3 findings; nothing was changed
      1. public.orders: exists on the target already [object-in-the-way]
         hint: drop it, leave it out with --exclude-table, or give --replace
      2. public.secrets: the source role copier may not read it [select-missing]
         hint: GRANT SELECT ON public.secrets TO copier
      3. postgres_fdw is not installed on the target [fdw-missing]
         hint: install postgresql-contrib
    "#);
}

#[test]
fn the_findings_of_a_check_are_its_answer() {
    let ending = render(&refused("check"), true);
    assert!(ending.answer.contains("GRANT SELECT") && ending.trouble.is_empty());
}

#[test]
fn a_failure_is_one_block_with_all_that_the_server_said() {
    let mut report = cloned();
    report.fail(&Error::new(Kind::Copy, "rows could not be copied").object("public.orders"));
    let error = report.error.as_mut().unwrap();
    error.message.push_str(": could not extend file \"base/1/2\": No space left on device");
    error.sqlstate = Some("53100".into());
    error.detail = Some("Wrote only 4096 of 8192 bytes.\nAt block 17.".into());
    error.remedy = Some("make room on the target, then run the same command again".into());
    error.also = vec!["target: extension postgres_fdw could not be dropped: connection closed".into()];
    insta::assert_snapshot!(shown(&report, false), @r#"
    <stdout>
    <stderr>
    error: public.orders: rows could not be copied: could not extend file "base/1/2": No space left on device
      detail: Wrote only 4096 of 8192 bytes.
              At block 17.
      sqlstate: 53100
      hint: make room on the target, then run the same command again
      failed while undoing: target: extension postgres_fdw could not be dropped: connection closed
    "#);
}

#[test]
fn an_interrupt_says_that_nothing_is_left() {
    let mut report = Report::new("clone", "snapshot");
    report.fail(&Error::interrupted());
    insta::assert_snapshot!(shown(&report, false), @r#"
    <stdout>
    <stderr>
    interrupted: everything fdwcopy had made was removed
    "#);
}

#[test]
fn an_interrupt_never_hides_a_failed_undo() {
    let mut report = Report::new("clone", "snapshot");
    let undo = Error::new(Kind::Connect, "the target went away").object("target");
    report.fail(&Error::interrupted().and_also(&undo));
    insta::assert_snapshot!(shown(&report, false), @r#"
    <stdout>
    <stderr>
    error: interrupted
      failed while undoing: target: the target went away
    "#);
}

#[test]
fn a_dry_run_does_not_claim_to_have_copied_nor_repeats_its_plan() {
    let mut report = left_behind();
    report.differences.clear();
    report.warnings.clear();
    report.plan = Some(serde_json::json!({}));
    assert_eq!(shown(&report, false), "<stdout>\n<stderr>\n");
}

#[test]
fn a_check_without_findings_says_so() {
    let mut report = Report::new("check", "snapshot");
    report.phase_took(Phase::Preflight, Duration::from_millis(310));
    report.finish();
    let answer = render(&report, false).answer;
    assert!(answer.starts_with("checked in 0.3 s; nothing stands in the way\n"), "{answer}");
}

fn repaired() -> Report {
    let state = |last_value, is_called| Some(State { last_value, is_called });
    let one = |name: &str, reason: &str| SequenceReport {
        schema: "public".into(),
        name: name.into(),
        reason: reason.into(),
        used_percent: Some(0.04),
        collides: Some(false),
        ..SequenceReport::default()
    };
    let mut report = Report::new("sequences", "snapshot");
    report.phase_took(Phase::Data, Duration::from_millis(120));
    report.sequences = vec![
        SequenceReport {
            source: state(1, false),
            target: state(1, false),
            ..one("fresh_id_seq", "the source's state")
        },
        SequenceReport {
            source: state(900, true),
            target: state(1, false),
            data: Some(904),
            proposed: state(904, true),
            applied: Some(true),
            ..one("Orders_id_seq", "beyond the data")
        },
        SequenceReport {
            target: state(32767, true),
            data: Some(32767),
            used_percent: Some(100.0),
            open: Some("it has reached its end with 32767".into()),
            ..one("small_id_seq", "beyond the data")
        },
    ];
    report.undo_sql = vec![r#"SELECT pg_catalog.setval('"public"."Orders_id_seq"', 1, false);"#.into()];
    report.finish();
    report
}

#[test]
fn what_was_decided_is_shown_with_what_undoes_it() {
    let report = repaired();
    let lines: Vec<SequenceLine> = report.sequences.iter().map(SequenceReport::line).collect();
    insta::assert_snapshot!(decided(&lines, &report.undo_sql, false), @r#"
    sequence                source  target   data  proposed  reason              used %
    public."Orders_id_seq"     900     (1)    904       904  beyond the data        0.0
    public.small_id_seq          -   32767  32767         -  beyond the data      100.0
    public.fresh_id_seq        (1)     (1)      -         -  the source's state     0.0

    -- to undo, on the target, if nobody has used them since:
    SELECT pg_catalog.setval('"public"."Orders_id_seq"', 1, false);
    "#);
    insta::assert_snapshot!(decided(&lines, &report.undo_sql, true), @r#"
    -- to undo, on the target, if nobody has used them since:
    SELECT pg_catalog.setval('"public"."Orders_id_seq"', 1, false);
    "#);
    assert_eq!(decided(&lines, &[], true), "");
}

#[test]
fn sequences_end_with_what_is_not_safe() {
    insta::assert_snapshot!(shown(&repaired(), false), @r#"
    <stdout>
    looked at 3 sequences, set 1 in 0.1 s; 1 sequence cannot be called safe

    phase  seconds
    data       0.1

    not safe:
      - public.small_id_seq: it has reached its end with 32767
    <stderr>
    "#);
    insta::assert_snapshot!(shown(&repaired(), true), @r#"
    <stdout>
    not safe:
      - public.small_id_seq: it has reached its end with 32767
    <stderr>
    "#);
}

#[test]
fn sequences_end_with_what_came_otherwise_than_decided() {
    let mut report = repaired();
    report.phase_took(Phase::Sequences, Duration::from_millis(10));
    report.sequences[1].after = 5000;
    report.sequences[1].applied = Some(false);
    report.undo_sql = vec!["SELECT …;".into()];
    insta::assert_snapshot!(shown(&report, false), @r#"
    <stdout>
    looked at 3 sequences, set 0 in 0.1 s; 1 sequence cannot be called safe

    phase      seconds
    data           0.1
    sequences      0.0

    not set:
      - public."Orders_id_seq": another session has moved it to 5000 meanwhile

    not safe:
      - public.small_id_seq: it has reached its end with 32767

    -- to undo what was really set, if nobody has used them since:
    SELECT …;
    <stderr>
    "#);
    report.fail(&Error::interrupted());
    insta::assert_snapshot!(shown(&report, false), @r#"
    <stdout>
    not set:
      - public."Orders_id_seq": another session has moved it to 5000 meanwhile

    -- to undo what was really set, if nobody has used them since:
    SELECT …;
    <stderr>
    interrupted: no sequence was set; run it again
    "#);
    report.sequences[1].applied = None;
    insta::assert_snapshot!(shown(&report, true), @r#"
    <stdout>
    -- to undo what was really set, if nobody has used them since:
    SELECT …;
    <stderr>
    interrupted: 0 of 1 sequences to be set were, 1 more may be, and stay set; run it again for the others
    "#);
}
