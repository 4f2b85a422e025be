//! One server that answered, and every road to it: sessions, pools, `pg_dump`, the foreign server.
//!
//! Invariant: an endpoint is the one host, address and kind of encryption that [`Endpoint::find`] found to
//! work, so that everything later reaches the same server, whatever list of hosts was given.
//! Deliberately absent: what sessions do (see `pg::session`), and any reading of the environment.

mod failure;
mod find;
mod hand_on;

use std::fmt;
use std::fmt::Write as _;
use std::net::IpAddr;
use std::sync::Arc;

use secrecy::ExposeSecret;
use tokio_postgres::{Client, Config, config};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::connection::Connection;
use super::conninfo::{Conninfo, Host, is_space};
use crate::error::{Error, Result};
pub use hand_on::{ForeignServer, LibpqArguments};

/// A server, a database on it and a role.
#[derive(Clone)]
pub struct Endpoint {
    conninfo: Arc<Conninfo>,
    host: Host,
    /// The address that answered; none where a socket is used.
    address: Option<IpAddr>,
    encryption: config::SslMode,
    tls: MakeRustlsConnect,
    application_name: String,
}

impl Endpoint {
    /// Opens a session with these settings, which win over the user's own `options`.
    pub async fn connect(
        &self,
        application_name: &str,
        settings: &[(&str, &str)],
    ) -> Result<(Client, Connection)> {
        self.open(&self.config(application_name, settings)).await
    }

    /// The driver's configuration for one more session like [`Endpoint::connect`]'s, for a pool.
    #[must_use]
    pub fn config(&self, application_name: &str, settings: &[(&str, &str)]) -> Config {
        let choices = self.conninfo.choices();
        let mut config = Config::new();
        config
            .user(self.user())
            .dbname(self.dbname())
            .port(self.port())
            .application_name(application_name)
            .options(options(self.conninfo.get("options"), settings))
            .ssl_mode(self.encryption)
            .ssl_negotiation(choices.negotiation)
            .channel_binding(choices.channel_binding);
        match (self.host.socket_directory(), self.address) {
            (Some(directory), _) => {
                config.host_path(match directory.strip_prefix('@') {
                    Some(name) => format!("\0{name}"),
                    None => directory.to_owned(),
                });
            }
            (None, address) => {
                config.host(self.host());
                address.map(|address| config.hostaddr(address));
            }
        }
        if let Some(password) = &self.host.password {
            config.password(password.expose_secret());
        }
        if let Some(timeout) = choices.connect_timeout {
            config.connect_timeout(timeout);
        }
        if let Some(timeout) = choices.tcp_user_timeout {
            config.tcp_user_timeout(timeout);
        }
        match choices.keepalives {
            None => config.keepalives(false),
            Some(keepalives) => {
                config.keepalives_idle(keepalives.idle);
                keepalives.interval.map(|interval| config.keepalives_interval(interval));
                keepalives.count.map(|count| config.keepalives_retries(count));
                &mut config
            }
        };
        config
    }

    /// What makes TLS connections, for a pool or a cancel token.
    #[must_use]
    pub fn tls(&self) -> MakeRustlsConnect {
        self.tls.clone()
    }

    /// The host's name, address or socket directory.
    #[must_use]
    pub fn host(&self) -> String {
        let address = self.host.hostaddr.or(self.address).map(|address| address.to_string());
        self.host.host.clone().or(address).unwrap_or_default()
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.host.port
    }

    /// The database.
    #[must_use]
    pub fn dbname(&self) -> &str {
        self.conninfo.dbname()
    }

    /// The role.
    #[must_use]
    pub fn user(&self) -> &str {
        self.conninfo.user()
    }

    /// The driver's error of a connection that failed, with what to do about it.
    #[must_use]
    pub fn explained(&self, error: tokio_postgres::Error) -> Error {
        failure::explained(self, error)
    }

