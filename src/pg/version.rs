//! Server versions and the few places where they matter.
//!
//! Invariant: a setting is offered only to servers that know it.

use std::fmt;

use serde::Serialize;

/// A server's version, as `server_version_num` counts it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Version(u32);

impl Version {
    /// The oldest source that is read from.
    pub const OLDEST_SOURCE: Version = Version(120_000);
    /// The oldest target that is written to.
    pub const OLDEST_TARGET: Version = Version(140_000);

    /// From `server_version_num`, 150004 for 15.4.
    #[must_use]
    pub fn from_number(number: u32) -> Self {
        Self(number)
    }

    /// The major version, 15 for 15.4.
    #[must_use]
    pub fn major(self) -> u32 {
        self.0 / 10_000
    }

    /// `name = value` settings that keep a long session alive for as long as its client, and no longer: without the last
    /// one a statement would run on, and commit, after the client was killed. Spelt for servers of this version: an
    /// unknown setting in the start-up packet would refuse the connection.
    #[must_use]
    pub fn unlimited_session(self) -> Vec<(&'static str, &'static str)> {
        let mut settings = vec![
            ("statement_timeout", "0"),
            ("lock_timeout", "0"),
            ("idle_in_transaction_session_timeout", "0"),
        ];
        if self.major() >= 14 {
            settings.push(("idle_session_timeout", "0"));
            settings.push(("client_connection_check_interval", "1000"));
        }
        if self.major() >= 17 {
            settings.push(("transaction_timeout", "0"));
        }
        settings
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.major(), self.0 % 10_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_follow_the_version() {
        let knows = |number, name| {
            Version::from_number(number).unlimited_session().iter().any(|(known, _)| *known == name)
        };
        assert!(!knows(120_022, "idle_session_timeout"));
        assert!(knows(140_000, "idle_session_timeout"));
        assert!(!knows(160_003, "transaction_timeout"));
        assert!(knows(170_000, "transaction_timeout"));
    }

    #[test]
    fn a_version_reads_like_the_servers() {
        assert_eq!(Version::from_number(150_018).to_string(), "15.18");
    }
}
