//! The same server as others have to be told of it: `pg_dump` on this machine, `postgres_fdw` on another.
//!
//! Invariant: secrets stand apart from the rest, in types that do not show them.
//!
//! For the foreign server, what connects is the *target's* server process. Files of this machine
//! (`sslrootcert`, `sslcert`, `sslkey`, `sslcrl`, password and service files) mean nothing there and are never
//! passed on. The `sslmode` is passed on as it is: weakening `verify-full` silently would send the password
//! and all rows over a hop that the user wanted verified. Where the target's server then lacks a root
//! certificate the connection fails closed, and [`ForeignServer::warnings`] says how to name one.

use secrecy::SecretString;

use super::Endpoint;
use crate::pg::conninfo::{Overrides, Scope, SslMode, quote};

/// What a libpq program on this machine needs, when run without the parent's PG* variables.
#[derive(Debug)]
pub struct LibpqArguments {
    /// A `key=value` string without secrets, for its command line.
    pub conninfo: String,
    /// Variables to set.
    pub environment: Vec<(String, SecretString)>,
}

/// What the target's server needs in CREATE SERVER and CREATE USER MAPPING.
#[derive(Debug, Clone)]
pub struct ForeignServer {
    /// For CREATE SERVER; where `options` is among them, the bridge's settings belong after the user's.
    pub options: Vec<(String, String)>,
    /// For the user mapping.
    pub user: String,
    /// For the user mapping.
    pub password: Option<SecretString>,
    /// What was not passed on although it mattered here, each with its remedy.
    pub warnings: Vec<String>,
}

impl Endpoint {
    /// The server that answered, for `pg_dump` and its kin, whose sessions get this name and these settings.
    #[must_use]
    pub fn libpq(&self, application_name: &str, settings: &[(&str, &str)]) -> LibpqArguments {
        let mut pairs = vec![("host", self.host())];
        pairs.extend(self.address.map(|address| ("hostaddr", address.to_string())));
        pairs.extend([
            ("port", self.port().to_string()),
            ("dbname", self.dbname().to_owned()),
            ("user", self.user().to_owned()),
            ("application_name", application_name.to_owned()),
        ]);
        // pg_dump writes literals as this setting of its session has it; the target's sessions read them with it on.
        let settings = [settings, &[("standard_conforming_strings", "on")]].concat();
        pairs.push(("options", super::options(self.conninfo.get("options"), &settings)));
        let rest =
            self.conninfo.iter().filter(|(keyword, _)| keyword.name != "options").filter(|(keyword, _)| {
                matches!(keyword.scope, Scope::Everywhere | Scope::File)
                    || matches!(keyword.name, "gsslib" | "gssdelegation")
            });
        pairs.extend(rest.map(|(keyword, value)| (keyword.name, value.to_owned())));
        let words: Vec<String> =
            pairs.iter().map(|(name, value)| format!("{name}={}", quote(value))).collect();
        let password = self.host.password.iter().map(|secret| ("PGPASSWORD".to_owned(), secret.clone()));
        LibpqArguments { conninfo: words.join(" "), environment: password.collect() }
    }

    /// The server that answered as the target's server reaches it.
    ///
    /// An overriding host also replaces the `hostaddr` said here. An overriding service leaves host and port to
    /// the target's service file. A password goes to the user it was meant for only: an overriding user or
    /// password file comes without this side's password.
    #[must_use]
    pub fn foreign_server(&self, overrides: &Overrides) -> ForeignServer {
        let mut options = self.place(overrides);
        for (keyword, value) in self.conninfo.iter().filter(|(keyword, _)| keyword.scope == Scope::Everywhere)
        {
            if overrides.get(keyword.name).is_none() {
                options.push((keyword.name, value.to_owned()));
            }
        }
        // Not a file: the operating system's authorities, whichever system it is (libpq 16 and later).
        if self.conninfo.get("sslrootcert") == Some("system")
            && overrides.get("sslrootcert").is_none()
            && overrides.get("sslmode").is_none_or(|mode| mode == "verify-full")
        {
            options.push(("sslrootcert", "system".to_owned()));
        }
        let placed = ["host", "hostaddr", "port", "dbname", "user"];
        let rest = overrides.iter().filter(|(name, _)| !placed.contains(name));
        options.extend(rest.map(|(name, value)| (name, value.to_owned())));

        let user = overrides.get("user").unwrap_or(self.user());
        let same_login = user == self.user() && overrides.get("passfile").is_none();
        let own = self.host.password.as_ref().filter(|_| same_login);
        ForeignServer {
            user: user.to_owned(),
            password: overrides.password().or(own).cloned(),
            warnings: self.left_behind(overrides, &options),
            options: options.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        }
    }

    fn place(&self, overrides: &Overrides) -> Vec<(&'static str, String)> {
        let said = |name| overrides.get(name).map(str::to_owned);
        let by_service = overrides.get("service").is_some();
        let own = |value: Option<String>| value.filter(|_| !by_service);
        let own_name = self
            .host
            .host
            .clone()
            .filter(|_| said("hostaddr").is_none() || self.host.socket_directory().is_none());
        let own_address = self.host.hostaddr.filter(|_| said("host").is_none());
        let pairs = [
            ("host", said("host").or_else(|| own(own_name))),
            ("hostaddr", said("hostaddr").or_else(|| own(own_address.map(|address| address.to_string())))),
            ("port", said("port").or_else(|| own(Some(self.port().to_string())))),
            ("dbname", Some(said("dbname").unwrap_or_else(|| self.dbname().to_owned()))),
        ];
        pairs.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }

