//! The schema of the source as data: `pg_dump` writes it once, `pg_restore` prints it, we read the headers.
//!
//! Invariant: every statement is `pg_dump`'s own, but for an extension's whose version is named and what an older
//! target could not read, and belongs to exactly the entry it was printed under; where a
//! look-alike of a header inside a function body leaves a doubt, the entry is printed again on its own.
//! Deliberately absent: rows, sessions, and any choice of what to run; this room only tells what there is.

mod assign;
mod drops;
mod entry;
mod failure;
mod fields;
mod list;
mod older_targets;
mod script;
mod tools;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;

use tokio::sync::Mutex;

pub use assign::DropStatement;
pub use entry::{Entry, EntryId};
pub use tools::{DumpRequest, Omit, Tools, temporary_file};

use crate::catalog::Extension;
use crate::error::{Error, Kind, Result};
use crate::pg::ident::{Ident, Literal};
use crate::pg::version::Version;
use crate::sql;
use crate::stop::Stop;
use assign::Assigned;
use list::Listed;
use script::Split;
use tools::Selection;

/// The archive: its entries in the order to run them, and its file, which has no name and goes with our process.
#[derive(Debug)]
pub struct Archive {
    tools: Tools,
    /// One `pg_restore` after the other: they share the handle's offset.
    file: Mutex<File>,
    omit: Vec<Omit>,
    /// Every entry's place in it.
    order: BTreeMap<EntryId, usize>,
    pre_data: Vec<Entry>,
    post_data: Vec<Entry>,
}

impl Archive {
    /// Reads the entries of an archive file.
    async fn read(tools: Tools, file: File, omit: Vec<Omit>, stop: &Stop) -> Result<Self> {
        let file = Mutex::new(file);
        let mut archive =
            Self { tools, file, omit, order: BTreeMap::new(), pre_data: Vec::new(), post_data: Vec::new() };
        archive.pre_data = archive.read_section("pre-data", stop).await?;
        archive.post_data = archive.read_section("post-data", stop).await?;
        Ok(archive)
    }

    /// Takes entries out; returns those taken.
    pub fn take_out(&mut self, unwanted: impl Fn(&Entry) -> bool) -> Vec<Entry> {
        let mut taken: Vec<Entry> = self.pre_data.extract_if(.., |entry| unwanted(entry)).collect();
        taken.extend(self.post_data.extract_if(.., |entry| unwanted(entry)));
        taken
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

    /// Names the versions of these extensions: `pg_dump` leaves the version to the server that makes one.
    pub fn name_versions(&mut self, extensions: &[Extension]) {
        for entry in self.pre_data.iter_mut().filter(|entry| entry.kind == "EXTENSION") {
            if let Some(extension) = extensions.iter().find(|extension| extension.name == entry.name) {
                entry.sql = sql!(
                    "archive/create_extension.sql",
                    name = Ident::new(extension.name.as_str()),
                    schema = Ident::new(extension.schema.as_str()),
                    version = Literal::new(extension.version.as_str())
                );
            }
        }
    }

    /// Writes the entries as a target of this version reads them: `pg_dump` is not told where they go.
    pub fn write_for(&mut self, target: Version) {
        for entry in &mut self.pre_data {
            if let Some(statements) = older_targets::statements(entry, target) {
                entry.sql = statements;
            }
        }
    }

    /// Whether the entry changes something that no entry makes: a member of an extension. The first thing that such an
    /// entry needs is what it is about.
    #[must_use]
    pub fn changes_a_member(&self, entry: &Entry) -> bool {
        matches!(entry.kind.as_str(), "ACL" | "SECURITY LABEL" | "ROW SECURITY")
            && entry.dependencies.first().is_some_and(|about| !self.order.contains_key(about))
    }

    /// `pg_restore`'s own DROP statements for all entries that have one, in the order to run them: dependents first.
    ///
    /// What is part of a table is left to it. An entry that only says `IF NOT EXISTS`, such as an extension, has a
    /// DROP too: running only those of what was really created is the caller's part. Two know no
    /// `IF EXISTS` and fail where nothing was made: `CREATE OR REPLACE VIEW`, which undoes the `_RETURN` rule of a
    /// view, and `ALTER DOMAIN … DROP CONSTRAINT`.
    pub async fn drops(&self, stop: &Stop) -> Result<Vec<DropStatement>> {
        let place = &self.order;
        let mut entries: Vec<&Entry> = self.pre_data.iter().chain(&self.post_data).collect();
        // `--use-list` gives the order too, so the list must come in the archive's own.
        entries.sort_by_key(|entry| place.get(&entry.id));
        let mut groups = vec![assign::droppable(&entries)];
        let mut drops = Vec::new();
        while let Some(group) = groups.pop() {
            if group.is_empty() {
                continue;
            }
            let ids = group.iter().map(|entry| entry.id).collect();
            let printed = drops::parse(&self.print(&Selection::Drops(ids), stop).await?)?;
            match assign::assign(&group, printed) {
                Assigned::Told(told) => drops.extend(told),
                Assigned::Unclear(parts) => groups.extend(parts),
            }
        }
        drops.sort_by_key(|drop| Reverse(place.get(&drop.entry)));
        Ok(drops)
    }

    async fn read_section(&mut self, section: &'static str, stop: &Stop) -> Result<Vec<Entry>> {
        let listed = list::parse(&self.print(&Selection::List(section), stop).await?)?;
        self.order.extend((self.order.len()..).zip(&listed).map(|(place, one)| (one.id, place)));
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
        let file = self.file.lock().await;
        self.tools.print(&file, &self.omit, selection, stop).await
    }
}
