//! Sequences are read on both sides, decided, set, and looked at again.
//!
//! Invariant: everything is decided, and can be seen together with what undoes it, before the first one is set; a dry run
//! ends there. However a run ends, its report says of each one whether it was set. What is called safe was proved by states
//! and data that were read after the last one was set.
//! Deliberately absent: an undo by ourselves. `setval` knows no transaction, and values may have been handed out since.

mod decided;

use std::collections::{BTreeMap, HashSet};

use self::decided::{Decided, Known};
use super::{ignored_passfile, refuse, timed};
use crate::catalog::{Catalog, Oid, read};
use crate::error::{Context, Kind, Result};
use crate::job::sequences::SequencesJob;
use crate::pg::ident::QualifiedName;
use crate::pg::server::{Server, Source, Target};
use crate::pg::session::{Session, Side, own_names};
use crate::pg::version::Version;
use crate::plan::select::{Choice, Selection};
use crate::preflight::endpoint;
use crate::progress::{Level, Phase};
use crate::report::{Difference, Finding, Grants, Report};
use crate::run::Run;
use crate::sequences::apply;
use crate::sequences::decide::{From, Policy};
use crate::sequences::definition::{self, Sequence};
use crate::sequences::told::one_sided;
use crate::sequences::users::{self, Users};
use crate::sequences::{self, States, rights};

/// Brings the sequences to where no next value can collide, or says how it would.
pub(super) async fn run(job: &SequencesJob, run: &Run, report: &mut Report) -> Result<()> {
    let servers = timed(Phase::Connect, report, run, connect(job, run)).await?;
    let servers = servers.map_err(|findings| refuse(findings, report))?;
    let both = [Some(("target", &job.target)), job.source.as_ref().map(|source| ("source", source))];
    report.warnings.extend(both.into_iter().flatten().filter_map(ignored_passfile));
    let ends = Ends { source: servers.source.as_ref(), target: &servers.target };
    let subject = timed(Phase::Preflight, report, run, look(&job.selection, ends, run)).await?;
    let refused = refused(job, &subject);
    if !refused.0.is_empty() {
        report.grants = Some(refused.1).filter(|grants| !grants.is_empty());
        return Err(refuse(refused.0, report));
    }
    report.differences.extend(subject.one_sided());
    report.warnings.extend(subject.unread());
    report.warnings.extend(subject.users.unknown.iter().map(|what| unknown(what)));
    let known = timed(Phase::Data, report, run, subject.know(job.workers, ends, run)).await?;
    let decided = Decided::of(&subject, &known, job.policy);
    let settings = decided.settings();
    run.emit(decided.event(&settings, job.dry_run));
    if job.dry_run {
        decided.report(&settings, (&known.states, &known.data), report);
        return Ok(());
    }
    decided.set(settings, (ends.target, job.workers), run, report).await
}

/// Brings those sequences on that number columns of these tables of the target: after rows have come, the next value must
/// not collide with one of them. What may not be read or set is told, and left alone.
pub(super) async fn follow(
    ends: Ends<'_>,
    tables: &HashSet<Oid>,
    workers: usize,
    run: &Run,
    report: &mut Report,
) -> Result<()> {
    let mut subject = look(&Selection::default(), ends, run).await?;
    subject.keep_only(tables);
    let meant: Vec<&Sequence> = subject.sequences.iter().collect();
    let (mut lacking, _) = rights::on_the_target(&meant, &subject.target.catalog.database, false);
    if let Some(source) = &subject.source {
        let there = subject.followed(source);
        lacking.extend(rights::on_the_source(&there, &source.catalog.database).0);
    }
    report.warnings.extend(lacking);
    subject.leave_closed();
    if subject.sequences.is_empty() {
        return Ok(());
    }
    let known = timed(Phase::Data, report, run, subject.know(workers, ends, run)).await?;
    let policy = Policy { from: From::Both, ahead: 0, backwards: false };
    let decided = Decided::of(&subject, &known, policy);
    let settings = decided.settings();
    for statement in apply::undo(&settings) {
        run.note(Level::Verbose, format!("to undo: {statement}"));
    }
    decided.set(settings, (ends.target, workers), run, report).await
}

/// The servers that are asked.
#[derive(Clone, Copy)]
pub(super) struct Ends<'a> {
    pub(super) source: Option<&'a Source>,
    pub(super) target: &'a Target,
}

/// The servers that answered.
struct Servers {
    source: Option<Source>,
    target: Target,
}

