//! Read-only checks of both servers and of the hop between them.
//!
//! Invariant: all findings are returned, each with its remedy, not just the first; nothing is fixed and nothing is
//! changed: the trial bridge is rolled back, and the temporary role, if one is wanted, is its caller's to remove.
//! Deliberately absent: deciding what to do about a warning.

pub mod endpoint;
mod facts;
mod grants;
mod hop;
mod judge;

use std::collections::HashMap;
use std::sync::Arc;

use crate::archive::{Tools, temporary_file};
use crate::bridge::Hop;
use crate::catalog::{Catalog, Oid, Relation, RelationKind, read};
use crate::error::{Error, Kind, Result};
use crate::job::Job;
use crate::ledger::{Existing, Found};
use crate::pg::server::{Source, Target};
use crate::plan::select::Choice;
use crate::plan::{Plan, chunk};
use crate::report::{Finding, Grants, NotCopied};
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
    /// How the target reaches the source.
    pub hop: Hop,
    /// Whether both databases have the same encoding.
    pub same_encoding: bool,
    /// What tells the source's database from every other.
    pub source_identity: String,
    /// What should be known all the same.
    pub warnings: Vec<Finding>,
    /// What cannot be copied because our role does not see it.
    pub unseen: Vec<NotCopied>,
}

impl Approved {
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
    findings.extend(room(&Plan::new(&catalog, &choice, job.shape(source.version())), job, &facts));
    warnings.extend(judge::extension_versions(&facts, &catalog, &choice));
    warnings.extend(judge::superuser(&facts));
    let unseen = judge::unseen(&facts);
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
        let grants = grants::missing(&facts, (&catalog, &choice), job, &findings);
        return Ok(Verdict::Refused(findings, warnings, grants));
    }
    if !job.definitions.schema_only {
        measure_widths(source, &mut catalog, &choice, run).await?;
    }
    let same_encoding = catalog.database.encoding == facts.database.encoding;
    let source_identity = facts.source_identity;
    let existing = match facts.ledger {
        Found::Unfinished(run) => run.existing,
        _ => Existing { schemas: facts.schemas, extensions: facts.extensions.into_keys().collect() },
    };
    let approved =
        Approved { catalog, choice, existing, hop, same_encoding, source_identity, warnings, unseen };
    Ok(Verdict::Approved(Box::new(approved)))
}

/// Whether both servers have room for the locks and sessions of this plan.
fn room(plan: &Plan, job: &Job, facts: &Facts) -> Vec<Finding> {
    let (tables, workers) = (plan.tables.len(), plan.chunks.len().min(job.workers));
    // Indexes are locked by the workers' plans alone.
    let indexes = if workers == 0 { 0 } else { facts.indexes };
    let mut findings =
        judge::capacity("source", facts.source_capacity, Need::of_source(tables, indexes, workers));
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
