//! The bridge's statements, pure.
//!
//! Invariant: one statement holds the password, that of [`create_user_mapping`]; it never shows it, and
//! `Session::run_secret` is its only way to the server.

use secrecy::{ExposeSecret, SecretString};

use crate::pg::endpoint::ForeignServer;
use crate::pg::ident::{Ident, Literal};
use crate::pg::sql::Sql;
use crate::pg::version::Version;
use crate::plan::TablePlan;
use crate::sql;

/// The column that carries the source's `tableoid`; `postgres_fdw` never sends ONLY, so a parent's own rows are
/// told from its children's by this column.
#[must_use]
pub fn tableoid(table: &TablePlan) -> Ident {
    let mut name = "fdwcopy_tableoid".to_owned();
    while table.columns.iter().any(|column| column.as_str() == name) {
        name.push('_');
    }
    Ident::new(name)
}

/// How the target reaches the source: what its foreign server and user mapping say.
#[derive(Debug, Clone)]
pub struct Hop {
    options: Vec<(String, String)>,
    user: String,
    password: Option<SecretString>,
}

impl Hop {
    /// From the parameters of the connection, with the session settings that an exact copy needs.
    #[must_use]
    pub fn new(server: ForeignServer, source: Version) -> Self {
        let mut options = server.options;
        let mut session_options = options
            .iter()
            .position(|(name, _)| name == "options")
            .map(|at| options.remove(at).1 + " ")
            .unwrap_or_default();
        session_options.push_str(&session_settings(source));
        options.push(("options".into(), session_options));
        for (name, value) in DEFAULTS {
            if !options.iter().any(|(given, _)| given == name) {
                options.push(((*name).into(), (*value).into()));
            }
        }
        Self { options, user: server.user, password: server.password }
    }

    /// The same way with another login.
    #[must_use]
    pub fn with_login(self, user: String, password: SecretString) -> Self {
        Self { user, password: Some(password), ..self }
    }

    /// Whether a password goes with it.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.password.is_some()
    }

    /// `host:port` as the target is told.
    #[must_use]
    pub fn address(&self) -> String {
        let get =
            |wanted: &str| self.options.iter().find(|(name, _)| name == wanted).map(|(_, v)| v.as_str());
        format!(
            "{}:{}",
            get("hostaddr").or(get("host")).unwrap_or("localhost"),
            get("port").unwrap_or("5432")
        )
    }
}

/// Options of the foreign server that the user may overrule. A dead network must end the copy within minutes, and
/// remote estimates would cost round trips and pin the snapshot early.
const DEFAULTS: &[(&str, &str)] = &[
    ("connect_timeout", "15"),
    ("keepalives_idle", "30"),
    ("keepalives_interval", "10"),
    ("keepalives_count", "6"),
    ("use_remote_estimate", "false"),
    ("updatable", "false"),
];

/// For sessions that read tables which fdwcopy has locked already (ACCESS SHARE): they can only be made to wait by
/// somebody who asked for a stronger lock afterwards and waits for us in turn. The server sees no deadlock in that,
/// because our own waiting happens outside of it.
pub const LOCK_TIMEOUT: (&str, &str) = ("lock_timeout", "10000");

/// Settings of the remote session that postgres_fdw leaves alone: rows hidden by row security are an error, nothing
/// is written, nothing times out, values are spelt in one way, and plans are made for reading everything.
fn session_settings(source: Version) -> String {
    let mut settings = source.unlimited_session();
    settings.retain(|(name, _)| *name != LOCK_TIMEOUT.0);
    settings.extend([
        LOCK_TIMEOUT,
        ("row_security", "off"),
        ("default_transaction_read_only", "on"),
        ("bytea_output", "hex"),
        ("lc_monetary", "C"),
        ("xmlbinary", "base64"),
        ("cursor_tuple_fraction", "1"),
        ("tcp_keepalives_idle", "30"),
    ]);
    let words: Vec<String> = settings.iter().map(|(name, value)| format!("-c {name}={value}")).collect();
    words.join(" ")
}

