//! `key=value` connection strings, by the rules of libpq's `conninfo_parse`.
//!
//! Invariant: what [`quote`] writes, [`parse`] reads back; errors never echo the text.

use std::iter::Peekable;
use std::str::Chars;

use crate::error::{Error, Kind, Result};

/// What `isspace` says in the C locale; libpq splits by it, and so does the server its `options`.
pub(crate) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0b' | '\x0c')
}

/// The pairs of a `key=value` string, in order.
pub(super) fn parse(text: &str) -> Result<Vec<(String, String)>> {
    let mut rest = text.chars().peekable();
    let mut pairs = Vec::new();
    loop {
        skip_spaces(&mut rest);
        if rest.peek().is_none() {
            return Ok(pairs);
        }
        let mut name = String::new();
        while let Some(c) = rest.next_if(|&c| c != '=' && !is_space(c)) {
            name.push(c);
        }
        skip_spaces(&mut rest);
        if rest.next_if_eq(&'=').is_none() {
            return Err(malformed("a word without \"=\" in the connection string"));
        }
        skip_spaces(&mut rest);
        let value = if rest.next_if_eq(&'\'').is_some() { quoted(&mut rest)? } else { bare(&mut rest) };
        pairs.push((name, value));
    }
}

fn skip_spaces(rest: &mut Peekable<Chars<'_>>) {
    while rest.next_if(|&c| is_space(c)).is_some() {}
}

fn bare(rest: &mut Peekable<Chars<'_>>) -> String {
    let mut value = String::new();
    while let Some(c) = rest.next_if(|&c| !is_space(c)) {
        value.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    value
}

fn quoted(rest: &mut Peekable<Chars<'_>>) -> Result<String> {
    let mut value = String::new();
    while let Some(c) = rest.next() {
        match c {
            '\'' => return Ok(value),
            '\\' => value.extend(rest.next()),
            c => value.push(c),
        }
    }
    Err(malformed("a quote that is not closed in the connection string"))
}

fn malformed(message: &str) -> Error {
    Error::new(Kind::Usage, message).remedy(
        "write \"host=db.example dbname=shop user=alice\" or a URI, postgresql://alice@db.example/shop; quote values that hold spaces: 'a b'",
    )
}

/// A value as it may stand after `key=`.
pub(crate) fn quote(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap()
    }

    fn pair(name: &str, value: &str) -> (String, String) {
        (name.to_owned(), value.to_owned())
    }

    #[test]
    fn spaces_quotes_and_backslashes_are_read_as_libpq_reads_them() {
        assert_eq!(pairs(" host = a\tport=1 "), [pair("host", "a"), pair("port", "1")]);
        assert_eq!(pairs(r"password='it\'s a \\'"), [pair("password", r"it's a \")]);
        assert_eq!(pairs(r"user=a\ b'c dbname=''"), [pair("user", "a b'c"), pair("dbname", "")]);
        assert_eq!(pairs("host='a'port=1"), [pair("host", "a"), pair("port", "1")]);
        assert!(pairs("").is_empty());
    }

    #[test]
    fn a_malformed_string_is_refused_without_being_shown() {
        for text in ["hunter2", "password=my hunter2", "password='hunter2", "password hunter2"] {
            let error = parse(text).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
        }
    }

    proptest! {
        #[test]
        fn quoting_round_trips(first in "[^\0]*", second in "[^\0]*") {
            let text = format!("user={} password={}", quote(&first), quote(&second));
            prop_assert_eq!(pairs(&text), [pair("user", &first), pair("password", &second)]);
        }
    }
}
