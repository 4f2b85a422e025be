//! Whether a connection string leads to one server, and a session to one process of it: before anything relies on that.
//!
//! Two sessions of a pooler in transaction mode are served by one process, or one session by two; behind a load balancer two
//! sessions reach two servers. Both is seen by asking two sessions in turn.
//!
//! Invariant: reads only. Deliberately absent: names of hosts; a pooler may have any.

use tokio_postgres::error::SqlState;

use crate::error::{Context, Error, ErrorReport, Kind, Result};
use crate::pg::server::{Server, Source, Target};
use crate::pg::session::{Session, Side, column};
use crate::report::Finding;
use crate::run::Run;
use crate::sql;

/// What a session says of the process and the server behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    process: i32,
    started: String,
    /// Whether the settings that we asked for hold.
    obeys: bool,
    read_only: bool,
    standby: bool,
}

/// What both endpoints are not fit for.
pub async fn endpoints(source: &Source, target: &Target, run: &Run) -> Result<Vec<Finding>> {
    let (of_source, of_target) = tokio::join!(endpoint(source, false, run), endpoint(target, true, run));
    Ok([of_source?, of_target?].concat())
}

/// What one endpoint is not fit for.
pub async fn endpoint<S: Side>(server: &Server<S>, writes: bool, run: &Run) -> Result<Vec<Finding>> {
    let object = server.endpoint().to_string();
    match answers(server, run).await {
        Ok(answers) => Ok(judge(S::NAME, &object, &answers, writes)),
        // A server of an older version does not know a setting that the first one did.
        Err(error) if error.sqlstate() == Some(&SqlState::UNDEFINED_OBJECT) => {
            Ok(vec![several_servers(S::NAME, &object)])
        }
        Err(error) => Err(error),
    }
}

fn several_servers(side: &str, object: &str) -> Finding {
    Finding {
        code: "several-servers",
        object: format!("{side} {object}"),
        message: "its connections reach several servers: it is the endpoint of a load balancer".into(),
        remedy: format!("name one server as the {side}: the primary, or one instance"),
    }
}

/// The finding of a server that could not be connected to.
#[must_use]
pub fn refused(code: &'static str, error: &Error) -> Finding {
    let mut found = super::finding(code, error);
    if drops_options(error) {
        found.code = POOLER;
        found.remedy = around(&found.object);
    }
    found
}

/// `PgBouncer` refuses what it cannot hand on, by these words (`client.c`).
pub(super) fn drops_options(error: &Error) -> bool {
    let report = ErrorReport::from(error);
    format!("{report} {}", report.detail.as_deref().unwrap_or_default())
        .contains("unsupported startup parameter")
}

/// The code of a finding about a pooler.
pub(super) const POOLER: &str = "pooler";

/// How to do without a pooler.
pub(super) fn around(side: &str) -> String {
    format!(
        "name the server itself as the {side}, not its pooler: on Neon without -pooler in the host's name, on Supabase port 5432, on Amazon the instance or cluster instead of the RDS Proxy, else the port behind PgBouncer"
    )
}

async fn answers<S: Side>(server: &Server<S>, run: &Run) -> Result<[Answer; 3]> {
    // The second one is not kept: there may be room for few.
    let (one, other) = (server.pooled(run).await?, server.dedicated("endpoint", &[], run).await?);
    let answers = [answer(&one).await?, answer(&other).await?, answer(&one).await?];
    other.close().await;
    Ok(answers)
}

async fn answer<S: Side>(session: &Session<S>) -> Result<Answer> {
    let failed = "the server behind the endpoint could not be looked at";
    let row =
        session.one(&sql!("preflight/endpoint.sql"), &[]).await.context(Kind::Connect, failed, S::NAME)?;
    Ok(Answer {
        process: column(&row, "process")?,
        started: column(&row, "started")?,
        obeys: column(&row, "obeys")?,
        read_only: column(&row, "read_only")?,
        standby: column(&row, "standby")?,
    })
}

fn judge(side: &str, object: &str, [one, other, again]: &[Answer; 3], writes: bool) -> Vec<Finding> {
    let found = |code, message: &str, remedy: String| Finding {
        code,
        object: format!("{side} {object}"),
        message: message.into(),
        remedy,
    };
    let servers = |answer: &Answer| (answer.started.clone(), answer.standby);
    if servers(one) != servers(other) || servers(one) != servers(again) {
        return vec![several_servers(side, object)];
    }
    if one.process == other.process || one.process != again.process {
        return vec![found(
            POOLER,
            "a pooler stands before it that shares server processes between sessions (transaction mode): locks, snapshots and settings of a session do not hold there",
            around(side),
        )];
    }
    if !one.obeys {
        return vec![found(
            POOLER,
            "a pooler stands before it that drops the settings of a session (ignore_startup_parameters = options)",
            around(side),
        )];
    }
    let read_only = writes && one.read_only && !one.standby;
    Vec::from_iter(read_only.then(|| {
        found(
            "target-read-only",
            "it takes no writes: its transactions are read-only although we asked for others",
            "name the writer's endpoint; or have the provider lift the read-only state (a full disk, a reader endpoint)".into(),
        )
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(process: i32, started: &str) -> Answer {
        Answer { process, started: started.into(), obeys: true, read_only: false, standby: false }
    }

    fn codes(answers: &[Answer; 3]) -> Vec<&'static str> {
        judge("target", "h:5432", answers, true).into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn two_sessions_of_one_server_are_two_processes_that_stay() {
        assert!(codes(&[said(1, "a"), said(2, "a"), said(1, "a")]).is_empty());
        assert_eq!(codes(&[said(1, "a"), said(1, "a"), said(1, "a")]), ["pooler"]);
        assert_eq!(codes(&[said(1, "a"), said(2, "a"), said(2, "a")]), ["pooler"]);
    }

    #[test]
    fn two_servers_are_told_before_anything_else() {
        assert_eq!(codes(&[said(1, "a"), said(1, "b"), said(1, "a")]), ["several-servers"]);
        let standby = Answer { standby: true, ..said(2, "a") };
        assert_eq!(codes(&[said(1, "a"), standby, said(1, "a")]), ["several-servers"]);
    }

    #[test]
    fn a_server_that_takes_no_writes_is_no_target() {
        let reader = |process| Answer { read_only: true, ..said(process, "a") };
        assert_eq!(codes(&[reader(1), reader(2), reader(1)]), ["target-read-only"]);
        let deaf = |process| Answer { obeys: false, ..said(process, "a") };
        assert_eq!(codes(&[deaf(1), deaf(2), deaf(1)]), ["pooler"]);
    }
}
