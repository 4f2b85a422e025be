//! Why a connection failed, in words that help.
//!
//! Invariant: the error names host and port, keeps the cause in its chain, and suggests one thing to do.

use std::fmt;
use std::io;
use std::time::Duration;

use tokio_postgres::config::SslNegotiation;
use tokio_postgres::error::SqlState;

use super::Endpoint;
use crate::error::{Error, ErrorReport, Kind};
use crate::pg::conninfo::Conninfo;

/// The driver's error with what to do about it.
pub(super) fn explained(endpoint: &Endpoint, error: tokio_postgres::Error) -> Error {
    let remedy = remedy(endpoint, &error);
    // The driver's own words say only "error connecting to server" or "db error"; its cause says which.
    let cause = match std::error::Error::source(&error) {
        Some(_) => error.into_source().expect("it was just seen"),
        None => error.into(),
    };
    let explained = refused(endpoint).caused_by(cause);
    match remedy {
        Some(remedy) => explained.remedy(remedy),
        None => explained,
    }
}

pub(super) fn timed_out(endpoint: &Endpoint, limit: Duration) -> Error {
    Error::new(Kind::Connect, format!("could not connect within {} s", limit.as_secs()))
        .object(endpoint)
        .remedy(unreachable(endpoint))
}

pub(super) fn unknown_host(endpoint: &Endpoint, cause: io::Error) -> Error {
    refused(endpoint).caused_by(cause).remedy("check the host name, or give the address in hostaddr=…")
}

/// One error for all hosts: itself if there is one, else a list.
pub(super) fn together(conninfo: &Conninfo, mut failures: Vec<Error>) -> Error {
    if failures.len() == 1 {
        return failures.remove(0);
    }
    let remedy = failures.last().and_then(|error| ErrorReport::from(error).remedy);
    let error = Error::new(Kind::Connect, "could not connect to any host")
        .object(conninfo)
        .caused_by(Attempts(failures));
    match remedy {
        Some(remedy) => error.remedy(remedy),
        None => error,
    }
}

/// Whether another kind of encryption is worth a try: the server refused the user as it came (`pg_hba.conf`
/// distinguishes), or the handshake failed; not where nothing answered. Unlike libpq, not after a wrong
/// password either: it would be wrong again, and need not travel in the clear.
pub(super) fn encryption_may_matter(error: &Error) -> bool {
    use io::ErrorKind::{
        ConnectionRefused, HostUnreachable, NetworkUnreachable, NotFound, PermissionDenied, TimedOut,
    };
    match error.sqlstate() {
        Some(state) => *state == SqlState::INVALID_AUTHORIZATION_SPECIFICATION,
        None => io_error(error).is_some_and(|error| {
            !matches!(
                error.kind(),
                ConnectionRefused
                    | HostUnreachable
                    | NetworkUnreachable
                    | NotFound
                    | PermissionDenied
                    | TimedOut
            )
        }),
    }
}

fn refused(endpoint: &Endpoint) -> Error {
    let via = match (endpoint.address, &endpoint.host.host) {
        (Some(address), Some(name)) if *name != address.to_string() => format!(" ({address})"),
        _ => String::new(),
    };
    Error::new(Kind::Connect, "could not connect").object(format!("{endpoint}{via}"))
}

fn remedy(endpoint: &Endpoint, error: &tokio_postgres::Error) -> Option<String> {
    let user = endpoint.user();
    if let Some(state) = error.code() {
        return match *state {
            SqlState::INVALID_PASSWORD => Some(password(endpoint, "check the password")),
            SqlState::INVALID_AUTHORIZATION_SPECIFICATION => Some(format!(
                "let the server's pg_hba.conf admit {user} to {} from this machine, and check user, sslmode and sslcert; \
                 the server's log says why it refused",
                endpoint.dbname()
            )),
            SqlState::INVALID_CATALOG_NAME => Some("create the database, or check dbname=…".to_owned()),
            SqlState::CANNOT_CONNECT_NOW => {
                Some("wait until the server has started, then try again".to_owned())
            }
            SqlState::TOO_MANY_CONNECTIONS => Some(
                "close sessions on the server, raise its max_connections, or use fewer --jobs".to_owned(),
            ),
            _ => None,
        };
    }
    let cause = std::error::Error::source(error)?;
    if let Some(error) = tls_error(cause) {
        return Some(certificate(error).to_owned());
    }
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        return input_output(endpoint, error.kind());
    }
    match cause.to_string().as_str() {
        "password missing" => Some(password(endpoint, "the server wants a password: give one")),
        "server does not support TLS" => {
            Some("set ssl=on on the server, or use sslmode=prefer or disable".to_owned())
        }
        _ => None,
    }
}

