//! The sessions that read one side, all under one snapshot.
//!
//! Invariant: when one of them fails, on either side, the statements of all others are stopped and waited for.
//! Deliberately absent: what they read.

use super::proof;
use crate::error::{Context, Kind, Result};
use crate::pg::server::Server;
use crate::pg::session::{Session, Side, column, plain_names};
use crate::pg::sql::Sql;
use crate::run::Run;
use crate::snapshot::Moment;
use crate::sql;
use crate::stop::StopSwitch;

/// Work on both sides that ends together.
pub struct Together {
    switch: StopSwitch,
    run: Run,
}

impl Together {
    /// Under the user's stop signal.
    #[must_use]
    pub fn new(run: &Run) -> Self {
        let (switch, stop) = run.stop.with_switch();
        Self { switch, run: run.under(stop) }
    }

    /// The surroundings of all sessions that end together.
    #[must_use]
    pub fn run(&self) -> &Run {
        &self.run
    }

    /// Both at once; the failure of one stops the other's statements.
    pub async fn both<A, B>(
        &self,
        first: impl Future<Output = Result<A>>,
        second: impl Future<Output = Result<B>>,
    ) -> Result<(A, B)> {
        let stop = || self.switch.stop();
        // Boxed, because the compiler limits how deep futures may lie in each other.
        let first = Box::pin(async { first.await.inspect_err(|_| stop()) });
        let second = Box::pin(async { second.await.inspect_err(|_| stop()) });
        self.run.both(|_| first, |_| second).await
    }

    /// The same work for several items at once.
    pub async fn each<I, T, F>(
        &self,
        items: impl IntoIterator<Item = I>,
        work: impl Fn(I) -> F,
    ) -> Result<Vec<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let work = |item, _| {
            let work = work(item);
            async { work.await.inspect_err(|_| self.switch.stop()) }
        };
        self.run.abreast(items, work).await
    }
}

/// A side's snapshot and the sessions that read under it.
pub struct Crew<S> {
    pub(super) moment: Moment<S>,
    pub(super) sessions: Vec<Session<S>>,
    /// The text of the snapshot.
    pub(super) snapshot: String,
    /// The oldest transaction that was not over then.
    pub(super) horizon: i64,
    /// Whether the server reads a range of a heap without the rest of it.
    pub(super) cuts: bool,
    /// Whether the server has parallel workers.
    pub(super) parallel: bool,
}

impl<S: Side> Crew<S> {
    /// A snapshot of this moment, without readers.
    pub async fn pin(server: &Server<S>, run: &Run) -> Result<Self> {
        let moment = Moment::take(server, run).await?;
        let row = moment.session().one(&now(), &[]).await.context(Kind::Verify, FAILED, S::NAME)?;
        let (snapshot, horizon) = (column(&row, "snapshot")?, column(&row, "horizon")?);
        let parallel = moment.session().one(&sql!("verify/parallel.sql"), &[]).await;
        let parallel = column(&parallel.context(Kind::Verify, FAILED, S::NAME)?, "parallel")?;
        let cuts = server.version().major() >= 14;
        Ok(Self { moment, sessions: Vec::new(), snapshot, horizon, cuts, parallel })
    }

    /// The session that holds the snapshot.
    #[must_use]
    pub fn exporter(&self) -> &Session<S> {
        self.moment.session()
    }

    /// From here on the session that holds the snapshot finds only the system's names without their schema.
    pub async fn plain_names(&self) -> Result<()> {
        self.exporter().run(&plain_names()).await.context(Kind::Verify, FAILED, S::NAME)?;
        Ok(())
    }

    /// Opens so many readers.
    pub async fn open(&mut self, server: &Server<S>, readers: usize, together: &Together) -> Result<()> {
        let moment = &self.moment;
        let open = |_| async move {
            let session = moment.reader(server, together.run()).await?;
            proof::prepare(&session).await?;
            session.run(&sql!("verify/reader.sql")).await.context(Kind::Verify, FAILED, S::NAME)?;
            Ok(session)
        };
        self.sessions = together.each(0..readers, open).await?;
        Ok(())
    }

    /// Lets the side go.
    pub async fn end(self) {
        for session in self.sessions {
            session.close().await;
        }
        self.moment.end().await;
    }
}

const FAILED: &str = "the session could not be prepared";

/// The snapshot of a session, as text, and its oldest transaction that was not over.
pub(super) fn now() -> Sql {
    sql!("verify/moment.sql")
}
