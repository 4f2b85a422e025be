//! Rows that pass through our own process, from a session of the source to one of the target.
//!
//! Invariant: nothing is kept but the message at hand.
//! Deliberately absent: what is sent; both statements are their owner's.

use std::pin::pin;

use futures_util::{SinkExt, TryStreamExt};

use super::session::{SourceSession, TargetSession};
use super::sql::Sql;
use crate::error::Failure;

impl SourceSession {
    /// Hands what `send` (a COPY TO STDOUT) says here to `receive` (a COPY FROM STDIN) there; returns the number of rows
    /// that were received.
    pub async fn pass_on(&self, send: &Sql, target: &TargetSession, receive: &Sql) -> Result<u64, Failure> {
        self.say(send);
        target.say(receive);
        self.watched(async {
            let mut rows = pin!(self.client().copy_out(send.as_str()).await?);
            let mut sink = pin!(target.client().copy_in(receive.as_str()).await?);
            while let Some(row) = rows.try_next().await? {
                // `send` would flush each row.
                sink.feed(row).await?;
            }
            sink.finish().await
        })
        .await
    }
}
