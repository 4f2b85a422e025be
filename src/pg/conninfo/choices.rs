//! The typed meaning of the keywords that decide how to connect.
//!
//! Invariant: what cannot be honoured is refused here, by name; nothing that bears on security is ignored.
//! Errors name the keyword and what it takes, never the value: a badly encoded URI can put a piece of a
//! password anywhere.

use std::time::Duration;

use tokio_postgres::config::{ChannelBinding, SslNegotiation};

use super::keywords::Parameters;
use crate::error::{Error, Kind, Result};

/// `sslmode`, weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SslMode {
    /// Never TLS.
    Disable,
    /// TLS only where the server insists.
    Allow,
    /// TLS where the server offers it.
    Prefer,
    /// Always TLS.
    Require,
    /// TLS, and the certificate must come from a trusted authority.
    VerifyCa,
    /// The same, and it must be this host's certificate.
    VerifyFull,
}

/// `target_session_attrs`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionAttributes {
    /// Whatever server answers.
    Any,
    /// One that takes writes.
    ReadWrite,
    /// One that refuses writes.
    ReadOnly,
    /// One that is not in recovery.
    Primary,
    /// One that is in recovery.
    Standby,
    /// One that is in recovery if there is one, else any.
    PreferStandby,
}

/// The versions of TLS that may be spoken; there are only two that should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TlsVersions {
    Both,
    OnlyTls12,
    OnlyTls13,
}

/// TCP keepalives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Keepalives {
    pub(crate) idle: Duration,
    pub(crate) interval: Option<Duration>,
    pub(crate) count: Option<u32>,
}

/// All of them.
#[derive(Debug, Clone)]
pub(crate) struct Choices {
    pub(crate) sslmode: SslMode,
    pub(crate) negotiation: SslNegotiation,
    pub(crate) server_name_indication: bool,
    pub(crate) tls: TlsVersions,
    pub(crate) channel_binding: ChannelBinding,
    pub(crate) session: SessionAttributes,
    pub(crate) random_order: bool,
    pub(crate) connect_timeout: Option<Duration>,
    pub(crate) tcp_user_timeout: Option<Duration>,
    pub(crate) keepalives: Option<Keepalives>,
}

/// Long transfers keep control sessions silent for hours; firewalls often forget them after minutes, and
/// the system's default of two hours comes too late.
const KEEPALIVE_IDLE: Duration = Duration::from_secs(30);

impl Choices {
    pub(crate) fn read(parameters: &Parameters) -> Result<Self> {
        refuse_unsupported(parameters)?;
        let system_roots = parameters.get("sslrootcert") == Some("system");
        let choices = Self {
            sslmode: sslmode(parameters)?.unwrap_or(if system_roots {
                SslMode::VerifyFull
            } else {
                SslMode::Prefer
            }),
            negotiation: choice(
                parameters,
                "sslnegotiation",
                &[("postgres", SslNegotiation::Postgres), ("direct", SslNegotiation::Direct)],
            )?
            .unwrap_or_default(),
            server_name_indication: parameters.get("sslsni") != Some("0"),
            tls: tls_versions(parameters)?,
            channel_binding: choice(
                parameters,
                "channel_binding",
                &[
                    ("disable", ChannelBinding::Disable),
                    ("prefer", ChannelBinding::Prefer),
                    ("require", ChannelBinding::Require),
                ],
            )?
            .unwrap_or(ChannelBinding::Prefer),
            session: session(parameters)?,
            random_order: choice(parameters, "load_balance_hosts", &[("disable", false), ("random", true)])?
                .unwrap_or(false),
            connect_timeout: positive(parameters, "connect_timeout")?.map(Duration::from_secs),
            tcp_user_timeout: positive(parameters, "tcp_user_timeout")?.map(Duration::from_millis),
            keepalives: keepalives(parameters)?,
        };
        if system_roots && choices.sslmode != SslMode::VerifyFull {
            return Err(Error::new(Kind::Usage, "sslrootcert=system needs sslmode=verify-full"));
        }
        if choices.negotiation == SslNegotiation::Direct && choices.sslmode < SslMode::Require {
            return Err(Error::new(
                Kind::Usage,
                "sslnegotiation=direct needs sslmode=require, verify-ca or verify-full",
            ));
        }
        Ok(choices)
    }
}

/// `sslmode`, if it was said.
pub(super) fn sslmode(parameters: &Parameters) -> Result<Option<SslMode>> {
    choice(
        parameters,
        "sslmode",
        &[
            ("disable", SslMode::Disable),
            ("allow", SslMode::Allow),
            ("prefer", SslMode::Prefer),
            ("require", SslMode::Require),
            ("verify-ca", SslMode::VerifyCa),
            ("verify-full", SslMode::VerifyFull),
        ],
    )
}

fn session(parameters: &Parameters) -> Result<SessionAttributes> {
    let session = choice(
        parameters,
        "target_session_attrs",
        &[
            ("any", SessionAttributes::Any),
            ("read-write", SessionAttributes::ReadWrite),
            ("read-only", SessionAttributes::ReadOnly),
            ("primary", SessionAttributes::Primary),
            ("standby", SessionAttributes::Standby),
            ("prefer-standby", SessionAttributes::PreferStandby),
        ],
    )?;
    Ok(session.unwrap_or(SessionAttributes::Any))
}

