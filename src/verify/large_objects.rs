//! Whether both sides have the same large objects.
//!
//! Invariant: where there are any, it is told that their contents were not compared.
//! Deliberately absent: their contents, which most roles may not read (`clone --verify checksum` compares those it copies).

use super::{Sides, Together};
use crate::error::{Context, Kind, Result};
use crate::pg::session::{Session, Side, column};
use crate::report::{Difference, Finding};
use crate::sql;

/// How many there are, and the sum of their numbers' hashes.
type Numbers = (i64, String);

/// What differs, or what is not known.
pub async fn compare(
    sides: &Sides<'_>,
    together: &Together,
) -> Result<(Option<Difference>, Option<Finding>)> {
    let (source, target) = (sides.crews.0.exporter(), sides.crews.1.exporter());
    let (here, there) = together.both(numbers(source), numbers(target)).await?;
    let differ = (here != there).then(|| Difference {
        name: "large objects".into(),
        kind: "large object",
        source: told(&here),
        target: told(&there),
        ..Difference::default()
    });
    let unread = (here == there && here.0 > 0).then(|| Finding {
        code: "large-objects-unread",
        object: "large objects".into(),
        message: format!("both sides have the same {}; their contents were not compared", here.0),
        remedy: "clone --verify checksum compares the contents of those that it copies".into(),
    });
    Ok((differ, unread))
}

fn told((objects, oids): &Numbers) -> String {
    format!("{objects} with oids of the sum {oids}")
}

async fn numbers<S: Side>(session: &Session<S>) -> Result<Numbers> {
    let row = session.one(&sql!("verify/large_objects.sql"), &[]).await;
    let row = row.context(Kind::Verify, "the large objects could not be counted", S::NAME)?;
    Ok((column(&row, "objects")?, column(&row, "oids")?))
}
