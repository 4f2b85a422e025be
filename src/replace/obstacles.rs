//! What forbids that an object is replaced.
//!
//! Invariant: asked before anything is moved, once more when it is moved, and once more before it is dropped.

use tokio_postgres::Row;

use crate::error::Result;
use crate::pg::ident::Ident;
use crate::pg::session::column;
use crate::pg::sql::Sql;
use crate::report::Finding;
use crate::sql;

/// What would go where the given objects are dropped.
pub(super) fn closure(given: &Sql) -> Sql {
    sql!("replace/closure.sql", given = given)
}

/// The query for what forbids it.
pub(super) fn query(given: &Sql) -> Sql {
    sql!("replace/obstacles.sql", closure = closure(given))
}

/// The same for all that was moved aside.
pub(super) fn in_the_ledger() -> Sql {
    query(&sql!("replace/in_the_ledger.sql"))
}

/// An obstacle in words; `role` is ours.
pub(super) fn finding(row: &Row, role: &str) -> Result<Finding> {
    let (kind, object): (String, String) = (column(row, "kind")?, column(row, "object")?);
    Ok(words(&kind, object, column(row, "other")?, role))
}

fn words(kind: &str, object: String, other: Option<String>, role: &str) -> Finding {
    let other = other.unwrap_or_default();
    let (code, message, remedy) = match kind {
        "used" => (
            "replaced-but-used",
            format!("it cannot be replaced: {other} on the target needs it, and is not replaced itself"),
            "drop that on the target, or choose it too if the source has it".to_owned(),
        ),
        "part" => (
            "object-in-the-way",
            format!("it cannot be replaced: it is part of {other} on the target, which is not replaced"),
            "choose that too, or drop this on the target".to_owned(),
        ),
        "owner" => (
            "replaced-not-owned",
            format!("it cannot be replaced: it belongs to the role {other} on the target"),
            format!(
                "on the target: GRANT {} TO {}; or connect as its owner",
                Ident::new(other.as_str()),
                Ident::new(role)
            ),
        ),
        _ => (
            "object-in-the-way",
            "it exists on the target already, and what it is cannot be replaced".to_owned(),
            "drop it on the target, or leave it out".to_owned(),
        ),
    };
    Finding { code, object, message, remedy }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_obstacle_has_its_remedy() {
        for kind in ["used", "part", "owner", "fixed"] {
            let finding = words(kind, "table a".into(), Some("view b".into()), "me");
            assert!(!finding.remedy.is_empty() && finding.object == "table a", "{finding:?}");
        }
        assert!(
            words("owner", "t".into(), Some("A b".into()), "me").remedy.contains("GRANT \"A b\" TO \"me\"")
        );
    }
}