    fn left_behind(&self, overrides: &Overrides, options: &[(&'static str, String)]) -> Vec<String> {
        let mut warnings = Vec::new();
        let has = |name| options.iter().any(|(known, _)| *known == name);
        let verifies = self.conninfo.choices().sslmode >= SslMode::VerifyCa && has("sslmode");
        if verifies && overrides.get("sslmode").is_none() && !has("sslrootcert") {
            warnings.push(format!(
                "sslmode={} is passed on, but its root certificate is a file of this machine: the target's server \
                 will look into its own ~/.postgresql/root.crt; name another of its files with \
                 --source-from-target \"sslrootcert=…\", or do without verifying there: \
                 --source-from-target \"sslmode=require\"",
                self.conninfo.get("sslmode").unwrap_or_default()
            ));
        }
        if self.conninfo.get("sslcert").is_some() && overrides.get("sslcert").is_none() {
            warnings.push(
                "the client certificate in sslcert is a file of this machine and is not passed on; if the source \
                 wants one, name files of the target's server with --source-from-target \"sslcert=… sslkey=…\""
                    .to_owned(),
            );
        }
        warnings
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;
    use crate::pg::conninfo::{Conninfo, Environment};

    fn endpoint(text: &str) -> Endpoint {
        Endpoint::unconnected(Conninfo::resolve(text, &Environment::of_user("me")).unwrap())
    }

    fn foreign(text: &str, overrides: &str) -> ForeignServer {
        endpoint(text).foreign_server(&Conninfo::parse_overrides(overrides).unwrap())
    }

    fn options(server: &ForeignServer) -> String {
        server.options.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    fn password(server: &ForeignServer) -> Option<&str> {
        server.password.as_ref().map(ExposeSecret::expose_secret)
    }

    #[test]
    fn pg_dump_gets_the_password_by_its_environment() {
        let arguments = endpoint("host=db dbname='my shop' user=o\\'hara password=hush sslmode=require")
            .libpq("fdwcopy a source dump", &[]);
        assert_eq!(
            arguments.conninfo,
            r"host='db' port='5432' dbname='my shop' user='o\'hara' application_name='fdwcopy a source dump' options='-c standard_conforming_strings=on' sslmode='require'"
        );
        assert_eq!(arguments.environment[0].0, "PGPASSWORD");
        assert!(!format!("{arguments:?}").contains("hush"));
    }

    #[test]
    fn pg_dump_is_sent_to_the_host_that_answered_only() {
        let text =
            endpoint("hostaddr=10.0.0.1,10.0.0.2 target_session_attrs=standby").libpq("x", &[]).conninfo;
        assert!(text.starts_with("host='10.0.0.1' hostaddr='10.0.0.1' port='5432'"));
        assert!(!text.contains("10.0.0.2") && !text.contains("target_session_attrs"));
    }

    #[test]
    fn the_target_gets_what_was_said_and_no_file_of_this_machine() {
        let server = foreign(
            "host=db dbname=shop user=alice password=pw sslmode=require sslcrl=/c application_name=x options='-c a=b'",
            "",
        );
        assert_eq!(options(&server), "host=db port=5432 dbname=shop options=-c a=b sslmode=require");
        assert_eq!((server.user.as_str(), password(&server)), ("alice", Some("pw")));
        assert!(server.warnings.is_empty());
    }

    #[test]
    fn overrides_win_and_an_overriding_host_drops_the_address() {
        let server = foreign(
            "host=localhost hostaddr=127.0.0.1 port=6000 dbname=d",
            "host=db.internal port=5432 connect_timeout=5",
        );
        assert_eq!(options(&server), "host=db.internal port=5432 dbname=d connect_timeout=5");
        assert_eq!(
            options(&foreign("host=/run/pg dbname=d", "hostaddr=10.0.0.1")),
            "hostaddr=10.0.0.1 port=5432 dbname=d"
        );
        assert_eq!(options(&foreign("host=h dbname=d", "service=src")), "dbname=d service=src");
    }

    #[test]
    fn verification_is_never_weakened_silently() {
        let verifying = "host=/run/pg dbname=d sslmode=verify-full sslrootcert=/ca.crt";
        let server = foreign(verifying, "host=db");
        assert_eq!(options(&server), "host=db port=5432 dbname=d sslmode=verify-full");
        assert!(server.warnings[0].contains("--source-from-target \"sslrootcert="));
        let named = foreign(verifying, "host=db sslrootcert=/srv/ca.crt");
        assert!(options(&named).ends_with("sslmode=verify-full sslrootcert=/srv/ca.crt"));
        assert!(named.warnings.is_empty());
        let weaker = foreign(verifying, "host=db sslmode=require");
        assert!(options(&weaker).ends_with("sslmode=require") && weaker.warnings.is_empty());
        let system = foreign("host=/run/pg sslrootcert=system", "host=db");
        assert!(options(&system).ends_with("sslrootcert=system") && system.warnings.is_empty());
        assert_eq!(foreign("host=db sslcert=/no/c.crt", "").warnings.len(), 1);
    }

    #[test]
    fn a_password_goes_only_to_the_user_it_was_meant_for() {
        let text = "host=db user=alice password=pw";
        assert_eq!(password(&foreign(text, "user=bob")), None);
        assert_eq!(password(&foreign(text, "user=bob password=bobs")), Some("bobs"));
        assert_eq!(password(&foreign(text, "passfile=/srv/pgpass")), None);
        assert!(!format!("{:?}", foreign(text, "password=bobs")).contains("bobs"));
    }
}
