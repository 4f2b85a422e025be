//! What becomes of a sequence: states in, decision and reason out.
//!
//! Invariant: pure. The next value stays within the bounds and in the residue class, never goes back unless that is
//! allowed, and never meets the data where these are looked at. A second decision about the outcome changes nothing.
//! Deliberately absent: what any of it is called in a report.

#[cfg(test)]
mod tests;

use super::State;

/// How a sequence counts, as `pg_sequence` has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Definition {
    /// Its type's name: `smallint`, `integer` or `bigint`.
    pub kind: String,
    /// START.
    pub start: i64,
    /// INCREMENT; never 0.
    pub increment: i64,
    /// MINVALUE.
    pub least: i64,
    /// MAXVALUE.
    pub most: i64,
    /// CYCLE.
    pub cycles: bool,
}

/// What is known of the values that were handed out, from the columns that keep them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Data {
    /// Whether a column was looked at that holds the sequence's own values.
    pub seen: bool,
    /// The value that the sequence would come to last, among those within its bounds.
    pub extreme: Option<i64>,
    /// Whether there are values beyond its bounds.
    pub beyond: bool,
    /// The narrowest column's last value in the sequence's direction.
    pub column_end: Option<i64>,
    /// Columns whose values say nothing of the sequence's, or no column at all: why.
    pub unprovable: Vec<String>,
    /// Columns that could not be looked at: why.
    pub hidden: Vec<String>,
}

/// Where a sequence's next value is taken from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The source's state.
    Source,
    /// The target's own data.
    Data,
    /// The source's state, and never behind the target's own data.
    Both,
}

/// What was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Where the next value comes from.
    pub from: From,
    /// Values to be left out before the next one.
    pub ahead: u64,
    /// Whether a sequence may be set back.
    pub backwards: bool,
}

/// A sequence with all that is known of it.
#[derive(Debug, Clone)]
pub struct Case<'a> {
    /// On the target.
    pub definition: &'a Definition,
    /// On the source, where it is there.
    pub source: Option<(&'a Definition, State)>,
    /// On the target.
    pub state: State,
    /// On the target.
    pub data: &'a Data,
}

/// Something about a sequence that should be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remark {
    /// The source's counts otherwise.
    DefinitionDiffers,
    /// The source's counts in the other direction: its state means nothing here.
    DirectionDiffers,
    /// The source's state lies beyond the bounds.
    OutOfBounds,
    /// It begins anew at its end.
    Cycles,
    /// The head-room that was asked for is not there.
    NoHeadRoom,
    /// There are values beyond its bounds.
    DataBeyondBounds,
    /// It hands out values of another residue class than START's or the source's.
    OtherClass,
    /// There is nothing to go by.
    NothingToGoBy,
}

/// What becomes of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The state that it should have.
    pub state: State,
    /// Whether that is another one than it has.
    pub change: bool,
    /// Why.
    pub reason: &'static str,
    /// What should be known.
    pub remarks: Vec<Remark>,
}

/// What a state leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// The next value; none where the sequence has reached its end.
    pub next: Option<i64>,
    /// How much of its range is used, in percent: of the sequence's or of the narrowest column's.
    pub used: f64,
    /// Whether the next value lies among those that the data hold already, or might.
    pub collides: bool,
    /// Whether there is no next value, or none that the columns can hold.
    pub exhausted: bool,
}

/// Decides.
#[must_use]
pub fn decide(case: &Case<'_>, policy: Policy) -> Decision {
    let walk = Walk(case.definition);
    let mut remarks = Vec::new();
    let source = followed(case, policy, &mut remarks);
    if case.data.beyond {
        remarks.push(Remark::DataBeyondBounds);
    }
    let wanted = if walk.0.cycles {
        remarks.push(Remark::Cycles);
        let exact = source.filter(|(definition, state)| walk.holds(definition, *state));
        exact.map(|(_, state)| (walk.ahead(state, policy.ahead, case.data, &mut remarks), SOURCE))
    } else {
        wanted(case, policy, source, &mut remarks)
    };
    let (state, reason) = if let Some(wanted) = wanted {
        unless_ahead(case, policy, wanted)
    } else {
        remarks.push(Remark::NothingToGoBy);
        (case.state, "there is nothing to go by")
    };
    if !walk.is_congruent(state.last_value, walk.anchor(source)) {
        remarks.push(Remark::OtherClass);
    }
    Decision { state, change: state != case.state, reason, remarks }
}

