//! A road between two programs that a test can block: a TCP proxy inside this process.
//!
//! Invariant: a stalled road keeps every connection open and acknowledges what is sent, but brings nothing on, not
//! even the end of a connection; that is how a half-open connection looks from both of its ends.
//! Deliberately absent: lost packets (the long suite has network namespaces for that).

use std::io::{Read, Write};
use std::net::{Ipv4Addr, Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use crate::servers::Server;

/// What a road does with what it is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Open,
    Stalled,
    Answering(&'static str),
    Refusing,
    Cut,
    Gone,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    streams: Mutex<Vec<TcpStream>>,
}

/// A road from a port of the local host to a server; gone when dropped.
pub(crate) struct Proxy {
    pub(crate) port: u16,
    shared: Arc<Shared>,
}

impl Proxy {
    /// An open road to this server.
    pub(crate) fn to(server: &Server) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let own = listener.local_addr().unwrap().port();
        let shared = Arc::new(Shared {
            state: Mutex::new(State::Open),
            changed: Condvar::new(),
            streams: Mutex::default(),
        });
        let accepting = Arc::clone(&shared);
        let far = (server.host.clone(), server.port);
        std::thread::spawn(move || accept(&accepting, listener, own, &far));
        Self { port: own, shared }
    }

    /// Brings everything on again, also what was held back.
    pub(crate) fn open(&self) {
        self.become_(State::Open);
    }

    /// Holds everything back, connections stay.
    pub(crate) fn stall(&self) {
        self.become_(State::Stalled);
    }

    /// Answers new connections with an error of this SQLSTATE, as a server does that starts or is full.
    pub(crate) fn answer(&self, sqlstate: &'static str) {
        self.become_(State::Answering(sqlstate));
    }

    /// Refuses new connections; others go on.
    pub(crate) fn refuse(&self) {
        self.become_(State::Refusing);
    }

    /// Ends every connection and refuses new ones.
    pub(crate) fn cut(&self) {
        self.become_(State::Cut);
        for stream in self.shared.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn become_(&self, state: State) {
        *self.shared.state.lock().unwrap() = state;
        self.shared.changed.notify_all();
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.cut();
        self.become_(State::Gone);
    }
}

/// Listens while the road is not cut; a port on which nobody listens refuses.
fn accept(shared: &Arc<Shared>, first: TcpListener, own: u16, far: &(String, u16)) {
    let mut listener = Some(first);
    loop {
        let state = *shared.state.lock().unwrap();
        match (state, &listener) {
            (State::Gone, _) => return,
            (State::Cut | State::Refusing, _) => listener = None,
            (_, None) => listener = TcpListener::bind((Ipv4Addr::LOCALHOST, own)).ok(),
            (_, Some(listening)) => {
                listening.set_nonblocking(true).unwrap();
                if let Ok((near, _)) = listening.accept() {
                    near.set_nonblocking(false).unwrap();
                    match state {
                        State::Answering(sqlstate) => drop(say(near, sqlstate)),
                        _ => join(shared, near, far),
                    }
                    continue;
                }
            }
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What a server says that takes no session now: no TLS, then an error.
fn say(mut near: TcpStream, sqlstate: &str) -> std::io::Result<()> {
    near.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut packet = [0; 1024];
    let asks_for_tls = near.read(&mut packet)? == 8;
    if asks_for_tls {
        near.write_all(b"N")?;
        let _ = near.read(&mut packet)?;
    }
    let fields = format!("SFATAL\0VFATAL\0C{sqlstate}\0Mnot now\0\0");
    let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
    near.write_all(&[b"E", &length[..], fields.as_bytes()].concat())
}

fn join(shared: &Arc<Shared>, near: TcpStream, far: &(String, u16)) {
    let Ok(far) = TcpStream::connect((far.0.as_str(), far.1)) else { return };
    for stream in [&near, &far] {
        stream.set_nodelay(true).unwrap();
    }
    let again = |stream: &TcpStream| stream.try_clone().unwrap();
    shared.streams.lock().unwrap().extend([again(&near), again(&far)]);
    for (from, to) in [(again(&near), again(&far)), (far, near)] {
        let shared = Arc::clone(shared);
        std::thread::spawn(move || bring(&shared, from, to));
    }
}

fn bring(shared: &Shared, mut from: TcpStream, mut to: TcpStream) {
    let mut buffer = vec![0; 1 << 16];
    loop {
        let length = from.read(&mut buffer).unwrap_or(0);
        let state = shared.state.lock().unwrap();
        drop(shared.changed.wait_while(state, |state| *state == State::Stalled).unwrap());
        if length == 0 || to.write_all(&buffer[..length]).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
    let _ = from.shutdown(Shutdown::Read);
}
