//! Two throw-away PostgreSQL clusters, started once per run of this binary, or two URLs from the environment.
//!
//! Invariant: whatever ends this process (success, panic, kill -9), a reaper shell that holds the reading end of a
//! pipe from us stops the clusters and removes their directory.
//!
//! Both run from private copies of the installation, which have extensions of their own (fixtures/extensions). The source
//! offers TLS with a certificate for `localhost` (fixtures/tls); the target does not. Both trust one role.

use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;

/// The extension that only the source can offer.
pub(crate) const EXTENSION_OF_THE_SOURCE: &str = "only_on_the_source";

/// The role that both servers let in without a password; a test that wants it makes it.
pub(crate) const TRUSTED_ROLE: &str = "it_trusted";

/// Where a superuser reaches a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) user: String,
    pub(crate) password: String,
}

impl Server {
    /// A URI for one of its databases.
    pub(crate) fn url(&self, database: &str) -> String {
        let Self { host, port, user, password } = self;
        format!("postgres://{user}:{password}@{host}:{port}/{database}")
    }

    fn from_url(url: &str) -> Result<Self, String> {
        let config: tokio_postgres::Config = url.parse().map_err(|error| format!("{url}: {error}"))?;
        let host = match config.get_hosts().first() {
            Some(tokio_postgres::config::Host::Tcp(host)) => host.clone(),
            _ => return Err(format!("{url}: the tests need a TCP host")),
        };
        Ok(Self {
            host,
            port: config.get_ports().first().copied().unwrap_or(5432),
            user: config.get_user().unwrap_or("postgres").to_owned(),
            password: String::from_utf8_lossy(config.get_password().unwrap_or_default()).into_owned(),
        })
    }
}

#[derive(Debug)]
pub(crate) struct Servers {
    pub(crate) source: Server,
    pub(crate) target: Server,
}

/// The servers of this run; fails the calling test, with the reason, if there are none.
pub(crate) fn servers() -> &'static Servers {
    static SERVERS: LazyLock<Result<Servers, String>> = LazyLock::new(find_or_start);
    match &*SERVERS {
        Ok(servers) => servers,
        Err(reason) => panic!("no PostgreSQL servers for the tests: {reason}"),
    }
}

fn find_or_start() -> Result<Servers, String> {
    let url = |name| std::env::var(name).ok().filter(|url| !url.is_empty());
    match (url("FDWCOPY_TEST_SOURCE"), url("FDWCOPY_TEST_TARGET")) {
        (Some(source), Some(target)) => {
            Ok(Servers { source: Server::from_url(&source)?, target: Server::from_url(&target)? })
        }
        (None, None) => start_both(),
        _ => Err("set both FDWCOPY_TEST_SOURCE and FDWCOPY_TEST_TARGET, or neither".into()),
    }
}

/// The programs that the source runs, where they are other ones than the client programs.
pub(crate) fn source_programs() -> Result<PathBuf, String> {
    std::env::var_os("FDWCOPY_TEST_SOURCE_BIN").map_or_else(programs, |chosen| Ok(chosen.into()))
}

/// The programs that the target runs, likewise.
pub(crate) fn target_programs() -> Result<PathBuf, String> {
    std::env::var_os("FDWCOPY_TEST_TARGET_BIN").map_or_else(programs, |chosen| Ok(chosen.into()))
}

/// The directory of the client programs, from `PG_BIN`, Debian's places or the path: the newest PostgreSQL's.
pub(crate) fn programs() -> Result<PathBuf, String> {
    if let Some(chosen) = std::env::var_os("PG_BIN") {
        return Ok(chosen.into());
    }
    let version = |bin: &Path| -> Option<u32> { bin.parent()?.file_name()?.to_str()?.parse().ok() };
    let installed = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    installed
        .map(|version| version.path().join("bin"))
        .chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()))
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(|bin| version(bin))
        .ok_or_else(|| "initdb not found; install PostgreSQL (Debian: apt-get install postgresql)".into())
}

