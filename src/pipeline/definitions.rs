//! What both sides' catalogs say of the chosen objects, read under the snapshots under which the rows are.
//!
//! Invariant: what was told of a table as a whole, or of a column, is not told once more.
//! Deliberately absent: what is a difference (see `definitions`).

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::definitions::{Chosen, Definitions, How, compare, left_out, read};
use crate::error::Result;
use crate::job::verify::VerifyJob;
use crate::pg::ident::QualifiedName;
use crate::pg::server::Server;
use crate::pg::session::Side;
use crate::plan::compare::{Pairing, by_relation};
use crate::plan::rules::Ruling;
use crate::plan::select::Selection;
use crate::report::{Difference, Part};
use crate::verify::{self, Crew, Sides, Together};

/// Everything that differs.
pub(super) async fn differences(
    (job, selection): (&VerifyJob, &Selection),
    sides: &Sides<'_>,
    (catalogs, pairings): ([&Catalog; 2], &[Pairing<'_>]),
    together: &Together,
) -> Result<Vec<Difference>> {
    let (source, target) = sides.servers;
    let rulings = [0, 1].map(|side: usize| by_relation(catalogs[side], pairings, side));
    let reading = together.both(
        definitions(source, &sides.crews.0, &rulings[0]),
        definitions(target, &sides.crews.1, &rulings[1]),
    );
    let (here, there) = reading.await?;
    let mut chosen = catalogs.map(|catalog| Chosen::of(catalog, &selection.choose(catalog)));
    let renamed = renamed(job, catalogs[0], &chosen[0]);
    chosen[1].relations.extend(renamed.values().cloned());
    let versions = [source.version().major(), target.version().major()];
    let how = How { versions, chosen, renamed, counting: job.counting };
    Ok(compare(here, there, &how).into_iter().map(Difference::from).collect())
}

/// Those of the differences that the comparison of the rows has not told in its own words.
pub(super) fn beyond(differences: Vec<Difference>, told: &[Difference]) -> Vec<Difference> {
    let is_told = |one: &Difference| {
        let Some(Part { object, aspect }) = &one.part else { return false };
        let same = |other: &&Difference| (&other.schema, &other.name) == (&one.schema, &one.name);
        told.iter().filter(same).any(|other| match (&other.column, aspect.as_deref()) {
            (Some(column), None | Some("type")) => *object == format!("column {column}"),
            (None, None) => other.kind == "table" && object == "table",
            _ => false,
        })
    };
    differences.into_iter().filter(|one| !is_told(one)).collect()
}

async fn definitions<S: Side>(
    server: &Server<S>,
    crew: &Crew<S>,
    rulings: &BTreeMap<&QualifiedName, &Ruling>,
) -> Result<Definitions> {
    let session = crew.exporter();
    verify::prepare(session).await?;
    let mut definitions = read::definitions(session, server.version()).await?;
    left_out::take_off(session, &mut definitions, rulings).await?;
    Ok(definitions)
}

/// The chosen tables that have another name on the target.
fn renamed(job: &VerifyJob, catalog: &Catalog, chosen: &Chosen) -> BTreeMap<QualifiedName, QualifiedName> {
    let tables = catalog.relations.iter().filter(|table| chosen.relations.contains(&table.name));
    let renamed = tables.filter_map(|table| {
        let into = job.rules.of(&table.name, table.visible).into?;
        Some((table.name.clone(), into))
    });
    renamed.collect()
}
