//! Sequences are brought to where no next value can collide: read on both sides, decided purely, set on the target.
//!
//! Invariant: `setval` is not transactional, so everything is decided before the first one. `last_value` and `is_called`
//! come from the sequence relation itself; `pg_sequences` would hide the difference between "never called" and "not
//! permitted". They are read *after* the rows' snapshot: a sequence knows none, so its value may be ahead of the rows,
//! never behind.
//! Deliberately absent: locks; `apply` tells what that leaves open.

pub mod apply;
pub mod decide;
pub mod definition;
pub mod rights;
pub mod told;
pub mod users;

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use tokio_postgres::types::Type;

use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::server::{Server, Target};
use crate::pg::session::{Session, Side, column};
use crate::pg::sql::Sql;
use crate::report::{NotCopied, SequenceReport};
use crate::run::Run;
use crate::sql;
use decide::{Case, Data, Definition, From, Policy, decide};

/// Sequences per query; a UNION of more would only be slower to parse.
const BATCH: usize = 200;

/// A sequence's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct State {
    /// The value handed out last, or the first one.
    pub last_value: i64,
    /// Whether it was handed out.
    pub is_called: bool,
}

/// The states of sequences by name.
pub type States = BTreeMap<QualifiedName, State>;

/// Reads the states of a side's sequences.
pub async fn read<S: Side>(server: &Server<S>, names: &[QualifiedName], run: &Run) -> Result<States> {
    let session = server.pooled(run).await?;
    let mut states = States::new();
    for batch in names.chunks(BATCH) {
        states.extend(batch.iter().cloned().zip(read_batch(&session, batch).await?));
    }
    Ok(states)
}

/// Brings the sequences of a copy to the source's states, which were read after the rows: they are taken over exactly,
/// or named.
pub async fn set(
    target: &Target,
    names: &[QualifiedName],
    states: &States,
    run: &Run,
) -> Result<(Vec<SequenceReport>, Vec<NotCopied>)> {
    let before = read(target, names, run).await?;
    let session = target.pooled(run).await?;
    let defined = definition::sequences(&session).await?;
    let defined: HashMap<&QualifiedName, &Definition> =
        defined.iter().map(|sequence| (&sequence.name, &sequence.definition)).collect();
    let (mut wanted, mut reports, mut left) = (Vec::new(), Vec::new(), Vec::new());
    for (name, source, before) in
        names.iter().filter_map(|name| Some((name, *states.get(name)?, *before.get(name)?)))
    {
        let gone = || Error::new(Kind::Copy, "the target has lost the sequence").object(name.plain());
        let definition = defined.get(name).ok_or_else(gone)?;
        let data = Data::default();
        let case = Case { definition, source: Some((definition, source)), state: before, data: &data };
        let decision = decide(&case, EXACTLY);
        if decision.state != source {
            left.push(out_of_bounds(name, source));
            continue;
        }
        wanted.extend(decision.change.then_some((name, decision.state)));
        reports.push(SequenceReport {
            schema: name.schema.as_str().into(),
            name: name.name.as_str().into(),
            before: before.is_called.then_some(before.last_value),
            after: decision.state.last_value,
            is_called: decision.state.is_called,
            reason: decision.reason.into(),
            ..SequenceReport::default()
        });
    }
    for batch in wanted.chunks(BATCH) {
        set_batch(&session, batch).await?;
    }
    Ok((reports, left))
}

/// As the source's is, wherever the target's has been before.
const EXACTLY: Policy = Policy { from: From::Source, ahead: 0, backwards: true };

fn out_of_bounds(name: &QualifiedName, source: State) -> NotCopied {
    NotCopied {
        kind: "SEQUENCE SET".into(),
        object: name.plain(),
        reason: format!("the source's value {} lies outside the target's bounds", source.last_value),
    }
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
