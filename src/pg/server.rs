//! Servers of two kinds that cannot be mixed up, and how sessions to them are opened.
//!
//! Invariant: `Source` and `Target` are different types; every session of a side has that side's settings and a
//! name that holds the run's id.

use std::marker::PhantomData;

use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod};

use super::conninfo::Conninfo;
use super::endpoint::{Endpoint, LibpqArguments};
use super::retry;
use super::session::{Handle, SEARCH_PATH, Session, Side, SourceSide, TargetSide, column, plain_names};
use super::version::Version;
use crate::error::{Context, Error, Kind, Result};
use crate::run::{Run, RunId};
use crate::sql;

/// The source server.
pub type Source = Server<SourceSide>;
/// The target server.
pub type Target = Server<TargetSide>;

/// A server that answered, and how to open more sessions to it.
pub struct Server<S> {
    endpoint: Endpoint,
    settings: Vec<(&'static str, &'static str)>,
    pool: Pool,
    version: Version,
    superuser: bool,
    side: PhantomData<S>,
}

impl<S: Side> Server<S> {
    /// Finds the server that answers to `conninfo` and learns its version; `sessions` bounds the pool.
    pub async fn connect(conninfo: &Conninfo, sessions: usize, run: &Run) -> Result<Self> {
        let name = session_name::<S>(&run.id, CONTROL);
        let search = || Endpoint::find(conninfo, &name);
        let (endpoint, client, connection) = retry::connecting(run, retry::is_starting, search).await?;
        let first: Session<S> = Session::new(Handle::Own(client, connection), endpoint.tls(), run);
        let facts = first.one(&sql!("session/server_facts.sql"), &[]).await.context(
            Kind::Connect,
            "the server's version could not be read",
            &endpoint,
        )?;
        let version: i32 = column(&facts, "version")?;
        let version = Version::from_number(version.unsigned_abs());
        let superuser = column(&facts, "superuser")?;
        first.close().await;
        let mut settings = [&version.unlimited_session(), NOTICING, NAMING].concat();
        settings.extend_from_slice(S::SETTINGS);
        let manager = Manager::from_config(
            endpoint.config(&name, &settings),
            endpoint.tls(),
            ManagerConfig { recycling_method: RecyclingMethod::Fast },
        );
        let pool = Pool::builder(manager)
            .max_size(sessions)
            .build()
            .map_err(|e| Error::new(Kind::Internal, "no session pool could be made").caused_by(e))?;
        Ok(Self { endpoint, settings, pool, version, superuser, side: PhantomData })
    }

    /// The server that answered.
    #[must_use]
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The server that answered, for a libpq program whose session is named after its `purpose`.
    #[must_use]
    pub fn libpq(&self, purpose: &str, run: &Run) -> LibpqArguments {
        self.endpoint.libpq(&session_name::<S>(&run.id, purpose), &self.version.unlimited_session())
    }

    /// Its version.
    #[must_use]
    pub fn version(&self) -> Version {
        self.version
    }

    /// Whether our role is a superuser there.
    #[must_use]
    pub fn is_superuser(&self) -> bool {
        self.superuser
    }

    /// A session from the pool, for single statements; it goes back when dropped.
    pub async fn pooled(&self, run: &Run) -> Result<Session<S>> {
        let get = || async { self.pool.get().await.map_err(|error| self.no_session(error)) };
        let client = retry::connecting(run, retry::is_away, get).await?;
        Ok(Session::new(Handle::Pooled(client), self.endpoint.tls(), run))
    }

    /// Ends the sessions of the pool that nobody uses just now: before many others are opened, so that both together do
    /// not take more than preflight has reckoned with.
    pub fn close_idle(&self) {
        self.pool.retain(|_, _| false);
    }

    fn no_session(&self, error: PoolError) -> Error {
        match error {
            PoolError::Backend(error) => self.endpoint.explained(error),
            other => Error::new(Kind::Connect, "no session").object(&self.endpoint).caused_by(other),
        }
    }

    /// A session of its own for the scripts of extensions, some of which look up or extend what RESET would give.
    pub async fn for_extensions(&self, run: &Run) -> Result<Session<S>> {
        let settings = self.settings.iter().copied().filter(|(name, _)| *name != SEARCH_PATH);
        let settings: Vec<(&str, &str)> = settings.collect();
        let name = session_name::<S>(&run.id, "extensions");
        let session = open(&self.endpoint, &name, &settings, run).await?;
        let prepared = session.run(&plain_names()).await;
        prepared.context(Kind::Connect, "the session could not be prepared", S::NAME)?;
        Ok(session)
    }

    /// A session of its own, for a transaction that stays open, named after its `purpose`.
    pub async fn dedicated(&self, purpose: &str, extra: &[(&str, &str)], run: &Run) -> Result<Session<S>> {
        let mut settings: Vec<(&str, &str)> = self.settings.clone();
        settings.extend_from_slice(extra);
        open(&self.endpoint, &session_name::<S>(&run.id, purpose), &settings, run).await
    }
}

/// Both sides have to spell the identities of objects in one way (`pg_identify_object`), whatever their databases are set to.
const NAMING: &[(&str, &str)] = &[("quote_all_identifiers", "off")];

/// The server notices within half a minute that our machine is gone, also where an answer of its own is still on the way:
/// no keepalives are sent then, and only the user timeout ends the repetitions.
const NOTICING: &[(&str, &str)] = &[
    ("tcp_keepalives_idle", "10"),
    ("tcp_keepalives_interval", "5"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "25000"),
];

/// The purpose of the sessions in the pool.
pub const CONTROL: &str = "control";

/// `fdwcopy <run> <side> <purpose>`: what a DBA sees in `pg_stat_activity`. With the purpose `%` it is a LIKE pattern
/// for all sessions of a side.
#[must_use]
pub fn session_name<S: Side>(id: &RunId, purpose: &str) -> String {
    format!("fdwcopy {id} {} {purpose}", S::NAME)
}

async fn open<S: Side>(
    endpoint: &Endpoint,
    application_name: &str,
    settings: &[(&str, &str)],
    run: &Run,
) -> Result<Session<S>> {
    let connect = || endpoint.connect(application_name, settings);
    let (client, connection) = retry::connecting(run, retry::is_away, connect).await?;
    Ok(Session::new(Handle::Own(client, connection), endpoint.tls(), run))
}
