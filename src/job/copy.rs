//! What was asked of `fdwcopy copy`.
//!
//! Deliberately absent: whether the tables that are named exist.

use std::fmt;
use std::time::Duration;

use super::Job;
use crate::plan::incremental::Asking;

/// A copy into tables that exist on the target.
#[derive(Debug)]
pub struct CopyJob {
    /// The servers, the selection and the workers.
    pub base: Job,
    /// How.
    pub asking: Asking,
    /// By how much more than is known a copy by a watermark reaches back.
    pub overlap: Overlap,
    /// Whether sequences are brought on afterwards.
    pub sequences: bool,
}

/// By how much more than is known a copy reaches back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Overlap {
    /// The time.
    pub time: Duration,
    /// Whether the user vouches for it.
    pub given: bool,
}

impl fmt::Display for Overlap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} s", self.time.as_secs())
    }
}
