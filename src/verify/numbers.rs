//! What a server says of some rows: how many, and two sums of their hashes.
//!
//! Invariant: numbers of parts add up to those of the whole, in any order.
//! Deliberately absent: the hashing.

use tokio_postgres::Row;

use crate::error::{Error, Kind, Result};
use crate::pg::session::column;

/// How many rows, and two sums over them, unless only the number was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Numbers {
    /// How many rows.
    pub rows: i64,
    /// Sums over their hashes; zero where they were not asked for.
    pub sums: [i128; 2],
}

impl Numbers {
    /// From the columns `rows` and `checksum`.
    pub(super) fn read(row: &Row) -> Result<Self> {
        let sums = column::<Option<String>>(row, "checksum")?;
        Ok(Self { rows: column(row, "rows")?, sums: sums.as_deref().map_or(Ok([0, 0]), parse)? })
    }

    /// With those of other rows.
    #[must_use]
    pub(super) fn plus(self, other: Self) -> Self {
        Self {
            rows: self.rows + other.rows,
            sums: [self.sums[0] + other.sums[0], self.sums[1] + other.sums[1]],
        }
    }

    /// The sums as text.
    #[must_use]
    pub(super) fn checksum(&self) -> String {
        format!("{}:{}", self.sums[0], self.sums[1])
    }
}

/// Two sums with a colon between them.
pub(super) fn parse(text: &str) -> Result<[i128; 2]> {
    let sums = text.split_once(':').and_then(|(a, b)| Some([a.parse().ok()?, b.parse().ok()?]));
    sums.ok_or_else(|| Error::new(Kind::Internal, "an unexpected answer of the server").object("checksum"))
}
