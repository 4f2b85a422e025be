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
use super::proof::newer;
use super::sums::Tally;
use crate::error::{Context, Kind, Result};
use crate::pg::server::Server;
use crate::pg::session::{Side, column};
use crate::plan::compare::Comparison;
use crate::report::Finding;
use crate::run::Run;
use crate::sql;

const FAILED: &str = "it could not be found out whether the table was written to meanwhile";

/// The warning that one of the differing parts of this side was written to.
pub(super) async fn look<S: Side>(
    server: &Server<S>,
    crew: &Crew<S>,
    (comparison, differing): (&Comparison, &Differing),
    (side, tally): (usize, &Tally),
    run: &Run,
) -> Result<Option<Finding>> {
    let subject = &comparison.subjects[differing.subject];
    let session = server.pooled(run).await?;
    let row = session.one(&now(), &[]).await.context(Kind::Verify, FAILED, S::NAME)?;
    if column::<String>(&row, "snapshot")? == crew.snapshot {
        return Ok(None);
    }
    for &index in &differing.parts[side] {
        let part = &subject.parts[side][index];
        if !part.heap {
            continue;
        }
        let query =
            sql!("verify/changes.sql", newer = newer(crew.horizon), from = rows(subject, part, None, None));
        let row = session.one(&query, &[]).await.context(Kind::Verify, FAILED, part.name.plain())?;
        let counted = tally.get(&(differing.subject, index)).map_or(0, |numbers| numbers.rows);
        if column::<i64>(&row, "newer")? > 0 || column::<i64>(&row, "rows")? != counted {
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
