//! Owners-to-be that may not create anything in a schema of the clone.
//!
//! Only a superuser gives an object to a role that may not create it there itself (`ATExecChangeOwner` of `tablecmds.c`), and
//! on the source one may have. So without a superuser such roles get the right for as long as objects are made.
//!
//! Invariant: only in schemas that the run makes: they go with it, whatever becomes of it. Privileges of the source come
//! after the right was taken back.
//! Deliberately absent: schemas that the target had before; there preflight asks for the right.

use std::collections::{BTreeSet, HashMap};

use super::{Lost, attempt};
use crate::archive::{Archive, Entry};
use crate::error::Result;
use crate::ledger::Existing;
use crate::pg::ident::Ident;
use crate::pg::server::Target;
use crate::pg::sql::Sql;
use crate::report::NotCopied;
use crate::run::Run;
use crate::sql;

/// The schemas and roles.
pub(super) struct Owners<'a> {
    pairs: BTreeSet<(&'a str, &'a str)>,
    target: &'a Target,
    run: &'a Run,
}

impl<'a> Owners<'a> {
    /// Those of an archive; none where we are a superuser.
    pub(super) fn of(archive: &'a Archive, existing: &Existing, target: &'a Target, run: &'a Run) -> Self {
        let entries = || archive.pre_data().iter().chain(archive.post_data());
        let schemas = entries().filter(|entry| entry.kind == "SCHEMA");
        let lords: HashMap<&str, Option<&str>> =
            schemas.map(|entry| (entry.name.as_str(), entry.owner.as_deref())).collect();
        let pair = |entry: &'a Entry| Some((entry.schema.as_deref()?, entry.owner.as_deref()?));
        let needed = |(schema, owner): &(&str, &str)| {
            !target.is_superuser()
                && !existing.schemas.contains(*schema)
                && lords.get(schema).is_some_and(|lord| *lord != Some(*owner))
                && *owner != target.endpoint().user()
        };
        Self { pairs: entries().filter_map(pair).filter(needed).collect(), target, run }
    }

    /// Lets them in. Where that fails, the objects that need it are refused and named.
    pub(super) async fn let_in(&self) -> Result<()> {
        self.each(|schema, owner| sql!("schema/let_in.sql", schema = schema, owner = owner)).await.map(drop)
    }

    /// Takes the right back.
    pub(super) async fn shut_out(&self, lost: &mut Lost) -> Result<()> {
        let refused =
            self.each(|schema, owner| sql!("schema/shut_out.sql", schema = schema, owner = owner)).await?;
        lost.not_copied.extend(refused.into_iter().map(|(schema, reason)| NotCopied {
            kind: "ACL".into(),
            object: format!("SCHEMA {schema}"),
            reason,
        }));
        Ok(())
    }

    async fn each(&self, statement: impl Fn(Ident, Ident) -> Sql) -> Result<Vec<(String, String)>> {
        let mut refused = Vec::new();
        if self.pairs.is_empty() {
            return Ok(refused);
        }
        let session = self.target.pooled(self.run).await?;
        for (schema, owner) in &self.pairs {
            let statement = statement(Ident::new(*schema), Ident::new(*owner));
            let refusal = attempt(&session, &statement, schema).await?;
            refused.extend(refusal.map(|refusal| ((*schema).to_owned(), refusal.reason)));
        }
        Ok(refused)
    }
}
