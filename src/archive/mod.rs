//! The schema of the source as data: `pg_dump` writes it once, `pg_restore` prints it, we read the headers.
//!
//! Invariant: every statement is `pg_dump`'s own and belongs to exactly the entry it was printed under; where a
//! look-alike of a header inside a function body leaves a doubt, the entry is printed again on its own.
//! Deliberately absent: rows, sessions, and any choice of what to run; this room only tells what there is.

mod drops;
mod entry;
mod failure;
mod fields;
mod list;
mod script;
mod tools;

use std::collections::{BTreeMap, BTreeSet};

use tempfile::TempPath;

pub use entry::{Entry, EntryId};
pub use tools::{DumpRequest, Omit, Tools};

use crate::error::{Error, Kind, Result};
use crate::pg::sql::Sql;
use crate::stop::Stop;
use list::Listed;
use script::Split;
use tools::Selection;

/// The archive: its entries in the order to run them, and its private file, which goes when this is dropped.
#[derive(Debug)]
pub struct Archive {
    tools: Tools,
    file: TempPath,
    omit: Vec<Omit>,
    order: Vec<EntryId>,
    pre_data: Vec<Entry>,
    post_data: Vec<Entry>,
}

impl Archive {
    /// Reads the entries of an archive file.
    async fn read(tools: Tools, file: TempPath, omit: Vec<Omit>, stop: &Stop) -> Result<Self> {
        let mut archive =
            Self { tools, file, omit, order: Vec::new(), pre_data: Vec::new(), post_data: Vec::new() };
        archive.pre_data = archive.read_section("pre-data", stop).await?;
        archive.post_data = archive.read_section("post-data", stop).await?;
        Ok(archive)
    }

    /// What must be there before the rows, in the order to run it.
    #[must_use]
    pub fn pre_data(&self) -> &[Entry] {
        &self.pre_data
    }

    /// What is made when the rows are in: indexes, constraints, triggers and so on, in an order that works.
    /// Whoever runs it in another order keeps DEFAULT ACL and then EVENT TRIGGER (with its comments) for the
    /// end: no dependency says so, yet they would act on what is made after them.
    #[must_use]
    pub fn post_data(&self) -> &[Entry] {
        &self.post_data
    }

    /// `pg_restore`'s own DROP statements for these entries, in the order to run them: dependents first.
    ///
    /// Constraints of a table that goes itself are left to it, because the index of a partition's key cannot be
    /// dropped on its own. An entry that only says `IF NOT EXISTS`, such as an extension, has a DROP too:
    /// naming only what was really created is the caller's part.
    pub async fn drop_statements(&self, ids: &BTreeSet<EntryId>) -> Result<Vec<Sql>> {
        let chosen: BTreeMap<EntryId, &Entry> = self
            .pre_data
            .iter()
            .chain(&self.post_data)
            .filter(|entry| ids.contains(&entry.id))
            .map(|entry| (entry.id, entry))
            .collect();
        let is_table = |id: &EntryId| chosen.get(id).is_some_and(|entry| entry.kind == "TABLE");
        let goes_with_table =
            |entry: &Entry| entry.kind == "CONSTRAINT" && entry.dependencies.iter().any(is_table);
        // `--use-list` gives the order too, so the list must come in the archive's own.
        let in_order: Vec<EntryId> = self
            .order
            .iter()
            .copied()
            .filter(|id| chosen.get(id).is_some_and(|entry| !goes_with_table(entry)))
            .collect();
        if in_order.is_empty() {
            return Ok(Vec::new());
        }
        drops::parse(&self.print(&Selection::Drops(in_order), &Stop::never()).await?)
    }

    async fn read_section(&mut self, section: &'static str, stop: &Stop) -> Result<Vec<Entry>> {
        let listed = list::parse(&self.print(&Selection::List(section), stop).await?)?;
        self.order.extend(listed.iter().map(|one| one.id));
        let text = self.print(&Selection::Section(section), stop).await?;
        match script::split(&text, &listed)? {
            Split::Clear(entries) => Ok(entries),
            Split::Doubtful(ids) => self.read_again(&listed, &ids, stop).await,
        }
    }

    /// Prints the doubtful entries one by one, where nothing can be mistaken, and the others without them.
    async fn read_again(
        &self,
        listed: &[Listed],
        doubtful: &BTreeSet<EntryId>,
        stop: &Stop,
    ) -> Result<Vec<Entry>> {
        let (alone, others): (Vec<&Listed>, Vec<&Listed>) =
            listed.iter().partition(|one| doubtful.contains(&one.id));
        let others: Vec<Listed> = others.into_iter().cloned().collect();
        let mut entries = Vec::with_capacity(listed.len());
        if !others.is_empty() {
            let ids = others.iter().map(|one| one.id).collect();
            match script::split(&self.print(&Selection::Entries(ids), stop).await?, &others)? {
                Split::Clear(clear) => entries.extend(clear),
                Split::Doubtful(_) => {
                    return Err(Error::new(Kind::Internal, "the archive's entries cannot be told apart"));
                }
            }
        }
        for one in alone {
            entries.push(script::only(&self.print(&Selection::Entries(vec![one.id]), stop).await?, one)?);
        }
        Ok(script::in_restore_order(entries, listed))
    }

    async fn print(&self, selection: &Selection, stop: &Stop) -> Result<String> {
        self.tools.print(&self.file, &self.omit, selection, stop).await
    }
}
