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

    /// Takes the next item and those after it that go along with what was taken before them.
    #[must_use]
    pub fn take_batch(&self, goes_along: impl Fn(&[T], &T) -> bool) -> Vec<T> {
        let mut items = self.0.lock().expect("nobody panics while pulling");
        let mut batch: Vec<T> = items.pop_front().into_iter().collect();
        while !batch.is_empty() && items.front().is_some_and(|next| goes_along(&batch, next)) {
            batch.extend(items.pop_front());
        }
        batch
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_takes_what_goes_along_and_no_more() {
        let queue = Queue::new([5, 1, 1, 1]);
        let within_six = |batch: &[u32], next: &u32| batch.iter().sum::<u32>() + next <= 6;
        assert_eq!(queue.take_batch(within_six), [5, 1]);
        assert_eq!(queue.take_batch(within_six), [1, 1]);
        assert!(queue.take_batch(within_six).is_empty() && queue.is_empty());
    }
}
