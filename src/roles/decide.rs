//! Which roles are made, with what, and what of them is left behind: pure.
//!
//! Invariant: a role that the target has is never among them; a restriction is never lost.

use std::collections::BTreeSet;

use super::{Bringing, Membership, Role, Roles, Used};
use crate::pg::ident::Ident;
use crate::report::{Finding, NotCopied};

/// The first major version in which memberships have options and grantors that count.
const OPTIONS: u32 = 16;

/// What is known of the target.
#[derive(Debug)]
pub struct There<'a> {
    /// Those of the wanted roles that it has.
    pub roles: &'a Roles,
    /// Our role.
    pub me: &'a str,
    /// Whether it is a superuser.
    pub superuser: bool,
    /// The server's major version.
    pub version: u32,
}

/// Decides, for the roles that are used on a source with these `roles`.
#[must_use]
pub fn bring(used: &[Used], source: &Roles, there: &There<'_>) -> Bringing {
    let missing = missing(used, source, there.roles);
    let mut bringing = Bringing { me: there.me.into(), version: there.version, ..Bringing::default() };
    let needs_us = |name: &str| used.iter().any(|used| used.name == name && (used.owner || used.altered));
    let joined = missing.iter().filter(|name| !there.superuser && needs_us(name));
    let (kept, joined): (Vec<&str>, Vec<&str>) =
        joined.partition(|name| source.memberships.iter().any(|m| m.member == there.me && is_full(m, name)));
    bringing.joined = joined.into_iter().map(Ident::new).collect();
    let is_wanted = |m: &&Membership| {
        missing.contains(m.member.as_str()) || (m.member == there.me && kept.contains(&m.role.as_str()))
    };
    let wanted = source.memberships.iter().filter(is_wanted);
    let mut grantable = Vec::new();
    for membership in wanted {
        let known = missing.contains(membership.role.as_str()) || there.roles.get(&membership.role).is_some();
        match lost(membership, known, source, there.version) {
            Some(reason) => bringing.not_copied.extend(reason),
            None => grantable.push(membership.clone()),
        }
    }
    bringing.memberships = in_order(grantable, there);
    bringing.roles =
        source.roles.iter().filter(|role| missing.contains(role.name.as_str())).cloned().collect();
    bringing.warnings = differing(used, source, there);
    bringing
}

/// The names of the roles that the target lacks: the used ones, and those that they are members of.
fn missing<'a>(used: &'a [Used], source: &'a Roles, there: &Roles) -> BTreeSet<&'a str> {
    let mut missing = BTreeSet::new();
    let mut next: Vec<&str> = used.iter().map(|used| used.name.as_str()).collect();
    while let Some(name) = next.pop() {
        let is_ours_to_make = source.get(name).is_some() && there.get(name).is_none() && !is_system(name);
        if !is_ours_to_make || !missing.insert(name) {
            continue;
        }
        let of_it = source.memberships.iter().filter(|m| m.member == name && gives_rights(m));
        next.extend(of_it.map(|m| m.role.as_str()));
    }
    missing
}

/// Roles of PostgreSQL itself, and those that a run of fdwcopy has made for itself on the source.
fn is_system(name: &str) -> bool {
    let of_a_run = |id: &str| id.len() == 8 && id.bytes().all(|c| c.is_ascii_hexdigit());
    name.starts_with("pg_") || name.strip_prefix("fdwcopy_").is_some_and(of_a_run)
}

/// From 16 on a membership may give nothing but the right to administer the role: whoever made a role has that.
fn gives_rights(membership: &Membership) -> bool {
    membership.inherit != Some(false) || membership.set_role != Some(false)
}

fn is_full(membership: &Membership, role: &str) -> bool {
    membership.role == role && membership.inherit != Some(false) && membership.set_role != Some(false)
}

