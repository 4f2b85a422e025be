//! Which rows of a table a query reads.
//!
//! Invariant: only the table's own rows, and of them those that the user's conditions mean.
//! Deliberately absent: what is asked of them.

use crate::pg::sql::Sql;
use crate::plan::chunk::PageRange;
use crate::plan::compare::{Part, Subject};
use crate::sql;

/// A part of a table of one side, or a range of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    /// Index of the subject.
    pub(super) subject: usize,
    /// Index of the subject's part on this side.
    pub(super) part: usize,
    /// The blocks; all of them if absent.
    pub(super) range: Option<PageRange>,
    /// Its share of the table's size.
    pub(super) bytes: u64,
}

/// What stands behind FROM for these rows of a part that also fulfil one more condition.
pub(super) fn rows(subject: &Subject, part: &Part, range: Option<PageRange>, more: Option<Sql>) -> Sql {
    let mut conditions: Vec<Sql> = subject.conditions.iter().map(in_brackets).collect();
    if let Some(range) = range {
        conditions.push(sql!("verify/from_page.sql", page = range.from));
        conditions.extend(range.to.map(|page| sql!("verify/before_page.sql", page = page)));
    }
    conditions.extend(more);
    own_rows(part, &conditions)
}

/// The same, whatever the user's conditions are.
pub(super) fn own_rows(part: &Part, conditions: &[Sql]) -> Sql {
    let place = if conditions.is_empty() {
        Sql::nothing()
    } else {
        sql!("verify/where.sql", conditions = Sql::join(conditions, " AND "))
    };
    sql!("verify/part.sql", table = part.name, where_ = place)
}

/// A condition that can stand beside others.
pub(super) fn in_brackets(condition: &Sql) -> Sql {
    sql!("verify/condition.sql", condition = condition)
}
