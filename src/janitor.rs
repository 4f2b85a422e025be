//! Whoever dies, both servers are put in order: a session on each of them outlives us for that.
//!
//! Two sessions to a side. The *guard* is idle and holds an advisory lock. The *janitor* runs one `DO` that tries for
//! the same lock; it gets it when the guard's session ends, be it that we let go, were killed or lost the network.
//! Then it ends all other sessions of the run on its server, bridges too, and carries out its duty: on the target, it
//! drops what the ledger names (see `ledger`); on the source, the temporary role.
//!
//! Invariant: while a janitor waits, nobody else can claim the target database; and what undoes a failed run is the
//! same statement, whether we are still there or not.
//! Deliberately absent: what is to be undone, which stands in the statements and in the ledger.

use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use crate::bridge::source_application_name;
use crate::error::{Context, Error, Kind, Result};
use crate::ledger;
use crate::pg::ident::Literal;
use crate::pg::retry::is_away;
use crate::pg::server::{Server, Source, Target, session_name};
use crate::pg::session::{Session, Side, SourceSide, TargetSession, TargetSide, column};
use crate::pg::sql::Sql;
use crate::pg::version::Version;
use crate::run::{Run, RunId};
use crate::sql;
use crate::stop::{Stop, StopSwitch};
use crate::temporary_role;

/// A run that was killed is given so long to be put in order before the next one is refused.
const CLAIM_PATIENCE: Duration = Duration::from_secs(5);
const GUARD: &str = "guard";
const JANITOR: &str = "janitor";

/// What stops a run whose janitor is gone, and knows which side's it was.
struct Alarm {
    switch: StopSwitch,
    side: OnceLock<&'static str>,
}

impl Alarm {
    /// Who is stopped or finds his tables gone has not failed himself; a server that is away says it better than we.
    fn cause_of(&self, error: Error, run: &Run) -> Error {
        match self.side.get() {
            Some(side) if !run.stop.is_given() && !is_away(&error) => {
                let lost = "the session that watches over the run was lost; the run was stopped";
                let remedy = "see the server's log, then run it again";
                Error::new(Kind::Connect, lost).object(side).remedy(remedy)
            }
            _ => error,
        }
    }
}

/// The janitor of one side, with its guard.
pub struct Janitor<S> {
    id: RunId,
    guard: Session<S>,
    waiting: JoinHandle<Result<()>>,
}

/// The janitors of both sides.
pub struct Janitors {
    source: Janitor<SourceSide>,
    target: Janitor<TargetSide>,
    stop: Stop,
    alarm: Arc<Alarm>,
}

impl Janitors {
    /// Posts both, and claims the target database; refuses if another run has claimed it.
    pub async fn post(source: &Source, target: &Target, run: &Run) -> Result<Self> {
        let (switch, stop) = run.stop.with_switch();
        let alarm = Arc::new(Alarm { switch, side: OnceLock::new() });
        let watched = run.under(stop.clone());
        // The target's first: nothing may be begun anywhere before it is claimed.
        let target = Janitor::post(target, duty_on_target(&run.id), Arc::clone(&alarm), &watched).await?;
        match Janitor::post(source, duty_on_source(&run.id), Arc::clone(&alarm), &watched).await {
            Ok(source) => Ok(Self { source, target, stop, alarm }),
            Err(error) => {
                target.dismiss().await;
                Err(alarm.cause_of(error, run))
            }
        }
    }

    /// The run that stops when a janitor or its guard is lost: it could no longer be undone.
    #[must_use]
    pub fn watched(&self, run: &Run) -> Run {
        run.under(self.stop.clone())
    }

    /// The target's guard. What it commits, it commits while it still guards.
    #[must_use]
    pub fn guard(&self) -> &TargetSession {
        &self.target.guard
    }

    /// What a failure of the run is told as: it may be no more than the echo of a janitor's or guard's loss.
    #[must_use]
    pub fn cause_of(&self, error: Error, run: &Run) -> Error {
        self.alarm.cause_of(error, run)
    }

    /// Lets both go: there is nothing to put in order.
    pub async fn dismiss(self) {
        tokio::join!(self.source.dismiss(), self.target.dismiss());
    }

    /// Has both put their side in order, and waits for it; the result of the target's.
    pub async fn call(self) -> Result<()> {
        let (_, target) = tokio::join!(self.source.call(), self.target.call());
        target
    }
}

impl Janitor<SourceSide> {
    /// Posts the source's alone, for a trial with a temporary role.
    pub async fn post_at_source(source: &Source, run: &Run) -> Result<Self> {
        let (switch, _) = run.stop.with_switch();
        let alarm = Alarm { switch, side: OnceLock::new() };
        Self::post(source, duty_on_source(&run.id), Arc::new(alarm), run).await
    }
}