    async fn open(&self, config: &Config) -> Result<(Client, Connection)> {
        let connecting = config.connect(self.tls());
        let connected = match self.conninfo.choices().connect_timeout {
            None => connecting.await,
            Some(limit) => {
                tokio::time::timeout(limit, connecting).await.map_err(|_| failure::timed_out(self, limit))?
            }
        };
        let (client, connection) = connected.map_err(|cause| self.explained(cause))?;
        Ok((client, Connection::carry(connection)))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} as {}", self.dbname(), self.host, self.user())
    }
}

impl fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Endpoint")
            .field("host", &self.host)
            .field("address", &self.address)
            .field("encryption", &self.encryption)
            .field("conninfo", &self.conninfo)
            .finish_non_exhaustive()
    }
}

/// The start-up packet's `options`; the server splits them at spaces and takes backslashes as escapes
/// (`pg_split_opts`), and the last value of a setting counts.
fn options(own: Option<&str>, settings: &[(&str, &str)]) -> String {
    let mut options = own.unwrap_or_default().to_owned();
    for (name, value) in settings {
        let mut escaped = String::new();
        for c in value.chars() {
            if c == '\\' || is_space(c) {
                escaped.push('\\');
            }
            escaped.push(c);
        }
        let space = if options.is_empty() { "" } else { " " };
        write!(options, "{space}-c {name}={escaped}").expect("writing to a string cannot fail");
    }
    options
}

#[cfg(test)]
impl Endpoint {
    /// What [`Endpoint::find`] would make of the first host, without any server.
    pub(crate) fn unconnected(conninfo: Conninfo) -> Self {
        let tls = super::tls::connector(&conninfo).unwrap();
        Self {
            host: conninfo.hosts()[0].clone(),
            address: conninfo.hosts()[0].hostaddr,
            encryption: config::SslMode::Prefer,
            conninfo: Arc::new(conninfo),
            tls,
            application_name: "fdwcopy".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::conninfo::Environment;
    use super::*;

    #[test]
    fn settings_come_after_the_users_own_options() {
        assert_eq!(
            options(Some("-c geqo=off"), &[("search_path", ""), ("datestyle", r"ISO, \x")]),
            r"-c geqo=off -c search_path= -c datestyle=ISO,\ \\x"
        );
        assert_eq!(options(None, &[]), "");
    }

    #[test]
    fn keepalives_and_sockets_reach_the_driver() {
        let environment = Environment::of_user("me");
        let endpoint = |text: &str| Endpoint::unconnected(Conninfo::resolve(text, &environment).unwrap());
        let config = endpoint("hostaddr=10.0.0.1 keepalives_count=7").config("fdwcopy", &[]);
        assert_eq!(config.get_keepalives_idle().as_secs(), 30);
        assert_eq!(config.get_keepalives_retries(), Some(7));
        assert_eq!(config.get_hosts(), [config::Host::Tcp("10.0.0.1".into())]);
        assert!(!endpoint("host=h keepalives=0").config("fdwcopy", &[]).get_keepalives());
        let socket = endpoint("host=/run/pg").config("fdwcopy", &[]);
        assert_eq!(socket.get_hosts(), [config::Host::Unix("/run/pg".into())]);
    }

    #[test]
    fn connecting_can_be_spawned_and_pooled() {
        fn sendable<T: Send>(value: T) -> T {
            value
        }
        let conninfo = Conninfo::resolve("host=h", &Environment::of_user("me")).unwrap();
        drop(sendable(Endpoint::find(&conninfo, "fdwcopy")));
        let endpoint = Endpoint::unconnected(conninfo);
        drop(sendable(endpoint.connect("fdwcopy", &[("search_path", "")])));
        sendable(deadpool_postgres::Manager::new(endpoint.config("fdwcopy", &[]), endpoint.tls()));
    }

    #[test]
    fn the_password_does_not_show() {
        let conninfo = Conninfo::resolve("host=h password=hush", &Environment::of_user("me")).unwrap();
        let endpoint = Endpoint::unconnected(conninfo);
        assert_eq!(endpoint.to_string(), "me on h:5432 as me");
        assert!(!format!("{endpoint:?} {:?}", endpoint.config("x", &[])).contains("hush"));
    }
}
