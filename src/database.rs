//! What a database has of its own: settings, comment, rights, security labels, limits. `pg_dump` without `--create`
//! tells nothing of it.
//!
//! Invariant: nothing that the target's database has otherwise is changed, unless the user said `--replace`: then it is
//! named among what was not copied. All of it is done by the run's last transaction, because it cannot be undone by
//! dropping; the owner is never changed.
//! Deliberately absent: encoding, locale and tablespace, with which the target was created.

pub mod decide;
pub mod read;
pub mod statement;

use std::collections::{BTreeMap, BTreeSet};

use crate::pg::setting::Setting;
use crate::report::{Finding, NotCopied};
use crate::step::Step;

/// The properties of one side's database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Properties {
    /// Its name.
    pub name: String,
    /// Its owner.
    pub owner: String,
    /// Its comment.
    pub comment: Option<String>,
    /// CONNECTION LIMIT, or -1.
    pub connections: i32,
    /// Whether it is a template.
    pub template: bool,
    /// Its settings.
    pub settings: Vec<Setting>,
    /// Settings of roles in it, by role.
    pub role_settings: BTreeMap<String, Vec<Setting>>,
    /// Who may do what, the owner left out.
    pub rights: BTreeSet<Right>,
    /// What the owner may do.
    pub of_owner: BTreeSet<Privilege>,
    /// Security labels by their provider.
    pub labels: BTreeMap<String, String>,
}

/// A right on a database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Right {
    /// Whose; `PUBLIC`'s if absent.
    pub grantee: Option<String>,
    /// To do what.
    pub privilege: Privilege,
    /// Whether he may grant it.
    pub grantable: bool,
}

/// What may be done with a database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Privilege {
    /// CONNECT
    Connect,
    /// CREATE
    Create,
    /// TEMPORARY
    Temporary,
}

impl Privilege {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Connect, Self::Create, Self::Temporary];

    /// Its name in statements and catalogs.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Connect => "CONNECT",
            Self::Create => "CREATE",
            Self::Temporary => "TEMPORARY",
        }
    }
}

/// What is changed on the target's database, and what is not.
#[derive(Debug, Clone, Default)]
pub struct Changes {
    /// In this order, each one by itself.
    pub steps: Vec<Step>,
    /// What is left behind.
    pub not_copied: Vec<NotCopied>,
    /// What should be known.
    pub warnings: Vec<Finding>,
}
