//! Two servers that may be broken: clusters of their own, with a superuser each.
//!
//! Invariant: when an arena is dropped, or this process ends in whatever way, its servers are stopped and their
//! directory is gone.

use std::fs::File;
use std::io::Write;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::Child;

use crate::pair::Session;
use crate::servers::{
    Cluster, Server, as_postgres, initialize, output, reap, servers, source_programs, target_programs,
};

const PASSWORD: &str = "arena-pw-Lq5t";
const NOT_OURS: &str = "the servers of the other tests may not be broken";

/// One of the two servers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Side {
    Source = 0,
    Target = 1,
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
    /// Source and target; none where the servers are everybody's.
    clusters: Option<Box<[Cluster; 2]>>,
    /// What `scripts/torture.sh` has prepared for it as root.
    grounds: Option<Grounds>,
    reaper: Option<Child>,
}

/// A small file system and addresses of its own, both gone with the namespaces that the script runs in.
#[derive(Debug, Clone)]
pub(super) struct Grounds {
    /// Where a small file system is mounted; its server may write there.
    pub(super) disk: PathBuf,
    /// Addresses by which a server is reached like by 127.0.0.1, source and target.
    pub(super) addresses: [Ipv4Addr; 2],
}

impl Grounds {
    /// Those of a thread of the long run.
    pub(super) fn of(thread: u8) -> Option<Self> {
        let disks = std::env::var_os("FDWCOPY_TORTURE_GROUNDS")?;
        let disk = PathBuf::from(disks).join(thread.to_string());
        let addresses = [2, 3].map(|last| Ipv4Addr::new(10, 99, thread, last));
        Some(Self { disk, addresses })
    }
}

/// What was committed before a crash has to be there after it.
fn own(settings: &str) -> String {
    format!("-c synchronous_commit=on -c listen_addresses=* {settings}")
}

impl Arena {
    /// The servers of the other tests, for faults that do not touch them.
    pub(super) fn of_everybody() -> Self {
        Self { clusters: None, grounds: None, reaper: None }
    }

    /// Servers with these settings (`-c name=value …`), source and target.
    pub(super) fn with(settings: [&str; 2]) -> Self {
        Self::try_with(settings).unwrap_or_else(|reason| panic!("no servers for the faults: {reason}"))
    }

    fn try_with(settings: [&str; 2]) -> Result<Self, String> {
        let bins = [source_programs()?, target_programs()?];
        // The script removes its own place whatever happens.
        let place = std::env::var("FDWCOPY_TORTURE_GROUNDS").unwrap_or("/tmp".into());
        let made = output(as_postgres("mktemp").args(["-d", &format!("{place}/fdwcopy-faults.XXXXXX")]))?;
        let directory = PathBuf::from(made.trim());
        output(as_postgres("chmod").arg("755").arg(&directory))?;
        let data = [directory.join("source"), directory.join("target")];
        let reaper = reap(&bins[1], &directory, &[&data[0], &data[1]])?;
        let start = |side: usize| {
            let (bin, data, settings) = (&bins[side], &data[side], settings[side]);
            initialize(bin, data, PASSWORD)?;
            let admit = r#"printf 'host all all 10.99.0.0/16 scram-sha-256\n' >> "$1""#;
            output(as_postgres("sh").args(["-c", admit, "admit"]).arg(data.join("pg_hba.conf")))?;
            Cluster::start(bin, &bin.join("postgres"), data, &own(settings))
        };
        let clusters = [start(0)?, start(1)?];
        Ok(Self { clusters: Some(Box::new(clusters)), grounds: None, reaper: Some(reaper) })
    }

    /// The same on these grounds.
    pub(super) fn on(mut self, grounds: Option<Grounds>) -> Self {
        self.grounds = grounds;
        self
    }

    pub(super) fn grounds(&self) -> &Grounds {
        let missing =
            "this fault needs a file system and addresses of its own: run it by scripts/torture.sh, as root";
        self.grounds.as_ref().expect(missing)
    }

    /// What CREATE DATABASE needs to make a database of the target on the small disk.
    pub(super) fn small_tablespace(&self) -> &'static str {
        let directory = self.grounds().disk.join("tablespace");
        if !directory.exists() {
            output(as_postgres("mkdir").arg(&directory)).unwrap();
            let create = format!("create tablespace small location '{}'", directory.display());
            Session::open(&self.server(Side::Target).url("postgres")).sql(&create);
        }
        "tablespace small"
    }

    pub(super) fn fill_the_small_disk(&self) {
        let mut filler = File::create(self.grounds().disk.join("filler")).unwrap();
        while filler.write_all(&[0; 1 << 13]).is_ok() {}
    }

    pub(super) fn empty_the_small_disk(&self) {
        if let Some(grounds) = &self.grounds {
            let _ = std::fs::remove_file(grounds.disk.join("filler"));
        }
    }

    /// Stops both servers and starts them with other settings.
    pub(super) fn restart_with(&mut self, settings: &str) {
        for cluster in self.clusters.as_mut().expect(NOT_OURS).iter_mut() {
            cluster.stop().unwrap();
            cluster.set(&own(settings));
            cluster.launch().unwrap();
        }
    }

    pub(super) fn cluster(&self, side: Side) -> &Cluster {
        &self.clusters.as_ref().expect(NOT_OURS)[side as usize]
    }

    pub(super) fn server(&self, side: Side) -> Server {
        match (&self.clusters, side) {
            (Some(clusters), _) => clusters[side as usize].server(PASSWORD),
            (None, Side::Source) => servers().source.clone(),
            (None, Side::Target) => servers().target.clone(),
        }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        if let Some(reaper) = &mut self.reaper {
            drop(reaper.stdin.take());
            let _ = reaper.wait();
        }
    }
}
