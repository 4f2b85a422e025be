//! Connecting again where a server is away for a moment: it starts, restarts, or has no room just now.
//!
//! Invariant: only connecting is tried again, which changes nothing wherever it fails; the stop signal ends it.
//! Deliberately absent: statements, of which nobody knows how far they came; and a host that has never answered: there a
//! quick, clear error is worth more.

use std::error::Error as _;
use std::io;
use std::time::{Duration, Instant};

use tokio_postgres::error::SqlState;

use crate::error::{Error, ErrorReport, Result};
use crate::progress::Level;
use crate::run::Run;

/// For how long a server is given the chance to come back.
const PATIENCE: Duration = Duration::from_secs(10);
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(2);

/// Connects; again for some seconds where the error `passes`.
pub(super) async fn connecting<T, F>(
    run: &Run,
    passes: fn(&Error) -> bool,
    connect: impl Fn() -> F,
) -> Result<T>
where
    F: Future<Output = Result<T>>,
{
    let deadline = Instant::now() + PATIENCE;
    let mut pause = FIRST_PAUSE;
    loop {
        run.stop.check()?;
        let error = tokio::select! {
            connected = connect() => match connected {
                Ok(connected) => return Ok(connected),
                Err(error) => error,
            },
            () = run.stop.given() => return Err(Error::interrupted()),
        };
        if !passes(&error) || Instant::now() + pause > deadline {
            return Err(error);
        }
        let what = ErrorReport::from(&error);
        run.note(Level::Verbose, format!("{what}; trying again in {} ms", pause.as_millis()));
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = run.stop.given() => return Err(Error::interrupted()),
        }
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// The server answers that it cannot take connections just now: it starts, stops or recovers.
pub(super) fn is_starting(error: &Error) -> bool {
    error.sqlstate().is_some_and(|state| *state == SqlState::CANNOT_CONNECT_NOW)
}

/// A server that has answered before is away or has no room, which may pass.
#[must_use]
pub fn is_away(error: &Error) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof,
    };
    if let Some(state) = error.sqlstate() {
        return [SqlState::TOO_MANY_CONNECTIONS, SqlState::ADMIN_SHUTDOWN, SqlState::CRASH_SHUTDOWN]
            .contains(state)
            || is_starting(error);
    }
    std::iter::successors(error.source(), |&cause| cause.source()).any(|cause| {
        let closed = cause.downcast_ref().is_some_and(tokio_postgres::Error::is_closed);
        // The file of a socket is not found while its server restarts.
        let kinds =
            [BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, NotFound, UnexpectedEof];
        closed || cause.downcast_ref().is_some_and(|error: &io::Error| kinds.contains(&error.kind()))
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::{Arc, Mutex};

    use super::*;
    use crate::error::Kind;
    use crate::progress::{Event, Progress};
    use crate::stop::{Stop, StopSwitch};

    #[derive(Default)]
    struct Notes(Mutex<Vec<String>>);

    impl Progress for Notes {
        fn emit(&self, event: Event) {
            if let Event::Note(Level::Verbose, text) = event {
                self.0.lock().unwrap().push(text);
            }
        }
    }

    fn refused() -> Error {
        let cause = io::Error::from(io::ErrorKind::ConnectionRefused);
        Error::new(Kind::Connect, "could not connect").object("h:5432").caused_by(cause)
    }

    /// What comes of it if the first tries are refused, how many there were, and what was said.
    async fn refused_at_first(times: u32, passes: fn(&Error) -> bool) -> (Result<u32>, u32, Vec<String>) {
        let notes = Arc::new(Notes::default());
        let run = Run::new(Stop::never(), Arc::<Notes>::clone(&notes));
        let tries = AtomicU32::new(0);
        let connected = connecting(&run, passes, || async {
            let tries = tries.fetch_add(1, Ordering::Relaxed) + 1;
            if tries > times { Ok(tries) } else { Err(refused()) }
        })
        .await;
        let said = notes.0.lock().unwrap().clone();
        (connected, tries.into_inner(), said)
    }

    #[tokio::test]
    async fn a_server_that_comes_back_is_reached_and_the_wait_is_told() {
        let (connected, _, said) = refused_at_first(1, is_away).await;
        assert_eq!(connected.unwrap(), 2);
        assert_eq!(said, ["h:5432: could not connect: connection refused; trying again in 100 ms"]);
    }

    #[tokio::test]
    async fn a_host_that_never_answered_is_not_tried_again() {
        let (connected, tries, _) = refused_at_first(1, is_starting).await;
        assert!(connected.is_err());
        assert_eq!(tries, 1);
    }

    #[tokio::test]
    async fn other_errors_are_not_tried_again() {
        assert!(!is_away(&Error::new(Kind::Connect, "could not connect")));
        let no_route =
            Error::new(Kind::Connect, "").caused_by(io::Error::from(io::ErrorKind::HostUnreachable));
        assert!(!is_away(&no_route));
    }

    #[tokio::test]
    async fn the_stop_signal_ends_the_waiting() {
        let (switch, stop) = StopSwitch::new();
        let run = Run::new(stop, Arc::new(Notes::default()));
        let started = Instant::now();
        let (connected, ()) =
            tokio::join!(connecting(&run, is_away, || async { Err::<(), _>(refused()) }), async {
                tokio::time::sleep(Duration::from_millis(150)).await;
                switch.stop();
            });
        assert_eq!(connected.unwrap_err().kind(), Kind::Interrupted);
        assert!(started.elapsed() < Duration::from_secs(2));
    }
}
