//! The DROP statements that `pg_restore --clean --if-exists` prints before the first entry.
//!
//! Invariant: they name objects and types and hold no user text but quoted names and literals, so a semicolon
//! outside quotes ends a statement and a comment line outside quotes is a comment.
//! Deliberately absent: everything from the first entry's header on.

use crate::error::{Error, Kind, Result};
use crate::pg::sql::Sql;

/// The statements in the order printed.
pub(super) fn parse(text: &str) -> Result<Vec<Sql>> {
    let mut drops = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        if rest.starts_with("--\n-- TOC entry ") {
            return Ok(drops);
        }
        // psql's own lines (`\restrict`) and comments end with their line.
        if rest.starts_with("--") || rest.starts_with('\\') {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        let Some(end) = statement_end(rest) else {
            return Err(Error::new(Kind::Internal, "pg_restore's DROP statements have no end"));
        };
        let statement = &rest[..end];
        if !statement.starts_with("SET ") && !statement.starts_with("SELECT pg_catalog.set_config(") {
            drops.push(Sql::from_archive(statement.to_owned()));
        }
        rest = &rest[end..];
    }
}

/// Just after the first semicolon outside quotes.
fn statement_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, ';') => return Some(at + 1),
            (None, '\'' | '"') => quote = Some(c),
            // A doubled quote closes and opens again, which comes to the same.
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_semicolons_and_headers_do_not_end_a_statement() {
        let text = "--\n-- PostgreSQL database dump\n--\n\n\\restrict abc\n\nSET row_security = off;\n\
                    SELECT pg_catalog.set_config('search_path', '', false);\n\
                    DROP TABLE IF EXISTS public.\"a;\n\n--\n-- TOC entry 5 (class 1 OID 1)\";\n\
                    -- *not* dropping schema, since initdb creates it\n\
                    CREATE OR REPLACE VIEW app.v AS\nSELECT\n    NULL::integer AS \"x\"\"; y\";\n\
                    --\n-- TOC entry 8 (class 2615 OID 18126)\n-- Name: …\n\nCREATE SCHEMA x;\n";
        let drops = parse(text).unwrap();
        assert_eq!(
            drops.iter().map(Sql::as_str).collect::<Vec<_>>(),
            [
                "DROP TABLE IF EXISTS public.\"a;\n\n--\n-- TOC entry 5 (class 1 OID 1)\";",
                "CREATE OR REPLACE VIEW app.v AS\nSELECT\n    NULL::integer AS \"x\"\"; y\";",
            ]
        );
    }

    #[test]
    fn a_script_that_breaks_off_is_an_error() {
        assert!(parse("SET row_security = off;\nDROP TABLE \"a").is_err());
    }
}