/// `CREATE SERVER`; `application_name` is what the source's `pg_stat_activity` shows.
#[must_use]
pub fn create_server(server: &Ident, hop: &Hop, application_name: &str) -> Sql {
    let options = hop.options.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let options = options.filter(|(name, _)| *name != "application_name");
    let options = options.chain([("application_name", application_name)]);
    sql!("bridge/create_server.sql", server = server, options = options_list(options))
}

fn options_list<'a>(options: impl Iterator<Item = (&'a str, &'a str)>) -> Sql {
    let words = options.map(|(name, value)| {
        Sql::join([Sql::join([Ident::new(name)], ""), Sql::join([Literal::new(value)], "")], " ")
    });
    Sql::join(words, ", ")
}

/// Opens the worker's transaction; READ COMMITTED, so that it sees the tables that another session creates later.
#[must_use]
pub fn begin() -> Sql {
    sql!("bridge/begin.sql")
}

/// Commits the worker's rows.
#[must_use]
pub fn commit() -> Sql {
    sql!("bridge/commit.sql")
}

/// The user mapping with its password, a secret statement.
#[must_use]
pub fn create_user_mapping(server: &Ident, hop: &Hop) -> Sql {
    let statement = |password: Option<&str>| {
        let login = [("user", Some(hop.user.as_str())), ("password", password)];
        let options = login.into_iter().filter_map(|(name, value)| Some((name, value?)));
        sql!("bridge/create_user_mapping.sql", server = server, options = options_list(options))
    };
    let password = hop.password.as_ref().map(ExposeSecret::expose_secret);
    statement(password).shown_as(statement(password.map(|_| "********")).to_string())
}

/// Connects to the source without taking a snapshot there, over a foreign table that is named like the server:
/// no table of the source has that name, so none is hidden by it. What it reads is a view of a function: the lock on a
/// catalog would last as long as the copy, and who waits for it (VACUUM FULL) makes `pg_dump` wait behind him.
#[must_use]
pub fn arm(server: &Ident) -> Sql {
    sql!("bridge/arm.sql", server = server)
}

/// Takes the snapshot.
#[must_use]
pub fn pin(server: &Ident) -> Sql {
    sql!("bridge/pin.sql", server = server)
}

/// Imports one table and prepares it for reading.
#[must_use]
pub fn import(server: &Ident, table: &TablePlan) -> Sql {
    let local = local_name(table);
    let import = import_as(server, table, &local);
    match (table.own_rows_only, table.halves()) {
        (false, _) => import,
        (true, None) => {
            let add = sql!("bridge/add_tableoid.sql", local = local, tableoid = tableoid(table));
            Sql::join([import, add], ";\n")
        }
        (true, Some((spare, _, last))) => {
            let rest = rest_name(table);
            let shown = |local: &Ident, column: &Ident| {
                sql!("bridge/read_as_tableoid.sql", local = local, column = column)
            };
            let again = import_as(server, table, &rest);
            Sql::join([import, shown(&local, last), again, shown(&rest, spare)], ";\n")
        }
    }
}

fn import_as(server: &Ident, table: &TablePlan, local: &Ident) -> Sql {
    sql!(
        "bridge/import.sql",
        schema = table.name.schema,
        table = table.name.name,
        server = server,
        local = local,
        fetch_size = table.fetch_size
    )
}

/// The second import of a table that has no room for one more column: each of both gives up another column for the
/// source's `tableoid`, and together they have all of them.
#[must_use]
pub fn rest_name(table: &TablePlan) -> Ident {
    Ident::new(format!("fdwcopy_{}_rest", table.oid))
}

/// The imported table's name within `pg_temp`, where tables of several schemas meet.
#[must_use]
pub fn local_name(table: &TablePlan) -> Ident {
    Ident::new(format!("fdwcopy_{}", table.oid))
}

/// Removes the server with everything on it.
#[must_use]
pub fn drop_server(server: &Ident) -> Sql {
    sql!("bridge/drop_server.sql", server = server)
}

/// Creates the extension for the time of the copy.
#[must_use]
pub fn create_extension(schema: &Ident) -> Sql {
    sql!("bridge/create_extension.sql", schema = schema)
}
