//! The statements that make roles, pure.
//!
//! Invariant: only what differs from a new role's defaults is written, so that a plain role may run it wherever it can.

use std::fmt;

use secrecy::{ExposeSecret, SecretString};

use super::{Membership, Role};
use crate::pg::ident::{Ident, Literal};
use crate::pg::setting::Setting;
use crate::pg::sql::{Fragment, Sql};
use crate::sql;

/// `CREATE ROLE`.
#[must_use]
pub fn create(role: &Role) -> Sql {
    sql!("roles/create.sql", role = Ident::new(role.name.as_str()), attributes = Attributes(role))
}

/// `DROP ROLE`.
#[must_use]
pub fn drop(role: &str) -> Sql {
    sql!("roles/drop.sql", role = Ident::new(role))
}

/// `ALTER ROLE … PASSWORD`, shown without the verifier.
#[must_use]
pub fn password(role: &str, verifier: &SecretString) -> Sql {
    let statement = |verifier: &str| {
        sql!("roles/password.sql", role = Ident::new(role), verifier = Literal::new(verifier))
    };
    statement(verifier.expose_secret()).shown_as(statement("********").to_string())
}

/// `ALTER ROLE … SET`.
#[must_use]
pub fn setting(role: &str, setting: &Setting) -> Sql {
    sql!("roles/setting.sql", role = Ident::new(role), name = setting.ident(), value = setting.words())
}

/// `COMMENT ON ROLE`.
#[must_use]
pub fn comment(role: &str, comment: &str) -> Sql {
    sql!("roles/comment.sql", role = Ident::new(role), comment = Literal::new(comment))
}

/// `SECURITY LABEL`.
#[must_use]
pub fn label(role: &str, provider: &str, label: &str) -> Sql {
    let (role, provider) = (Ident::new(role), Ident::new(provider));
    sql!("roles/label.sql", provider = provider, role = role, label = Literal::new(label))
}

/// `GRANT` of a membership, for a target of this major version.
#[must_use]
pub fn grant(membership: &Membership, version: u32) -> Sql {
    sql!(
        "roles/grant.sql",
        role = Ident::new(membership.role.as_str()),
        member = Ident::new(membership.member.as_str()),
        options = Options { membership, version }
    )
}

/// `REVOKE` of it.
#[must_use]
pub fn revoke(membership: &Membership) -> Sql {
    sql!(
        "roles/revoke.sql",
        role = Ident::new(membership.role.as_str()),
        member = Ident::new(membership.member.as_str()),
        grantor = GrantedBy(membership.grantor.as_deref())
    )
}

/// The attributes in which a role differs from a new one.
struct Attributes<'a>(&'a Role);

impl fmt::Display for Attributes<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = self.0;
        let words = [
            (role.superuser, "SUPERUSER"),
            (!role.inherit, "NOINHERIT"),
            (role.create_role, "CREATEROLE"),
            (role.create_database, "CREATEDB"),
            (role.login, "LOGIN"),
            (role.replication, "REPLICATION"),
            (role.bypass_rls, "BYPASSRLS"),
        ];
        for (_, word) in words.iter().filter(|(has, _)| *has) {
            write!(f, " {word}")?;
        }
        if role.connections >= 0 {
            write!(f, " CONNECTION LIMIT {}", role.connections)?;
        }
        match &role.valid_until {
            Some(moment) => write!(f, " VALID UNTIL {}", Literal::new(moment.as_str())),
            None => Ok(()),
        }
    }
}

impl Fragment for Attributes<'_> {}

/// What follows the member in a `GRANT`.
struct Options<'a> {
    membership: &'a Membership,
    version: u32,
}

impl fmt::Display for Options<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Membership { admin, inherit, set_role, .. } = *self.membership;
        let spelt = |option: &str, given: Option<bool>| {
            given.map(|given| format!("{option} {}", if given { "TRUE" } else { "FALSE" }))
        };
        // Earlier servers know no other option than this.
        let options = if self.version >= 16 && inherit.or(set_role).is_some() {
            [spelt("ADMIN", Some(admin)), spelt("INHERIT", inherit), spelt("SET", set_role)]
        } else {
            [admin.then(|| "ADMIN OPTION".to_owned()), None, None]
        };
        let options: Vec<String> = options.into_iter().flatten().collect();
        if !options.is_empty() {
            write!(f, " WITH {}", options.join(", "))?;
        }
        write!(f, "{}", GrantedBy(self.membership.grantor.as_deref()))
    }
}

impl Fragment for Options<'_> {}

struct GrantedBy<'a>(Option<&'a str>);

impl fmt::Display for GrantedBy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(grantor) => write!(f, " GRANTED BY {}", Ident::new(grantor)),
            None => Ok(()),
        }
    }
}

impl Fragment for GrantedBy<'_> {}

#[cfg(test)]
mod tests {
    use super::super::fixture::{member, role};
    use super::*;

    #[test]
    fn a_role_says_only_what_differs_from_a_new_one() {
        assert_eq!(create(&role("Plain One")).to_string(), r#"CREATE ROLE "Plain One""#);
        let mut busy = role("busy");
        (busy.login, busy.inherit, busy.create_database) = (true, false, true);
        (busy.connections, busy.valid_until) = (0, Some("infinity".into()));
        assert_eq!(
            create(&busy).to_string(),
            r#"CREATE ROLE "busy" NOINHERIT CREATEDB LOGIN CONNECTION LIMIT 0 VALID UNTIL 'infinity'"#
        );
    }

    #[test]
    fn a_password_is_sent_but_never_shown() {
        let statement = password("r", &"SCRAM-SHA-256$hush".to_owned().into());
        assert!(statement.is_secret() && statement.as_str().contains("hush"));
        assert!(!statement.to_string().contains("hush") && !format!("{statement:?}").contains("hush"));
    }

    #[test]
    fn a_membership_is_spelt_for_the_target() {
        let mut given = member("a", "team");
        assert_eq!(grant(&given, 15).to_string(), r#"GRANT "team" TO "a""#);
        assert_eq!(grant(&given, 16).to_string(), r#"GRANT "team" TO "a""#);
        given.admin = true;
        assert_eq!(grant(&given, 18).to_string(), r#"GRANT "team" TO "a" WITH ADMIN OPTION"#);
        (given.inherit, given.set_role, given.grantor) = (Some(false), Some(true), Some("boss".into()));
        assert_eq!(
            grant(&given, 17).to_string(),
            r#"GRANT "team" TO "a" WITH ADMIN TRUE, INHERIT FALSE, SET TRUE GRANTED BY "boss""#
        );
        assert_eq!(revoke(&given).to_string(), r#"REVOKE "team" FROM "a" GRANTED BY "boss""#);
    }
}
