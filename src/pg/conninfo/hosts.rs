//! The servers that a connection string offers, and the passwords for them.
//!
//! Invariant: at least one host; `hostaddr`, `host` and `port` are lists of fitting lengths, as in libpq's
//! `pqConnectOptions2`.

use std::fmt;
use std::net::IpAddr;

use secrecy::SecretString;

use super::keywords::Parameters;
use crate::error::{Error, Kind, Result};

/// One server to try.
#[derive(Debug, Clone)]
pub struct Host {
    /// A name, an address or a socket directory; missing where only an address was given.
    pub host: Option<String>,
    /// The address to use instead of looking the name up.
    pub hostaddr: Option<IpAddr>,
    /// The port.
    pub port: u16,
    /// The password for this host, said or found in the password file.
    pub password: Option<SecretString>,
}

impl Host {
    /// The directory of its socket, if it is reached through one (`@` begins an abstract one).
    #[must_use]
    pub fn socket_directory(&self) -> Option<&str> {
        self.host.as_deref().filter(|host| self.hostaddr.is_none() && host.starts_with(['/', '@']))
    }
}

impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = match (&self.host, self.hostaddr) {
            (Some(host), _) => host.clone(),
            (None, Some(address)) => address.to_string(),
            (None, None) => String::new(),
        };
        if host.contains(':') && !host.starts_with(['/', '@']) {
            write!(f, "[{host}]:{}", self.port)
        } else {
            write!(f, "{host}:{}", self.port)
        }
    }
}

/// The hosts of the parameters; `socket_directory` stands in where none is named.
pub(super) fn read(parameters: &Parameters, socket_directory: &str) -> Result<Vec<Host>> {
    let list = |name: &str| -> Vec<String> {
        parameters.get(name).map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default()
    };
    let (names, addresses, ports) = (list("host"), list("hostaddr"), list("port"));
    let count = if addresses.is_empty() { names.len().max(1) } else { addresses.len() };
    if !names.is_empty() && names.len() != count {
        return Err(uneven("host", names.len(), "hostaddr", count));
    }
    if ports.len() > 1 && ports.len() != count {
        return Err(uneven("port", ports.len(), "host", count));
    }
    (0..count)
        .map(|at| {
            let given = |list: &[String]| list.get(at).filter(|text| !text.is_empty()).cloned();
            let hostaddr = given(&addresses).map(|text| address(&text)).transpose()?;
            let host = match given(&names) {
                None if hostaddr.is_none() => Some(socket_directory.to_owned()),
                host => host,
            };
            let port = ports.get(at).or(ports.first().filter(|_| ports.len() == 1));
            let port = port.filter(|text| !text.is_empty()).map_or(Ok(5432), |text| self::port(text))?;
            Ok(Host { host, hostaddr, port, password: None })
        })
        .collect()
}

fn address(text: &str) -> Result<IpAddr> {
    text.trim()
        .parse()
        .map_err(|_| Error::new(Kind::Usage, "must be a numeric IP address").object("hostaddr"))
}

fn port(text: &str) -> Result<u16> {
    text.trim()
        .parse()
        .ok()
        .filter(|&port| port > 0)
        .ok_or_else(|| Error::new(Kind::Usage, "must be a number from 1 to 65535").object("port").remedy(
            "if this came from a URI, percent-encode the special characters of the password (%2F for /, %40 for @)",
        ))
}

fn uneven(some: &str, count: usize, others: &str, other_count: usize) -> Error {
    Error::new(Kind::Usage, format!("{count} values of {some} do not fit {other_count} of {others}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts(pairs: &[(&str, &str)]) -> Result<String> {
        let mut parameters = Parameters::default();
        for (name, value) in pairs {
            parameters.set(name, (*value).to_owned())?;
        }
        let hosts = read(&parameters, "/run/pg")?;
        Ok(hosts.iter().map(Host::to_string).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn lists_are_matched_up() {
        assert_eq!(hosts(&[]).unwrap(), "/run/pg:5432");
        assert_eq!(hosts(&[("host", "a,,c"), ("port", "1,,3")]).unwrap(), "a:1 /run/pg:5432 c:3");
        assert_eq!(hosts(&[("host", "a,b"), ("port", "7")]).unwrap(), "a:7 b:7");
        assert_eq!(hosts(&[("hostaddr", "::1,10.0.0.1"), ("host", ",b")]).unwrap(), "[::1]:5432 b:5432");
    }

    #[test]
    fn lists_of_different_lengths_are_refused() {
        assert!(hosts(&[("host", "a,b,c"), ("port", "1,2")]).is_err());
        assert!(hosts(&[("host", "a,b"), ("hostaddr", "10.0.0.1")]).is_err());
    }

    #[test]
    fn a_wrong_port_is_not_shown_because_it_may_be_a_piece_of_a_password() {
        assert!(!format!("{:?}", hosts(&[("port", "hunter2")]).unwrap_err()).contains("hunter2"));
        assert!(hosts(&[("port", "65536")]).is_err());
        assert!(hosts(&[("hostaddr", "db.example")]).is_err());
    }
}
