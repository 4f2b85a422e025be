//! Whether the columns of the target's tables stand in the source's order. An heir that got its parent later than its
//! columns does not keep their order: `pg_dump` has no way to say it.
//!
//! Deliberately absent: mending it.

use std::collections::HashMap;

use crate::catalog::Relation;
use crate::error::{Context, Kind, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::server::Target;
use crate::pg::session::column;
use crate::report::NotCopied;
use crate::run::Run;
use crate::sql;

/// The tables of these whose columns stand in another order on the target.
pub async fn changed(
    target: &Target,
    tables: impl Iterator<Item = &Relation>,
    run: &Run,
) -> Result<Vec<NotCopied>> {
    let session = target.pooled(run).await?;
    let failed = "the columns could not be read";
    let rows = session.rows(&sql!("schema/heirs.sql"), &[]).await.context(Kind::Schema, failed, "target")?;
    let mut heirs: HashMap<QualifiedName, Vec<Ident>> = HashMap::new();
    for row in &rows {
        let name = QualifiedName::new(column::<String>(row, "schema")?, column::<String>(row, "name")?);
        let columns = column::<Vec<String>>(row, "columns")?;
        heirs.insert(name, columns.into_iter().map(Ident::new).collect());
    }
    let is_changed = |table: &&Relation| heirs.get(&table.name).is_some_and(|there| *there != table.columns);
    Ok(tables.filter(is_changed).map(named).collect())
}

fn named(table: &Relation) -> NotCopied {
    NotCopied {
        kind: "column order".into(),
        object: table.name.plain(),
        reason: "its columns stand in another order, because those of its parents come first; names and values are the same".into(),
    }
}
