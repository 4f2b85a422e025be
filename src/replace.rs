//! Objects of the target that are replaced: moved aside when a run begins, dropped by its last transaction, moved back
//! where it is undone.
//!
//! Invariant: at every moment each of them is where it was, or in the ledger. Moving changes neither rows nor owners
//! nor rights nor what belongs to an object: it only has another schema meanwhile, or another name if it lies in none.
//! What something else depends on that stays is not replaced, and nothing is dropped but what the ledger names and
//! what is part of it.
//! Deliberately absent: schemas and extensions, which are kept; and what is in the way (see `preflight`).

mod ending;
mod obstacles;

pub use ending::{drop_all, drop_leftover, kept, leftover};

use std::fmt::Write as _;

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use crate::catalog::{ASIDE_SCHEMA, Oid};
use crate::error::{Context, Error, Kind, Result};
use crate::pg::ident::Literal;
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::report::{Finding, Replaced};
use crate::run::RunId;
use crate::sql;

/// For so long a lock on what is to be moved or dropped is waited for.
const PATIENCE: &str = "10s";

/// An object of the target that has the name of a chosen one of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InTheWay {
    /// The system catalog that holds it.
    pub class: Oid,
    /// Its OID there.
    pub oid: Oid,
    /// What it is, in words.
    pub kind: String,
    /// Its name.
    pub identity: String,
}

/// What of the target is to be replaced.
#[derive(Debug, Clone, Default)]
pub struct Replacement {
    objects: Vec<(Oid, Oid)>,
    /// The objects, for the report.
    pub replaced: Vec<Replaced>,
    /// The statements that move them, for a dry run.
    statements: Vec<String>,
}

impl Replacement {
    /// Looks what would be replaced, and what forbids it; `role` is ours.
    pub async fn look(
        target: &TargetSession,
        in_the_way: &[InTheWay],
        (id, role): (&RunId, &str),
    ) -> Result<(Self, Vec<Finding>)> {
        let objects: Vec<(Oid, Oid)> = in_the_way.iter().map(|one| (one.class, one.oid)).collect();
        if objects.is_empty() {
            return Ok((Self::default(), Vec::new()));
        }
        let failed = "what would be replaced could not be looked at";
        let obstacles = obstacles::query(&these(&objects));
        let found = target.rows(&obstacles, &[]).await.context(Kind::Preflight, failed, "target")?;
        let findings = found.iter().map(|row| obstacles::finding(row, role)).collect::<Result<_>>()?;
        let query = sql!("replace/statements.sql", moved = moved(&these(&objects), id));
        let rows = target.rows(&query, &[]).await.context(Kind::Preflight, failed, "target")?;
        let replaced = rows.iter().map(replaced).collect::<Result<_>>()?;
        let statements = rows.iter().map(|row| column(row, "statement")).collect::<Result<_>>()?;
        Ok((Self { objects, replaced, statements }, findings))
    }

    /// Whether nothing is replaced.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.objects.is_empty()
    }

    /// What moves the objects aside, in the transaction that opens the ledger.
    #[must_use]
    pub fn put_aside(&self, id: &RunId) -> Option<Sql> {
        (!self.is_empty()).then(|| {
            sql!(
                "replace/put_aside.sql",
                moved = moved(&these(&self.objects), id),
                patience = Literal::new(PATIENCE),
                obstacles = obstacles::in_the_ledger()
            )
        })
    }

    /// Says what kept the objects from being moved; nothing has been changed.
    pub async fn explained(&self, error: Error, guard: &TargetSession) -> Error {
        let Some(code) = error.sqlstate().map(|code| code.code().to_owned()).filter(|_| !self.is_empty())
        else {
            return error;
        };
        let failed = "what is to be replaced could not be moved aside";
        if code != "55P03" {
            return Error::new(Kind::Schema, failed).object("target").caused_by(error);
        }
        let holders = self.holders(guard).await.unwrap_or_default();
        let who = if holders.is_empty() { String::new() } else { format!(": {}", holders.join("; ")) };
        Error::new(Kind::Schema, format!("{failed}, because another session uses it{who}"))
            .object("target")
            .remedy("wait until it has ended, or end it (pg_terminate_backend)")
            .caused_by(error)
    }

    async fn holders(&self, guard: &TargetSession) -> Result<Vec<String>> {
        let oids: Vec<Oid> = self.objects.iter().map(|(_, oid)| *oid).collect();
        let rows = guard.rows(&sql!("replace/holders.sql"), &[(&oids, Type::OID_ARRAY)]).await.context(
            Kind::Schema,
            "the locks could not be read",
            "target",
        )?;
        rows.iter().map(|row| column(row, "holder")).collect()
    }

    /// The statements as text, for a dry run.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (statement, what) in self.statements.iter().zip(&self.replaced) {
            let rows = what.rows.map(|rows| format!(" -- about {rows} rows")).unwrap_or_default();
            let _ = writeln!(text, "{statement};{rows}");
        }
        text
    }
}

/// The part of undoing that moves back what was moved aside; its names are free by then. `failed` is run for what stays.
#[must_use]
pub fn move_back(failed: &Sql) -> Sql {
    sql!("replace/move_back.sql", failed = failed)
}

fn these(objects: &[(Oid, Oid)]) -> Sql {
    let each =
        objects.iter().map(|(class, object)| sql!("replace/object.sql", class = class, object = object));
    sql!("replace/these.sql", objects = Sql::join(each, ", "))
}

/// What is moved where some objects are replaced. Names hold the run's id, so that they are free.
fn moved(given: &Sql, id: &RunId) -> Sql {
    let prefix = Literal::new(format!("{ASIDE_SCHEMA}{id}_"));
    sql!("replace/moved.sql", closure = obstacles::closure(given), prefix = prefix)
}

fn replaced(row: &Row) -> Result<Replaced> {
    Ok(Replaced {
        kind: column(row, "type")?,
        object: column(row, "identity")?,
        rows: column::<Option<i64>>(row, "rows")?.map(i64::unsigned_abs),
    })
}
