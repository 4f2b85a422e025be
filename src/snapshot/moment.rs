//! An exported snapshot: what others read under it is of one moment.
//!
//! Deliberately absent: any agreement with the workers' snapshots (see `pinning`).

use super::{READ_FAILED, begin, export, import};
use crate::bridge::ddl::LOCK_TIMEOUT;
use crate::error::{Context, Kind, Result};
use crate::pg::server::Server;
use crate::pg::session::{Session, Side, SourceSide, column};
use crate::run::Run;

/// A snapshot of one side that lives as long as this value.
pub struct Moment<S = SourceSide> {
    pub(super) exporter: Session<S>,
    pub(super) snapshot: String,
}

impl<S: Side> Moment<S> {
    /// Takes and exports a snapshot.
    pub async fn take(server: &Server<S>, run: &Run) -> Result<Self> {
        let exporter = server.dedicated("snapshot", &[LOCK_TIMEOUT], run).await?;
        exporter.run(&begin()).await.context(Kind::Snapshot, READ_FAILED, S::NAME)?;
        let row = exporter.one(&export(server.version()), &[]).await.context(
            Kind::Snapshot,
            READ_FAILED,
            S::NAME,
        )?;
        let snapshot = column(&row, "id")?;
        Ok(Self { exporter, snapshot })
    }

    /// The exported snapshot's name.
    #[must_use]
    pub fn snapshot(&self) -> &str {
        &self.snapshot
    }

    /// The session that holds it, for questions of the same moment.
    #[must_use]
    pub fn session(&self) -> &Session<S> {
        &self.exporter
    }

    /// One more session that sees the same snapshot.
    pub async fn reader(&self, server: &Server<S>, run: &Run) -> Result<Session<S>> {
        let session = server.dedicated("reader", &[LOCK_TIMEOUT], run).await?;
        let importing = session.run(&import(&self.snapshot)).await;
        importing.context(Kind::Snapshot, "the snapshot could not be imported", S::NAME)?;
        Ok(session)
    }

    /// Lets the snapshot go.
    pub async fn end(self) {
        self.exporter.close().await;
    }
}
