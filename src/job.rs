//! What was asked, validated, in named groups. What was typed is in `cli`; nothing below this knows it.
//!
//! Invariant: every value here has been parsed; a mistake is found before any server is asked.
//! Deliberately absent: defaults of the command line, and everything that only concerns the screen.

pub mod copy;
pub mod sequences;
pub mod sync;
pub mod verify;

use std::path::PathBuf;
use std::time::Duration;

use crate::archive::Omit;
use crate::pg::conninfo::{Conninfo, Overrides};
use crate::pg::version::Version;
use crate::plan::Shape;
use crate::plan::select::Selection;

/// A job that connects two servers.
#[derive(Debug)]
pub struct Job {
    /// Where rows come from.
    pub source: Conninfo,
    /// Where rows go to.
    pub target: Conninfo,
    /// How the target reaches the source, where that differs.
    pub source_from_target: Overrides,
    /// Whether the target logs in to the source as a role that is made for the run.
    pub temporary_role: bool,
    /// Which part of the database.
    pub selection: Selection,
    /// Number of workers.
    pub workers: usize,
    /// What of the definitions is copied, and with which programs.
    pub definitions: Definitions,
    /// How the rows are proved.
    pub proof: Proof,
    /// For how long to try to agree on a snapshot.
    pub snapshot_timeout: Duration,
    /// The promise the rows are copied under.
    pub consistency: Mode,
    /// Whether an interrupted run is taken up again.
    pub resume: bool,
    /// Only look; for a clone, show what would be done.
    pub dry_run: bool,
}

impl Job {
    /// What the planner needs to know of it, for a source of this version.
    #[must_use]
    pub fn shape(&self, source: Version) -> Shape {
        let Definitions { schema_only, privileges, comments, .. } = self.definitions;
        let user = self.source_from_target.get("user");
        let own_login = !self.temporary_role && user.is_none_or(|user| user == self.source.user());
        Shape { own_login, privileges, comments, ..Shape::new(source, self.workers, schema_only) }
    }

    /// What of the database is meant, in the words of the command line: a run is only taken up again with the same.
    /// What becomes of invalid foreign keys may be another: it is what a run is stopped by that did not expect them.
    #[must_use]
    pub fn extent(&self) -> String {
        let definitions = &self.definitions;
        let switches = [
            (!definitions.owner, "--no-owner"),
            (!definitions.privileges, "--no-privileges"),
            (!definitions.comments, "--no-comments"),
            (!definitions.tablespaces, "--no-tablespaces"),
            (definitions.roles == Roles::WithPasswords, "--roles"),
            (definitions.roles == Roles::WithoutPasswords, "--roles --no-role-passwords"),
            (definitions.replace, "--replace"),
            (definitions.schema_only, "--schema-only"),
        ];
        let switches = switches.into_iter().filter(|(given, _)| *given).map(|(_, switch)| switch.to_owned());
        self.selection.words().into_iter().chain(switches).collect::<Vec<_>>().join(" ")
    }
}

/// What is to be removed from a target.
#[derive(Debug)]
pub struct Cleanup {
    /// The database.
    pub target: Conninfo,
    /// What becomes of the objects of a run that could be taken up again.
    pub unfinished: Option<Fate>,
    /// Whether the watermarks of copies are forgotten too.
    pub watermarks: bool,
    /// Only list them.
    pub dry_run: bool,
}

/// What becomes of the objects of a run that could be taken up again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// They are dropped.
    Drop,
    /// They stay as they are.
    Keep,
}

/// The promise the rows are copied under.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// All workers read one snapshot; all or nothing.
    Snapshot,
    /// The source's tables are locked against writers; every chunk commits on its own.
    Lock,
    /// No promise between chunks; every chunk commits on its own.
    None,
}

impl Mode {
    /// The name on the command line, in the report and in the ledger.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Snapshot => "snapshot",
            Self::Lock => "lock",
            Self::None => "none",
        }
    }

    /// Whether a run in this mode is kept when it is interrupted, to be taken up again.
    #[must_use]
    pub fn is_resumable(self) -> bool {
        self != Self::Snapshot
    }
}

/// Which definitions are copied.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches of pg_dump")]
pub struct Definitions {
    /// Who owns the objects.
    pub owner: bool,
    /// GRANT and REVOKE.
    pub privileges: bool,
    /// COMMENT.
    pub comments: bool,
    /// In which tablespace things lie.
    pub tablespaces: bool,
    /// What becomes of roles that own objects or are granted anything.
    pub roles: Roles,
    /// Whether objects of the target that are in the way are replaced.
    pub replace: bool,
    /// What becomes of foreign keys that the source's own rows violate.
    pub invalid_foreign_keys: InvalidForeignKeys,
    /// No rows, no sequence values.
    pub schema_only: bool,
    /// Where pg_dump and pg_restore are.
    pub pg_bin: Option<PathBuf>,
}

impl Definitions {
    /// What pg_dump is told to leave out.
    #[must_use]
    pub fn omitted(&self) -> Vec<Omit> {
        let switches = [
            (self.owner, Omit::Owner),
            (self.privileges, Omit::Privileges),
            (self.comments, Omit::Comments),
            (self.tablespaces, Omit::Tablespaces),
        ];
        switches.into_iter().filter(|(wanted, _)| !wanted).map(|(_, omit)| omit).collect()
    }
}

/// What becomes of roles that own objects or are granted anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Roles {
    /// The target must have them.
    Expected,
    /// They are brought with their passwords.
    WithPasswords,
    /// They are brought; their passwords are not.
    WithoutPasswords,
}

/// What becomes of foreign keys that the source's own rows violate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvalidForeignKeys {
    /// The run fails.
    Fail,
    /// They are made NOT VALID.
    NotValid,
}

/// What happens after the copy.
#[derive(Debug, Clone, Copy)]
pub struct Proof {
    /// How both sides are compared.
    pub level: VerifyLevel,
    /// Whether statistics are gathered.
    pub analyze: bool,
}

/// How closely both sides are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum VerifyLevel {
    /// Not at all.
    None,
    /// Row counts.
    Count,
    /// Row counts and checksums of all values.
    Checksum,
}

impl VerifyLevel {
    /// The name in the report.
    #[must_use]
    pub fn name(self) -> Option<&'static str> {
        match self {
            Self::None => None,
            Self::Count => Some("count"),
            Self::Checksum => Some("checksum"),
        }
    }
}
