//! What was asked of `fdwcopy copy`.
//!
//! Deliberately absent: whether the tables that are named exist.

use super::Job;
use crate::plan::incremental::Asking;

/// A copy into tables that exist on the target.
#[derive(Debug)]
pub struct CopyJob {
    /// The servers, the selection and the workers.
    pub base: Job,
    /// How.
    pub asking: Asking,
}