impl<S: Side> Janitor<S> {
    /// Posts the guard first, so that the janitor never finds the lock free.
    async fn post(server: &Server<S>, duty: Sql, alarm: Arc<Alarm>, run: &Run) -> Result<Self> {
        let failed = "no janitor could be posted";
        let unstoppable = run.under(Stop::never());
        let settings = janitor_settings(server.version());
        let (guard, janitor) = tokio::try_join!(
            server.dedicated(GUARD, &[], run),
            server.dedicated(JANITOR, &settings, &unstoppable)
        )?;
        guard.run(&lock::<S>(&run.id)).await.context(Kind::Connect, failed, S::NAME)?;
        if S::NAME == TargetSide::NAME {
            claim(&janitor, run).await?;
        }
        let waiting = tokio::spawn(async move {
            let ended = janitor.run(&duty).await;
            // The first that is lost is told; the other one may go with it.
            let _ = alarm.side.set(S::NAME);
            alarm.switch.stop();
            ended.context(Kind::Schema, "not everything could be put in order", S::NAME)?;
            Ok(())
        });
        Ok(Self { id: run.id.clone(), guard, waiting })
    }

    /// Lets it go: there is nothing to put in order.
    pub async fn dismiss(self) {
        if self.guard.run(&let_go::<S>(&self.id)).await.is_ok() {
            // It goes with its next try; were its answer lost, there would be nothing for it to do.
            let _ = tokio::time::timeout(Duration::from_secs(2), self.waiting).await;
        }
        self.guard.close().await;
    }

    async fn call(self) -> Result<()> {
        self.guard.close().await;
        self.waiting.await.context(Kind::Internal, "a janitor panicked", S::NAME)?
    }
}

/// It goes on when our connection is gone, that is what it is for.
fn janitor_settings(version: Version) -> Vec<(&'static str, &'static str)> {
    // The source's may have a role to drop.
    let mut settings = vec![("client_min_messages", "error"), ("default_transaction_read_only", "off")];
    if version.major() >= 14 {
        settings.push(("client_connection_check_interval", "0"));
    }
    settings
}

/// Claims the database for this run.
pub async fn claim<S: Side>(janitor: &Session<S>, run: &Run) -> Result<()> {
    let failed = "the target database could not be claimed";
    let deadline = Instant::now() + CLAIM_PATIENCE;
    loop {
        let claimed = sql!("janitor/claim.sql", class = class::<S>());
        let row = janitor.one(&claimed, &[]).await.context(Kind::Connect, failed, S::NAME)?;
        if column(&row, "claimed")? {
            return Ok(());
        }
        if Instant::now() >= deadline {
            return Err(claimed_by(claimant(janitor, run).await?.as_deref()));
        }
        run.stop.check()?;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// The session of another run that has claimed this database, and since when, in words.
pub async fn claimant<S: Side>(session: &Session<S>, run: &Run) -> Result<Option<String>> {
    let query = sql!("janitor/claimant.sql", class = class::<S>());
    let rows =
        session.rows(&query, &[]).await.context(Kind::Connect, "the locks could not be read", S::NAME)?;
    let claimant: Option<String> = rows.first().map(|row| column(row, "claimant")).transpose()?;
    Ok(claimant.filter(|name| !name.starts_with(&session_name::<S>(&run.id, ""))))
}

/// The refusal of a database that another run has claimed.
#[must_use]
pub fn claimed_by(claimant: Option<&str>) -> Error {
    let who = claimant.map(|who| format!(" ({who})")).unwrap_or_default();
    Error::new(Kind::Preflight, format!("another run of fdwcopy is at work in this database{who}"))
        .object("target")
        .remedy("wait until it has ended")
}

/// The first half of our advisory locks' keys, by side, should both be one database: `fdwc` and `fdws` in ASCII.
fn class<S: Side>() -> i64 {
    if S::NAME == TargetSide::NAME { 0x6664_7763 } else { 0x6664_7773 }
}

/// The second half of the key of a run's lock; that of the claim is 0.
fn key(id: &RunId) -> i64 {
    i64::from(id.number().cast_signed())
}

fn lock<S: Side>(id: &RunId) -> Sql {
    sql!("janitor/lock.sql", class = class::<S>(), key = key(id))
}

/// The first half of the key of the lock by which a guard says that it lets its janitor go.
fn dismissed<S: Side>() -> i64 {
    class::<S>() + 1
}

fn let_go<S: Side>(id: &RunId) -> Sql {
    sql!("janitor/let_go.sql", class = class::<S>(), dismissed = dismissed::<S>(), key = key(id))
}

/// What the target's janitor does; a session of ours does it where the janitor was lost.
#[must_use]
pub fn duty_on_target(id: &RunId) -> Sql {
    duty::<TargetSide>(id, &ledger::undo(id))
}

/// What the source's janitor does: nothing is kept there but sessions and the temporary role, if there is one.
fn duty_on_source(id: &RunId) -> Sql {
    duty::<SourceSide>(id, &temporary_role::duty(id))
}

fn duty<S: Side>(id: &RunId, then: &Sql) -> Sql {
    sql!(
        "janitor/janitor.sql",
        class = class::<S>(),
        key = key(id),
        dismissed = dismissed::<S>(),
        sessions = Literal::new(session_name::<S>(id, "%")),
        // Over a network that swallows packets the source does not hear that the target has closed them.
        bridges = Literal::new(source_application_name("%", id)),
        then = then
    )
}
