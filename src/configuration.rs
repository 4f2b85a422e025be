//! The plan is fitted to the extensions of the target, when all of them are there.
//!
//! Invariant: what is going to be done to an extension's tables stands in the ledger before it is done.
//! Deliberately absent: decisions (see `plan::configuration`), and copying.

use std::collections::{BTreeMap, HashSet};

use tokio_postgres::types::Type;

use crate::catalog::{Catalog, configuration};
use crate::error::{Context, Kind, Result};
use crate::ledger::{Existing, notes};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::session::{TargetSession, column};
use crate::plan::Plan;
use crate::plan::configuration::{There, fit, note_name, planned};
use crate::report::NotCopied;
use crate::sql;

const FAILED: &str = "the target's extensions could not be read";

/// Fits the plan, and notes what it does to extensions; returns what is left behind too.
pub async fn prepare(
    guard: &TargetSession,
    plan: Plan,
    catalog: &Catalog,
    existing: &Existing,
) -> Result<(Plan, Vec<NotCopied>)> {
    if planned(&plan, catalog).next().is_none() {
        return Ok((plan, Vec::new()));
    }
    let there = look(guard, &plan, catalog).await?;
    let fit = fit(&plan, catalog, &there, &existing.extensions);
    notes::write(guard, &fit.notes).await?;
    Ok((fit.plan, fit.left))
}

/// What the target has of the plan's configuration.
async fn look(
    guard: &TargetSession,
    plan: &Plan,
    catalog: &Catalog,
) -> Result<BTreeMap<QualifiedName, There>> {
    let wanted: Vec<_> = planned(plan, catalog).collect();
    let words = |word: &dyn Fn(usize) -> String| (0..wanted.len()).map(word).collect::<Vec<String>>();
    let schemas = words(&|index| wanted[index].0.schema.as_str().to_owned());
    let names = words(&|index| wanted[index].0.name.as_str().to_owned());
    let extensions = words(&|index| wanted[index].1.extension.clone());
    let params: [(&(dyn tokio_postgres::types::ToSql + Sync), Type); 3] =
        [(&schemas, Type::TEXT_ARRAY), (&names, Type::TEXT_ARRAY), (&extensions, Type::TEXT_ARRAY)];
    let rows = guard.rows(&sql!("configuration/there.sql"), &params).await;
    let noted: HashSet<String> = notes::read(guard).await?;
    let mut found = BTreeMap::new();
    for row in rows.context(Kind::Schema, FAILED, "target")? {
        let number: i64 = column(&row, "number")?;
        let index = usize::try_from(number - 1).context(Kind::Internal, FAILED, number)?;
        let (name, configuration) = wanted[index];
        let is_sequence: bool = column(&row, "is_sequence")?;
        let mut there = There {
            columns: column::<Vec<String>>(&row, "columns")?.into_iter().map(Ident::new).collect(),
            permitted: column(&row, "permitted")?,
            referenced: column(&row, "referenced")?,
            used: false,
            value: 1,
            noted: noted.contains(&note_name(name, is_sequence)),
        };
        if there.permitted && is_sequence {
            (there.value, there.used) = sequence(guard, name).await?;
        } else if there.permitted && has_all(plan, name, &there) {
            there.used = configuration::has_rows(guard, name, &configuration.condition).await?;
        }
        found.insert(name.clone(), there);
    }
    Ok(found)
}

fn has_all(plan: &Plan, name: &QualifiedName, there: &There) -> bool {
    let table = plan.tables.iter().find(|table| table.name == *name);
    table.is_some_and(|table| table.columns.iter().all(|column| there.columns.contains(column)))
}

async fn sequence(guard: &TargetSession, name: &QualifiedName) -> Result<(i64, bool)> {
    let row = guard.one(&sql!("configuration/sequence.sql", sequence = name), &[]).await;
    let row = row.context(Kind::Schema, FAILED, name.plain())?;
    Ok((column(&row, "last_value")?, column(&row, "is_called")?))
}
