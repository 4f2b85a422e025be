//! Roles are made on the target, or tried there.
//!
//! Invariant: all of them in one transaction, each noted in the ledger by it. What of a role is refused is named, but
//! for the role itself and its memberships, without which the run would not be what was asked for.
//! Deliberately absent: undoing, which is the ledger's.

use std::collections::{BTreeMap, HashSet};

use secrecy::SecretString;

use super::{Bringing, Membership, read, statement};
use crate::error::{Context, Error, Kind, Result};
use crate::ledger::{self, Until};
use crate::pg::session::{SourceSession, TargetSession};
use crate::pg::sql::Sql;
use crate::report::NotCopied;
use crate::sql;
use crate::step::{self, Refusal, Step};

const FAILED: &str = "the roles could not be made";
/// `duplicate_object`, and a unique violation where somebody else is making it at this very moment.
const THERE: [&str; 2] = ["42710", "23505"];

/// One statement that makes a role, or adds something to it.
#[derive(Debug, Clone)]
pub struct Part {
    /// Of which role.
    pub role: String,
    /// In which role it makes that one a member.
    pub granted: Option<String>,
    /// Whether the run cannot do without it.
    pub essential: bool,
    /// How.
    pub step: Step,
    /// What undoes it, and when that is done in any case.
    undo: Option<(Sql, Until)>,
}

/// The passwords that come along, for showing: there is nothing to be read from them.
#[must_use]
pub fn unread_passwords(bringing: &Bringing) -> BTreeMap<String, SecretString> {
    let login = bringing.roles.iter().filter(|role| bringing.passwords && role.login);
    login.map(|role| (role.name.clone(), SecretString::default())).collect()
}

/// The statements in their order.
#[must_use]
pub fn parts(bringing: &Bringing, passwords: &BTreeMap<String, SecretString>) -> Vec<Part> {
    let part = |role: &str, kind, object: String, statement| Part {
        role: role.into(),
        granted: None,
        essential: false,
        step: Step { kind, object, statement },
        undo: None,
    };
    let mut parts: Vec<Part> = Vec::new();
    for role in &bringing.roles {
        let made = part(&role.name, "ROLE", role.name.clone(), statement::create(role));
        parts.push(Part {
            essential: true,
            undo: Some((statement::drop(&role.name), Until::Failure)),
            ..made
        });
    }
    let membership = |membership: &Membership, joined: bool| {
        let object = format!("{} in {}", membership.member, membership.role);
        let until = if joined { Until::End } else { Until::Failure };
        // The others go with their roles; what another role has granted would keep that one from being dropped.
        let undo = (joined || membership.grantor.is_some()).then(|| (statement::revoke(membership), until));
        let role = if joined { &membership.role } else { &membership.member };
        let essential = !membership.role.starts_with("pg_");
        let statement = statement::grant(membership, bringing.version);
        Part {
            granted: Some(membership.role.clone()),
            essential,
            undo,
            ..part(role, "MEMBERSHIP", object, statement)
        }
    };
    let joined = bringing.joined.iter().map(|role| joined(role.as_str(), &bringing.me));
    parts.extend(joined.map(|joined| membership(&joined, true)));
    parts.extend(bringing.memberships.iter().map(|one| membership(one, false)));
    for role in &bringing.roles {
        let name = &role.name;
        if let Some(verifier) = passwords.get(name) {
            parts.push(part(name, "ROLE PASSWORD", name.clone(), statement::password(name, verifier)));
        }
        parts.extend(role.settings.iter().map(|setting| {
            part(name, "ROLE SETTING", format!("{name}: {setting}"), statement::setting(name, setting))
        }));
        if let Some(comment) = &role.comment {
            let statement = statement::comment(name, comment);
            parts.push(part(name, "COMMENT", format!("ROLE {name}"), statement));
        }
        parts.extend(role.labels.iter().map(|(provider, label)| {
            let statement = statement::label(name, provider, label);
            part(name, "SECURITY LABEL", format!("ROLE {name} for {provider}"), statement)
        }));
    }
    parts.retain(|part| !bringing.left_out.contains(&part.step.statement));
    parts
}

