//! Statements that hold a secret, run so that the server does not write it down.
//!
//! The statement travels as the data of a binary COPY into a temporary table and is executed inside the server. No
//! `log_statement` and no `log_min_duration_statement` logs COPY data (as they do bind parameters), no error tells
//! binary data as its context, and a temporary table is in no WAL. See `docs/secrets.md` for what was tried.
//!
//! Invariant: the text is never part of a message that the server logs, shows as a session's query or repeats in an error.
//! Deliberately absent: what the few settings that look into nested statements do; preflight warns of those.

use std::pin::pin;

use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::types::Type;

use super::session::{Session, Side};
use super::sql::Sql;
use crate::error::Failure;
use crate::sql;

impl<S: Side> Session<S> {
    /// Runs a statement that holds a secret, inside the transaction that is open.
    pub async fn run_secret(&self, statement: &Sql) -> Result<(), Failure> {
        self.say(statement);
        let copy = sql!("secret/copy.sql");
        self.run(&sql!("secret/table.sql")).await?;
        self.watched(async {
            let sink = self.client().copy_in(copy.as_str()).await?;
            let mut writer = pin!(BinaryCopyInWriter::new(sink, &[Type::TEXT]));
            writer.as_mut().write(&[&statement.as_str()]).await?;
            writer.finish().await
        })
        .await?;
        self.run(&sql!("secret/execute.sql")).await?;
        Ok(())
    }

    /// Runs a statement that holds a secret, in a transaction of its own.
    pub async fn run_secret_alone(&self, statement: &Sql) -> Result<(), Failure> {
        self.run(&sql!("secret/begin.sql")).await?;
        if let Err(failure) = self.run_secret(statement).await {
            self.rollback().await;
            return Err(failure);
        }
        self.run(&sql!("secret/commit.sql")).await?;
        Ok(())
    }
}
