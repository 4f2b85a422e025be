//! The script that `pg_restore --verbose --file=-` prints, cut into entries.
//!
//! Invariant: a line counts as an entry's header only if number, class and OID are those of a listed entry and no
//! second line says the same; every listed entry is printed, so the one line is the header itself. Entries around
//! a second one are doubtful and left to the caller, never guessed.
//! Deliberately absent: any look into the statements; user text in them may hold whatever it likes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;

use super::entry::{ACCESS_METHOD, Entry, EntryId, TABLESPACE};
use super::fields::{self, Fields};
use super::list::Listed;
use crate::error::{Error, Kind, Result};
use crate::pg::sql::Sql;

/// What became of a script.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Split {
    /// Its entries as printed.
    Clear(Vec<Entry>),
    /// These must be printed one by one, and the others without them.
    Doubtful(BTreeSet<EntryId>),
}

/// Where a line stands that may be the header of a listed entry.
struct Candidate<'a> {
    at: usize,
    listed: &'a Listed,
}

/// Cuts the script of these entries.
pub(super) fn split(text: &str, listed: &[Listed]) -> Result<Split> {
    let text = without_trailer(text)?;
    let candidates = candidates(text, listed);
    let mut seen: BTreeMap<EntryId, usize> = BTreeMap::new();
    for candidate in &candidates {
        *seen.entry(candidate.listed.id).or_default() += 1;
    }
    if let Some(missing) = listed.iter().find(|one| !seen.contains_key(&one.id)) {
        return Err(unreadable(missing));
    }
    let twice = |candidate: &Candidate| seen[&candidate.listed.id] > 1;
    let mut doubtful: BTreeSet<EntryId> =
        candidates.iter().filter(|one| twice(one)).map(|one| one.listed.id).collect();
    // Whose text a look-alike interrupts: the certain entry before it.
    doubtful.extend(candidates.windows(2).filter(|pair| twice(&pair[1])).map(|pair| pair[0].listed.id));
    if doubtful.is_empty() { cut(text, &candidates).map(Split::Clear) } else { Ok(Split::Doubtful(doubtful)) }
}

/// Reads the script of a single entry: nothing of the user's stands before its header.
pub(super) fn only(text: &str, listed: &Listed) -> Result<Entry> {
    let text = without_trailer(text)?;
    let mut candidates = candidates(text, std::slice::from_ref(listed));
    candidates.truncate(1);
    cut(text, &candidates)?.pop().ok_or_else(|| unreadable(listed))
}

/// Sorts as `pg_restore` does: privileges follow everything else, event triggers follow those
/// (`RestorePass` in `pg_backup_archiver.h`); within each pass the archive's order holds.
pub(super) fn in_restore_order(mut entries: Vec<Entry>, listed: &[Listed]) -> Vec<Entry> {
    let place: BTreeMap<EntryId, usize> = listed.iter().enumerate().map(|(at, one)| (one.id, at)).collect();
    entries.sort_by_key(|entry| {
        let pass = match entry.kind.as_str() {
            "ACL" | "ACL LANGUAGE" | "DEFAULT ACL" => 1,
            "EVENT TRIGGER" => 2,
            "COMMENT" | "SECURITY LABEL" if entry.name.starts_with("EVENT TRIGGER ") => 2,
            _ => 0,
        };
        (pass, place.get(&entry.id).copied())
    });
    entries
}

fn candidates<'a>(text: &str, listed: &'a [Listed]) -> Vec<Candidate<'a>> {
    const MARK: &str = "\n--\n-- TOC entry ";
    let by_words: BTreeMap<String, &Listed> = listed
        .iter()
        .map(|one| (format!("{} (class {} OID {})", one.id, one.class_oid, one.oid), one))
        .collect();
    text.match_indices(MARK)
        .filter_map(|(at, _)| {
            let line = text[at + MARK.len()..].split('\n').next()?;
            by_words.get(line).map(|listed| Candidate { at: at + 1, listed })
        })
        .collect()
}

