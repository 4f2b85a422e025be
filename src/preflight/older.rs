//! What an older target loses although every statement of the archive succeeds there: `pg_dump` writes nothing about
//! it, or what it writes is read and forgotten.
//!
//! Invariant: reads only, and only where the target is the older one.
//! Deliberately absent: what the target refuses; that is named with its own words.

use tokio_postgres::types::Type;

use crate::catalog::{Catalog, Oid};
use crate::error::{Context, Kind, Result};
use crate::job::Job;
use crate::pg::server::{Source, Target};
use crate::pg::session::{Session, Side, SourceSession, column};
use crate::pg::version::Version;
use crate::plan::select::Choice;
use crate::report::{Finding, NotCopied};
use crate::run::Run;
use crate::sql;

/// What the source has of it.
#[derive(Debug, Default)]
struct Unsaid {
    /// NOT NULL constraints with names of somebody's choosing.
    not_null_names: Vec<String>,
    /// Identity columns of partitions.
    partition_identities: Vec<String>,
    /// Everybody may create objects in the schema `public` of the target, not so on the source.
    public_opens: bool,
}

/// What does not arrive, and what should be known.
pub(super) async fn losses(
    session: &SourceSession,
    (source, target): (&Source, &Target),
    (catalog, choice): (&Catalog, &Choice),
    job: &Job,
    run: &Run,
) -> Result<(Vec<NotCopied>, Vec<Finding>)> {
    let versions = (source.version(), target.version());
    if versions.0.major() <= versions.1.major() {
        return Ok((Vec::new(), Vec::new()));
    }
    let relations: Vec<Oid> = choice.of(catalog).map(|relation| relation.oid).collect();
    let row = session.one(&sql!("preflight/unsaid.sql"), &[(&relations, Type::OID_ARRAY)]).await;
    let row = row.context(Kind::Preflight, "a check could not be made", "source")?;
    let opens = choice.whole_database
        && job.definitions.privileges
        && is_public_open(&target.pooled(run).await?).await?
        && !is_public_open(session).await?;
    let unsaid = Unsaid {
        not_null_names: column(&row, "not_null_names")?,
        partition_identities: column(&row, "partition_identities")?,
        public_opens: opens,
    };
    Ok(judge(&unsaid, versions))
}

async fn is_public_open<S: Side>(session: &Session<S>) -> Result<bool> {
    let row = session.one(&sql!("preflight/public_is_open.sql"), &[]).await;
    column(&row.context(Kind::Preflight, "a check could not be made", S::NAME)?, "open")
}

fn judge(unsaid: &Unsaid, (source, target): (Version, Version)) -> (Vec<NotCopied>, Vec<Finding>) {
    let came_with = |news: u32| target.major() < news && source.major() >= news;
    let target = target.major();
    let mut lost = Vec::new();
    if came_with(15) && unsaid.public_opens {
        lost.push(NotCopied {
            kind: "ACL".into(),
            object: "SCHEMA public".into(),
            reason: format!(
                "on the target, version {target}, everybody may create objects in it; \
                 to close it: REVOKE CREATE ON SCHEMA public FROM PUBLIC"
            ),
        });
    }
    if came_with(17) {
        lost.extend(unsaid.partition_identities.iter().map(|column| NotCopied {
            kind: "identity of a partition".into(),
            object: column.clone(),
            reason: format!(
                "version {target} has no identity columns in partitions: \
                 rows that are inserted into the partition itself get no number"
            ),
        }));
    }
    let names = &unsaid.not_null_names;
    let warnings = (came_with(18) && !names.is_empty()).then(|| Finding {
        code: "not-null-names",
        object: names.join(", "),
        message: format!(
            "version {target} keeps no names of NOT NULL constraints; the constraints themselves arrive"
        ),
        remedy: "nothing to do, unless scripts of yours drop or alter them by name".into(),
    });
    (lost, warnings.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(source: u32, target: u32) -> (Vec<String>, Vec<&'static str>) {
        let unsaid = Unsaid {
            not_null_names: vec!["public.there".into()],
            partition_identities: vec!["public.t1.id".into()],
            public_opens: true,
        };
        let versions = [source, target].map(|major| Version::from_number(major * 10_000));
        let (lost, warnings) = judge(&unsaid, (versions[0], versions[1]));
        (
            lost.into_iter().map(|lost| lost.object).collect(),
            warnings.into_iter().map(|finding| finding.code).collect(),
        )
    }

    #[test]
    fn only_what_came_between_the_versions_is_lost() {
        assert_eq!(
            told(18, 14),
            (vec!["SCHEMA public".into(), "public.t1.id".into()], vec!["not-null-names"])
        );
        assert_eq!(told(18, 16), (vec!["public.t1.id".into()], vec!["not-null-names"]));
        assert_eq!(told(17, 15), (vec!["public.t1.id".into()], vec![]));
        assert_eq!(told(16, 15), (vec![], vec![]));
    }
}
