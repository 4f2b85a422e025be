//! The extension postgres_fdw on the target: there for the time of the copy, put away afterwards.
//!
//! Invariant: only what [`install`] created is ever dropped.

use super::ddl;
use crate::error::{Context, Kind, Result};
use crate::ledger;
use crate::pg::ident::{Ident, Literal};
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::sql;

/// Makes sure that postgres_fdw is installed, in this version if there is one wanted; the ledger says so if it was not.
pub async fn install(session: &TargetSession, version: Option<&str>) -> Result<()> {
    let Some(schema) = home_of_missing(session).await? else { return Ok(()) };
    let create = match version {
        // It stays where the source has it too.
        Some(version) => {
            sql!("bridge/create_extension_in_version.sql", schema = schema, version = Literal::new(version))
        }
        None => ddl::create_extension(&schema),
    };
    let Err(failure) = session.run(&Sql::script(&[create, ledger::note_extension()])).await else {
        return Ok(());
    };
    // duplicate_object, or a unique violation in the catalog: somebody else was faster.
    let theirs = failure.server_error().is_some_and(|e| matches!(e.code().code(), "42710" | "23505"));
    if theirs {
        return Ok(());
    }
    Err(failure).context(Kind::Bridge, "the extension could not be created", "postgres_fdw")
}

/// Puts the extension away, if [`install`] created it: into the schema where the source has it, or else off the
/// target.
pub async fn put_away(session: &TargetSession, home: Option<&str>) -> Result<()> {
    if !ledger::lists_extension(session).await? {
        return Ok(());
    }
    let (statement, failed) = match home {
        Some(schema) => (
            sql!("bridge/move_extension.sql", schema = Ident::new(schema)),
            "the extension could not be moved",
        ),
        None => (Sql::script(&[drop(), ledger::forget_extension()]), "the extension could not be dropped"),
    };
    session.run(&statement).await.context(Kind::Bridge, failed, "postgres_fdw")?;
    Ok(())
}

/// The statement that would create the extension, if it is missing.
pub async fn missing(session: &TargetSession) -> Result<Option<Sql>> {
    Ok(home_of_missing(session).await?.map(|schema| ddl::create_extension(&schema)))
}

/// The statement that drops it, for the transaction that has created it.
#[must_use]
pub fn drop() -> Sql {
    sql!("bridge/drop_extension.sql")
}

/// The schema to create the extension in, if it is missing.
async fn home_of_missing(session: &TargetSession) -> Result<Option<Ident>> {
    let state = session.one(&sql!("bridge/extension_state.sql"), &[]).await.context(
        Kind::Bridge,
        "the extensions could not be read",
        "target",
    )?;
    let (installed, public): (bool, bool) = (column(&state, "installed")?, column(&state, "public")?);
    Ok((!installed).then(|| Ident::new(if public { "public" } else { "pg_catalog" })))
}
