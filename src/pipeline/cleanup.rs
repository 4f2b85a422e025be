//! What a run that has not ended left on the target is removed.
//!
//! Invariant: the ledger says what that is, so nothing of others is touched; what could be taken up again is dropped
//! only by the user's word.
//! Deliberately absent: the source, where nothing is ever kept.

use super::{refuse, timed};
use crate::bridge::extension;
use crate::catalog::STATE_SCHEMA;
use crate::error::{Context, Error, Kind, Result};
use crate::incremental::state;
use crate::job::{Cleanup, Fate};
use crate::ledger::{self, Found, Unfinished, Until};
use crate::pg::server::Target;
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::progress::Phase;
use crate::report::{Finding, Report};
use crate::run::Run;
use crate::{janitor, replace, undo};

/// Lists what there is, and removes it unless only the list is wanted.
pub(super) async fn run(cleanup: &Cleanup, run: &Run, report: &mut Report) -> Result<Option<String>> {
    let session = timed(Phase::Connect, report, run, async {
        let target = Target::connect(&cleanup.target, 1, run).await?;
        target.dedicated("cleanup", &[], run).await
    })
    .await?;
    janitor::claim(&session, run).await?;
    if cleanup.watermarks {
        return forget_watermarks(&session, cleanup, report).await;
    }
    let unfinished = match ledger::find(&session).await? {
        Found::Nothing => return remove_replaced(&session, cleanup, report).await,
        Found::Strange(owner) => return Err(refuse(vec![strange(&owner)], report)),
        Found::Unfinished(unfinished) => unfinished,
    };
    let keep = unfinished.resumable && cleanup.unfinished == Some(Fate::Keep);
    let made = if keep { Vec::new() } else { ledger::entries::names_of_made(&session).await? };
    if cleanup.dry_run {
        return Ok(Some(listing(&unfinished, &made)));
    }
    if unfinished.resumable && cleanup.unfinished.is_none() {
        return Err(refuse(vec![undecided(&unfinished, made.len())], report));
    }
    let left = timed(Phase::Undo, report, run, remove(&session, &unfinished, keep, run)).await?;
    report.warnings.extend(left);
    report.removed = made;
    report.removed.push(format!("SCHEMA {STATE_SCHEMA}"));
    Ok(None)
}

async fn remove(
    session: &TargetSession,
    unfinished: &Unfinished,
    keep: bool,
    run: &Run,
) -> Result<Option<Finding>> {
    let failed = "it could not be cleaned up";
    if keep {
        extension::put_away(session, None).await?;
        let left = replace::kept(session).await?;
        let closing = Sql::script(&[
            ledger::take_back(Until::Privileges),
            ledger::take_back(Until::End),
            ledger::close(),
        ]);
        session.run(&closing).await.context(Kind::Schema, failed, STATE_SCHEMA)?;
        return Ok(left);
    }
    session.run(&ledger::give_up()).await.context(Kind::Schema, failed, STATE_SCHEMA)?;
    let duty = janitor::duty_on_target(&unfinished.id);
    let undoing = run.patiently("for locks on the target", session.run(&duty));
    undoing.await.context(Kind::Schema, failed, "target")?;
    match ledger::find(session).await? {
        Found::Unfinished(_) => Err(undo::remains(&ledger::left(session).await?)),
        _ => Ok(None),
    }
}

/// Forgets the watermarks of all copies into this database.
async fn forget_watermarks(
    session: &TargetSession,
    cleanup: &Cleanup,
    report: &mut Report,
) -> Result<Option<String>> {
    let tables = state::watermarks(session).await?;
    let names: Vec<String> = tables.iter().map(|table| format!("WATERMARK {table}")).collect();
    if cleanup.dry_run {
        return Ok(Some(names.iter().fold(String::new(), |text, name| text + "  " + name + "\n")));
    }
    if state::home(session).await?.present {
        let dropped = session.run(&state::drop_all()).await;
        dropped.context(Kind::Schema, "the watermarks could not be forgotten", STATE_SCHEMA)?;
    }
    report.removed = names;
    Ok(None)
}

/// Removes what earlier runs have replaced and left aside.
async fn remove_replaced(
    session: &TargetSession,
    cleanup: &Cleanup,
    report: &mut Report,
) -> Result<Option<String>> {
    let schemas = replace::leftover(session).await?;
    let names: Vec<String> = schemas.iter().map(|schema| format!("SCHEMA {schema}")).collect();
    if cleanup.dry_run {
        let nothing = "nothing is kept on the target\n".to_owned();
        let listed = names.iter().fold(String::new(), |text, name| text + "  " + name + "\n");
        return Ok(Some(if names.is_empty() { nothing } else { listed }));
    }
    if names.is_empty() {
        return Ok(None);
    }
    if cleanup.unfinished != Some(Fate::Drop) {
        return Err(refuse(schemas.iter().map(|schema| replaced_left(schema)).collect(), report));
    }
    let obstacles = replace::drop_leftover(session, &schemas).await?;
    if !obstacles.is_empty() {
        return Err(refuse(obstacles, report));
    }
    report.removed = names;
    Ok(None)
}

fn replaced_left(schema: &str) -> Finding {
    Finding {
        code: "replaced-left",
        object: format!("schema {schema}"),
        message: "it holds objects that a run has replaced".into(),
        remedy: "look at them; then drop them: --unfinished drop".into(),
    }
}

fn listing(unfinished: &Unfinished, made: &[String]) -> String {
    let head =
        format!("run {}, begun {}, --consistency {}\n", unfinished.id, unfinished.begun, unfinished.mode);
    let state = format!("SCHEMA {STATE_SCHEMA}");
    made.iter().chain([&state]).fold(head, |text, name| text + "  " + name + "\n")
}

fn strange(owner: &str) -> Finding {
    let message = format!(
        "this schema of the target is not the state of a run of ours; it belongs to the role {owner}"
    );
    let error = Error::new(Kind::Preflight, message)
        .object(format!("schema {STATE_SCHEMA}"))
        .remedy("connect as that role if it is one");
    crate::preflight::finding("schema-in-the-way", &error)
}

fn undecided(unfinished: &Unfinished, objects: usize) -> Finding {
    let (chunks, copied) = unfinished.chunks;
    Finding {
        code: "unfinished-run",
        object: format!("run {}", unfinished.id),
        message: format!("it can be taken up again: {objects} objects are made, {copied} of {chunks} chunks are copied"),
        remedy: "go on with clone --resume; or drop the objects: --unfinished drop; or keep them as they are and forget the run: --unfinished keep".into(),
    }
}
