//! Whether the target is free for a run, or holds the very one that is to be taken up again.
//!
//! Invariant: a run that has not ended is never walked over: it is taken up again, or removed by the user's will.

use super::found;
use crate::catalog::STATE_SCHEMA;
use crate::job::Job;
use crate::ledger::{Found, Unfinished};
use crate::preflight::facts::Facts;
use crate::report::Finding;

/// Judges what stands in the place of the ledger.
pub(in crate::preflight) fn ledger(facts: &Facts, job: &Job) -> Option<Finding> {
    if let Some(claimant) = &facts.claimant {
        let error = crate::janitor::claimed_by(Some(claimant));
        return Some(crate::preflight::finding("another-run", &error));
    }
    match &facts.ledger {
        Found::Nothing => job.resume.then(|| {
            found(
                "nothing-to-resume",
                facts.database.name.clone(),
                "the target holds no interrupted run",
                "run it without --resume",
            )
        }),
        Found::Strange(owner) => Some(found(
            "schema-in-the-way",
            format!("schema {STATE_SCHEMA}"),
            format!(
                "the target has a schema of this name, of the role {owner}, and a run keeps its state in it"
            ),
            "connect as that role if a run of fdwcopy left it, or rename it",
        )),
        Found::Unfinished(run) if !job.resume => {
            Some(found("unfinished-run", about(run), unfinished(run), remedy(run)))
        }
        Found::Unfinished(run) => not_the_same(run, job, &facts.source_identity),
    }
}

fn about(run: &Unfinished) -> String {
    format!("run {}", run.id)
}

fn unfinished(run: &Unfinished) -> String {
    let (chunks, copied) = run.chunks;
    let progress =
        if run.resumable { format!(", {copied} of {chunks} chunks copied") } else { String::new() };
    format!(
        "the target holds a run that has not ended (--consistency {}, begun {}{progress})",
        run.mode, run.begun
    )
}

fn remedy(run: &Unfinished) -> &'static str {
    if run.resumable {
        "go on with it: --resume and the same options; or remove what it made: fdwcopy cleanup --unfinished drop"
    } else {
        "remove what it made: fdwcopy cleanup"
    }
}

/// A run is taken up again with what it was begun with.
fn not_the_same(run: &Unfinished, job: &Job, source: &str) -> Option<Finding> {
    if !run.resumable {
        return Some(found("not-resumable", about(run), unfinished(run), remedy(run)));
    }
    if run.source != source {
        return Some(found(
            "other-source",
            about(run),
            "it was begun from another source: another server, or another database there",
            "name that source; or remove what the run made: fdwcopy cleanup --unfinished drop",
        ));
    }
    let begun = format!("--consistency {} {}", run.mode, run.job);
    let asked = format!("--consistency {} {}", job.consistency.name(), job.extent());
    (begun != asked).then(|| {
        found(
            "other-options",
            about(run),
            format!(
                "it was begun with {}, and is asked to go on with {}",
                begun.trim_end(),
                asked.trim_end()
            ),
            "give the same options; or remove what it made: fdwcopy cleanup --unfinished drop",
        )
    })
}