/// The state wanted, or the one that it has if that is as good or further on.
fn unless_ahead(
    case: &Case<'_>,
    policy: Policy,
    (wanted, reason): (State, &'static str),
) -> (State, &'static str) {
    let walk = Walk(case.definition);
    let (there, here) = (walk.place(wanted), walk.place(case.state));
    // Where values come again, the source's state is the only one that tells where it is.
    if there < here && !walk.0.cycles && !may_go_back(case, policy) {
        let by_source = reason == SOURCE || reason == BEYOND_SOURCE;
        return (case.state, if by_source { "it is ahead of the source" } else { "it is ahead of the data" });
    }
    // Another state with the same next value is worth a change only where the source's is kept exactly.
    if there == here && reason != SOURCE { (case.state, reason) } else { (wanted, reason) }
}

/// Whether it may be set back: data that are known in part only do not tell that nothing is handed out again.
fn may_go_back(case: &Case<'_>, policy: Policy) -> bool {
    let complete = case.data.unprovable.is_empty() && case.data.hidden.is_empty();
    policy.backwards && (complete || policy.from == From::Source)
}

/// The reason of a state that was taken over as it is.
const SOURCE: &str = "the source's state";
/// The reason of a state that could not be taken over as it is.
const BEYOND_SOURCE: &str = "beyond the source's state";

/// Whether a sequence would hand out again what it has handed out.
#[must_use]
pub fn goes_back(definition: &Definition, from: State, to: State) -> bool {
    let walk = Walk(definition);
    walk.place(to) < walk.place(from)
}

/// The source's side where it is to be followed, and can be.
fn followed<'a>(
    case: &Case<'a>,
    policy: Policy,
    remarks: &mut Vec<Remark>,
) -> Option<(&'a Definition, State)> {
    let (definition, state) = case.source.filter(|_| policy.from != From::Data)?;
    if definition != case.definition {
        remarks.push(Remark::DefinitionDiffers);
    }
    if (definition.increment > 0) != (case.definition.increment > 0) {
        remarks.push(Remark::DirectionDiffers);
        return None;
    }
    if Walk(case.definition).is_past_the_end(state.last_value.into()) {
        remarks.push(Remark::OutOfBounds);
        return None;
    }
    Some((definition, state))
}

/// The state wanted of a sequence that does not cycle.
fn wanted(
    case: &Case<'_>,
    policy: Policy,
    source: Option<(&Definition, State)>,
    remarks: &mut Vec<Remark>,
) -> Option<(State, &'static str)> {
    let walk = Walk(case.definition);
    let extreme = case.data.extreme.map(i128::from).filter(|_| policy.from != From::Source);
    let is_free = |next: i128| extreme.is_none_or(|extreme| walk.along(next) > walk.along(extreme));
    let exact = source.filter(|(definition, state)| walk.holds(definition, *state));
    if let Some((_, state)) = exact.filter(|(_, state)| is_free(walk.next(*state))) {
        return Some((walk.ahead(state, policy.ahead, case.data, remarks), SOURCE));
    }
    // The source's class where it counts alike, by data alone its own: it may have been put into another one by hand.
    let own = if source.is_none() { case.state.last_value } else { case.definition.start };
    let anchor = exact.map_or(own, |(_, state)| state.last_value);
    let taken = source.map(|(_, state)| walk.taken(state));
    let start = i128::from(case.definition.start);
    let before_start = taken.is_none()
        && walk.is_congruent(anchor, case.definition.start)
        && extreme.is_some_and(|extreme| walk.along(extreme) < walk.along(start));
    let floor = [taken, extreme].into_iter().flatten().max_by_key(|value| walk.along(*value));
    if let Some(floor) = floor.filter(|_| !before_start) {
        let reason = if Some(floor) == extreme { "beyond the data" } else { BEYOND_SOURCE };
        let state = walk.past(floor, anchor.into());
        return Some((walk.ahead(state, policy.ahead, case.data, remarks), reason));
    }
    let start = State { last_value: case.definition.start, is_called: false };
    let empty = policy.from != From::Source && case.data.seen;
    let reason = if before_start { "START: no row has come to it" } else { "START: there are no rows" };
    empty.then(|| (walk.ahead(start, policy.ahead, case.data, remarks), reason))
}

/// What a state leads to.
#[must_use]
pub fn outlook(definition: &Definition, state: State, data: &Data) -> Outlook {
    let walk = Walk(definition);
    let next = walk.next(state);
    let over = walk.is_past_the_end(next);
    let next = match over {
        true if definition.cycles => Some(walk.begin()),
        true => None,
        false => Some(next),
    };
    let column_end = data.column_end.map(i128::from);
    let too_large = |next: i128| column_end.is_some_and(|end| walk.along(next) > walk.along(end));
    let meets =
        |next: i128| data.extreme.is_some_and(|extreme| walk.along(next) <= walk.along(extreme.into()));
    Outlook {
        next: next.and_then(|next| i64::try_from(next).ok()),
        used: walk.used(next, column_end),
        collides: !definition.cycles && next.is_some_and(meets),
        exhausted: next.is_none_or(too_large),
    }
}

