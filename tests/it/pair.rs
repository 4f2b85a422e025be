//! One database pair per test, and sessions on both servers that are not fdwcopy's.
//!
//! Invariant: databases and roles made for a test are dropped when it passes, kept and named when it fails.

use std::process::Command;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

use crate::plain::{self, Logins};
use crate::servers::{Server, programs, servers};

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

/// A database on one of the servers, reached as superuser.
#[derive(Debug, Clone)]
pub(crate) struct Database {
    pub(crate) server: Server,
    pub(crate) name: String,
    /// The same server as fdwcopy reaches it.
    pub(crate) login: Server,
}

impl Database {
    /// The URL for fdwcopy.
    pub(crate) fn login_url(&self) -> String {
        self.login.url(&self.name)
    }

    /// A session of its own, as the role that fdwcopy is.
    pub(crate) fn login_session(&self) -> Session {
        Session::open(&self.login_url())
    }

    /// Whether fdwcopy logs in as a plain role.
    pub(crate) fn is_plain(&self) -> bool {
        self.login != self.server
    }

    /// The same database as another server has it.
    pub(crate) fn at(&self, server: &Server) -> Self {
        let at = |login: &Server| Server { host: server.host.clone(), port: server.port, ..login.clone() };
        Self { server: at(&self.server), name: self.name.clone(), login: at(&self.login) }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url(&self.name)
    }

    /// The URL of the same database for another role.
    pub(crate) fn url_as(&self, role: &str, password: &str) -> String {
        Server { user: role.into(), password: password.into(), ..self.server.clone() }.url(&self.name)
    }

    /// A session of its own, as superuser.
    pub(crate) fn session(&self) -> Session {
        Session::open(&self.url())
    }

    /// Runs statements separated by semicolons; fails the test with the server's words.
    pub(crate) fn sql(&self, script: &str) {
        self.session().sql(script);
    }

    /// Runs statements in the server's own database, for what cannot be done from inside.
    pub(crate) fn server_sql(&self, script: &str) {
        Session::open(&self.server.url("postgres")).sql(script);
    }

    /// Runs a file of `tests/it/fixtures` with psql, each statement on its own.
    pub(crate) fn load(&self, fixture: &str) {
        Self::load_at(&self.url(), fixture);
    }

    /// The same as the role that fdwcopy is, so that what is made belongs to it.
    pub(crate) fn load_as_login(&self, fixture: &str) {
        Self::load_at(&self.login_url(), fixture);
    }

    fn load_at(url: &str, fixture: &str) {
        let file = format!("{}/tests/it/fixtures/{fixture}", env!("CARGO_MANIFEST_DIR"));
        let output = Command::new(programs().unwrap().join("psql"))
            .args(["-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", &file])
            .output()
            .unwrap();
        assert!(output.status.success(), "psql: {}", String::from_utf8_lossy(&output.stderr));
    }

    /// Creates it, or creates it anew, with more options of CREATE DATABASE.
    fn create(&self, options: &str) {
        let (name, session) = (&self.name, Session::open(&self.server.url("postgres")));
        drop_database(&session, name);
        session.sql(&format!("create database {name} template template0 {options}"));
    }

    pub(crate) fn rows(&self, query: &str) -> Vec<Vec<String>> {
        self.session().rows(query)
    }

    pub(crate) fn value(&self, query: &str) -> String {
        self.session().value(query)
    }

    pub(crate) fn count(&self, table: &str) -> u64 {
        self.value(&format!("select count(*) from {table}")).parse().unwrap()
    }

    /// The major version of its server.
    pub(crate) fn version(&self) -> u32 {
        self.value("show server_version_num").parse::<u32>().unwrap() / 10_000
    }

    /// Gives the database these settings, as far as its server's version knows them.
    pub(crate) fn set(&self, settings: &[(&str, &str)]) {
        for (setting, value) in settings.iter().filter(|(setting, _)| self.knows(setting)) {
            self.server_sql(&format!("alter database {} set {setting} = '{value}'", self.name));
        }
    }

    /// Whether its server knows a setting; some came with a version.
    pub(crate) fn knows(&self, setting: &str) -> bool {
        // Not asked in the database itself: what it is given already may end the session.
        let session = Session::open(&self.server.url("postgres"));
        session.value(&format!("select current_setting('{setting}', true) is not null")) == "t"
    }

    pub(crate) fn exists(&self, relation: &str) -> bool {
        self.value(&format!("select to_regclass($q${relation}$q$) is not null")) == "t"
    }
}

/// One session; ends when dropped.
pub(crate) struct Session(Client);

impl Session {
    pub(crate) fn open(url: &str) -> Self {
        let mut config: tokio_postgres::Config = url.parse().unwrap();
        config.application_name("it");
        let client = RUNTIME.block_on(async {
            let (client, connection) = config.connect(NoTls).await.unwrap_or_else(|e| panic!("{url}: {e:?}"));
            tokio::spawn(connection);
            client
        });
        Self(client)
    }

    pub(crate) fn sql(&self, script: &str) {
        if let Err(error) = self.try_sql(script) {
            panic!("{error}\nin: {}", script.chars().take(400).collect::<String>());
        }
    }

