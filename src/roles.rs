//! Roles that come along with the objects that name them (`--roles`).
//!
//! Roles belong to a server, not to a database: what the target has already is never changed, and what is made is in the
//! ledger, so that it is dropped again when the run fails.
//!
//! Invariant: a role gets no more rights than it has on the source: a membership whose restriction the target cannot
//! express is not granted, but named. A password travels as its verifier, read only when the roles are made, and is
//! never shown.
//! Deliberately absent: settings of a role in the database (see `database`), and members of a role that nobody needs.

pub mod decide;
#[cfg(test)]
mod fixture;
pub mod make;
pub mod read;
pub mod statement;

use crate::pg::ident::Ident;
use crate::pg::setting::Setting;
use crate::pg::sql::Sql;
use crate::report::{Finding, NotCopied};

/// What the chosen objects need of a role.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "a role may be needed in several ways")]
pub struct Used {
    /// Its name.
    pub name: String,
    /// It owns objects.
    pub owner: bool,
    /// It has default privileges.
    pub altered: bool,
    /// A policy names it.
    pub named: bool,
    /// It is granted rights, or has granted some.
    pub granted: bool,
    /// A user mapping is its.
    pub mapped: bool,
}

impl Used {
    /// A role that only has settings in the database.
    #[must_use]
    pub fn by_setting(name: &str) -> Self {
        Self { name: name.into(), owner: false, altered: false, named: false, granted: false, mapped: false }
    }
}

/// A role, by its attributes.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts of pg_authid")]
pub struct Role {
    /// Its name.
    pub name: String,
    /// SUPERUSER
    pub superuser: bool,
    /// INHERIT
    pub inherit: bool,
    /// CREATEROLE
    pub create_role: bool,
    /// CREATEDB
    pub create_database: bool,
    /// LOGIN
    pub login: bool,
    /// REPLICATION
    pub replication: bool,
    /// BYPASSRLS
    pub bypass_rls: bool,
    /// CONNECTION LIMIT, or -1
    pub connections: i32,
    /// VALID UNTIL, in UTC
    pub valid_until: Option<String>,
    /// Its comment.
    pub comment: Option<String>,
    /// Its security labels, each after its provider.
    pub labels: Vec<(String, String)>,
    /// Its settings in all databases.
    pub settings: Vec<Setting>,
}

/// A membership of one role in another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Membership {
    /// In which role.
    pub role: String,
    /// Who.
    pub member: String,
    /// WITH ADMIN
    pub admin: bool,
    /// WITH INHERIT, where the server knows it (16 and later).
    pub inherit: Option<bool>,
    /// WITH SET, likewise.
    pub set_role: Option<bool>,
    /// Who granted it, unless the superuser that initdb made.
    pub grantor: Option<String>,
}

/// The roles of one server, as far as they matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Roles {
    /// By name.
    pub roles: Vec<Role>,
    /// Memberships of these roles.
    pub memberships: Vec<Membership>,
}

impl Roles {
    /// The role of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Role> {
        self.roles.iter().find(|role| role.name == name)
    }
}

/// The roles that are made, and what of them is not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bringing {
    /// Who.
    pub roles: Vec<Role>,
    /// Roles in which our own must be a member to give objects to them, for the time of the run.
    pub joined: Vec<Ident>,
    /// Our own role.
    pub me: String,
    /// What they are members of, in an order in which it can be granted.
    pub memberships: Vec<Membership>,
    /// Whether their passwords come too.
    pub passwords: bool,
    /// The target's major version.
    pub version: u32,
    /// Statements that the target has refused in a trial, and that can be done without.
    pub left_out: Vec<Sql>,
    /// What is left behind.
    pub not_copied: Vec<NotCopied>,
    /// What should be known.
    pub warnings: Vec<Finding>,
}
