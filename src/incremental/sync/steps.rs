//! How many of a group's changes one step makes, where not all are to be made in one transaction.
//!
//! First rows go to which nobody refers, then rows come, parents before children, and last the others go: after any number
//! of changes in this order no foreign key is broken, but for rows that refer to later ones of their own table.
//!
//! Invariant: pure.

/// What a table needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted {
    /// Rows that are to be brought.
    pub(super) brought: u64,
    /// Rows that are to be deleted.
    pub(super) deleted: u64,
    /// Whether other rows refer to those of this table.
    pub(super) referred: bool,
}

/// What a table gets.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Rows that are brought.
    pub(super) brought: u64,
    /// Rows that are deleted.
    pub(super) deleted: u64,
}

/// The shares of these tables, parents before children, in so many changes.
pub(super) fn shares(tables: &[Wanted], most: u64) -> Vec<Share> {
    let mut left = most;
    let mut shares = vec![Share::default(); tables.len()];
    let mut take = |wanted: u64| {
        let taken = wanted.min(left);
        left -= taken;
        taken
    };
    for (table, share) in tables.iter().zip(&mut shares).rev().filter(|(table, _)| !table.referred) {
        share.deleted = take(table.deleted);
    }
    for (table, share) in tables.iter().zip(&mut shares) {
        share.brought = take(table.brought);
    }
    for (table, share) in tables.iter().zip(&mut shares).rev().filter(|(table, _)| table.referred) {
        share.deleted = take(table.deleted);
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn parents_come_first_and_go_last() {
        let tables = [(5, 2, true), (3, 4, false)].map(|(brought, deleted, referred)| Wanted {
            brought,
            deleted,
            referred,
        });
        let of = |most| {
            shares(&tables, most).iter().map(|share| [share.brought, share.deleted]).collect::<Vec<_>>()
        };
        assert_eq!(of(3), [[0, 0], [0, 3]]);
        assert_eq!(of(10), [[5, 0], [1, 4]]);
        assert_eq!(of(13), [[5, 1], [3, 4]]);
        assert_eq!(of(99), [[5, 2], [3, 4]]);
    }

    proptest! {
        #[test]
        fn all_that_may_be_changed_is_changed_and_no_more(wanted in prop::collection::vec((0..9u64, 0..9u64, any::<bool>()), 0..5), most in 1..40u64) {
            let tables: Vec<Wanted> =
                wanted.into_iter().map(|(brought, deleted, referred)| Wanted { brought, deleted, referred }).collect();
            let all: u64 = tables.iter().map(|table| table.brought + table.deleted).sum();
            let shares = shares(&tables, most);
            prop_assert_eq!(shares.iter().map(|share| share.brought + share.deleted).sum::<u64>(), all.min(most));
            prop_assert!(tables.iter().zip(&shares).all(|(table, share)| share.brought <= table.brought && share.deleted <= table.deleted));
        }
    }
}
