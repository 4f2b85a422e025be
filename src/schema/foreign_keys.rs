//! Foreign keys that the rows violate: which keys it is, and what becomes of the run.
//!
//! Invariant: nothing is asked before the server has refused a key because of rows. The run fails for a key whose rows
//! all came from the source; where rows were left out by the user's choice, or others' rows stand on the target, it is
//! named among what was not copied.
//! Deliberately absent: making the key (see `post_data`), and any other constraint: the server's detail names its rows.

pub(super) mod definition;

use std::collections::{BTreeMap, HashSet};

use crate::archive::Entry;
use crate::catalog::Oid;
use crate::error::{Context, Error, Kind, Result};
use crate::pg::server::{Source, Target};
use crate::pg::session::column;
use crate::plan::Plan;
use crate::report::Finding;
use crate::run::Run;
use crate::schema::Lost;
use definition::ForeignKey;

/// So many constraints are told by one error; more would not help.
const TOLD: usize = 10;

/// A foreign key that the server refuses because of rows.
pub(super) struct Violated {
    /// In the server's words.
    pub(super) reason: String,
    /// Whether it was made all the same, NOT VALID.
    pub(super) made: bool,
}

/// A key that violates, in words, and what finds the rows.
struct Offence {
    words: String,
    query: Option<String>,
    /// Whether all rows on both of its ends were copied from the source.
    of_the_source: bool,
}

/// What the violations are judged with.
pub(super) struct Violations<'a> {
    pub(super) source: &'a Source,
    pub(super) target: &'a Target,
    pub(super) plan: &'a Plan,
    /// Whether such keys are wanted NOT VALID.
    pub(super) not_valid: bool,
    pub(super) run: &'a Run,
}

impl Violations<'_> {
    /// Judges those of the entries, by index; returns why each of those is lost that is.
    pub(super) async fn judge(
        &self,
        entries: &[&Entry],
        violated: BTreeMap<usize, Violated>,
        lost: &mut Lost,
    ) -> Result<BTreeMap<usize, String>> {
        let mut reasons = BTreeMap::new();
        let mut failed = Vec::new();
        for (index, violated) in violated {
            let entry = entries[index];
            let offence = self.offence(entry, violated.reason).await?;
            if violated.made {
                lost.warnings.push(not_valid(entry, &offence));
            } else if offence.of_the_source && !self.not_valid {
                failed.push((name(entry), offence));
            } else {
                reasons.insert(index, offence.words);
            }
        }
        if failed.is_empty() { Ok(reasons) } else { Err(failure(&failed)) }
    }

    /// The server's reason, and the keys if they can be told.
    async fn offence(&self, entry: &Entry, reason: String) -> Result<Offence> {
        let Some(key) = ForeignKey::read(&self.source.pooled(self.run).await?, entry.oid).await? else {
            // It is gone on the source, or compares by more than equality.
            return Ok(Offence { words: reason, query: None, of_the_source: true });
        };
        let keys = self.keys(&key).await?;
        let words = if keys.is_empty() { reason } else { format!("{reason}; {keys}") };
        let copied: HashSet<Oid> =
            self.plan.planned_tables().into_iter().map(|index| self.plan.tables[index].oid).collect();
        let of_the_source = key.holders.iter().all(|holder| copied.contains(holder));
        Ok(Offence { words, query: Some(key.violating_rows().to_string()), of_the_source })
    }

    /// The commonest offending keys, in words.
    async fn keys(&self, key: &ForeignKey) -> Result<String> {
        let session = self.target.pooled(self.run).await?;
        let failed = "the keys that violate it could not be looked for";
        let query = key.violating_keys();
        let asking = session.rows(&query, &[]);
        let asking = self.run.patiently("for the keys that violate a foreign key", asking);
        let found = match asking.await {
            // The server's reason stands without them.
            Err(failure) if failure.server_error().is_some() => return Ok(String::new()),
            found => found.context(Kind::Schema, failed, key.table.plain())?,
        };
        let Some(first) = found.first() else { return Ok(String::new()) };
        let (rows, keys): (i64, i64) = (column(first, "all_rows")?, column(first, "all_keys")?);
        let told = found.iter().map(|row| {
            let (key, rows): (String, i64) = (column(row, "key")?, column(row, "rows")?);
            Ok(if rows == 1 { format!("({key})") } else { format!("({key}) in {rows} rows") })
        });
        let told = told.collect::<Result<Vec<_>>>()?;
        let more = usize::try_from(keys).unwrap_or_default().saturating_sub(told.len());
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let (rows, keys) = (counted(rows, "row"), counted(keys, "key"));
        Ok(format!("{rows} of {} with {keys}: {}{more}", key.table.plain(), told.join(", ")))
    }
}

fn counted(number: i64, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}

/// `FK CONSTRAINT` entries are named `table constraint`.
fn name(entry: &Entry) -> String {
    match &entry.schema {
        Some(schema) => format!("foreign key {schema}.{}", entry.name),
        None => format!("foreign key {}", entry.name),
    }
}

fn not_valid(entry: &Entry, offence: &Offence) -> Finding {
    let mend = offence.query.as_ref().map(|query| format!(" (find them on the source: {query};)"));
    Finding {
        code: "foreign-key-not-valid",
        object: name(entry),
        message: format!("it was made NOT VALID: {}", offence.words),
        remedy: format!(
            "mend the rows{}, then ALTER TABLE … VALIDATE CONSTRAINT on the target",
            mend.unwrap_or_default()
        ),
    }
}

fn failure(failed: &[(String, Offence)]) -> Error {
    let several = failed.len() > 1;
    let told = failed.iter().take(TOLD).map(|(name, offence)| {
        if several { format!("{name}: {}", offence.words) } else { offence.words.clone() }
    });
    let more = failed.len().saturating_sub(TOLD);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    let told = told.collect::<Vec<_>>().join("; ");
    let queries = failed.iter().take(TOLD).filter_map(|(_, offence)| offence.query.as_deref());
    let queries = queries.map(|query| format!("{query};")).collect::<Vec<_>>().join(" ");
    let find = if queries.is_empty() { String::new() } else { format!(" (find them: {queries})") };
    let error = Error::new(Kind::Schema, format!("the source's own rows violate it: {told}{more}"));
    let object = failed.first().filter(|_| !several).map(|(name, _)| name.clone());
    error.object(object.unwrap_or_else(|| format!("{} foreign keys", failed.len()))).remedy(format!(
        "mend the rows on the source{find}; or let it be made NOT VALID: --invalid-foreign-keys not-valid"
    ))
}