fn keepalives(parameters: &Parameters) -> Result<Option<Keepalives>> {
    if number(parameters, "keepalives")? == Some(0) {
        return Ok(None);
    }
    let seconds = |name| Ok(positive(parameters, name)?.map(Duration::from_secs));
    Ok(Some(Keepalives {
        idle: seconds("keepalives_idle")?.unwrap_or(KEEPALIVE_IDLE),
        interval: seconds("keepalives_interval")?,
        count: positive(parameters, "keepalives_count")?.and_then(|count| u32::try_from(count).ok()),
    }))
}

fn tls_versions(parameters: &Parameters) -> Result<TlsVersions> {
    let version = |name| {
        let versions: Vec<(&str, u8)> =
            ["TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"].into_iter().zip(0..).collect();
        choice(parameters, name, &versions)
    };
    let lowest = version("ssl_min_protocol_version")?.unwrap_or(2).max(2);
    let highest = version("ssl_max_protocol_version")?.unwrap_or(3);
    match (lowest, highest) {
        (2, 3) => Ok(TlsVersions::Both),
        (2, 2) => Ok(TlsVersions::OnlyTls12),
        (3, 3) => Ok(TlsVersions::OnlyTls13),
        _ => Err(Error::new(
            Kind::Usage,
            "leaves no version of TLS to speak; TLSv1.2 and TLSv1.3 are supported",
        )
        .object("ssl_max_protocol_version")),
    }
}

fn choice<T: Copy>(parameters: &Parameters, name: &str, choices: &[(&str, T)]) -> Result<Option<T>> {
    let Some(value) = parameters.get(name) else { return Ok(None) };
    // libpq ignores case in the names of TLS versions only.
    let same = |word: &str| word == value || word.starts_with("TLS") && word.eq_ignore_ascii_case(value);
    if let Some((_, choice)) = choices.iter().find(|(word, _)| same(word)) {
        return Ok(Some(*choice));
    }
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    Err(Error::new(Kind::Usage, format!("must be one of {}", words.join(", "))).object(name))
}

fn number(parameters: &Parameters, name: &str) -> Result<Option<i32>> {
    let Some(value) = parameters.get(name) else { return Ok(None) };
    let number =
        value.trim().parse().map_err(|_| Error::new(Kind::Usage, "must be a whole number").object(name))?;
    Ok(Some(number))
}

/// A number where zero and less mean "the default".
fn positive(parameters: &Parameters, name: &str) -> Result<Option<u64>> {
    Ok(number(parameters, name)?.and_then(|number| u64::try_from(number).ok()).filter(|&number| number > 0))
}

fn refuse_unsupported(parameters: &Parameters) -> Result<()> {
    let harmless: &[(&str, &[&str])] = &[
        ("require_auth", &[]),
        ("requirepeer", &[]),
        ("replication", &["false", "off", "no", "0"]),
        ("gssencmode", &["disable", "prefer"]),
        ("sslcertmode", &["disable", "allow"]),
        ("min_protocol_version", &["3.0"]),
    ];
    for (name, values) in harmless {
        if parameters.get(name).is_some_and(|value| !values.contains(&value)) {
            let allowed =
                if values.is_empty() { String::new() } else { format!(" (only {})", values.join(", ")) };
            return Err(Error::new(Kind::Usage, format!("is not supported{allowed}")).object(name).remedy(
                format!(
                    "leave {name} out of the connection string, the service file and the PG* environment"
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(pairs: &[(&str, &str)]) -> Result<Choices> {
        let mut parameters = Parameters::default();
        for (name, value) in pairs {
            parameters.set(name, (*value).to_owned())?;
        }
        Choices::read(&parameters)
    }

    #[test]
    fn the_defaults_are_those_of_libpq_but_for_keepalives() {
        let choices = choices(&[]).unwrap();
        assert_eq!(choices.sslmode, SslMode::Prefer);
        assert_eq!(choices.session, SessionAttributes::Any);
        assert_eq!(choices.connect_timeout, None);
        assert_eq!(choices.keepalives.unwrap().idle, Duration::from_secs(30));
    }

    #[test]
    fn weak_modes_are_refused_where_they_would_mislead() {
        assert_eq!(choices(&[("sslrootcert", "system")]).unwrap().sslmode, SslMode::VerifyFull);
        assert!(choices(&[("sslrootcert", "system"), ("sslmode", "require")]).is_err());
        assert!(choices(&[("sslnegotiation", "direct")]).is_err());
    }

    #[test]
    fn what_cannot_be_honoured_is_refused_by_name() {
        for (name, value) in
            [("require_auth", "scram-sha-256"), ("requirepeer", "postgres"), ("gssencmode", "require")]
        {
            assert!(choices(&[(name, value)]).unwrap_err().to_string().starts_with(name));
        }
        assert!(choices(&[("gssencmode", "prefer")]).is_ok());
    }

    #[test]
    fn a_wrong_value_names_its_keyword_and_what_it_takes() {
        let error = choices(&[("load_balance_hosts", "yes")]).unwrap_err();
        assert_eq!(error.to_string(), "load_balance_hosts: must be one of disable, random");
        assert_eq!(
            choices(&[("connect_timeout", "soon")]).unwrap_err().to_string(),
            "connect_timeout: must be a whole number"
        );
        assert_eq!(choices(&[("connect_timeout", "-1")]).unwrap().connect_timeout, None);
    }
}
