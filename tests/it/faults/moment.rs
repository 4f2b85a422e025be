//! When a fault strikes.

use std::fmt;
use std::time::Duration;

/// A moment of a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Moment {
    /// These words have come on standard error (at `-vv`).
    Said(&'static str),
    /// Rows wait at the gate of the target.
    Rows,
    /// An index waits at the late gate of the target.
    PostData,
    /// So long after the start.
    After(Duration),
}

/// The beginning of every phase, and the middle of the two longest.
pub(super) const EXACT: [Moment; 10] = [
    Moment::Said("connect: started"),
    Moment::Said("preflight: started"),
    Moment::Said("pin: started"),
    Moment::Said("schema: started"),
    Moment::Said("rows: started"),
    Moment::Rows,
    Moment::Said("sequences: started"),
    Moment::PostData,
    Moment::Said("analyze: started"),
    Moment::Said("verify: started"),
];

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Said(words) => f.write_str(words),
            Self::Rows => f.write_str("rows: at the gate"),
            Self::PostData => f.write_str("post-data: at the gate"),
            Self::After(time) => write!(f, "after {} ms", time.as_millis()),
        }
    }
}

/// Numbers that a seed decides (xorshift64*); the same seed gives the same moments.
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// A number below `end`.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) % end
    }
}
