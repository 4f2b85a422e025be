//! Which table of the source goes with which table of the target.
//!
//! Invariant: every table that is meant on either side is paired, or named as a difference.
//! Deliberately absent: columns.

use std::collections::{HashMap, HashSet};

use super::Part;
use super::tables::{Meant, Tables};
use crate::catalog::{Catalog, Oid, Relation, RelationKind};
use crate::error::{Error, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::plan::rules::{Rules, Ruling};
use crate::plan::values;
use crate::report::{Difference, Finding};

/// A table and its counterpart.
#[derive(Debug)]
pub struct Pairing<'a> {
    /// Its name on the source.
    pub name: QualifiedName,
    /// Its name on the target.
    pub counterpart: QualifiedName,
    /// The oids of both.
    pub oids: [Oid; 2],
    /// Where their rows are.
    pub parts: [Vec<Part>; 2],
    /// The relations that are read.
    pub read: [Vec<&'a Relation>; 2],
    /// Whether rows may be too large for one text.
    pub wide: bool,
    /// What the rules say of it.
    pub ruling: Ruling,
}

/// What came of pairing.
#[derive(Debug, Default)]
pub struct Paired<'a> {
    /// The pairs.
    pub pairings: Vec<Pairing<'a>>,
    /// Tables of one side alone.
    pub differences: Vec<Difference>,
    /// What is not compared.
    pub warnings: Vec<Finding>,
}

/// Pairs the tables of both sides by their names.
pub fn pair<'a>(
    source: &Tables<'a>,
    target: &Tables<'a>,
    catalog: &'a Catalog,
    rules: &Rules,
) -> Result<Paired<'a>> {
    let mut paired = Paired::default();
    let by_name: HashMap<&QualifiedName, &Relation> =
        catalog.relations.iter().map(|r| (&r.name, r)).collect();
    // A partition may also be the counterpart of a table that the source has detached.
    let (mut claimed, mut within): (HashSet<Oid>, HashSet<Oid>) = Default::default();
    for here in &source.meant {
        let ruling = rules.of(&here.table.name, here.table.visible);
        let counterpart = ruling.into.clone().unwrap_or_else(|| here.table.name.clone());
        let there = by_name.get(&counterpart).copied();
        let Some(found) = there.filter(|r| holds_rows(r)) else {
            let is = there.map_or("missing", |r| r.kind.name());
            paired.differences.push(Difference::of(&here.table.name, "table", here.table.kind.name(), is));
            claimed.extend(there.map(|r| r.oid));
            continue;
        };
        let there = target.whole(found);
        if !claimed.insert(found.oid) {
            let message = "two tables of the source have this counterpart";
            return Err(Error::new(Kind::Usage, message).object(counterpart.plain()).remedy("mend --into"));
        }
        within.extend(there.leaves.iter().map(|leaf| leaf.oid));
        paired
            .warnings
            .extend([here, &there].into_iter().flat_map(|side| side.foreign.iter().map(|r| unread(r))));
        paired.pairings.push(pairing(here, there, counterpart, ruling));
    }
    for there in &target.meant {
        let is_known = |oid: Oid| claimed.contains(&oid) || within.contains(&oid);
        let is_claimed = is_known(there.table.oid)
            || (!there.leaves.is_empty() && there.leaves.iter().all(|leaf| is_known(leaf.oid)));
        if !is_claimed {
            paired.differences.push(Difference::of(
                &there.table.name,
                "table",
                "missing",
                there.table.kind.name(),
            ));
        }
    }
    Ok(paired)
}

fn pairing<'a>(
    here: &Meant<'a>,
    there: Meant<'a>,
    counterpart: QualifiedName,
    ruling: Ruling,
) -> Pairing<'a> {
    let read = [here.leaves.clone(), there.leaves];
    let wide = read.iter().flatten().any(|r| values::may_be_large(r));
    let parts = read.clone().map(|leaves| leaves.into_iter().map(Part::from).collect());
    let oids = [here.table.oid, there.table.oid];
    Pairing { name: here.table.name.clone(), counterpart, oids, parts, read, wide, ruling }
}

fn holds_rows(relation: &Relation) -> bool {
    matches!(relation.kind, RelationKind::Table | RelationKind::Partitioned)
}

fn unread(relation: &Relation) -> Finding {
    Finding {
        code: "foreign-table",
        object: relation.name.plain(),
        message: "this partition is a foreign table: its rows are not compared".into(),
        remedy: "compare it on the server that holds it".into(),
    }
}
