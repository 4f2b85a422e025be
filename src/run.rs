//! What every phase is handed: the run's id, the stop signal, and whom to tell.
//!
//! Invariant: the id is unique per run and part of every name that fdwcopy gives to an object or a session, so
//! that two runs never meet and leftovers can be told apart.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Instant;

use crate::error::Result;
use crate::progress::{Event, Level, Phase, Progress};
use crate::stop::Stop;

/// Eight hexadecimal digits that name a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunId(String);

impl RunId {
    /// A fresh random id.
    #[must_use]
    pub fn random() -> Self {
        // `RandomState` is seeded by the operating system; unique names need no more than that.
        let bits = RandomState::new().build_hasher().finish();
        Self(format!("{:08x}", bits & 0xffff_ffff))
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
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

    /// Runs a phase between its events and measures it.
    pub async fn phase<T>(
        &self,
        phase: Phase,
        work: impl Future<Output = Result<T>>,
    ) -> (Result<T>, std::time::Duration) {
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
