//! The members of extensions are compared: what was added to one by hand is in no dump.
//!
//! Invariant: an extension has the same members wherever it is made in the same version; what the target lacks then is
//! named. Where the versions differ, that is told already.
//! Deliberately absent: members that the target has beyond the source's.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Context, Kind, Result};
use crate::pg::session::{Session, Side, SourceSession, TargetSession, column};
use crate::report::NotCopied;
use crate::sql;

/// Type and identity of every member, by the extension's name and version.
type Members = BTreeMap<(String, String), BTreeSet<(String, String)>>;

/// The members of the source's extensions that the target's lack.
pub async fn lost(source: &SourceSession, target: &TargetSession) -> Result<Vec<NotCopied>> {
    Ok(lacking(read(source).await?, &read(target).await?))
}

async fn read<S: Side>(session: &Session<S>) -> Result<Members> {
    let rows = session.rows(&sql!("configuration/members.sql"), &[]).await;
    let mut members = Members::new();
    for row in rows.context(Kind::Schema, "the members of extensions could not be read", S::NAME)? {
        let extension = (column(&row, "extension")?, column(&row, "version")?);
        let member = (column(&row, "type")?, column(&row, "identity")?);
        members.entry(extension).or_default().insert(member);
    }
    Ok(members)
}

fn lacking(source: Members, target: &Members) -> Vec<NotCopied> {
    let shared = source.into_iter().filter_map(|(extension, members)| {
        let there = target.get(&extension)?;
        Some((extension.0, members.into_iter().filter(|member| !there.contains(member)).collect::<Vec<_>>()))
    });
    let named = shared.flat_map(|(extension, members)| {
        members.into_iter().map(move |(kind, object)| NotCopied {
            kind: kind.to_uppercase(),
            object,
            reason: format!(
                "it was added to the extension {extension} by hand, and pg_dump leaves an extension's members to the extension; on the source: ALTER EXTENSION … DROP, or copy it by hand"
            ),
        })
    });
    named.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(version: &str, names: &[&str]) -> Members {
        let names = names.iter().map(|name| ("table".to_owned(), (*name).to_owned())).collect();
        Members::from([(("shop".to_owned(), version.to_owned()), names)])
    }

    #[test]
    fn what_was_added_to_an_extension_is_named() {
        let left = lacking(members("1", &["public.a", "public.mine"]), &members("1", &["public.a"]));
        assert_eq!(left.iter().map(|one| one.object.as_str()).collect::<Vec<_>>(), ["public.mine"]);
    }

    #[test]
    fn another_version_has_other_members() {
        assert!(lacking(members("2", &["public.new"]), &members("1", &["public.old"])).is_empty());
    }
}
