//! Owners, comments, labels and rights of the large objects, which `pg_dump` does not write among the definitions.
//!
//! Invariant: label and comment come while the object is ours, then its owner, then his grants, made as him: so that a
//! role which may only become the owner can do it all. A batch is small, because every object with a new owner or
//! comment stays locked to the end of the transaction.
//! Deliberately absent: who granted a right, where that was not the owner: such rights come from the owner and are told.

use super::LargeObjects;
use crate::catalog::Oid;
use crate::error::{Context, Kind, Result};
use crate::hold::Hold;
use crate::job::Definitions;
use crate::ledger::large_objects as ledger;
use crate::pg::ident::{Ident, Literal};
use crate::pg::session::{SourceSession, TargetSession, column};
use crate::pg::sql::Sql;
use crate::plan::large_objects::{OidRange, listed};
use crate::queue::Queue;
use crate::report::{Finding, NotCopied};
use crate::run::Run;
use crate::sql;

use super::statement::{self, within};

/// Objects described in one transaction; few enough for the lock table.
const BATCH: usize = 200;

/// What is known of a large object beside its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Description {
    oid: Oid,
    owner: String,
    comment: Option<String>,
    /// Provider and label.
    labels: Vec<(String, String)>,
    /// Rights, if any were ever granted or revoked.
    grants: Option<Vec<Grant>>,
    granted_by_others: bool,
}

/// One right of one role.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Grant {
    /// Nobody for PUBLIC.
    grantee: Option<String>,
    privilege: String,
    grantable: bool,
}

/// What of the descriptions could not be copied as it is.
#[derive(Default)]
pub(super) struct Ended {
    pub(super) not_copied: Vec<NotCopied>,
    granted_by_others: Vec<Oid>,
}

impl Ended {
    /// Rights that the target has from another role than the source.
    pub(super) fn warning(&self) -> Option<Finding> {
        (!self.granted_by_others.is_empty()).then(|| Finding {
            code: "grantor-changed",
            object: listed(&self.granted_by_others),
            message: "rights that others than the owner had granted are granted by the owner now".into(),
            remedy: "nothing to do, unless somebody wants to revoke what he granted himself".into(),
        })
    }
}

impl LargeObjects<'_> {
    /// Describes the large objects of these portions.
    pub(super) async fn describe(&self, ranges: &[OidRange], hold: &Hold, run: &Run) -> Result<Ended> {
        let queue = Queue::new(ranges.iter().copied());
        let work = |_, run: Run| async {
            let run = run;
            let source = hold.reader(self.source, &run).await?;
            let target = self.target.dedicated("large objects", &[], &run).await?;
            let given = given_by_default(&target).await?;
            let describing =
                Describing { target: &target, definitions: self.definitions, me: self.role, given };
            let mut ended = Ended::default();
            while let Some(range) = queue.take() {
                describing.range(read(&source, range).await?, &mut ended).await?;
            }
            Ok(ended)
        };
        let workers = self.workers.min(ranges.len());
        let parts = run.abreast(0..workers, work).await?;
        Ok(parts.into_iter().fold(Ended::default(), |mut all, part| {
            all.not_copied.extend(part.not_copied);
            all.granted_by_others.extend(part.granted_by_others);
            all
        }))
    }
}

async fn read(source: &SourceSession, range: OidRange) -> Result<Vec<Description>> {
    let query = sql!("large_objects/descriptions.sql", range = within(range));
    let failed = "owners and rights of large objects could not be read";
    let rows = source.rows(&query, &[]).await.context(Kind::Schema, failed, range.named())?;
    let description = |row| {
        let grantees: Vec<String> = column(row, "grantees")?;
        let privileges: Vec<String> = column(row, "privileges")?;
        let grantable: Vec<bool> = column(row, "grantable")?;
        let grants = grantees.into_iter().zip(privileges).zip(grantable);
        let grants = grants.map(|((grantee, privilege), grantable)| Grant {
            grantee: Some(grantee).filter(|name| !name.is_empty()),
            privilege,
            grantable,
        });
        let providers: Vec<String> = column(row, "providers")?;
        Ok(Description {
            oid: column(row, "oid")?,
            owner: column(row, "owner")?,
            comment: column(row, "comment")?,
            labels: providers.into_iter().zip(column::<Vec<String>>(row, "labels")?).collect(),
            grants: column::<bool>(row, "granted")?.then(|| grants.collect()),
            granted_by_others: column(row, "granted_by_others")?,
        })
    };
    rows.iter().map(description).collect()
}

