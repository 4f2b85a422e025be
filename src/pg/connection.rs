//! What carries a session: a task that ends when the client is dropped, and keeps what the server warns of.
//!
//! Invariant: what a statement is warned of is here when its answer is, because both come in one stream.
//! Deliberately absent: notices that are less than a warning, and what goes wrong: the client's next call tells.

use std::future::poll_fn;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
use tokio::task::JoinHandle;
use tokio_postgres::AsyncMessage;
use tokio_postgres::error::DbError;

/// The SQLSTATE class of warnings.
const WARNING: &str = "01";

/// The carrier of one session.
pub struct Connection {
    task: JoinHandle<()>,
    warnings: Arc<Mutex<Vec<DbError>>>,
}

impl Connection {
    /// Carries a session from now on.
    pub(super) fn carry<S, T>(mut connection: tokio_postgres::Connection<S, T>) -> Self
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
        T: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let warnings = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&warnings);
        let task = tokio::spawn(async move {
            while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
                match message {
                    AsyncMessage::Notice(notice) if notice.code().code().starts_with(WARNING) => {
                        kept.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
                    }
                    _ => {}
                }
            }
        });
        Self { task, warnings }
    }

    /// What the server has warned of since the last call.
    pub(super) fn warnings(&self) -> Vec<DbError> {
        std::mem::take(&mut *self.warnings.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until our side is closed, for as long as that is worth it.
    pub(super) async fn closed(self) {
        // It ends by itself once the client is gone; a broken one ended before.
        let _ = tokio::time::timeout(Duration::from_secs(5), self.task).await;
    }
}
