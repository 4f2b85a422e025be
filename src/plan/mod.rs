//! The planner: turns the catalog and the job into a [`Plan`], a plain value.
//!
//! Invariant: every `if` about a table lives here. `--dry-run` prints the plan, the phases carry it out, and
//! neither adds to it.
//! Deliberately absent: sessions, clocks, async. It does not know how a chunk travels either.

pub mod chunk;
pub mod compare;
pub mod configuration;
#[cfg(test)]
pub(crate) mod fixture;
pub mod incremental;
pub mod large_objects;
mod left_out;
pub mod members;
pub mod order;
pub mod pattern;
pub mod provider;
pub mod ranges;
pub mod route;
pub mod rules;
pub mod select;
#[cfg(test)]
mod tests;
pub mod values;

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;

use crate::catalog::{Catalog, Oid, Relation, RelationKind, is_ours};
use crate::pg::ident::{Ident, QualifiedName};
use crate::pg::version::Version;
use crate::report::{Finding, NotCopied};
use chunk::PageRange;
use configuration::Rows;
use large_objects::LargeObjectsPlan;
use route::Routes;
use select::Choice;
use values::LargeRows;

/// The columns that a table can have (`MaxHeapAttributeNumber`).
const MOST_COLUMNS: usize = 1600;

/// What is copied, in which chunks, in which order, and what is not.
#[derive(Debug, Clone, Serialize)]
pub struct Plan {
    /// Tables whose rows are copied.
    pub tables: Vec<TablePlan>,
    /// The queue's content, in the order in which workers pull.
    pub chunks: Vec<Chunk>,
    /// Indexes, and constraints, that are made before the rows: values name them. By their oids.
    pub early: Vec<Oid>,
    /// Sequences to set.
    pub sequences: Vec<QualifiedName>,
    /// Large objects to copy.
    pub large_objects: LargeObjectsPlan,
    /// Materialised views to refresh, in this order.
    pub refreshes: Vec<Refresh>,
    /// What to gather statistics for: tables, roots of partition trees and refreshed views.
    pub analyzed: Vec<QualifiedName>,
    /// What stays behind although nobody asked for that, and why.
    pub not_copied: Vec<NotCopied>,
    /// What should be known about the plan.
    pub warnings: Vec<Finding>,
}

/// The refresh of a materialised view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refresh {
    /// The view.
    pub name: QualifiedName,
    /// Indexes into [`Plan::refreshes`] of the views it reads, directly or through plain views.
    pub after: Vec<usize>,
}

/// How one table is copied.
#[derive(Debug, Clone, Serialize)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts of a table")]
pub struct TablePlan {
    /// Its oid on the source.
    pub oid: Oid,
    /// Its name on both sides.
    pub name: QualifiedName,
    /// Its size on the source with TOAST, in bytes.
    pub bytes: u64,
    /// Columns that travel.
    pub columns: Vec<Ident>,
    /// Columns that are computed on either side.
    pub generated: Vec<Ident>,
    /// The partitioned table through which its rows are inserted, because the target may put them into other partitions.
    pub through: Option<QualifiedName>,
    /// An inheritance parent: only its own rows are meant, not those of its children.
    pub own_rows_only: bool,
    /// Whether it has as many columns as a table can have.
    pub full: bool,
    /// Whether its rows lie in a heap: then they can be read by blocks, and tell the transaction that wrote them.
    pub heap: bool,
    /// Its file's number; a rewrite of the table changes it.
    pub filenode: Oid,
    /// Whether it is unlogged: a crash empties it.
    pub unlogged: bool,
    /// Of an extension's own table: which of its rows are meant.
    pub configuration: Option<Rows>,
    /// Rows that are too large for the bridge.
    pub large: LargeRows,
    /// Rows per batch of the cursor.
    pub fetch_size: u32,
    /// Number of its chunks.
    pub chunks: usize,
}

/// One `INSERT … SELECT`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chunk {
    /// Index into [`Plan::tables`].
    pub table: usize,
    /// Which part of the table, counted from 0, of how many.
    pub part: (usize, usize),
    /// The blocks it reads; the whole table if absent.
    pub range: Option<PageRange>,
    /// Whether it is of an extension's own table: all of these go to one worker, in their order.
    pub configuration: bool,
    /// Its share of the table's size.
    pub bytes: u64,
}

