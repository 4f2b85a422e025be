//! Both sides are compared, each by its own server.
//!
//! Invariant: nothing travels but sums, until differing rows are looked for; a query that fails is an error, never a
//! pass.
//! Deliberately absent: what is compared with what (see `plan::compare`), and repair.

mod exempt;
mod proof;

pub use proof::{How, Tally, compare, newer, prepare, source, target, written};
