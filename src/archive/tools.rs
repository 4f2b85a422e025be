//! Where `pg_dump` and `pg_restore` are, and how they are run.
//!
//! Invariant: no secret in an argument; the children see of the `PG*` variables only those they are given, speak
//! English, read nothing from our terminal, and die with the future that waits for them. No file has a name, so that
//! none is left after `kill -9`.
//! Deliberately absent: reading what they print (see `list`, `script`, `drops`, `failure`).

use std::fs::File;
use std::io::{self, Seek, Write};
use std::os::fd::AsRawFd;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use rustix::io::{FdFlags, fcntl_setfd};
use secrecy::{ExposeSecret, SecretString};
use tokio::process::Command;

use super::entry::EntryId;
use super::{Archive, failure};
use crate::error::{Error, Kind, Result};
use crate::stop::Stop;

/// The directories to look in after those of `PATH`; a `*` stands for any version.
const USUAL_PLACES: [(&str, &str, &str); 4] = [
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql@", "bin"),
    ("/usr/local", "pgsql", "bin"),
];

/// The client programs of one version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tools {
    pg_dump: PathBuf,
    pg_restore: PathBuf,
    /// Major and minor.
    version: (u32, u32),
}

/// What to leave out of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Omit {
    /// Who owns the objects.
    Owner,
    /// GRANT, REVOKE and default privileges.
    Privileges,
    /// COMMENT ON.
    Comments,
    /// Which tablespace tables and indexes lie in.
    Tablespaces,
}

impl Omit {
    fn argument(self) -> &'static str {
        match self {
            Omit::Owner => "--no-owner",
            Omit::Privileges => "--no-privileges",
            Omit::Comments => "--no-comments",
            Omit::Tablespaces => "--no-tablespaces",
        }
    }
}

/// What to dump.
#[derive(Debug, Clone, Default)]
pub struct DumpRequest {
    /// The source as a libpq connection string without a password: it stands among the arguments.
    pub conninfo: String,
    /// The only `PG*` variables that `pg_dump` sees, `PGPASSWORD` for one.
    pub environment: Vec<(String, SecretString)>,
    /// An exported snapshot to read.
    pub snapshot: Option<String>,
    /// Ready arguments such as `--schema=public`; passed as they are.
    pub selection: Vec<String>,
    /// What to leave out.
    pub omit: Vec<Omit>,
}

