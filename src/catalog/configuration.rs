//! Which tables and sequences of extensions hold user data: what `pg_extension_config_dump` has marked.
//!
//! Invariant: the condition is the extension's own SQL, appended to a query as `pg_dump` does; it is never read.
//! Deliberately absent: what becomes of these rows (see `plan::configuration`).

use std::collections::HashMap;

use super::{Oid, Relation, RelationKind};
use crate::error::{Context, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::session::{Session, Side, column, own_names, plain_names};
use crate::pg::sql::Sql;
use crate::sql;

const FAILED: &str = "the configuration of extensions could not be read";

/// What makes a relation the configuration of an extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The extension.
    pub extension: String,
    /// Which rows are user data: `WHERE …`, or nothing for all of them.
    pub condition: String,
    /// The tables that its foreign keys refer to.
    pub needs: Vec<Oid>,
    /// Whether there are such rows.
    pub has_rows: bool,
}

/// Adds to the relations what extensions have marked.
pub(super) async fn read<S: Side>(session: &Session<S>, relations: &mut [Relation]) -> Result<()> {
    let rows = session.rows(&sql!("catalog/configuration.sql"), &[]).await;
    let mut marked = HashMap::new();
    for row in rows.context(Kind::Schema, FAILED, S::NAME)? {
        let relation: Oid = column(&row, "relation")?;
        let configuration = Configuration {
            extension: column(&row, "extension")?,
            condition: column(&row, "condition")?,
            needs: column(&row, "needs")?,
            has_rows: true,
        };
        marked.insert(relation, configuration);
    }
    if marked.is_empty() {
        return Ok(());
    }
    // As pg_dump reads them; patterns were compared with what the role sees.
    session.run(&plain_names()).await.context(Kind::Schema, FAILED, S::NAME)?;
    for relation in relations {
        let Some(mut configuration) = marked.remove(&relation.oid) else { continue };
        // What we may not read, or not completely, is a finding if it is wanted.
        if relation.kind == RelationKind::Table && relation.readable && !relation.rows_hidden {
            configuration.has_rows = has_rows(session, &relation.name, &configuration.condition).await?;
        }
        relation.configuration = Some(configuration);
    }
    session.run(&own_names()).await.context(Kind::Schema, FAILED, S::NAME)?;
    Ok(())
}

/// Whether a table of either side holds rows that the condition means.
pub async fn has_rows<S: Side>(session: &Session<S>, table: &QualifiedName, condition: &str) -> Result<bool> {
    let query =
        sql!("catalog/configuration_rows.sql", table = table, condition = Sql::from_catalog(condition));
    let row = session.one(&query, &[]).await.context(Kind::Schema, FAILED, table.plain())?;
    column(&row, "present")
}
