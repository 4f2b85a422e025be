//! States are set, unless another session was faster, and how to set them back.
//!
//! Invariant: a sequence that has moved since it was read is only ever moved on, and only where it is still behind: it is
//! looked at by the statement that sets it, in the same moment. Each one is set wholly or not at all, whatever becomes of us.
//! What was set is known from the server's answers, or, where these did not come, from another look.
//! Deliberately absent: a lock. `setval` needs none, and what locks a sequence takes its owner (ALTER SEQUENCE).

use std::collections::HashSet;
use std::iter;
use std::time::Duration;

use tokio::time::timeout;

use super::decide::goes_back;
use super::definition::Sequence;
use super::{BATCH, State};
use crate::error::{Context, Failure, Kind, Result};
use crate::pg::ident::{Literal, Operator, QualifiedName};
use crate::pg::server::Target;
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::progress::{Event, Phase};
use crate::run::Run;
use crate::sql;
use crate::stop::Stop;

/// How long a run that is stopped waits to see what it has set.
const LAST_LOOK: Duration = Duration::from_secs(5);

/// A sequence that is to be set.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// It.
    pub sequence: &'a Sequence,
    /// The state that was read.
    pub before: State,
    /// The state that it gets.
    pub wanted: State,
    /// What has become of that.
    pub fate: Fate,
}

/// What became of a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Nothing yet.
    Pending,
    /// It was set.
    Set,
    /// Another session had moved it: it was left alone.
    Overtaken,
    /// The run was stopped, and nobody can tell.
    Unknown,
}

/// Sets them, and notes what became of each, also if it fails.
pub async fn apply(target: &Target, settings: &mut [Setting<'_>], run: &Run) -> Result<()> {
    run.emit(Event::TasksPlanned { phase: Phase::Sequences, total: settings.len() });
    let session = target.pooled(run).await?;
    for batch in settings.chunks_mut(BATCH) {
        let waiting = "for locks on sequences of the target";
        match run.patiently(waiting, set(&session, batch)).await {
            Ok(numbers) => {
                for (number, one) in batch.iter_mut().enumerate() {
                    one.fate = if numbers.contains(&number) { Fate::Set } else { Fate::Overtaken };
                }
            }
            Err(failure) => {
                session.rollback().await;
                look_again(target, batch, run).await;
                return Err(failure).context(Kind::Copy, "the sequences could not be set", "target");
            }
        }
        run.emit(Event::TasksFinished { phase: Phase::Sequences, count: batch.len() });
    }
    Ok(())
}

/// The statements that set back those that were set, or may have been.
#[must_use]
pub fn undo<'a>(settings: impl IntoIterator<Item = &'a Setting<'a>>) -> Vec<String> {
    let back = |one: &Setting<'_>| {
        let State { last_value, is_called } = one.before;
        let statement =
            sql!("sequences/setval.sql", name = one.literal(), value = last_value, called = is_called);
        format!("{statement};")
    };
    settings.into_iter().map(back).collect()
}

/// Sets a batch; returns which of them were set.
async fn set(session: &TargetSession, batch: &[Setting<'_>]) -> Result<HashSet<usize>, Failure> {
    let held: Vec<Sql> =
        iter::once(sql!("sequences/begin.sql")).chain(batch.iter().map(Setting::hold)).collect();
    session.run(&Sql::script(&held)).await?;
    let each = batch.iter().enumerate().map(|(number, one)| one.query(number));
    let rows = session.rows(&Sql::join(each, "\nUNION ALL\n"), &[]).await?;
    session.run(&sql!("sequences/commit.sql")).await?;
    let number = |row| Ok(usize::try_from(column::<i64>(row, "number")?)?);
    rows.iter().map(number).collect()
}

/// `setval` is not rolled back, so the sequences themselves tell whether it came to it.
async fn look_again(target: &Target, batch: &mut [Setting<'_>], run: &Run) {
    let names: Vec<QualifiedName> = batch.iter().map(|one| one.sequence.name.clone()).collect();
    let run = run.under(Stop::never());
    let states = timeout(LAST_LOOK, super::read(target, &names, &run)).await;
    let states = states.ok().and_then(Result::ok).unwrap_or_default();
    for one in batch {
        one.fate = match states.get(&one.sequence.name) {
            Some(state) if *state == one.before => Fate::Pending,
            Some(state) if *state == one.wanted => Fate::Set,
            _ => Fate::Unknown,
        };
    }
}

impl Setting<'_> {
    /// Whether it was set, as far as anybody can tell.
    #[must_use]
    pub fn may_be_set(&self) -> bool {
        matches!(self.fate, Fate::Set | Fate::Unknown)
    }

    fn literal(&self) -> Literal {
        Literal::new(self.sequence.name.to_string())
    }

    /// Takes the lock that `setval` takes, so that nothing is waited for between the look and the setting.
    fn hold(&self) -> Sql {
        sql!("sequences/hold.sql", name = self.literal())
    }

    fn query(&self, number: usize) -> Sql {
        let State { last_value, is_called } = self.wanted;
        sql!(
            "sequences/guarded.sql",
            number = number,
            name = self.literal(),
            value = last_value,
            called = is_called,
            sequence = self.sequence.name,
            guard = self.guard()
        )
    }

    fn guard(&self) -> Sql {
        let (before, wanted, definition) = (self.before, self.wanted, &self.sequence.definition);
        let as_it_was = sql!("sequences/as_it_was.sql", value = before.last_value, called = before.is_called);
        let forward = !definition.cycles && !goes_back(definition, before, wanted);
        let behind = Operator::new(if definition.increment > 0 { "<" } else { ">" }).filter(|_| forward);
        let Some(behind) = behind else { return as_it_was };
        let still_behind = sql!(
            "sequences/still_behind.sql",
            comparison = behind,
            value = wanted.last_value,
            called = wanted.is_called
        );
        Sql::join([as_it_was, still_behind], " OR ")
    }
}
