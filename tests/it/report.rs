//! What a run tells: the documented JSON, the progress, the tables at the end.

use crate::command::{clone, fdwcopy, list};
use crate::pair::Pair;

fn shop(name: &str) -> Pair {
    let pair = Pair::new(name);
    pair.source.load("shop.sql");
    pair
}

#[test]
fn the_report_has_the_documented_fields() {
    let pair = shop("it_report");
    let report = clone(&pair, &["--json"]).exits(0).json();
    assert_eq!((&report["version"], &report["command"]), (&1.into(), &"clone".into()));
    assert_eq!((&report["outcome"], &report["error"]), (&"done".into(), &serde_json::Value::Null));
    let consistency = &report["consistency"];
    assert_eq!((&consistency["mode"], &consistency["agreed"]), (&"snapshot".into(), &true.into()));
    assert!(
        consistency["attempts"].as_u64() >= Some(1) && consistency["locked"].is_boolean(),
        "{consistency}"
    );

    let tables = report["tables"].as_array().unwrap();
    assert_eq!(tables.len(), 8);
    let lines = tables.iter().find(|table| table["name"] == "order_lines").unwrap();
    assert_eq!((&lines["schema"], &lines["rows"]), (&"sales".into(), &600.into()));
    assert!(
        lines["bytes"].as_u64() >= Some(8192) && lines["chunks"] == 1 && lines["seconds"].is_number(),
        "{lines}"
    );
    assert_eq!(lines["verified"], "count");

    let mut sequences = list(&report, "sequences", &["schema", "name", "after", "is_called"]);
    sequences.sort();
    assert_eq!(
        sequences,
        [
            ["public", "counter", "6", "true"],
            ["public", "customers_id_seq", "50", "true"],
            ["sales", "orders_id_seq", "200", "true"]
        ]
    );
    assert!(report["sequences"][0]["reason"].is_string() && report["sequences"][0].get("before").is_some());
    let phases: Vec<String> = list(&report, "phases", &["name"]).concat();
    for phase in
        ["connect", "preflight", "pin", "schema", "rows", "sequences", "post-data", "analyze", "verify"]
    {
        assert!(phases.iter().any(|name| name == phase), "no {phase} in {phases:?}");
    }
    assert!(report["phases"].as_array().unwrap().iter().all(|phase| phase["seconds"].is_number()));
    for empty in ["not_copied", "differences", "findings"] {
        assert_eq!(report[empty].as_array().map(Vec::len), Some(0), "{empty}");
    }
    assert!(report["warnings"].is_array());
}

/// Lets the target spoil rows of `t` on their way in, as a faulty road would.
fn spoil(pair: &Pair, body: &str) {
    pair.target.sql(&format!(
        "create schema spoiler; grant usage on schema spoiler to public;
         create function spoiler.spoil() returns trigger language plpgsql as $$ begin {body} end $$;
         create function spoiler.attach() returns event_trigger language plpgsql as $$
         begin
             if exists (select from pg_event_trigger_ddl_commands() where object_identity = 'public.t') then
                 create trigger spoil before insert on public.t for each row execute function spoiler.spoil();
             end if;
         end $$;
         create event trigger attach on ddl_command_end when tag in ('CREATE TABLE') execute function spoiler.attach()"
    ));
}

#[test]
fn a_row_lost_on_its_way_is_a_difference() {
    let pair = Pair::filled(
        "it_lost_row",
        "create table t as select generate_series(1, 10) as x; create table u ()",
    );
    spoil(&pair, "if new.x = 7 then return null; end if; return new;");
    let report = clone(&pair, &["--json"]).exits(3).json();
    assert_eq!(report["outcome"], "differences");
    assert_eq!(
        list(&report, "differences", &["schema", "name", "kind", "source", "target"]),
        [["public", "t", "count", "10", "9"]]
    );
}

#[test]
fn a_value_changed_on_its_way_is_found_by_checksum() {
    let pair = Pair::filled(
        "it_changed_value",
        "create table t as select generate_series(1, 10) as x; create table u ()",
    );
    spoil(&pair, "if new.x = 7 then new.x := 8; end if; return new;");
    let run = clone(&pair, &["--json", "--verify", "checksum"]).exits(3);
    assert_eq!(list(&run.json(), "differences", &["name", "kind"]), [["t", "checksum"]]);
}

#[test]
fn a_refusal_is_a_report_too() {
    let pair = shop("it_report_refused");
    pair.target.sql("create table public.customers (x integer)");
    let report = clone(&pair, &["--json"]).exits(4).json();
    assert_eq!(report["outcome"], "refused");
    let findings = list(&report, "findings", &["code", "object", "message", "remedy"]);
    assert!(findings.iter().any(|finding| finding[1].contains("public.customers")), "{findings:?}");
    assert!(findings.iter().flatten().all(|field| !field.is_empty() && field != "null"), "{findings:?}");
}

#[test]
fn without_a_terminal_progress_comes_as_lines() {
    let pair = shop("it_progress_lines");
    let run = clone(&pair, &["--progress", "lines"]).exits(0);
    for phase in ["preflight", "pin", "schema", "rows", "sequences", "post-data", "analyze", "verify"] {
        assert!(run.stderr.contains(phase), "no {phase} in\n{}", run.stderr);
    }
    assert!(!run.stderr.contains('\u{1b}') && !run.stderr.contains('\r'), "{:?}", run.stderr);
}

#[test]
fn progress_can_be_turned_off() {
    let pair = shop("it_progress_none");
    let run = clone(&pair, &["--progress", "none", "--json"]).exits(0);
    assert_eq!(run.stderr, "");
    run.json();
}

#[test]
fn the_end_shows_phases_and_the_slowest_tables() {
    let pair = shop("it_final_tables");
    let run = clone(&pair, &["--progress", "none"]).exits(0);
    let shown = format!("{}{}", run.stdout, run.stderr);
    for words in ["post-data", "verify", "sales.order_lines", "public.customers", "600"] {
        assert!(shown.contains(words), "no {words} in\n{shown}");
    }
}

#[test]
fn help_and_version_need_no_server() {
    let pair = Pair::new("it_help");
    let help = fdwcopy(&pair, &["clone", "--help"]).exits(0);
    for option in [
        "--source",
        "--target",
        "--source-from-target",
        "--jobs",
        "--exclude-table-data",
        "--dry-run",
        "--pg-bin",
    ] {
        assert!(help.stdout.contains(option), "no {option} in the help");
    }
    assert!(!help.stdout.contains(&pair.source.server.password), "the help shows the environment");
    assert!(fdwcopy(&pair, &["--version"]).exits(0).stdout.contains(env!("CARGO_PKG_VERSION")));
}
