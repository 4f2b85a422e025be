//! The queue of chunks: filled once, heaviest first; workers pull.

use std::collections::VecDeque;
use std::sync::Mutex;

use crate::plan::Chunk;

/// The chunks that nobody has taken yet.
pub(super) struct Queue(Mutex<VecDeque<Chunk>>);

impl Queue {
    /// A queue of these chunks, in this order.
    #[must_use]
    pub(super) fn new(chunks: Vec<Chunk>) -> Self {
        Self(Mutex::new(chunks.into()))
    }

    /// Takes the next chunk.
    #[must_use]
    pub(super) fn next(&self) -> Option<Chunk> {
        self.0.lock().expect("nobody panics while pulling").pop_front()
    }
}
