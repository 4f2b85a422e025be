//! What becomes of the sequences: shown, then set, then looked at again.
//!
//! Invariant: each line of the report is made in one place, from what was known, decided and done.
//! Deliberately absent: what is asked of the servers before anything is decided.

use std::collections::BTreeMap;

use super::{Subject, timed};
use crate::catalog::Oid;
use crate::error::Result;
use crate::pg::ident::QualifiedName;
use crate::pg::server::Target;
use crate::progress::{Event, Phase};
use crate::report::{Report, SequenceReport};
use crate::run::Run;
use crate::sequences::apply::{self, Fate, Setting};
use crate::sequences::decide::{Case, Data, Decision, Policy, decide};
use crate::sequences::definition::Sequence;
use crate::sequences::told::Told;
use crate::sequences::{self, State, States, users};

/// What was read of the subject before anything is set.
pub(super) struct Known {
    /// The source's states.
    pub(super) source: States,
    /// The target's.
    pub(super) states: States,
    /// How far the target's data go.
    pub(super) data: BTreeMap<Oid, Data>,
}

impl Known {
    /// The target's states when these are set.
    fn with(&self, settings: &[Setting<'_>]) -> States {
        let mut states = self.states.clone();
        states.extend(settings.iter().map(|one| (one.sequence.name.clone(), one.wanted)));
        states
    }
}

/// What becomes of them, and what that was made of.
pub(super) struct Decided<'a> {
    subject: &'a Subject,
    known: &'a Known,
    decisions: Vec<Decision>,
}

impl<'a> Decided<'a> {
    /// Decides.
    pub(super) fn of(subject: &'a Subject, known: &'a Known, policy: Policy) -> Self {
        let decision = |sequence: &Sequence| {
            let source = on_the_source(subject, known, &sequence.name);
            let case = Case {
                definition: &sequence.definition,
                source: source.map(|(source, state)| (&source.definition, state)),
                state: known.states[&sequence.name],
                data: &known.data[&sequence.oid],
            };
            decide(&case, policy)
        };
        Self { subject, known, decisions: subject.sequences.iter().map(decision).collect() }
    }

    /// What is to be set.
    pub(super) fn settings(&self) -> Vec<Setting<'a>> {
        let all = self.subject.sequences.iter().zip(&self.decisions);
        let setting = |(sequence, decision): (&'a Sequence, &Decision)| Setting {
            sequence,
            before: self.known.states[&sequence.name],
            wanted: decision.state,
            fate: Fate::Pending,
        };
        all.filter(|(_, decision)| decision.change).map(setting).collect()
    }

    /// What is shown before anything is set: the sequences as they will be, and how to set them back.
    pub(super) fn event(&self, settings: &[Setting<'_>], dry_run: bool) -> Event {
        let wanted = self.known.with(settings);
        let undo = if dry_run { Vec::new() } else { apply::undo(settings) };
        let lines =
            self.lines(settings, &wanted, &self.known.data).iter().map(SequenceReport::line).collect();
        Event::Decided { lines, undo }
    }

    /// Sets them, and looks again.
    pub(super) async fn set(
        &self,
        mut settings: Vec<Setting<'_>>,
        (target, workers): (&Target, usize),
        run: &Run,
        report: &mut Report,
    ) -> Result<()> {
        let applying = apply::apply(target, &mut settings, run);
        let applied = timed(Phase::Sequences, report, run, applying).await;
        let set: Vec<Setting<'_>> = settings.iter().filter(|one| one.fate == Fate::Set).copied().collect();
        report.sequences = self.lines(&settings, &self.known.with(&set), &self.known.data);
        report.undo_sql = apply::undo(settings.iter().filter(|one| one.may_be_set()));
        applied?;
        let subject = self.subject;
        let looking = async {
            // The states last: values that others take meanwhile are behind them.
            let data = users::data(target, (&subject.sequences, &subject.users), workers, run).await?;
            let states = sequences::read(target, &subject.names(), run).await?;
            Ok((states, data))
        };
        let (states, data) = timed(Phase::Verify, report, run, looking).await?;
        self.report(&settings, (&states, &data), report);
        Ok(())
    }

    /// Fills in the report: where the sequences are by now, and what should be known of them.
    pub(super) fn report(
        &self,
        settings: &[Setting<'_>],
        (states, data): (&States, &BTreeMap<Oid, Data>),
        report: &mut Report,
    ) {
        report.sequences = self.lines(settings, states, data);
        for (told, line) in self.told(settings).zip(&report.sequences) {
            report.warnings.extend(told.warnings(&data[&told.sequence.oid], line));
        }
    }

    fn lines(
        &self,
        settings: &[Setting<'_>],
        states: &States,
        data: &BTreeMap<Oid, Data>,
    ) -> Vec<SequenceReport> {
        let line = |told: Told<'_>| told.report(states[&told.sequence.name], &data[&told.sequence.oid]);
        self.told(settings).map(line).collect()
    }

    fn told(&self, settings: &[Setting<'_>]) -> impl Iterator<Item = Told<'_>> {
        let fates: BTreeMap<Oid, Fate> = settings.iter().map(|one| (one.sequence.oid, one.fate)).collect();
        self.subject.sequences.iter().zip(&self.decisions).map(move |(sequence, decision)| Told {
            sequence,
            source: on_the_source(self.subject, self.known, &sequence.name),
            before: self.known.states[&sequence.name],
            decision,
            fate: fates.get(&sequence.oid).copied().unwrap_or(Fate::Pending),
        })
    }
}

/// The source's sequence of this name, if its state is known.
fn on_the_source<'a>(
    subject: &'a Subject,
    known: &Known,
    name: &QualifiedName,
) -> Option<(&'a Sequence, State)> {
    let sequence = subject.source.as_ref()?.all.get(name)?;
    Some((sequence, *known.source.get(name)?))
}
