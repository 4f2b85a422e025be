//! Every command as its phases, in order.
//!
//! Invariant: phases meet only here, through the values they return; whatever fails once something was created on
//! the target is undone before the report is given.

mod clone;

use std::sync::Arc;

use crate::archive::{Archive, DumpRequest, Tools};
use crate::bridge::ddl;
use crate::dry_run::DryRun;
use crate::error::{Error, Kind, Result};
use crate::job::{Job, Mode};
use crate::pg::conninfo::Conninfo;
use crate::pg::server::{Source, Target};
use crate::plan::Plan;
use crate::preflight::{self, Approved, Verdict};
use crate::progress::Phase;
use crate::report::{Finding, Report};
use crate::run::Run;
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
    let mode = job.as_ref().map_or(Mode::Snapshot, |job| job.consistency);
    let mut report = Report::new(name, mode.name());
    let ended = async { carry_out(goal, &job?, run, &mut report).await }.await;
    match &ended {
        Ok(_) => report.finish(),
        Err(error) => report.fail(error),
    }
    Ended { report, plan: ended.ok().flatten() }
}

async fn carry_out(goal: Goal, job: &Job, run: &Run, report: &mut Report) -> Result<Option<String>> {
    let servers = connect(job, run, report).await?;
    match goal {
        Goal::Check => approve(job, &servers, run, report).await.map(|_| None),
        Goal::Clone if job.dry_run => {
            let approved = approve(job, &servers, run, report).await?;
            show(job, &servers, &approved, run, report).await.map(Some)
        }
        Goal::Clone => clone::all_or_nothing(job, &servers, run, report).await.map(|()| None),
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

/// Both servers, and the client programs if they were found.
struct Servers {
    source: Source,
    target: Arc<Target>,
    tools: Result<Tools>,
}

/// Connects; refuses with everything that was found.
async fn connect(job: &Job, run: &Run, report: &mut Report) -> Result<Servers> {
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
    report
        .warnings
        .extend([("source", &job.source), ("target", &job.target)].into_iter().filter_map(ignored_passfile));
    match (source, target) {
        (Ok(source), Ok(target)) => Ok(Servers { source, target: Arc::new(target), tools }),
        (source, target) => {
            let failed = |code, side: &str, error: Error| preflight::finding(code, &error.within(side));
            let source = source.err().map(|error| failed("source-refuses", "source", error));
            let target = target.err().map(|error| failed("target-refuses", "target", error));
            let tools = tools.err().map(|error| preflight::finding("pg-dump-missing", &error));
            Err(refuse([source, target, tools].into_iter().flatten().collect(), report))
        }
    }
}

/// Checks; refuses with everything that was found.
async fn approve(job: &Job, servers: &Servers, run: &Run, report: &mut Report) -> Result<Approved> {
    let checking = preflight::check(job, &servers.source, &servers.target, servers.tools.as_ref(), run);
    match timed(Phase::Preflight, report, run, checking).await? {
        Verdict::Refused(findings, warnings) => {
            report.warnings.extend(warnings);
            Err(refuse(findings, report))
        }
        Verdict::Approved(approved) => {
            report.warnings.extend(approved.warnings.iter().cloned());
            Ok(*approved)
        }
    }
}

fn refuse(findings: Vec<Finding>, report: &mut Report) -> Error {
    let error = preflight::refusal(&findings);
    report.findings = findings;
    error
}

fn ignored_passfile((side, conninfo): (&str, &Conninfo)) -> Option<Finding> {
    Some(Finding {
        code: "password-file-ignored",
        object: side.into(),
        message: conninfo.warning()?.into(),
        remedy: "let nobody but its owner read the password file: chmod 600".into(),
    })
}

/// The dry run: plan and statements as text, and the plan in the report.
async fn show(
    job: &Job,
    servers: &Servers,
    approved: &Approved,
    run: &Run,
    report: &mut Report,
) -> Result<String> {
    let plan = plan(job, servers, approved);
    let archive = dump(job, servers, approved, None, run).await?;
    let locked = approved.choice.locked(&approved.catalog).map(|relation| relation.name.clone()).collect();
    let version = servers.source.version();
    let dry_run = DryRun { plan: &plan, archive: &archive, hop: &approved.hop, locked, version, id: &run.id };
    report.warnings.extend(plan.warnings.iter().cloned());
    report.not_copied.extend(plan.not_copied.iter().cloned());
    report.plan = Some(dry_run.value()?);
    Ok(dry_run.text())
}

fn plan(job: &Job, servers: &Servers, approved: &Approved) -> Plan {
    Plan::new(&approved.catalog, &approved.choice, job.shape(servers.source.version()))
}

/// Reads the schema, under this exported snapshot if there is one.
async fn dump(
    job: &Job,
    servers: &Servers,
    approved: &Approved,
    snapshot: Option<&str>,
    run: &Run,
) -> Result<Archive> {
    // Its tables are locked already (see `snapshot`): who makes it wait then waits for us.
    let lock_timeout = format!("--lock-wait-timeout={}", ddl::LOCK_TIMEOUT.1);
    let libpq = servers.source.libpq("dump", run);
    let request = DumpRequest {
        conninfo: libpq.conninfo,
        environment: libpq.environment,
        snapshot: snapshot.map(str::to_owned),
        selection: approved.choice.dump_arguments.iter().cloned().chain([lock_timeout]).collect(),
        omit: job.definitions.omitted(),
    };
    let missing = |_: &Error| Error::new(Kind::Internal, "preflight approved without pg_dump");
    servers.tools.as_ref().map_err(missing)?.dump(&request, &run.stop).await
}
