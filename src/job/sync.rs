//! What was asked of `fdwcopy sync`.
//!
//! Deliberately absent: whether the tables that are named exist.

use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use super::copy::CopyJob;

/// Tables of the target become equal to the source's.
#[derive(Debug)]
pub struct SyncJob {
    /// The servers, the tables, and the rules for them.
    pub copy: CopyJob,
    /// Whether rows that only the target has are deleted.
    pub deletes: bool,
    /// How many of a table at most.
    pub max_delete: MaxDelete,
    /// How many changes of tables that belong together are one transaction; all if absent.
    pub step: Option<NonZeroU64>,
}

/// How many rows of a table may be deleted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxDelete {
    /// So many.
    Rows(u64),
    /// So many of a hundred.
    Percent(f64),
}

impl MaxDelete {
    /// The number, of a table that has so many rows.
    #[must_use]
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "a bound that people choose by rule of thumb"
    )]
    pub fn of(self, rows: u64) -> u64 {
        match self {
            Self::Rows(number) => number,
            Self::Percent(percent) => (rows as f64 * percent / 100.0) as u64,
        }
    }
}

impl FromStr for MaxDelete {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a number of rows, or a percentage such as 10%".to_owned();
        match text.trim().strip_suffix('%') {
            None => text.trim().parse().map(Self::Rows).map_err(|_| wrong()),
            Some(number) => {
                let percent: f64 = number.trim().parse().map_err(|_| wrong())?;
                (0.0..=100.0).contains(&percent).then_some(Self::Percent(percent)).ok_or_else(wrong)
            }
        }
    }
}

impl fmt::Display for MaxDelete {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rows(number) => write!(f, "{number}"),
            Self::Percent(percent) => write!(f, "{percent}%"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_a_number_or_a_percentage() {
        let of = |text: &str, rows| text.parse::<MaxDelete>().map(|bound| bound.of(rows));
        assert_eq!([of("10%", 1000), of("0.5%", 1000), of("7", 1000), of("0", 9)], [100, 5, 7, 0].map(Ok));
        assert_eq!(of("10%", 9), Ok(0));
        for wrong in ["", "%", "101%", "-1", "ten", "NaN%"] {
            assert!(of(wrong, 1).is_err(), "{wrong}");
        }
    }
}
