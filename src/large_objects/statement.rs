//! The statements that carry large objects over, pure.
//!
//! Invariant: `lo_put` at offsets, never from the beginning on: a hole of the source stays one.
//! Deliberately absent: owners, comments and rights (see `describe`).

use crate::job::VerifyLevel;
use crate::pg::ident::Ident;
use crate::pg::sql::Sql;
use crate::plan::large_objects::OidRange;
use crate::sql;

/// Bytes that are read from a large object at once; every size of a page divides it.
pub(super) const PIECE: u32 = 256 << 10;

/// Opens a transaction of the target.
pub(super) fn begin() -> Sql {
    sql!("large_objects/begin.sql")
}

/// Commits it.
pub(super) fn commit() -> Sql {
    sql!("large_objects/commit.sql")
}

/// Makes the source's catalogs of large objects readable through a bridge's server.
#[must_use]
pub fn import(server: &Ident) -> Sql {
    sql!("large_objects/import.sql", server = server)
}

/// Makes the large objects of a portion and lists them in the ledger.
#[must_use]
pub fn create(range: OidRange) -> Sql {
    sql!("large_objects/create_pulled.sql", first = range.first, last = range.last)
}

/// Gives those their size that end in an empty page (`lo_truncate` leaves one); before [`pull`], which then overwrites
/// the byte where the page before it is there.
#[must_use]
pub fn extend(range: OidRange, page: u64) -> Sql {
    sql!("large_objects/extend.sql", first = range.first, last = range.last, page = page)
}

/// Fills them page by page.
#[must_use]
pub fn pull(range: OidRange, page: u64) -> Sql {
    sql!("large_objects/pull.sql", first = range.first, last = range.last, page = page)
}

/// Makes the large objects `$1` and lists them in the ledger.
#[must_use]
pub fn create_listed() -> Sql {
    sql!("large_objects/create_streamed.sql")
}

/// The pieces at `$2` of `$3` bytes of the large objects `$1`; NULL for one that is all zeros.
#[must_use]
pub fn pieces() -> Sql {
    sql!("large_objects/pieces.sql")
}

/// Writes the pieces `$3` at `$2` of the large objects `$1`.
#[must_use]
pub fn put() -> Sql {
    sql!("large_objects/put.sql")
}

/// The condition that holds for a portion.
pub(super) fn within(range: OidRange) -> Sql {
    sql!("large_objects/within.sql", first = range.first, last = range.last)
}

/// The sizes of the source's large objects.
#[must_use]
pub fn sizes(range: OidRange) -> Sql {
    sizes_of(&sql!("large_objects/on_the_source.sql"), range)
}

fn sizes_of(objects: &Sql, range: OidRange) -> Sql {
    sql!("large_objects/sizes.sql", objects = objects, range = within(range))
}

/// How the large objects of a side are read to be compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum View {
    /// The source's pages, as they lie in its catalog.
    SourcePages,
    /// The source's, one by one.
    Source,
    /// All that the run has made on the target, one by one.
    Made,
}

/// Size and checksum of each large object of a portion, computed in the same way from every view.
pub(super) fn numbers(view: View, range: OidRange, page: u64, level: VerifyLevel) -> Sql {
    let whole_page = |data: Sql| sql!("large_objects/whole_page.sql", data = data, page = page);
    let with_checksum = level == VerifyLevel::Checksum;
    let sum = if with_checksum {
        sql!("large_objects/checksum.sql")
    } else {
        sql!("large_objects/no_checksum.sql")
    };
    let objects = match view {
        View::SourcePages => {
            return sql!(
                "large_objects/numbers_by_pages.sql",
                range = within(range),
                page = page,
                whole_page = whole_page(sql!("large_objects/page_of_catalog.sql")),
                checksum = sum
            );
        }
        View::Source => sql!("large_objects/on_the_source.sql"),
        View::Made => sql!("large_objects/on_the_target.sql"),
    };
    let checksum = if with_checksum {
        sql!(
            "large_objects/checksum_of_pieces.sql",
            checksum = sum,
            piece = PIECE,
            page = page,
            whole_page = whole_page(sql!("large_objects/page_of_piece.sql", page = page))
        )
    } else {
        sum
    };
    sql!("large_objects/numbers_by_pieces.sql", checksum = checksum, sizes = sizes_of(&objects, range))
}
