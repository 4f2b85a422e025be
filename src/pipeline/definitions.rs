//! What both sides' catalogs say of the chosen objects, read under the same snapshots as the rows.
//!
//! Invariant: each side has a session of its own for it, so that rows may be compared at the same time.
//! Deliberately absent: what is a difference (see `definitions`).

use std::collections::BTreeMap;

use crate::catalog::Catalog;
use crate::definitions::{Chosen, Definitions, How, compare, read};
use crate::error::Result;
use crate::job::verify::VerifyJob;
use crate::pg::ident::QualifiedName;
use crate::pg::server::{Server, Source, Target};
use crate::pg::session::{Side, SourceSide, TargetSide};
use crate::report::Difference;
use crate::run::Run;
use crate::snapshot::Moment;
use crate::verify;

/// Both sides: the servers, their moments, and the catalogs that relations are chosen by.
pub(super) struct Sides<'a> {
    /// The servers.
    pub(super) servers: (&'a Source, &'a Target),
    /// Under which snapshots they are read.
    pub(super) moments: (&'a Moment<SourceSide>, &'a Moment<TargetSide>),
    /// What they have.
    pub(super) catalogs: [&'a Catalog; 2],
}

/// Everything that differs.
pub(super) async fn differences(job: &VerifyJob, sides: Sides<'_>, run: &Run) -> Result<Vec<Difference>> {
    let (source, target) = sides.servers;
    let (here, there) = run
        .both(
            |run| async move { definitions(source, sides.moments.0, &run).await },
            |run| async move { definitions(target, sides.moments.1, &run).await },
        )
        .await?;
    let mut chosen = sides.catalogs.map(|catalog| Chosen::of(catalog, &job.selection.choose(catalog)));
    let renamed = renamed(job, sides.catalogs[0], &chosen[0]);
    chosen[1].relations.extend(renamed.values().cloned());
    let versions = [source.version().major(), target.version().major()];
    let how = How { versions, chosen, renamed, counting: job.counting };
    Ok(compare(here, there, &how).into_iter().map(Difference::from).collect())
}

async fn definitions<S: Side>(server: &Server<S>, moment: &Moment<S>, run: &Run) -> Result<Definitions> {
    let session = moment.reader(server, run).await?;
    verify::prepare(&session).await?;
    let definitions = read::definitions(&session, server.version()).await?;
    session.close().await;
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
