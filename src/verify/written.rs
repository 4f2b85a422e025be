//! Whether a table was written to after the snapshot that it was read under.
//!
//! Both sides' snapshots are of two moments; who compares databases that are in use should know where that may be the
//! reason of a difference.
//!
//! Invariant: only tables that differ are looked at, and only on a server that has ended any transaction since.
//! Deliberately absent: what was written.

use super::crew::{Crew, now};
use super::from::rows;
use super::outcome::Differing;
use super::proof::prepare;
use crate::error::{Context, Failure, Kind, Result};
use crate::pg::server::Server;
use crate::pg::session::{Session, Side, column};
use crate::pg::sql::Sql;
use crate::plan::compare::{Comparison, Subject};
use crate::report::Finding;
use crate::run::Run;
use crate::sql;

const FAILED: &str = "it could not be found out whether the table was written to meanwhile";

/// The warning that one of the differing parts of this side was written to.
pub(super) async fn look<S: Side>(
    server: &Server<S>,
    crew: &Crew<S>,
    (comparison, differing): (&Comparison, &Differing),
    side: usize,
    run: &Run,
) -> Result<Option<Finding>> {
    let subject = &comparison.subjects[differing.subject];
    let session = server.pooled(run).await?;
    let looked = look_over(&session, crew, (subject, &differing.parts[side]), side).await;
    // With the transaction its settings go.
    session.rollback().await;
    looked
}

async fn look_over<S: Side>(
    session: &Session<S>,
    crew: &Crew<S>,
    (subject, parts): (&Subject, &[usize]),
    side: usize,
) -> Result<Option<Finding>> {
    session.run(&sql!("verify/begin_looking.sql")).await.context(Kind::Verify, FAILED, S::NAME)?;
    prepare(session).await?;
    let row = session.one(&now(), &[]).await.context(Kind::Verify, FAILED, S::NAME)?;
    if column::<String>(&row, "snapshot")? == crew.snapshot {
        return Ok(None);
    }
    for &index in parts {
        let part = &subject.parts[side][index];
        if !part.heap {
            continue;
        }
        let horizon = crew.horizon.rem_euclid(1 << 32);
        let query = sql!("verify/changes.sql", horizon = horizon, from = rows(subject, part, None, None));
        let then =
            versions(crew.exporter(), &query).await.context(Kind::Verify, FAILED, part.name.plain())?;
        let now = versions(session, &query).await.context(Kind::Verify, FAILED, part.name.plain())?;
        if then != now {
            return Ok(Some(Finding {
                code: "written-meanwhile",
                object: part.name.plain(),
                message: format!("it was written to on the {} while both sides were compared", S::NAME),
                remedy: "compare again when nobody writes, if the difference may come from that".into(),
            }));
        }
    }
    Ok(None)
}

/// How many rows there are, and who has written those that are not old.
async fn versions<S: Side>(session: &Session<S>, query: &Sql) -> Result<(i64, String), Failure> {
    let row = session.one(query, &[]).await?;
    Ok((column(&row, "rows")?, column(&row, "writers")?))
}
