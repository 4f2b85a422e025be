//! What becomes of the objects that were moved aside when the run ends well.
//!
//! Invariant: a good copy is not undone because an old object cannot be dropped: then all of them stay aside, and are
//! named.

use super::{PATIENCE, obstacles, replaced};
use crate::error::{Context, ErrorReport, Kind, Result};
use crate::pg::ident::{Ident, Literal};
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::report::{Finding, Replaced};
use crate::sql;

const FAILED: &str = "what was replaced could not be dropped";

/// Drops them, in the transaction that closes the ledger. Returns what was replaced, and a warning if it is still there.
pub async fn drop_all(guard: &TargetSession) -> Result<(Vec<Replaced>, Option<Finding>)> {
    let (objects, schemas) = aside(guard).await?;
    if objects.is_empty() {
        return Ok((objects, None));
    }
    let drop =
        sql!("replace/drop.sql", patience = Literal::new(PATIENCE), obstacles = obstacles::in_the_ledger());
    let Err(failure) = guard.run(&drop).await else { return Ok((objects, None)) };
    if failure.server_error().is_none() {
        return Err(failure).context(Kind::Schema, FAILED, "target");
    }
    guard.run(&sql!("replace/keep.sql")).await.context(Kind::Schema, FAILED, "target")?;
    let failed = Err::<(), _>(failure).context(Kind::Schema, FAILED, "target");
    let reason = failed.err().map(|error| ErrorReport::from(&error).to_string()).unwrap_or_default();
    Ok((objects, Some(left(&reason, &schemas))))
}

/// What a run that is forgotten leaves aside, if anything.
pub async fn kept(session: &TargetSession) -> Result<Option<Finding>> {
    let (objects, schemas) = aside(session).await?;
    Ok((!objects.is_empty()).then(|| left("the run that replaced them was not ended", &schemas)))
}

/// What is aside, and the schemas that hold it.
async fn aside(session: &TargetSession) -> Result<(Vec<Replaced>, Vec<String>)> {
    let rows = session.rows(&sql!("replace/replaced.sql"), &[]).await.context(
        Kind::Schema,
        "what was moved aside could not be read",
        "target",
    )?;
    let objects = rows.iter().map(replaced).collect::<Result<_>>()?;
    let schemas = rows.iter().map(|row| column::<Option<String>>(row, "schema"));
    let mut schemas: Vec<String> = schemas.collect::<Result<Vec<_>>>()?.into_iter().flatten().collect();
    schemas.sort();
    schemas.dedup();
    Ok((objects, schemas))
}

fn left(reason: &str, schemas: &[String]) -> Finding {
    let names = Sql::join(schemas.iter().map(|schema| Ident::new(schema.as_str())), ", ");
    Finding {
        code: "replaced-left",
        object: schemas.join(", "),
        message: format!("the objects that were replaced are still there: {reason}"),
        remedy: format!("look what uses them, then on the target: DROP SCHEMA {names} CASCADE"),
    }
}