fn start_both() -> Result<Servers, String> {
    let (source_bin, target_bin) = (source_programs()?, target_programs()?);
    let directory =
        PathBuf::from(output(as_postgres("mktemp").args(["-d", "/tmp/fdwcopy-it.XXXXXX"]))?.trim());
    output(as_postgres("chmod").arg("755").arg(&directory))?;
    let source = directory.join("source");
    let target = directory.join("target");
    if !keep() {
        // Held open until the process ends, however it ends.
        std::mem::forget(reap(&target_bin, &directory, &[&source, &target])?);
    }
    let installation = |side: &str, bin: &Path| {
        richer_installation(bin, &directory.join(format!("{side}-installation")), ["both", side])
    };
    let tls = offer_tls(&directory)?;
    let server = |bin: &Path, data, program, password, settings: &str| {
        initialize(bin, data, password)?;
        Ok::<_, String>(Cluster::start(bin, program, data, settings)?.server(password))
    };
    let servers = Servers {
        source: server(&source_bin, &source, &installation("source", &source_bin)?, "source-pw-Zq7x", &tls)?,
        target: server(&target_bin, &target, &installation("target", &target_bin)?, "target-pw-Wk3v", "")?,
    };
    if keep() {
        eprintln!("servers kept: {} and {}", servers.source.url("postgres"), servers.target.url("postgres"));
    }
    Ok(servers)
}

fn keep() -> bool {
    std::env::var_os("FDWCOPY_TEST_KEEP").is_some()
}

/// Starts a reaper of these clusters and their directory; it waits for the end of its standard input, which is the end of this process at the latest.
pub(crate) fn reap(bin: &Path, directory: &Path, clusters: &[&PathBuf]) -> Result<Child, String> {
    let script = r#"trap '' INT TERM HUP
        cat >/dev/null
        bin=$1 directory=$2
        shift 2
        for cluster; do
            if [ "$(id -u)" = 0 ]; then
                runuser -u postgres -- "$bin/pg_ctl" -D "$cluster" -m immediate -w stop
            else
                "$bin/pg_ctl" -D "$cluster" -m immediate -w stop
            fi
        done
        rm -rf "$directory""#;
    Command::new("sh")
        .args(["-c", script, "reaper"])
        .args([bin, directory])
        .args(clusters)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .map_err(|error| format!("sh: {error}"))
}

/// A copy of the installation with the extensions of these folders of `fixtures/extensions`. PostgreSQL finds its files
/// relative to its program, so a copy that keeps the shape of the paths is an installation of its own. Returns the path
/// of its server program.
fn richer_installation(bin: &Path, root: &Path, folders: [&str; 2]) -> Result<PathBuf, String> {
    let config =
        |what| Ok::<_, String>(output(Command::new(bin.join("pg_config")).arg(what))?.trim().to_owned());
    let (bin, share, lib) = (config("--bindir")?, config("--sharedir")?, config("--pkglibdir")?);
    let root = root.display().to_string();
    let script = r#"set -e
        mkdir -p "$1$2" "$1$3" "$(dirname "$1$4")"
        cp "$2/postgres" "$1$2/"
        cp -rL "$3/." "$1$3/"
        ln -s "$4" "$1$4"
        # A program that brings its libraries along looks for them beside itself.
        beside=$(dirname "$2")/lib
        if [ "$beside" != "$4" ] && [ -d "$beside" ]; then
            mkdir -p "$1$beside"
            find "$beside" -maxdepth 1 -name '*.so*' -exec ln -s '{}' "$1$beside/" ';'
        fi
        chmod o+w "$1$3/extension""#;
    output(as_postgres("sh").args(["-c", script, "copy", &root, &bin, &share, &lib]))?;
    for folder in folders {
        // The user that the servers run as need not be able to read where the fixtures are.
        let fixtures = format!("{}/tests/it/fixtures/extensions/{folder}/.", env!("CARGO_MANIFEST_DIR"));
        output(Command::new("cp").args(["-r", &fixtures, &format!("{root}{share}/extension")]))?;
    }
    Ok(format!("{root}{bin}/postgres").into())
}

/// The settings of a server that offers TLS.
fn offer_tls(directory: &Path) -> Result<String, String> {
    let script = r#"set -e; umask 077; printf %s "$2" > "$1/server.key"; printf %s "$3" > "$1/server.crt""#;
    let (key, certificate) =
        (include_str!("fixtures/tls/server.key"), include_str!("fixtures/tls/server.crt"));
    output(as_postgres("sh").args(["-c", script, "copy"]).arg(directory).args([key, certificate]))?;
    let directory = directory.display();
    Ok(format!("-c ssl=on -c ssl_key_file={directory}/server.key -c ssl_cert_file={directory}/server.crt"))
}

