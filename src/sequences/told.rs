//! What was decided about a sequence, in the words of the report.
//!
//! Invariant: pure. A sequence is only called safe where it is proved: whatever leaves that open stands in `open`.
//! Deliberately absent: deciding.

use super::State;
use super::apply::Fate;
use super::decide::{Data, Decision, Outlook, Remark, goes_back, outlook};
use super::definition::Sequence;
use crate::report::{Difference, Finding, SequenceReport};

/// From so many percent on, it is time to make room.
const NEARLY_FULL: f64 = 80.0;

/// A sequence of the target with all that is known of it.
#[derive(Debug, Clone, Copy)]
pub struct Told<'a> {
    /// It.
    pub sequence: &'a Sequence,
    /// The source's, where it is asked and has it.
    pub source: Option<(&'a Sequence, State)>,
    /// The state before.
    pub before: State,
    /// What was decided.
    pub decision: &'a Decision,
    /// What became of that.
    pub fate: Fate,
}

impl Told<'_> {
    /// Its line of the report; `now` is its state, `data` what the columns say by now.
    #[must_use]
    pub fn report(&self, now: State, data: &Data) -> SequenceReport {
        let (name, definition) = (&self.sequence.name, &self.sequence.definition);
        let outlook = outlook(definition, now, data);
        let proved = data.seen && data.unprovable.is_empty() && data.hidden.is_empty();
        SequenceReport {
            schema: name.schema.as_str().into(),
            name: name.name.as_str().into(),
            before: self.before.is_called.then_some(self.before.last_value),
            after: now.last_value,
            is_called: now.is_called,
            reason: self.decision.reason.into(),
            source: self.source.map(|(_, state)| state),
            target: Some(self.before),
            data: data.extreme,
            proposed: self.decision.change.then_some(self.decision.state),
            applied: self.applied(),
            next: outlook.next,
            used_percent: Some((outlook.used * 10.0).round() / 10.0),
            collides: (proved && !definition.cycles || outlook.collides).then_some(outlook.collides),
            open: self.open(now, data, outlook),
        }
    }

    fn applied(&self) -> Option<bool> {
        match self.fate {
            _ if !self.decision.change => None,
            Fate::Set => Some(true),
            Fate::Pending | Fate::Overtaken => Some(false),
            Fate::Unknown => None,
        }
    }

    /// Whether another session has moved it to where it should not be.
    fn went_astray(&self, now: State) -> bool {
        let (definition, wanted) = (&self.sequence.definition, self.decision.state);
        let was_back = definition.cycles || goes_back(definition, self.before, wanted);
        self.fate == Fate::Overtaken && (was_back || goes_back(definition, wanted, now))
    }

    /// Why the sequence cannot be called safe.
    fn open(&self, now: State, data: &Data, outlook: Outlook) -> Option<String> {
        let has = |remark| self.decision.remarks.contains(&remark);
        if let Some((next, extreme)) = outlook.next.zip(data.extreme).filter(|_| outlook.collides) {
            return Some(format!("its next value {next} can collide: the data go as far as {extreme}"));
        }
        if self.went_astray(now) {
            return Some("another session moved it meanwhile, so it was not set: run it again".into());
        }
        if let Some(why) = data.hidden.first() {
            return Some(format!("its next value cannot be proved free: {why}"));
        }
        if let Some((_, state)) = self.source.filter(|_| has(Remark::OutOfBounds)) {
            return Some(format!("the source's value {} lies beyond its bounds", state.last_value));
        }
        if has(Remark::DirectionDiffers) {
            return Some("the source's counts in the other direction".into());
        }
        if outlook.exhausted {
            return Some(match outlook.next {
                Some(next) => format!("its next value {next} does not fit into its column"),
                None => format!("it has reached its end with {}", now.last_value),
            });
        }
        let by_the_source = self.source.is_some() && !has(Remark::NothingToGoBy);
        let why = data.unprovable.first().filter(|_| !by_the_source);
        if let Some(why) = why {
            return Some(format!("without the source's state there is nothing to go by: {why}"));
        }
        let cycles = "it begins anew at its end, so only the source's state says where it is";
        let why = if has(Remark::Cycles) { cycles } else { "the source has no state for it" };
        has(Remark::NothingToGoBy).then(|| why.to_owned())
    }

    /// What should be known of it.
    #[must_use]
    pub fn warnings(&self, data: &Data, line: &SequenceReport) -> Vec<Finding> {
        let mut warnings = Vec::new();
        let mut warn = |code, message: String, remedy: &str| {
            let object = self.sequence.name.plain();
            warnings.push(Finding { code, object, message, remedy: remedy.into() });
        };
        for remark in &self.decision.remarks {
            if let Some((code, message, remedy)) = self.remark(*remark) {
                warn(code, message, remedy);
            }
        }
        let used = line.used_percent.unwrap_or_default();
        if used >= NEARLY_FULL {
            let of = if data.column_end.is_some() {
                "of what it and its columns can hold"
            } else {
                "of its range"
            };
            warn(
                "range-used",
                format!("{used} % {of} is used"),
                "make its column bigint, and the sequence AS bigint with a larger MAXVALUE",
            );
        }
        for why in data.unprovable.iter().chain(&data.hidden).filter(|_| line.open.is_none()) {
            warn("cannot-verify", format!("its next value cannot be checked against the data: {why}"), "");
        }
        // What was taken from it lies behind its state, where rows may have come from elsewhere since.
        if self.sequence.cache > 1 && (self.decision.change || self.before.is_called) {
            warn(
                "cached-values",
                format!(
                    "sessions take {} values at once, and those that are connected now go on with what they have taken",
                    self.sequence.cache
                ),
                "reconnect the applications of the target",
            );
        }
        if self.sequence.unlogged {
            warn(
                "unlogged-sequence",
                "it is unlogged: a crash of the server sets it back to START".into(),
                "",
            );
        }
        if let Some((source, _)) =
            self.source.filter(|(source, _)| source.owner_column != self.sequence.owner_column)
        {
            let owner = |one: &Sequence| one.owner_column.clone().unwrap_or_else(|| "no column".into());
            warn(
                "owner-differs",
                format!("{} owns it on the source, {} on the target", owner(source), owner(self.sequence)),
                "",
            );
        }
        warnings
    }

    fn remark(&self, remark: Remark) -> Option<(&'static str, String, &'static str)> {
        let definition = &self.sequence.definition;
        Some(match remark {
            Remark::DefinitionDiffers => {
                let (source, _) = self.source?;
                let (here, there) = (words(source), words(self.sequence));
                (
                    "definition-differs",
                    format!("on the source it is {here}; on the target {there}"),
                    "ALTER SEQUENCE on the target, if it is meant to be the same",
                )
            }
            Remark::Cycles => {
                ("cycles", "it begins anew at its end, so no value is ever proved free".into(), "")
            }
            Remark::NoHeadRoom => (
                "no-head-room",
                "there are not as many values left as --ahead asks for".into(),
                "raise its MAXVALUE",
            ),
            Remark::OtherClass => (
                "other-class",
                format!(
                    "it hands out other values than START {} and INCREMENT {} tell, or than the source does",
                    definition.start, definition.increment
                ),
                "if another node numbers these, ALTER SEQUENCE ... RESTART with a value of its own class",
            ),
            Remark::DataBeyondBounds => (
                "data-beyond-bounds",
                format!(
                    "its columns hold values beyond its bounds ({} to {}), which it never comes to",
                    definition.least, definition.most
                ),
                "ALTER SEQUENCE, if its bounds are meant to be wider",
            ),
            Remark::DirectionDiffers | Remark::OutOfBounds | Remark::NothingToGoBy => return None,
        })
    }
}

fn words(sequence: &Sequence) -> String {
    let definition = &sequence.definition;
    let cycle = if definition.cycles { " CYCLE" } else { "" };
    format!(
        "AS {} START {} INCREMENT {} MINVALUE {} MAXVALUE {}{cycle}",
        definition.kind, definition.start, definition.increment, definition.least, definition.most
    )
}

/// A sequence that only one side has.
#[must_use]
pub fn one_sided(sequence: &Sequence, (source, target): (&str, &str)) -> Difference {
    Difference::of(&sequence.name, "sequence", source, target)
}
