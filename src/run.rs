//! What every phase is handed: the run's id, the stop signal, and whom to tell.
//!
//! Invariant: the id is unique per run and part of every name that fdwcopy gives to an object or a session, so
//! that two runs never meet and leftovers can be told apart.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::join_all;

use crate::error::{Error, Kind, Result};
use crate::progress::{Event, Level, Phase, Progress};
use crate::stop::Stop;

/// After so long a silence the user wants to know what is waited for.
const PATIENCE: Duration = Duration::from_secs(10);

/// Eight hexadecimal digits that name a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId(u32);

impl RunId {
    /// A fresh random id.
    #[must_use]
    pub fn random() -> Self {
        // `RandomState` is seeded by the operating system; unique names need no more than that.
        let bits = RandomState::new().build_hasher().finish();
        Self(u32::try_from(bits & 0xffff_ffff).unwrap_or_default())
    }

    /// The same bits as a number, for keys of advisory locks.
    #[must_use]
    pub fn number(&self) -> u32 {
        self.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// The surroundings of a run; cheap to clone.
#[derive(Clone)]
pub struct Run {
    /// The run's id.
    pub id: RunId,
    /// The stop signal.
    pub stop: Stop,
    progress: Arc<dyn Progress>,
}

impl Run {
    /// A new run with a fresh id.
    #[must_use]
    pub fn new(stop: Stop, progress: Arc<dyn Progress>) -> Self {
        Self { id: RunId::random(), stop, progress }
    }

    /// The same run under another stop signal.
    #[must_use]
    pub fn under(&self, stop: Stop) -> Self {
        Self { id: self.id.clone(), stop, progress: Arc::clone(&self.progress) }
    }

    /// Tells what happened.
    pub fn emit(&self, event: Event) {
        self.progress.emit(event);
    }

    /// A remark at the given level.
    pub fn note(&self, level: Level, text: impl Into<String>) {
        self.emit(Event::Note(level, text.into()));
    }

    /// Does the same work on several items side by side, each under a run that stops with the others: the first
    /// failure is returned once all of them have ended. Simply dropping the rest would leave their statements
    /// running on the servers.
    pub async fn abreast<I, T, W, F>(&self, items: impl IntoIterator<Item = I>, work: W) -> Result<Vec<T>>
    where
        W: Fn(I, Run) -> F,
        F: Future<Output = Result<T>>,
    {
        let (switch, stop) = self.stop.with_switch();
        let works = items.into_iter().map(|item| {
            let work = work(item, self.under(stop.clone()));
            async { work.await.inspect_err(|_| switch.stop()) }
        });
        let ended = join_all(works).await;
        first_failure(ended)
    }

    /// Does two different things side by side, under the same rule as [`Run::abreast`].
    pub async fn both<A, B, FA, FB>(
        &self,
        first: impl FnOnce(Run) -> FA,
        second: impl FnOnce(Run) -> FB,
    ) -> Result<(A, B)>
    where
        FA: Future<Output = Result<A>>,
        FB: Future<Output = Result<B>>,
    {
        let (switch, stop) = self.stop.with_switch();
        let first = first(self.under(stop.clone()));
        let second = second(self.under(stop));
        let (first, second) = tokio::join!(async { first.await.inspect_err(|_| switch.stop()) }, async {
            second.await.inspect_err(|_| switch.stop())
        },);
        match (first, second) {
            (Ok(first), Ok(second)) => Ok((first, second)),
            (first, second) => Err(cause(first.err().into_iter().chain(second.err()))),
        }
    }

    /// Waits for `work`, and says from time to time what is waited for.
    pub async fn patiently<T>(&self, what: &str, work: impl Future<Output = T>) -> T {
        tokio::pin!(work);
        loop {
            match tokio::time::timeout(PATIENCE, &mut work).await {
                Ok(done) => return done,
                Err(_) => self.note(Level::Normal, format!("still waiting {what}")),
            }
        }
    }

    /// Runs a phase between its events and measures it.
    pub async fn phase<T>(
        &self,
        phase: Phase,
        work: impl Future<Output = Result<T>>,
    ) -> (Result<T>, Duration) {
        self.emit(Event::PhaseStarted(phase));
        let started = Instant::now();
        let result = work.await;
        let took = started.elapsed();
        if result.is_ok() {
            self.emit(Event::PhaseFinished(phase, took));
        }
        (result, took)
    }
}

fn first_failure<T>(ended: Vec<Result<T>>) -> Result<Vec<T>> {
    let (done, failed): (Vec<_>, Vec<_>) = ended.into_iter().partition(Result::is_ok);
    if failed.is_empty() {
        return done.into_iter().collect();
    }
    Err(cause(failed.into_iter().filter_map(Result::err)))
}

/// The failure that made the others stop: theirs are only interruptions.
fn cause(failures: impl IntoIterator<Item = Error>) -> Error {
    let mut failures: Vec<Error> = failures.into_iter().collect();
    let first = failures.iter().position(|error| error.kind() != Kind::Interrupted).unwrap_or(0);
    failures.swap_remove(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nobody;

    impl Progress for Nobody {
        fn emit(&self, _: Event) {}
    }

    fn run() -> Run {
        Run::new(Stop::never(), Arc::new(Nobody))
    }

    #[tokio::test]
    async fn a_failure_stops_the_others_and_is_the_one_that_is_told() {
        let result = run()
            .abreast([false, true, false], |fails, run| async move {
                if fails {
                    return Err(Error::new(Kind::Copy, "disk full"));
                }
                run.stop.given().await;
                Err::<(), _>(Error::interrupted())
            })
            .await;
        assert_eq!(result.expect_err("one fails").kind(), Kind::Copy);
    }

    #[tokio::test]
    async fn results_come_in_the_order_of_the_items() {
        let doubled = run().abreast([1, 2, 3], |n, _| async move { Ok(n * 2) }).await;
        assert_eq!(doubled.expect("nothing fails"), [2, 4, 6]);
    }

    #[tokio::test]
    async fn of_two_the_real_failure_is_told() {
        let result = run()
            .both(
                |run| async move {
                    run.stop.given().await;
                    Err::<(), _>(Error::interrupted())
                },
                |_| async { Err::<(), _>(Error::new(Kind::Verify, "lost")) },
            )
            .await;
        assert_eq!(result.expect_err("both fail").kind(), Kind::Verify);
    }
}
