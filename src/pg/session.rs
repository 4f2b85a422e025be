//! Sessions of two kinds that cannot be mixed up: of the source (read-only) and of the target.
//!
//! Invariant: a source session runs with `default_transaction_read_only=on`. Every statement looks at the stop signal first, and a statement that is
//! running when the signal comes is cancelled *on the server* and waited for: dropping its future would not
//! stop it.
//! Deliberately absent: retries, and any SQL.

use std::marker::PhantomData;
use std::time::Duration;

use deadpool_postgres::Object;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{CancelToken, Client, Row, SimpleQueryMessage};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connection::Connection;
use super::sql::Sql;
use crate::error::{Context, Error, Failure, Kind, Result};
use crate::progress::Level;
use crate::run::Run;
use crate::sql;

/// A parameter of a statement with its type, which spares the round trip of preparing it.
pub type Param<'a> = (&'a (dyn ToSql + Sync), Type);

/// Which end of the copy a server is.
pub trait Side: Send + Sync + 'static {
    /// Its name for people.
    const NAME: &'static str;
    /// Settings of every session, beside those that keep it alive.
    const SETTINGS: &'static [(&'static str, &'static str)];
}

/// Where rows come from; never written to.
#[derive(Debug, Clone, Copy)]
pub struct SourceSide;

/// Where rows go to.
#[derive(Debug, Clone, Copy)]
pub struct TargetSide;

impl Side for SourceSide {
    const NAME: &'static str = "source";
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        ("default_transaction_read_only", "on"),
        ("default_transaction_isolation", "read committed"),
        ("row_security", "off"),
    ];
}

impl Side for TargetSide {
    const NAME: &'static str = "target";
    // As pg_dump's own preamble: definitions are taken as they are, names are all qualified.
    const SETTINGS: &'static [(&'static str, &'static str)] = &[
        (SEARCH_PATH, ""),
        ("standard_conforming_strings", "on"),
        ("check_function_bodies", "off"),
        ("client_min_messages", "warning"),
        ("xmloption", "content"),
        ("row_security", "off"),
        ("default_transaction_read_only", "off"),
        ("default_transaction_isolation", "read committed"),
    ];
}

/// The name of the setting that says where names are looked for.
pub(super) const SEARCH_PATH: &str = "search_path";

/// From here on only names of the system are found without their schema, as in `pg_dump`'s own sessions.
#[must_use]
pub fn plain_names() -> Sql {
    sql!("session/plain_names.sql")
}

/// From here on names are found as the database and the role have it.
#[must_use]
pub fn own_names() -> Sql {
    sql!("session/own_names.sql")
}

/// A session of the source.
pub type SourceSession = Session<SourceSide>;
/// A session of the target.
pub type TargetSession = Session<TargetSide>;

pub(super) enum Handle {
    Own(Client, Connection),
    Pooled(Object),
}

/// A session of one side.
pub struct Session<S> {
    handle: Handle,
    tls: MakeRustlsConnect,
    run: Run,
    side: PhantomData<S>,
}

impl<S: Side> Session<S> {
    pub(super) fn new(handle: Handle, tls: MakeRustlsConnect, run: &Run) -> Self {
        Self { handle, tls, run: run.clone(), side: PhantomData }
    }

    pub(super) fn client(&self) -> &Client {
        match &self.handle {
            Handle::Own(client, _) => client,
            Handle::Pooled(client) => client,
        }
    }

    /// All rows of a query.
    pub async fn rows(&self, statement: &Sql, params: &[Param<'_>]) -> Result<Vec<Row>, Failure> {
        self.say(statement);
        self.watched(self.client().query_typed(statement.as_str(), params)).await
    }

    /// The one row of a query that always has one.
    pub async fn one(&self, statement: &Sql, params: &[Param<'_>]) -> Result<Row, Failure> {
        self.rows(statement, params)
            .await?
            .into_iter()
            .next()
            .ok_or_else(|| Error::new(Kind::Internal, "a query that always has a row had none").into())
    }

    /// Runs one statement or several in one round trip; returns the row count of each.
    pub async fn run(&self, script: &Sql) -> Result<Vec<u64>, Failure> {
        self.say(script);
        let messages = self.watched(self.client().simple_query(script.as_str())).await?;
        Ok(messages
            .into_iter()
            .filter_map(|message| match message {
                SimpleQueryMessage::CommandComplete(rows) => Some(rows),
                _ => None,
            })
            .collect())
    }

    /// The words in which the server warned, since the last call, that it granted or revoked nothing, or not all; those
    /// of a session from the pool are not heard.
    #[must_use]
    pub fn ungranted(&self) -> Option<String> {
        let Handle::Own(_, connection) = &self.handle else { return None };
        let codes = [SqlState::WARNING_PRIVILEGE_NOT_GRANTED, SqlState::WARNING_PRIVILEGE_NOT_REVOKED];
        let warnings = connection.warnings().into_iter();
        warnings
            .filter(|warning| codes.contains(warning.code()))
            .map(|warning| warning.message().into())
            .next()
    }

    /// Rolls an open transaction back, also after the stop signal; a lost session has rolled back by itself.
    pub async fn rollback(&self) {
        let rollback = sql!("session/rollback.sql");
        let _ = tokio::time::timeout(Duration::from_secs(10), self.client().batch_execute(rollback.as_str()))
            .await;
    }

    /// Ends the session and waits until our side of it is closed.
    pub async fn close(self) {
        if let Handle::Own(client, connection) = self.handle {
            drop(client);
            connection.closed().await;
        }
    }

    pub(super) fn say(&self, statement: &Sql) {
        self.run.note(Level::Debug, format!("{}: {statement}", S::NAME));
    }

    pub(super) async fn watched<T>(
        &self,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, Failure> {
        if self.run.stop.is_given() {
            return Err(Failure::Interrupted);
        }
        tokio::pin!(statement);
        tokio::select! {
            result = &mut statement => return Ok(result?),
            () = self.run.stop.given() => {}
        }
        // A cancel request may arrive between two statements of a script and be lost, so it is repeated.
        for _ in 0..10 {
            cancel(self.client().cancel_token(), self.tls.clone()).await;
            if tokio::time::timeout(Duration::from_millis(500), &mut statement).await.is_ok() {
                break;
            }
        }
        Err(Failure::Interrupted)
    }
}

async fn cancel(token: CancelToken, tls: MakeRustlsConnect) {
    // If the request can't be delivered the session is lost anyway, and its server rolls back.
    let _ = tokio::time::timeout(Duration::from_secs(2), token.cancel_query(tls)).await;
}

/// A column of a row by its name; fails on a surprise.
pub fn column<'a, T: tokio_postgres::types::FromSql<'a>>(row: &'a Row, name: &str) -> Result<T> {
    row.try_get(name).context(Kind::Internal, "an unexpected answer of the server", name)
}
