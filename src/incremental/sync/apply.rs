//! Rows that differ are brought, and rows that only the target has are deleted, table by table.
//!
//! Gently first: rows are changed where they are, parents before children, and what is deleted goes last where others may
//! refer to it. Where rows are in each other's way like that (two that swap a unique value, a row that refers to a later one
//! of its own table), it is undone, and forced: all that differ are deleted before any is written, while foreign keys are
//! held off if there are any, which are checked as a whole afterwards.
//!
//! Invariant: only rows that differ travel and are written, but for tables of which most differ: all of theirs travel.
//! Deliberately absent: what differs (see `search`).

use super::search::{Found, cut, prove};
use super::statement::{self, Pair};
use super::steps::{Share, Wanted, shares};
use crate::bridge::Bridge;
use crate::error::{Context, Error, Kind, Result};
use crate::incremental::{self, check, statement as shared};
use crate::pg::session::TargetSession;
use crate::pg::sql::Sql;
use crate::plan::incremental::{Forced, Group};

/// Keys in one statement, where the key is one column.
const AT_ONCE: u64 = 20_000;
/// Likewise where it is several: the source looks for all combinations of their values.
const COMBINED_AT_ONCE: u64 = 200;
/// More of the source's rows than one in so many are not looked for one by one.
const FEW: u64 = 5;

/// The changes of a group of tables.
pub(super) struct Changes<'a> {
    pub(super) group: &'a Group,
    /// Its tables, parents before children.
    pub(super) tables: Vec<(Pair<'a>, Found)>,
    /// Whether rows that only the target has are deleted.
    pub(super) deletes: bool,
    /// Whether the target's triggers fire.
    pub(super) fire_triggers: bool,
    /// Whether these are all changes, so that the tables are equal afterwards; else a later step makes the rest.
    pub(super) are_all: bool,
}

