//! Both sides are looked at, and the plan is made of what is seen.
//!
//! Invariant: reads only; asked once more under the snapshot, the plan is of the same moment as the rows.
//! Deliberately absent: any judgement (see `plan::incremental`).

use std::collections::{HashMap, HashSet};

use super::statement;
use crate::catalog::columns::Anatomy;
use crate::catalog::tables::{self, Column, Key, Tables};
use crate::catalog::{Catalog, Oid, read};
use crate::error::{Context, Failure, Kind, Result};
use crate::pg::ident::QualifiedName;
use crate::pg::session::{SourceSession, TargetSession, column, plain_names};
use crate::pg::sql::Sql;
use crate::plan::compare::digest::Way;
use crate::plan::incremental::bucketing::{Bucketing, Known};
use crate::plan::incremental::units::{Unit, units};
use crate::plan::incremental::{Asking, CopyPlan, Sides, TableCopy, destination};
use crate::plan::select::{Choice, Selection};
use crate::plan::{Plan, Shape, TablePlan, values};
use crate::report::Finding;
use crate::sql;

/// What both sides have of what was chosen.
pub struct Look {
    /// The source's catalog.
    pub catalog: Catalog,
    /// What was chosen of it: tables and their partitions.
    pub choice: Choice,
    /// What is copied.
    pub units: Vec<Unit>,
    source: HashMap<Oid, Vec<Column>>,
    source_keys: HashMap<Oid, Vec<Key>>,
    there: Catalog,
    target: Tables,
    roles: Roles,
}

/// Whether triggers fire in our sessions on the target, and whether we may say so: `session_replication_role`.
#[derive(Debug, Clone, Copy)]
struct Roles {
    may_play: bool,
    plays: bool,
}

impl Look {
    /// Looks at both; the session of the source finds names by their schema alone from then on.
    pub async fn take(
        asking: &Asking,
        selection: &Selection,
        source: &SourceSession,
        target: &TargetSession,
    ) -> Result<Self> {
        let catalog = read::relations(source).await?;
        let mut choice = selection.choose(&catalog);
        let units = units(&catalog, &choice);
        choice.relations =
            units.iter().flat_map(|unit| unit.leaves.iter().copied().chain([unit.relation.oid])).collect();
        choice.without_data = HashSet::new();
        source.run(&plain_names()).await.context(
            Kind::Preflight,
            "names could not be qualified",
            "source",
        )?;
        let oids: Vec<Oid> = units.iter().map(|unit| unit.relation.oid).collect();
        let columns = tables::columns(source, &oids).await?;
        let source_keys = tables::keys(source, &oids).await?;
        let there = read::relations(target).await?;
        let wanted: Vec<Oid> = units
            .iter()
            .filter_map(|unit| destination(unit, asking, &there))
            .map(|relation| relation.oid)
            .collect();
        Ok(Self {
            target: tables::read(target, &wanted).await?,
            roles: Roles::of(target).await?,
            catalog,
            choice,
            units,
            source: columns,
            source_keys,
            there,
        })
    }

    /// The plan, or all that stands in its way.
    pub fn plan(&self, asking: &Asking) -> Result<CopyPlan, Vec<Finding>> {
        let sides = Sides {
            catalog: &self.catalog,
            units: &self.units,
            source: &self.source,
            source_keys: &self.source_keys,
            there: &self.there,
            target: &self.target,
            may_play_replica: self.roles.may_play,
            plays_replica: self.roles.plays,
        };
        CopyPlan::new(asking, &sides)
    }

    /// How the rows of each table of this plan are matched, by its oid on the source.
    #[must_use]
    pub fn bucketings(
        &self,
        plan: &CopyPlan,
        anatomies: [&HashMap<Oid, Anatomy>; 2],
        records: bool,
    ) -> HashMap<Oid, Bucketing> {
        let same_encoding = self.catalog.database.encoding == self.there.database.encoding;
        let nothing = Anatomy::default();
        let of = |table: &TableCopy| {
            let unit = self.units.iter().find(|unit| unit.relation.oid == table.oid)?;
            let there = self.there.relations.iter().find(|relation| relation.oid == table.target_oid);
            let here = self.catalog.relations.iter().filter(|relation| unit.leaves.contains(&relation.oid));
            let known = Known {
                relation: &unit.relation,
                anatomies: [
                    anatomies[0].get(&table.oid).unwrap_or(&nothing),
                    anatomies[1].get(&table.target_oid).unwrap_or(&nothing),
                ],
                way: Way { records, same_encoding },
                wide: here.chain(there).any(values::may_be_large),
            };
            Some((table.oid, Bucketing::new(table, &known)))
        };
        plan.tables().filter_map(of).collect()
    }

    /// The tables that are locked on the source; their partitions are locked with them.
    #[must_use]
    pub fn locked(&self) -> Vec<QualifiedName> {
        self.units.iter().map(|unit| unit.relation.name.clone()).collect()
    }

    /// The tables that hold the rows.
    #[must_use]
    pub fn holders(&self) -> HashSet<Oid> {
        self.units.iter().flat_map(|unit| unit.leaves.iter().copied()).collect()
    }

    /// The tables that hold the rows, as the planner of clones knows them.
    #[must_use]
    pub fn holder_plans(&self, shape: Shape) -> Vec<TablePlan> {
        let choice = Choice { relations: self.holders(), ..self.choice.clone() };
        Plan::new(&self.catalog, &choice, Shape { ctid_ranges: false, ..shape }).tables
    }

    /// Has the source read the conditions: a mistake in one is found before anything is changed.
    pub async fn conditions(&self, asking: &Asking, source: &SourceSession) -> Result<Vec<Finding>> {
        let mut findings = Vec::new();
        for Unit { relation, .. } in &self.units {
            let conditions = asking.rules.of(&relation.name, relation.visible).conditions;
            if conditions.is_empty() {
                continue;
            }
            let each = conditions.iter().map(statement::condition);
            let query = sql!(
                "incremental/try_condition.sql",
                table = relation.name,
                alias = relation.name.name,
                conditions = Sql::join(each, " AND ")
            );
            match source.rows(&query, &[]).await {
                Ok(_) => {}
                Err(failure) => findings.push(failing(failure, &relation.name)?),
            }
        }
        Ok(findings)
    }
}

fn failing(failure: Failure, table: &QualifiedName) -> Result<Finding> {
    let failed = "the condition could not be tried on the source";
    match failure.refusal() {
        None => Err(failure).context(Kind::Preflight, failed, table.plain()),
        Some(reason) => Ok(Finding {
            code: "where-fails",
            object: table.plain(),
            message: format!("the source does not understand its condition: {reason}"),
            remedy: "see --where; names in it are qualified with their schema".into(),
        }),
    }
}

impl Roles {
    async fn of(target: &TargetSession) -> Result<Self> {
        let failed = "a check could not be made";
        let row = target.one(&sql!("incremental/plays.sql"), &[]).await;
        let row = row.context(Kind::Preflight, failed, "target")?;
        let plays = column::<String>(&row, "role")? != "origin";
        match target.run(&sql!("incremental/play_replica.sql")).await {
            Ok(_) => Ok(Self { may_play: true, plays }),
            Err(failure) if failure.server_error().is_some_and(|error| error.code().code() == "42501") => {
                target.rollback().await;
                Ok(Self { may_play: false, plays })
            }
            Err(failure) => Err(failure).context(Kind::Preflight, failed, "target"),
        }
    }
}
