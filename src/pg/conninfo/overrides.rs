//! Parameters that differ where the target server, not this machine, connects.
//!
//! Invariant: every keyword held may stand in CREATE SERVER or CREATE USER MAPPING of `postgres_fdw`.

use secrecy::SecretString;

use super::choices::sslmode;
use super::keywords::Parameters;
use super::{hosts, pairs};
use crate::error::{Error, Kind, Result};

/// What `--source-from-target` says. Nothing here comes from the environment.
#[derive(Debug, Clone, Default)]
pub struct Overrides(Parameters);

impl Overrides {
    pub(super) fn parse(text: &str) -> Result<Self> {
        let mut parameters = Parameters::default();
        for (name, value) in pairs(text)? {
            parameters.set(&name, value)?;
        }
        // postgres_fdw hides these (option.c, InitPgFdwOptions), or a superuser's mapping alone may hold them.
        for name in [
            "client_encoding",
            "fallback_application_name",
            "replication",
            "sslpassword",
            "scram_client_key",
            "scram_server_key",
            "oauth_client_secret",
        ] {
            if parameters.is_set(name) {
                return Err(
                    Error::new(Kind::Usage, "cannot be given to the target's foreign server").object(name)
                );
            }
        }
        sslmode(&parameters)?;
        hosts::read(&parameters, "")?;
        Ok(Self(parameters))
    }

    /// The value of a keyword that is not secret.
    #[must_use]
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.0.get(keyword)
    }

    /// The password by which the target's server logs in.
    #[must_use]
    pub fn password(&self) -> Option<&SecretString> {
        self.0.secret("password")
    }

    /// Values by keyword, without secrets.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.0.iter().map(|(keyword, value)| (keyword.name, value))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_filled_in() {
        let overrides = Overrides::parse("host=10.0.0.5 password=hush").unwrap();
        assert_eq!(overrides.iter().collect::<Vec<_>>(), [("host", "10.0.0.5")]);
        assert!(overrides.password().is_some() && !format!("{overrides:?}").contains("hush"));
        assert_eq!(Overrides::parse("postgresql://db:99").unwrap().get("port"), Some("99"));
    }

    #[test]
    fn mistakes_are_found_before_the_target_sees_them() {
        for text in ["sslmode=always", "port=none", "nonsense=1", "sslpassword=x", "client_encoding=utf8"] {
            assert!(Overrides::parse(text).is_err(), "{text}");
        }
    }
}
