//! Read-only checks of both servers and of the hop between them.
//!
//! Invariant: all findings are returned, each with its remedy, not just the first; nothing is fixed and nothing is
//! changed: the trial bridge is rolled back, and the temporary role, if one is wanted, is its caller's to remove.
//! Deliberately absent: deciding what to do about a warning.

pub mod compare;
pub mod copying;
pub mod endpoint;
mod facts;
mod grants;
mod hop;
mod judge;
mod older;
mod roles;

use std::collections::HashMap;
use std::sync::Arc;

use crate::archive::{Tools, temporary_file};
use crate::bridge::Hop;
use crate::catalog::{Catalog, Extension, Oid, Relation, RelationKind, read};
use crate::database::Changes;
use crate::error::{Error, Kind, Result};
use crate::job::Job;
use crate::ledger::{Existing, Found};
use crate::pg::server::{Source, Target};
use crate::plan::select::Choice;
use crate::plan::{Plan, chunk};
use crate::replace::Replacement;
use crate::report::{Finding, Grants, NotCopied};
use crate::roles::Bringing;
use crate::run::Run;
use crate::temporary_role::TemporaryRole;
use facts::Facts;
use judge::Need;

/// The receipt of preflight: nothing stands in the way.
pub struct Approved {
    /// What the source has.
    pub catalog: Catalog,
    /// What of it is meant.
    pub choice: Choice,
    /// What was on the target before.
    pub existing: Existing,
    /// The extensions to be made in the source's version, because the target's server would choose another.
    pub extension_versions: Vec<Extension>,
    /// What of it is to be replaced.
    pub replacement: Replacement,
    /// How the target reaches the source.
    pub hop: Hop,
    /// Whether both databases have the same encoding.
    pub same_encoding: bool,
    /// Whether others than its owner have the same rights on the schema `public` of both.
    pub same_rights_on_public: bool,
    /// What tells the source's database from every other.
    pub source_identity: String,
    /// The role that we are on the target.
    pub target_role: String,
    /// The roles that come along.
    pub roles: Bringing,
    /// What the target's database gets of the source's properties.
    pub database: Changes,
    /// What an older target cannot hold, although it refuses nothing.
    pub lost: Vec<NotCopied>,
    /// What should be known all the same.
    pub warnings: Vec<Finding>,
}

impl Approved {
    /// What of roles and of the database itself is known to stay behind.
    pub fn left_behind(&self) -> impl Iterator<Item = &NotCopied> {
        self.roles.not_copied.iter().chain(&self.database.not_copied)
    }

    /// Takes a later reading of the catalog, and chooses anew from it.
    pub fn replace_catalog(&mut self, mut catalog: Catalog, job: &Job) {
        catalog.keep_widths(&self.catalog);
        self.choice = job.selection.choose(&catalog);
        self.catalog = catalog;
    }

    /// Reads the catalog again, as it is now.
    pub async fn read_again(&mut self, job: &Job, source: &Source, run: &Run) -> Result<()> {
        let catalog = read::catalog(&source.pooled(run).await?).await?;
        self.replace_catalog(catalog, job);
        Ok(())
    }
}

/// What preflight says.
pub enum Verdict {
    /// Go on.
    Approved(Box<Approved>),
    /// These stand in the way; the second list is what should be known all the same; then what would mend it.
    Refused(Vec<Finding>, Vec<Finding>, Grants),
}

/// The error of a refused run.
#[must_use]
pub fn refusal(findings: &[Finding]) -> Error {
    match findings {
        [only] => {
            Error::new(Kind::Preflight, only.message.clone()).object(&only.object).remedy(only.remedy.clone())
        }
        several => Error::new(
            Kind::Preflight,
            format!("{} findings stand in the way; nothing was changed", several.len()),
        ),
    }
}

/// A finding from an error that stopped a check.
#[must_use]
pub fn finding(code: &'static str, error: &Error) -> Finding {
    let report = crate::error::ErrorReport::from(error);
    let detail = report.detail.map(|detail| format!(" ({detail})")).unwrap_or_default();
    Finding {
        code,
        object: report.object.unwrap_or_default(),
        message: format!("{}{detail}", report.message),
        remedy: report.remedy.unwrap_or_default(),
    }
}

