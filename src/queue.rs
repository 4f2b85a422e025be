//! A queue that is filled once and from which tasks working side by side pull.
//!
//! Invariant: every item is handed out once. Deliberately absent: adding to it later, and any order but the given.

use std::collections::VecDeque;
use std::sync::Mutex;

/// The items that nobody has taken yet.
#[derive(Debug)]
pub struct Queue<T>(Mutex<VecDeque<T>>);

impl<T> Queue<T> {
    /// A queue of these items, in this order.
    #[must_use]
    pub fn new(items: impl IntoIterator<Item = T>) -> Self {
        Self(Mutex::new(items.into_iter().collect()))
    }

    /// Takes the next item.
    #[must_use]
    pub fn take(&self) -> Option<T> {
        self.0.lock().expect("nobody panics while pulling").pop_front()
    }

    /// How many are left.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.lock().expect("nobody panics while pulling").len()
    }

    /// Whether all were taken.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
