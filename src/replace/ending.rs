//! What becomes of the objects that were moved aside when the run ends well.
//!
//! Invariant: a good copy is not undone because an old object cannot be dropped: then all of them stay aside, and are
//! named.

use std::collections::BTreeSet;

use super::{PATIENCE, obstacles, replaced};
use crate::catalog::ASIDE_SCHEMA;
use crate::error::{Context, ErrorReport, Kind, Result};
use crate::pg::ident::{Ident, Literal};
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::report::{Finding, Replaced};
use crate::sql;

const FAILED: &str = "what was replaced could not be dropped";

/// Drops them, in the transaction that closes the ledger. Returns what was replaced, and a warning if it is still there.
pub async fn drop_all(guard: &TargetSession) -> Result<(Vec<Replaced>, Option<Finding>)> {
    let aside = Aside::read(guard).await?;
    if aside.objects.is_empty() {
        return Ok((aside.objects, None));
    }
    let drop =
        sql!("replace/drop.sql", patience = Literal::new(PATIENCE), obstacles = obstacles::in_the_ledger());
    let Err(failure) = guard.run(&drop).await else { return Ok((aside.objects, None)) };
    if failure.server_error().is_none() {
        return Err(failure).context(Kind::Schema, FAILED, "target");
    }
    guard.run(&sql!("replace/keep.sql")).await.context(Kind::Schema, FAILED, "target")?;
    let failed = Err::<(), _>(failure).context(Kind::Schema, FAILED, "target");
    let reason = failed.err().map(|error| ErrorReport::from(&error).message).unwrap_or_default();
    let left = aside.left(&reason);
    Ok((aside.objects, Some(left)))
}

/// What a run that is forgotten leaves aside, if anything.
pub async fn kept(session: &TargetSession) -> Result<Option<Finding>> {
    let aside = Aside::read(session).await?;
    Ok((!aside.objects.is_empty()).then(|| aside.left("the run that replaced them is forgotten")))
}

/// What is aside.
struct Aside {
    objects: Vec<Replaced>,
    /// What holds them: schemas, or they themselves under other names; each with the word after DROP.
    holders: BTreeSet<(String, String)>,
}

impl Aside {
    async fn read(session: &TargetSession) -> Result<Self> {
        let rows = session.rows(&sql!("replace/replaced.sql"), &[]).await.context(
            Kind::Schema,
            "what was moved aside could not be read",
            "target",
        )?;
        let objects = rows.iter().map(replaced).collect::<Result<_>>()?;
        let holders = rows.iter().map(|row| Ok((column(row, "held_by")?, column(row, "aside")?)));
        Ok(Self { objects, holders: holders.collect::<Result<_>>()? })
    }

    fn left(&self, reason: &str) -> Finding {
        let drops = self.holders.iter().map(|(kind, name)| format!("DROP {kind} {name} CASCADE"));
        Finding {
            code: "replaced-left",
            object: self.holders.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join(", "),
            message: format!("the objects that were replaced are still there: {reason}"),
            remedy: format!(
                "when nobody needs them, on the target: {}; or fdwcopy cleanup --unfinished drop",
                drops.collect::<Vec<_>>().join("; ")
            ),
        }
    }
}

/// Schemas that hold what earlier runs have replaced and could not drop, or were to keep.
pub async fn leftover(session: &TargetSession) -> Result<Vec<String>> {
    let query = sql!("replace/leftover.sql", prefix = Literal::new(ASIDE_SCHEMA));
    let rows =
        session.rows(&query, &[]).await.context(Kind::Schema, "the schemas could not be read", "target")?;
    rows.iter().map(|row| column(row, "name")).collect()
}

/// Drops such schemas, unless something outside of them needs what they hold: then that is returned.
pub async fn drop_leftover(session: &TargetSession, schemas: &[String]) -> Result<Vec<Finding>> {
    let names = Sql::join(schemas.iter().map(|schema| Literal::new(schema.as_str())), ", ");
    let query = obstacles::query(&sql!("replace/in_schemas.sql", schemas = names));
    let found = session.rows(&query, &[]).await.context(Kind::Schema, FAILED, "target")?;
    if !found.is_empty() {
        return found.iter().map(|row| obstacles::finding(row, "")).collect();
    }
    let names = Sql::join(schemas.iter().map(|schema| Ident::new(schema.as_str())), ", ");
    let drop = sql!("replace/drop_schemas.sql", schemas = names);
    session.run(&drop).await.context(Kind::Schema, FAILED, "target")?;
    Ok(Vec::new())
}
