//! What the process's surroundings say about connections, captured once.
//!
//! Invariant: nothing else in fdwcopy reads the environment to find a connection parameter.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Variables, home directory, operating system user and default socket directory.
#[derive(Clone)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    home: Option<PathBuf>,
    user: Option<String>,
    socket_directory: String,
}

impl Environment {
    /// That of this process.
    #[must_use]
    pub fn of_process() -> Self {
        let variables = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .filter(|(name, _)| name.starts_with("PG"))
            .collect();
        // Debian's libpq has the first compiled in, PostgreSQL's own build the second.
        let debian = "/var/run/postgresql";
        let socket_directory = if Path::new(debian).is_dir() { debian } else { "/tmp" };
        Self {
            variables,
            home: std::env::home_dir(),
            user: whoami::username().ok(),
            socket_directory: socket_directory.to_owned(),
        }
    }

    /// An empty one, of this operating system user.
    #[must_use]
    pub fn of_user(user: impl Into<String>) -> Self {
        Self {
            variables: BTreeMap::new(),
            home: None,
            user: Some(user.into()),
            socket_directory: "/var/run/postgresql".to_owned(),
        }
    }

    /// The same with this home directory.
    #[must_use]
    pub fn home(mut self, home: impl Into<PathBuf>) -> Self {
        self.home = Some(home.into());
        self
    }

    /// The same with this variable set.
    #[must_use]
    pub fn variable(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(String::as_str)
    }

    pub(super) fn in_home(&self, name: &str) -> Option<PathBuf> {
        self.home.as_ref().map(|home| home.join(name))
    }

    pub(super) fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    pub(super) fn socket_directory(&self) -> &str {
        &self.socket_directory
    }
}

/// Names only: the values may hold PGPASSWORD.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Environment")
            .field("variables", &self.variables.keys())
            .field("home", &self.home)
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}
