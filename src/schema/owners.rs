//! New owners are let into the schemas of their objects while these are made: only a superuser gives an object to a role
//! that may not create it there itself.
//!
//! Invariant: what is granted is taken back before the source's own privileges are granted, and is in the ledger until then.
//! Deliberately absent: memberships in the owners (see `roles`); and whoever may not be let in: the object that needs it
//! is refused and named.

use std::collections::BTreeSet;

use tokio_postgres::types::Type;

use crate::archive::Entry;
use crate::error::{Context, Kind, Result};
use crate::ledger::{self, Until};
use crate::pg::ident::{Ident, Literal};
use crate::pg::server::Target;
use crate::pg::session::{Param, column};
use crate::pg::sql::Sql;
use crate::run::Run;
use crate::sql;
use crate::step;

const FAILED: &str = "the owners of objects could not be let into their schemas";

/// Lets them in, where our role is no superuser.
pub(super) async fn let_in(entries: &[&Entry], target: &Target, run: &Run) -> Result<()> {
    if target.is_superuser() {
        return Ok(());
    }
    let pairs: BTreeSet<(&str, &str)> = entries
        .iter()
        .filter_map(|entry| Some((entry.schema.as_deref()?, entry.owner.as_deref()?)))
        .collect();
    let (schemas, owners): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
    let session = target.pooled(run).await?;
    let params: [Param<'_>; 2] = [(&schemas, Type::TEXT_ARRAY), (&owners, Type::TEXT_ARRAY)];
    let rows = session.rows(&sql!("schema/shut_out.sql"), &params).await;
    for row in &rows.context(Kind::Schema, FAILED, "target")? {
        let (schema, owner): (String, String) = (column(row, "schema")?, column(row, "owner")?);
        let (schema, owner) = (Ident::new(schema), Ident::new(owner));
        let grant = sql!("schema/let_in.sql", schema = schema, owner = owner);
        let name = Literal::new(schema.to_string());
        let back = sql!("schema/shut_out_again.sql", name = name, schema = schema, owner = owner);
        let what = format!("CREATE ON SCHEMA {schema} OF {owner}");
        let note = ledger::note(&what, &back, Until::Privileges);
        if let Err(failure) = session.run(&Sql::script(&[grant, note])).await {
            step::refusal(failure, &what)?;
        }
    }
    Ok(())
}

/// Takes it back.
pub(super) async fn shut_out(target: &Target, run: &Run) -> Result<()> {
    if target.is_superuser() {
        return Ok(());
    }
    let session = target.pooled(run).await?;
    let done = session.run(&ledger::take_back(Until::Privileges)).await;
    done.context(Kind::Schema, FAILED, "target")?;
    Ok(())
}
