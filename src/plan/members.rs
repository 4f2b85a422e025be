//! What of the source's extensions is not what the same extension brought on the target: somebody has changed it by
//! hand, and `pg_dump` leaves that out.
//!
//! Invariant: only extensions of the same version are compared, and definitions only between servers of the same one,
//! because others may write the same definition in another way.
//! Deliberately absent: rights, which `pg_dump` does write down; what the target has more.

use std::collections::{BTreeMap, HashMap};

use crate::catalog::members::{Member, MemberId};
use crate::report::NotCopied;

/// The members of one side's extensions.
pub type Members = BTreeMap<MemberId, Member>;

/// What of the source's members the target lacks, or has in another way.
#[must_use]
pub fn changed_by_hand(source: &Members, target: &Members, same_server_version: bool) -> Vec<NotCopied> {
    let versions: HashMap<&str, &str> = target
        .iter()
        .map(|((extension, ..), member)| (extension.as_str(), member.version.as_str()))
        .collect();
    let comparable = |(id, member): &(&MemberId, &Member)| {
        versions.get(id.0.as_str()).is_some_and(|version| *version == member.version)
    };
    let changed = |(id, here): (&MemberId, &Member)| {
        let (extension, kind, identity) = id;
        let what = match target.get(id) {
            None => "it was added by hand to",
            Some(there) if same_server_version && there.definition != here.definition => {
                "it was changed by hand, a part of"
            }
            Some(there) if there.comment != here.comment => "its comment was changed by hand, a part of",
            Some(_) => return None,
        };
        Some(NotCopied {
            kind: kind.to_uppercase(),
            object: identity.clone(),
            reason: format!(
                "{what} the extension {extension}, and pg_dump leaves that out; do the same on the target"
            ),
        })
    };
    // The columns of a table that was added say nothing more.
    let comes_with_its_table = |id: &MemberId| {
        let table = id.2.rsplit_once('.').map_or("", |(table, _)| table);
        let whole = (id.0.clone(), "table".to_owned(), table.to_owned());
        source.contains_key(&whole) && !target.contains_key(&whole)
    };
    source
        .iter()
        .filter(comparable)
        .filter(|(id, _)| id.1 != "table column" || !comes_with_its_table(id))
        .filter_map(changed)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(of: &[(&str, &str, &str, &str)]) -> Members {
        let member = |&(identity, version, definition, comment): &(&str, &str, &str, &str)| {
            let id = ("x".into(), "function".into(), identity.into());
            (id, Member { version: version.into(), definition: definition.into(), comment: comment.into() })
        };
        of.iter().map(member).collect()
    }

    fn named(source: &Members, target: &Members, same: bool) -> Vec<String> {
        changed_by_hand(source, target, same).into_iter().map(|left| left.object).collect()
    }

    #[test]
    fn what_was_added_or_changed_is_named_and_what_the_target_has_more_is_not() {
        let source = members(&[
            ("added", "1", "", ""),
            ("changed", "1", "a", ""),
            ("told", "1", "", "a"),
            ("same", "1", "", ""),
        ]);
        let target = members(&[
            ("changed", "1", "b", ""),
            ("told", "1", "", "b"),
            ("same", "1", "", ""),
            ("more", "1", "", ""),
        ]);
        assert_eq!(named(&source, &target, true), ["added", "changed", "told"]);
        assert_eq!(named(&source, &target, false), ["added", "told"]);
    }

    #[test]
    fn an_extension_of_another_version_is_not_compared() {
        let source = members(&[("added", "1", "", "")]);
        assert_eq!(named(&source, &members(&[("other", "2", "", "")]), true), Vec::<String>::new());
        assert_eq!(named(&source, &Members::new(), true), Vec::<String>::new());
    }
}
