//! The hop from the target to the source, tried for real in a transaction that is rolled back.
//!
//! Invariant: a failure of the trial is a finding, not the end of preflight; nothing of the trial stays.

use super::{Finding, facts, finding};
use crate::bridge::{self, Bridge, Hop, extension};
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::Ident;
use crate::pg::server::{Source, Target};
use crate::run::Run;
use crate::sql;

/// From PostgreSQL 16 on the server ignores `connect_timeout`; this ends the trial in its place.
const PATIENCE_MS: u32 = 20_000;
const NAME: &str = "probe";

/// Opens a bridge, looks whether it leads to the same server that we see, and rolls everything back.
pub(super) async fn probe(source: &Source, target: &Target, hop: &Hop, run: &Run) -> Result<Option<Finding>> {
    let session = match bridge::worker_session(target, "probe", run).await {
        Ok(session) => session,
        Err(error) if error.kind() == Kind::Interrupted => return Err(error),
        Err(error) => return Ok(Some(finding("bridge-refused", &error))),
    };
    session.run(&sql!("session/patience.sql", milliseconds = PATIENCE_MS)).await.context(
        Kind::Bridge,
        "the trial could not be prepared",
        "target",
    )?;
    let prelude: Vec<_> = extension::missing(&session).await?.into_iter().collect();
    let bridge = match Bridge::arm(session, NAME, hop, &prelude, run).await {
        Ok(bridge) => bridge,
        Err(error) if error.kind() == Kind::Interrupted => return Err(error),
        Err(error) => return Ok(Some(refused(&error, target))),
    };
    let name = bridge::source_application_name(NAME, &run.id);
    let arrived = facts::is_visible(&source.pooled(run).await?, &name).await;
    bridge.roll_back().await.close().await;
    Ok((!arrived?).then(|| Finding {
        code: "other-server",
        object: hop.address(),
        message: format!(
            "the target reaches another server or database there than the source ({})",
            source.endpoint()
        ),
        remedy: "say by which address the target reaches the source: --source-from-target \"host=… port=…\""
            .into(),
    }))
}

fn refused(error: &Error, target: &Target) -> Finding {
    let mut refused = finding(code(error), error);
    if refused.code == "postgres-fdw-not-permitted" {
        refused.remedy = format!(
            "on the target, as an administrator: CREATE EXTENSION IF NOT EXISTS postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO {};",
            Ident::new(target.endpoint().user())
        );
    }
    refused
}

fn code(error: &Error) -> &'static str {
    match error.sqlstate().map(tokio_postgres::error::SqlState::code) {
        Some("08001" | "08006" | "57014") => "source-unreachable-from-target",
        Some("42501") => "postgres-fdw-not-permitted",
        Some("0A000" | "58P01" | "42704") => "postgres-fdw-missing",
        _ => "bridge-refused",
    }
}
