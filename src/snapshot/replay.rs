//! A standby's replay, held still for the moment of pinning.
//!
//! On a standby the text of a snapshot does not name the running transactions, so equal texts prove nothing. While
//! replay is paused no transaction ends there, and every snapshot is the same one.
//!
//! Invariant: replay goes on whatever becomes of us. One statement on the standby pauses it, waits until an advisory
//! lock is let go, and resumes it. The lock is an idle session's of ours: it is free as soon as our process is gone.
//! If the network is lost instead, the statement resumes by itself after [`DEAD_MAN`]. A pause that was there before
//! is used and left alone.
//! Deliberately absent: servers before 14, which cannot tell whether a requested pause has begun.

use std::time::{Duration, Instant};

use crate::error::{Context, Kind, Result};
use crate::pg::ident::Literal;
use crate::pg::server::Source;
use crate::pg::session::{SourceSession, column};
use crate::progress::Level;
use crate::run::Run;
use crate::sql;
use crate::stop::Stop;

/// For how long replay stands still at most if nobody says that it may go on.
const DEAD_MAN: Duration = Duration::from_secs(5);
/// How often to look whether the pause has begun.
const LOOK: Duration = Duration::from_millis(2);
/// The statement must outlive us: a server that ends it for a lost client would leave replay paused.
const SETTINGS: &[(&str, &str)] = &[("client_connection_check_interval", "0")];

const FAILED: &str = "the standby's replay could not be paused";

/// Where replay stands; the same place, paused, before and after means that nothing was replayed in between.
#[derive(Debug, PartialEq, Eq)]
struct State {
    state: String,
    position: Option<String>,
}

impl State {
    fn is_paused(&self) -> bool {
        self.state == "paused"
    }
}

/// Does the work while replay stands still; `None` if it did not stand still from before until after the work.
pub(super) async fn stopped<T>(
    source: &Source,
    work: impl Future<Output = Result<T>>,
    run: &Run,
) -> Result<Option<T>> {
    let guard = source.dedicated("replay guard", &[], run).await?;
    let stopped = if state(&guard).await?.is_paused() {
        run.note(Level::Verbose, "the standby's replay is paused already; it stays so");
        in_a_pause(&guard, work).await
    } else {
        pause_around(source, &guard, work, run).await
    };
    guard.close().await;
    stopped
}

async fn pause_around<T>(
    source: &Source,
    guard: &SourceSession,
    work: impl Future<Output = Result<T>>,
    run: &Run,
) -> Result<Option<T>> {
    let name = Literal::new(format!("fdwcopy {} replay", run.id));
    let pauser = source.dedicated("replay pause", SETTINGS, run).await?;
    guard.run(&sql!("snapshot/replay_guard.sql", name = name)).await.context(
        Kind::Snapshot,
        FAILED,
        "source",
    )?;
    let milliseconds = DEAD_MAN.as_secs() * 1000;
    let session = Literal::new(format!("fdwcopy replay pause {}", run.id));
    let pause =
        sql!("snapshot/replay_pause.sql", session = session, name = name, milliseconds = milliseconds);
    let (ended, done) = tokio::join!(pauser.run(&pause), async {
        let done = in_a_pause(guard, work).await;
        // If it cannot be said, the session is lost or about to be closed, and the lock free.
        let _ = guard.run(&sql!("snapshot/replay_let_go.sql", name = name)).await;
        done
    });
    match ended.context(Kind::Snapshot, "the session that paused the standby's replay was lost", "source") {
        Ok(_) => pauser.close().await,
        // The statement has seen to it itself.
        Err(error) if error.kind() == Kind::Interrupted => {}
        Err(error) => {
            run.note(Level::Normal, format!("{error}; resuming replay"));
            resume(source, run).await?;
        }
    }
    done
}

/// Waits for the pause to begin, works, and looks whether replay has moved meanwhile.
async fn in_a_pause<T>(guard: &SourceSession, work: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    let deadline = Instant::now() + DEAD_MAN;
    let before = loop {
        let state = state(guard).await?;
        if state.is_paused() {
            break state;
        }
        if Instant::now() >= deadline {
            return Ok(None);
        }
        tokio::time::sleep(LOOK).await;
    };
    let done = work.await?;
    Ok((state(guard).await? == before).then_some(done))
}

async fn state(session: &SourceSession) -> Result<State> {
    let row = session.one(&sql!("snapshot/replay_state.sql"), &[]).await.context(
        Kind::Snapshot,
        "the state of the standby's replay could not be read",
        "source",
    )?;
    Ok(State { state: column(&row, "state")?, position: column(&row, "position")? })
}

/// For a statement that was ended before it could resume replay itself.
async fn resume(source: &Source, run: &Run) -> Result<()> {
    let run = run.under(Stop::never());
    let session = source.dedicated("replay resume", &[], &run).await?;
    session
        .run(&sql!("snapshot/replay_resume.sql"))
        .await
        .context(Kind::Snapshot, "the standby's replay could not be resumed", "source")
        .map_err(|e| e.remedy("on the standby: SELECT pg_wal_replay_resume();"))?;
    session.close().await;
    Ok(())
}
