//! What is decided by the values of a table: indexes that have to be there before them, rows that are too large for the
//! bridge, and what cannot arrive at all.
//!
//! Invariant: a row travels by exactly one road, or is named as not copied.
//! Deliberately absent: looking at the values (see `catalog::values`).

use serde::Serialize;

use super::PageRange;
use crate::catalog::{LargeRow, Oid, Relation};
use crate::pg::ident::{Ident, Literal};
use crate::report::{Finding, NotCopied};

/// A row that is larger than this in the binary form has no way out of a server in one message, which is limited to
/// 1 GiB.
const LARGEST_BINARY: u64 = 1_050_000_000;
/// A value of 500 MB needs at least so much TOAST, however well it is compressed.
const LEAST_TOAST: u64 = 2 << 20;
/// Blocks of the heap that are worth reading for each of TOAST to find large rows.
const HEAP_PER_TOAST: u64 = 64;

/// The place of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Its block.
    pub page: u32,
    /// Its place there.
    pub line: u16,
}

impl Place {
    /// As the server writes it.
    #[must_use]
    pub fn tid(self) -> Literal {
        Literal::new(format!("({},{})", self.page, self.line))
    }
}

/// Rows that are too large for the bridge.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LargeRows {
    /// Those that pass through fdwcopy in the binary form.
    pub streamed: Vec<Place>,
    /// Those that stay behind.
    pub left: Vec<Place>,
    /// Columns of bytes, whose text may be too large to be compared.
    pub bytes: Vec<Ident>,
    /// Columns of text, likewise.
    pub texts: Vec<Ident>,
}

impl LargeRows {
    /// Decides the road of each of a table's large rows. Halved rows have no places of their own (see
    /// [`TablePlan::halves`](super::TablePlan::halves)).
    #[must_use]
    pub fn of(table: &Relation) -> Self {
        let values = &table.values;
        if values.large.is_empty() {
            return Self::default();
        }
        let (streamed, left): (Vec<&LargeRow>, Vec<&LargeRow>) =
            values.large.iter().partition(|row| is_streamed(table, row));
        let places =
            |rows: Vec<&LargeRow>| rows.iter().map(|row| Place { page: row.page, line: row.line }).collect();
        Self {
            streamed: places(streamed),
            left: places(left),
            bytes: values.bytes.clone(),
            texts: values.texts.clone(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.streamed.is_empty() && self.left.is_empty()
    }

    /// All of them that lie in these blocks.
    pub fn within(&self, range: Option<PageRange>) -> impl Iterator<Item = Place> {
        self.streamed.iter().chain(&self.left).copied().filter(move |place| lies_in(*place, range))
    }

    /// Those in these blocks that pass through fdwcopy.
    #[must_use]
    pub fn streamed_within(&self, range: Option<PageRange>) -> Vec<Place> {
        self.streamed.iter().copied().filter(|place| lies_in(*place, range)).collect()
    }
}

fn lies_in(place: Place, range: Option<PageRange>) -> bool {
    range.is_none_or(|range| place.page >= range.from && range.to.is_none_or(|to| place.page < to))
}

fn is_streamed(table: &Relation, row: &LargeRow) -> bool {
    table.values.binary && row.binary_bytes <= LARGEST_BINARY
}

/// Whether rows may be too large for a message: then the lengths of all of them are looked at, which reads the heap
/// but not its TOAST.
#[must_use]
pub fn may_be_large(table: &Relation) -> bool {
    let heap = table.bytes.saturating_sub(table.toast_bytes);
    table.heap && table.toast_bytes > LEAST_TOAST && heap / HEAP_PER_TOAST < table.toast_bytes
}

/// Whether a value names what has no name on the target.
#[must_use]
pub fn names_what_is_passing(table: &Relation) -> bool {
    table.values.names.iter().any(|named| named.passing)
}

/// Indexes and their constraints that values name: they are made before the rows.
#[must_use]
pub fn named_indexes<'a>(tables: impl Iterator<Item = &'a Relation>) -> Vec<Oid> {
    let named = tables.flat_map(|table| &table.values.names).filter(|named| named.index && !named.passing);
    let mut oids: Vec<Oid> = named.flat_map(|index| [Some(index.oid), index.constraint]).flatten().collect();
    oids.sort_unstable();
    oids.dedup();
    oids
}

/// What of a table's values stays behind, and why.
#[must_use]
pub fn left_behind(table: &Relation) -> Vec<NotCopied> {
    if let Some(named) = table.values.names.iter().find(|named| named.passing) {
        let reason = format!("a value names {}, which has no counterpart on another server", named.name);
        return vec![NotCopied { kind: "table data".into(), object: table.name.plain(), reason }];
    }
    let rows = table.values.large.iter().filter(|row| !is_streamed(table, row));
    rows.map(|row| NotCopied { kind: "row".into(), object: table.name.plain(), reason: too_large(row) })
        .collect()
}

fn too_large(row: &LargeRow) -> String {
    let key = row.key.as_ref().map(|key| format!(", primary key {key},")).unwrap_or_default();
    let megabytes = row.binary_bytes / 1_000_000;
    let why = if row.binary_bytes > LARGEST_BINARY {
        "no message of a server can hold it"
    } else {
        "its text is too large for a message, and its types have no binary form that means the same on both servers"
    };
    format!("the row at ({},{}){key} is {megabytes} MB large: {why}", row.page, row.line)
}

/// Tells that rows pass through fdwcopy.
#[must_use]
pub fn warning(table: &Relation) -> Option<Finding> {
    let streamed = table.values.large.iter().filter(|row| is_streamed(table, row)).count();
    (streamed > 0).then(|| Finding {
        code: "rows-through-fdwcopy",
        object: table.name.plain(),
        message: format!("{streamed} of its rows are too large for postgres_fdw: they pass through fdwcopy"),
        remedy: "nothing to do; the machine of fdwcopy needs memory for the largest row twice".into(),
    })
}
