//! The lines of `pg_restore --list`.
//!
//! Invariant: number, class and OID are exact; the rest of a line cannot be cut into fields on its own (names
//! hold blanks), so it stays whole and is compared with the entry's header (see `fields`).
//! Deliberately absent: order and sections, which are the archive's.

use super::entry::EntryId;
use crate::error::{Error, Kind, Result};

/// One line: `215; 1259 16389 TABLE public foo postgres`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listed {
    pub(super) id: EntryId,
    pub(super) class_oid: u32,
    pub(super) oid: u32,
    /// `TABLE public foo postgres`
    pub(super) words: String,
}

/// The entries in the order of the archive.
pub(super) fn parse(text: &str) -> Result<Vec<Listed>> {
    text.split('\n')
        .filter(|line| !line.is_empty() && !line.starts_with(';'))
        .map(|line| {
            parse_line(line).ok_or_else(|| {
                Error::new(Kind::Internal, "pg_restore lists an entry that cannot be read").object(line)
            })
        })
        .collect()
}

fn parse_line(line: &str) -> Option<Listed> {
    let (id, rest) = line.split_once("; ")?;
    let (class_oid, rest) = rest.split_once(' ')?;
    let (oid, words) = rest.split_once(' ')?;
    Some(Listed {
        id: EntryId::new(id.parse().ok()?),
        class_oid: class_oid.parse().ok()?,
        oid: oid.parse().ok()?,
        words: words.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_gives_its_numbers_and_keeps_its_words() {
        let text = ";\n; Archive created at 2026-11-21\n;\n2; 3079 18128 EXTENSION - hstore \n\
                    215; 1259 16389 TABLE Odd; Schema a; b postgres\n";
        let listed = parse(text).unwrap();
        assert_eq!(listed[0].words, "EXTENSION - hstore ");
        assert_eq!(
            listed[1],
            Listed {
                id: EntryId::new(215),
                class_oid: 1259,
                oid: 16_389,
                words: "TABLE Odd; Schema a; b postgres".into()
            }
        );
    }

    #[test]
    fn a_line_of_another_shape_is_an_error() {
        assert!(parse("215: TABLE foo\n").is_err());
    }
}
