//! What is held on the source while it is copied, by the mode of the copy.
//!
//! Invariant: whoever reads the source asks here for a session, so that rows, schema and proof are of one moment
//! wherever the mode promises that.
//! Deliberately absent: how it is got hold of (see `snapshot`).

use crate::error::Result;
use crate::pg::server::Source;
use crate::pg::session::SourceSession;
use crate::run::Run;
use crate::snapshot::{Held, READER_SETTINGS, Standstill};

/// What is held.
pub enum Hold {
    /// A snapshot that all workers share, and locks against TRUNCATE and rewrites.
    Snapshot(Box<Held>),
    /// Locks that let nobody write.
    Standstill(Standstill),
    /// Nothing.
    Nothing,
}

impl Hold {
    /// A session that reads what is copied.
    pub async fn reader(&self, source: &Source, run: &Run) -> Result<SourceSession> {
        match self {
            Self::Snapshot(held) => held.reader(source, run).await,
            Self::Standstill(_) | Self::Nothing => source.dedicated("reader", READER_SETTINGS, run).await,
        }
    }

    /// Fails if it was lost: rows may have gone or changed since then.
    pub async fn still_there(&self) -> Result<()> {
        match self {
            Self::Snapshot(held) => held.still_there().await,
            Self::Standstill(standstill) => standstill.still_there().await,
            Self::Nothing => Ok(()),
        }
    }

    /// Lets the source go.
    pub async fn release(self) {
        match self {
            Self::Snapshot(held) => held.release().await,
            Self::Standstill(standstill) => standstill.release().await,
            Self::Nothing => {}
        }
    }
}
