//! The plan is fitted to the extensions of the target, when all of them are there.
//!
//! Invariant: what is going to be done to an extension's tables stands in the ledger before it is done.
//! Deliberately absent: decisions (see `plan::configuration`), and copying.

use std::collections::{BTreeMap, HashSet};

use tokio_postgres::types::Type;

use crate::catalog::Catalog;
use crate::catalog::configuration::has_rows;
use crate::error::{Context, Kind, Result};
use crate::ledger::{Existing, notes};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::session::{Param, TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::Plan;
use crate::plan::configuration::{Configured, There, chosen, fit};
use crate::plan::select::Choice;
use crate::report::NotCopied;
use crate::sql;

const FAILED: &str = "the target's extensions could not be read";

/// Fits the plan, and notes what it does to extensions; returns what is left behind too.
pub async fn prepare(
    guard: &TargetSession,
    plan: Plan,
    (catalog, choice): (&Catalog, &Choice),
    existing: &Existing,
) -> Result<(Plan, Vec<NotCopied>)> {
    let wanted: Vec<Configured<'_>> = chosen(catalog, choice).collect();
    if wanted.is_empty() {
        return Ok((plan, Vec::new()));
    }
    let there = look(guard, &wanted).await?;
    let fit = fit(&plan, wanted.into_iter(), &there, &existing.extensions);
    notes::write(guard, &fit.notes).await?;
    let emptied = guard.run(&Sql::script(&fit.emptying)).await;
    emptied.context(Kind::Schema, "what an extension has made could not be removed", "target")?;
    Ok((fit.plan, fit.left))
}

/// What the target has of the source's configuration.
async fn look(guard: &TargetSession, wanted: &[Configured<'_>]) -> Result<BTreeMap<QualifiedName, There>> {
    let schemas: Vec<&str> = wanted.iter().map(|one| one.relation.name.schema.as_str()).collect();
    let names: Vec<&str> = wanted.iter().map(|one| one.relation.name.name.as_str()).collect();
    let extensions: Vec<&str> = wanted.iter().map(|one| one.of.extension.as_str()).collect();
    let params: [Param<'_>; 3] =
        [(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY), (&extensions, Type::TEXT_ARRAY)];
    let rows = guard.rows(&sql!("configuration/there.sql"), &params).await;
    let noted: HashSet<String> = notes::read(guard).await?;
    let mut found = BTreeMap::new();
    for row in rows.context(Kind::Schema, FAILED, "target")? {
        let number: i64 = column(&row, "number")?;
        let index = usize::try_from(number - 1).context(Kind::Internal, FAILED, number)?;
        let one = &wanted[index];
        let mut there = There {
            columns: column::<Vec<String>>(&row, "columns")?.into_iter().map(Ident::new).collect(),
            permitted: column(&row, "permitted")?,
            referenced: column(&row, "referenced")?,
            used: false,
            value: 1,
            noted: noted.contains(&one.note_name()),
        };
        if there.permitted {
            (there.used, there.value) = state(guard, one, &there).await?;
        }
        found.insert(one.relation.name.clone(), there);
    }
    Ok(found)
}

/// Whether a table or sequence is in use, and the value of a sequence.
async fn state(guard: &TargetSession, one: &Configured<'_>, there: &There) -> Result<(bool, i64)> {
    let name = &one.relation.name;
    if !one.is_sequence {
        // Where a column is lacking, the condition may name it.
        let is_complete = one.relation.columns.iter().all(|column| there.columns.contains(column));
        return Ok((is_complete && has_rows(guard, name, &one.of.condition).await?, 1));
    }
    let row = guard.one(&sql!("configuration/sequence.sql", sequence = name), &[]).await;
    let row = row.context(Kind::Schema, FAILED, name.plain())?;
    Ok((column(&row, "is_called")?, column(&row, "last_value")?))
}
