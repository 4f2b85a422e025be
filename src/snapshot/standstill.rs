//! SHARE locks for a whole copy: while they are held nobody writes to the copied tables.
//!
//! Invariant: got hold of as harmlessly as for the moment of pinning (see `share`); whoever wants to write then waits
//! until they are released.
//! Deliberately absent: tables that are created meanwhile, which nobody could have locked.

use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join_all};

use super::is_there;
use super::pinning::{LONGEST_PAUSE, SHORTEST_PAUSE};
use super::share::{self, Locker, Permission};
use crate::error::{Error, Kind, Result};
use crate::pg::server::Source;
use crate::pg::session::SourceSession;
use crate::plan::TablePlan;
use crate::run::Run;

/// The locks.
pub struct Standstill(Vec<SourceSession>);

impl Standstill {
    /// Locks these tables; tries until the time is over.
    pub async fn take(source: &Source, tables: &[TablePlan], timeout: Duration, run: &Run) -> Result<Self> {
        let mut locker = match Locker::permitted(source, tables, run).await? {
            Permission::Granted(locker) => locker,
            Permission::Refused(tables) => {
                return Err(Error::new(
                    Kind::Preflight,
                    "the role may not lock the tables of the source against writers",
                )
                .object("source")
                .remedy(format!(
                    "on the source: {}; or copy with another --consistency",
                    share::grant(source, &tables)
                )));
            }
        };
        let (started, mut pause) = (Instant::now(), SHORTEST_PAUSE);
        loop {
            if let Some(locks) = locker.lock(source, run).await?
                && let Some(sessions) = locker.keep(locks).await?
            {
                return Ok(Self(sessions));
            }
            if started.elapsed() >= timeout {
                let obstacle = locker.obstacle().unwrap_or("others hold the tables");
                return Err(Error::new(
                    Kind::Preflight,
                    format!("SHARE locks were not to be had within {} s: {obstacle}", timeout.as_secs()),
                )
                .object("source")
                .remedy("try a quieter moment, a longer --snapshot-timeout or another --consistency"));
            }
            run.stop.check()?;
            tokio::time::sleep(pause).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    /// Fails if one of the locks was lost: others may have written since.
    pub async fn still_there(&self) -> Result<()> {
        try_join_all(self.0.iter().map(is_there)).await?;
        Ok(())
    }

    /// Lets writers go on.
    pub async fn release(self) {
        join_all(self.0.into_iter().map(SourceSession::close)).await;
    }
}
