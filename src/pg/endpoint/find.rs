//! Finding the one server among the hosts offered.
//!
//! Invariant: hosts, addresses and kinds of encryption are tried in libpq's order, and like libpq the search
//! ends at the first server that answers and refuses us, unless it only cannot take connections right now.

use std::hash::{BuildHasher, RandomState};
use std::net::IpAddr;
use std::sync::Arc;

use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, SimpleQueryMessage, config};

use super::{Endpoint, failure};
use crate::error::{Error, Kind, Result};
use crate::pg::connection::Connection;
use crate::pg::conninfo::{Conninfo, Host, SessionAttributes, SslMode};
use crate::pg::tls;
use crate::sql;

impl Endpoint {
    /// Finds the first host that answers and has the session attributes asked for, and opens the first
    /// session to it, with the one setting that every version knows. A [`Kind::Connect`] error names every host that was tried.
    pub async fn find(conninfo: &Conninfo, application_name: &str) -> Result<(Self, Client, Connection)> {
        let mut endpoint = Self {
            conninfo: Arc::new(conninfo.clone()),
            host: conninfo.hosts()[0].clone(),
            address: None,
            encryption: config::SslMode::Disable,
            tls: tls::connector(conninfo)?,
            application_name: application_name.to_owned(),
        };
        let wanted = conninfo.choices().session;
        let passes = match wanted {
            SessionAttributes::PreferStandby => vec![SessionAttributes::Standby, SessionAttributes::Any],
            wanted => vec![wanted],
        };
        let mut failures = Vec::new();
        for wanted in passes {
            failures.clear();
            for host in order(conninfo) {
                endpoint.host = host.clone();
                match endpoint.try_host(wanted).await {
                    Ok((client, task)) => return Ok((endpoint, client, task)),
                    Err(refused) => failures.extend(refused),
                }
                if failures.last().is_some_and(is_final) {
                    return Err(failure::together(conninfo, failures));
                }
            }
        }
        Err(failure::together(conninfo, failures))
    }

    async fn try_host(&mut self, wanted: SessionAttributes) -> Result<(Client, Connection), Vec<Error>> {
        if self.conninfo.choices().sslmode == SslMode::VerifyFull && self.host.host.is_none() {
            let error = Error::new(Kind::Usage, "sslmode=verify-full needs a host name to verify");
            return Err(vec![error.object(&self.host).remedy("add host=… beside hostaddr=…")]);
        }
        let mut failures = Vec::new();
        for address in self.addresses().await.map_err(|error| vec![error])? {
            self.address = address;
            match self.try_address(wanted).await {
                Ok(session) => return Ok(session),
                Err(error) => failures.push(error),
            }
            if failures.last().is_some_and(is_final) {
                break;
            }
        }
        Err(failures)
    }

    /// The addresses behind the host; one "none" for a socket.
    async fn addresses(&self) -> Result<Vec<Option<IpAddr>>> {
        let name = match (&self.host.host, self.host.hostaddr) {
            (_, Some(address)) => return Ok(vec![Some(address)]),
            (Some(name), None) if self.host.socket_directory().is_none() => name,
            _ => return Ok(vec![None]),
        };
        let mut addresses: Vec<Option<IpAddr>> = Vec::new();
        let found = tokio::net::lookup_host((name.as_str(), self.host.port)).await;
        for found in found.map_err(|cause| failure::unknown_host(self, cause))? {
            if !addresses.contains(&Some(found.ip())) {
                addresses.push(Some(found.ip()));
            }
        }
        if self.conninfo.choices().random_order {
            shuffle(&mut addresses);
        }
        Ok(addresses)
    }

    async fn try_address(&mut self, wanted: SessionAttributes) -> Result<(Client, Connection)> {
        let (first, second) = match self.conninfo.choices().sslmode {
            _ if self.host.socket_directory().is_some() => (config::SslMode::Disable, None),
            SslMode::Disable => (config::SslMode::Disable, None),
            SslMode::Allow => (config::SslMode::Disable, Some(config::SslMode::Require)),
            SslMode::Prefer => (config::SslMode::Prefer, Some(config::SslMode::Disable)),
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => (config::SslMode::Require, None),
        };
        self.encryption = first;
        let error = match self.try_once(wanted).await {
            Err(error) if failure::encryption_may_matter(&error) => error,
            outcome => return outcome,
        };
        let Some(second) = second else { return Err(error) };
        self.encryption = second;
        self.try_once(wanted).await.map_err(|other| {
            if other.to_string() == error.to_string() && other.sqlstate() == error.sqlstate() {
                error
            } else {
                error.and_also(&other)
            }
        })
    }

    async fn try_once(&self, wanted: SessionAttributes) -> Result<(Client, Connection)> {
        let (client, task) =
            self.open(&self.config(&self.application_name, &[("statement_timeout", "0")])).await?;
        if let Some(missing) =
            misfit(&client, wanted).await.map_err(|cause| failure::explained(self, cause))?
        {
            return Err(Error::new(Kind::Connect, missing)
                .object(&self.host)
                .remedy("name another host, or ask for other target_session_attrs"));
        }
        Ok((client, task))
    }
}

fn order(conninfo: &Conninfo) -> Vec<&Host> {
    let mut hosts: Vec<&Host> = conninfo.hosts().iter().collect();
    if conninfo.choices().random_order {
        shuffle(&mut hosts);
    }
    hosts
}

/// In an order that a fresh random hash decides: enough to spread load.
fn shuffle<T>(items: &mut Vec<T>) {
    let random = RandomState::new();
    let mut numbered: Vec<(u64, T)> =
        items.drain(..).enumerate().map(|(at, item)| (random.hash_one(at), item)).collect();
    numbered.sort_by_key(|(number, _)| *number);
    items.extend(numbered.into_iter().map(|(_, item)| item));
}

/// libpq goes on to the next host only while nothing has answered there.
fn is_final(error: &Error) -> bool {
    error.sqlstate().is_some_and(|state| *state != SqlState::CANNOT_CONNECT_NOW)
}

/// What the server lacks of the session attributes wanted.
async fn misfit(
    client: &Client,
    wanted: SessionAttributes,
) -> Result<Option<&'static str>, tokio_postgres::Error> {
    if wanted == SessionAttributes::Any {
        return Ok(None);
    }
    let messages = client.simple_query(sql!("pg/server_state.sql").as_str()).await?;
    let row = messages.iter().find_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    let Some(row) = row else { return Ok(Some("server does not tell its state")) };
    let (in_recovery, read_only) = (row.try_get(0)? == Some("t"), row.try_get(1)? == Some("on"));
    Ok(match wanted {
        SessionAttributes::ReadWrite if read_only => Some("session is read-only"),
        SessionAttributes::ReadOnly if !read_only => Some("session is not read-only"),
        SessionAttributes::Primary if in_recovery => Some("server is in hot standby mode"),
        SessionAttributes::Standby if !in_recovery => Some("server is not in hot standby mode"),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffling_loses_nothing() {
        let mut items: Vec<u32> = (0..50).collect();
        shuffle(&mut items);
        items.sort_unstable();
        assert_eq!(items, (0..50).collect::<Vec<_>>());
    }
}
