//! Sequences are read on the source and set on the target.
//!
//! Invariant: `last_value` and `is_called` come from the sequence relation itself; `pg_sequences` would hide the
//! difference between "never called" and "not permitted". They are read *after* the rows' snapshot: a sequence
//! knows none, so its value may be ahead of the rows, never behind.

use std::collections::BTreeMap;

use tokio_postgres::types::Type;

use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::server::{Source, Target};
use crate::pg::session::{Session, Side, column};
use crate::pg::sql::Sql;
use crate::report::SequenceReport;
use crate::run::Run;
use crate::sql;

/// Sequences per query; a UNION of more would only be slower to parse.
const BATCH: usize = 200;

/// A sequence's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct State {
    last_value: i64,
    is_called: bool,
}

/// The states of sequences by name.
pub type States = BTreeMap<QualifiedName, State>;

/// Reads the source's sequences.
pub async fn read(source: &Source, names: &[QualifiedName], run: &Run) -> Result<States> {
    let session = source.pooled(run).await?;
    let mut states = States::new();
    for batch in names.chunks(BATCH) {
        states.extend(batch.iter().cloned().zip(read_batch(&session, batch).await?));
    }
    Ok(states)
}

/// Brings the target's sequences of these names to the states that were read.
pub async fn set(
    target: &Target,
    names: &[QualifiedName],
    states: &States,
    run: &Run,
) -> Result<Vec<SequenceReport>> {
    let session = target.pooled(run).await?;
    let wanted: Vec<(&QualifiedName, State)> =
        names.iter().filter_map(|name| Some((name, *states.get(name)?))).collect();
    let mut reports = Vec::new();
    for batch in wanted.chunks(BATCH) {
        let names: Vec<QualifiedName> = batch.iter().map(|(name, _)| (*name).clone()).collect();
        let before = read_batch(&session, &names).await?;
        set_batch(&session, batch).await?;
        reports.extend(batch.iter().zip(before).map(|((name, wanted), before)| SequenceReport {
            schema: name.schema.as_str().into(),
            name: name.name.as_str().into(),
            before: before.is_called.then_some(before.last_value),
            after: wanted.last_value,
            is_called: wanted.is_called,
            reason: "the source's state".into(),
        }));
    }
    Ok(reports)
}

/// The statement that reads these sequences.
fn states(names: &[QualifiedName]) -> Sql {
    let each = names.iter().enumerate();
    let each = each.map(|(number, name)| sql!("sequences/state.sql", number = number, sequence = name));
    Sql::join(each, "\nUNION ALL\n")
}

/// The statement that sets sequences; `$1` names, `$2` values, `$3` whether they were handed out.
#[must_use]
pub fn set_statement() -> Sql {
    sql!("sequences/set.sql")
}

async fn read_batch<S: Side>(session: &Session<S>, names: &[QualifiedName]) -> Result<Vec<State>> {
    let failed = "the sequences could not be read";
    let rows = session.rows(&states(names), &[]).await.context(Kind::Copy, failed, S::NAME)?;
    let numbered = rows.iter().map(|row| {
        let state = State { last_value: column(row, "last_value")?, is_called: column(row, "is_called")? };
        Ok((column::<i64>(row, "number")?, state))
    });
    let mut numbered: Vec<(i64, State)> = numbered.collect::<Result<_>>()?;
    if numbered.len() != names.len() {
        return Err(Error::new(Kind::Internal, "a sequence gave no answer").object(S::NAME));
    }
    numbered.sort_unstable_by_key(|(number, _)| *number);
    Ok(numbered.into_iter().map(|(_, state)| state).collect())
}

async fn set_batch<S: Side>(session: &Session<S>, wanted: &[(&QualifiedName, State)]) -> Result<()> {
    let names: Vec<String> = wanted.iter().map(|(name, _)| name.to_string()).collect();
    let values: Vec<i64> = wanted.iter().map(|(_, state)| state.last_value).collect();
    let called: Vec<bool> = wanted.iter().map(|(_, state)| state.is_called).collect();
    session
        .rows(
            &set_statement(),
            &[(&names, Type::TEXT_ARRAY), (&values, Type::INT8_ARRAY), (&called, Type::BOOL_ARRAY)],
        )
        .await
        .context(Kind::Copy, "the sequences could not be set", "target")?;
    Ok(())
}
