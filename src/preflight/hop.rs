//! The hop from the target to the source, tried for real in a transaction that is rolled back.
//!
//! Invariant: a failure of the trial is a finding, not the end of preflight; nothing of the trial stays, but for the
//! temporary role, which its caller holds. What would write the password down is told before the password is sent.

use std::sync::Arc;

use super::facts::{self, Facts};
use super::grants::NO_WRAPPER;
use super::{Finding, endpoint, finding, judge};
use crate::bridge::{self, Bridge, Hop, extension};
use crate::catalog::{Catalog, Oid, Relation, RelationKind};
use crate::error::{Context, Error, Kind, Result};
use crate::job::Job;
use crate::pg::ident::Ident;
use crate::pg::server::{Source, Target};
use crate::pg::session::SourceSession;
use crate::plan::select::Choice;
use crate::progress::Level;
use crate::run::Run;
use crate::sql;
use crate::temporary_role::TemporaryRole;

/// From PostgreSQL 16 on the server ignores `connect_timeout`; this ends the trial in its place.
const PATIENCE_MS: u32 = 20_000;
const NAME: &str = "probe";

/// The way from the target to the source, and what is known before it is tried.
pub(super) struct Crossing<'a> {
    pub(super) job: &'a Job,
    pub(super) source: &'a Arc<Source>,
    pub(super) target: &'a Target,
    pub(super) facts: &'a Facts,
    pub(super) session: &'a SourceSession,
}

impl Crossing<'_> {
    /// The hop, tried where it will be needed and nothing speaks against it.
    pub(super) async fn try_it(
        &self,
        (catalog, choice): (&Catalog, &Choice),
        role: &mut Option<TemporaryRole>,
        (findings, warnings): (&mut Vec<Finding>, &mut Vec<Finding>),
        run: &Run,
    ) -> Result<Hop> {
        let Self { job, source, target, .. } = *self;
        let server = source.endpoint().foreign_server(&job.source_from_target);
        warnings.extend(server.warnings.iter().map(|text| judge::hop_warning(text, source)));
        let mut hop = Hop::new(server, source.version());
        if self.facts.same_database || job.definitions.schema_only {
            return Ok(hop);
        }
        let leaks = judge::recording(&self.facts.recording, target.is_superuser(), job.temporary_role);
        let leaks = leaks.into_iter().filter(|_| hop.has_password() || job.temporary_role);
        let leaks: Vec<Finding> = leaks.collect();
        for leak in &leaks {
            run.note(Level::Normal, format!("{}: {}; {}", leak.object, leak.message, leak.remedy));
        }
        let given_away = judge::is_given_away(&leaks, job.temporary_role);
        warnings.extend(leaks);
        if job.temporary_role {
            let Some(made) = self.make_role((catalog, choice), role, findings, run).await? else {
                return Ok(hop);
            };
            hop = hop.with_login(made.name(), made.password().clone());
        }
        // Who only looks is told what would happen to the password; it is not sent for that.
        if given_away && job.dry_run {
            warnings.push(judge::not_tried(&hop.address()));
        } else {
            findings.extend(probe(source, target, &hop, run).await?);
        }
        Ok(hop)
    }

    /// The temporary role, unless something was found that stops the run anyway.
    async fn make_role<'r>(
        &self,
        (catalog, choice): (&Catalog, &Choice),
        role: &'r mut Option<TemporaryRole>,
        findings: &mut Vec<Finding>,
        run: &Run,
    ) -> Result<Option<&'r TemporaryRole>> {
        let is_table = |relation: &&Relation| relation.kind == RelationKind::Table;
        let tables: Vec<Oid> = choice.with_data(catalog).filter(is_table).map(|r| r.oid).collect();
        let rights = facts::role_rights(self.session, &tables).await?;
        findings.extend(judge::temporary_role(&rights, catalog));
        if !findings.is_empty() {
            return Ok(None);
        }
        let made = role.insert(TemporaryRole::new(self.source, &run.id)?);
        // Pinning again may meet sessions of the try before that are still ending.
        let sessions = 2 * self.job.workers + 4;
        match made.create(sessions, !rights.guarded_tables.is_empty(), run).await {
            Ok(()) => Ok(Some(made)),
            Err(error) if error.kind() == Kind::Interrupted => Err(error),
            Err(error) => {
                findings.push(finding("temporary-role-impossible", &error));
                Ok(None)
            }
        }
    }
}

/// Opens a bridge, looks whether it leads to the same server that we see, and rolls everything back.
async fn probe(source: &Source, target: &Target, hop: &Hop, run: &Run) -> Result<Option<Finding>> {
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
    if endpoint::drops_options(error) {
        refused.code = endpoint::POOLER;
        refused.remedy = endpoint::around("source by --source-from-target");
    }
    if refused.code == NO_WRAPPER {
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
        Some("42501") => NO_WRAPPER,
        Some("0A000" | "58P01" | "42704") => "postgres-fdw-missing",
        _ => "bridge-refused",
    }
}
