//! What became of the rows of one table that was there before: by `copy`, and by `sync`.
//!
//! Invariant, and deliberately absent: as in the report that it is a part of.

use serde::Serialize;

use crate::pg::ident::QualifiedName;

/// What was, or would be, changed so that a table has what the source has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SyncedReport {
    /// The table of the target.
    pub into: QualifiedName,
    /// Rows added.
    pub inserted: u64,
    /// Rows changed.
    pub updated: u64,
    /// Rows deleted.
    pub deleted: u64,
    /// Rows that only the target has, and that stay.
    pub extra: u64,
    /// Rows of the source.
    pub source_rows: u64,
}

/// How rows went into a table that was there; `rows` counts those that were added or changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CopiedReport {
    /// `replace`, `append` or `upsert`.
    pub mode: &'static str,
    /// The table of the target.
    pub into: QualifiedName,
    /// Which rows were read, by a watermark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub watermark: Option<WatermarkReport>,
}

/// Which rows a copy by a watermark has read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WatermarkReport {
    /// The column.
    pub column: String,
    /// Rows from this value on; all if absent.
    pub from: Option<String>,
    /// The largest value that the source had.
    pub mark: Option<String>,
    /// Every transaction that was not seen began after this; unknown if absent.
    pub horizon: Option<String>,
    /// By how much more than known the copy reached back.
    pub overlap_seconds: u64,
}
