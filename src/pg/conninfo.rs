//! Connection strings exactly as libpq understands them.
//!
//! A [`Conninfo`] is what libpq would make of a URI or `key=value` string: what the string says, then the
//! service file, the PG* variables, the defaults, and the password file.
//!
//! Invariant: a password is held as a secret; neither `Debug`, nor `Display`, nor an error shows one, and no
//! error shows the string it is about. The environment is read once, by [`Environment::of_process`].
//! Deliberately absent: connecting (see `endpoint`), certificates (see `tls`), asking for a password.

mod choices;
mod environment;
mod hosts;
mod keywords;
mod overrides;
mod passfile;
mod service;
mod text;
mod uri;

use std::fmt;
use std::path::PathBuf;

use secrecy::SecretString;

pub(crate) use choices::{Choices, TlsVersions};
pub use choices::{SessionAttributes, SslMode};
pub use environment::Environment;
pub use hosts::Host;
pub(crate) use keywords::{Keyword, Scope};
pub use overrides::Overrides;
pub(crate) use text::{is_space, quote};

use crate::error::{Error, Kind, Result};
use keywords::{KEYWORDS, Parameters};
use passfile::{Passfile, Wanted};

/// Where to connect, as whom and how.
#[derive(Debug, Clone)]
pub struct Conninfo {
    parameters: Parameters,
    hosts: Vec<Host>,
    user: String,
    dbname: String,
    choices: Choices,
    certificates: Option<PathBuf>,
    warning: Option<String>,
}

impl Conninfo {
    /// What libpq would make of this text in this environment. An empty text leaves everything to the
    /// environment. A mistake is a [`Kind::Usage`] error.
    pub fn resolve(text: &str, environment: &Environment) -> Result<Self> {
        let mut parameters = Parameters::default();
        for (name, value) in pairs(text)? {
            parameters.set(&name, value)?;
        }
        service::apply(&mut parameters, environment)?;
        apply_variables(&mut parameters, environment)?;
        let choices = Choices::read(&parameters)?;
        let user = parameters.get("user").or_else(|| environment.user()).ok_or_else(|| {
            Error::new(Kind::Usage, "no user name in the connection string")
                .remedy("add user=… or set PGUSER")
        })?;
        let user = user.to_owned();
        let dbname = parameters.get("dbname").unwrap_or(&user).to_owned();
        let mut conninfo = Self {
            hosts: hosts::read(&parameters, environment.socket_directory())?,
            certificates: environment.in_home(".postgresql"),
            parameters,
            user,
            dbname,
            choices,
            warning: None,
        };
        conninfo.find_passwords(environment);
        Ok(conninfo)
    }

    /// Parameters by which the target's server connects, where they differ; a URI or `key=value`.
    pub fn parse_overrides(text: &str) -> Result<Overrides> {
        Overrides::parse(text)
    }

    /// The hosts to try, in order.
    #[must_use]
    pub fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    /// The role to log in as.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The database.
    #[must_use]
    pub fn dbname(&self) -> &str {
        &self.dbname
    }

    /// The value of any other keyword, if it was said anywhere; never a secret.
    #[must_use]
    pub fn get(&self, keyword: &str) -> Option<&str> {
        self.parameters.get(keyword)
    }

    /// Why the password file was ignored, if it was and a password is missing.
    #[must_use]
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    pub(crate) fn choices(&self) -> &Choices {
        &self.choices
    }

    /// A file libpq looks for in `~/.postgresql`.
    pub(crate) fn default_file(&self, name: &str) -> Option<PathBuf> {
        self.certificates.as_ref().map(|directory| directory.join(name))
    }

    /// What was said, by keyword, without secrets.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&'static Keyword, &str)> {
        self.parameters.iter()
    }

    fn find_passwords(&mut self, environment: &Environment) {
        if let Some(password) = self.parameters.secret("password") {
            let password: SecretString = password.clone();
            self.hosts.iter_mut().for_each(|host| host.password = Some(password.clone()));
            return;
        }
        let said = self.parameters.get("passfile").map(PathBuf::from);
        let Some(path) = said.or_else(|| environment.in_home(".pgpass")) else { return };
        let passfile = Passfile::read(&path);
        for host in &mut self.hosts {
            let name = match (&host.host, host.hostaddr) {
                // libpq takes its own socket directory for the local host.
                (Some(name), _) if name == environment.socket_directory() => "localhost".to_owned(),
                (Some(name), _) => name.clone(),
                (None, Some(address)) => address.to_string(),
                (None, None) => "localhost".to_owned(),
            };
            host.password = passfile.password(Wanted {
                host: &name,
                port: host.port,
                dbname: &self.dbname,
                user: &self.user,
            });
        }
        self.warning = passfile.warning;
    }
}

fn apply_variables(parameters: &mut Parameters, environment: &Environment) -> Result<()> {
    for keyword in KEYWORDS {
        let value = keyword.variable.and_then(|variable| environment.get(variable));
        if let Some(value) = value.filter(|_| !parameters.is_set(keyword.name)) {
            parameters.set(keyword.name, value.to_owned())?;
        }
    }
    if environment.get("PGREQUIRESSL").is_some_and(|value| value.starts_with('1'))
        && !parameters.is_set("sslmode")
    {
        parameters.set("sslmode", "require".to_owned())?;
    }
    Ok(())
}

/// The pairs of a URI or a `key=value` string.
fn pairs(text: &str) -> Result<Vec<(String, String)>> {
    let nul = text.contains('\0');
    match uri::strip_scheme(text) {
        _ if nul => Err(Error::new(Kind::Usage, "a zero byte in the connection string")),
        Some(rest) => uri::parse(rest),
        None => text::parse(text),
    }
}

impl fmt::Display for Conninfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts: Vec<String> = self.hosts.iter().map(Host::to_string).collect();
        write!(f, "{} on {} as {}", self.dbname, hosts.join(","), self.user)
    }
}

#[cfg(test)]
mod tests;