impl Changes<'_> {
    /// Leaves only so many of them; returns how many there are besides.
    pub(super) async fn cut(&mut self, session: &TargetSession, most: u64) -> Result<u64> {
        let wanted = self.tables.iter().map(|(pair, found)| Wanted {
            brought: found.wanted(),
            deleted: if self.deletes { found.extra } else { 0 },
            referred: self.group.referred.contains(&pair.table.target_oid),
        });
        let wanted: Vec<Wanted> = wanted.collect();
        let all: u64 = wanted.iter().map(|table| table.brought + table.deleted).sum();
        if all <= most {
            return Ok(0);
        }
        self.are_all = false;
        for ((pair, found), share) in self.tables.iter_mut().zip(shares(&wanted, most)) {
            if found.listed {
                let deleted = if self.deletes { share.deleted } else { found.extra };
                cut(session, *pair, found, Share { deleted, ..share }).await?;
            }
        }
        Ok(all - most)
    }

    /// Makes them.
    pub(super) async fn apply(&self, bridge: &Bridge) -> Result<()> {
        let applied = self.all_or_nothing(bridge).await;
        let is_of_steps = |error: &Error| !self.are_all && is_in_the_way(error);
        applied.map_err(|error| if is_of_steps(&error) { error.remedy(OF_STEPS) } else { error })
    }

    async fn all_or_nothing(&self, bridge: &Bridge) -> Result<()> {
        let (session, about) = (bridge.session(), self.about());
        let before: Vec<Sql> = shared::before(self.group).into_iter().chain([statement::defer()]).collect();
        let prepared = session.run(&Sql::script(&before)).await;
        prepared.context(Kind::Copy, "the tables could not be prepared", &about)?;
        for (pair, _) in self.changed().filter(|(_, found)| found.wanted() > 0) {
            let made = session.run(&shared::foreign_table(bridge.server(), pair.table)).await;
            made.context(Kind::Copy, FAILED, found_in(*pair))?;
        }
        self.write(session).await?;
        for (oid, child) in &self.group.checked {
            check(session, *oid, child).await?;
        }
        let after = shared::after(self.group);
        if !after.is_empty() {
            let restored = session.run(&Sql::script(&after)).await;
            restored.context(Kind::Copy, "the triggers could not be put back", &about)?;
        }
        Ok(())
    }

    /// Until they are proved.
    async fn write(&self, session: &TargetSession) -> Result<()> {
        let is_fixed = |(pair, found): &(Pair<'_>, Found)| pair.bucketing.is_fixed && found.updated > 0;
        let must = self.tables.iter().any(is_fixed);
        let Some(forced) = &self.group.forced else {
            let gently = self.gently(session).await;
            gently.map_err(|error| if is_in_the_way(&error) { error.remedy(NOT_FORCED) } else { error })?;
            return self.unlike(session).await?.map_or(Ok(()), Err);
        };
        if !must {
            session.run(&shared::savepoint()).await.context(Kind::Copy, FAILED, self.about())?;
            match self.gently(session).await {
                Ok(()) => match self.unlike(session).await? {
                    None => return Ok(()),
                    // Rows that were equal have been changed with those that they refer to.
                    Some(_) if self.group.cascades => {}
                    Some(error) => return Err(error),
                },
                Err(error) if is_in_the_way(&error) => {}
                Err(error) => return Err(error),
            }
            session.run(&shared::go_back()).await.context(Kind::Copy, FAILED, self.about())?;
        }
        self.by_force(session, forced).await?;
        self.unlike(session).await?.map_or(Ok(()), Err)
    }

    /// The error that a table does not have what the source has, if there is one.
    async fn unlike(&self, session: &TargetSession) -> Result<Option<Error>> {
        if !self.are_all {
            return Ok(None);
        }
        let anywhere = self.group.cascades || (self.fire_triggers && self.group.has_triggers);
        for (pair, found) in self.tables.iter().filter(|(_, found)| anywhere || !found.is_nothing()) {
            if !prove(session, *pair, found, (!self.deletes, anywhere)).await? {
                return Ok(Some(unlike(&pair.table.target.plain())));
            }
        }
        Ok(None)
    }

    async fn gently(&self, session: &TargetSession) -> Result<()> {
        let goes_first = |pair: &Pair<'_>| !self.group.referred.contains(&pair.table.target_oid);
        let extra = || self.changed().filter(|(_, found)| self.deletes && found.extra > 0);
        for (pair, _) in extra().rev().filter(|(pair, _)| goes_first(pair)) {
            self.run(session, *pair, &pair.delete(false)).await?;
        }
        for (pair, found) in self.changed() {
            self.bring(session, *pair, found).await?;
        }
        for (pair, _) in extra().rev().filter(|(pair, _)| !goes_first(pair)) {
            self.run(session, *pair, &pair.delete(false)).await?;
        }
        self.constraints(session).await
    }

    async fn by_force(&self, session: &TargetSession, forced: &Forced) -> Result<()> {
        let mut before: Vec<Sql> = shared::lock(&forced.locked).into_iter().collect();
        before.extend(forced.silenced.iter().map(shared::disable));
        before.extend(forced.replica.then(shared::hold_off));
        if !before.is_empty() {
            let prepared = session.run(&Sql::script(&before)).await;
            prepared.context(Kind::Copy, "the tables could not be prepared", self.about())?;
        }
        for (pair, _) in self.changed().rev().filter(|(_, found)| found.listed) {
            let statement = if self.deletes { pair.delete(true) } else { pair.delete_changed() };
            self.run(session, *pair, &statement).await?;
        }
        for (pair, found) in self.changed() {
            self.bring(session, *pair, found).await?;
        }
        let mut after: Vec<Sql> = forced.replica.then(shared::let_fire).into_iter().collect();
        after.extend(forced.silenced.iter().map(shared::enable));
        if !after.is_empty() {
            let restored = session.run(&Sql::script(&after)).await;
            restored.context(Kind::Copy, "the triggers could not be put back", self.about())?;
        }
        self.constraints(session).await?;
        for (oid, child) in &forced.checked {
            check(session, *oid, child).await?;
        }
        Ok(())
    }

    /// Brings the rows of a table.
    async fn bring(&self, session: &TargetSession, pair: Pair<'_>, found: &Found) -> Result<()> {
        let wanted = found.wanted();
        if wanted == 0 {
            return Ok(());
        }
        if !found.listed {
            return self.run(session, pair, &pair.bring_all()).await;
        }
        if !pair.bucketing.found_remotely || wanted > found.rows() / FEW {
            return self.run(session, pair, &pair.bring_of_all()).await;
        }
        let step = if pair.bucketing.key.len() > 1 { COMBINED_AT_ONCE } else { AT_ONCE };
        let mut after = 0;
        while after < wanted {
            self.run(session, pair, &pair.bring_some((after, after + step))).await?;
            after += step;
        }
        Ok(())
    }

    /// Those that waited.
    async fn constraints(&self, session: &TargetSession) -> Result<()> {
        let checked = session.run(&shared::check()).await;
        checked.context(Kind::Copy, "the rows break a constraint", self.about())?;
        Ok(())
    }

    async fn run(&self, session: &TargetSession, pair: Pair<'_>, statement: &Sql) -> Result<()> {
        session.run(statement).await.context(Kind::Copy, FAILED, found_in(pair))?;
        Ok(())
    }

    fn changed(&self) -> impl DoubleEndedIterator<Item = &(Pair<'_>, Found)> {
        self.tables.iter().filter(|(_, found)| !found.is_nothing())
    }

    fn about(&self) -> String {
        incremental::names(self.group)
    }
}

const FAILED: &str = "its rows could not be synchronised";

const OF_STEPS: &str = "rows that can only be changed together are not in one step: let more changes be one step (--batch), or leave it out; the steps before are committed";

const NOT_FORCED: &str = "rows are in each other's way (two swap a unique value, or one refers to a later one), and others refer to them: make the constraint DEFERRABLE; or let our role hold foreign keys off, on the target, from version 15 on: GRANT SET ON PARAMETER session_replication_role TO our role, without --fire-triggers";

fn unlike(table: &str) -> Error {
    Error::new(Kind::Verify, "it was synchronised, and does not have what the source has; nothing was changed")
        .object(table)
        .remedy("something of the target changes what is written: triggers (leave --fire-triggers out), or keys with ON UPDATE or ON DELETE actions that our role cannot hold off")
}

fn found_in(pair: Pair<'_>) -> String {
    pair.table.source.plain()
}

/// Whether rows may only be in each other's way: a unique value, an exclusion, a row that refers to another.
fn is_in_the_way(error: &Error) -> bool {
    let code = error.sqlstate().map(tokio_postgres::error::SqlState::code);
    matches!(code, Some("23505" | "23P01" | "23503"))
}
