//! What the source has, as plain values.
//!
//! Invariant: values only; they are read once under one snapshot by [`read`] and never change.
//! Deliberately absent: choices. What is copied is decided in `plan`.

pub mod columns;
pub mod configuration;
pub mod left_out;
pub mod members;
pub mod read;
pub mod tables;
pub mod values;

use std::collections::{BTreeMap, HashMap};

pub use configuration::Configuration;

use crate::pg::ident::{Ident, QualifiedName};
use left_out::LeftOut;
use members::{Member, MemberId};

/// An object id of the source.
pub type Oid = u32;

/// What a relation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RelationKind {
    /// A table that holds rows.
    Table,
    /// A partitioned table: its rows are its partitions'.
    Partitioned,
    /// A view.
    View,
    /// A materialised view.
    MaterializedView,
    /// A sequence.
    Sequence,
    /// A foreign table.
    ForeignTable,
}

impl RelationKind {
    /// From `pg_class.relkind`.
    #[must_use]
    pub fn from_relkind(relkind: &str) -> Option<Self> {
        Some(match relkind {
            "r" => Self::Table,
            "p" => Self::Partitioned,
            "v" => Self::View,
            "m" => Self::MaterializedView,
            "S" => Self::Sequence,
            "f" => Self::ForeignTable,
            _ => return None,
        })
    }

    /// Its name for people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Table => "table",
            Self::Partitioned => "partitioned table",
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::Sequence => "sequence",
            Self::ForeignTable => "foreign table",
        }
    }
}

/// One relation of the source.
#[derive(Debug, Clone)]
#[allow(clippy::struct_excessive_bools, reason = "they are independent facts of pg_class")]
pub struct Relation {
    /// Its `pg_class` oid.
    pub oid: Oid,
    /// Its name.
    pub name: QualifiedName,
    /// What it is.
    pub kind: RelationKind,
    /// Its owner.
    pub owner: String,
    /// Whether an unqualified name finds it (pg_dump's patterns care).
    pub visible: bool,
    /// Size on disk with TOAST, in bytes.
    pub bytes: u64,
    /// Size of the heap alone, in blocks.
    pub pages: u32,
    /// Size of the TOAST table, in bytes.
    pub toast_bytes: u64,
    /// The planner's estimate of its rows; 0 or less when never analysed.
    pub tuples: f64,
    /// The partitioned table that it is a partition of.
    pub partition_of: Option<Oid>,
    /// An inheritance parent: reading it remotely brings its children's rows too.
    pub has_children: bool,
    /// Whether it is stored by the heap access method, whose ctid ranges can be read apart.
    pub heap: bool,
    /// For a materialised view: whether it holds rows.
    pub populated: bool,
    /// Whether our role may read it.
    pub readable: bool,
    /// Its file's number; a rewrite of the table changes it. 0 for what has no file.
    pub filenode: Oid,
    /// Whether it is unlogged: a crash empties it.
    pub unlogged: bool,
    /// Whether row security would hide rows from our role.
    pub rows_hidden: bool,
    /// For a sequence: the table whose column owns it, and whether as an identity column.
    pub owned_by: Option<Ownership>,
    /// Whether it belongs to an extension.
    pub extension_member: bool,
    /// If it is configuration of that extension: which of it is user data.
    pub configuration: Option<Configuration>,
    /// Columns that hold data: live and not generated, in order.
    pub columns: Vec<Ident>,
    /// Columns that are computed from others: live, in order.
    pub generated: Vec<Ident>,
    /// Of a partitioned table: whether another server may put a row into another partition of it, because that depends on
    /// oids, on the library of a collation or on what is not PostgreSQL's.
    pub moves: bool,
    /// The same, where the other database has another encoding.
    pub moves_with_encoding: bool,
    /// What is known of its values, where that has to be known.
    pub values: Values,
    /// Measured width of its rows as text, where it had to be measured.
    pub width: Option<RowWidth>,
}

/// What is known of a table's values before they are copied.
#[derive(Debug, Clone, Default)]
pub struct Values {
    /// Relations that its values of types like `regclass` name.
    pub names: Vec<NamedRelation>,
    /// Rows that are too large for a message of text.
    pub large: Vec<LargeRow>,
    /// Columns of the type bytea, where large rows were looked for.
    pub bytes: Vec<Ident>,
    /// Columns of text, likewise.
    pub texts: Vec<Ident>,
    /// Whether its rows mean the same on every server in the binary form.
    pub binary: bool,
}