/// What the planner needs to know beside the catalog and the choice.
#[derive(Debug, Clone, Copy)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts of a run")]
pub struct Shape {
    /// Number of workers.
    pub workers: usize,
    /// Whether the source reads a ctid range without scanning the whole table (14 and later).
    pub ctid_ranges: bool,
    /// Whether rows, sequences and refreshes are left out.
    pub schema_only: bool,
    /// Whether both databases have the same encoding.
    pub same_encoding: bool,
    /// Whether the target logs in to the source as the role that we are there.
    pub own_login: bool,
    /// Whether rights are wanted.
    pub privileges: bool,
    /// Whether comments are wanted.
    pub comments: bool,
}

impl Shape {
    /// The shape of a copy from a server of this version.
    #[must_use]
    pub fn new(source: Version, workers: usize, schema_only: bool) -> Self {
        // Earlier servers have no Tid Range Scan: every part would read the whole table.
        Self {
            workers,
            ctid_ranges: source.major() >= 14,
            schema_only,
            same_encoding: true,
            own_login: true,
            privileges: true,
            comments: true,
        }
    }
}

impl TablePlan {
    /// For an inheritance parent without room for one more column: its first data column, all but the last, and the
    /// last. It is read as two halves, told apart and joined by where their rows lie.
    #[must_use]
    pub fn halves(&self) -> Option<(&Ident, &[Ident], &Ident)> {
        let (last, first) = self.columns.split_last()?;
        first.first().filter(|_| self.own_rows_only && self.full).map(|spare| (spare, first, last))
    }

    /// The table of the target in which its rows are to be found.
    #[must_use]
    pub fn arrives_in(&self) -> &QualifiedName {
        self.through.as_ref().unwrap_or(&self.name)
    }

    /// Its columns by name: a table's columns may stand in another order on the target.
    #[must_use]
    pub fn compared(&self) -> Vec<&Ident> {
        let mut all: Vec<&Ident> = self.columns.iter().chain(&self.generated).collect();
        all.sort_by_key(|column| column.as_str());
        all
    }
}

impl Plan {
    /// Plans a copy of what was chosen.
    #[must_use]
    pub fn new(catalog: &Catalog, choice: &Choice, shape: Shape) -> Self {
        let with_data = || choice.with_data(catalog).filter(|_| !shape.schema_only);
        let of_kind = |kind| with_data().filter(move |r| r.kind == kind);
        let tables_with_data = || of_kind(RelationKind::Table);
        let sources = configuration::last(tables_with_data().filter(|r| !values::names_what_is_passing(r)));
        let routes = Routes::new(catalog, choice, shape.same_encoding);
        let (tables, chunks) = cut(&sources, &routes, shape);
        let populated: Vec<&Relation> =
            of_kind(RelationKind::MaterializedView).filter(|r| r.populated).collect();
        let refreshes = in_refresh_order(catalog, &populated);
        // ANALYZE of a partitioned table sees to its partitions.
        let analyzed = with_data().filter(|r| match r.kind {
            RelationKind::Table | RelationKind::Partitioned => {
                !r.partition_of.is_some_and(|parent| choice.relations.contains(&parent))
            }
            _ => false,
        });
        let mut warnings: Vec<Finding> = of_kind(RelationKind::ForeignTable).map(foreign_table).collect();
        warnings.extend(of_kind(RelationKind::Partitioned).filter_map(|r| lonely_root(r, catalog, choice)));
        warnings.extend(
            catalog.schemas.iter().filter(|schema| is_ours(schema)).map(|schema| state_left_out(schema)),
        );
        if let Some(provider) = choice.provider.filter(|_| choice.whole_database) {
            let own = catalog.schemas.iter().filter(|schema| provider.has_schema(schema));
            warnings.extend(own.map(|schema| left_to_provider(provider, &format!("schema {schema}"))));
        }
        warnings.extend(left_out::warnings(catalog, choice));
        warnings.extend(sources.iter().filter_map(|r| values::warning(r)));
        let mut not_copied = left_behind(catalog, choice);
        not_copied.extend(left_out::not_copied(catalog, choice, shape));
        not_copied.extend(tables_with_data().flat_map(values::left_behind));
        Self {
            early: values::named_indexes(sources.iter().copied()),
            tables,
            chunks,
            analyzed: analyzed.map(|r| &r.name).chain(refreshes.iter().map(|r| &r.name)).cloned().collect(),
            sequences: of_kind(RelationKind::Sequence).map(|r| r.name.clone()).collect(),
            large_objects: LargeObjectsPlan::new(catalog, choice, shape),
            refreshes,
            not_copied,
            warnings,
        }
    }

