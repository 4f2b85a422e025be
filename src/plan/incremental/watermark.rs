//! The column by which rows are found that are new since the copy before.
//!
//! Invariant: pure; a column whose rows could be passed over is refused.
//! Deliberately absent: marks, and where a copy begins (see `incremental::state`).

use super::{Planning, drift};
use crate::pg::ident::Ident;
use crate::pg::sql::Sql;
use crate::report::Finding;

/// A column whose values grow with time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watermark {
    /// Its name.
    pub column: Ident,
    /// The type in which it is read.
    pub type_name: Sql,
    /// In which way it grows.
    pub grows: Grows,
}

/// In which way a column's values grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grows {
    /// Moments.
    Moment,
    /// Moments by a clock of an unknown time zone.
    Local,
    /// Numbers that are handed out one after the other.
    Number,
}

impl Grows {
    /// How values of this type grow.
    fn of(type_name: &str) -> Option<Self> {
        let (name, _) = drift::parts(type_name);
        Some(match name.as_str() {
            "timestamp with time zone" => Self::Moment,
            "timestamp without time zone" | "date" => Self::Local,
            "smallint" | "integer" | "bigint" => Self::Number,
            _ => return None,
        })
    }
}

impl Planning<'_> {
    /// The column by which new rows are found, if one is named.
    pub(super) fn watermark(&self, foreign: &[(Ident, Sql)]) -> Result<Option<Watermark>, Finding> {
        let relation = self.relation();
        let Some(name) = self.asking.watermark_of(&relation.name, relation.visible) else { return Ok(None) };
        let refused = |message: String, remedy: &str| Err(self.finding("watermark", message, remedy));
        let columns = self.sides.source.get(&relation.oid).into_iter().flatten();
        let Some(column) = columns.into_iter().find(|column| column.name == name) else {
            return refused(
                format!("the source's table has no column {name} for a watermark"),
                "mind the case: \"Mixed Case\" in double quotes",
            );
        };
        let Some((_, type_name)) = foreign.iter().find(|(known, _)| *known == name) else {
            return refused(
                format!("the watermark {name} is masked, and may not leave the source"),
                "leave --mask-on-source out, or do not set that column",
            );
        };
        let Some(grows) =
            Grows::of(&column.base).filter(|grows| Some(*grows) == Grows::of(type_name.as_str()))
        else {
            return refused(
                format!(
                    "the watermark {name} is {} on the source and {type_name} on the target",
                    column.type_name
                ),
                "a watermark is a column of times (timestamp, date) or whole numbers, on both sides",
            );
        };
        if column.drawn_ahead && grows == Grows::Number && !self.asking.vouched {
            return Err(self.finding(
                "watermark-drawn-ahead",
                format!("the numbers of {name} come from a sequence with CACHE: a session may use one much later that is smaller than others' by then"),
                "take a column of times; or say with --overlap for how long a session keeps such numbers; or ALTER SEQUENCE … CACHE 1",
            ));
        }
        if !column.not_null {
            return refused(
                format!("the watermark {name} may be NULL, and such rows would never be found"),
                "on the source: ALTER TABLE … ALTER COLUMN … SET NOT NULL; or copy without a watermark",
            );
        }
        Ok(Some(Watermark { column: name, type_name: type_name.clone(), grows }))
    }
}
