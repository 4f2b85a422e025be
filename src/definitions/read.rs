//! The queries that tell what the objects of a database are.
//!
//! Invariant: one query a kind, the same on both sides, all with one shape of row; decoded by name, failing on a
//! surprise. It takes no right but that of connecting: everybody may read these catalogs.
//! Deliberately absent: whether something was chosen, and what servers of different versions say differently.

use serde_json::Value as Json;
use tokio_postgres::Row;

use super::{Definition, Definitions, Object, Value, privileges};
use crate::error::{Context, Error, Kind, Result};
use crate::pg::session::{Session, Side, column};
use crate::pg::sql::Sql;
use crate::pg::version::Version;
use crate::sql;

/// Reads through this session, under its snapshot if it has one; it is one of the comparison, whose settings make the
/// same values the same text.
pub async fn definitions<S: Side>(session: &Session<S>, version: Version) -> Result<Definitions> {
    let mut definitions = Definitions::new();
    for query in queries(version) {
        let rows = session.rows(&query, &[]).await;
        let rows = rows.context(Kind::Verify, "the catalogs could not be read", S::NAME)?;
        for row in &rows {
            let (object, definition) = definition(row)?;
            definitions.insert(object, definition);
        }
    }
    Ok(definitions)
}

fn queries(version: Version) -> Vec<Sql> {
    let part = if version.major() >= 15 {
        sql!("definitions/published_part.sql")
    } else {
        sql!("definitions/published_whole.sql")
    };
    vec![
        sql!("definitions/schemas.sql"),
        sql!("definitions/relations.sql"),
        sql!("definitions/columns.sql"),
        sql!("definitions/indexes.sql"),
        sql!("definitions/constraints.sql"),
        sql!("definitions/triggers.sql"),
        sql!("definitions/rules.sql"),
        sql!("definitions/policies.sql"),
        sql!("definitions/sequences.sql"),
        sql!("definitions/routines.sql"),
        sql!("definitions/types.sql"),
        sql!("definitions/operators.sql"),
        sql!("definitions/casts.sql"),
        sql!("definitions/collations.sql"),
        sql!("definitions/text_search.sql"),
        sql!("definitions/statistics.sql"),
        sql!("definitions/extensions.sql"),
        sql!("definitions/foreign_servers.sql"),
        sql!("definitions/event_triggers.sql"),
        sql!("definitions/publications.sql", part = part),
        sql!("definitions/default_privileges.sql"),
    ]
}

fn definition(row: &Row) -> Result<(Object, Definition)> {
    let object = Object {
        schema: column(row, "schema")?,
        relation: column(row, "relation")?,
        name: column(row, "name")?,
        kind: column(row, "kind")?,
    };
    let strange = || Error::new(Kind::Internal, "an unexpected answer of the server").object(&object);
    let aspects: Json =
        serde_json::from_str(column(row, "aspects")?).map_err(|error| strange().caused_by(error))?;
    let Json::Object(aspects) = aspects else { return Err(strange()) };
    let mut definition = Definition { part_of: column(row, "part_of")?, ..Definition::default() };
    for (aspect, said) in aspects {
        if let Some(value) = value(said) {
            definition.aspects.insert(aspect, value);
        }
    }
    if let Some(items) = column::<Option<Vec<String>>>(row, "privileges")? {
        let owner: Option<String> = column(row, "owner")?;
        let words = privileges::words(&items, owner.as_deref().unwrap_or_default());
        definition.aspects.insert(privileges::ASPECT.into(), Value::List(words));
    }
    Ok((object, definition))
}

fn value(said: Json) -> Option<Value> {
    let text = |said: Json| match said {
        Json::String(text) => text,
        other => other.to_string(),
    };
    match said {
        Json::Null => None,
        Json::Array(list) => Some(Value::List(list.into_iter().map(text).collect())),
        other => Some(Value::Text(text(other))),
    }
}
