//! `fdwcopy verify`: both sides are read, each under one snapshot, and compared.
//!
//! Invariant: neither side is written to; what could not be read refuses or fails the run, and never passes.
//! Deliberately absent: a bridge. Each server computes over its own rows.

use super::{definitions, ignored_passfile, refuse, timed};
use crate::catalog::columns;
use crate::catalog::{Catalog, Oid, read};
use crate::error::Result;
use crate::job::verify::{Depth, VerifyJob};
use crate::pg::server::{Source, Target};
use crate::pg::session::Side;
use crate::plan::compare::{self, Comparison, Pairing, Subject};
use crate::preflight::compare as judge;
use crate::progress::Phase;
use crate::report::{Report, TableReport};
use crate::run::Run;
use crate::verify::{Closely, Crew, Sides, Together, large_objects};

/// From this version on servers hash records.
const HASHES_RECORDS: u32 = 14;

/// Compares; the report tells the differences.
pub(super) async fn run(job: &VerifyJob, run: &Run, report: &mut Report) -> Result<()> {
    let together = Together::new(run);
    let (source, target) = connect(job, &together, report).await?;
    let too_old = judge::old(source.version(), target.version());
    if !too_old.is_empty() {
        return Err(refuse(too_old, report));
    }
    let pinning = together.both(Crew::pin(&source, together.run()), Crew::pin(&target, together.run()));
    let crews = timed(Phase::Pin, report, run, pinning).await?;
    let mut sides = Sides { servers: (&source, &target), crews };
    let ended = compare(job, &mut sides, &together, run, report).await;
    sides.end().await;
    ended
}

async fn connect(job: &VerifyJob, together: &Together, report: &mut Report) -> Result<(Source, Target)> {
    let run = together.run();
    let sides = [("source", &job.source), ("target", &job.target)];
    report.warnings.extend(sides.into_iter().filter_map(ignored_passfile));
    let connecting = together.both(
        async { Source::connect(&job.source, 1, run).await.map_err(|error| error.within("source")) },
        async { Target::connect(&job.target, 1, run).await.map_err(|error| error.within("target")) },
    );
    timed(Phase::Connect, report, run, connecting).await
}

async fn compare(
    job: &VerifyJob,
    sides: &mut Sides<'_>,
    together: &Together,
    run: &Run,
    report: &mut Report,
) -> Result<()> {
    let (here, mut there) = together.both(catalog(&sides.crews.0), catalog(&sides.crews.1)).await?;
    judge::see_alike(&here, &mut there);
    let selection = judge::agreed(&job.selection, [&here, &there]);
    let tables = [compare::tables(&here, &selection), compare::tables(&there, &selection)];
    let paired = compare::pair(&tables[0], &tables[1], &there, &job.rules)?;
    let mut findings = judge::patterns(&tables, &job.rules);
    let pairings: &[Pairing<'_>] = if job.rows { &paired.pairings } else { &[] };
    let unreadable = judge::rights([&here, &there], pairings);
    findings.extend(unreadable.0);
    if !findings.is_empty() {
        report.grants = Some(unreadable.1).filter(|grants| !grants.is_empty());
        return Err(refuse(findings, report));
    }
    report.warnings.extend(judge::left_out(&selection, [&here, &there]));
    let mut defined = Vec::new();
    if job.schema {
        let about = ([&here, &there], paired.pairings.as_slice());
        let differing = definitions::differences((job, &selection), sides, about, together);
        defined = timed(Phase::Schema, report, run, differing).await?;
    }
    if !job.rows {
        report.differences = defined;
        return Ok(());
    }
    let comparison = plan(job, sides, [&here, &there], (paired.pairings, together)).await?;
    if !comparison.findings.is_empty() {
        return Err(refuse(comparison.findings, report));
    }
    report.differences.extend(paired.differences);
    report.warnings.extend(paired.warnings);
    report.differences.extend(comparison.differences.iter().cloned());
    report.differences.extend(definitions::beyond(defined, &report.differences));
    report.warnings.extend(comparison.warnings.iter().cloned());
    let closely = Closely { depth: job.depth, limit: job.limit, workers: job.workers };
    let comparing = sides.compare(&comparison, closely, together);
    let found = timed(Phase::Verify, report, run, comparing).await?;
    report.tables = comparison.subjects.iter().zip(found.rows).map(table).collect();
    report.differences.extend(found.differences);
    report.warnings.extend(found.warnings);
    if selection.choose(&here).whole_database {
        let (differ, unread) = large_objects::compare(sides, together).await?;
        report.differences.extend(differ);
        report.warnings.extend(unread);
    }
    report.mark_verified(Some(job.depth.name()));
    Ok(())
}

fn table((subject, rows): (&Subject, u64)) -> TableReport {
    TableReport {
        schema: subject.name.schema.as_str().into(),
        name: subject.name.name.as_str().into(),
        rows,
        bytes: subject.parts[0].iter().map(|part| part.bytes).sum(),
        chunks: subject.parts[0].len(),
        seconds: 0.0,
        copied: None,
        synced: None,
        verified: None,
    }
}

/// The relations of a side, under its snapshot.
async fn catalog<S: Side>(crew: &Crew<S>) -> Result<Catalog> {
    let catalog = read::relations(crew.exporter()).await?;
    crew.plain_names().await?;
    Ok(catalog)
}

async fn plan(
    job: &VerifyJob,
    sides: &Sides<'_>,
    catalogs: [&Catalog; 2],
    (pairings, together): (Vec<Pairing<'_>>, &Together),
) -> Result<Comparison> {
    let oids =
        [0, 1].map(|side: usize| pairings.iter().map(|pairing| pairing.oids[side]).collect::<Vec<Oid>>());
    let (here, there) = together
        .both(
            columns::read(sides.crews.0.exporter(), &oids[0]),
            columns::read(sides.crews.1.exporter(), &oids[1]),
        )
        .await?;
    let (source, target) = sides.servers;
    let hashes = |version: u32| version >= HASHES_RECORDS && !job.strict;
    Ok(compare::compare(
        pairings,
        &compare::Sides {
            catalogs,
            anatomies: [&here, &there],
            records: hashes(source.version().major()) && hashes(target.version().major()),
            by_key: job.depth == Depth::Rows,
        },
    ))
}
