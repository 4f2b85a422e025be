//! The parser against what `pg_restore` 15 really printed for `golden/nasty.sql`, and against look-alikes.

use super::*;
use crate::archive::list;

const PRE_LIST: &str = include_str!("golden/nasty-15-pre-data.list");
const PRE_SCRIPT: &str = include_str!("golden/nasty-15-pre-data.sql");
const POST_LIST: &str = include_str!("golden/nasty-15-post-data.list");
const POST_SCRIPT: &str = include_str!("golden/nasty-15-post-data.sql");

fn clear(script: &str, list: &str) -> Vec<Entry> {
    match split(script, &list::parse(list).unwrap()).unwrap() {
        Split::Clear(entries) => entries,
        Split::Doubtful(ids) => panic!("doubtful: {ids:?}"),
    }
}

fn find<'a>(entries: &'a [Entry], kind: &str, name: &str) -> &'a Entry {
    entries.iter().find(|entry| entry.kind == kind && entry.name == name).unwrap()
}

/// One line an entry: its header and settings, then the first and the last line of its statements.
fn summary(entries: &[Entry]) -> String {
    let lines = entries.iter().map(|entry| {
        let needs: Vec<String> = entry.dependencies.iter().map(ToString::to_string).collect();
        let (first, last) = (entry.sql.as_str().lines().next(), entry.sql.as_str().lines().last());
        format!(
            "{} {} {} | {} | {:?} | {} | {:?} | needs {} | {:?}\n    {}\n    {}",
            entry.id,
            entry.class_oid,
            entry.oid,
            entry.kind,
            entry.schema,
            entry.name,
            entry.owner,
            needs.join(" "),
            entry.settings.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>(),
            first.unwrap_or_default(),
            last.unwrap_or_default(),
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn a_nasty_schema_is_read_entry_by_entry() {
    insta::assert_snapshot!("pre-data", summary(&clear(PRE_SCRIPT, PRE_LIST)));
    insta::assert_snapshot!("post-data", summary(&clear(POST_SCRIPT, POST_LIST)));
}

#[test]
fn nothing_of_the_script_is_lost_but_headers_and_settings() {
    for (script, list) in [(PRE_SCRIPT, PRE_LIST), (POST_SCRIPT, POST_LIST)] {
        let mut rest = script;
        for entry in clear(script, list) {
            let (between, after) = rest.split_once(entry.sql.as_str()).unwrap();
            let header = &between[between.rfind("\n--\n-- TOC entry").unwrap()..];
            assert!(header.contains(&format!("-- TOC entry {} ", entry.id)));
            assert!(
                header.trim_end().lines().all(|line| line.is_empty() || line.starts_with("--")),
                "{header}"
            );
            rest = after;
        }
        assert!(rest.trim_start().starts_with("-- Completed on"));
    }
}

#[test]
fn a_function_body_keeps_what_looks_like_a_header() {
    let entries = clear(PRE_SCRIPT, PRE_LIST);
    let body = find(&entries, "FUNCTION", "tricky()").sql.as_str();
    assert!(body.starts_with("CREATE FUNCTION app.tricky()"));
    assert!(body.contains("-- Name: foo; Type: TABLE; Schema: public; Owner: postgres\n"));
    assert!(body.contains("\n\nSET default_tablespace = nasty_space;\n\n"));
    assert!(body.ends_with("ALTER FUNCTION app.tricky() OWNER TO postgres;"));
}

#[test]
fn settings_hold_from_their_line_to_the_next() {
    let entries = clear(PRE_SCRIPT, PRE_LIST);
    let tablespace = |name: &str| {
        let entry = entries.iter().find(|entry| entry.name == name).unwrap();
        entry.settings.iter().find(|(set, _)| set == TABLESPACE).map(|(_, value)| value.as_str())
    };
    assert_eq!(tablespace("spaced"), Some("nasty_space"));
    assert_eq!(tablespace("mat"), Some("nasty_space"));
    assert_eq!(tablespace("mat_empty"), Some("''"));
    assert!(!find(&entries, "MATERIALIZED VIEW", "mat").sql.as_str().contains("SET default_tablespace"));
    assert!(find(&entries, "TABLE", "customer").statements().as_str().starts_with(
        "SET default_tablespace = '';\nSET default_table_access_method = heap;\nCREATE TABLE app.customer ("
    ));
}

#[test]
fn the_order_printed_is_the_order_that_is_restored() {
    for (script, list) in [(PRE_SCRIPT, PRE_LIST), (POST_SCRIPT, POST_LIST)] {
        let printed = clear(script, list);
        let mut shuffled = printed.clone();
        shuffled.reverse();
        assert_eq!(in_restore_order(shuffled, &list::parse(list).unwrap()), printed);
    }
}

const LIST: &str =
    "5; 1255 70 FUNCTION public f() me\n6; 1259 71 TABLE public a me\n7; 1259 72 TABLE public b me\n";

fn header(id: u32, class: u32, oid: u32, fields: &str) -> String {
    format!(
        "--\n-- TOC entry {id} (class {class} OID {oid})\n-- Name: {fields}; Schema: public; Owner: me\n--\n\n"
    )
}

fn script(body: &str) -> String {
    let (f, a, b) = (
        header(5, 1255, 70, "f(); Type: FUNCTION"),
        header(6, 1259, 71, "a; Type: TABLE"),
        header(7, 1259, 72, "b; Type: TABLE"),
    );
    format!(
        "--\n-- PostgreSQL database dump\n--\n\nSET row_security = off;\n\n{f}CREATE FUNCTION f() AS $${body}$$;\n\n\n\
         SET default_tablespace = \"a\n\nSET b\";\n\nSET default_table_access_method = heap;\n\n\
         {a}CREATE TABLE a ();\n\n\n{b}CREATE TABLE b ();\n\n\n-- Completed on 2026-11-21\n\n\
         --\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict x\n\n"
    )
}

fn ids(numbers: &[u32]) -> BTreeSet<EntryId> {
    numbers.iter().copied().map(EntryId::new).collect()
}

#[test]
fn a_header_of_an_entry_that_is_not_listed_is_text() {
    let body = format!("\n{}", header(6, 1259, 99, "a; Type: TABLE"));
    let entries = clear(&script(&body), LIST);
    assert_eq!(entries[0].sql.as_str(), format!("CREATE FUNCTION f() AS $${body}$$;"));
    assert_eq!(entries[1].settings[1], (TABLESPACE.to_owned(), "\"a\n\nSET b\"".to_owned()));
    assert_eq!(entries[2].sql.as_str(), "CREATE TABLE b ();");
}

#[test]
fn a_second_header_of_a_listed_entry_makes_its_surroundings_doubtful() {
    let body = format!("\n{}", header(7, 1259, 72, "b; Type: TABLE"));
    let doubtful = split(&script(&body), &list::parse(LIST).unwrap()).unwrap();
    assert_eq!(doubtful, Split::Doubtful(ids(&[5, 6, 7])));

    let own = format!("\n{}", header(5, 1255, 70, "f(); Type: FUNCTION"));
    let doubtful = split(&script(&own), &list::parse(LIST).unwrap()).unwrap();
    assert_eq!(doubtful, Split::Doubtful(ids(&[5])));
}

#[test]
fn an_entry_printed_alone_is_certain() {
    let own = header(5, 1255, 70, "f(); Type: FUNCTION");
    let end = "\n-- Completed on x\n\n--\n-- PostgreSQL database dump complete\n--\n";
    let alone = format!("--\n-- dump\n--\n\n{own}CREATE FUNCTION f() AS $$\n{own}{end}$$;\n\n{end}\n");
    let entry = only(&alone, &list::parse(LIST).unwrap()[0]).unwrap();
    assert_eq!(entry.sql.as_str(), format!("CREATE FUNCTION f() AS $$\n{own}{end}$$;"));
}

#[test]
fn a_listed_entry_that_is_not_printed_is_an_error() {
    let listed = list::parse("9; 1259 71 TABLE public z me\n").unwrap();
    let error = split(&script(""), &listed).unwrap_err();
    assert!(error.to_string().starts_with("archive entry 9 (TABLE public z me)"));
}

#[test]
fn a_script_that_breaks_off_is_an_error() {
    let whole = script("");
    assert!(split(&whole[..whole.len() / 2], &list::parse(LIST).unwrap()).is_err());
}