fn cut(text: &str, candidates: &[Candidate]) -> Result<Vec<Entry>> {
    let mut settings: BTreeMap<&str, &str> = BTreeMap::new();
    let first = candidates.first().map_or(text.len(), |candidate| candidate.at);
    take_settings(&text[..first], &mut settings);
    let mut entries = Vec::with_capacity(candidates.len());
    for (index, candidate) in candidates.iter().enumerate() {
        let end = candidates.get(index + 1).map_or(text.len(), |next| next.at);
        let in_force = settings.iter().map(|(&name, &value)| (name.to_owned(), value.to_owned())).collect();
        let body = take_settings(&text[candidate.at..end], &mut settings);
        entries.push(entry(body, candidate.listed, in_force).ok_or_else(|| unreadable(candidate.listed))?);
    }
    Ok(entries)
}

/// Takes off the `SET` lines at the end of an entry's text: they are meant for those after it. A statement cannot
/// be mistaken for one: where it ends in user text, that ends in a quote that does not fit.
fn take_settings<'a>(mut text: &'a str, settings: &mut BTreeMap<&'a str, &'a str>) -> &'a str {
    static SET: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(&format!(
            r#"^\n\nSET ({TABLESPACE}|{ACCESS_METHOD}) = (''|[a-z_][a-z0-9_$]*|"(?:[^"]|"")+");$"#
        ))
        .expect("a constant expression")
    });
    let mut found = Vec::new();
    loop {
        text = text.trim_end_matches('\n');
        // The value may be a quoted name with line ends in it, so every beginning is tried.
        let set = text
            .rmatch_indices("\n\nSET default_table")
            .find_map(|(from, _)| Some((from, SET.captures(&text[from..])?)));
        let Some((from, set)) = set else { break };
        let (_, [name, value]) = set.extract();
        found.push((name, value));
        text = &text[..from];
    }
    settings.extend(found.into_iter().rev());
    text
}

/// Reads one entry, from its header to the end of its statements.
fn entry(text: &str, listed: &Listed, settings: Vec<(String, String)>) -> Option<Entry> {
    let rest = text.strip_prefix("--\n-- TOC entry ")?.split_once('\n')?.1;
    let (dependencies, rest) = match rest.strip_prefix("-- Dependencies:") {
        Some(rest) => rest.split_once('\n')?,
        None => ("", rest),
    };
    let (name, rest) = rest.strip_prefix("-- Name: ")?.split_once('\n')?;
    let rest = match rest.strip_prefix("-- Data Pos:") {
        Some(rest) => rest.split_once('\n')?.1,
        None => rest,
    };
    let sql = rest.strip_prefix("--")?;
    let fields = fields::parse(name, &listed.words)?;
    Some(Entry {
        id: listed.id,
        class_oid: listed.class_oid,
        oid: listed.oid,
        sql: shown(&fields, Sql::from_archive(sql.trim_matches('\n').to_owned())),
        kind: fields.kind,
        schema: fields.schema,
        name: fields.name,
        owner: fields.owner,
        dependencies: dependencies
            .split_whitespace()
            .map(|id| id.parse().map(EntryId::new).ok())
            .collect::<Option<_>>()?,
        settings,
    })
}

/// `pg_dump` writes the options of foreign servers and user mappings out, passwords included.
fn shown(fields: &Fields, sql: Sql) -> Sql {
    match fields.kind.as_str() {
        "USER MAPPING" | "SERVER" | "FOREIGN DATA WRAPPER" => sql.shown_as(format!(
            "-- {} {}: not shown, its options may hold a password",
            fields.kind, fields.name
        )),
        _ => sql,
    }
}

/// Cuts off the closing comments; nothing but psql's own `\unrestrict` follows them, so the last ones count.
fn without_trailer(text: &str) -> Result<&str> {
    let end = text.rfind("\n--\n-- PostgreSQL database dump complete\n--\n").ok_or_else(|| {
        Error::new(Kind::Internal, "pg_restore's script has no end").object("the schema archive")
    })?;
    let text = text[..end].trim_end_matches('\n');
    Ok(match text.rfind('\n') {
        Some(line) if text[line + 1..].starts_with("-- Completed on ") => &text[..line],
        _ => text,
    })
}

fn unreadable(listed: &Listed) -> Error {
    Error::new(Kind::Internal, "pg_restore prints the entry in a form that is not known")
        .object(format!("archive entry {} ({})", listed.id, listed.words))
}

#[cfg(test)]
#[path = "script_tests.rs"]
mod tests;
