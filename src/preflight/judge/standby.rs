//! Whether a standby can be the source.
//!
//! Invariant: refuses what could only be copied without proof. A pause of replay is the proof there (see `snapshot`).

use super::found;
use crate::catalog::{Catalog, Oid, RelationKind};
use crate::job::Mode;
use crate::pg::ident::Ident;
use crate::pg::version::Version;
use crate::plan::select::Choice;
use crate::report::Finding;

/// What a standby says of itself.
#[derive(Debug, Clone)]
pub(in crate::preflight) struct Standby {
    /// Whether our role may pause and resume replay.
    pub(in crate::preflight) may_pause: bool,
    /// `hot_standby_feedback`.
    pub(in crate::preflight) feedback: bool,
    /// Chosen relations that are unlogged: a standby has nothing of them.
    pub(in crate::preflight) unlogged: Vec<Oid>,
}

/// The oldest version that tells whether a requested pause has begun (`pg_get_wal_replay_pause_state`).
const TELLS_PAUSES: u32 = 14;

/// Judges a source that is a standby; the second list is what should be known all the same.
pub(in crate::preflight) fn standby(
    standby: &Standby,
    (version, mode): (Version, Mode),
    catalog: &Catalog,
    choice: &Choice,
) -> (Vec<Finding>, Vec<Finding>) {
    let (name, role) = (&catalog.database.name, Ident::new(catalog.database.role.as_str()));
    let mut findings = Vec::new();
    if mode == Mode::Lock {
        findings.push(found(
            "lock-on-standby",
            name,
            "the source is a standby, where nobody can lock tables against writers",
            "name the primary as the source, or copy with --consistency snapshot or none",
        ));
    } else if mode == Mode::None {
        // Every chunk has a snapshot of its own, and nothing is to be proved.
    } else if version.major() < TELLS_PAUSES {
        findings.push(found(
            "source-is-standby",
            name,
            format!("the source is a standby of version {version}: it cannot tell when its replay stands still, so nobody can prove that all workers read the same snapshot"),
            "name the primary as the source, or a standby of version 14 or later; or copy without that proof: --consistency none",
        ));
    } else if !standby.may_pause {
        findings.push(found(
            "standby-pause-missing",
            name,
            format!("the source is a standby, and the role {} may not pause its replay for the moment in which all workers take their snapshot", catalog.database.role),
            format!("on the primary, in this database: GRANT EXECUTE ON FUNCTION pg_wal_replay_pause(), pg_wal_replay_resume() TO {role}; or name the primary as the source; or copy without that proof: --consistency none"),
        ));
    }
    let unlogged = choice.with_data(catalog).filter(|r| {
        standby.unlogged.contains(&r.oid) && matches!(r.kind, RelationKind::Table | RelationKind::Sequence)
    });
    findings.extend(unlogged.map(|r| {
        found(
            "unlogged-on-standby",
            r.name.plain(),
            "it is unlogged: a standby has nothing of it",
            "leave its content out with --exclude-table-data, or name the primary as the source",
        )
    }));
    let warnings = if standby.feedback { Vec::new() } else { vec![conflicts(name)] };
    (findings, warnings)
}

fn conflicts(name: &str) -> Finding {
    found(
        "standby-conflicts",
        name,
        "hot_standby_feedback is off on this standby: replay may cancel the copy when the primary has vacuumed rows that it still reads",
        "on the standby: ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf(); or let replay wait for longer (max_standby_streaming_delay)",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::fixture::catalog;
    use crate::plan::select::Selection;

    const READY: Standby = Standby { may_pause: true, feedback: true, unlogged: Vec::new() };

    fn codes(facts: &Standby, version: u32) -> (Vec<&'static str>, Vec<&'static str>) {
        let catalog = catalog(Vec::new());
        let choice = Selection::default().choose(&catalog);
        let (findings, warnings) =
            standby(facts, (Version::from_number(version), Mode::Snapshot), &catalog, &choice);
        let codes = |list: Vec<Finding>| list.into_iter().map(|finding| finding.code).collect();
        (codes(findings), codes(warnings))
    }

    #[test]
    fn a_standby_that_we_may_pause_is_a_source() {
        assert_eq!(codes(&READY, 150_004), (vec![], vec![]));
    }

    #[test]
    fn a_standby_that_cannot_tell_whether_it_is_paused_is_refused() {
        assert_eq!(codes(&READY, 130_016).0, ["source-is-standby"]);
    }

    #[test]
    fn the_right_to_pause_is_asked_for_and_conflicts_are_told() {
        let facts = Standby { may_pause: false, feedback: false, ..READY };
        assert_eq!(codes(&facts, 140_000), (vec!["standby-pause-missing"], vec!["standby-conflicts"]));
    }
}
