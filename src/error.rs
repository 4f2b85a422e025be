//! The one error type: a kind that bears a decision, the object it is about, a remedy and the cause.
//!
//! Invariant: a message names its object in lower case and never pastes the cause in; the chain is
//! rendered once, by [`ErrorReport`], which is also the only reader of the server's own error fields.
//! Deliberately absent: printing (see `terminal`) and secrets (no statement text is ever kept).

mod words;

use std::error::Error as StdError;
use std::fmt;

use serde::Serialize;
use tokio_postgres::error::{DbError, SqlState};
pub use words::ErrorReport;

/// What kind of failure this is; each kind decides the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The command line or the configuration makes no sense.
    Usage,
    /// A server could not be reached, refused us, or a session to it was lost.
    Connect,
    /// Preflight found something that would stop or spoil the run; nothing was changed.
    Preflight,
    /// The schema could not be read from the source or applied to the target.
    Schema,
    /// The workers could not be made to agree on one snapshot.
    Snapshot,
    /// The foreign-data bridge between target and source could not be set up or closed.
    Bridge,
    /// Rows could not be copied.
    Copy,
    /// The two sides could not be compared.
    Verify,
    /// The user asked us to stop.
    Interrupted,
    /// A broken invariant of fdwcopy itself.
    Internal,
}

type Cause = Box<dyn StdError + Send + Sync + 'static>;

/// A failure, with everything a user needs to act on it.
#[derive(Debug)]
pub struct Error {
    kind: Kind,
    message: String,
    object: Option<String>,
    remedy: Option<String>,
    cause: Option<Cause>,
    also: Vec<String>,
}

/// The result of everything that can fail in fdwcopy.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A new error; `message` is lower case and does not repeat its cause.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), object: None, remedy: None, cause: None, also: Vec::new() }
    }

    /// The stop signal was given.
    #[must_use]
    pub fn interrupted() -> Self {
        Self::new(Kind::Interrupted, "interrupted")
    }

    /// Names the table, server, file or option that this is about.
    #[must_use]
    pub fn object(mut self, object: impl fmt::Display) -> Self {
        self.object = Some(object.to_string());
        self
    }

    /// Names the option or file in which the object stands.
    #[must_use]
    pub fn within(mut self, place: &str) -> Self {
        self.object =
            Some(self.object.map_or_else(|| place.to_owned(), |object| format!("{place}: {object}")));
        self
    }

    /// Says what the user can do about it.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }

    /// Attaches what helps, unless somebody who knew more has.
    #[must_use]
    pub fn or_remedy(self, remedy: impl Into<String>) -> Self {
        if self.remedy.is_some() { self } else { self.remedy(remedy) }
    }

    /// Attaches the cause.
    #[must_use]
    pub fn caused_by(mut self, cause: impl Into<Cause>) -> Self {
        self.cause = Some(cause.into());
        self
    }

    /// Adds a second failure (of an undo, say) that is reported beside this one, never instead of it.
    #[must_use]
    pub fn and_also(mut self, other: &Error) -> Self {
        self.also.push(ErrorReport::from(other).to_string());
        self
    }

    /// The kind.
    #[must_use]
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Whether it was made with this message.
    #[must_use]
    pub fn is(&self, message: &str) -> bool {
        self.message == message
    }

    /// The server's own error, if one stands in the chain.
    #[must_use]
    pub fn server_error(&self) -> Option<&DbError> {
        chain(self).find_map(db_error)
    }

    /// The SQLSTATE of the server's error, if there is one.
    #[must_use]
    pub fn sqlstate(&self) -> Option<&SqlState> {
        self.server_error().map(DbError::code)
    }
}

/// Gives a failure its kind, its words and its object.
pub trait Context<T> {
    /// Wraps the failure; an interruption passes through as it is.
    fn context(self, kind: Kind, message: &str, object: impl fmt::Display) -> Result<T>;
}

impl<T, E: Into<Failure>> Context<T> for Result<T, E> {
    fn context(self, kind: Kind, message: &str, object: impl fmt::Display) -> Result<T> {
        self.map_err(|failure| match failure.into() {
            Failure::Interrupted => Error::interrupted(),
            Failure::Cause(cause) => Error::new(kind, message).object(object).caused_by(cause),
        })
    }
}

/// A failure that has no kind and no object yet.
#[derive(Debug)]
pub enum Failure {
    /// The stop signal was given while it was under way.
    Interrupted,
    /// Anything else.
    Cause(Box<dyn StdError + Send + Sync + 'static>),
}

impl Failure {
    /// The server's own error, if one stands in the chain.
    #[must_use]
    pub fn server_error(&self) -> Option<&DbError> {
        match self {
            Self::Interrupted => None,
            Self::Cause(cause) => chain(cause.as_ref()).find_map(db_error),
        }
    }

    /// Why the server refuses the object that a statement is about; nothing if the failure is about anything else.
    #[must_use]
    pub fn refusal(&self) -> Option<String> {
        let error = self.server_error().filter(|error| is_about_the_object(error.code().code()))?;
        let detail = error.detail().map(|detail| format!(" ({detail})")).unwrap_or_default();
        Some(format!("{}{detail}", error.message()))
    }
}

/// SQLSTATE classes that speak of the server, not of the statement: connection, resources, operator intervention,
/// system errors; but for a file that is missing (58P01), a function's library or an extension's.
fn is_about_the_object(sqlstate: &str) -> bool {
    sqlstate == "58P01" || !["08", "53", "57", "58"].contains(&&sqlstate[..2])
}

impl From<tokio_postgres::Error> for Failure {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Cause(error.into())
    }
}

impl From<tokio::task::JoinError> for Failure {
    fn from(error: tokio::task::JoinError) -> Self {
        Self::Cause(error.into())
    }
}

impl From<std::num::TryFromIntError> for Failure {
    fn from(error: std::num::TryFromIntError) -> Self {
        Self::Cause(error.into())
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Cause(error.into())
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        match error.kind {
            Kind::Interrupted => Self::Interrupted,
            _ => Self::Cause(error.into()),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.object {
            Some(object) => write!(f, "{object}: {}", self.message),
            None => f.write_str(&self.message),
        }
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.cause.as_deref().map(|cause| cause as &(dyn StdError + 'static))
    }
}

fn chain<'a>(error: &'a (dyn StdError + 'static)) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

fn db_error<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a DbError> {
    error
        .downcast_ref::<tokio_postgres::Error>()
        .and_then(tokio_postgres::Error::as_db_error)
        .or_else(|| error.downcast_ref::<DbError>())
}
