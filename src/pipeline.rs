//! Every command as its phases, in order.
//!
//! Invariant: phases meet only here, through the values they return; whatever fails once something was created on
//! the target is undone before the report is given.

use std::sync::Arc;

use crate::archive::{Archive, DumpRequest, Tools};
use crate::catalog::RelationKind;
use crate::copy::{self, RowsReady};
use crate::error::{Error, Kind, Result};
use crate::job::Job;
use crate::ledger::Ledger;
use crate::pg::session::{Source, Target};
use crate::plan::{Plan, Shape};
use crate::preflight::{self, Approved, Verdict};
use crate::progress::{Level as Loudness, Phase};
use crate::report::{Consistency, Finding, Report, TableReport};
use crate::run::Run;
use crate::schema::post_data::Building;
use crate::schema::{Lost, pre_data};
use crate::snapshot::{Held, Locks, Pinned, Pinning};
use crate::verify::Level;
use crate::{analyze, bridge, dry_run, sequences, undo, verify};

/// Which command runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goal {
    /// Clone a database or a part of it.
    Clone,
    /// Only find out whether a clone would go well.
    Check,
}

/// How a command ended.
pub struct Ended {
    /// What happened.
    pub report: Report,
    /// The plan and its statements, of a dry run.
    pub plan: Option<String>,
}

/// Runs a command; a job that could not be understood is reported like any other failure.
pub async fn run(goal: Goal, job: Result<Job>, run: &Run) -> Ended {
    let name = match goal {
        Goal::Clone => "clone",
        Goal::Check => "check",
    };
    let mut report = Report::new(name, "snapshot");
    let ended = async { carry_out(goal, &job?, run, &mut report).await }.await;
    match &ended {
        Ok(_) => report.finish(),
        Err(error) => report.fail(error),
    }
    Ended { report, plan: ended.ok().flatten() }
}

async fn carry_out(goal: Goal, job: &Job, run: &Run, report: &mut Report) -> Result<Option<String>> {
    let (servers, approved) = approve(job, run, report).await?;
    match goal {
        Goal::Check => Ok(None),
        Goal::Clone if job.dry_run => show(job, &servers, &approved, run, report).await.map(Some),
        Goal::Clone => {
            Clone { job, servers: &servers, approved, run }.all_or_nothing(report).await.map(|()| None)
        }
    }
}

async fn timed<T>(
    phase: Phase,
    report: &mut Report,
    run: &Run,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let (result, took) = run.phase(phase, work).await;
    report.phase_took(phase, took);
    result
}

struct Servers {
    source: Source,
    target: Target,
    tools: Tools,
}

/// Connects and checks; refuses with everything that was found.
async fn approve(job: &Job, run: &Run, report: &mut Report) -> Result<(Servers, Approved)> {
    let sessions = job.workers + 2;
    let (source, target, tools) = timed(Phase::Connect, report, run, async {
        let tools = Tools::find(job.definitions.pg_bin.as_deref());
        let source = Source::connect(&job.source, sessions, run);
        let target = Target::connect(&job.target, sessions, run);
        let (source, target, tools) = tokio::join!(source, target, tools);
        run.stop.check()?;
        Ok((source, target, tools))
    })
    .await?;
    let (source, target) = match (source, target) {
        (Ok(source), Ok(target)) => (source, target),
        (source, target) => {
            let mut findings = Vec::new();
            findings.extend(
                source.err().map(|error| preflight::finding("source-refuses", &error.within("source"))),
            );
            findings.extend(
                target.err().map(|error| preflight::finding("target-refuses", &error.within("target"))),
            );
            findings.extend(tools.err().map(|error| preflight::finding("pg-dump-missing", &error)));
            return Err(refuse(findings, Vec::new(), report));
        }
    };
    let verdict =
        timed(Phase::Preflight, report, run, preflight::check(job, &source, &target, tools.as_ref(), run))
            .await?;
    match verdict {
        Verdict::Refused(findings, warnings) => Err(refuse(findings, warnings, report)),
        Verdict::Approved(approved) => {
            report.warnings.extend(approved.warnings.iter().cloned());
            Ok((Servers { source, target, tools: tools? }, *approved))
        }
    }
}

