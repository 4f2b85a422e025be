//! The extension postgres_fdw on the target: there for the time of the copy, put away afterwards.
//!
//! Invariant: only what [`install`] created is ever dropped, and never under another run that is at work.

use tokio_postgres::types::Type;

use super::ddl;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::server::Target;
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::run::Run;
use crate::sql;

/// Makes sure that postgres_fdw is installed; if it was not, that stands in `ours`, before anything is sent.
pub async fn install(target: &Target, ours: &mut bool, run: &Run) -> Result<()> {
    let session = target.pooled(run).await?;
    let Some(create) = missing(&session).await? else { return Ok(()) };
    *ours = true;
    let Err(failure) = session.run(&create).await else { return Ok(()) };
    // duplicate_object, or a unique violation in the catalog: somebody else was faster.
    let theirs = failure.server_error().is_some_and(|e| matches!(e.code().code(), "42710" | "23505"));
    if theirs {
        *ours = false;
        return Ok(());
    }
    Err(failure).context(Kind::Bridge, "the extension could not be created", "postgres_fdw")
}

/// Moves the extension to where the source has it, when the source has it too.
pub async fn move_to(session: &TargetSession, schema: &str) -> Result<()> {
    session.run(&sql!("bridge/move_extension.sql", schema = Ident::new(schema))).await.context(
        Kind::Bridge,
        "the extension could not be moved",
        "postgres_fdw",
    )?;
    Ok(())
}

/// Removes the extension that [`install`] created, unless another run is at work in the database: the
/// server would let it go in spite of that run's bridges.
pub async fn remove(session: &TargetSession, run: &Run) -> Result<()> {
    let ours = format!("fdwcopy {} %", run.id);
    let others = session.one(&sql!("bridge/other_runs.sql"), &[(&ours, Type::TEXT)]).await.context(
        Kind::Bridge,
        "the sessions could not be read",
        "target",
    )?;
    if column(&others, "present")? {
        return Err(Error::new(Kind::Bridge, "another run of fdwcopy uses it in this database")
            .object("postgres_fdw")
            .remedy("on the target: DROP EXTENSION postgres_fdw; when that run has ended"));
    }
    session.run(&sql!("bridge/drop_extension.sql")).await.context(
        Kind::Bridge,
        "the extension could not be dropped",
        "postgres_fdw",
    )?;
    Ok(())
}

/// The statement that would create the extension, if it is missing.
pub async fn missing(session: &TargetSession) -> Result<Option<Sql>> {
    let state = session.one(&sql!("bridge/extension_state.sql"), &[]).await.context(
        Kind::Bridge,
        "the extensions could not be read",
        "target",
    )?;
    let (installed, public): (bool, bool) = (column(&state, "installed")?, column(&state, "public")?);
    let schema = Ident::new(if public { "public" } else { "pg_catalog" });
    Ok((!installed).then(|| ddl::create_extension(&schema)))
}
