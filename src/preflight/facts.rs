//! The queries of preflight: facts about both servers, no judgement.
//!
//! Invariant: reads only. Deliberately absent: what a fact means (see `judge`).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::judge::{Capacity, Standby};
use crate::catalog::{Catalog, Database, Extension, Oid, read};
use crate::error::{Context, Kind, Result};
use crate::janitor;
use crate::ledger::{self, Found};
use crate::pg::server::{CONTROL, Target, session_name};
use crate::pg::session::{Param, Session, Side, SourceSession, TargetSession, TargetSide, column};
use crate::pg::sql::Sql;
use crate::plan::provider::{Provider, recognise};
use crate::plan::select::Choice;
use crate::replace::InTheWay;
use crate::run::Run;
use crate::sql;

/// A collation that the source uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Collation {
    pub(super) name: String,
    pub(super) built_in: bool,
    pub(super) provider: String,
    pub(super) locale: String,
}

/// The versions of an extension that a server can install.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Available {
    /// What it installs if no version is named.
    pub(super) default: String,
    /// All of them, those that take several scripts too.
    pub(super) versions: HashSet<String>,
    /// Those of them that only a superuser can install, which we are not.
    pub(super) reserved: HashSet<String>,
}

/// What on the target writes down statements that are executed inside of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Recording {
    /// `pg_stat_statements`, nested statements included.
    pub(super) statements: bool,
    /// `pgaudit`.
    pub(super) audit: bool,
    /// `log_parser_stats`.
    pub(super) parser: bool,
    /// Event triggers that fire when a user mapping is made.
    pub(super) triggers: Vec<String>,
}

/// What our role on the source may do for a temporary one.
#[derive(Debug, Clone)]
pub(super) struct RoleRights {
    /// Create it.
    pub(super) may_create: bool,
    /// Exempt it from row security.
    pub(super) may_bypass: bool,
    /// Let it connect to the database.
    pub(super) may_connect: bool,
    /// Schemas of the tables that it cannot be let into.
    pub(super) closed_schemas: Vec<String>,
    /// Tables that it cannot be let read.
    pub(super) closed_tables: Vec<Oid>,
    /// Tables with row security.
    pub(super) guarded_tables: Vec<Oid>,
}

/// What of the chosen relations is closed to our role on the source.
#[derive(Debug)]
pub(super) struct Closed {
    /// Schemas that it may not use.
    pub(super) schemas: Vec<String>,
    /// Relations that it may not read.
    pub(super) relations: Vec<Oid>,
}

/// What the checks are made of.
#[derive(Debug)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts")]
pub(super) struct Facts {
    /// Whether both connections lead to one database.
    pub(super) same_database: bool,
    /// The target's database.
    pub(super) database: Database,
    /// The target's schemas.
    pub(super) schemas: HashSet<String>,
    /// The target's extensions by name.
    pub(super) extensions: HashMap<String, Extension>,
    /// Extensions of the source that the target could install.
    pub(super) available_extensions: HashMap<String, Available>,
    /// Extensions that the chosen relations use.
    pub(super) needed_extensions: Vec<String>,
    /// Types of other schemas that the chosen relations use and the target lacks, each with a relation.
    pub(super) missing_types: BTreeMap<String, String>,
    /// Tablespaces of the chosen relations that the target lacks.
    pub(super) missing_tablespaces: Vec<String>,
    /// Collations that the source uses.
    pub(super) collations: Vec<Collation>,
    /// The target's built-in collations: name, provider, locale.
    pub(super) known_collations: Vec<(String, String, String)>,
    /// Chosen objects that exist on the target already.
    pub(super) in_the_way: Vec<InTheWay>,
    /// Chosen large objects that exist on the target already.
    pub(super) large_objects_in_the_way: Vec<Oid>,
    /// Whether we may create schemas in the target database.
    pub(super) may_create: bool,
    /// Whether we may create temporary tables there.
    pub(super) may_use_temporary: bool,
    /// What the source has room for.
    pub(super) source_capacity: Capacity,
    /// What the target has room for.
    pub(super) target_capacity: Capacity,
    /// Number of indexes on the chosen relations.
    pub(super) indexes: i64,
    /// What tells the source's database from every other, also after a standby was promoted.
    pub(super) source_identity: String,
    /// What stands in the place of the ledger.
    pub(super) ledger: Found,
    /// Another run that is at work in the target database.
    pub(super) claimant: Option<String>,
    /// Existing schemas of the target in which we may not create anything.
    pub(super) closed_schemas: Vec<String>,
    /// What the target writes down.
    pub(super) recording: Recording,
    /// What we may not read.
    pub(super) closed: Closed,
    /// Whether we are a superuser of the target.
    pub(super) superuser: bool,
    /// Who provides the target's server.
    pub(super) provider: Option<&'static Provider>,
    /// Whether we may use postgres_fdw there; none where it is not installed.
    pub(super) wrapper_usable: Option<bool>,
    /// Schemas that the target has and owners of chosen relations who may not create anything there.
    pub(super) shut_out: Vec<(String, String)>,
    /// Chosen objects of the source that only a superuser can create, by type and identity.
    pub(super) superuser_objects: Vec<String>,
}

