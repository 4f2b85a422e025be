//! A way from the target to the source that sees the workers pin: it makes "while they pin" an exact moment instead
//! of a race. A bridge opens its first cursor to pin.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use crate::pair::{Database, Session};
use crate::servers::Server;

/// A gateway; opens when dropped.
pub(crate) struct Gateway {
    port: u16,
    state: Arc<State>,
}

struct State {
    disturbed: Option<String>,
    open: AtomicBool,
    /// Cursors to be opened until it closes.
    passing: AtomicU32,
    reached: AtomicBool,
}

impl Gateway {
    /// Holds the first cursor back, with all that come after it.
    pub(crate) fn holding(to: &Server) -> Self {
        Self::new(to, 1, None)
    }

    /// As on a source that never pauses: a transaction ends there whenever a cursor is to be opened, so that no plain
    /// try comes out equal. Holds the `nth` cursor back, if it comes to that.
    pub(crate) fn disturbing(source: &Database, nth: u32) -> Self {
        Self::new(&source.server, nth, Some(source.url()))
    }

    fn new(to: &Server, nth: u32, disturbed: Option<String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let (open, reached) = (AtomicBool::new(false), AtomicBool::new(false));
        let state = State { disturbed, open, passing: AtomicU32::new(nth), reached };
        let state = Arc::new(state);
        let (to, shared) = (to.port, Arc::clone(&state));
        std::thread::spawn(move || {
            for here in listener.incoming().flatten() {
                let there = TcpStream::connect(("127.0.0.1", to)).unwrap();
                let (back, forth) = (there.try_clone().unwrap(), here.try_clone().unwrap());
                let state = Arc::clone(&shared);
                std::thread::spawn(move || forward(here, there, |bytes| state.look_at(bytes)));
                std::thread::spawn(move || forward(back, forth, |_| ()));
            }
        });
        Self { port, state }
    }

    /// What `--source-from-target` is told.
    pub(crate) fn options(&self) -> String {
        format!("host=127.0.0.1 port={} sslmode=disable", self.port)
    }

    pub(crate) fn is_reached(&self) -> bool {
        self.state.reached.load(Ordering::SeqCst)
    }

    pub(crate) fn open(&self) {
        self.state.open.store(true, Ordering::SeqCst);
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.open();
    }
}

impl State {
    fn look_at(&self, bytes: &[u8]) {
        let opens_a_cursor = bytes.windows(8).any(|bytes| bytes == b"DECLARE ");
        if !opens_a_cursor {
            return;
        }
        if let Some(url) = &self.disturbed {
            Session::open(url).sql("select pg_catalog.txid_current()");
        }
        let one_less = |left: u32| left.checked_sub(1);
        if self.passing.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_less).is_ok_and(|left| left > 1)
        {
            return;
        }
        self.reached.store(true, Ordering::SeqCst);
        while !self.open.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

/// Hands bytes on, each time after a look at them.
fn forward(mut from: TcpStream, mut to: TcpStream, look: impl Fn(&[u8])) {
    let mut buffer = [0; 8192];
    while let Ok(read @ 1..) = from.read(&mut buffer) {
        look(&buffer[..read]);
        if to.write_all(&buffer[..read]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Both);
}
