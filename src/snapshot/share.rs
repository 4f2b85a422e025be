//! SHARE locks on the copied tables for the milliseconds of pinning, for a source that is too busy without.
//!
//! A writer's lock goes only after its transaction has left the list of the running ones (`CommitTransaction` in
//! `xact.c`). So while SHARE locks are held no copied table has an unfinished writer, none can begin, and all
//! snapshots taken meanwhile show the same rows of these tables, whatever the rest of their text says.
//!
//! Invariant: harmless to writers. No session of ours waits for a lock while it holds a SHARE lock: tables with
//! writers are waited for by a session each, the others are taken at once or not at all. So nobody can become the
//! victim of a deadlock with us. All of it together takes half of the server's `deadlock_timeout` at most, and the
//! server ends it by itself (`statement_timeout`, `idle_in_transaction_session_timeout`) if our machine is lost.
//! Deliberately absent: any write; the locks go by ROLLBACK.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::timeout;
use tokio_postgres::types::Type;

use super::READ_FAILED;
use crate::catalog::Oid;
use crate::error::{Context, Failure, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::server::Source;
use crate::pg::session::{SourceSession, column};
use crate::pg::sql::Sql;
use crate::plan::TablePlan;
use crate::progress::Level;
use crate::run::Run;
use crate::sql;

/// Tables with writers that are waited for side by side; each takes a session.
const MOST_AWAITED: usize = 16;
/// The first try waits for this part of what is permitted; each one that was in vain doubles it.
const FIRST_SHARE: u32 = 8;

/// Whether SHARE locks are permitted.
pub(super) enum Permission {
    /// They are.
    Granted(Locker),
    /// Not on these tables.
    Refused(Vec<QualifiedName>),
}

/// Takes SHARE locks, again and again if it must, and learns which tables are written to.
pub(super) struct Locker {
    tables: Vec<(Oid, QualifiedName)>,
    /// For how long locks may be held, and be waited for at most: a quarter of `deadlock_timeout`.
    limit: Duration,
    /// For how long the next try waits.
    patience: Duration,
    awaited: HashSet<Oid>,
    obstacle: Option<String>,
}

impl Locker {
    /// Asks the source whether our role may lock all of these tables, and how long a wait is harmless there.
    pub(super) async fn permitted(source: &Source, tables: &[TablePlan], run: &Run) -> Result<Permission> {
        let oids: Vec<Oid> = tables.iter().map(|table| table.oid).collect();
        let session = source.pooled(run).await?;
        let row = session
            .one(
                &sql!("snapshot/may_lock.sql"),
                &[(&oids, Type::OID_ARRAY), (&privileges(source), Type::TEXT)],
            )
            .await
            .context(Kind::Snapshot, "the rights to lock could not be read", "source")?;
        let refused: Vec<Oid> = column(&row, "refused")?;
        let (refused, tables): (Vec<_>, Vec<_>) = tables
            .iter()
            .map(|table| (table.oid, table.name.clone()))
            .partition(|(oid, _)| refused.contains(oid));
        if !refused.is_empty() {
            return Ok(Permission::Refused(refused.into_iter().map(|(_, name)| name).collect()));
        }
        let deadlock_timeout: i64 = column(&row, "deadlock_timeout")?;
        let limit = Duration::from_millis(deadlock_timeout.unsigned_abs() / 4);
        let (patience, awaited) = (limit / FIRST_SHARE, HashSet::new());
        let mut locker = Self { tables, limit, patience, awaited, obstacle: None };
        locker.look_for_writers(&session).await?;
        Ok(Permission::Granted(locker))
    }

    /// What kept the last try from the locks.
    pub(super) fn obstacle(&self) -> Option<&str> {
        self.obstacle.as_deref()
    }

    /// One try; `None` if somebody was in the way: then nothing is locked any more.
    pub(super) async fn lock(&mut self, source: &Source, run: &Run) -> Result<Option<ShareLocks>> {
        let control = source.pooled(run).await?;
        let Some(sessions) = self.open(source, run).await? else { return Ok(None) };
        let since = Instant::now();
        self.obstacle = self.ask(&sessions, &control).await?;
        let locks = ShareLocks { sessions, since, limit: self.limit };
        let Some(reason) = &self.obstacle else { return Ok(Some(locks)) };
        run.note(Level::Verbose, format!("no SHARE locks for now: {reason}"));
        // While those who were in the way are still there to be seen.
        self.look_for_writers(&control).await?;
        locks.release().await;
        self.patience = self.limit.min(self.patience * 2);
        Ok(None)
    }

    /// Asks for the locks; what was in the way if not all came.
    async fn ask(&self, sessions: &[SourceSession], control: &SourceSession) -> Result<Option<String>> {
        let (awaited, idle): (Vec<_>, Vec<_>) =
            self.tables.iter().partition(|(oid, _)| self.awaited.contains(oid));
        let waiting = join_all(sessions.iter().zip(&awaited).map(|(session, (_, name))| async move {
            session.run(&sql!("snapshot/share_lock.sql", tables = name)).await
        }));
        tokio::pin!(waiting);
        let mut blocked = None;
        let mut ended = if let Ok(ended) = timeout(self.patience / 2, &mut waiting).await {
            ended
        } else {
            let (ended, told) = tokio::join!(waiting, blockers(control, &awaited));
            blocked = told?;
            ended
        };
        let at_once = sessions.last().filter(|_| !idle.is_empty() && ended.iter().all(Result::is_ok));
        if let Some(session) = at_once {
            let names = Sql::join(idle.into_iter().map(|(_, name)| name), ", ONLY ");
            ended.push(session.run(&sql!("snapshot/share_lock_at_once.sql", tables = names)).await);
        }
        Ok(gave_way(ended)?.map(|reason| blocked.unwrap_or(reason)))
    }

    /// A session for each table that is waited for, and a last one for the rest; `None` if the source has no room.
    async fn open(&mut self, source: &Source, run: &Run) -> Result<Option<Vec<SourceSession>>> {
        let (waiting, holding) = (milliseconds(self.patience), milliseconds(self.limit * 2));
        let settings: [(&str, &str); 2] =
            [("statement_timeout", &waiting), ("idle_in_transaction_session_timeout", &holding)];
        let settings = &settings;
        let open = |_, run: Run| async move { source.dedicated("share lock", settings, &run).await };
        match run.abreast(0..=self.awaited.len(), open).await {
            Ok(sessions) => Ok(Some(sessions)),
            Err(error) if error.kind() == Kind::Interrupted => Err(error),
            Err(error) => {
                let reason =
                    error.server_error().map_or_else(|| error.to_string(), |e| e.message().to_owned());
                run.note(Level::Verbose, format!("no SHARE locks for now: {reason}"));
                self.obstacle = Some(reason);
                Ok(None)
            }
        }
    }

    async fn look_for_writers(&mut self, session: &SourceSession) -> Result<()> {
        let oids: Vec<Oid> = self.tables.iter().map(|(oid, _)| *oid).collect();
        let busy = session.rows(&sql!("snapshot/busy.sql"), &[(&oids, Type::OID_ARRAY)]).await.context(
            Kind::Snapshot,
            READ_FAILED,
            "source",
        )?;
        for row in &busy {
            if self.awaited.len() < MOST_AWAITED {
                self.awaited.insert(column(row, "busy")?);
            }
        }
        Ok(())
    }
}

/// As a setting; 0 would mean no limit.
fn milliseconds(time: Duration) -> String {
    time.as_millis().max(1).to_string()
}

/// Any of these permits a SHARE lock (`LockTableAclCheck` in `lockcmds.c`).
fn privileges(source: &Source) -> &'static str {
    if source.version().major() >= 17 {
        "UPDATE, DELETE, TRUNCATE, MAINTAIN"
    } else {
        "UPDATE, DELETE, TRUNCATE"
    }
}