fn password(endpoint: &Endpoint, beginning: &str) -> String {
    let why = endpoint.conninfo.warning().map(|warning| format!(" ({warning})")).unwrap_or_default();
    format!("{beginning} in the connection string, PGPASSWORD or the password file ~/.pgpass{why}")
}

fn input_output(endpoint: &Endpoint, kind: io::ErrorKind) -> Option<String> {
    let port = endpoint.port();
    let direct = endpoint.conninfo.choices().negotiation == SslNegotiation::Direct;
    match (endpoint.host.socket_directory(), kind) {
        (Some(directory), io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused) => Some(format!(
            "is the server running here, with its socket {directory}/.s.PGSQL.{port}? Name a host to connect by TCP"
        )),
        (Some(directory), io::ErrorKind::PermissionDenied) => {
            Some(format!("the socket in {directory} may not be opened by this operating system user"))
        }
        (None, io::ErrorKind::ConnectionRefused) => Some(format!(
            "is the server running there and listening on port {port}? Check its listen_addresses and port, and the firewall"
        )),
        (
            None,
            io::ErrorKind::TimedOut | io::ErrorKind::HostUnreachable | io::ErrorKind::NetworkUnreachable,
        ) => Some(unreachable(endpoint)),
        (None, io::ErrorKind::UnexpectedEof) if direct => {
            Some("sslnegotiation=direct needs PostgreSQL 17 or later; leave it out".to_owned())
        }
        _ => None,
    }
}

fn unreachable(endpoint: &Endpoint) -> String {
    format!("can this machine reach {}? Check address, routing and firewall", endpoint.host)
}

fn certificate(error: &rustls::Error) -> &'static str {
    use rustls::CertificateError as Refused;
    match error {
        rustls::Error::InvalidCertificate(
            Refused::NotValidForName | Refused::NotValidForNameContext { .. },
        ) => {
            "connect by a name that stands in the server's certificate (hostaddr=… may give the address), or use \
             sslmode=verify-ca"
        }
        rustls::Error::InvalidCertificate(Refused::Expired | Refused::ExpiredContext { .. }) => {
            "renew the server's certificate"
        }
        rustls::Error::InvalidCertificate(Refused::Revoked) => "give the server a new certificate",
        rustls::Error::InvalidCertificate(Refused::UnknownRevocationStatus) => {
            "add the revocation list of every authority in the chain to sslcrl=… or sslcrldir=…"
        }
        rustls::Error::InvalidCertificate(_) => {
            "name the certificate of the authority that signed the server's in sslrootcert=…, or use \
             sslmode=require with no root certificate file to connect without verifying"
        }
        _ => "check ssl* parameters here and the server's ssl_* settings; its log tells its side",
    }
}

fn io_error(error: &Error) -> Option<&io::Error> {
    std::error::Error::source(error)?.downcast_ref()
}

fn tls_error<'a>(cause: &'a (dyn std::error::Error + 'static)) -> Option<&'a rustls::Error> {
    cause.downcast_ref::<io::Error>()?.get_ref()?.downcast_ref()
}

/// What happened at each host, in order.
#[derive(Debug)]
struct Attempts(Vec<Error>);

impl fmt::Display for Attempts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told: Vec<String> = self.0.iter().map(|error| ErrorReport::from(error).to_string()).collect();
        f.write_str(&told.join("; "))
    }
}

impl std::error::Error for Attempts {}
