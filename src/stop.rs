//! The stop signal: Ctrl-C and SIGTERM, or a test's own switch, handed down as a parameter.
//!
//! Invariant: once given, the signal stays given. Sessions look at it before every statement, and whoever
//! waits for long can race against [`Stop::given`].
//! Deliberately absent: cancelling on the servers; sessions know their cancel tokens (see `pg::session`).

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::error::{Error, Result};

/// The receiving end; cheap to clone.
#[derive(Debug, Clone)]
pub struct Stop(watch::Receiver<bool>);

/// The giving end.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

impl StopSwitch {
    /// A switch and its signal.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), Stop(receiver))
    }

    /// Gives the signal.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Gives the signal at the first SIGINT or SIGTERM; a second one changes nothing, undoing goes on.
    pub fn on_signals(self) -> std::io::Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::spawn(async move {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                self.stop();
            }
        });
        Ok(())
    }
}

impl Stop {
    /// A signal that is never given, for the work that must go on after the real one: undoing.
    #[must_use]
    pub fn never() -> Self {
        let (sender, receiver) = watch::channel(false);
        drop(sender);
        Self(receiver)
    }

    /// Whether the signal was given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        *self.0.borrow()
    }

    /// Fails once the signal was given; the check at every safe point.
    pub fn check(&self) -> Result<()> {
        if self.is_given() { Err(Error::interrupted()) } else { Ok(()) }
    }

    /// Waits for the signal.
    pub async fn given(&self) {
        let mut receiver = self.0.clone();
        if receiver.wait_for(|given| *given).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_given_signal_stays_given() {
        let (switch, stop) = StopSwitch::new();
        assert!(stop.check().is_ok());
        switch.stop();
        drop(switch);
        stop.given().await;
        assert!(stop.check().is_err());
    }
}