/// Checks everything. A temporary role that is wanted stands in `role` before it is made.
pub async fn check(
    job: &Job,
    (source, target): (&Arc<Source>, &Target),
    tools: Result<&Tools, &Error>,
    role: &mut Option<TemporaryRole>,
    run: &Run,
) -> Result<Verdict> {
    let too_old = judge::versions(source.version(), target.version());
    if !too_old.is_empty() {
        // Their catalogs and settings are others than the checks below expect.
        return Ok(Verdict::Refused(too_old, Vec::new(), Grants::default()));
    }
    let session = source.pooled(run).await?;
    let reading = read::catalog(&session);
    let mut catalog = run.patiently("for the source's catalogs; is a table locked there?", reading).await?;
    let choice = job.selection.choose(&catalog);
    let facts = facts::read(&session, target, (&catalog, &choice), run).await?;
    let mut findings = judge::tools(tools, source.version());
    findings.extend(temporary_file().err().map(|error| finding("no-temporary-file", &error)));
    let mut warnings = Vec::new();
    findings.extend(judge::patterns(&choice));
    findings.extend(judge::rights(&catalog, &choice, job));
    findings.extend(judge::ledger(&facts, job));
    findings.extend(judge::target(&facts, &catalog, &choice, job));
    let (replacement, obstacles) = replacement(job, target, &facts, run).await?;
    findings.extend(obstacles);
    let plan = Plan::new(&catalog, &choice, job.shape(source.version()));
    findings.extend(room(&plan, job, &facts));
    findings.extend(judge::large_objects(&plan, &catalog, &facts));
    let looking = roles::Looking {
        job,
        source: &session,
        server: target,
        catalog: &catalog,
        choice: &choice,
        facts: &facts,
    };
    let (roles, database, who) = looking.check((&mut findings, &mut warnings), run).await?;
    warnings.extend(judge::extension_versions(&facts, &catalog, &choice));
    warnings.extend(judge::superuser(&facts, &catalog, &choice));
    judge::databases(&catalog.database, &facts, &mut findings, &mut warnings);
    if catalog.database.standby && !job.definitions.schema_only {
        let standby = facts::standby(&session, &catalog, &choice).await?;
        let (refused, known) =
            judge::standby(&standby, (source.version(), job.consistency), &catalog, &choice);
        findings.extend(refused);
        warnings.extend(known);
    }

    let crossing = hop::Crossing { job, source, target, facts: &facts, session: &session };
    let hop = crossing.try_it((&catalog, &choice), role, (&mut findings, &mut warnings), run).await?;
    if !findings.is_empty() {
        findings.sort();
        findings.dedup();
        let grants = grants::missing((&facts, &who), (&catalog, &choice), job, &findings);
        return Ok(Verdict::Refused(findings, warnings, grants));
    }
    let (lost, known) = older::losses(&session, (source, target), (&catalog, &choice), job, run).await?;
    warnings.extend(known);
    if !job.definitions.schema_only {
        measure_widths(source, &mut catalog, &choice, run).await?;
    }
    let same_encoding = catalog.database.encoding == facts.database.encoding;
    let same_rights_on_public = catalog.database.rights_on_public == facts.database.rights_on_public;
    let existing = match &facts.ledger {
        Found::Unfinished(run) => run.existing.clone(),
        _ => Existing {
            schemas: facts.schemas.clone(),
            extensions: facts.extensions.keys().cloned().collect(),
        },
    };
    let extension_versions = judge::in_their_version(&facts, &catalog, &choice, &existing.extensions);
    let source_identity = facts.source_identity;
    let approved = Approved {
        catalog,
        choice,
        existing,
        replacement,
        extension_versions,
        hop,
        same_encoding,
        same_rights_on_public,
        source_identity,
        target_role: facts.database.role,
        roles,
        database,
        lost,
        warnings,
    };
    Ok(Verdict::Approved(Box::new(approved)))
}

/// What is to be replaced; by a run that is taken up again it was moved aside before.
async fn replacement(
    job: &Job,
    target: &Target,
    facts: &Facts,
    run: &Run,
) -> Result<(Replacement, Vec<Finding>)> {
    if !job.definitions.replace || matches!(facts.ledger, Found::Unfinished(_)) {
        return Ok((Replacement::default(), Vec::new()));
    }
    let session = target.pooled(run).await?;
    Replacement::look(&session, &facts.in_the_way, (&run.id, &facts.database.role)).await
}

/// Whether both servers have room for the locks and sessions of this plan.
fn room(plan: &Plan, job: &Job, facts: &Facts) -> Vec<Finding> {
    let (tables, workers) = (plan.tables.len(), plan.busy(job.workers));
    let readers = plan.large_objects.readers(workers);
    // Indexes are locked by the workers' plans alone.
    let indexes = if workers == 0 { 0 } else { facts.indexes };
    let mut findings =
        judge::capacity("source", facts.source_capacity, Need::of_source(tables, indexes, workers + readers));
    findings.extend(judge::capacity("target", facts.target_capacity, Need::of_target(tables, workers)));
    findings
}

/// Measures the rows of those chosen tables about which the statistics say too little.
async fn measure_widths(source: &Source, catalog: &mut Catalog, choice: &Choice, run: &Run) -> Result<()> {
    let unknown: Vec<Relation> = choice
        .with_data(catalog)
        .filter(|relation| relation.kind == RelationKind::Table && chunk::needs_width(relation))
        .cloned()
        .collect();
    let measure = |relation: Relation, run: Run| async move {
        let session = source.pooled(&run).await?;
        Ok((relation.oid, read::row_width(&session, &relation).await?))
    };
    let widths: HashMap<Oid, _> = run.abreast(unknown, measure).await?.into_iter().collect();
    source.close_idle();
    for relation in &mut catalog.relations {
        relation.width = widths.get(&relation.oid).copied().flatten();
    }
    Ok(())
}
