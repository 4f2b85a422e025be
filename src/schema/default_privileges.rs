//! The default privileges that our role has on the target do not count for what the run makes: it has the source's.
//!
//! Invariant: they are away only inside the transactions that make objects, so nobody else ever sees them gone.
//! Deliberately absent: the source's default privileges, which the archive brings (see `closing`).

use crate::error::{Context, Kind, Result};
use crate::pg::session::{TargetSession, column};
use crate::pg::sql::Sql;
use crate::sql;

/// Whether our role has any.
pub(super) async fn are_there(session: &TargetSession) -> Result<bool> {
    let row = session.one(&sql!("schema/has_default_privileges.sql"), &[]).await;
    column(&row.context(Kind::Schema, "the default privileges could not be read", "target")?, "present")
}

/// The statements, as they run where there are none; to be sent as one transaction.
pub(super) fn without(statements: &Sql) -> Sql {
    let (away, back) =
        (sql!("schema/default_privileges_away.sql"), sql!("schema/default_privileges_back.sql"));
    Sql::script([&away, statements, &back])
}
