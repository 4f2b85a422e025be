//! Which large objects are copied, in which portions, by which road.
//!
//! Invariant: as in pg_dump they belong to the whole database: a selection by schema or table leaves them out, and so
//! does `--schema-only`.
//! Deliberately absent: what a portion's statements are (see `large_objects`).

use std::collections::HashSet;

use serde::Serialize;

use super::Shape;
use super::select::Choice;
use crate::catalog::{Catalog, Oid};

/// The large objects of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct LargeObjectsPlan {
    /// How they travel.
    pub road: Road,
    /// How many there are.
    pub count: usize,
    /// What they take on the source's disk, in bytes.
    pub bytes: u64,
    /// Size of the source's pages of them, in bytes.
    pub page: u64,
    /// Portions that are copied one by one.
    pub ranges: Vec<OidRange>,
    /// Their oids, in order.
    #[serde(skip)]
    pub oids: Vec<Oid>,
}

/// How large objects travel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Road {
    /// The target pulls the pages of the source's catalog over a bridge.
    Catalogs,
    /// In pieces through fdwcopy, where the target's login may not read that catalog.
    #[default]
    Streamed,
}

impl Road {
    /// The name in the report.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Catalogs => "catalogs",
            Self::Streamed => "streamed",
        }
    }
}

/// Large objects from one oid to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct OidRange {
    /// The first one.
    pub first: Oid,
    /// The last one.
    pub last: Oid,
    /// How many there are.
    pub count: usize,
}

impl OidRange {
    /// Its name for people.
    #[must_use]
    pub fn named(self) -> String {
        if self.first == self.last {
            format!("large object {}", self.first)
        } else {
            format!("large objects {} to {}", self.first, self.last)
        }
    }
}

/// A portion has at most so many objects, and on average so many bytes.
const MOST: usize = 1000;
const PORTION: u64 = 16 << 20;

impl LargeObjectsPlan {
    /// Plans the large objects of the chosen database.
    #[must_use]
    pub fn new(catalog: &Catalog, choice: &Choice, shape: Shape) -> Self {
        let found = &catalog.large_objects;
        if !choice.whole_database || shape.schema_only || found.oids.is_empty() {
            return Self::default();
        }
        let own_way = found.pages_readable && shape.own_login;
        let plan = Self {
            road: if own_way { Road::Catalogs } else { Road::Streamed },
            count: found.oids.len(),
            bytes: found.bytes,
            page: found.page,
            ranges: Vec::new(),
            oids: found.oids.clone(),
        };
        Self { ranges: plan.without(&HashSet::new()), ..plan }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Sessions that read the source for these workers, beside their bridges.
    #[must_use]
    pub fn readers(&self, workers: usize) -> usize {
        if self.road == Road::Streamed { workers.min(self.ranges.len()) } else { 0 }
    }

    /// Portions of all but these; none of them lies within a portion.
    #[must_use]
    pub fn without(&self, made: &HashSet<Oid>) -> Vec<OidRange> {
        let average = self.bytes / (self.count.max(1) as u64);
        let most = usize::try_from(PORTION / average.max(1)).map_or(MOST, |count| count.clamp(1, MOST));
        let missing = self.oids.split(|oid| made.contains(oid));
        let portions = missing.flat_map(|oids| oids.chunks(most));
        portions
            .filter_map(|oids| {
                Some(OidRange { first: *oids.first()?, last: *oids.last()?, count: oids.len() })
            })
            .collect()
    }
}

/// Large objects as people are told of them: `large object 7`, `large objects 1, 2, 3 and 97 more`.
#[must_use]
pub fn listed(oids: &[Oid]) -> String {
    const NAMED: usize = 3;
    let named: Vec<String> = oids.iter().take(NAMED).map(ToString::to_string).collect();
    let more = oids.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("large object{} {}{more}", if oids.len() == 1 { "" } else { "s" }, named.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::LargeObjects;
    use crate::plan::fixture::catalog;
    use crate::plan::select::Selection;

    const SHAPE: Shape = Shape {
        workers: 4,
        ctid_ranges: true,
        schema_only: false,
        same_encoding: true,
        own_login: true,
        privileges: true,
        comments: true,
    };

    fn plan(oids: Vec<Oid>, bytes: u64, shape: Shape) -> LargeObjectsPlan {
        let mut catalog = catalog(vec![]);
        catalog.large_objects =
            LargeObjects { oids, bytes, page: 2048, pages_readable: true, unreadable: Vec::new() };
        let choice = Selection::default().choose(&catalog);
        LargeObjectsPlan::new(&catalog, &choice, shape)
    }

    #[test]
    fn many_small_ones_share_a_portion_and_large_ones_travel_alone() {
        let small = plan((1..=2500).collect(), 2500 * 2048, SHAPE);
        assert_eq!(small.ranges.iter().map(|range| range.count).collect::<Vec<_>>(), [1000, 1000, 500]);
        let large = plan(vec![7, 9], 600 << 20, SHAPE);
        assert_eq!(large.ranges.len(), 2);
    }

    #[test]
    fn a_portion_never_spans_one_that_is_made() {
        let plan = plan(vec![1, 2, 3, 5, 8], 0, SHAPE);
        let rest = plan.without(&HashSet::from([3, 8]));
        let bounds: Vec<_> = rest.iter().map(|range| (range.first, range.last, range.count)).collect();
        assert_eq!(bounds, [(1, 2, 2), (5, 5, 1)]);
    }

    #[test]
    fn another_login_takes_the_longer_road() {
        assert_eq!(plan(vec![1], 0, SHAPE).road, Road::Catalogs);
        assert_eq!(plan(vec![1], 0, Shape { own_login: false, ..SHAPE }).road, Road::Streamed);
    }

    #[test]
    fn definitions_alone_bring_none() {
        assert!(plan(vec![1], 0, Shape { schema_only: true, ..SHAPE }).is_empty());
    }
}
