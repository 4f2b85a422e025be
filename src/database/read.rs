//! The queries that tell the properties of a database, of either side.
//!
//! Invariant: decoded by name, failing on a surprise.

use std::collections::BTreeMap;

use super::{Privilege, Properties, Right};
use crate::error::{Context, Kind, Result};
use crate::pg::session::{Session, Side, column};
use crate::pg::setting::Setting;
use crate::sql;

const FAILED: &str = "the properties of the database could not be read";

/// The properties of the database that the session is connected to.
pub async fn properties<S: Side>(session: &Session<S>) -> Result<Properties> {
    let row = session.one(&sql!("database/properties.sql"), &[]).await;
    let row = row.context(Kind::Preflight, FAILED, S::NAME)?;
    let mut properties = Properties {
        name: column(&row, "name")?,
        owner: column(&row, "owner")?,
        comment: column(&row, "comment")?,
        connections: column(&row, "connections")?,
        template: column(&row, "template")?,
        settings: settings(&column::<Vec<String>>(&row, "settings")?),
        labels: {
            let providers: Vec<String> = column(&row, "providers")?;
            providers.into_iter().zip(column::<Vec<String>>(&row, "labels")?).collect()
        },
        ..Properties::default()
    };
    let rows = session.rows(&sql!("database/role_settings.sql"), &[]).await;
    let rows = rows.context(Kind::Preflight, FAILED, S::NAME)?;
    let of_role = rows
        .iter()
        .map(|row| Ok((column::<String>(row, "role")?, settings(&column::<Vec<String>>(row, "settings")?))));
    properties.role_settings = of_role.collect::<Result<BTreeMap<_, _>>>()?;
    let rows = session.rows(&sql!("database/rights.sql"), &[]).await;
    for row in &rows.context(Kind::Preflight, FAILED, S::NAME)? {
        let name: String = column(row, "privilege")?;
        // A right that a later version may invent is none of these.
        let Some(privilege) = Privilege::ALL.into_iter().find(|privilege| privilege.name() == name) else {
            continue;
        };
        let (grantee, grantable) = (column(row, "grantee")?, column(row, "grantable")?);
        if column(row, "owner")? {
            properties.of_owner.insert(privilege);
        } else {
            properties.rights.insert(Right { grantee, privilege, grantable });
        }
    }
    Ok(properties)
}

fn settings(kept: &[String]) -> Vec<Setting> {
    kept.iter().filter_map(|kept| Setting::parse(kept)).collect()
}
