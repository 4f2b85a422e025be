//! Two servers that may be broken: clusters of their own, with a superuser each.
//!
//! Invariant: when an arena is dropped, or this process ends in whatever way, its servers are stopped and their
//! directory is gone.

use std::path::{Path, PathBuf};
use std::process::Child;

use crate::servers::{Cluster, Server, as_postgres, initialize, output, programs, reap};

const PASSWORD: &str = "arena-pw-Lq5t";

/// One of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Source,
    Target,
}

impl Side {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Target => "target",
        }
    }
}

/// A source and a target server.
pub(super) struct Arena {
    clusters: [Cluster; 2],
    reaper: Child,
}

/// What was committed before a crash has to be there after it.
fn own(settings: &str) -> String {
    format!("-c synchronous_commit=on {settings}")
}

impl Arena {
    /// Servers with these settings (`-c name=value …`), source and target.
    pub(super) fn with(settings: [&str; 2]) -> Self {
        Self::try_with(settings).unwrap_or_else(|reason| panic!("no servers for the faults: {reason}"))
    }

    fn try_with(settings: [&str; 2]) -> Result<Self, String> {
        let bin = programs()?;
        let made = output(as_postgres("mktemp").args(["-d", "/tmp/fdwcopy-faults.XXXXXX"]))?;
        let directory = PathBuf::from(made.trim());
        output(as_postgres("chmod").arg("755").arg(&directory))?;
        let data = [directory.join("source"), directory.join("target")];
        let reaper = reap(&bin, &directory, [&data[0], &data[1]])?;
        let start = |data: &Path, settings| {
            initialize(&bin, data, PASSWORD)?;
            Cluster::start(&bin, &bin.join("postgres"), data, &own(settings))
        };
        let clusters = [start(&data[0], settings[0])?, start(&data[1], settings[1])?];
        Ok(Self { clusters, reaper })
    }

    /// Stops both servers and starts them with other settings.
    pub(super) fn restart_with(&mut self, settings: &str) {
        for cluster in &mut self.clusters {
            cluster.stop().unwrap();
            cluster.set(&own(settings));
            cluster.launch().unwrap();
        }
    }

    pub(super) fn cluster(&self, side: Side) -> &Cluster {
        match side {
            Side::Source => &self.clusters[0],
            Side::Target => &self.clusters[1],
        }
    }

    pub(super) fn server(&self, side: Side) -> Server {
        self.cluster(side).server(PASSWORD)
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        drop(self.reaper.stdin.take());
        let _ = self.reaper.wait();
    }
}
