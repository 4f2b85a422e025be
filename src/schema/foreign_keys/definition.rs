//! A foreign key as the catalogs of a side have it, and the statements that find the rows that violate it.
//!
//! Invariant: the statements ask what the server asks when the key is made (`RI_Initial_Check` of `ri_triggers.c`):
//! the key's own operators, casts and collation, `MATCH SIMPLE` or `FULL`, a parent's own rows only.
//! Deliberately absent: what becomes of such rows, and temporal keys.

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::catalog::Oid;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::{Ident, Operator, QualifiedName};
use crate::pg::session::{Session, Side, column};
use crate::pg::sql::Sql;
use crate::sql;

/// So many keys are shown.
const SHOWN: usize = 10;

/// A foreign key.
pub struct ForeignKey {
    /// The table whose rows refer to others.
    pub table: QualifiedName,
    partitioned: bool,
    referenced: QualifiedName,
    referenced_partitioned: bool,
    match_full: bool,
    /// The tables on both ends that hold rows.
    pub(super) holders: Vec<Oid>,
    columns: Vec<KeyColumn>,
}

/// A column and what it refers to.
struct KeyColumn {
    name: Ident,
    cast: Option<QualifiedName>,
    referenced: Ident,
    referenced_cast: Option<QualifiedName>,
    operator: (Ident, Operator),
    collation: Option<QualifiedName>,
}

impl ForeignKey {
    /// Reads it by its OID; `None` if there is none any more, or one that compares by more than equality.
    pub async fn read<S: Side>(session: &Session<S>, oid: Oid) -> Result<Option<Self>> {
        let failed = "the definition of a foreign key could not be read";
        let query = sql!("schema/foreign_key.sql");
        let rows = session.rows(&query, &[(&oid, Type::OID)]).await.context(Kind::Schema, failed, S::NAME)?;
        let Some(first) = rows.first() else { return Ok(None) };
        if column(first, "period")? {
            return Ok(None);
        }
        let name = |schema, name| {
            Ok(QualifiedName::new(column::<String>(first, schema)?, column::<String>(first, name)?))
        };
        Ok(Some(Self {
            table: name("schema", "name")?,
            partitioned: column(first, "partitioned")?,
            referenced: name("referenced_schema", "referenced_name")?,
            referenced_partitioned: column(first, "referenced_partitioned")?,
            match_full: column(first, "match_full")?,
            holders: column(first, "holders")?,
            columns: rows.iter().map(KeyColumn::of).collect::<Result<_>>()?,
        }))
    }

    /// The statement that finds the rows, for people.
    pub(super) fn violating_rows(&self) -> Sql {
        sql!("schema/violating_rows.sql", violating = self.violating())
    }

    /// The statement that finds the commonest keys, how many rows have each, and how many there are of both.
    #[must_use]
    pub fn violating_keys(&self) -> Sql {
        let key = self.columns.iter().map(|column| sql!("schema/key_column.sql", column = column.name));
        let key = Sql::join(key, ", ");
        sql!("schema/violating_keys.sql", key = key, violating = self.violating(), limit = SHOWN)
    }

    fn violating(&self) -> Sql {
        let given = self.columns.iter().map(|column| sql!("schema/key_given.sql", column = column.name));
        // With MATCH FULL a key of which only a part is NULL violates too: it equals nothing.
        let given = Sql::join(given, if self.match_full { " OR " } else { " AND " });
        sql!(
            "schema/violating.sql",
            only = only(self.partitioned),
            table = self.table,
            given = given,
            referenced_only = only(self.referenced_partitioned),
            referenced = self.referenced,
            equal = Sql::join(self.columns.iter().map(KeyColumn::equal), " AND ")
        )
    }
}

/// A key is about the rows of a table itself, but of all partitions.
fn only(partitioned: bool) -> Sql {
    if partitioned { Sql::nothing() } else { sql!("schema/only.sql") }
}

impl KeyColumn {
    fn of(row: &Row) -> Result<Self> {
        let name = |schema, name| {
            let (schema, name): (Option<String>, Option<String>) = (column(row, schema)?, column(row, name)?);
            Ok::<_, Error>(schema.zip(name).map(|(schema, name)| QualifiedName::new(schema, name)))
        };
        let ident = |name| column::<String>(row, name).map(Ident::new);
        let operator: String = column(row, "operator")?;
        let strange =
            || Error::new(Kind::Internal, "an unexpected answer of the server").object(operator.clone());
        Ok(Self {
            name: ident("referencing_column")?,
            cast: name("referencing_type_schema", "referencing_type")?,
            referenced: ident("referenced_column")?,
            referenced_cast: name("referenced_type_schema", "referenced_type")?,
            operator: (ident("operator_schema")?, Operator::new(&operator).ok_or_else(strange)?),
            collation: name("collation_schema", "collation")?,
        })
    }

    fn equal(&self) -> Sql {
        let cast = |name: &Option<QualifiedName>| match name {
            Some(name) => sql!("schema/key_cast.sql", cast = name),
            None => Sql::nothing(),
        };
        let collation = match &self.collation {
            Some(name) => sql!("schema/key_collation.sql", collation = name),
            None => Sql::nothing(),
        };
        sql!(
            "schema/key_equal.sql",
            referenced = self.referenced,
            referenced_cast = cast(&self.referenced_cast),
            schema = self.operator.0,
            operator = self.operator.1,
            referencing = self.name,
            referencing_cast = cast(&self.cast),
            collation = collation
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key_column(name: &str, cast: Option<QualifiedName>, collation: Option<QualifiedName>) -> KeyColumn {
        KeyColumn {
            name: Ident::new(name),
            cast,
            referenced: Ident::new("id"),
            referenced_cast: None,
            operator: (Ident::new("pg_catalog"), Operator::new("=").expect("an operator")),
            collation,
        }
    }

    fn key(match_full: bool, columns: Vec<KeyColumn>) -> ForeignKey {
        ForeignKey {
            table: QualifiedName::new("a", "Child"),
            partitioned: false,
            referenced: QualifiedName::new("a", "parent"),
            referenced_partitioned: true,
            match_full,
            holders: Vec::new(),
            columns,
        }
    }

    #[test]
    fn a_key_is_looked_for_with_its_own_casts_and_collation() {
        let cast = Some(QualifiedName::new("pg_catalog", "numeric"));
        let collation = Some(QualifiedName::new("pg_catalog", "C"));
        assert_eq!(
            key(false, vec![key_column("x", cast, collation)]).violating_rows().as_str(),
            "SELECT referencing.* FROM ONLY \"a\".\"Child\" AS referencing WHERE (referencing.\"x\" IS NOT NULL) AND NOT \
             EXISTS (SELECT FROM  \"a\".\"parent\" AS referenced WHERE referenced.\"id\" OPERATOR(\"pg_catalog\".=) \
             referencing.\"x\"::\"pg_catalog\".\"numeric\" COLLATE \"pg_catalog\".\"C\")"
        );
    }

    #[test]
    fn a_half_empty_key_violates_a_full_match_only() {
        let given = |match_full| {
            let columns = vec![key_column("x", None, None), key_column("y", None, None)];
            key(match_full, columns).violating_rows().to_string()
        };
        assert!(given(false).contains("\"x\" IS NOT NULL AND referencing.\"y\" IS NOT NULL"));
        assert!(given(true).contains("\"x\" IS NOT NULL OR referencing.\"y\" IS NOT NULL"));
    }
}