/// Connects, or says why not.
async fn connect(job: &SequencesJob, run: &Run) -> Result<Result<Servers, Vec<Finding>>> {
    let sessions = job.workers + 2;
    let source = async {
        match &job.source {
            Some(source) => Source::connect(source, sessions, run).await.map(Some),
            None => Ok(None),
        }
    };
    let (source, target) = tokio::join!(source, Target::connect(&job.target, sessions, run));
    run.stop.check()?;
    match (source, target) {
        (Ok(source), Ok(target)) => {
            let mut findings = endpoint::endpoint(&target, true, run).await?;
            findings.extend(too_old(&target));
            if let Some(source) = &source {
                findings.extend(endpoint::endpoint(source, false, run).await?);
                findings.extend(too_old(source));
            }
            Ok(if findings.is_empty() { Ok(Servers { source, target }) } else { Err(findings) })
        }
        (source, target) => {
            let source =
                source.err().map(|error| endpoint::refused("source-refuses", &error.within("source")));
            let target =
                target.err().map(|error| endpoint::refused("target-refuses", &error.within("target")));
            Ok(Err(source.into_iter().chain(target).collect()))
        }
    }
}

/// Sequences are the same on all versions that a source may have.
fn too_old<S: Side>(server: &Server<S>) -> Option<Finding> {
    let (version, oldest) = (server.version(), Version::OLDEST_SOURCE);
    (version < oldest).then(|| Finding {
        code: "version-too-old",
        object: S::NAME.into(),
        message: format!("its version {version} is older than {}", oldest.major()),
        remedy: "upgrade that server first".into(),
    })
}

/// What a side has, and what of it is meant.
struct End {
    catalog: Catalog,
    choice: Choice,
    /// All of its sequences.
    all: BTreeMap<QualifiedName, Sequence>,
}

/// A session in which names without a schema mean what the user's own sessions would find.
async fn own<S: Side>(server: &Server<S>, run: &Run) -> Result<Session<S>> {
    let session = server.for_extensions(run).await?;
    let prepared = session.run(&own_names()).await;
    prepared.context(Kind::Connect, "the session could not be prepared", S::NAME)?;
    Ok(session)
}

impl End {
    async fn read<S: Side>(selection: &Selection, server: &Server<S>, run: &Run) -> Result<Self> {
        let session = own(server, run).await?;
        let reading =
            async { Ok((read::relations(&session).await?, definition::sequences(&session).await?)) };
        let (catalog, all) = run.patiently("for the catalogs; is a table locked there?", reading).await?;
        session.close().await;
        let all = all.into_iter().map(|one| (one.name.clone(), one)).collect();
        Ok(Self { choice: selection.choose(&catalog), catalog, all })
    }

    /// Whether it has the sequence, but not its state.
    fn lacks(&self, sequence: &Sequence) -> bool {
        self.catalog.database.standby && sequence.unlogged
    }

    fn chosen(&self) -> impl Iterator<Item = &Sequence> {
        self.all.values().filter(|one| self.choice.relations.contains(&one.oid))
    }
}

/// Of an unlogged sequence a standby knows only that there is one.
fn unlogged(side: &str, sequence: &Sequence, remedy: &str) -> Finding {
    Finding {
        code: "unlogged-on-standby",
        object: sequence.name.plain(),
        message: format!("it is unlogged, and the {side} is a standby, which has no state of it"),
        remedy: remedy.into(),
    }
}

fn unknown(what: &str) -> Finding {
    Finding {
        code: "cannot-verify",
        object: what.into(),
        message: "it takes values from a sequence that cannot be told from here".into(),
        remedy: "write nextval('schema.sequence'::regclass)".into(),
    }
}

/// What is to be decided.
struct Subject {
    source: Option<End>,
    target: End,
    /// The target's sequences that are meant.
    sequences: Vec<Sequence>,
    /// Who uses them.
    users: Users,
}

async fn look(selection: &Selection, ends: Ends<'_>, run: &Run) -> Result<Subject> {
    let target = End::read(selection, ends.target, run).await?;
    let source = match ends.source {
        Some(source) => Some(End::read(selection, source, run).await?),
        None => None,
    };
    let sequences = target.chosen().cloned().collect();
    let session = own(ends.target, run).await?;
    let users = users::users(&session).await?;
    session.close().await;
    Ok(Subject { source, target, sequences, users })
}