/// With what descriptions are applied.
struct Describing<'a> {
    target: &'a TargetSession,
    definitions: &'a Definitions,
    /// The role that we are on the target.
    me: &'a str,
    /// Whom the default privileges of that role give rights on its large objects, where it has such (from 18 on).
    given: Option<Vec<String>>,
}

async fn given_by_default(target: &TargetSession) -> Result<Option<Vec<String>>> {
    let rows = target.rows(&sql!("large_objects/given_by_default.sql"), &[]).await;
    let rows = rows.context(Kind::Schema, "the default privileges could not be read", "target")?;
    rows.first().map(|row| column(row, "grantees")).transpose()
}

/// The statements after which a new large object has the rights of any other, whatever the default privileges are.
fn plain_rights(oid: Oid, given: &[String], me: &str) -> Vec<Sql> {
    let revoke = |name: &String| {
        let role = grantee(Some(name.as_str()).filter(|name| !name.is_empty()));
        sql!("large_objects/revoke.sql", oid = oid, role = role)
    };
    let own = sql!("large_objects/grant_all.sql", oid = oid, role = Ident::new(me));
    given.iter().map(revoke).chain([own]).collect()
}

fn grantee(name: Option<&str>) -> Sql {
    name.map_or_else(|| sql!("large_objects/public.sql"), |name| Sql::join([Ident::new(name)], ""))
}

impl Describing<'_> {
    async fn range(&self, descriptions: Vec<Description>, ended: &mut Ended) -> Result<()> {
        for batch in descriptions.chunks(BATCH) {
            if self.definitions.privileges {
                let by_others = batch.iter().filter(|one| one.granted_by_others);
                ended.granted_by_others.extend(by_others.map(|one| one.oid));
            }
            if self.attempt(batch).await?.is_none() {
                continue;
            }
            // One by one, so that one that is refused costs only itself.
            for one in batch {
                if let Some(reason) = self.attempt(std::slice::from_ref(one)).await? {
                    ended.not_copied.push(NotCopied {
                        kind: "large object".into(),
                        object: one.oid.to_string(),
                        reason: format!(
                            "its content is copied; its owner, comment and rights are not: {reason}"
                        ),
                    });
                }
            }
        }
        Ok(())
    }

    /// One transaction; the server's reason if it refuses it.
    async fn attempt(&self, batch: &[Description]) -> Result<Option<String>> {
        let oids: Vec<Oid> = batch.iter().map(|one| one.oid).collect();
        let given = self.given.as_deref();
        let plain = given.into_iter().flat_map(|given| {
            let rights = |oid: &Oid| plain_rights(*oid, given, self.me);
            oids.iter().flat_map(rights).collect::<Vec<Sql>>()
        });
        let statements = batch.iter().flat_map(|one| statements(one, self.definitions, self.me));
        let script = [statement::begin()].into_iter().chain(plain).chain(statements);
        let script: Vec<Sql> = script.chain([ledger::mark_described(&oids), statement::commit()]).collect();
        let Err(failure) = self.target.run(&Sql::script(&script)).await else { return Ok(None) };
        let Some(reason) = failure.refusal() else {
            let failed = "owner, comment and rights could not be copied";
            return Err(failure).context(Kind::Schema, failed, listed(&oids));
        };
        self.target.rollback().await;
        Ok(Some(reason))
    }
}