/// The arithmetic of a sequence; in 128 bits nothing overflows.
#[derive(Clone, Copy)]
struct Walk<'a>(&'a Definition);

impl Walk<'_> {
    fn step(self) -> i128 {
        self.0.increment.into()
    }

    /// The value on an axis on which the sequence always rises.
    fn along(self, value: i128) -> i128 {
        value * self.step().signum()
    }

    /// The last bound in its direction.
    fn end(self) -> i128 {
        if self.0.increment > 0 { self.0.most.into() } else { self.0.least.into() }
    }

    /// The bound at which it begins anew.
    fn begin(self) -> i128 {
        if self.0.increment > 0 { self.0.least.into() } else { self.0.most.into() }
    }

    fn is_past_the_end(self, value: i128) -> bool {
        self.along(value) > self.along(self.end())
    }

    fn is_within(self, value: i128) -> bool {
        (i128::from(self.0.least)..=i128::from(self.0.most)).contains(&value)
    }

    /// Whether a state of the other definition means the same here.
    fn holds(self, other: &Definition, state: State) -> bool {
        other.increment == self.0.increment
            && self.is_congruent(other.start, self.0.start)
            && self.is_within(state.last_value.into())
    }

    /// Whether both are of one residue class.
    fn is_congruent(self, one: i64, other: i64) -> bool {
        (i128::from(one) - i128::from(other)).rem_euclid(self.step().abs()) == 0
    }

    /// A value of the class that it should be in.
    fn anchor(self, source: Option<(&Definition, State)>) -> i64 {
        let exact = source.filter(|(definition, state)| self.holds(definition, *state));
        exact.map_or(self.0.start, |(_, state)| state.last_value)
    }

    /// The next value, bounds aside.
    fn next(self, state: State) -> i128 {
        i128::from(state.last_value) + if state.is_called { self.step() } else { 0 }
    }

    fn place(self, state: State) -> i128 {
        self.along(self.next(state))
    }

    /// A value behind the next one of a state, and not behind any that was handed out.
    fn taken(self, state: State) -> i128 {
        i128::from(state.last_value) - if state.is_called { 0 } else { self.step().signum() }
    }

    /// The state whose next value is the first one beyond `floor` in the class of `anchor`; at the end, one without any.
    fn past(self, floor: i128, anchor: i128) -> State {
        let size = self.step().abs();
        let low = (self.along(floor) + 1).max(self.along(self.begin()));
        let next = low + (self.along(anchor) - low).rem_euclid(size);
        let end = self.along(self.end());
        let state = |along: i128, is_called| {
            let value = self.along(along);
            State { last_value: i64::try_from(value).unwrap_or(self.0.start), is_called }
        };
        if next > end {
            return state(end - (end - self.along(anchor)).rem_euclid(size), true);
        }
        // As if the value before had been handed out; there may be none within the bounds.
        if self.is_within(self.along(next - size)) { state(next - size, true) } else { state(next, false) }
    }

    /// The state with as many values left out.
    fn ahead(self, state: State, values: u64, data: &Data, remarks: &mut Vec<Remark>) -> State {
        if values == 0 {
            return state;
        }
        let moved = i128::from(values).saturating_mul(self.step()).saturating_add(state.last_value.into());
        let moved = i64::try_from(moved).map(|last_value| State { last_value, ..state });
        let fits = |next: i128| {
            let end = data.column_end.map(i128::from);
            !self.is_past_the_end(next) && end.is_none_or(|end| self.along(next) <= self.along(end))
        };
        let Some(moved) = moved.ok().filter(|moved| fits(self.next(*moved))) else {
            remarks.push(Remark::NoHeadRoom);
            return state;
        };
        moved
    }

    /// How much of all it can hand out lies before the next value, in percent.
    fn used(self, next: Option<i128>, column_end: Option<i128>) -> f64 {
        let end = column_end.map_or(self.end(), |end| {
            let (own, other) = (self.along(self.end()), self.along(end));
            self.along(own.min(other))
        });
        let Some(next) = next else { return 100.0 };
        let start = i128::from(self.0.start);
        let origin = if self.along(next) >= self.along(start) { start } else { self.begin() };
        let size = self.step().abs();
        let all = (self.along(end) - self.along(origin)) / size + 1;
        let gone = (self.along(next) - self.along(origin)) / size;
        if all <= 0 {
            return 100.0;
        }
        // A share is told in tenths of a percent.
        #[allow(clippy::cast_precision_loss)]
        let share = gone as f64 * 100.0 / all as f64;
        share.clamp(0.0, 100.0)
    }
}
