//! Roles that the chosen objects need: there, and ours to act for; or brought, if the target lets us.
//!
//! Invariant: every remedy can be pasted.

use std::collections::BTreeMap;

use super::found;
use crate::job::{self, Job};
use crate::pg::ident::Ident;
use crate::preflight::roles::Roles;
use crate::report::Finding;
use crate::roles::make::Part;
use crate::roles::{Bringing, Used};
use crate::step::Refusal;

/// Roles must be there, or come along.
pub(in crate::preflight) fn roles(roles: &Roles, bringing: &Bringing, me: &str) -> Vec<Finding> {
    let comes = |name: &str| bringing.roles.iter().any(|role| role.name == name);
    let needed = roles.used.iter().filter(|role| !comes(&role.name));
    needed
        .filter_map(|role| match roles.known.get(&role.name) {
            None => Some(missing(role)),
            Some(false) if role.owner || role.altered => Some(not_granted(role, me)),
            Some(_) => None,
        })
        .collect()
}

fn missing(role: &Used) -> Finding {
    let ident = Ident::new(role.name.as_str());
    let (what, way_out) = match role {
        Used { owner: true, .. } => ("owns chosen objects", "; or clone with --no-owner"),
        Used { named: true, .. } => ("a policy or a user mapping names", ""),
        Used { altered: true, .. } => ("has default privileges", "; or clone with --no-privileges"),
        _ => ("is granted rights", "; or clone with --no-privileges"),
    };
    found(
        "role-missing",
        format!("role {}", role.name),
        format!("the target lacks this role, which {what}"),
        format!("clone with --roles, which brings it; or on the target: CREATE ROLE {ident};{way_out}"),
    )
}

fn not_granted(role: &Used, me: &str) -> Finding {
    let (what, way_out) = if role.owner {
        ("give objects to this role", "--no-owner")
    } else {
        ("set the default privileges of this role", "--no-privileges")
    };
    found(
        "role-not-granted",
        format!("role {}", role.name),
        format!("the role {me} cannot {what} on the target, or does not inherit its rights"),
        format!(
            "on the target: GRANT {} TO {}; or clone with {way_out}",
            Ident::new(role.name.as_str()),
            Ident::new(me)
        ),
    )
}

/// Roles and memberships that the target did not take in the trial.
pub(in crate::preflight) fn refused_roles(
    bringing: &Bringing,
    parts: &[Part],
    refusals: &BTreeMap<usize, Refusal>,
) -> Vec<Finding> {
    let essential = refusals.iter().map(|(index, refusal)| (&parts[*index], refusal));
    let me = Ident::new(bringing.me.as_str());
    essential
        .filter(|(part, _)| part.essential)
        .map(|(part, refusal)| {
            let object = format!("{} {}", part.step.kind.to_lowercase(), part.step.object);
            let message = format!("the role {} cannot make it on the target: {}", bringing.me, refusal.reason);
            let statement = &part.step.statement;
            let remedy = if part.step.kind == "ROLE" {
                let name = Ident::new(part.role.as_str());
                let join = if bringing.joined.contains(&name) { format!(" GRANT {name} TO {me};") } else { String::new() };
                format!(
                    "as an administrator of the target: {statement};{join} a role that is there stays as it is, also without what is refused"
                )
            } else {
                let role = Ident::new(part.granted.as_deref().unwrap_or_default());
                format!("as an administrator of the target: GRANT {role} TO {me} WITH ADMIN OPTION; or make the role yourself, without it: CREATE ROLE {};", Ident::new(part.role.as_str()))
            };
            found(if part.step.kind == "ROLE" { "role-refused" } else { "membership-refused" }, object, message, remedy)
        })
        .collect()
}

/// Roles that could log in on the source, and come without their passwords though nobody asked for that.
pub(in crate::preflight) fn unread_passwords(
    bringing: &Bringing,
    job: &Job,
    reader: &str,
) -> Option<Finding> {
    let login: Vec<&str> =
        bringing.roles.iter().filter(|role| role.login).map(|role| role.name.as_str()).collect();
    let unread =
        job.definitions.roles == job::Roles::WithPasswords && !bringing.passwords && !login.is_empty();
    unread.then(|| {
        found(
            "passwords-unreadable",
            "source",
            format!("the role {reader} may not read passwords there: these roles come without one: {}", login.join(", ")),
            "give them passwords on the target (ALTER ROLE … PASSWORD), or clone as a superuser of the source; --no-role-passwords says that it is meant",
        )
    })
}