/// Why a membership is not granted, if it is not: `None` within where nothing is lost by that.
fn lost(membership: &Membership, known: bool, source: &Roles, version: u32) -> Option<Option<NotCopied>> {
    let not_copied = |reason: String| NotCopied {
        kind: "MEMBERSHIP".into(),
        object: format!("{} in {}", membership.member, membership.role),
        reason,
    };
    if !known {
        return Some(gives_rights(membership).then(|| not_copied("the target has no such role".into())));
    }
    if version >= OPTIONS {
        return None;
    }
    let inherits = source.get(&membership.member).is_none_or(|member| member.inherit);
    let restricted =
        membership.set_role == Some(false) || membership.inherit.is_some_and(|given| given != inherits);
    restricted.then(|| {
        let reason = format!("the target's version {version} has no INHERIT and SET options for a membership, and without them it would give other rights");
        Some(not_copied(reason))
    })
}

/// In an order in which every grantor has been given the right to grant before; who cannot have it is not named.
fn in_order(mut left: Vec<Membership>, there: &There<'_>) -> Vec<Membership> {
    let counts = |m: &Membership| there.version >= OPTIONS && there.superuser && m.inherit.is_some();
    for membership in &mut left {
        if !counts(membership) {
            membership.grantor = None;
        }
    }
    let mut ordered: Vec<Membership> = Vec::new();
    loop {
        let may = |m: &Membership| {
            let of_grantor =
                |g: &Membership| Some(&g.member) == m.grantor.as_ref() && g.role == m.role && g.admin;
            m.grantor.is_none() || ordered.iter().chain(&there.roles.memberships).any(of_grantor)
        };
        let (ready, rest): (Vec<_>, Vec<_>) = left.into_iter().partition(|m| may(m));
        let stuck = ready.is_empty();
        ordered.extend(ready);
        left = rest;
        if stuck {
            break;
        }
    }
    ordered.extend(left.into_iter().map(|membership| Membership { grantor: None, ..membership }));
    ordered
}

/// Used roles that the target has, and has otherwise.
fn differing(used: &[Used], source: &Roles, there: &There<'_>) -> Vec<Finding> {
    let both = used.iter().filter(|used| used.name != there.me);
    let both = both.filter_map(|used| Some((source.get(&used.name)?, there.roles.get(&used.name)?)));
    both.filter_map(|(here, other)| {
        let words = differences(here, other, source, there.roles);
        (!words.is_empty()).then(|| Finding {
            code: "role-differs",
            object: format!("role {}", here.name),
            message: format!(
                "the target has it already, and it stays as it is there; it differs in {}",
                words.join(", ")
            ),
            remedy: "change it on the target if it is meant to be the same".into(),
        })
    })
    .collect()
}

fn differences(here: &Role, other: &Role, source: &Roles, there: &Roles) -> Vec<String> {
    let attributes = [
        (here.superuser != other.superuser, "SUPERUSER"),
        (here.inherit != other.inherit, "INHERIT"),
        (here.create_role != other.create_role, "CREATEROLE"),
        (here.create_database != other.create_database, "CREATEDB"),
        (here.login != other.login, "LOGIN"),
        (here.replication != other.replication, "REPLICATION"),
        (here.bypass_rls != other.bypass_rls, "BYPASSRLS"),
        (here.connections != other.connections, "CONNECTION LIMIT"),
        (here.valid_until != other.valid_until, "VALID UNTIL"),
    ];
    let attributes = attributes.into_iter().filter(|(differs, _)| *differs).map(|(_, word)| word.to_owned());
    let settings = here.settings.iter().filter(|setting| !other.settings.contains(setting));
    let settings = settings.map(|setting| setting.name.clone());
    let is_there = |wanted: &Membership| {
        there.memberships.iter().any(|m| (&m.role, &m.member) == (&wanted.role, &wanted.member))
    };
    let memberships = source.memberships.iter();
    let memberships = memberships.filter(|m| m.member == here.name && gives_rights(m) && !is_there(m));
    let memberships = memberships.map(|m| format!("its membership in {}", m.role));
    attributes.chain(settings).chain(memberships).collect()
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
