//! The tries: arm, pin, compare; under SHARE locks once plain tries have shown that the source is too busy.
//!
//! Invariant: a try counts only if all snapshots were proved to be one: by equal texts, by SHARE locks that were
//! held from before until after, or by a standby's replay that stood still.
//! Deliberately absent: how locks and pauses are kept harmless (see `share` and `replay`).

use std::time::{Duration, Instant};

use futures_util::future::{join_all, try_join_all};

use super::share::{self, Locker, Permission};
use super::{Agreed, Held, Locks, Moment, Pinned, READ_FAILED, begin, export, replay};
use crate::bridge::ddl::LOCK_TIMEOUT;
use crate::bridge::{self, Bridge, Hop};
use crate::error::{Context, Error, Kind, Result};
use crate::pg::server::{Source, Target};
use crate::pg::session::{SourceSession, TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::TablePlan;
use crate::progress::Level;
use crate::run::Run;

/// Plain tries before anybody is locked out. They cost the source nothing, and a source on which one in four comes
/// out equal agrees within ten with a probability of 94 %.
const PLAIN_TRIES: u32 = 10;
/// The pause after a try under SHARE locks or in a pause of replay; it doubles up to [`LONGEST_PAUSE`].
pub(super) const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// Writers that were held up for a moment have their peace for longer.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Who pins: the servers, the hop between them, and for how long to try.
pub struct Pinning<'a> {
    /// The source.
    pub source: &'a Source,
    /// The target.
    pub target: &'a Target,
    /// How the target reaches the source.
    pub hop: &'a Hop,
    /// Number of workers.
    pub workers: usize,
    /// What a worker's transaction begins with.
    pub prelude: &'a [Sql],
    /// Tables whose rows are copied.
    pub tables: &'a [TablePlan],
    /// Whether the source is a standby.
    pub standby: bool,
    /// Time after which to give up.
    pub timeout: Duration,
}

/// One try.
struct Try {
    /// The exported snapshot's name if all agreed.
    snapshot: Option<String>,
    locked: bool,
    window: Duration,
}

/// What becomes of a source that is too busy for plain tries.
enum Fallback {
    NotNeeded,
    Permission(Permission),
}

