//! libpq's connection keywords and a bag of their values.
//!
//! Invariant: only known keywords are held, and the values of secret ones never show in `Debug`.
//! The table is that of `fe-connect.c`, `PQconninfoOptions`, up to PostgreSQL 18.
//! Deliberately absent: what the values mean (see `choices`).

use std::collections::BTreeMap;

use secrecy::SecretString;

use crate::error::{Error, Kind, Result};

/// Where a keyword's value means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scope {
    /// Says which server, database and role: has an accessor of its own.
    Place,
    /// How to connect, the same from every machine.
    Everywhere,
    /// A file of this machine.
    File,
    /// Only for the client that reads it: choosing among hosts, looking values up, naming itself.
    Here,
    /// A secret.
    Secret,
}

/// One keyword.
#[derive(Debug)]
pub(crate) struct Keyword {
    pub(crate) name: &'static str,
    pub(crate) variable: Option<&'static str>,
    pub(crate) scope: Scope,
}

const fn keyword(name: &'static str, variable: &'static str, scope: Scope) -> Keyword {
    let variable = if variable.is_empty() { None } else { Some(variable) };
    Keyword { name, variable, scope }
}

/// Every keyword that libpq knows.
pub(crate) const KEYWORDS: &[Keyword] = &[
    keyword("service", "PGSERVICE", Scope::Here),
    keyword("user", "PGUSER", Scope::Place),
    keyword("password", "PGPASSWORD", Scope::Secret),
    keyword("passfile", "PGPASSFILE", Scope::Here),
    keyword("channel_binding", "PGCHANNELBINDING", Scope::Everywhere),
    keyword("connect_timeout", "PGCONNECT_TIMEOUT", Scope::Everywhere),
    keyword("dbname", "PGDATABASE", Scope::Place),
    keyword("host", "PGHOST", Scope::Place),
    keyword("hostaddr", "PGHOSTADDR", Scope::Place),
    keyword("port", "PGPORT", Scope::Place),
    keyword("client_encoding", "PGCLIENTENCODING", Scope::Here),
    keyword("options", "PGOPTIONS", Scope::Everywhere),
    keyword("application_name", "PGAPPNAME", Scope::Here),
    keyword("fallback_application_name", "", Scope::Here),
    keyword("keepalives", "", Scope::Everywhere),
    keyword("keepalives_idle", "", Scope::Everywhere),
    keyword("keepalives_interval", "", Scope::Everywhere),
    keyword("keepalives_count", "", Scope::Everywhere),
    keyword("tcp_user_timeout", "", Scope::Everywhere),
    keyword("sslmode", "PGSSLMODE", Scope::Everywhere),
    keyword("sslnegotiation", "PGSSLNEGOTIATION", Scope::Everywhere),
    keyword("sslcompression", "PGSSLCOMPRESSION", Scope::Everywhere),
    keyword("sslcert", "PGSSLCERT", Scope::File),
    keyword("sslkey", "PGSSLKEY", Scope::File),
    keyword("sslcertmode", "PGSSLCERTMODE", Scope::File),
    keyword("sslpassword", "", Scope::Secret),
    keyword("sslrootcert", "PGSSLROOTCERT", Scope::File),
    keyword("sslcrl", "PGSSLCRL", Scope::File),
    keyword("sslcrldir", "PGSSLCRLDIR", Scope::File),
    keyword("sslsni", "PGSSLSNI", Scope::Everywhere),
    keyword("sslkeylogfile", "", Scope::File),
    keyword("requirepeer", "PGREQUIREPEER", Scope::Here),
    keyword("require_auth", "PGREQUIREAUTH", Scope::Everywhere),
    keyword("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", Scope::Everywhere),
    keyword("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", Scope::Everywhere),
    keyword("min_protocol_version", "PGMINPROTOCOLVERSION", Scope::Everywhere),
    keyword("max_protocol_version", "PGMAXPROTOCOLVERSION", Scope::Everywhere),
    keyword("gssencmode", "PGGSSENCMODE", Scope::Everywhere),
    keyword("krbsrvname", "PGKRBSRVNAME", Scope::Everywhere),
    keyword("gsslib", "PGGSSLIB", Scope::Here),
    keyword("gssdelegation", "PGGSSDELEGATION", Scope::Here),
    keyword("replication", "", Scope::Here),
    keyword("target_session_attrs", "PGTARGETSESSIONATTRS", Scope::Here),
    keyword("load_balance_hosts", "PGLOADBALANCEHOSTS", Scope::Here),
    keyword("scram_client_key", "", Scope::Secret),
    keyword("scram_server_key", "", Scope::Secret),
    keyword("oauth_issuer", "", Scope::Here),
    keyword("oauth_client_id", "", Scope::Here),
    keyword("oauth_client_secret", "", Scope::Secret),
    keyword("oauth_scope", "", Scope::Here),
];

/// The keyword of this name.
pub(crate) fn find(name: &str) -> Option<&'static Keyword> {
    KEYWORDS.iter().find(|keyword| keyword.name == name)
}

/// Values by keyword. An empty value stands for "the default, whatever the environment says".
#[derive(Debug, Clone, Default)]
pub(crate) struct Parameters {
    plain: BTreeMap<&'static str, String>,
    secret: BTreeMap<&'static str, SecretString>,
}

impl Parameters {
    /// Sets a value; the last one counts.
    pub(crate) fn set(&mut self, name: &str, value: String) -> Result<()> {
        let keyword = find(name).ok_or_else(|| unknown(name))?;
        if keyword.scope == Scope::Secret {
            self.secret.insert(keyword.name, value.into());
        } else {
            self.plain.insert(keyword.name, value);
        }
        Ok(())
    }

    /// Whether a value was set, be it empty.
    pub(crate) fn is_set(&self, name: &str) -> bool {
        self.plain.contains_key(name) || self.secret.contains_key(name)
    }

    /// A value that is neither secret nor empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.plain.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// A secret that is not empty.
    pub(crate) fn secret(&self, name: &str) -> Option<&SecretString> {
        use secrecy::ExposeSecret;
        self.secret.get(name).filter(|secret| !secret.expose_secret().is_empty())
    }

    /// All values that are neither secret nor empty, by keyword.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Keyword, &str)> {
        KEYWORDS.iter().filter_map(|keyword| Some((keyword, self.get(keyword.name)?)))
    }
}

/// A stray word may be a piece of a badly quoted password, so only what looks like a keyword is named.
fn unknown(name: &str) -> Error {
    let plausible = name.len() <= 30 && name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let message = if plausible && !name.is_empty() {
        format!("unknown connection keyword \"{name}\"")
    } else {
        "unknown connection keyword".to_owned()
    };
    Error::new(Kind::Usage, message).remedy(
        "use libpq's keywords (host, port, dbname, user, sslmode, …), and quote values that hold spaces: password='a b'",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_keyword_is_named_but_a_piece_of_a_password_is_not() {
        let mut parameters = Parameters::default();
        let known = |text: &str| Error::to_string(&unknown(text));
        assert_eq!(
            parameters.set("hots", String::new()).unwrap_err().to_string(),
            "unknown connection keyword \"hots\""
        );
        assert!(!known("S3cret!").contains("S3cret"));
    }

    #[test]
    fn secrets_do_not_show() {
        let mut parameters = Parameters::default();
        parameters.set("password", "hush".into()).unwrap();
        parameters.set("user", "alice".into()).unwrap();
        let shown = format!("{parameters:?}");
        assert!(shown.contains("alice") && !shown.contains("hush"));
        assert!(parameters.get("password").is_none() && parameters.secret("password").is_some());
    }
}
