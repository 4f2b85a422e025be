//! What must exist before the rows: schemas, types, functions, tables, views.
//!
//! Invariant: the archive's order. Deliberately absent: privileges, and changes to what the target had before; both
//! come at the end of `post_data`.

use super::batch::Batches;
use super::{Lost, default_privileges, owners};
use crate::archive::{Archive, Entry};
use crate::error::Result;
use crate::ledger::{Existing, Made};
use crate::pg::server::Target;
use crate::progress::{Event, Phase};
use crate::run::Run;

/// Applies the pre-data entries in the archive's order, privileges left for the end of the run; if these are not wanted,
/// what is made has those that are usual on the target.
pub async fn apply(
    archive: &Archive,
    target: &Target,
    (existing, made): (&Existing, &Made),
    privileges: bool,
    run: &Run,
) -> Result<Lost> {
    let comes_now = |entry: &&Entry| !is_privilege(entry) && !existing.is_changed_by(entry);
    let entries: Vec<&Entry> = archive.pre_data().iter().filter(comes_now).collect();
    let phase = Phase::Schema;
    run.emit(Event::TasksPlanned { phase, total: entries.len() });
    let mut lost = Lost::default();
    // They need nothing, and all of them are there before anybody is let in.
    let (schemas, rest): (Vec<&Entry>, Vec<&Entry>) = entries.into_iter().partition(|e| e.kind == "SCHEMA");
    let plain_rights = privileges && default_privileges::are_there(&target.pooled(run).await?).await?;
    let mut batches = Batches { target, existing, made, plain_rights, lost: &mut lost, phase, run };
    batches.run(&schemas).await?;
    owners::let_in(&rest, target, run).await?;
    batches.run(&rest).await?;
    Ok(lost)
}

/// GRANT and REVOKE come last, as in `pg_restore`: an owner may have been denied rights that the copy needs.
pub(super) fn is_privilege(entry: &Entry) -> bool {
    matches!(entry.kind.as_str(), "ACL" | "ACL LANGUAGE" | "DEFAULT ACL")
}
