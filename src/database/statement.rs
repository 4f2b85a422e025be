//! The statements that change a database, pure.
//!
//! Invariant: they name the target's database.

use std::fmt;

use super::{Privilege, Right};
use crate::pg::ident::{Ident, Literal};
use crate::pg::setting::Setting;
use crate::pg::sql::{Fragment, Sql};
use crate::sql;

/// `ALTER DATABASE … SET`.
#[must_use]
pub fn setting(database: &Ident, setting: &Setting) -> Sql {
    sql!("database/setting.sql", database = database, name = setting.ident(), value = setting.words())
}

/// `ALTER ROLE … IN DATABASE … SET`.
#[must_use]
pub fn role_setting(role: &str, database: &Ident, setting: &Setting) -> Sql {
    sql!(
        "database/role_setting.sql",
        role = Ident::new(role),
        database = database,
        name = setting.ident(),
        value = setting.words()
    )
}

/// `COMMENT ON DATABASE`.
#[must_use]
pub fn comment(database: &Ident, comment: &str) -> Sql {
    sql!("database/comment.sql", database = database, comment = Literal::new(comment))
}

/// `SECURITY LABEL … ON DATABASE`.
#[must_use]
pub fn label(provider: &str, database: &Ident, label: &str) -> Sql {
    sql!(
        "database/label.sql",
        provider = Ident::new(provider),
        database = database,
        label = Literal::new(label)
    )
}

/// `ALTER DATABASE … CONNECTION LIMIT`.
#[must_use]
pub fn connections(database: &Ident, connections: i32) -> Sql {
    sql!("database/connections.sql", database = database, connections = i64::from(connections))
}

/// `ALTER DATABASE … IS_TEMPLATE`.
#[must_use]
pub fn template(database: &Ident, template: bool) -> Sql {
    sql!("database/template.sql", database = database, template = template)
}

/// `GRANT … ON DATABASE`.
#[must_use]
pub fn grant(database: &Ident, right: &Right) -> Sql {
    sql!(
        "database/grant.sql",
        privilege = right.privilege,
        database = database,
        grantee = Grantee(right.grantee.as_deref()),
        option = GrantOption(right.grantable)
    )
}

/// `REVOKE … ON DATABASE … FROM PUBLIC`.
#[must_use]
pub fn revoke(database: &Ident, privilege: Privilege) -> Sql {
    sql!("database/revoke.sql", privilege = privilege, database = database)
}

impl fmt::Display for Privilege {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Fragment for Privilege {}

struct Grantee<'a>(Option<&'a str>);

impl fmt::Display for Grantee<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(role) => write!(f, "{}", Ident::new(role)),
            None => f.write_str("PUBLIC"),
        }
    }
}

impl Fragment for Grantee<'_> {}

struct GrantOption(bool);

impl fmt::Display for GrantOption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0 { " WITH GRANT OPTION" } else { "" })
    }
}

impl Fragment for GrantOption {}