    /// The table of a chunk.
    #[must_use]
    pub fn table_of(&self, chunk: &Chunk) -> &TablePlan {
        &self.tables[chunk.table]
    }

    /// Indexes of the tables that have chunks.
    #[must_use]
    pub fn planned_tables(&self) -> Vec<usize> {
        let planned: BTreeSet<usize> = self.chunks.iter().map(|chunk| chunk.table).collect();
        planned.into_iter().collect()
    }

    /// How many of these workers would have something to do.
    #[must_use]
    pub fn busy(&self, workers: usize) -> usize {
        self.chunks.len().max(self.large_objects.ranges.len()).min(workers)
    }

    /// Bytes of all chunks.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.chunks.iter().map(|chunk| chunk.bytes).sum()
    }

    /// Sizes of the tables by their oid, in bytes.
    #[must_use]
    pub fn sizes(&self) -> HashMap<Oid, u64> {
        self.tables.iter().map(|table| (table.oid, table.bytes)).collect()
    }

    /// Indexes of the tables whose rows cannot be told apart on the target: those that go through the same partitioned
    /// table as this one, or else this one alone.
    #[must_use]
    pub fn together_with(&self, index: usize) -> Vec<usize> {
        match &self.tables[index].through {
            Some(root) => {
                let same = |other: &usize| self.tables[*other].through.as_ref() == Some(root);
                self.planned_tables().into_iter().filter(same).collect()
            }
            None => vec![index],
        }
    }

    /// The same plan with its tables cut in another way.
    #[must_use]
    pub fn with_chunks(&self, chunks: Vec<Chunk>) -> Self {
        let mut plan = Self { chunks, ..self.clone() };
        for (index, table) in plan.tables.iter_mut().enumerate() {
            table.chunks = plan.chunks.iter().filter(|chunk| chunk.table == index).count();
        }
        plan
    }

    /// The same plan without the tables that `lost` names: their definition could not be created.
    #[must_use]
    pub fn without(&self, lost: impl Fn(&QualifiedName) -> bool) -> Self {
        let mut plan = self.clone();
        plan.chunks.retain(|chunk| !lost(&self.table_of(chunk).name));
        plan.sequences.retain(|name| !lost(name));
        plan.analyzed.retain(|name| !lost(name));
        for table in &mut plan.tables {
            table.through.take_if(|root| lost(root));
        }
        plan
    }

    /// The same plan where these tables could not be made partitions: rows go into them, not through their root.
    #[must_use]
    pub fn detached(mut self, alone: impl Fn(&QualifiedName) -> bool) -> Self {
        for table in &mut self.tables {
            table.through.take_if(|_| alone(&table.name));
        }
        self
    }
}

