//! The roads between fdwcopy and the servers, and the command line that takes them.
//!
//! Invariant: a black hole is closed again when its ways are dropped.

use std::net::Ipv4Addr;
use std::path::Path;
use std::process::Command;

use super::arena::{Arena, Side};
use super::fault::{Fault, Road};
use crate::command::Fdwcopy;
use crate::pair::{Database, Pair};
use crate::proxy::Proxy;

/// TCP options by which the end of a connection is noticed within seconds.
const ALERT: [(&str, &str); 4] = [
    ("keepalives_idle", "1"),
    ("keepalives_interval", "1"),
    ("keepalives_count", "3"),
    ("tcp_user_timeout", "4000"),
];

/// All three roads of a run.
pub(super) struct Ways {
    proxies: [Proxy; 3],
    hole: Option<Hole>,
}

/// A road that does without a proxy, over an address of its own.
struct Hole {
    road: Road,
    address: Ipv4Addr,
}

impl Ways {
    /// Open roads; the one that is to become a black hole needs the grounds for it.
    pub(super) fn new(arena: &Arena, fault: Fault) -> Self {
        let (source, target) = (&arena.server(Side::Source), &arena.server(Side::Target));
        let hole = match fault {
            Fault::BlackHole(road) => {
                let address = arena.grounds().addresses[usize::from(road == Road::Target)];
                Some(Hole { road, address })
            }
            _ => None,
        };
        Self { proxies: [source, source, target].map(Proxy::to), hole }
    }

    pub(super) fn road(&self, road: Road) -> &Proxy {
        &self.proxies[road as usize]
    }

    /// From now on all packets to the address are lost, and so are the answers, which go to it too.
    pub(super) fn dig(&self) {
        assert!(self.rule("add"), "ip rule add");
    }

    /// Everything gets through again.
    pub(super) fn open(&self) {
        self.rule("del");
        for proxy in &self.proxies {
            proxy.open();
        }
    }

    fn rule(&self, verb: &str) -> bool {
        let Some(hole) = &self.hole else { return false };
        let to = hole.address.to_string();
        let mut command = Command::new("ip");
        command.args(["rule", verb, "pref", "5", "to", &to, "blackhole"]);
        command.output().is_ok_and(|output| output.status.success())
    }

    /// A clone over these ways.
    pub(super) fn clone(&self, pair: &Pair, temporary: &Path, more: &[&str]) -> Fdwcopy {
        let mut hop = format!("host=127.0.0.1 port={}", self.road(Road::Hop).port);
        if let Some(hole) = self.hole.as_ref().filter(|hole| hole.road == Road::Hop) {
            let options = ALERT.map(|(name, value)| format!("{name}={value}")).join(" ");
            hop = format!("host={} port={} {options}", hole.address, pair.source.server.port);
        }
        Fdwcopy::alone()
            .source(&self.url(&pair.source, Road::Source))
            .target(&self.url(&pair.target, Road::Target))
            .env("TMPDIR", temporary.to_str().unwrap())
            .args(&["clone", "--json", "--progress", "lines", "-vv", "-j", "2"])
            .args(&["--source-from-target", &hop])
            .args(more)
    }

    fn url(&self, database: &Database, road: Road) -> String {
        let mut server = database.server.clone();
        if let Some(hole) = self.hole.as_ref().filter(|hole| hole.road == road) {
            server.host = hole.address.to_string();
            let options = ALERT.map(|(name, value)| format!("{name}={value}")).join("&");
            return format!("{}?{options}", database.at(&server).login_url());
        }
        server.host = Ipv4Addr::LOCALHOST.to_string();
        server.port = self.road(road).port;
        database.at(&server).login_url()
    }
}

impl Drop for Ways {
    fn drop(&mut self) {
        self.rule("del");
    }
}
