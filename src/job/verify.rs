//! What a comparison was asked to do.
//!
//! Deliberately absent: defaults of the command line.

use crate::pg::conninfo::Conninfo;
use crate::plan::rules::Rules;
use crate::plan::select::Selection;

/// A comparison of two databases, which changes neither.
#[derive(Debug)]
pub struct VerifyJob {
    /// One side.
    pub source: Conninfo,
    /// The other side.
    pub target: Conninfo,
    /// Which part of both databases.
    pub selection: Selection,
    /// What of some tables is meant.
    pub rules: Rules,
    /// Sessions that read, on each side.
    pub workers: usize,
    /// How closely.
    pub depth: Depth,
    /// How many rows of a table are named at most.
    pub limit: usize,
    /// Whether every value is hashed as its text.
    pub strict: bool,
    /// Whether definitions are compared too.
    pub schema: bool,
    /// Whether rows are compared.
    pub rows: bool,
    /// Which of what definitions say counts.
    pub counting: Counting,
}

/// Which of what definitions say counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counting {
    /// Who owns the objects.
    pub owner: bool,
    /// Who may do what with them.
    pub privileges: bool,
    /// What is remarked on them.
    pub comments: bool,
}

/// How closely rows are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Their number.
    Count,
    /// Checksums of all values.
    Checksum,
    /// The same, and which rows differ.
    Rows,
}

impl Depth {
    /// The name on the command line and in the report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Checksum => "checksum",
            Self::Rows => "rows",
        }
    }
}
