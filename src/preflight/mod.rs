//! Read-only checks of both servers and of the hop between them.
//!
//! Invariant: all findings are returned, each with its remedy, not just the first; nothing is fixed and nothing is
//! changed (the trial bridge is rolled back).
//! Deliberately absent: deciding what to do about a warning.

mod facts;
mod hop;
mod judge;

use std::collections::HashSet;

use crate::archive::Tools;
use crate::bridge::Hop;
use crate::catalog::{Catalog, RelationKind, read};
use crate::error::{Error, Kind, Result};
use crate::job::Job;
use crate::pg::session::{Source, Target};
use crate::plan::chunk;
use crate::plan::select::Choice;
use crate::report::Finding;
use crate::run::Run;
use crate::schema::Existing;

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
    /// What should be known all the same.
    pub warnings: Vec<Finding>,
}

/// What preflight says.
pub enum Verdict {
    /// Go on.
    Approved(Box<Approved>),
    /// These stand in the way; the second list is what should be known all the same.
    Refused(Vec<Finding>, Vec<Finding>),
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

/// Checks everything.
pub async fn check(
    job: &Job,
    source: &Source,
    target: &Target,
    tools: Result<&Tools, &Error>,
    run: &Run,
) -> Result<Verdict> {
    let session = source.pooled(run).await?;
    let reading = read::catalog(&session);
    let mut catalog = run.patiently("for the source's catalogs; is a table locked there?", reading).await?;
    let choice = job.selection.choose(&catalog);
    let facts = facts::read(&session, target, (&catalog, &choice), run).await?;
    let mut findings = judge::tools(tools, source.version());
    let mut warnings = Vec::new();
    findings.extend(judge::versions(source.version(), target.version()));
    findings.extend(judge::patterns(&choice));
    findings.extend(judge::rights(&catalog, &choice, job));
    findings.extend(judge::target(&facts, &catalog, &choice, job));
    judge::databases(&catalog.database, &facts, &mut findings, &mut warnings);

    let server = source.endpoint().foreign_server(&job.source_from_target);
    warnings.extend(server.warnings.iter().map(|text| judge::hop_warning(text, source)));
    let hop = Hop::new(server, source.version());
    if !facts.same_database {
        findings.extend(hop::probe(source, target, &hop, run).await?);
    }
    if !findings.is_empty() {
        findings.sort();
        findings.dedup();
        return Ok(Verdict::Refused(findings, warnings));
    }
    if !job.definitions.schema_only {
        measure_widths(source, &mut catalog, &choice, run).await?;
    }
    let existing = Existing { schemas: facts.schemas, extensions: facts.extensions.into_keys().collect() };
    Ok(Verdict::Approved(Box::new(Approved { catalog, choice, existing, hop, warnings })))
}

/// Measures the rows of those chosen tables about which the statistics say too little.
async fn measure_widths(source: &Source, catalog: &mut Catalog, choice: &Choice, run: &Run) -> Result<()> {
    let unknown: HashSet<usize> = (0..catalog.relations.len())
        .filter(|&index| {
            let relation = &catalog.relations[index];
            relation.kind == RelationKind::Table
                && choice.relations.contains(&relation.oid)
                && !choice.without_data.contains(&relation.oid)
                && chunk::needs_width(relation)
        })
        .collect();
    let relations = &catalog.relations;
    let measure = |index: usize, run: Run| async move {
        let session = source.pooled(&run).await?;
        Ok((index, read::row_width(&session, &relations[index]).await?))
    };
    let widths = run.abreast(unknown, measure).await?;
    for (index, width) in widths {
        catalog.relations[index].width = width;
    }
    Ok(())
}
