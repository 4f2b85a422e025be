//! What the extensions of either side hold: their members, and what stands on those of them that are tables.
//!
//! Invariant: told apart by type and identity, which are the same on every server.
//! Deliberately absent: what a difference means (see `plan::members`).

use std::collections::BTreeMap;

use super::read::FAILED;
use crate::error::{Context, Kind, Result};
use crate::pg::session::{Session, Side, column};
use crate::sql;

/// What tells a member from every other: extension, type, identity.
pub type MemberId = (String, String, String);

/// A member of an extension, or a part of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The extension's version.
    pub version: String,
    /// A hash of how it is defined, as far as that can be asked.
    pub definition: String,
    /// A hash of its comment.
    pub comment: String,
}

/// Reads the members of either side's extensions.
pub async fn members<S: Side>(session: &Session<S>) -> Result<BTreeMap<MemberId, Member>> {
    let rows =
        session.rows(&sql!("catalog/members.sql"), &[]).await.context(Kind::Schema, FAILED, S::NAME)?;
    let member = |row| {
        let member = Member {
            version: column(row, "version")?,
            definition: column(row, "definition")?,
            comment: column(row, "comment")?,
        };
        Ok(((column(row, "extension")?, column(row, "type")?, column(row, "identity")?), member))
    };
    rows.iter().map(member).collect()
}
