//! The queries that tell the roles of a server.
//!
//! Invariant: verifiers are read by one query alone, which only the making of roles asks.

use std::collections::BTreeMap;

use secrecy::SecretString;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

use super::{Membership, Role, Roles};
use crate::error::{Context, Kind, Result};
use crate::pg::session::{Session, Side, SourceSession, column};
use crate::pg::setting::Setting;
use crate::sql;

const FAILED: &str = "the roles could not be read";

/// These roles, those that they are members of, and so on.
pub async fn roles<S: Side>(session: &Session<S>, names: &[String]) -> Result<Roles> {
    let rows = session.rows(&sql!("roles/roles.sql"), &[(&names, Type::TEXT_ARRAY)]).await;
    let rows = rows.context(Kind::Preflight, FAILED, S::NAME)?;
    let roles: Vec<Role> = rows.iter().map(role).collect::<Result<_>>()?;
    let members: Vec<&str> = roles.iter().map(|role| role.name.as_str()).collect();
    let rows = session.rows(&sql!("roles/memberships.sql"), &[(&members, Type::TEXT_ARRAY)]).await;
    let rows = rows.context(Kind::Preflight, FAILED, S::NAME)?;
    Ok(Roles { memberships: rows.iter().map(membership).collect::<Result<_>>()?, roles })
}

/// Whether our role may read verifiers of passwords.
pub async fn may_read_passwords(source: &SourceSession) -> Result<bool> {
    let row = source.one(&sql!("roles/may_read_passwords.sql"), &[]).await;
    column(&row.context(Kind::Preflight, FAILED, "source")?, "readable")
}

/// The verifiers of these roles' passwords, of those that have one.
pub async fn passwords(source: &SourceSession, names: &[&str]) -> Result<BTreeMap<String, SecretString>> {
    let rows = source.rows(&sql!("roles/passwords.sql"), &[(&names, Type::TEXT_ARRAY)]).await;
    let rows = rows.context(Kind::Schema, "the passwords of roles could not be read", "source")?;
    rows.iter().map(|row| Ok((column(row, "name")?, column::<String>(row, "verifier")?.into()))).collect()
}

fn role(row: &Row) -> Result<Role> {
    let providers: Vec<String> = column(row, "providers")?;
    Ok(Role {
        name: column(row, "name")?,
        superuser: column(row, "superuser")?,
        inherit: column(row, "inherit")?,
        create_role: column(row, "create_role")?,
        create_database: column(row, "create_database")?,
        login: column(row, "login")?,
        replication: column(row, "replication")?,
        bypass_rls: column(row, "bypass_rls")?,
        connections: column(row, "connections")?,
        valid_until: column(row, "valid_until")?,
        comment: column(row, "comment")?,
        labels: providers.into_iter().zip(column::<Vec<String>>(row, "labels")?).collect(),
        settings: column::<Vec<String>>(row, "settings")?
            .iter()
            .filter_map(|kept| Setting::parse(kept))
            .collect(),
    })
}

fn membership(row: &Row) -> Result<Membership> {
    Ok(Membership {
        role: column(row, "role")?,
        member: column(row, "member")?,
        admin: column(row, "admin")?,
        inherit: column(row, "inherit")?,
        set_role: column(row, "set_role")?,
        grantor: column(row, "grantor")?,
    })
}