/// A relation that a value names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRelation {
    /// Its oid.
    pub oid: Oid,
    /// Its name as the value shows it.
    pub name: String,
    /// Whether it means nothing elsewhere: temporary, or part of another table's storage.
    pub passing: bool,
    /// Whether it is an index.
    pub index: bool,
    /// The constraint that the index belongs to.
    pub constraint: Option<Oid>,
}

/// A row that is too large for a message of text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LargeRow {
    /// Its block.
    pub page: u32,
    /// Its place there.
    pub line: u16,
    /// Its primary key, if there is one.
    pub key: Option<String>,
    /// Its size in the binary form.
    pub binary_bytes: u64,
}

/// How a table owns a sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ownership {
    /// The table.
    pub table: Oid,
    /// Whether it is the sequence of an identity column, which cannot exist without it.
    pub identity: bool,
}

/// Width of a table's rows as text, in bytes, from a sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowWidth {
    /// Of the average row.
    pub average: f64,
    /// Of the widest row seen.
    pub largest: u64,
}

/// Facts about a database, of either side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Database {
    /// Its name.
    pub name: String,
    /// Its encoding, as PostgreSQL spells it.
    pub encoding: String,
    /// `LC_COLLATE`.
    pub collate: String,
    /// `LC_CTYPE`.
    pub ctype: String,
    /// Whether the server is a standby.
    pub standby: bool,
    /// The role we are there.
    pub role: String,
    /// Who made the server, as an SQL name, where the schema `public` is still his.
    pub owner_of_public: Option<String>,
    /// Rights on the schema `public` of others than its owner, in order.
    pub rights_on_public: Vec<String>,
    /// Names of subscriptions.
    pub subscriptions: Vec<String>,
}

/// An extension that is installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extension {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// The schema of its objects.
    pub schema: String,
}

/// The large objects of a database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LargeObjects {
    /// Their oids, in order.
    pub oids: Vec<Oid>,
    /// What they take on disk, in bytes.
    pub bytes: u64,
    /// Size of the pages in which the catalog `pg_largeobject` keeps them, in bytes.
    pub page: u64,
    /// Whether our role may read that catalog.
    pub pages_readable: bool,
    /// Those that our role may not read one by one, in order.
    pub unreadable: Vec<Oid>,
}

/// The schema in which a target keeps the ledger of a run (see `ledger`); it is no content of a database.
pub const STATE_SCHEMA: &str = "fdwcopy_state";

/// How the schemas of a target begin in which a run keeps what it replaces (see `replace`); nor are they.
pub const ASIDE_SCHEMA: &str = "fdwcopy_aside_";

/// Whether a schema holds nothing but what fdwcopy keeps there.
#[must_use]
pub fn is_ours(schema: &str) -> bool {
    schema == STATE_SCHEMA || schema.starts_with(ASIDE_SCHEMA)
}

/// What the source has.
#[derive(Debug, Clone)]
pub struct Catalog {
    /// The database itself.
    pub database: Database,
    /// Schemas, system ones left out.
    pub schemas: Vec<String>,
    /// Names of the server's roles, system ones left out.
    pub roles: Vec<String>,
    /// Relations, by schema and name.
    pub relations: Vec<Relation>,
    /// Installed extensions.
    pub extensions: Vec<Extension>,
    /// Large objects.
    pub large_objects: LargeObjects,
    /// Which materialised view reads which other one, directly or through views.
    pub refresh_dependencies: Vec<(Oid, Oid)>,
    /// What `pg_dump` leaves out without a word.
    pub left_out: Vec<LeftOut>,
    /// What the extensions hold.
    pub members: BTreeMap<MemberId, Member>,
}

impl Catalog {
    /// Takes over the row widths that an earlier reading has measured.
    pub fn keep_widths(&mut self, earlier: &Catalog) {
        let measured: HashMap<Oid, _> =
            earlier.relations.iter().map(|known| (known.oid, known.width)).collect();
        for relation in &mut self.relations {
            relation.width = measured.get(&relation.oid).copied().flatten();
        }
    }
}
