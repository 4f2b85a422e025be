//! The checks before a copy into tables that exist: both servers, the hop, and the plan itself.
//!
//! Invariant: as in `check`: all findings at once, nothing is changed.
//! Deliberately absent: what only a clone needs: client programs, room for definitions, roles.

use std::sync::Arc;

use super::judge::{self, Need};
use super::{Finding, facts, hop};
use crate::bridge::{Hop, extension};
use crate::error::Result;
use crate::incremental::look::Look;
use crate::incremental::state::{self, Home};
use crate::job::copy::CopyJob;
use crate::pg::server::{Source, Target};
use crate::pg::sql::Sql;
use crate::plan::incremental::{CopyPlan, Way};
use crate::run::Run;
use crate::temporary_role::TemporaryRole;

/// The receipt: nothing stands in the way.
pub struct Ready {
    /// What both sides have.
    pub look: Look,
    /// What is to be done.
    pub plan: CopyPlan,
    /// How the target reaches the source.
    pub hop: Hop,
    /// What makes the bridge possible, where the extension is missing; it goes with the transaction.
    pub extension: Option<Sql>,
    /// What the target keeps of watermarks.
    pub home: Home,
    /// What tells the source's database from every other.
    pub source_identity: String,
    /// What should be known all the same.
    pub warnings: Vec<Finding>,
}

/// Go on; or what stands in the way, and what should be known all the same.
pub type Verdict = Result<Ready, (Vec<Finding>, Vec<Finding>)>;

/// Checks everything. A temporary role that is wanted stands in `role` before it is made.
pub async fn check(
    job: &CopyJob,
    (source, target): (&Arc<Source>, &Target),
    role: &mut Option<TemporaryRole>,
    run: &Run,
) -> Result<Verdict> {
    let (base, asking) = (&job.base, &job.asking);
    let too_old = judge::versions(source.version(), target.version());
    if !too_old.is_empty() {
        return Ok(Err((too_old, Vec::new())));
    }
    // Its search path changes.
    let session = source.dedicated("preflight", &[], run).await?;
    let there = target.pooled(run).await?;
    let looking = Look::take(asking, &base.selection, &session, &there);
    let look = run.patiently("for the source's catalogs; is a table locked there?", looking).await?;
    let extension = extension::missing(&there).await?;
    let home = state::home(&there).await?;
    drop(there);
    let (catalog, choice) = (&look.catalog, &look.choice);
    let facts = facts::read(&session, target, (catalog, choice), run).await?;
    let mut findings = judge::patterns(choice);
    let mut warnings = Vec::new();
    findings.extend(judge::rights(catalog, choice, base));
    findings.extend(judge::ledger(&facts, base));
    findings.extend(facts.same_database.then(same_database));
    judge::databases(&catalog.database, &facts, &mut findings, &mut warnings);
    warnings.retain(|warning| warning.code != "locale-differs");
    findings.extend(home.obstacle.clone().filter(|_| asking.has_watermarks()));
    if look.units.is_empty() && findings.is_empty() {
        findings.push(nothing_chosen());
    }
    if catalog.database.standby {
        let standby = facts::standby(&session, catalog, choice).await?;
        let (refused, known) =
            judge::standby(&standby, (source.version(), base.consistency), catalog, choice);
        findings.extend(refused);
        warnings.extend(known);
    }
    findings.extend(look.conditions(asking, &session).await?);
    let plan = match look.plan(asking) {
        Ok(plan) => plan,
        Err(found) => {
            findings.extend(found);
            CopyPlan::default()
        }
    };
    let (tables, workers) = (look.units.len(), plan.groups.len().min(base.workers));
    findings.extend(judge::capacity(
        "source",
        facts.source_capacity,
        // A worker that synchronises reads in a session of its own too.
        Need::of_source(tables, facts.indexes, if asking.way == Way::Sync { 2 * workers } else { workers }),
    ));
    findings.extend(judge::capacity("target", facts.target_capacity, Need::of_target(tables, workers)));
    let crossing = hop::Crossing { job: base, source, target, facts: &facts, session: &session };
    let hop = crossing.try_it((catalog, choice), role, (&mut findings, &mut warnings), run).await?;
    session.close().await;
    if !findings.is_empty() {
        findings.sort();
        findings.dedup();
        return Ok(Err((findings, warnings)));
    }
    Ok(Ok(Ready { look, plan, hop, extension, home, source_identity: facts.source_identity, warnings }))
}

fn same_database() -> Finding {
    Finding {
        code: "same-database",
        object: "target".into(),
        message: "source and target are the same database".into(),
        remedy: "check --source and --target".into(),
    }
}

fn nothing_chosen() -> Finding {
    Finding {
        code: "nothing-to-copy",
        object: "source".into(),
        message: "no table was chosen".into(),
        remedy: "choose tables with -t or -n".into(),
    }
}
