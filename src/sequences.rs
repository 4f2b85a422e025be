//! Sequences are read on the source and set on the target.
//!
//! Invariant: `last_value` and `is_called` come from the sequence relation itself; `pg_sequences` would hide the
//! difference between "never called" and "not permitted". They are read *after* the rows, because a sequence knows
//! no snapshot: its value may be ahead of the rows, never behind.

use tokio_postgres::types::Type;

use crate::error::{Context, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::session::{Session, Side, Source, Target, column};
use crate::pg::sql::Sql;
use crate::report::SequenceReport;
use crate::run::Run;
use crate::sql;

/// Sequences per query; a UNION of more would only be slower to parse.
const BATCH: usize = 200;

/// A sequence's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct State {
    last_value: i64,
    is_called: bool,
}

/// Brings the target's sequences to the source's state.
pub async fn copy(
    source: &Source,
    target: &Target,
    names: &[QualifiedName],
    run: &Run,
) -> Result<Vec<SequenceReport>> {
    let (source, target) = (source.pooled(run).await?, target.pooled(run).await?);
    let mut reports = Vec::new();
    for batch in names.chunks(BATCH) {
        let wanted = read(&source, batch).await?;
        let before = read(&target, batch).await?;
        set(&target, batch, &wanted).await?;
        for ((name, wanted), before) in batch.iter().zip(&wanted).zip(&before) {
            reports.push(SequenceReport {
                schema: name.schema.as_str().into(),
                name: name.name.as_str().into(),
                before: before.is_called.then_some(before.last_value),
                after: wanted.last_value,
                is_called: wanted.is_called,
                reason: "the source's state".into(),
            });
        }
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

async fn read<S: Side>(session: &Session<S>, names: &[QualifiedName]) -> Result<Vec<State>> {
    let rows = session.rows(&states(names), &[]).await.context(
        Kind::Copy,
        "the sequences could not be read",
        S::NAME,
    )?;
    let mut states = vec![State { last_value: 0, is_called: false }; names.len()];
    for row in &rows {
        let number: i32 = column(row, "number")?;
        let state = State { last_value: column(row, "last_value")?, is_called: column(row, "is_called")? };
        if let Some(slot) = usize::try_from(number).ok().and_then(|number| states.get_mut(number)) {
            *slot = state;
        }
    }
    Ok(states)
}

async fn set<S: Side>(session: &Session<S>, names: &[QualifiedName], states: &[State]) -> Result<()> {
    let names: Vec<String> = names.iter().map(ToString::to_string).collect();
    let values: Vec<i64> = states.iter().map(|state| state.last_value).collect();
    let called: Vec<bool> = states.iter().map(|state| state.is_called).collect();
    session
        .rows(
            &set_statement(),
            &[(&names, Type::TEXT_ARRAY), (&values, Type::INT8_ARRAY), (&called, Type::BOOL_ARRAY)],
        )
        .await
        .context(Kind::Copy, "the sequences could not be set", "target")?;
    Ok(())
}