/// Everything that stands in the way, and what mends it.
fn refused(job: &SequencesJob, subject: &Subject) -> (Vec<Finding>, Grants) {
    let (source, target) = (subject.source.as_ref(), &subject.target);
    let mut findings = subject.unmatched();
    if target.catalog.database.standby && !job.dry_run {
        findings.push(Finding {
            code: "target-is-standby",
            object: "target".into(),
            message: "it is a standby, where nothing can be set".into(),
            remedy: "name the primary as the target".into(),
        });
    }
    let lacking = subject.sequences.iter().filter(|one| job.dry_run && target.lacks(one));
    findings.extend(
        lacking.map(|one| unlogged("target", one, "name the primary as the target, or leave it out: -T")),
    );
    let mut grants = Grants { target_database: target.catalog.database.name.clone(), ..Grants::default() };
    let meant: Vec<&Sequence> = subject.sequences.iter().collect();
    let (lacking, statements) = rights::on_the_target(&meant, &target.catalog.database, job.dry_run);
    findings.extend(lacking);
    grants.target = statements;
    if let Some(source) = source {
        grants.source_database.clone_from(&source.catalog.database.name);
        let (lacking, statements) =
            rights::on_the_source(&subject.followed(source), &source.catalog.database);
        findings.extend(lacking);
        grants.source = statements;
    }
    (findings, grants)
}

impl Subject {
    fn names(&self) -> Vec<QualifiedName> {
        self.sequences.iter().map(|one| one.name.clone()).collect()
    }

    /// The source's sequences of the same names.
    fn shared<'a>(&'a self, source: &'a End) -> impl Iterator<Item = &'a Sequence> {
        self.sequences.iter().filter_map(|one| source.all.get(&one.name))
    }

    /// Those whose states can be read.
    fn followed<'a>(&'a self, source: &'a End) -> Vec<&'a Sequence> {
        self.shared(source).filter(|one| !source.lacks(one)).collect()
    }

    /// Those whose states nobody can read there.
    fn unread(&self) -> Vec<Finding> {
        let Some(source) = &self.source else { return Vec::new() };
        let lacking = self.shared(source).filter(|one| source.lacks(one));
        lacking.map(|one| unlogged("source", one, "name the primary as the source")).collect()
    }

    /// Only those that number columns of these tables.
    fn keep_only(&mut self, tables: &HashSet<Oid>) {
        let users = &self.users;
        self.sequences.retain(|one| users.numbers_any(one.oid, tables));
    }

    /// Without what our role may not set on the target, and without the states that it may not read on the source.
    fn leave_closed(&mut self) {
        let can = |one: &Sequence, set: bool| one.rights.reach && one.rights.read && (one.rights.set || !set);
        self.sequences.retain(|one| can(one, true));
        if let Some(source) = &mut self.source {
            source.all.retain(|_, one| can(one, false));
        }
    }

    fn unmatched(&self) -> Vec<Finding> {
        let elsewhere = |lost: &&(&'static str, String)| {
            self.source.as_ref().is_none_or(|source| source.choice.unmatched.contains(lost))
        };
        let lost = self.target.choice.unmatched.iter().filter(elsewhere);
        let finding = |(option, pattern): &(&str, String)| Finding {
            code: "pattern-matches-nothing",
            object: format!("{option} {pattern}"),
            message: "nothing matches this pattern".into(),
            remedy: "mind the case and the schema: write schema.name, and \"Mixed Case\" in double quotes"
                .into(),
        };
        lost.map(finding).collect()
    }

    /// The sequences that only one side has.
    fn one_sided(&self) -> Vec<Difference> {
        let Some(source) = &self.source else { return Vec::new() };
        let only_source = source.chosen().filter(|one| !self.target.all.contains_key(&one.name));
        let only_target = self.sequences.iter().filter(|one| !source.all.contains_key(&one.name));
        let mut all: Vec<_> = only_source.map(|one| one_sided(one, ("there", "missing"))).collect();
        all.extend(only_target.map(|one| one_sided(one, ("missing", "there"))));
        all
    }

    /// Reads states and data. The source's states come first: what is copied meanwhile shows in the data.
    async fn know(&self, workers: usize, ends: Ends<'_>, run: &Run) -> Result<Known> {
        let source = match (ends.source, &self.source) {
            (Some(server), Some(end)) => {
                let names: Vec<QualifiedName> =
                    self.followed(end).into_iter().map(|one| one.name.clone()).collect();
                sequences::read(server, &names, run).await?
            }
            _ => States::new(),
        };
        let data = users::data(ends.target, (&self.sequences, &self.users), workers, run).await?;
        let states = sequences::read(ends.target, &self.names(), run).await?;
        Ok(Known { source, states, data })
    }
}
