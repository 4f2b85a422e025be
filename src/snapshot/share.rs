//! SHARE locks on the copied tables for the milliseconds of pinning, for a source that is too busy without.
//!
//! A writer's lock goes only after its transaction has left the list of the running ones (`CommitTransaction` in
//! `xact.c`). So while SHARE locks are held no copied table has an unfinished writer, none can begin, and all
//! snapshots taken meanwhile show the same rows of these tables, whatever the rest of their text says.
//!
//! Invariant: harmless to writers. No session of ours waits for a lock while it holds a SHARE lock: tables with
//! writers are waited for by a session each, one after the other, and the rest is taken at once or not at all. So the
//! server sees no deadlock with us, and nobody can become the victim of one; a circle of waiting that leads through
//! fdwcopy ends by our own short patience. All of it together takes half of `deadlock_timeout` at most, and the server
//! ends it by itself (`statement_timeout`, `idle_in_transaction_session_timeout`) if our machine is lost.
//! Deliberately absent: any write; the locks go by ROLLBACK.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::time::timeout;
use tokio_postgres::types::Type;

use super::READ_FAILED;
use crate::catalog::Oid;
use crate::error::{Context, Failure, Kind, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::server::Source;
use crate::pg::session::{SourceSession, column};
use crate::pg::sql::Sql;
use crate::plan::TablePlan;
use crate::progress::Level;
use crate::run::Run;
use crate::sql;

/// Tables with writers that are waited for; each takes a session.
const MOST_AWAITED: usize = 16;
/// The first try waits for this part of what is permitted; a slow writer doubles it.
const FIRST_SHARE: u32 = 16;

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
    /// For how long the next try waits, up to half of that.
    patience: Duration,
    /// Tables with writers, in the order in which they are waited for.
    awaited: Vec<Oid>,
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
        let (patience, awaited) = (limit / FIRST_SHARE, Vec::new());
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
        let refused = self.ask(&sessions, &control).await?;
        self.obstacle = refused;
        let locks = ShareLocks { sessions, since, limit: self.limit };
        let Some(reason) = &self.obstacle else { return Ok(Some(locks)) };
        run.note(Level::Verbose, format!("no SHARE locks for now: {reason}"));
        // While those who were in the way are still there to be seen.
        self.look_for_writers(&control).await?;
        locks.release().await;
        Ok(None)
    }

    /// Takes the time limits off, so that the locks are kept for as long as these sessions live; `None` if one of them
    /// was over before, as happens on a machine that is busy.
    pub(super) async fn keep(&mut self, locks: ShareLocks) -> Result<Option<Vec<SourceSession>>> {
        let keep = sql!("snapshot/keep.sql");
        let ended = join_all(locks.sessions.iter().map(|session| session.run(&keep))).await;
        let refused: Vec<Option<String>> = ended.into_iter().map(gave_way).collect::<Result<_>>()?;
        self.obstacle = refused.into_iter().flatten().next();
        if self.obstacle.is_none() {
            return Ok(Some(locks.sessions));
        }
        self.be_more_patient();
        locks.release().await;
        Ok(None)
    }

    /// Asks for the locks; what was in the way if not all came.
    async fn ask(&mut self, sessions: &[SourceSession], control: &SourceSession) -> Result<Option<String>> {
        let since = Instant::now();
        for (place, (session, oid)) in sessions.iter().zip(self.awaited.clone()).enumerate() {
            if since.elapsed() > self.patience {
                self.be_more_patient();
                return Ok(Some("too many others let go too slowly".to_owned()));
            }
            let refused = self.wait_for(oid, session, control).await?;
            if refused.is_some() {
                self.learn_from(place);
                return Ok(refused);
            }
        }
        let idle = self.tables.iter().filter(|(oid, _)| !self.awaited.contains(oid));
        let idle: Vec<&QualifiedName> = idle.map(|(_, name)| name).collect();
        let Some(session) = sessions.last().filter(|_| !idle.is_empty()) else { return Ok(None) };
        let at_once = sql!("snapshot/share_lock_at_once.sql", tables = Sql::join(idle, ", ONLY "));
        gave_way(session.run(&at_once).await)
    }

    /// Waits for the writers of one table to end; who was in the way if they did not.
    async fn wait_for(
        &self,
        oid: Oid,
        session: &SourceSession,
        control: &SourceSession,
    ) -> Result<Option<String>> {
        let Some((_, name)) = self.tables.iter().find(|(known, _)| *known == oid) else { return Ok(None) };
        let lock = sql!("snapshot/share_lock.sql", tables = name);
        let waiting = session.run(&lock);
        tokio::pin!(waiting);
        if let Ok(ended) = timeout(self.patience / 2, &mut waiting).await {
            return gave_way(ended);
        }
        let (ended, blocker) = tokio::join!(waiting, blocker(control, oid));
        let blocker = blocker?.map(|blocker| format!("{} is held by {blocker}", name.plain()));
        Ok(gave_way(ended)?.map(|reason| blocker.unwrap_or(reason)))
    }

    /// Who holds a table may be waiting for one that we have locked before it: then he takes this one first, and so
    /// must we. Only who is in the way of the very first lock is slow by himself.
    fn learn_from(&mut self, place: usize) {
        if place == 0 {
            self.be_more_patient();
        } else {
            self.awaited[..=place].rotate_right(1);
        }
    }

    fn be_more_patient(&mut self) {
        self.patience = (self.limit / 2).min(self.patience * 2);
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
            let oid = column(row, "busy")?;
            if self.awaited.len() < MOST_AWAITED && !self.awaited.contains(&oid) {
                self.awaited.insert(0, oid);
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

/// The statement that would permit locks; the tables are as many as the plan has.
pub(super) fn grant(source: &Source, tables: &[QualifiedName]) -> String {
    const SHOWN: usize = 3;
    let smallest = if source.version().major() >= 17 { "MAINTAIN" } else { "UPDATE" };
    let mut names: Vec<String> = tables.iter().take(SHOWN).map(ToString::to_string).collect();
    if tables.len() > SHOWN {
        names.push(format!("… ({} tables)", tables.len()));
    }
    let role = Ident::new(source.endpoint().user());
    format!("GRANT {smallest} ON {} TO {role}", names.join(", "))
}

/// The reason if a lock was not to be had within its time; any other failure is one.
fn gave_way(ended: Result<Vec<u64>, Failure>) -> Result<Option<String>> {
    let Err(failure) = ended else { return Ok(None) };
    match failure.server_error().map(|error| (error.code().code(), error.message())) {
        // lock_not_available, query_canceled (by the timeout), idle_in_transaction_session_timeout, out_of_memory (of
        // the lock table)
        Some(("55P03" | "57014" | "25P03" | "53200", words)) => Ok(Some(words.to_owned())),
        _ => Err(failure).context(Kind::Snapshot, "the tables could not be locked", "source"),
    }
}

/// Who holds our lock on a table up, for people.
async fn blocker(session: &SourceSession, oid: Oid) -> Result<Option<String>> {
    let rows = session.rows(&sql!("snapshot/blocker.sql"), &[(&oid, Type::OID)]).await.context(
        Kind::Snapshot,
        READ_FAILED,
        "source",
    )?;
    let Some(row) = rows.first() else { return Ok(None) };
    let seconds: Option<f64> = column(row, "seconds")?;
    let age = seconds.map(|s| format!(", its transaction {s:.1} s old")).unwrap_or_default();
    Ok(Some(format!("{}{age}", column::<String>(row, "blocker")?)))
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