/// What `pg_restore` shall print of an archive.
pub(super) enum Selection {
    /// The table of contents of a section.
    List(&'static str),
    /// The script of a section.
    Section(&'static str),
    /// The script of these entries.
    Entries(Vec<EntryId>),
    /// Their script with the DROP statements before it.
    Drops(Vec<EntryId>),
}

impl Tools {
    /// The newest version there is, in `pg_bin` alone if it is given.
    pub async fn find(pg_bin: Option<&Path>) -> Result<Tools> {
        let places = match pg_bin {
            Some(dir) => vec![dir.to_owned()],
            None => places(),
        };
        let mut best: Option<((u32, u32), bool, Tools)> = None;
        for dir in places {
            let Some(tools) = Tools::at(&dir).await else { continue };
            // Debian's /usr/bin/pg_dump asks pg_wrapper which version to run; the real one leaves no doubt.
            let real = !tools.pg_dump.canonicalize().is_ok_and(|path| path.ends_with("pg_wrapper"));
            if best
                .as_ref()
                .is_none_or(|(version, was_real, _)| (tools.version, real) > (*version, *was_real))
            {
                best = Some((tools.version, real, tools));
            }
        }
        best.map(|(_, _, tools)| tools).ok_or_else(|| match pg_bin {
            Some(dir) => {
                Error::new(Kind::Preflight, "there is no working pg_dump and pg_restore of one version")
                    .object(dir.display())
                    .remedy("name the directory that holds both with --pg-bin DIR")
            }
            None => Error::new(Kind::Preflight, "pg_dump and pg_restore were not found").remedy(
                "install the client programs of the source's version or newer (apt-get install \
                 postgresql-client-NN), or name their directory with --pg-bin DIR",
            ),
        })
    }

    /// The major version; it must not be older than the source's.
    #[must_use]
    pub fn version(&self) -> u32 {
        self.version.0
    }

    /// Where `pg_dump` is.
    #[must_use]
    pub fn pg_dump(&self) -> &Path {
        &self.pg_dump
    }

    /// Dumps the schema into a temporary file and reads its entries.
    pub async fn dump(&self, request: &DumpRequest, stop: &Stop) -> Result<Archive> {
        let file = temporary_file()?;
        let mut command = command(&self.pg_dump);
        command.args([
            "--format=custom",
            "--schema-only",
            "--encoding=UTF8",
            "--no-password",
            "--no-subscriptions",
        ]);
        command.args(request.omit.iter().map(|omit| omit.argument()));
        command.args(request.snapshot.iter().map(|snapshot| format!("--snapshot={snapshot}")));
        command.args(&request.selection);
        command.arg(format!("--dbname={}", request.conninfo));
        command.envs(request.environment.iter().map(|(name, value)| (name, value.expose_secret())));
        command.stdout(file.try_clone().map_err(unusable)?);
        run("pg_dump", command, stop).await?;
        Archive::read(self.clone(), file, request.omit.clone(), stop).await
    }

    /// Runs `pg_restore` on an archive and returns what it prints. Nobody else may read the handle meanwhile.
    pub(super) async fn print(
        &self,
        mut archive: &File,
        omit: &[Omit],
        selection: &Selection,
        stop: &Stop,
    ) -> Result<String> {
        let mut command = command(&self.pg_restore);
        command.args(omit.iter().map(|omit| omit.argument()));
        // Lives until the child has ended.
        let mut list: Option<File> = None;
        match selection {
            Selection::List(section) => {
                command.arg("--list").arg(format!("--section={section}"));
            }
            Selection::Section(section) => {
                command.args(["--verbose", "--file=-"]).arg(format!("--section={section}"));
            }
            Selection::Entries(ids) => {
                let list = list.insert(list_file(ids)?);
                command.args(["--verbose", "--file=-"]).arg(use_list(list));
            }
            Selection::Drops(ids) => {
                let list = list.insert(list_file(ids)?);
                command.args(["--verbose", "--file=-", "--clean", "--if-exists"]);
                command.arg(use_list(list));
            }
        }
        archive.rewind().map_err(unusable)?;
        command.stdin(archive.try_clone().map_err(unusable)?);
        let printed = run("pg_restore", command, stop).await?;
        String::from_utf8(printed).map_err(|cause| {
            Error::new(Kind::Schema, "the schema holds text that is not UTF-8")
                .object("the schema of the source")
                .caused_by(cause.utf8_error())
        })
    }

    /// The programs of this directory, if both are there, work and are of one version.
    async fn at(dir: &Path) -> Option<Tools> {
        let (pg_dump, pg_restore) = (dir.join("pg_dump"), dir.join("pg_restore"));
        let version = version_of(&pg_dump).await?;
        (version_of(&pg_restore).await? == version).then_some(Tools { pg_dump, pg_restore, version })
    }
}

fn places() -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let usual = USUAL_PLACES.iter().flat_map(|(parent, prefix, bin)| {
        let found = std::fs::read_dir(parent).into_iter().flatten().flatten();
        found
            .filter(|dir| dir.file_name().to_string_lossy().starts_with(prefix))
            .map(|dir| dir.path().join(bin))
            .collect::<Vec<_>>()
    });
    std::env::split_paths(&path).filter(|dir| dir.is_absolute()).chain(usual).collect()
}

async fn version_of(program: &Path) -> Option<(u32, u32)> {
    if !program.is_file() {
        return None;
    }
    let mut command = command(program);
    command.arg("--version");
    let printed = run("", command, &Stop::never()).await.ok()?;
    parse_version(&String::from_utf8(printed).ok()?)
}

/// `pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, `… 19devel`, `… 18beta1`.
fn parse_version(text: &str) -> Option<(u32, u32)> {
    let version = text.split_once("(PostgreSQL) ")?.1.split_whitespace().next()?;
    let digits = |text: &str| {
        let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        text[..end].parse::<u32>().ok()
    };
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    Some((digits(major)?, digits(minor).unwrap_or(0)))
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        if name.as_encoded_bytes().starts_with(b"PG") {
            command.env_remove(name);
        }
    }
    command.env("LC_ALL", "C").kill_on_drop(true);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

async fn run(program: &'static str, mut command: Command, stop: &Stop) -> Result<Vec<u8>> {
    let started = |cause| Error::new(Kind::Schema, "could not be run").object(program).caused_by(cause);
    stop.check()?;
    let child = command.spawn().map_err(started)?;
    let output = tokio::select! {
        () = stop.given() => return Err(Error::interrupted()),
        output = child.wait_with_output() => output.map_err(started)?,
    };
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(failure::error(program, &String::from_utf8_lossy(&output.stderr)))
    }
}

/// A file without a name in the directory for temporary files; it goes with its last handle.
pub fn temporary_file() -> Result<File> {
    tempfile::tempfile().map_err(|cause| {
        Error::new(Kind::Schema, "a temporary file could not be made")
            .object(std::env::temp_dir().display())
            .remedy("set TMPDIR to a directory that can be written")
            .caused_by(cause)
    })
}

/// A file for `--use-list`, which a child inherits.
fn list_file(ids: &[EntryId]) -> Result<File> {
    let mut file = temporary_file()?;
    let lines: Vec<String> = ids.iter().map(|id| format!("{id};")).collect();
    file.write_all(lines.join("\n").as_bytes()).and_then(|()| file.rewind()).map_err(unusable)?;
    // A child that is started by others at this moment inherits it too and does not look at it.
    fcntl_setfd(&file, FdFlags::empty()).map_err(|cause| unusable(cause.into()))?;
    Ok(file)
}

fn use_list(list: &File) -> String {
    format!("--use-list=/dev/fd/{}", list.as_raw_fd())
}

fn unusable(cause: io::Error) -> Error {
    Error::new(Kind::Schema, "a temporary file could not be used")
        .object(std::env::temp_dir().display())
        .remedy("make room in the directory for temporary files, or set TMPDIR")
        .caused_by(cause)
}

#[cfg(test)]
#[path = "tools_tests.rs"]
mod tests;
