//! States are set, unless another session was faster, and how to set them back.
//!
//! Invariant: a sequence that has moved since it was read is only ever moved on, and only where it is still behind: it is
//! looked at by the statement that sets it, in the same moment. Each one is set wholly or not at all, whatever becomes of us.
//! Deliberately absent: a lock. `setval` needs none, and what locks a sequence takes its owner (ALTER SEQUENCE).

use std::iter;

use super::decide::goes_back;
use super::definition::Sequence;
use super::{BATCH, State};
use crate::error::{Context, Kind, Result};
use crate::pg::ident::{Literal, Operator};
use crate::pg::server::Target;
use crate::pg::sql::Sql;
use crate::progress::{Event, Phase};
use crate::run::Run;
use crate::sql;

/// A sequence that is to be set.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// It.
    pub sequence: &'a Sequence,
    /// The state that was read.
    pub before: State,
    /// The state that it gets.
    pub wanted: State,
}

/// Sets them.
pub async fn apply(target: &Target, settings: &[Setting<'_>], run: &Run) -> Result<()> {
    run.emit(Event::TasksPlanned { phase: Phase::Sequences, total: settings.len() });
    let session = target.pooled(run).await?;
    for batch in settings.chunks(BATCH) {
        let set = Sql::join(batch.iter().enumerate().map(|(number, one)| one.query(number)), "\nUNION ALL\n");
        let script: Vec<Sql> = iter::once(sql!("sequences/begin.sql"))
            .chain(batch.iter().map(Setting::hold))
            .chain([set, sql!("sequences/commit.sql")])
            .collect();
        let waiting = "for locks on sequences of the target";
        let set = run.patiently(waiting, session.run(&Sql::script(&script))).await;
        if set.is_err() {
            session.rollback().await;
        }
        set.context(Kind::Copy, "the sequences could not be set", "target")?;
        run.emit(Event::TasksFinished { phase: Phase::Sequences, count: batch.len() });
    }
    Ok(())
}

/// The statements that set them back.
#[must_use]
pub fn undo(settings: &[Setting<'_>]) -> Vec<String> {
    let back = |one: &Setting<'_>| {
        let State { last_value, is_called } = one.before;
        let statement =
            sql!("sequences/setval.sql", name = one.literal(), value = last_value, called = is_called);
        format!("{statement};")
    };
    settings.iter().map(back).collect()
}

impl Setting<'_> {
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
