//! What takes a superuser: to create it on the target, or to see it on the source.
//!
//! Invariant: warnings only: such objects do not stop a clone, they are named as not copied. A provider may let its own
//! administrators create some of them all the same.

use super::found;
use crate::catalog::Catalog;
use crate::catalog::left_out::{Cause, LeftOut};
use crate::plan::select::Choice;
use crate::preflight::facts::Facts;
use crate::report::Finding;

/// Warnings of what will not arrive.
pub(in crate::preflight) fn superuser(facts: &Facts, catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
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
    let is_hidden = |left: &&LeftOut| choice.whole_database && left.cause == Cause::OptionsHidden;
    let hidden = catalog.left_out.iter().filter(is_hidden).map(|mapping| {
        found(
            "options-hidden",
            format!("user mapping {}", mapping.object),
            "its options, such as a password, are hidden from our role on the source",
            "clone as a superuser of the source, or set them on the target by hand",
        )
    });
    created.chain(hidden).collect()
}