fn cut(sources: &[&Relation], routes: &Routes, shape: Shape) -> (Vec<TablePlan>, Vec<Chunk>) {
    let chunk_bytes = chunk::chunk_bytes(sources.iter().map(|r| r.bytes).sum(), shape.workers);
    let mut tables = Vec::new();
    let mut chunks = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        let is_full = source.columns.len() + source.generated.len() >= MOST_COLUMNS;
        let is_halved = source.has_children && is_full;
        let is_whole = is_halved || source.configuration.is_some();
        let can_be_cut = shape.ctid_ranges && source.heap && shape.workers > 1 && !is_whole;
        let ranges =
            if can_be_cut { chunk::page_ranges(source.pages, source.bytes, chunk_bytes) } else { Vec::new() };
        let parts = ranges.len().max(1);
        let part_bytes = source.bytes / parts as u64;
        chunks.extend((0..parts).map(|part| Chunk {
            table: index,
            part: (part, parts),
            range: if parts > 1 { ranges.get(part).copied() } else { None },
            configuration: source.configuration.is_some(),
            bytes: part_bytes,
        }));
        tables.push(TablePlan {
            oid: source.oid,
            name: source.name.clone(),
            bytes: source.bytes,
            columns: source.columns.clone(),
            generated: source.generated.clone(),
            through: routes.of(source).cloned(),
            own_rows_only: source.has_children,
            full: is_full,
            heap: source.heap,
            filenode: source.filenode,
            unlogged: source.unlogged,
            configuration: source.configuration.as_ref().map(Rows::of),
            large: if is_whole { LargeRows::default() } else { LargeRows::of(source) },
            fetch_size: if source.values.large.is_empty() { chunk::fetch_size(source) } else { 1 },
            chunks: parts,
        });
    }
    order::sort_chunks(&mut chunks);
    (tables, chunks)
}

fn in_refresh_order(catalog: &Catalog, views: &[&Relation]) -> Vec<Refresh> {
    let oids: Vec<Oid> = views.iter().map(|view| view.oid).collect();
    let ordered = order::refresh_order(&oids, &catalog.refresh_dependencies);
    let position = |oid: Oid| ordered.iter().position(|other| *other == oid);
    let reads =
        |oid: Oid| catalog.refresh_dependencies.iter().filter(move |edge| edge.0 == oid).map(|edge| edge.1);
    ordered
        .iter()
        .filter_map(|oid| views.iter().find(|view| view.oid == *oid))
        .map(|view| Refresh {
            name: view.name.clone(),
            after: reads(view.oid).filter_map(position).collect(),
        })
        .collect()
}

fn left_behind(catalog: &Catalog, choice: &Choice) -> Vec<NotCopied> {
    let entry = |kind: &str, object: String, reason: &str| NotCopied {
        kind: kind.into(),
        object,
        reason: reason.into(),
    };
    let mut left = Vec::new();
    if choice.whole_database {
        left.extend(catalog.database.subscriptions.iter().map(|name| {
            let reason = "a second subscriber to the same slot would take the changes of the first";
            entry("SUBSCRIPTION", name.clone(), reason)
        }));
    }
    left
}

/// A partitioned table holds no rows itself, and as in pg_dump `--table` does not bring its partitions.
fn lonely_root(root: &Relation, catalog: &Catalog, choice: &Choice) -> Option<Finding> {
    let mut partitions = catalog.relations.iter().filter(|r| r.partition_of == Some(root.oid));
    let left_out = partitions.find(|r| !choice.relations.contains(&r.oid))?;
    Some(Finding {
        code: "partition-left-out",
        object: root.name.plain(),
        message: format!("its partition {} was not chosen: its rows are not copied", left_out.name.plain()),
        remedy: "choose the partitions too, by a pattern that matches their names".into(),
    })
}

/// The warning that something is the provider's own.
#[must_use]
pub fn left_to_provider(provider: &provider::Provider, object: &str) -> Finding {
    Finding {
        code: "provider-left-out",
        object: object.to_owned(),
        message: format!("it is {}'s own, and is not copied", provider.name),
        remedy: "nothing to do; if it is wanted all the same: --provider none, or choose it by name (-n, -t)"
            .into(),
    }
}

fn state_left_out(schema: &str) -> Finding {
    Finding {
        code: "state-left-out",
        object: format!("schema {schema}"),
        message: "it is where fdwcopy keeps the state of a run, and is not copied".into(),
        remedy: "rename it if it is yours; if a run into that database was left unfinished: fdwcopy cleanup"
            .into(),
    }
}

fn foreign_table(relation: &Relation) -> Finding {
    Finding {
        code: "foreign-table",
        object: relation.name.plain(),
        message: "a foreign table: its definition is copied, it holds no rows of its own".into(),
        remedy: "make sure that its server can be reached from the target, and create its user mapping"
            .into(),
    }
}
