//! The phases of a clone, and what becomes of it when one fails.
//!
//! Invariant: everything that is made on the target is in the ledger; if any phase fails, is interrupted or panics, what
//! the ledger names is removed again before the report is given, or kept to be taken up again, as the mode has it.

use std::collections::{BTreeSet, HashMap};
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;

use super::large_objects::Filling;
use super::reading::{Reader, Reading, Steps};
use super::{Servers, approve, dump, refuse, timed, without_role};
use crate::archive::Archive;
use crate::bridge::extension;
use crate::catalog::members::members;
use crate::copy::stepwise::Stepwise;
use crate::copy::{self, Copied};
use crate::error::{Error, ErrorReport, Kind, Result};
use crate::hold::Hold;
use crate::janitor::Janitors;
use crate::job::{Job, Mode, VerifyLevel};
use crate::large_objects::LargeObjects;
use crate::ledger::{self, Made, chunks, entries};
use crate::pg::session::TargetSession;
use crate::plan::Plan;
use crate::plan::members::changed_by_hand;
use crate::preflight::{self, Approved};
use crate::progress::Phase;
use crate::report::{Consistency, Finding, NotCopied, Report, TableReport};
use crate::run::Run;
use crate::schema::post_data::Building;
use crate::schema::{Lost, attach, closing, column_order, pre_data};
use crate::temporary_role::TemporaryRole;
use crate::verify::{How, Tally};
use crate::{analyze, configuration, resume, roles, sequences, undo, verify};

/// Clones under the eyes of janitors: whatever goes wrong, they put both sides in order.
pub(super) async fn run(job: &Job, servers: &Servers, run: &Run, report: &mut Report) -> Result<()> {
    let posted = Janitors::post(&servers.source, &servers.target, run).await;
    let janitors = posted.map_err(|error| match error.kind() {
        Kind::Preflight => refuse(vec![preflight::finding("another-run", &error)], report),
        _ => error,
    })?;
    let watched = janitors.watched(run);
    let mut role = None;
    let phases = phases(job, servers, (&janitors, &mut role), &watched, report);
    let phases = AssertUnwindSafe(phases).catch_unwind().await;
    let panicked = |_| Err(Error::new(Kind::Internal, "a phase panicked; please report this"));
    let Err(error) = phases.unwrap_or_else(panicked) else {
        let ended = without_role(role, Ok(()), run, report).await;
        janitors.dismiss().await;
        return ended;
    };
    let error = janitors.cause_of(error, run);
    if error.kind() == Kind::Preflight {
        let ended = without_role(role, Err(error), run, report).await;
        janitors.dismiss().await;
        return ended;
    }
    let ended = match timed(Phase::Undo, report, run, undo::undo(janitors, &servers.target, run)).await {
        Ok(kept) => {
            report.warnings.extend(kept);
            Err(error)
        }
        Err(undo_error) => Err(error.and_also(&undo_error)),
    };
    // The source's janitor has dropped it, unless it was lost.
    without_role(role, ended, run, report).await
}

async fn phases(
    job: &Job,
    servers: &Servers,
    (janitors, role): (&Janitors, &mut Option<TemporaryRole>),
    run: &Run,
    report: &mut Report,
) -> Result<()> {
    let approved = approve(job, servers, role, run, report).await?;
    let role = role.as_ref();
    Clone { job, servers, guard: janitors.guard(), approved, role, run }.phases(report).await
}

/// A clone that preflight has approved.
struct Clone<'a> {
    job: &'a Job,
    servers: &'a Servers,
    guard: &'a TargetSession,
    approved: Approved,
    role: Option<&'a TemporaryRole>,
    run: &'a Run,
}

/// The rows are in.
struct RowsIn {
    plan: Arc<Plan>,
    tables: HashMap<usize, Copied>,
    states: sequences::States,
    hold: Hold,
    /// What of the archive is made already.
    made: Made,
    /// Where others may write meanwhile: from which transaction on.
    written_since: Option<i64>,
    /// Tables, by index of the plan, whose rows may have moved between chunks meanwhile.
    rewritten: BTreeSet<usize>,
}