fn joined(role: &str, me: &str) -> Membership {
    let (role, member) = (role.into(), me.into());
    Membership { role, member, admin: false, inherit: Some(true), set_role: Some(true), grantor: None }
}

/// Makes them; returns what was refused.
pub async fn make(
    bringing: &Bringing,
    source: &SourceSession,
    guard: &TargetSession,
) -> Result<Vec<NotCopied>> {
    if bringing.roles.is_empty() {
        return Ok(Vec::new());
    }
    let names: Vec<&str> = bringing.roles.iter().map(|role| role.name.as_str()).collect();
    let passwords = if bringing.passwords { read::passwords(source, &names).await? } else { BTreeMap::new() };
    guard.run(&sql!("roles/begin.sql")).await.context(Kind::Schema, FAILED, "target")?;
    let made = carry_out(&parts(bringing, &passwords), guard).await;
    if made.is_err() {
        guard.rollback().await;
    }
    let not_copied = made?;
    guard.run(&sql!("roles/commit.sql")).await.context(Kind::Schema, FAILED, "target")?;
    Ok(not_copied)
}

async fn carry_out(parts: &[Part], guard: &TargetSession) -> Result<Vec<NotCopied>> {
    let mut not_copied = Vec::new();
    // Somebody else was faster: such a role is there already, and stays as it is.
    let mut there: HashSet<&str> = HashSet::new();
    for part in parts {
        if there.contains(part.role.as_str()) {
            continue;
        }
        let Step { kind, object, statement } = &part.step;
        match step::attempt(guard, statement, object).await? {
            None => {
                let Some((undo, until)) = &part.undo else { continue };
                let note = ledger::note(&format!("{kind} {object}"), undo, *until);
                guard.run(&note).await.context(Kind::Schema, FAILED, object)?;
            }
            Some(refusal) if *kind == "ROLE" && THERE.contains(&refusal.code.as_str()) => {
                there.insert(&part.role);
            }
            Some(refusal) if part.essential => {
                return Err(Error::new(Kind::Schema, format!("it could not be made: {}", refusal.reason))
                    .object(format!("{kind} {object}")));
            }
            Some(refusal) => not_copied.push(part.step.not_copied(refusal.reason)),
        }
    }
    Ok(not_copied)
}

/// What the target has refused in a trial, by position.
#[derive(Debug, Default)]
pub struct Trial {
    /// Of the parts of roles.
    pub parts: BTreeMap<usize, Refusal>,
    /// Of the other steps.
    pub steps: BTreeMap<usize, Refusal>,
}

/// Tries the parts, and other steps after them, and takes all of it back.
pub async fn refused(parts: &[Part], steps: &[Step], session: &TargetSession) -> Result<Trial> {
    session.run(&sql!("roles/begin.sql")).await.context(Kind::Preflight, FAILED, "target")?;
    let tried = try_out(parts, steps, session).await;
    session.rollback().await;
    tried
}

async fn try_out(parts: &[Part], steps: &[Step], session: &TargetSession) -> Result<Trial> {
    let mut trial = Trial::default();
    let mut absent: HashSet<&str> = HashSet::new();
    for (index, part) in parts.iter().enumerate() {
        let names = [Some(part.role.as_str()), part.granted.as_deref()];
        if names.into_iter().flatten().any(|name| absent.contains(name)) {
            continue;
        }
        let Some(refusal) = step::attempt(session, &part.step.statement, &part.step.object).await? else {
            continue;
        };
        if part.step.kind == "ROLE" {
            absent.insert(&part.role);
        }
        trial.parts.insert(index, refusal);
    }
    for (index, step) in steps.iter().enumerate() {
        let refusal = step::attempt(session, &step.statement, &step.object).await?;
        trial.steps.extend(refusal.map(|refusal| (index, refusal)));
    }
    Ok(trial)
}