/// The statements that describe a large object which is ours so far.
fn statements(one: &Description, wanted: &Definitions, me: &str) -> Vec<Sql> {
    let oid = one.oid;
    let mut statements = Vec::new();
    // `pg_dump` counts labels among the comments no more than we do: there is no option to leave them out.
    statements.extend(one.labels.iter().map(|(provider, label)| {
        let (provider, label) = (Ident::new(provider.as_str()), Literal::new(label.as_str()));
        sql!("large_objects/label.sql", oid = oid, provider = provider, label = label)
    }));
    let comment = one.comment.as_ref().filter(|_| wanted.comments);
    statements.extend(comment.map(|comment| {
        sql!("large_objects/comment.sql", oid = oid, comment = Literal::new(comment.as_str()))
    }));
    let owner = Ident::new(if wanted.owner { one.owner.as_str() } else { me });
    let is_given_away = owner.as_str() != me;
    if is_given_away {
        statements.push(sql!("large_objects/owner.sql", oid = oid, owner = owner));
    }
    let grants = one.grants.as_ref().filter(|_| wanted.privileges);
    let Some(grants) = grants else { return statements };
    if is_given_away {
        statements.push(sql!("large_objects/act_as.sql", role = owner));
    }
    statements.push(sql!("large_objects/revoke.sql", oid = oid, role = Sql::join([&owner], "")));
    statements.extend(grants.iter().map(|grant| {
        let role = match grant.grantee.as_deref() {
            // What the source's owner may, ours may.
            Some(name) if name == one.owner => Sql::join([&owner], ""),
            name => grantee(name),
        };
        let option = if grant.grantable { sql!("large_objects/grant_option.sql") } else { Sql::nothing() };
        // As a name, which the grammar also takes for a privilege.
        let privilege = Ident::new(grant.privilege.to_lowercase());
        sql!("large_objects/grant.sql", oid = oid, privilege = privilege, role = role, option = option)
    }));
    if is_given_away {
        statements.push(sql!("large_objects/act_as_ourselves.sql"));
    }
    statements
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{InvalidForeignKeys, Roles};

    fn wanted() -> Definitions {
        Definitions {
            owner: true,
            privileges: true,
            comments: true,
            tablespaces: true,
            roles: Roles::Expected,
            replace: false,
            invalid_foreign_keys: InvalidForeignKeys::Fail,
            schema_only: false,
            pg_bin: None,
        }
    }

    fn described() -> Description {
        let grant = |grantee: Option<&str>, privilege: &str, grantable| Grant {
            grantee: grantee.map(str::to_owned),
            privilege: privilege.into(),
            grantable,
        };
        Description {
            oid: 7,
            owner: "Ann".into(),
            comment: Some("it's".into()),
            labels: Vec::new(),
            grants: Some(vec![
                grant(Some("Ann"), "SELECT", false),
                grant(None, "SELECT", false),
                grant(Some("bob"), "UPDATE", true),
            ]),
            granted_by_others: false,
        }
    }

    fn script(wanted: &Definitions) -> Vec<String> {
        statements(&described(), wanted, "me").iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_owners_rights_are_granted_as_the_owner() {
        assert_eq!(
            script(&wanted()),
            [
                "COMMENT ON LARGE OBJECT 7 IS 'it''s'",
                r#"ALTER LARGE OBJECT 7 OWNER TO "Ann""#,
                r#"SET LOCAL ROLE "Ann""#,
                r#"REVOKE ALL ON LARGE OBJECT 7 FROM "Ann""#,
                r#"GRANT "select" ON LARGE OBJECT 7 TO "Ann""#,
                r#"GRANT "select" ON LARGE OBJECT 7 TO PUBLIC"#,
                r#"GRANT "update" ON LARGE OBJECT 7 TO "bob" WITH GRANT OPTION"#,
                "SET LOCAL role TO DEFAULT",
            ]
        );
    }

    #[test]
    fn what_is_not_wanted_is_left_out() {
        let none = Definitions { owner: false, privileges: false, comments: false, ..wanted() };
        assert_eq!(script(&none), Vec::<String>::new());
        let ours = script(&Definitions { owner: false, comments: false, ..wanted() });
        assert_eq!(ours[0], r#"REVOKE ALL ON LARGE OBJECT 7 FROM "me""#);
        assert_eq!(ours[1], r#"GRANT "select" ON LARGE OBJECT 7 TO "me""#);
    }
}
