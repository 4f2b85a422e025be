//! Everything that a failed or interrupted run has made on the target is removed again.
//!
//! Invariant: only what the ledger lists is undone, by `pg_restore`'s own DROP statements, without CASCADE; one that
//! fails does not keep the others from being run, and what could not be undone is told.
//! Deliberately absent: how it is done (see `ledger`), and doing it, which is the janitor's part while there is one.
//! The rows need no undoing: uncommitted ones are the server's to roll back, committed ones go with their tables.

use std::time::{Duration, Instant};

use crate::error::{Context, Error, ErrorReport, Kind, Result};
use crate::janitor::{self, Janitors};
use crate::ledger::{self, Found, Unfinished};
use crate::pg::server::Target;
use crate::pg::session::TargetSession;
use crate::report::Finding;
use crate::run::Run;
use crate::stop::Stop;

/// A target that restarts is given so long to come back; every try has patience of its own.
const PATIENCE: Duration = Duration::from_secs(15);

/// Undoes the run, or says what of it is kept to be taken up again. The stop signal does not reach here: undoing always
/// runs to its end.
pub async fn undo(janitors: Janitors, target: &Target, run: &Run) -> Result<Option<Finding>> {
    let run = &run.under(Stop::never());
    let waiting = "for locks on the target, to undo the clone";
    let called = run.patiently(waiting, janitors.call()).await;
    // A fresh session: those of the run have been ended.
    let session = connect(target, run).await?;
    if called.is_err() {
        let duty = janitor::duty_on_target(&run.id);
        let done = run.patiently(waiting, session.run(&duty)).await;
        done.context(Kind::Schema, "not everything could be undone", "target")?;
    }
    let found = ledger::find(&session).await?;
    let unfinished = match found {
        Found::Unfinished(unfinished) if unfinished.id == run.id => unfinished,
        _ => return Ok(None),
    };
    if unfinished.resumable {
        return Ok(Some(kept(&unfinished)));
    }
    Err(remains(&ledger::left(&session).await?))
}

fn kept(unfinished: &Unfinished) -> Finding {
    let (chunks, copied) = unfinished.chunks;
    Finding {
        code: "kept-for-resume",
        object: "target".into(),
        message: format!("what was made there is kept, {copied} of {chunks} chunks of rows are copied"),
        remedy: "go on with the same command and --resume, or remove it: fdwcopy cleanup --unfinished drop"
            .into(),
    }
}

async fn connect(target: &Target, run: &Run) -> Result<TargetSession> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match target.dedicated("undo", &[], run).await {
            Ok(session) => return Ok(session),
            Err(error) if Instant::now() >= deadline => return Err(error),
            Err(_) => tokio::time::sleep(Duration::from_secs(1)).await,
        }
    }
}

/// The error that says what is left.
#[must_use]
pub fn remains(left: &[Error]) -> Error {
    let words: Vec<String> = left.iter().map(|error| ErrorReport::from(error).to_string()).collect();
    Error::new(Kind::Schema, format!("not everything could be undone: {}", words.join("; ")))
        .object("target")
        .remedy("when nothing is in the way any more, run: fdwcopy cleanup")
}
