//! What of the source's database is brought to the target's, pure.
//!
//! Invariant: what the target has and the source has not stays; what both have otherwise is replaced only by the user's
//! word.

use std::collections::BTreeSet;

use super::{Changes, Privilege, Properties, Right, statement};
use crate::pg::ident::Ident;
use crate::pg::setting::Setting;
use crate::report::{Finding, NotCopied};
use crate::step::Step;

/// What of the properties is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub struct Wanted {
    /// The owner, which is only looked at.
    pub owner: bool,
    /// GRANT and REVOKE.
    pub privileges: bool,
    /// The comment.
    pub comments: bool,
    /// Whether the source's value takes the place of another one of the target.
    pub replace: bool,
}

/// Decides; `roles` are those that the target has or will have.
#[must_use]
pub fn changes(source: &Properties, target: &Properties, wanted: Wanted, roles: &BTreeSet<&str>) -> Changes {
    let database = Ident::new(target.name.as_str());
    let mut making = Making { target, database, replace: wanted.replace, changes: Changes::default() };
    making.settings(source);
    making.role_settings(source, roles);
    if source.connections >= 0 && source.connections != target.connections {
        let statement = statement::connections(&making.database, source.connections);
        let value = (target.connections >= 0).then(|| target.connections.to_string());
        making.change("DATABASE CONNECTION LIMIT", making.target.name.clone(), statement, value);
    }
    if source.template && !target.template {
        let statement = statement::template(&making.database, true);
        making.change("DATABASE TEMPLATE", making.target.name.clone(), statement, None);
    }
    for (provider, label) in &source.labels {
        if target.labels.get(provider) != Some(label) {
            let statement = statement::label(provider, &making.database, label);
            let object = format!("DATABASE {}: {provider}", target.name);
            making.change("SECURITY LABEL", object, statement, target.labels.get(provider).cloned());
        }
    }
    if let Some(comment) =
        source.comment.as_ref().filter(|_| wanted.comments && source.comment != target.comment)
    {
        let statement = statement::comment(&making.database, comment);
        making.change("COMMENT", format!("DATABASE {}", target.name), statement, target.comment.clone());
    }
    if wanted.privileges {
        making.rights(source);
    }
    if wanted.owner && source.owner != target.owner {
        making.changes.warnings.push(other_owner(source, target));
    }
    making.changes
}

struct Making<'a> {
    target: &'a Properties,
    database: Ident,
    replace: bool,
    changes: Changes,
}

impl Making<'_> {
    /// A change, unless the target has another value that must not be replaced.
    fn change(
        &mut self,
        kind: &'static str,
        object: String,
        statement: crate::pg::sql::Sql,
        other: Option<String>,
    ) {
        match other.filter(|_| !self.replace) {
            Some(other) => self.leave(
                kind,
                object,
                format!("the target has its own, {other}; for the source's, on the target: {statement}; or clone with --replace"),
            ),
            None => self.changes.steps.push(Step { kind, object, statement }),
        }
    }

    fn leave(&mut self, kind: &'static str, object: String, reason: String) {
        self.changes.not_copied.push(NotCopied { kind: kind.into(), object, reason });
    }

    fn settings(&mut self, source: &Properties) {
        for setting in &source.settings {
            let other = other_value(&self.target.settings, setting);
            if other.as_ref() != Some(&setting.value) {
                let object = format!("{}: {setting}", self.target.name);
                self.change("DATABASE SETTING", object, statement::setting(&self.database, setting), other);
            }
        }
    }

    fn role_settings(&mut self, source: &Properties, roles: &BTreeSet<&str>) {
        for (role, settings) in &source.role_settings {
            let there = self.target.role_settings.get(role).map_or(&[][..], Vec::as_slice);
            for setting in settings {
                let other = other_value(there, setting);
                let object = format!("{role} in {}: {setting}", self.target.name);
                if !roles.contains(role.as_str()) {
                    let reason = "the target has no such role; --roles brings it".into();
                    self.leave("ROLE SETTING", object, reason);
                } else if other.as_ref() != Some(&setting.value) {
                    let statement = statement::role_setting(role, &self.database, setting);
                    self.change("ROLE SETTING", object, statement, other);
                }
            }
        }
    }

    fn rights(&mut self, source: &Properties) {
        let target = self.target;
        let kind = "DATABASE PRIVILEGE";
        let object = |privilege: Privilege, whose: &str| format!("{}: {privilege} of {whose}", target.name);
        for privilege in Privilege::ALL {
            let public = |side: &Properties| {
                side.rights.iter().any(|r| r.grantee.is_none() && r.privilege == privilege)
            };
            // By default everybody may connect and make temporary tables.
            let default = privilege != Privilege::Create;
            match (public(source), public(target)) {
                (true, false) => {
                    let right = Right { grantee: None, privilege, grantable: false };
                    let refused = default.then(|| "which denies it to PUBLIC".to_owned());
                    let statement = statement::grant(&self.database, &right);
                    self.change(kind, object(privilege, "PUBLIC"), statement, refused);
                }
                (false, true) if default => {
                    let statement = statement::revoke(&self.database, privilege);
                    self.change(kind, object(privilege, "PUBLIC"), statement, None);
                }
                _ => {}
            }
            if !source.of_owner.contains(&privilege) && target.of_owner.contains(&privilege) {
                let reason =
                    "the source's owner has denied it to himself; the target's owner keeps it".into();
                self.leave(kind, object(privilege, "the owner"), reason);
            }
        }
        for right in &source.rights {
            let Some(grantee) = &right.grantee else { continue };
            let covers = |other: &Right| {
                (&other.grantee, other.privilege) == (&right.grantee, right.privilege)
                    && other.grantable >= right.grantable
            };
            // The owner has all of them.
            if *grantee != target.owner && !target.rights.iter().any(covers) {
                let statement = statement::grant(&self.database, right);
                self.change(kind, object(right.privilege, grantee), statement, None);
            }
        }
    }
}

fn other_value(settings: &[Setting], wanted: &Setting) -> Option<String> {
    let found = settings.iter().find(|setting| setting.name.eq_ignore_ascii_case(&wanted.name));
    found.map(|setting| setting.value.clone())
}

fn other_owner(source: &Properties, target: &Properties) -> Finding {
    let (database, owner) = (Ident::new(target.name.as_str()), Ident::new(source.owner.as_str()));
    Finding {
        code: "database-owner-differs",
        object: format!("database {}", target.name),
        message: format!(
            "it belongs to {}, the source's to {}; the owner is never changed",
            target.owner, source.owner
        ),
        remedy: format!("if it is meant to be the same: ALTER DATABASE {database} OWNER TO {owner};"),
    }
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
