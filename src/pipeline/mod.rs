//! Every command as its phases, in order.
//!
//! Invariant: phases meet only here, through the values they return; whatever fails once something was created on
//! the target is undone before the report is given.

mod cleanup;
mod clone;
mod copy;
mod definitions;
mod large_objects;
mod reading;
mod sequences;
mod sync;
mod verify;

use std::sync::Arc;

use crate::archive::{Archive, DumpRequest, Entry, Tools};
use crate::bridge::ddl;
use crate::dry_run::DryRun;
use crate::error::{Error, Kind, Result};
use crate::janitor::Janitor;
use crate::job::copy::CopyJob;
use crate::job::sequences::SequencesJob;
use crate::job::sync::SyncJob;
use crate::job::verify::VerifyJob;
use crate::job::{Cleanup, Job, Mode};
use crate::pg::conninfo::Conninfo;
use crate::pg::server::{Source, Target};
use crate::pg::session::SourceSide;
use crate::plan::{Plan, Shape, left_to_provider};
use crate::preflight::{self, Approved, Verdict, endpoint};
use crate::progress::Phase;
use crate::report::{Finding, NotCopied, Report};
use crate::run::Run;
use crate::temporary_role::TemporaryRole;

/// What a command does.
#[derive(Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one value per process")]
pub enum Task {
    /// Clone a database or a part of it.
    Clone(Job),
    /// Copy rows into tables that exist.
    Copy(CopyJob),
    /// Make tables that exist equal.
    Sync(SyncJob),
    /// Only find out whether a clone would go well.
    Check(Job),
    /// Bring sequences to where no next value can collide.
    Sequences(SequencesJob),
    /// Compare both sides.
    Verify(VerifyJob),
    /// Remove what an unfinished run left.
    Cleanup(Cleanup),
}

/// How a command ended.
pub struct Ended {
    /// What happened.
    pub report: Report,
    /// The plan and its statements, of a dry run.
    pub plan: Option<String>,
}

/// Runs a command; what could not be understood is reported like any other failure.
pub async fn run(command: &'static str, task: Result<Task>, run: &Run) -> Ended {
    let mode = match &task {
        Ok(Task::Clone(job)) => job.consistency,
        _ => Mode::Snapshot,
    };
    let mut report = Report::new(command, mode.name());
    let ended = async { carry_out(&task?, run, &mut report).await }.await;
    match &ended {
        Ok(_) => report.finish(),
        Err(error) => report.fail(error),
    }
    Ended { report, plan: ended.ok().flatten() }
}

async fn carry_out(task: &Task, run: &Run, report: &mut Report) -> Result<Option<String>> {
    let mut role = None;
    match task {
        Task::Verify(job) => verify::run(job, run, report).await.map(|()| None),
        Task::Copy(job) => copy::run(job, run, report).await,
        Task::Sync(job) => sync::run(job, run, report).await.map(|()| None),
        Task::Cleanup(cleanup) => cleanup::run(cleanup, run, report).await,
        Task::Sequences(job) => sequences::run(job, run, report).await.map(|()| None),
        Task::Check(job) => {
            let servers = connect(job, run, report).await?;
            let janitor = post_for_trial(job, &servers, run).await?;
            let approved = approve(job, &servers, &mut role, run, report).await;
            let ended = without_role(role, approved, run, report).await;
            let ended = ended.map(|approved| {
                let plan = plan(job, &servers, &approved);
                let left = plan.not_copied.iter().chain(approved.left_behind());
                report.warnings.extend(left.map(will_stay_behind));
                None
            });
            dismiss(janitor).await;
            ended
        }
        Task::Clone(job) if job.dry_run => {
            let servers = connect(job, run, report).await?;
            let janitor = post_for_trial(job, &servers, run).await?;
            let shown = show(job, &servers, &mut role, run, report).await;
            let ended = without_role(role, shown, run, report).await.map(Some);
            dismiss(janitor).await;
            ended
        }
        Task::Clone(job) => {
            let servers = connect(job, run, report).await?;
            clone::run(job, &servers, run, report).await.map(|()| None)
        }
    }
}

/// A clone would end with it among what was not copied.
fn will_stay_behind(left: &NotCopied) -> Finding {
    Finding {
        code: "not-copied",
        object: format!("{} {}", left.kind, left.object),
        message: format!("it would not be copied: {}", left.reason),
        remedy: String::new(),
    }
}

/// A janitor on the source where a temporary role will be made for a trial.
async fn post_for_trial(job: &Job, servers: &Servers, run: &Run) -> Result<Option<Janitor<SourceSide>>> {
    if !job.temporary_role {
        return Ok(None);
    }
    Janitor::post_at_source(&servers.source, run).await.map(Some)
}

async fn dismiss(janitor: Option<Janitor<SourceSide>>) {
    if let Some(janitor) = janitor {
        janitor.dismiss().await;
    }
}