impl Pinning<'_> {
    /// Arms and pins until all agree.
    pub async fn agree(&self, locks: Locks, run: &Run) -> Result<Pinned> {
        let (workers_stop, stop) = run.stop.with_switch();
        let worker_run = &run.under(stop);
        let started = Instant::now();
        let open = |worker: usize, _| async move {
            bridge::worker_session(self.target, &format!("worker {worker}"), worker_run).await
        };
        let mut sessions = run.abreast(1..=self.workers, open).await?;
        let exporter = self.source.dedicated("snapshot", &[LOCK_TIMEOUT], run).await?;
        let mut fallback = Fallback::NotNeeded;
        let mut pause = SHORTEST_PAUSE;
        let mut attempts = 0;
        loop {
            let plain = matches!(fallback, Fallback::NotNeeded) && !self.standby;
            if plain && (attempts >= PLAIN_TRIES || started.elapsed() > self.timeout / 3) {
                fallback = Fallback::Permission(self.fall_back(run).await?);
            }
            attempts += 1;
            let bridges = self.arm(sessions, worker_run).await?;
            let tried = Box::pin(self.attempt(&bridges, &exporter, &locks, &mut fallback, run)).await?;
            tell(attempts, &tried, run);
            if let Some(snapshot) = tried.snapshot {
                let held = Held { moment: Moment { exporter, snapshot }, locks };
                let how = Agreed { attempts, locked: tried.locked, window: tried.window };
                return Ok(Pinned { bridges, workers_stop, held, how });
            }
            exporter.rollback().await;
            sessions = join_all(bridges.into_iter().map(Bridge::roll_back)).await;
            if started.elapsed() >= self.timeout {
                return Err(self.too_busy(attempts, &fallback));
            }
            if self.standby || matches!(fallback, Fallback::Permission(Permission::Granted(_))) {
                tokio::time::sleep(pause).await;
                pause = LONGEST_PAUSE.min(pause * 2);
            }
        }
    }

    async fn arm(&self, sessions: Vec<TargetSession>, run: &Run) -> Result<Vec<Bridge>> {
        let numbered = sessions.into_iter().enumerate();
        try_join_all(numbered.map(|(index, session)| async move {
            Bridge::arm(session, &format!("w{}", index + 1), self.hop, self.prelude, run).await
        }))
        .await
    }

    async fn fall_back(&self, run: &Run) -> Result<Permission> {
        let permission = Locker::permitted(self.source, self.tables, run).await?;
        let words = match &permission {
            Permission::Granted(_) => "the source is busy: from now on with SHARE locks for a moment",
            Permission::Refused(_) => "the source is busy, and SHARE locks are not permitted; trying on",
        };
        run.note(Level::Verbose, words);
        Ok(permission)
    }

    /// One try, in the way that the source needs.
    async fn attempt(
        &self,
        bridges: &[Bridge],
        exporter: &SourceSession,
        locks: &Locks,
        fallback: &mut Fallback,
        run: &Run,
    ) -> Result<Try> {
        exporter.run(&begin()).await.context(Kind::Snapshot, READ_FAILED, "source")?;
        let mut started = Instant::now();
        let pinning = Box::pin(self.pin(bridges, exporter, locks));
        if self.standby && !bridges.is_empty() {
            let snapshot = replay::stopped(self.source, pinning, run).await?.map(|(id, _)| id);
            return Ok(Try { snapshot, locked: false, window: started.elapsed() });
        }
        let shared = match fallback {
            Fallback::Permission(Permission::Granted(locker)) => locker.lock(self.source, run).await?,
            _ => None,
        };
        let ((id, equal), locked) = match shared {
            None => {
                started = Instant::now();
                (pinning.await?, false)
            }
            Some(shared) => {
                started = shared.since();
                shared.around(pinning).await?
            }
        };
        Ok(Try { snapshot: (equal || locked).then_some(id), locked, window: started.elapsed() })
    }

    /// Everybody takes a snapshot; the exported one's name, and whether the texts before and after are equal.
    async fn pin(
        &self,
        bridges: &[Bridge],
        exporter: &SourceSession,
        locks: &Locks,
    ) -> Result<(String, bool)> {
        let version = self.source.version();
        let before = locks.current_snapshot(version).await?;
        try_join_all(bridges.iter().map(Bridge::pin)).await?;
        let after =
            exporter.one(&export(version), &[]).await.context(Kind::Snapshot, READ_FAILED, "source")?;
        // One alone agrees with itself.
        let equal = bridges.is_empty() || before == column::<String>(&after, "snapshot")?;
        Ok((column(&after, "id")?, equal))
    }

    fn too_busy(&self, attempts: u32, fallback: &Fallback) -> Error {
        let tried = format!(
            "could not agree on one snapshot in {attempts} tries within {} s",
            self.timeout.as_secs()
        );
        let elsewhere = "a quieter moment, a longer --snapshot-timeout, a standby as the source, or --consistency lock or none";
        let (reason, remedy) = match fallback {
            _ if self.standby => (
                "its replay did not stand still for long enough".to_owned(),
                "see who else pauses and resumes replay, or what replay waits for there; or try a longer --snapshot-timeout, the primary as the source, or --consistency none".to_owned(),
            ),
            Fallback::Permission(Permission::Granted(locker)) => (
                format!(
                    "SHARE locks for a moment were not to be had ({})",
                    locker.obstacle().unwrap_or("pinning took longer than they may be held")
                ),
                format!("try {elsewhere}"),
            ),
            Fallback::Permission(Permission::Refused(tables)) => {
                ("transactions end faster there than the workers can pin".to_owned(), format!("permit locks for the moment of pinning, on the source: {}; or try {elsewhere}", share::grant(self.source, tables)))
            }
            Fallback::NotNeeded => ("there was time for no more".to_owned(), format!("try {elsewhere}")),
        };
        Error::new(Kind::Snapshot, format!("the workers {tried}: {reason}")).object("source").remedy(remedy)
    }
}

fn tell(attempts: u32, tried: &Try, run: &Run) {
    let ended = match (&tried.snapshot, tried.locked) {
        (Some(_), true) => "all agree under SHARE locks",
        (Some(_), false) => "all agree",
        (None, _) => "transactions ended meanwhile",
    };
    let window = tried.window.as_secs_f64() * 1e3;
    run.note(Level::Verbose, format!("try {attempts}: pinned within {window:.1} ms, {ended}"));
}
