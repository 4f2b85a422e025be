//! Columns that the rules leave out, and what names them: none of that is compared.
//!
//! Invariant: each side by itself; what names only columns that are compared stays, so that it is missed where it is not
//! on the other side.
//! Deliberately absent: how columns that are left out show in what a table, or a column that is compared, says of itself.

use std::collections::{BTreeMap, HashSet};

use tokio_postgres::types::{ToSql, Type};

use super::{Definitions, Object};
use crate::error::{Context, Kind, Result};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::session::{Session, Side, column};
use crate::plan::rules::Ruling;
use crate::sql;

/// Takes off the columns that these rules do not mean, and whatever names one of them.
pub async fn take_off<S: Side>(
    session: &Session<S>,
    definitions: &mut Definitions,
    rulings: &BTreeMap<&QualifiedName, &Ruling>,
) -> Result<()> {
    let columns = columns(definitions, rulings);
    if columns.is_empty() {
        return Ok(());
    }
    let naming = naming(session, &columns).await?;
    keep_others(definitions, &columns, &naming);
    Ok(())
}

/// The columns that the rules do not mean.
fn columns(definitions: &Definitions, rulings: &BTreeMap<&QualifiedName, &Ruling>) -> Vec<Object> {
    let is_left_out = |object: &&Object| {
        let ruling = object.of_relation().and_then(|relation| rulings.get(&relation));
        object.kind == "column"
            && ruling.is_some_and(|ruling| !ruling.means(&Ident::new(object.name.as_str())))
    };
    definitions.keys().filter(is_left_out).cloned().collect()
}

/// What names one of these columns.
async fn naming<S: Side>(session: &Session<S>, columns: &[Object]) -> Result<Vec<Object>> {
    let all = |of: fn(&Object) -> &String| columns.iter().map(of).collect::<Vec<_>>();
    let names = [all(|column| &column.schema), all(|column| &column.relation), all(|column| &column.name)];
    let wanted = names.each_ref().map(|names| (names as &(dyn ToSql + Sync), Type::TEXT_ARRAY));
    let rows = session.rows(&sql!("definitions/naming.sql"), &wanted).await;
    let rows = rows.context(Kind::Verify, "what names a column could not be read", S::NAME)?;
    let object = |row| {
        Ok(Object {
            schema: column(row, "schema")?,
            relation: column(row, "relation")?,
            name: column(row, "name")?,
            kind: column(row, "kind")?,
        })
    };
    rows.iter().map(object).collect()
}

/// Leaves what is none of these, and hangs on none of the relations among them.
fn keep_others(definitions: &mut Definitions, columns: &[Object], naming: &[Object]) {
    let gone: HashSet<&Object> = columns.iter().chain(naming).collect();
    let relations = naming.iter().filter(|object| object.is_relation());
    let relations: HashSet<_> = relations.filter_map(Object::of_relation).collect();
    definitions.retain(|object, _| {
        let hangs = object.of_relation().is_some_and(|relation| relations.contains(&relation));
        !hangs && !gone.contains(object)
    });
}