/// Makes a cluster whose superuser has this password; both trust one role.
pub(crate) fn initialize(bin: &Path, data: &Path, password: &str) -> Result<(), String> {
    let secret = data.with_extension("password");
    output(as_postgres("sh").args(["-c", r#"printf %s "$1" > "$2""#, "write", password]).arg(&secret))?;
    output(
        as_postgres(bin.join("initdb"))
            .args(["--no-sync", "-U", "postgres", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C.UTF-8"])
            .arg("--pwfile")
            .arg(&secret)
            .arg("-D")
            .arg(data),
    )?;
    let rules = format!("local all {TRUSTED_ROLE} trust\nhost all {TRUSTED_ROLE} 127.0.0.1/32 trust\n");
    let prepend = r#"rules=$(cat "$2") && printf '%s%s\n' "$1" "$rules" > "$2""#;
    output(as_postgres("sh").args(["-c", prepend, "prepend", &rules]).arg(data.join("pg_hba.conf")))?;
    Ok(())
}

/// A cluster that was started, and how to start it again.
#[derive(Debug)]
pub(crate) struct Cluster {
    bin: PathBuf,
    program: PathBuf,
    data: PathBuf,
    settings: String,
    port: u16,
}

impl Cluster {
    /// Starts a cluster on a free port, with more settings (`-c name=value …`) than the usual ones.
    pub(crate) fn start(bin: &Path, program: &Path, data: &Path, settings: &str) -> Result<Self, String> {
        let mut last = String::new();
        for _ in 0..5 {
            let (bin, program, data) = (bin.to_owned(), program.to_owned(), data.to_owned());
            let cluster = Self { bin, program, data, settings: settings.into(), port: free_port()? };
            match cluster.launch() {
                Ok(()) => return Ok(cluster),
                Err(error) => last = error,
            }
        }
        Err(last)
    }

    /// Starts it where it was before.
    pub(crate) fn launch(&self) -> Result<(), String> {
        let settings = format!(
            "-c listen_addresses=127.0.0.1 -c port={} -c unix_socket_directories={} -c fsync=off \
             -c full_page_writes=off -c synchronous_commit=off -c logging_collector=on -c log_statement=ddl \
             -c shared_preload_libraries=pg_stat_statements -c pg_stat_statements.max=50000 {}",
            self.port,
            self.data.display(),
            self.settings
        );
        let log = self.data.with_extension("log");
        let started = output(
            as_postgres(self.bin.join("pg_ctl"))
                .args(["-w", "-s", "-o", &settings, "start", "-p"])
                .arg(&self.program)
                .arg("-D")
                .arg(&self.data)
                .arg("-l")
                .arg(&log),
        );
        started
            .map(drop)
            .map_err(|error| format!("{error}\n{}", std::fs::read_to_string(&log).unwrap_or_default()))
    }

    /// Replaces the settings beside the usual ones, from the next start on.
    pub(crate) fn set(&mut self, settings: &str) {
        self.settings = settings.into();
    }

    /// Stops it at once; what was not committed is lost.
    pub(crate) fn stop(&self) -> Result<(), String> {
        output(
            as_postgres(self.bin.join("pg_ctl"))
                .args(["-m", "immediate", "-w", "stop", "-D"])
                .arg(&self.data),
        )
        .map(drop)
    }

    /// Where its superuser reaches it.
    pub(crate) fn server(&self, password: &str) -> Server {
        let (host, user) = ("127.0.0.1".into(), "postgres".into());
        Server { host, port: self.port, user, password: password.into() }
    }
}

/// A port of the local host on which nobody listens.
pub(crate) fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

/// PostgreSQL refuses to run as root; then its programs run as the user it came with.
pub(crate) fn as_postgres(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if !root {
        return Command::new(program);
    }
    let mut command = Command::new("runuser");
    command.args(["-u", "postgres", "--"]).arg(program).current_dir("/");
    command
}

pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    // pg_ctl's server inherits its standard output if that is a pipe; -l redirects it, so only pg_ctl writes here.
    let output = command.stdin(Stdio::null()).output().map_err(|error| format!("{command:?}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    Err(format!("{command:?}: {}", String::from_utf8_lossy(&output.stderr)))
}
