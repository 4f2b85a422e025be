//! Whether a server has room for the locks and the sessions of a clone.
//!
//! Invariant: refuses only where the server cannot be sure to have the room; a run that fails for lack of locks
//! would do so late, after the large tables.

use super::found;
use crate::report::Finding;

/// What a server offers at this moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::preflight) struct Capacity {
    /// Entries of its lock table (`NLOCKENTS` of `lock.c`).
    pub(in crate::preflight) locks: i64,
    /// Sessions that this run can have there, with those that it has already.
    pub(in crate::preflight) sessions: i64,
}

/// What a clone takes of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::preflight) struct Need {
    locks: i64,
    sessions: i64,
}

/// Locks of other sessions for which there should be room beside ours.
const OTHERS: i64 = 200;

impl Need {
    /// On the source every chosen table is locked, and its indexes while a plan is made for reading it. Beside the workers'
    /// bridges there are sessions for locks, snapshot, `pg_dump` and control, the guard and the janitor.
    pub(in crate::preflight) fn of_source(tables: usize, indexes: i64, workers: usize) -> Self {
        Self { locks: signed(tables) + indexes + OTHERS, sessions: signed(workers) + 6 }
    }

    /// On the target every table is locked until the workers commit, and so is its foreign table with the two types that
    /// belong to one (dropping it locks them). Each of these locks has one holder; the lock table has memory for two of
    /// each, so that a quarter more of them fit in (`LockShmemSize` of `lock.c`).
    pub(in crate::preflight) fn of_target(tables: usize, workers: usize) -> Self {
        Self { locks: 4 * signed(tables) * 4 / 5 + OTHERS, sessions: signed(workers) + 5 }
    }
}

fn signed(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX / 4)
}

/// Compares what there is with what it takes.
pub(in crate::preflight) fn capacity(side: &str, offers: Capacity, need: Need) -> Vec<Finding> {
    let mut findings = Vec::new();
    if need.locks > offers.locks {
        let times = (need.locks + offers.locks - 1) / offers.locks.max(1);
        findings.push(found(
            "too-few-locks",
            side,
            format!("its lock table has room for {} locks, the clone takes about {}", offers.locks, need.locks),
            format!("raise max_locks_per_transaction there {times} times and restart it, or clone in parts (-n, -t)"),
        ));
    }
    if need.sessions > offers.sessions {
        findings.push(found(
            "too-few-sessions",
            side,
            format!("it has room for {} more sessions, the clone takes {}", offers.sessions, need.sessions),
            "take fewer workers (--jobs), or raise there what limits them: max_connections, or CONNECTION LIMIT of the role or the database",
        ));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    const DEFAULTS: Capacity = Capacity { locks: 7_808, sessions: 90 };

    #[test]
    fn two_thousand_tables_fit_a_server_as_it_is_installed() {
        assert!(capacity("source", DEFAULTS, Need::of_source(2_000, 4_000, 4)).is_empty());
        assert!(capacity("target", DEFAULTS, Need::of_target(2_000, 4)).is_empty());
    }

    #[test]
    fn ten_thousand_tables_need_a_larger_lock_table() {
        let findings = capacity("target", DEFAULTS, Need::of_target(10_000, 4));
        assert_eq!(findings[0].code, "too-few-locks");
        assert!(findings[0].remedy.contains("5 times"), "{}", findings[0].remedy);
    }

    #[test]
    fn more_workers_than_sessions_are_refused() {
        let findings = capacity("source", Capacity { locks: 7_808, sessions: 10 }, Need::of_source(1, 1, 50));
        assert_eq!(findings[0].code, "too-few-sessions");
    }
}
