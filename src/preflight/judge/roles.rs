//! Roles that the chosen objects need: there, and ours to act for; or brought, if the target lets us.
//!
//! Invariant: every remedy can be pasted.

use std::collections::BTreeMap;

use super::found;
use crate::job::{self, Job};
use crate::pg::ident::Ident;
use crate::preflight::roles::{Inheriting, Roles};
use crate::report::Finding;
use crate::roles::make::Part;
use crate::roles::{Bringing, Used};
use crate::step::Refusal;

/// Roles must be there, or come along.
pub(in crate::preflight) fn roles(roles: &Roles, bringing: &Bringing, me: &str) -> Vec<Finding> {
    let comes = |name: &str| bringing.roles.iter().any(|role| role.name == name);
    let gives_away = |role: &&Used| (role.owner || role.altered) && role.name != me;
    let powerless = roles.inheriting == Inheriting::Never && roles.used.iter().any(|role| gives_away(&role));
    let needed = roles.used.iter().filter(|role| !comes(&role.name));
    let each = needed.filter_map(|role| match roles.known.get(&role.name) {
        // A user mapping alone is no reason to refuse all the rest: the target refuses it, and it is named.
        None => (role.owner || role.altered || role.named || role.granted).then(|| missing(role)),
        Some(false) if role.owner || role.altered => Some(not_granted(role, me, roles.inheriting)),
        Some(_) => None,
    });
    each.chain(powerless.then(|| powerless_member(me))).collect()
}

fn missing(role: &Used) -> Finding {
    let ident = Ident::new(role.name.as_str());
    let (what, way_out) = match role {
        Used { owner: true, .. } => ("owns chosen objects", "; or clone with --no-owner"),
        Used { named: true, .. } => ("a policy names", ""),
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

/// What a role has given away it can go on working on by what it inherits only.
fn powerless_member(me: &str) -> Finding {
    found(
        "role-no-inherit",
        format!("role {me}"),
        "this role of the target is NOINHERIT: it may give objects to the roles in which it is a member, but not work on them then",
        format!(
            "on the target: ALTER ROLE {} INHERIT; or clone with --no-owner and --no-privileges",
            Ident::new(me)
        ),
    )
}

fn not_granted(role: &Used, me: &str, inheriting: Inheriting) -> Finding {
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
            "on the target: {} or clone with {way_out}",
            membership(&Ident::new(role.name.as_str()).to_string(), me, inheriting)
        ),
    )
}

/// The statement that makes our role a member of these.
pub(in crate::preflight) fn membership(roles: &str, me: &str, inheriting: Inheriting) -> String {
    let option = if inheriting == Inheriting::IfGranted { " WITH INHERIT TRUE" } else { "" };
    format!("GRANT {roles} TO {}{option};", Ident::new(me))
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