/// Drops the temporary role, if there is one, whatever came of the work it was made for.
async fn without_role<T>(
    role: Option<TemporaryRole>,
    ended: Result<T>,
    run: &Run,
    report: &mut Report,
) -> Result<T> {
    let Some(role) = role else { return ended };
    match (role.remove(run).await, ended) {
        (Ok(()), ended) => ended,
        (Err(left), Err(error)) => Err(error.and_also(&left)),
        (Err(left), Ok(done)) => {
            report.warnings.push(preflight::finding("temporary-role-left", &left));
            Ok(done)
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

/// Both servers, and the client programs if they were found.
struct Servers {
    source: Arc<Source>,
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
        (Ok(source), Ok(target)) => {
            let findings = endpoint::endpoints(&source, &target, run).await?;
            if !findings.is_empty() {
                return Err(refuse(findings, report));
            }
            Ok(Servers { source: Arc::new(source), target: Arc::new(target), tools })
        }
        (source, target) => {
            let failed = |code, side: &str, error: Error| endpoint::refused(code, &error.within(side));
            let source = source.err().map(|error| failed("source-refuses", "source", error));
            let target = target.err().map(|error| failed("target-refuses", "target", error));
            let tools = tools.err().map(|error| preflight::finding("pg-dump-missing", &error));
            Err(refuse([source, target, tools].into_iter().flatten().collect(), report))
        }
    }
}

/// Checks; refuses with everything that was found. A temporary role that is wanted stands in `role` then.
async fn approve(
    job: &Job,
    servers: &Servers,
    role: &mut Option<TemporaryRole>,
    run: &Run,
    report: &mut Report,
) -> Result<Approved> {
    let ends = (&servers.source, &*servers.target);
    let checking = preflight::check(job, ends, servers.tools.as_ref(), role, run);
    match timed(Phase::Preflight, report, run, checking).await? {
        Verdict::Refused(findings, warnings, grants) => {
            report.warnings.extend(warnings);
            report.grants = Some(grants).filter(|grants| !grants.is_empty());
            Err(refuse(findings, report))
        }
        Verdict::Approved(approved) => {
            report.warnings.extend(approved.warnings.iter().cloned());
            report.replaced.clone_from(&approved.replacement.replaced);
            report.not_copied.extend(approved.lost.iter().cloned());
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
    role: &mut Option<TemporaryRole>,
    run: &Run,
    report: &mut Report,
) -> Result<String> {
    let mut approved = approve(job, servers, role, run, report).await?;
    reading::look_at_values(&servers.source.pooled(run).await?, &mut approved, job).await?;
    let plan = plan(job, servers, &approved);
    let (archive, left_out) = dump(job, servers, &approved, None, run).await?;
    report.warnings.extend(left_out);
    let locked = approved.choice.locked(&approved.catalog).map(|relation| relation.name.clone()).collect();
    let version = servers.source.version();
    let dry_run = DryRun {
        plan: &plan,
        archive: &archive,
        replacement: &approved.replacement,
        hop: &approved.hop,
        roles: &approved.roles,
        database: &approved.database,
        locked,
        version,
        id: &run.id,
    };
    report.warnings.extend(plan.warnings.iter().cloned());
    report.not_copied.extend(plan.not_copied.iter().chain(approved.left_behind()).cloned());
    report.plan = Some(dry_run.value()?);
    Ok(dry_run.text())
}

fn plan(job: &Job, servers: &Servers, approved: &Approved) -> Plan {
    let shape = Shape { same_encoding: approved.same_encoding, ..job.shape(servers.source.version()) };
    Plan::new(&approved.catalog, &approved.choice, shape)
}

/// Up to 14 `public` belongs to whoever made the server, from 15 on to the database's owner: only a superuser gives it.
fn public_stays(owner: &str) -> Finding {
    Finding {
        code: "public-owner-differs",
        object: "schema public".into(),
        message: format!(
            "on the source it belongs to {owner}, who made the server; on the target it keeps its owner"
        ),
        remedy: format!("if it is meant to be the same: ALTER SCHEMA public OWNER TO {owner};"),
    }
}

/// Reads the schema, under this exported snapshot if there is one, and tells what of it is left to the provider.
async fn dump(
    job: &Job,
    servers: &Servers,
    approved: &Approved,
    snapshot: Option<&str>,
    run: &Run,
) -> Result<(Archive, Vec<Finding>)> {
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
    let mut archive = servers.tools.as_ref().map_err(missing)?.dump(&request, &run.stop).await?;
    archive.name_versions(&approved.extension_versions);
    archive.write_for(servers.target.version());
    let mut left_out = Vec::new();
    let maker = approved.catalog.database.owner_of_public.as_deref();
    if let Some(owner) = maker.filter(|_| !servers.target.is_superuser()) {
        let taken = archive.take_out(|entry| entry.changes_only() && !entry.is_empty());
        left_out.extend(taken.iter().map(|_| public_stays(owner)));
        if approved.same_rights_on_public {
            // They may still be the owner's to give: there is nothing to do.
            archive.take_out(|entry| entry.kind == "ACL" && entry.name == "SCHEMA public");
        }
    }
    if let Some(provider) = approved.choice.provider {
        let own = |entry: &Entry| provider.has_entry(&entry.kind, &entry.name, entry.owner.as_deref());
        let taken = archive.take_out(own);
        let things = taken.iter().filter(|entry| provider.has_global(&entry.kind, &entry.name));
        left_out.extend(things.map(|entry| left_to_provider(provider, &entry.to_string().to_lowercase())));
    }
    Ok((archive, left_out))
}