fn refuse(findings: Vec<Finding>, warnings: Vec<Finding>, report: &mut Report) -> Error {
    let error = preflight::refusal(&findings);
    report.findings = findings;
    report.warnings = warnings;
    error
}

/// The dry run: plan and statements as text, and the plan in the report.
async fn show(
    job: &Job,
    servers: &Servers,
    approved: &Approved,
    run: &Run,
    report: &mut Report,
) -> Result<String> {
    let plan = Plan::new(&approved.catalog, &approved.choice, shape(job, servers));
    let archive = dump(job, servers, approved, None, run).await?;
    report.plan = Some(
        serde_json::to_value(&plan)
            .map_err(|e| Error::new(Kind::Internal, "the plan could not be written down").caused_by(e))?,
    );
    Ok(dry_run::show(&plan, &archive, &approved.hop, &run.id))
}

fn shape(job: &Job, servers: &Servers) -> Shape {
    Shape {
        workers: job.workers,
        // Earlier servers have no Tid Range Scan: every part would read the whole table.
        ctid_ranges: servers.source.version().major() >= 14,
        schema_only: job.definitions.schema_only,
    }
}

async fn dump(
    job: &Job,
    servers: &Servers,
    approved: &Approved,
    held: Option<&Held>,
    run: &Run,
) -> Result<Archive> {
    let libpq = servers.source.endpoint().libpq();
    let request = DumpRequest {
        conninfo: libpq.conninfo,
        environment: libpq.environment,
        snapshot: held.map(|held| held.snapshot().to_owned()),
        selection: approved.choice.dump_arguments.clone(),
        omit: job.definitions.omitted(),
    };
    servers.tools.dump(&request, &run.stop).await
}

/// A clone that preflight has approved.
struct Clone<'a> {
    job: &'a Job,
    servers: &'a Servers,
    approved: Approved,
    run: &'a Run,
}

