//! An exported snapshot: what others read under it is of one moment.
//!
//! Deliberately absent: any agreement with the workers' snapshots (see `pinning`).

use super::{READ_FAILED, begin, export};
use crate::bridge::ddl::LOCK_TIMEOUT;
use crate::catalog::{Catalog, read};
use crate::error::{Context, Kind, Result};
use crate::pg::server::Source;
use crate::pg::session::{SourceSession, column};
use crate::run::Run;

/// A snapshot that lives as long as this value.
pub struct Moment {
    pub(super) exporter: SourceSession,
    pub(super) snapshot: String,
}

impl Moment {
    /// Takes and exports a snapshot.
    pub async fn take(source: &Source, run: &Run) -> Result<Self> {
        let exporter = source.dedicated("snapshot", &[LOCK_TIMEOUT], run).await?;
        exporter.run(&begin()).await.context(Kind::Snapshot, READ_FAILED, "source")?;
        let row = exporter.one(&export(source.version()), &[]).await.context(
            Kind::Snapshot,
            READ_FAILED,
            "source",
        )?;
        let snapshot = column(&row, "id")?;
        Ok(Self { exporter, snapshot })
    }

    /// The exported snapshot's name.
    #[must_use]
    pub fn snapshot(&self) -> &str {
        &self.snapshot
    }

    /// Reads the catalog under the snapshot.
    pub async fn catalog(&self) -> Result<Catalog> {
        read::catalog(&self.exporter).await
    }

    /// Lets the snapshot go.
    pub async fn end(self) {
        self.exporter.close().await;
    }
}