/// The names of what was chosen, as parameters of the queries.
pub(super) struct Chosen<'a> {
    pub(super) relations: Vec<Oid>,
    large_objects: &'a [Oid],
    pub(super) schemas: Vec<String>,
    /// Schemas of the chosen relations, whether chosen themselves or not.
    touched: Vec<String>,
    /// Whether objects that lie in no schema are chosen too.
    pub(super) whole_database: bool,
}

pub(super) async fn read(
    source: &SourceSession,
    server: &Target,
    chosen: (&Catalog, &Choice),
    run: &Run,
) -> Result<Facts> {
    let (catalog, choice) = chosen;
    let chosen = Chosen::new(catalog, choice);
    let target = server.pooled(run).await?;
    let application_name = session_name::<TargetSide>(&run.id, CONTROL);
    let rights =
        all(&target, &sql!("preflight/target_rights.sql"), &[(&chosen.touched, Type::TEXT_ARRAY)]).await?;
    let rights = rights.first();
    let used_tablespaces =
        all(source, &sql!("preflight/used_tablespaces.sql"), &[(&chosen.relations, Type::OID_ARRAY)]).await?;
    let known_tablespaces =
        strings(&all(&target, &sql!("preflight/known_tablespaces.sql"), &[]).await?, "name")?;
    let extensions: Vec<&str> = catalog.extensions.iter().map(|e| e.name.as_str()).collect();
    let available_extensions = available(&target, &extensions).await?;
    let needed =
        all(source, &sql!("preflight/needed_extensions.sql"), &[(&chosen.relations, Type::OID_ARRAY)])
            .await?;
    let wrapper = all(&target, &sql!("preflight/wrapper.sql"), &[]).await?;
    let wrapper = wrapper.first();
    Ok(Facts {
        closed: closed(source, catalog, choice).await?,
        superuser: server.is_superuser(),
        provider: recognise(&read::roles(&target).await?, &read::schemas(&target).await?),
        wrapper_usable: wrapper.map_or(Ok(None), |row| column(row, "usable"))?,
        shut_out: shut_out(&target, catalog, choice).await?,
        superuser_objects: superuser_objects(source, choice, &chosen).await?,
        same_database: is_visible(source, &application_name).await?,
        database: read::database(&target).await?,
        schemas: read::schemas(&target).await?.into_iter().collect(),
        extensions: read::extensions(&target).await?.into_iter().map(|e| (e.name.clone(), e)).collect(),
        available_extensions,
        needed_extensions: strings(&needed, "name")?,
        missing_types: missing_types(source, &target, &chosen).await?,
        missing_tablespaces: strings(&used_tablespaces, "name")?
            .into_iter()
            .filter(|name| !known_tablespaces.contains(name))
            .collect(),
        collations: collations(source, &chosen).await?,
        known_collations: known_collations(&target).await?,
        in_the_way: in_the_way(source, &target, (choice, &chosen)).await?,
        large_objects_in_the_way: large_objects_in_the_way(&target, &chosen).await?,
        source_capacity: capacity(source).await?,
        target_capacity: capacity(&target).await?,
        indexes: index_count(source, &chosen).await?,
        source_identity: source_identity(source).await?,
        ledger: ledger::find(&target).await?,
        claimant: janitor::claimant(&target, run).await?,
        may_create: rights.map_or(Ok(false), |row| column(row, "may_create"))?,
        may_use_temporary: rights.map_or(Ok(false), |row| column(row, "may_use_temporary"))?,
        closed_schemas: rights.map_or(Ok(Vec::new()), |row| column(row, "closed_schemas"))?,
        recording: recording(&target).await?,
    })
}

