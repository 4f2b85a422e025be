//! What takes a superuser: to create it on the target, or to see it on the source.
//!
//! Invariant: warnings only: such objects do not stop a clone, they are named as not copied. A provider may let its own
//! administrators create some of them all the same.

use super::found;
use crate::preflight::facts::Facts;
use crate::report::{Finding, NotCopied};

/// Warnings of what will not arrive.
pub(in crate::preflight) fn superuser(facts: &Facts) -> Vec<Finding> {
    let created = facts.superuser_objects.iter().filter(|_| !facts.superuser);
    let created = created.map(|object| {
        found(
            "superuser-needed",
            object.clone(),
            format!(
                "creating it takes a superuser of the target, which the role {} is not",
                facts.database.role
            ),
            "have an administrator of the target create it afterwards, or clone as a superuser there",
        )
    });
    let hidden = facts.hidden_mappings.iter().map(|mapping| {
        found(
            "options-hidden",
            mapping.clone(),
            HIDDEN,
            "clone as a superuser of the source, or set them on the target by hand",
        )
    });
    created.chain(hidden).collect()
}

const HIDDEN: &str = "its options, such as a password, are hidden from our role on the source";

/// What the archive silently lacks.
pub(in crate::preflight) fn unseen(facts: &Facts) -> Vec<NotCopied> {
    let entry = |mapping: &String| NotCopied {
        kind: "USER MAPPING OPTIONS".into(),
        object: mapping.clone(),
        reason: HIDDEN.into(),
    };
    facts.hidden_mappings.iter().map(entry).collect()
}
