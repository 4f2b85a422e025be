//! The stop signal: Ctrl-C, SIGTERM and SIGHUP, or a test's own switch, handed down as a parameter.
//!
//! Invariant: once given, the signal stays given. Sessions look at it before every statement, and whoever
//! waits for long can race against [`Stop::given`].
//! Deliberately absent: cancelling on the servers; sessions know their cancel tokens (see `pg::session`).

use futures_util::future::select_all;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::watch;

use crate::error::{Error, Result};

/// The receiving end; cheap to clone. Listens to one switch or to several.
#[derive(Debug, Clone, Default)]
pub struct Stop(Vec<watch::Receiver<bool>>);

/// The giving end.
#[derive(Debug)]
pub struct StopSwitch(watch::Sender<bool>);

impl StopSwitch {
    /// A switch and its signal.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        Stop::never().with_switch()
    }

    /// Gives the signal.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }

    /// Gives the signal at the first SIGINT, SIGTERM or SIGHUP (a closed terminal, unless `nohup` has it ignored);
    /// a second one changes nothing, undoing goes on.
    pub fn on_signals(self) -> std::io::Result<()> {
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let listens =
            !std::fs::read_to_string("/proc/self/status").map_or(true, |status| hangup_is_ignored(&status));
        let mut hangup = if listens { Some(signal(SignalKind::hangup())?) } else { None };
        tokio::spawn(async move {
            loop {
                let hung_up = async {
                    match &mut hangup {
                        Some(hangup) => hangup.recv().await,
                        None => std::future::pending().await,
                    }
                };
                tokio::select! {
                    _ = hung_up => {}
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                self.stop();
            }
        });
        Ok(())
    }
}

/// Whether a process with this `/proc/<pid>/status` was started with SIGHUP ignored: the first bit of `SigIgn`.
fn hangup_is_ignored(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_none_or(|mask| mask & 1 == 1)
}

impl Stop {
    /// A signal that is never given, for the work that must go on after the real one: undoing.
    #[must_use]
    pub fn never() -> Self {
        Self::default()
    }

    /// A signal that is given with this one or by a switch of its own, for work that ends together.
    #[must_use]
    pub fn with_switch(&self) -> (StopSwitch, Stop) {
        let (sender, receiver) = watch::channel(false);
        let mut receivers = self.0.clone();
        receivers.push(receiver);
        (StopSwitch(sender), Stop(receivers))
    }

    /// Whether the signal was given.
    #[must_use]
    pub fn is_given(&self) -> bool {
        self.0.iter().any(|receiver| *receiver.borrow())
    }

    /// Fails once the signal was given; the check at every safe point.
    pub fn check(&self) -> Result<()> {
        if self.is_given() { Err(Error::interrupted()) } else { Ok(()) }
    }

    /// Waits for the signal.
    pub async fn given(&self) {
        if self.0.is_empty() {
            return std::future::pending().await;
        }
        let each = self.0.iter().cloned().map(|mut receiver| {
            Box::pin(async move {
                if receiver.wait_for(|given| *given).await.is_err() {
                    std::future::pending::<()>().await;
                }
            })
        });
        select_all(each).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nohup_is_respected() {
        assert!(hangup_is_ignored("Name:\tx\nSigIgn:\t0000000000001001\nSigCgt:\t0"));
        assert!(!hangup_is_ignored("SigIgn:\t0000000000001000\nSigCgt:\t0000000000000001"));
    }

    #[tokio::test]
    async fn a_given_signal_stays_given() {
        let (switch, stop) = StopSwitch::new();
        assert!(stop.check().is_ok());
        switch.stop();
        drop(switch);
        stop.given().await;
        assert!(stop.check().is_err());
    }

    #[tokio::test]
    async fn a_switch_of_ones_own_does_not_reach_the_others() {
        let (outer_switch, outer) = StopSwitch::new();
        let (inner_switch, inner) = outer.with_switch();
        inner_switch.stop();
        assert!(inner.is_given() && !outer.is_given());
        let (_switch, second) = outer.with_switch();
        outer_switch.stop();
        second.given().await;
        assert!(second.is_given());
    }
}