impl Clone<'_> {
    /// Runs the phases; undoes everything if one fails.
    async fn all_or_nothing(mut self, report: &mut Report) -> Result<()> {
        let mut ledger = Ledger::default();
        let mut archive = None;
        let Err(error) = self.phases(&mut ledger, &mut archive, report).await else { return Ok(()) };
        let undoing = undo::undo(&self.servers.target, archive.as_ref(), &ledger, self.run);
        match timed(Phase::Undo, report, self.run, undoing).await {
            Ok(()) => Err(error),
            Err(undo_error) => Err(error.and_also(&undo_error)),
        }
    }

    async fn phases(
        &mut self,
        ledger: &mut Ledger,
        archive: &mut Option<Archive>,
        report: &mut Report,
    ) -> Result<()> {
        let (run, job, target) = (self.run, self.job, &self.servers.target);
        ledger.extension = bridge::install_extension(target).await?;
        let pinned = timed(Phase::Pin, report, run, self.pin()).await?;
        report.consistency = Consistency { agreed: true, attempts: pinned.attempts(), ..report.consistency };
        let plan = Plan::new(&self.approved.catalog, &self.approved.choice, shape(job, self.servers));
        report.warnings.extend(plan.warnings.iter().cloned());
        report.not_copied.extend(plan.not_copied.iter().cloned());

        let (archive, mut lost) = timed(Phase::Schema, report, run, async {
            let archive =
                archive.insert(dump(job, self.servers, &self.approved, Some(pinned.held()), run).await?);
            let lost = pre_data::apply(archive, target, &self.approved.existing, ledger, run).await?;
            Ok((&*archive, lost))
        })
        .await?;
        let plan = Arc::new(plan.without(|name| lost.relation(archive.pre_data(), name)));

        let rows = timed(Phase::Rows, report, run, copy::rows(pinned, &plan, run)).await?;
        tables(&plan, &rows, job.proof.level, report);
        self.remove_extension(archive, ledger).await?;
        let sequences = sequences::copy(&self.servers.source, target, &plan.sequences, run);
        report.sequences = timed(Phase::Sequences, report, run, sequences).await?;

        let source_numbers =
            timed(Phase::PostData, report, run, self.build(archive, &plan, rows.held, &mut lost, ledger))
                .await?;
        if job.proof.analyze {
            let warnings =
                timed(Phase::Analyze, report, run, analyze::run(target, &plan, job.workers, run)).await?;
            report.warnings.extend(warnings);
        }
        if job.proof.level != Level::None {
            let how = (job.proof.level, job.workers);
            let numbers = timed(Phase::Verify, report, run, verify::target(target, &plan, how, run)).await?;
            report.differences = verify::compare(&plan, &source_numbers, &numbers);
        }
        report.not_copied.append(&mut lost.not_copied);
        report.warnings.append(&mut lost.warnings);
        Ok(())
    }

    /// Locks, pins, and reads the catalog again under the snapshot; once more if tables came in between.
    async fn pin(&mut self) -> Result<Pinned> {
        let servers = self.servers;
        let pinning = Pinning {
            source: &servers.source,
            target: &servers.target,
            hop: &self.approved.hop,
            workers: self.job.workers,
            timeout: self.job.snapshot_timeout,
        };
        loop {
            let catalog = &self.approved.catalog;
            let lockable = |kind| matches!(kind, RelationKind::Table | RelationKind::Partitioned);
            let chosen = catalog.relations.iter().filter(|r| self.approved.choice.relations.contains(&r.oid));
            let names: Vec<_> = chosen.filter(|r| lockable(r.kind)).map(|r| &r.name).collect();
            let locks = Locks::take(&servers.source, &names, self.run).await?;
            let pinned = pinning.agree(locks, self.run).await?;
            let mut catalog = pinned.held().catalog().await?;
            catalog.keep_widths(&self.approved.catalog);
            let choice = self.job.selection.choose(&catalog);
            let settled = choice.relations.is_subset(&self.approved.choice.relations);
            self.approved.catalog = catalog;
            self.approved.choice = choice;
            if settled {
                return Ok(pinned);
            }
            self.run.note(Loudness::Verbose, "tables were created meanwhile; pinning again");
        }
    }

    /// Post-data on the target while the source counts its rows and is then let go.
    async fn build(
        &self,
        archive: &Archive,
        plan: &Arc<Plan>,
        held: Held,
        lost: &mut Lost,
        ledger: &mut Ledger,
    ) -> Result<verify::Tally> {
        let (job, run) = (self.job, self.run);
        let building = Building {
            archive,
            plan,
            target: &self.servers.target,
            workers: job.workers,
            existing: &self.approved.existing,
        };
        let counting = async {
            let mut numbers = verify::Tally::new();
            if job.proof.level != Level::None {
                let how = (job.proof.level, job.workers);
                numbers = verify::source(&self.servers.source, &held, plan, how, run).await?;
            }
            held.release().await;
            Ok(numbers)
        };
        let (numbers, ()) = tokio::try_join!(counting, building.run(lost, ledger, run))?;
        Ok(numbers)
    }

    /// The extension goes when it was ours, unless the source has it too.
    async fn remove_extension(&self, archive: &Archive, ledger: &mut Ledger) -> Result<()> {
        let wanted = archive.pre_data().iter().any(|e| e.kind == "EXTENSION" && e.name == "postgres_fdw");
        if ledger.extension && !wanted {
            bridge::remove_extension(&self.servers.target.pooled().await?).await?;
            ledger.extension = false;
        }
        Ok(())
    }
}

fn tables(plan: &Plan, rows: &RowsReady, level: Level, report: &mut Report) {
    report.tables = plan
        .planned_tables()
        .into_iter()
        .map(|index| {
            let table = &plan.tables[index];
            let copied = rows.tables.get(&index).copied().unwrap_or_default();
            TableReport {
                schema: table.name.schema.as_str().into(),
                name: table.name.name.as_str().into(),
                rows: copied.rows,
                bytes: table.bytes,
                chunks: table.chunks,
                seconds: copied.seconds,
                verified: level.name(),
            }
        })
        .collect();
}
