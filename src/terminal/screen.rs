//! The thread that draws: events come in by a channel, so telling never waits for a slow terminal.
//!
//! Invariant: what was told before [`Drawer::end`] is on the screen when it returns, and nothing after it.
//! Deliberately absent: what it looks like (see `bars` and `lines`).

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::state::State;
use super::words;
use crate::progress::{Event, Level};

const TICK: Duration = Duration::from_millis(100);

/// Something on which progress can be shown.
pub(super) trait Screen: Send {
    /// Shows a text that stays.
    fn say(&mut self, text: &str);
    /// Takes away what does not stay while something else is printed.
    fn aside(&mut self, printing: &mut dyn FnMut()) {
        printing();
    }
    /// Hears of an event before it counts.
    fn tell(&mut self, _event: &Event, _before: &State) {}
    /// Shows how far the run is now; called several times a second.
    fn draw(&mut self, _state: &State, _now: Instant) {}
}

enum Message {
    Event(Instant, Event),
    /// Leaves the screen alone until the other end is dropped, and says when it does.
    Aside(Sender<()>, Receiver<()>),
    End,
}

/// The sending side of the drawing thread.
pub(super) struct Drawer {
    sender: Sender<Message>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drawer {
    /// Starts drawing on this screen.
    pub(super) fn start(screen: Box<dyn Screen>, level: Level) -> std::io::Result<Self> {
        let (sender, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("terminal".into())
            .spawn(move || run(&receiver, screen, level))?;
        Ok(Self { sender, thread: Mutex::new(Some(thread)) })
    }

    /// Hands an event over; after the end it is dropped.
    pub(super) fn tell(&self, event: Event) {
        let _ = self.sender.send(Message::Event(Instant::now(), event));
    }

    /// Prints while nothing is drawn, and after all that was told before.
    pub(super) fn aside(&self, printing: impl FnOnce()) {
        let ((ready, is_ready), (_over, is_over)) = (channel(), channel());
        let _ = self.sender.send(Message::Aside(ready, is_over));
        // Where nobody draws any more, this fails at once.
        let _ = is_ready.recv();
        printing();
    }

    /// Draws what is still to be drawn, wipes what should not stay, and stops. Ends only once.
    pub(super) fn end(&self) {
        let _ = self.sender.send(Message::End);
        let thread = self.thread.lock().ok().and_then(|mut thread| thread.take());
        // A panic of the drawing thread costs the bars, never the run.
        let _ = thread.map(JoinHandle::join);
    }
}

impl Drop for Drawer {
    fn drop(&mut self) {
        self.end();
    }
}

fn run(receiver: &Receiver<Message>, mut screen: Box<dyn Screen>, level: Level) {
    let mut state = State::default();
    let mut next = Instant::now();
    loop {
        match receiver.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Message::Event(_, Event::Note(its_level, text))) => {
                if its_level <= level {
                    screen.say(&words::harmless(&text));
                }
            }
            Ok(Message::Event(at, event)) => {
                screen.tell(&event, &state);
                state.apply(event, at);
            }
            Ok(Message::Aside(ready, over)) => screen.aside(&mut || {
                let _ = ready.send(());
                let _ = over.recv();
            }),
            Err(RecvTimeoutError::Timeout) => {}
            Ok(Message::End) | Err(RecvTimeoutError::Disconnected) => return,
        }
        // Not only when the channel is silent: a flood of events must not freeze the screen.
        let now = Instant::now();
        if now >= next {
            screen.draw(&state, now);
            next = now + TICK;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::progress::Phase;

    #[derive(Default, Clone)]
    struct Recorder(Arc<Mutex<Vec<String>>>);

    impl Screen for Recorder {
        fn say(&mut self, text: &str) {
            self.0.lock().unwrap().push(text.to_owned());
        }
        fn tell(&mut self, event: &Event, _before: &State) {
            self.say(&format!("{event:?}"));
        }
    }

    #[test]
    fn everything_told_is_shown_before_the_end_and_nothing_after_it() {
        let recorder = Recorder::default();
        let drawer = Drawer::start(Box::new(recorder.clone()), Level::Verbose).unwrap();
        drawer.tell(Event::PhaseStarted(Phase::Rows));
        drawer.tell(Event::Note(Level::Verbose, "seen\u{7}".into()));
        drawer.tell(Event::Note(Level::Debug, "too much".into()));
        drawer.end();
        drawer.tell(Event::Note(Level::Normal, "too late".into()));
        drawer.end();
        assert_eq!(*recorder.0.lock().unwrap(), ["PhaseStarted(Rows)", "seen\u{fffd}"]);
    }

    #[test]
    fn what_is_printed_aside_comes_after_what_was_told_before_and_even_after_the_end() {
        let recorder = Recorder::default();
        let print = |text: &str| recorder.0.lock().unwrap().push(text.to_owned());
        let drawer = Drawer::start(Box::new(recorder.clone()), Level::Normal).unwrap();
        drawer.tell(Event::Note(Level::Normal, "before".into()));
        drawer.aside(|| print("aside"));
        drawer.tell(Event::Note(Level::Normal, "after".into()));
        drawer.end();
        drawer.aside(|| print("late"));
        assert_eq!(*recorder.0.lock().unwrap(), ["before", "aside", "after", "late"]);
    }
}