impl Clone<'_> {
    async fn phases(&mut self, report: &mut Report) -> Result<()> {
        let (run, job, target) = (self.run, self.job, &self.servers.target);
        let (reading, plan, states) = timed(Phase::Pin, report, run, self.begin()).await?;
        report.consistency = self.consistency(&reading);
        report.warnings.extend(plan.warnings.iter().cloned());
        report.not_copied.extend(plan.not_copied.iter().chain(self.approved.left_behind()).cloned());

        let mut left_out = Vec::new();
        let schema = self.schema(&reading, &plan, &mut left_out);
        let (archive, made, mut lost) = timed(Phase::Schema, report, run, schema).await?;
        report.warnings.extend(left_out);
        let plan = plan.without(|name| lost.relation(archive.pre_data(), name));
        let (plan, left) = self.fit_to_extensions(plan).await?;
        report.not_copied.extend(left);
        let plan = plan.detached(|name| lost.attachment(archive.pre_data(), name));
        let rows = match reading {
            Reading::Pinned(pinned) => {
                let plan = Arc::new(plan);
                let copying = copy::rows(*pinned, &plan, &self.servers.source, run);
                let rows = timed(Phase::Rows, report, run, copying).await?;
                let rows = self.large_objects(&plan).with_rows(rows, report).await?;
                let (tables, hold, rewritten) = (rows.tables, rows.hold, BTreeSet::new());
                RowsIn { plan, tables, states, hold, made, written_since: None, rewritten }
            }
            Reading::Stepwise(steps) => {
                let stepwise = self.stepwise(plan, *steps, (&archive, &mut lost), made);
                let (rows, anew) = timed(Phase::Rows, report, run, stepwise).await?;
                report.warnings.extend(anew);
                self.large_objects(&rows.plan).stepwise(&rows.hold, report).await?;
                rows
            }
        };
        report.tables = tables(&rows);
        // Before the post-data: an event trigger of the source might forbid it.
        report.warnings.extend(self.put_extension_away(&archive).await);
        let setting = sequences::set(target, &rows.plan.sequences, &rows.states, run);
        let (sequences, left) = timed(Phase::Sequences, report, run, setting).await?;
        report.sequences = sequences;
        report.not_copied.extend(left);
        let how = How { written_since: rows.written_since, ..self.how() };
        let (plan, copied, rewritten) = (rows.plan, rows.tables, rows.rewritten);
        let building = self.build(&archive, &plan, (rows.hold, how), &rows.made, &mut lost);
        let source_numbers = timed(Phase::PostData, report, run, building).await?;
        report.not_copied.extend(self.changed_by_hand().await?);
        if job.proof.analyze {
            let analyzing = analyze::run(target, &plan, job.workers, run);
            let warnings = timed(Phase::Analyze, report, run, analyzing).await?;
            report.warnings.extend(warnings);
        }
        if job.proof.level != VerifyLevel::None {
            let written = self.prove(&plan, &copied, how, &source_numbers, report).await?;
            let written =
                written.map(|written| written.into_iter().chain(rewritten).collect::<BTreeSet<_>>());
            report.consistency.source_written = written.as_ref().map(|written| !written.is_empty());
            let written = written.unwrap_or_default().into_iter();
            report.warnings.extend(written.map(|index| source_written(&plan, index)));
        }
        let mut report_replaced = Vec::new();
        timed(Phase::Finish, report, run, async {
            let existing = &self.approved.existing;
            let steps = &self.approved.database.steps;
            let closing = closing::close(&archive, existing, steps, self.guard, &mut lost).await?;
            report_replaced.clone_from(&closing.replaced);
            closing.commit(self.guard, target, run).await
        })
        .await?;
        report.replaced = report_replaced;
        report.not_copied.append(&mut lost.not_copied);
        report.warnings.append(&mut lost.warnings);
        Ok(())
    }

    fn large_objects<'a>(&'a self, plan: &'a Plan) -> Filling<'a> {
        let objects = LargeObjects {
            source: &self.servers.source,
            target: &self.servers.target,
            plan: &plan.large_objects,
            definitions: &self.job.definitions,
            role: &self.approved.target_role,
            workers: self.job.workers,
        };
        Filling { objects, hop: &self.approved.hop, job: self.job, run: self.run }
    }

    /// Gets hold of the source.
    async fn begin(&mut self) -> Result<(Reading, Plan, sequences::States)> {
        let (job, run, servers) = (self.job, self.run, self.servers);
        if job.consistency == Mode::Snapshot {
            self.make_ready().await?;
        }
        let mut reader = Reader { job, servers, approved: &mut self.approved, run };
        let (reading, plan) = match job.consistency {
            Mode::Snapshot => {
                let pinned = reader.pin().await?;
                (Reading::Pinned(Box::new(pinned)), reader.plan())
            }
            Mode::Lock | Mode::None => {
                let steps = reader.steps().await?;
                (Reading::Stepwise(Box::new(steps)), reader.plan())
            }
        };
        self.admit(&plan).await?;
        let states = match reading {
            Reading::Pinned(_) => sequences::read(&servers.source, &plan.sequences, run).await?,
            Reading::Stepwise(_) => sequences::States::new(),
        };
        Ok((reading, plan, states))
    }

    /// Opens the ledger on the target, or takes it over, and makes the bridges possible.
    async fn make_ready(&self) -> Result<()> {
        let (job, guard, id) = (self.job, self.guard, &self.run.id);
        if job.resume {
            ledger::reopen(guard, id).await?;
        } else {
            let opening = ledger::Opening {
                id,
                mode: job.consistency.name(),
                resumable: job.consistency.is_resumable(),
                job: &job.extent(),
                source: &self.approved.source_identity,
                existing: &self.approved.existing,
                aside: self.approved.replacement.put_aside(id),
            };
            if let Err(error) = ledger::open(guard, &opening).await {
                return Err(self.approved.replacement.explained(error, guard).await);
            }
        }
        let mut versions = self.approved.extension_versions.iter();
        let bridge = versions.find(|e| e.name == "postgres_fdw").map(|e| e.version.as_str());
        if job.definitions.schema_only { Ok(()) } else { extension::install(guard, bridge).await }
    }

    /// Lets the temporary role read the tables; after the snapshot, so that the archive does not show its rights.
    async fn admit(&self, plan: &Plan) -> Result<()> {
        let Some(role) = self.role else { return Ok(()) };
        let tables: Vec<_> = plan.tables.iter().map(|table| table.oid).collect();
        role.admit(&tables, self.run).await
    }

    fn consistency(&self, reading: &Reading) -> Consistency {
        let mode = self.job.consistency;
        match reading {
            Reading::Pinned(pinned) => pinned.consistency(mode.name()),
            Reading::Stepwise(_) => {
                Consistency { locked: mode == Mode::Lock, ..Consistency::none_yet(mode.name()) }
            }
        }
    }

    /// The source's schema is read, and what must be there before the rows is made, as far as it is not yet.
    async fn schema(
        &self,
        reading: &Reading,
        plan: &Plan,
        warnings: &mut Vec<Finding>,
    ) -> Result<(Archive, Made, Lost)> {
        let (run, guard) = (self.run, self.guard);
        let (archive, left_out) =
            dump(self.job, self.servers, &self.approved, Some(reading.snapshot()), run).await?;
        warnings.extend(left_out);
        let mut made =
            if self.job.resume { entries::made_before(guard, &archive).await? } else { Made::new() };
        if self.job.consistency != Mode::Snapshot {
            // What cannot be locked or taken up again was refused before anything is changed.
            self.make_ready().await?;
        }
        entries::register(guard, &archive, &made, run).await?;
        let existing = &self.approved.existing;
        let (source, target) = (self.servers.source.pooled(run).await?, &self.servers.target);
        let unmade = roles::make::make(&self.approved.roles, &source, guard).await?;
        configuration::note_search_path(guard, &archive, existing).await?;
        let mut lost =
            pre_data::apply(&archive, target, (existing, &made), self.job.definitions.privileges, run)
                .await?;
        lost.not_copied.extend(unmade);
        let (catalog, choice) = (&self.approved.catalog, &self.approved.choice);
        lost.not_copied.extend(column_order::changed(target, choice.of(catalog), run).await?);
        self.early(&archive, plan, &mut made, &mut lost).await?;
        Ok((archive, made, lost))
    }

    /// Fits the plan to the target's extensions; returns what is left behind too.
    async fn fit_to_extensions(&self, plan: Plan) -> Result<(Plan, Vec<NotCopied>)> {
        let Approved { catalog, choice, existing, .. } = &self.approved;
        if !choice.whole_database || self.job.definitions.schema_only {
            return Ok((plan, Vec::new()));
        }
        configuration::prepare(self.guard, plan, (catalog, choice), existing).await
    }

    /// Makes what the values name.
    async fn early(&self, archive: &Archive, plan: &Plan, made: &mut Made, lost: &mut Lost) -> Result<()> {
        let early = self.building(archive, plan, made).early(lost, self.run).await?;
        made.extend(early);
        Ok(())
    }

    /// Copies chunk by chunk what is not copied yet; what had to be copied anew is told.
    async fn stepwise(
        &self,
        plan: Plan,
        steps: Steps,
        (archive, lost): (&Archive, &mut Lost),
        mut made: Made,
    ) -> Result<(RowsIn, Vec<Finding>)> {
        let (run, job, servers) = (self.run, self.job, self.servers);
        let Steps { hold, moment, horizon } = steps;
        moment.end().await;
        let mut progress = resume::progress(self.guard, &plan).await?;
        let mut anew = Vec::new();
        if job.resume {
            let reader = hold.reader(&servers.source, run).await?;
            let changed = resume::changed(&reader, self.guard, &plan, job.consistency).await?;
            if !changed.is_empty() {
                entries::put_aside(self.guard, archive.post_data()).await?;
                made = entries::made_before(self.guard, archive).await?;
                self.early(archive, &plan, &mut made, lost).await?;
                for &table in &changed {
                    resume::empty(self.guard, &plan, table).await?;
                }
                progress = resume::progress(self.guard, &plan).await?;
                anew = changed.into_iter().map(|table| copied_anew(&plan, table)).collect();
            }
            chunks::renew_witness(self.guard).await?;
        }
        let plan = Arc::new(plan.with_chunks(progress.plan));
        let stepwise = Stepwise {
            source: &servers.source,
            target: &servers.target,
            hop: &self.approved.hop,
            plan: &plan,
            hold: &hold,
            horizon,
        };
        let mut tables = stepwise.rows(progress.remaining, job.workers, run).await?;
        for (table, part) in progress.copied {
            tables.entry(table).or_default().add(part);
        }
        hold.still_there().await?;
        let mut rewritten = BTreeSet::new();
        if job.consistency == Mode::None {
            let reader = hold.reader(&servers.source, run).await?;
            rewritten = resume::rewritten(&reader, &plan).await?;
        }
        let states = sequences::read(&servers.source, &plan.sequences, run).await?;
        let since = progress.horizon.map_or(horizon, |first| first.min(horizon));
        let written_since = (job.consistency == Mode::None).then_some(since);
        Ok((RowsIn { plan, tables, states, hold, made, written_since, rewritten }, anew))
    }

    /// Post-data on the target while the source counts its rows and is then let go.
    async fn build(
        &self,
        archive: &Archive,
        plan: &Arc<Plan>,
        (hold, how): (Hold, How),
        made: &Made,
        lost: &mut Lost,
    ) -> Result<Tally> {
        let servers = self.servers;
        let building = self.building(archive, plan, made);
        let counting = |run: Run| async move {
            let mut tally = Tally::new();
            if how.level != VerifyLevel::None {
                tally = verify::source(&servers.source, &hold, plan, how, &run).await?;
                hold.still_there().await?;
            }
            hold.release().await;
            Ok(tally)
        };
        let tables = self.approved.choice.of(&self.approved.catalog);
        let building = |run: Run| async move {
            building.run(lost, &run).await?;
            let invalid = attach::not_valid((&servers.source, &servers.target), tables, &run).await?;
            lost.not_copied.extend(invalid);
            Ok(())
        };
        let (tally, ()) = self.run.both(counting, building).await?;
        Ok(tally)
    }

    fn building<'b>(&'b self, archive: &'b Archive, plan: &'b Plan, made: &'b Made) -> Building<'b> {
        Building {
            archive,
            plan,
            target: &self.servers.target,
            source: &self.servers.source,
            invalid_foreign_keys: self.job.definitions.invalid_foreign_keys,
            workers: self.job.workers,
            existing: &self.approved.existing,
            made,
        }
    }

    /// Compares what both sides have, and tells which tables were written to meanwhile where that could happen.
    async fn prove(
        &self,
        plan: &Plan,
        copied: &HashMap<usize, Copied>,
        how: How,
        source_numbers: &Tally,
        report: &mut Report,
    ) -> Result<Option<Vec<usize>>> {
        let counting = verify::target(&self.servers.target, plan, how, self.run);
        let numbers = timed(Phase::Verify, report, self.run, counting).await?;
        report.differences.extend(verify::compare(plan, source_numbers, &numbers));
        report.mark_verified(how.level.name());
        let rows = |index| copied.get(&index).map(|part| part.rows);
        Ok(how.written_since.map(|_| verify::written(source_numbers, rows)))
    }

    fn how(&self) -> How {
        How {
            level: self.job.proof.level,
            workers: self.job.workers,
            same_encoding: self.approved.same_encoding,
            written_since: None,
        }
    }

    /// What of the source's extensions the target's do not bring.
    async fn changed_by_hand(&self) -> Result<Vec<NotCopied>> {
        let Approved { catalog, choice, .. } = &self.approved;
        // Otherwise extensions are not brought at all.
        if !choice.whole_database || catalog.members.is_empty() {
            return Ok(Vec::new());
        }
        let there = members(&self.servers.target.pooled(self.run).await?).await?;
        let (source, target) = (self.servers.source.version(), self.servers.target.version());
        Ok(changed_by_hand(&catalog.members, &there, source.major() == target.major()))
    }

    /// The extension goes when it was ours; where the source has it too, it stays, in the source's schema. A good
    /// copy is not undone because of it.
    async fn put_extension_away(&self, archive: &Archive) -> Option<Finding> {
        let wanted = archive.pre_data().iter().any(|e| e.kind == "EXTENSION" && e.name == "postgres_fdw");
        let home =
            self.approved.catalog.extensions.iter().find(|e| e.name == "postgres_fdw").filter(|_| wanted);
        let home = home.map(|extension| extension.schema.as_str());
        extension::put_away(self.guard, home).await.err().map(|error| Finding {
            code: "extension-left",
            object: "postgres_fdw".into(),
            message: ErrorReport::from(&error).message,
            remedy: "on the target: DROP EXTENSION postgres_fdw; when nobody uses it any more".into(),
        })
    }
}

fn copied_anew(plan: &Plan, table: usize) -> Finding {
    Finding {
        code: "copied-anew",
        object: plan.tables[table].name.plain(),
        message: "it has changed since the interruption, and was copied anew".into(),
        remedy: "nothing to do".into(),
    }
}

fn source_written(plan: &Plan, table: usize) -> Finding {
    Finding {
        code: "source-written",
        object: plan.tables[table].name.plain(),
        message: "it was written to on the source while it was copied: its rows on the target may be of several moments".into(),
        remedy: "copy it again when nobody writes, or with --consistency snapshot or lock".into(),
    }
}

fn tables(rows: &RowsIn) -> Vec<TableReport> {
    let report = |index: usize| {
        let table = &rows.plan.tables[index];
        let copied = rows.tables.get(&index).copied().unwrap_or_default();
        TableReport {
            schema: table.name.schema.as_str().into(),
            name: table.name.name.as_str().into(),
            rows: copied.rows,
            bytes: table.bytes,
            chunks: table.chunks,
            seconds: copied.seconds,
            verified: None,
            copied: None,
            synced: None,
        }
    };
    rows.plan.planned_tables().into_iter().map(report).collect()
}