/// The smallest right that permits it.
pub(super) fn smallest_privilege(source: &Source) -> &'static str {
    if source.version().major() >= 17 { "MAINTAIN" } else { "UPDATE" }
}

/// The reason if a lock was not to be had within its time; any other failure is one.
fn gave_way(ended: Vec<Result<Vec<u64>, Failure>>) -> Result<Option<String>> {
    let mut reason = None;
    for failure in ended.into_iter().filter_map(Result::err) {
        match failure.server_error().map(|error| (error.code().code(), error.message())) {
            // lock_not_available, query_canceled (by the timeout), out_of_memory (of the lock table)
            Some(("55P03" | "57014" | "53200", words)) => {
                reason.get_or_insert_with(|| words.to_owned());
            }
            _ => return Err(failure).context(Kind::Snapshot, "the tables could not be locked", "source"),
        }
    }
    Ok(reason)
}

/// Who holds our locks up, for people.
async fn blockers(session: &SourceSession, awaited: &[&(Oid, QualifiedName)]) -> Result<Option<String>> {
    let oids: Vec<Oid> = awaited.iter().map(|(oid, _)| *oid).collect();
    let rows = session.rows(&sql!("snapshot/blockers.sql"), &[(&oids, Type::OID_ARRAY)]).await.context(
        Kind::Snapshot,
        READ_FAILED,
        "source",
    )?;
    let words: Result<Vec<String>> = rows
        .iter()
        .map(|row| {
            let (busy, blocker): (Oid, String) = (column(row, "busy")?, column(row, "blocker")?);
            let name = awaited.iter().find(|(oid, _)| *oid == busy).map(|(_, name)| name.plain());
            let name = name.unwrap_or_default();
            let seconds: Option<f64> = column(row, "seconds")?;
            let age = seconds.map(|s| format!(", its transaction {s:.1} s old")).unwrap_or_default();
            Ok(format!("{name} is held by {blocker}{age}"))
        })
        .collect();
    Ok(Some(words?.join("; ")).filter(|words| !words.is_empty()))
}

/// SHARE locks that are held.
pub(super) struct ShareLocks {
    sessions: Vec<SourceSession>,
    since: Instant,
    limit: Duration,
}

impl ShareLocks {
    /// When the first lock was asked for.
    pub(super) fn since(&self) -> Instant {
        self.since
    }

    /// Does the work, lets the locks go, at the latest when their time is over, and tells whether they were held
    /// until the work was done.
    pub(super) async fn around<T>(self, work: impl Future<Output = Result<T>>) -> Result<(T, bool)> {
        tokio::pin!(work);
        if let Ok(done) = timeout(self.limit, &mut work).await {
            let held = self.release().await;
            return Ok((done?, held));
        }
        self.release().await;
        // Dropped, it would run on.
        Ok((work.await?, false))
    }

    /// Whether all locks were held until now: the server ends a session that holds them for too long.
    async fn release(self) -> bool {
        let release = sql!("snapshot/release.sql");
        let ended = join_all(self.sessions.iter().map(|session| session.run(&release))).await;
        join_all(self.sessions.into_iter().map(SourceSession::close)).await;
        ended.iter().all(Result::is_ok)
    }
}