async fn available(target: &TargetSession, extensions: &[&str]) -> Result<HashMap<String, Available>> {
    let query = sql!("preflight/available_extensions.sql");
    let mut available: HashMap<String, Available> = HashMap::new();
    for row in all(target, &query, &[(&extensions, Type::TEXT_ARRAY)]).await? {
        let one = available.entry(column(&row, "name")?).or_default();
        one.default = column::<Option<String>>(&row, "default_version")?.unwrap_or_default();
        let version: String = column(&row, "version")?;
        if column(&row, "reserved")? {
            one.reserved.insert(version.clone());
        }
        one.versions.insert(version);
    }
    Ok(available)
}

async fn closed(source: &SourceSession, catalog: &Catalog, choice: &Choice) -> Result<Closed> {
    let unreadable: Vec<Oid> = choice
        .of(catalog)
        .filter(|r| !r.readable)
        .filter(|r| super::judge::must_be_readable(r))
        .map(|r| r.oid)
        .collect();
    let rows = all(source, &sql!("preflight/closed.sql"), &[(&unreadable, Type::OID_ARRAY)]).await?;
    let Some(row) = rows.first() else { return Ok(Closed { schemas: Vec::new(), relations: Vec::new() }) };
    Ok(Closed { schemas: column(row, "schemas")?, relations: column(row, "relations")? })
}