    /// Runs statements; the error is the server's SQLSTATE and message.
    pub(crate) fn try_sql(&self, script: &str) -> Result<(), String> {
        RUNTIME.block_on(self.0.batch_execute(script)).map_err(|error| words(&error))
    }

    /// The rows as text; NULL is `∅`.
    pub(crate) fn rows(&self, query: &str) -> Vec<Vec<String>> {
        let messages = RUNTIME
            .block_on(self.0.simple_query(query))
            .unwrap_or_else(|error| panic!("{}\nin: {query}", words(&error)));
        let rows = messages.into_iter().filter_map(|message| match message {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        });
        rows.map(|row| (0..row.len()).map(|i| row.get(i).unwrap_or("∅").to_owned()).collect()).collect()
    }

    pub(crate) fn value(&self, query: &str) -> String {
        let rows = self.rows(query);
        assert!(rows.len() == 1 && rows[0].len() == 1, "one value wanted from {query}, got {rows:?}");
        rows[0][0].clone()
    }
}

fn words(error: &tokio_postgres::Error) -> String {
    match error.as_db_error() {
        Some(db) => {
            let place = db.position().map(|place| format!(" at {place:?}")).unwrap_or_default();
            format!("{} {}{place}", db.code().code(), db.message())
        }
        None => format!("{error:?}"),
    }
}

/// A source and a target database for one test.
pub(crate) struct Pair {
    pub(crate) source: Database,
    pub(crate) target: Database,
    target_options: String,
    roles: Vec<String>,
}

impl Pair {
    /// Two empty databases named after the test.
    pub(crate) fn new(name: &str) -> Self {
        Self::with(name, "", "")
    }

    /// Two empty databases, each created with more options of CREATE DATABASE.
    pub(crate) fn with(name: &str, source_options: &str, target_options: &str) -> Self {
        let servers = servers();
        Self::on([&servers.source, &servers.target], name, [source_options, target_options])
    }

    /// Two empty databases on these servers, source and target.
    pub(crate) fn on(servers: [&Server; 2], name: &str, options: [&str; 2]) -> Self {
        let logins = Logins::of(servers);
        let database = |side: usize, suffix: &str| {
            let (server, login) = (logins.tests[side].clone(), logins.fdwcopy[side].clone());
            Database { server, name: format!("{name}_{suffix}"), login }
        };
        let pair = Self {
            source: database(0, "src"),
            target: database(1, "dst"),
            target_options: options[1].to_owned(),
            roles: Vec::new(),
        };
        pair.source.create(options[0]);
        pair.renew_target();
        pair
    }

    /// Makes the target's database anew.
    pub(crate) fn renew_target(&self) {
        self.target.create(&format!("{} owner {}", self.target_options, self.target.login.user));
        plain::prepare(&self.target);
    }

    /// Takes the schema away that every database begins with.
    pub(crate) fn drop_public_of_target(&self) {
        if self.target.is_plain() {
            self.target.sql("alter extension postgres_fdw set schema pg_catalog");
        }
        self.target.sql("drop schema public");
    }

    /// A pair whose source was filled by `script`.
    pub(crate) fn filled(name: &str, script: &str) -> Self {
        let pair = Self::new(name);
        pair.source.sql(script);
        pair
    }

    /// A role on both servers; its password is written down nowhere.
    pub(crate) fn role(&mut self, name: &str, options: &str) {
        self.role_on(&self.source.server.clone(), name, options);
        self.role_on(&self.target.server.clone(), name, options);
    }

    /// A role on one of the servers.
    pub(crate) fn role_on(&mut self, server: &Server, name: &str, options: &str) {
        let session = Session::open(&server.url("postgres"));
        session.sql("set log_statement = 'none'; set pg_stat_statements.track = 'none'");
        // A pair kept by an earlier failure keeps its roles.
        let created = session.try_sql(&format!("create role {name}"));
        assert!(created.as_ref().err().is_none_or(|error| error.starts_with("42710")), "{created:?}");
        session.sql(&format!("alter role {name} nologin; alter role {name} {options}"));
        if self.target.is_plain() && server.port == self.target.server.port {
            plain::admit(&session, name);
        }
        self.roles.push(name.to_owned());
    }

    fn drop_all(&self) {
        for database in [&self.source, &self.target] {
            let session = Session::open(&database.server.url("postgres"));
            drop_database(&session, &database.name);
        }
        for database in [&self.source, &self.target] {
            let session = Session::open(&database.server.url("postgres"));
            for role in &self.roles {
                // Fails where such a kept pair still needs it.
                let _ = session.try_sql(&format!("drop role if exists {role}"));
            }
        }
    }
}

/// Drops a database whatever its sessions do; `WITH (FORCE)` is not known to version 12.
fn drop_database(session: &Session, name: &str) {
    session.rows(&format!("select pg_terminate_backend(pid) from pg_stat_activity where datname = '{name}'"));
    session.sql(&format!("drop database if exists {name}"));
}

impl Drop for Pair {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("kept: source {} and target {}", self.source.url(), self.target.url());
        } else {
            self.drop_all();
        }
    }
}

/// Waits until the condition holds; fails the test after half a minute.
#[track_caller]
pub(crate) fn wait_for(what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain for: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
