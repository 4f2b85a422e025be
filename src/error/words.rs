//! An error as words, for the report and the terminal.
//!
//! Invariant: the chain is told once, outermost first; this is the only reader of the server's own error fields.

use std::fmt;

use serde::Serialize;

use super::{Error, Kind, chain, db_error};

/// An error as words: what the report's `error` field holds and what the terminal prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorReport {
    /// The kind of failure.
    pub kind: Kind,
    /// The object it is about.
    pub object: Option<String>,
    /// The message, followed by its causes, outermost first.
    pub message: String,
    /// The server's SQLSTATE.
    pub sqlstate: Option<String>,
    /// The server's DETAIL line.
    pub detail: Option<String>,
    /// What to do about it; the server's HINT where we know nothing better.
    pub remedy: Option<String>,
    /// Failures while undoing, in order.
    pub also: Vec<String>,
}

impl From<&Error> for ErrorReport {
    fn from(error: &Error) -> Self {
        let mut words = vec![error.message.clone()];
        for cause in chain(error).skip(1) {
            let text = match (db_error(cause), cause.downcast_ref::<Error>()) {
                // tokio-postgres says just "db error" here, and the server's words one level down.
                (Some(db), _) => db.message().to_owned(),
                (None, Some(ours)) => ours.to_string(),
                (None, None) => cause.to_string(),
            };
            if !text.is_empty() && words.last() != Some(&text) {
                words.push(text);
            }
        }
        let server = error.server_error();
        let inner_remedy = || chain(error).skip(1).find_map(|e| e.downcast_ref::<Error>()?.remedy.clone());
        Self {
            kind: error.kind,
            object: error.object.clone(),
            message: words.join(": "),
            sqlstate: server.map(|db| db.code().code().to_owned()),
            detail: server.and_then(|db| db.detail().map(str::to_owned)),
            remedy: error
                .remedy
                .clone()
                .or_else(inner_remedy)
                .or_else(|| server.and_then(|db| db.hint().map(str::to_owned)))
                .or_else(|| general_remedy(error).map(str::to_owned)),
            also: error.also.clone(),
        }
    }
}

/// What to do where nobody knows better: about sessions and statements that the server, an operator or the network ended.
fn general_remedy(error: &Error) -> Option<&'static str> {
    let ended = "the server's log tells why the session ended; run the same command again when that is over";
    let Some(state) = error.sqlstate().map(tokio_postgres::error::SqlState::code) else {
        let lost = |cause: &(dyn std::error::Error + 'static)| {
            cause.downcast_ref().is_some_and(tokio_postgres::Error::is_closed)
                || cause.downcast_ref::<std::io::Error>().is_some()
        };
        return (error.kind == Kind::Connect || chain(error).any(lost)).then_some(ended);
    };
    match state {
        "57014" => Some("somebody, or a time limit, cancelled the statement; run the same command again"),
        "55P03" => Some(
            "another session holds a lock on the table, or waits for one (see pg_locks); run the same command again when it is done",
        ),
        // An exported snapshot is unknown once the session that exported it is gone.
        "22023" if error.kind == Kind::Snapshot => Some(ended),
        _ if state.starts_with("57P") || state.starts_with("08") => Some(ended),
        _ => None,
    }
}

impl fmt::Display for ErrorReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(object) = &self.object {
            write!(f, "{object}: ")?;
        }
        f.write_str(&self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_chain_is_told_once_from_the_outside_in() {
        let inner =
            Error::new(Kind::Connect, "connection refused").object("db.example:5432").remedy("start it");
        let outer =
            Error::new(Kind::Copy, "rows could not be copied").object("public.orders").caused_by(inner);
        let report = ErrorReport::from(&outer);
        assert_eq!(
            report.to_string(),
            "public.orders: rows could not be copied: db.example:5432: connection refused"
        );
        assert_eq!(report.remedy.as_deref(), Some("start it"));
    }

    #[test]
    fn a_lost_session_comes_with_a_remedy() {
        let lost = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let report = ErrorReport::from(&Error::new(Kind::Copy, "rows could not be copied").caused_by(lost));
        assert!(report.remedy.is_some_and(|remedy| remedy.contains("the server's log")));
        assert_eq!(ErrorReport::from(&Error::new(Kind::Copy, "a value does not fit")).remedy, None);
    }

    #[test]
    fn a_failed_undo_stands_beside_the_first_error() {
        let undo = Error::new(Kind::Connect, "the target went away");
        let report = ErrorReport::from(&Error::new(Kind::Copy, "disk full").and_also(&undo));
        assert_eq!(report.message, "disk full");
        assert_eq!(report.also, ["the target went away"]);
    }
}