async fn superuser_objects(
    source: &SourceSession,
    choice: &Choice,
    chosen: &Chosen<'_>,
) -> Result<Vec<String>> {
    let params: [Param<'_>; 2] = [(&choice.whole_database, Type::BOOL), (&chosen.schemas, Type::TEXT_ARRAY)];
    let rows = all(source, &sql!("preflight/superuser_objects.sql"), &params).await?;
    let name = |row| Ok(format!("{} {}", column::<String>(row, "type")?, column::<String>(row, "identity")?));
    rows.iter().map(name).collect()
}

async fn shut_out(
    target: &TargetSession,
    catalog: &Catalog,
    choice: &Choice,
) -> Result<Vec<(String, String)>> {
    let pairs: BTreeSet<(&str, &str)> =
        choice.of(catalog).map(|r| (r.name.schema.as_str(), r.owner.as_str())).collect();
    let (schemas, owners): (Vec<&str>, Vec<&str>) = pairs.into_iter().unzip();
    let params: [Param<'_>; 2] = [(&schemas, Type::TEXT_ARRAY), (&owners, Type::TEXT_ARRAY)];
    let rows = all(target, &sql!("preflight/shut_out.sql"), &params).await?;
    rows.iter().map(|row| Ok((column(row, "schema")?, column(row, "owner")?))).collect()
}

async fn recording(target: &TargetSession) -> Result<Recording> {
    let rows = all(target, &sql!("preflight/recording.sql"), &[]).await?;
    let is = |name| rows.first().map_or(Ok(false), |row| column(row, name));
    Ok(Recording {
        statements: is("statements")?,
        audit: is("audit")?,
        parser: is("parser")?,
        triggers: rows.first().map_or(Ok(Vec::new()), |row| column(row, "triggers"))?,
    })
}

/// What we may do for a temporary role that is to read these tables.
pub(super) async fn role_rights(source: &SourceSession, tables: &[Oid]) -> Result<RoleRights> {
    let query = sql!("preflight/temporary_role.sql");
    let row = source.one(&query, &[(&tables, Type::OID_ARRAY)]).await.context(
        Kind::Preflight,
        "a check could not be made",
        "source",
    )?;
    Ok(RoleRights {
        may_create: column(&row, "may_create")?,
        may_bypass: column(&row, "may_bypass")?,
        may_connect: column(&row, "may_connect")?,
        closed_schemas: column(&row, "closed_schemas")?,
        closed_tables: column(&row, "closed_tables")?,
        guarded_tables: column(&row, "guarded_tables")?,
    })
}

async fn source_identity(source: &SourceSession) -> Result<String> {
    let failed = "the source's identity could not be read";
    let row = match source.one(&sql!("preflight/source_identity.sql"), &[]).await {
        // Some providers do not let everybody see it.
        Err(failure) if failure.server_error().is_some_and(|e| e.code().code() == "42501") => {
            source.one(&sql!("preflight/database_identity.sql"), &[]).await
        }
        answer => answer,
    };
    column(&row.context(Kind::Preflight, failed, "source")?, "identity")
}

/// Whether a session of this name is one of the source's database.
pub(super) async fn is_visible(source: &SourceSession, application_name: &str) -> Result<bool> {
    let sessions =
        all(source, &sql!("preflight/same_database.sql"), &[(&application_name, Type::TEXT)]).await?;
    sessions.first().map_or(Ok(false), |row| column(row, "present"))
}

impl<'a> Chosen<'a> {
    pub(super) fn new(catalog: &'a Catalog, choice: &Choice) -> Self {
        let chosen = choice.of(catalog);
        let mut schemas: Vec<String> = choice.schemas.iter().cloned().collect();
        schemas.sort();
        let mut touched: Vec<String> =
            chosen.clone().map(|r| r.name.schema.as_str().to_owned()).chain(schemas.clone()).collect();
        touched.sort();
        touched.dedup();
        Self {
            relations: chosen.map(|r| r.oid).collect(),
            large_objects: if choice.whole_database { &catalog.large_objects.oids } else { &[] },
            schemas,
            touched,
            whole_database: choice.whole_database,
        }
    }
}

async fn capacity<S: Side>(session: &Session<S>) -> Result<Capacity> {
    let rows = all(session, &sql!("preflight/capacity.sql"), &[]).await?;
    let number = |name| rows.first().map_or(Ok(0), |row| column(row, name));
    Ok(Capacity { locks: number("locks")?, sessions: number("sessions")? })
}

/// What a source that is a standby says of itself.
pub(super) async fn standby(source: &SourceSession, catalog: &Catalog, choice: &Choice) -> Result<Standby> {
    let relations: Vec<Oid> = choice.with_data(catalog).map(|relation| relation.oid).collect();
    let row = source.one(&sql!("preflight/standby.sql"), &[(&relations, Type::OID_ARRAY)]).await.context(
        Kind::Preflight,
        "a check could not be made",
        "source",
    )?;
    Ok(Standby {
        may_pause: column(&row, "may_pause")?,
        feedback: column(&row, "feedback")?,
        unlogged: column(&row, "unlogged")?,
    })
}

async fn index_count(source: &SourceSession, chosen: &Chosen<'_>) -> Result<i64> {
    let rows =
        all(source, &sql!("preflight/index_count.sql"), &[(&chosen.relations, Type::OID_ARRAY)]).await?;
    rows.first().map_or(Ok(0), |row| column(row, "indexes"))
}

pub(super) async fn all<S: Side>(
    session: &Session<S>,
    query: &Sql,
    params: &[Param<'_>],
) -> Result<Vec<Row>> {
    session.rows(query, params).await.context(Kind::Preflight, "a check could not be made", S::NAME)
}

fn strings(rows: &[Row], name: &str) -> Result<Vec<String>> {
    rows.iter().map(|row| column(row, name)).collect()
}

async fn missing_types(
    source: &SourceSession,
    target: &TargetSession,
    chosen: &Chosen<'_>,
) -> Result<BTreeMap<String, String>> {
    let params: [Param<'_>; 2] = [(&chosen.relations, Type::OID_ARRAY), (&chosen.schemas, Type::TEXT_ARRAY)];
    let rows = all(source, &sql!("preflight/needed_types.sql"), &params).await?;
    let needed: BTreeMap<String, String> =
        rows.iter().map(|row| Ok((column(row, "type")?, column(row, "relation")?))).collect::<Result<_>>()?;
    let names: Vec<&str> = needed.keys().map(String::as_str).collect();
    let missing = all(target, &sql!("preflight/missing_types.sql"), &[(&names, Type::TEXT_ARRAY)]).await?;
    let missing: HashSet<String> = strings(&missing, "type")?.into_iter().collect();
    Ok(needed.into_iter().filter(|(name, _)| missing.contains(name)).collect())
}

async fn collations(source: &SourceSession, chosen: &Chosen<'_>) -> Result<Vec<Collation>> {
    let params: [Param<'_>; 2] = [(&chosen.relations, Type::OID_ARRAY), (&chosen.schemas, Type::TEXT_ARRAY)];
    let rows = all(source, &sql!("preflight/used_collations.sql"), &params).await?;
    rows.iter()
        .map(|row| {
            Ok(Collation {
                name: column(row, "name")?,
                built_in: column(row, "built_in")?,
                provider: column(row, "provider")?,
                locale: column(row, "locale")?,
            })
        })
        .collect()
}

async fn known_collations(target: &TargetSession) -> Result<Vec<(String, String, String)>> {
    let rows = all(target, &sql!("preflight/known_collations.sql"), &[]).await?;
    rows.iter()
        .map(|row| Ok((column(row, "name")?, column(row, "provider")?, column(row, "locale")?)))
        .collect()
}

/// Objects of the target that have the name of a chosen object of the source.
async fn in_the_way(
    source: &SourceSession,
    target: &TargetSession,
    (choice, chosen): (&Choice, &Chosen<'_>),
) -> Result<Vec<InTheWay>> {
    let objects = sql!("preflight/objects.sql");
    let global = sql!("preflight/global_objects.sql");
    let there = all(target, &objects, &[(&chosen.touched, Type::TEXT_ARRAY)]).await?;
    let global_there = if chosen.whole_database { all(target, &global, &[]).await? } else { Vec::new() };
    let mut wanted = HashSet::new();
    if !there.is_empty() {
        let relations = sql!("preflight/relation_identities.sql");
        for row in all(source, &relations, &[(&chosen.relations, Type::OID_ARRAY)]).await? {
            wanted.insert((RELATION.to_owned(), column::<String>(&row, "identity")?));
        }
        for row in all(source, &objects, &[(&chosen.schemas, Type::TEXT_ARRAY)]).await? {
            // Of the relations only the chosen ones are wanted.
            wanted.extend(Some(identity(&row)?).filter(|(class, _)| class != RELATION));
        }
    }
    if !global_there.is_empty() {
        for row in all(source, &global, &[]).await? {
            let (kind, identity) = (column::<String>(&row, "type")?, identity(&row)?);
            let left_out = choice.provider.is_some_and(|provider| provider.has_global(&kind, &identity.1));
            wanted.extend(Some(identity).filter(|_| !left_out));
        }
    }
    let mut found = Vec::new();
    for row in there.iter().chain(&global_there) {
        let identity = identity(row)?;
        if wanted.contains(&identity) {
            let (class, oid) = (column(row, "class_oid")?, column(row, "oid")?);
            found.push(InTheWay { class, oid, kind: column(row, "type")?, identity: identity.1 });
        }
    }
    Ok(found)
}

async fn large_objects_in_the_way(target: &TargetSession, chosen: &Chosen<'_>) -> Result<Vec<Oid>> {
    let query = sql!("preflight/large_objects.sql");
    let rows = all(target, &query, &[(&chosen.large_objects, Type::OID_ARRAY)]).await?;
    rows.iter().map(|row| column(row, "oid")).collect()
}

const RELATION: &str = "pg_class";

/// The catalog of an object, and its identity there.
fn identity(row: &Row) -> Result<(String, String)> {
    Ok((column(row, "class")?, column(row, "identity")?))
}
