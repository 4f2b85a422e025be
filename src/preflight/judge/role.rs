//! What a temporary role on the source needs.
//!
//! Invariant: refused for every reason at once, before anything is made.

use super::found;
use crate::catalog::{Catalog, Oid, Relation};
use crate::pg::ident::Ident;
use crate::preflight::facts::RoleRights;
use crate::report::Finding;

/// The temporary role must be possible: made, and given what it is to read.
pub(in crate::preflight) fn temporary_role(rights: &RoleRights, catalog: &Catalog) -> Vec<Finding> {
    let database = &catalog.database;
    let role = Ident::new(database.role.as_str());
    if database.standby {
        return vec![found(
            "temporary-role-impossible",
            database.name.clone(),
            "the source is a standby: no role can be made there",
            "name the primary as the source, or clone without --temporary-role",
        )];
    }
    if !rights.may_create {
        return vec![found(
            "temporary-role-impossible",
            database.name.clone(),
            format!("the role {} may not create roles on the source", database.role),
            format!("on the source: ALTER ROLE {role} CREATEROLE; or clone without --temporary-role"),
        )];
    }
    let mut findings = Vec::new();
    let not_grantable = |object: String, right: &str, grant: String| {
        let message = format!("the role {} may not grant {right} to a temporary role", database.role);
        found(
            "temporary-role-impossible",
            object,
            message,
            format!(
                "on the source: GRANT {grant} TO {role} WITH GRANT OPTION; or clone without --temporary-role"
            ),
        )
    };
    if !rights.may_connect {
        let grant = format!("CONNECT ON DATABASE {}", Ident::new(database.name.as_str()));
        findings.push(not_grantable(database.name.clone(), "CONNECT", grant));
    }
    findings.extend(rights.closed_schemas.iter().map(|schema| {
        let grant = format!("USAGE ON SCHEMA {}", Ident::new(schema.as_str()));
        not_grantable(format!("schema {schema}"), "USAGE", grant)
    }));
    findings.extend(
        named(&rights.closed_tables, catalog).map(|table| {
            not_grantable(table.name.plain(), "SELECT", format!("SELECT ON TABLE {}", table.name))
        }),
    );
    let guarded = named(&rights.guarded_tables, catalog).filter(|_| !rights.may_bypass);
    findings.extend(guarded.map(|table| {
        found(
            "rows-hidden",
            table.name.plain(),
            format!("row-level security would hide its rows from a temporary role, and {} may not exempt one", database.role),
            "clone without --temporary-role, connect as a superuser, or leave its rows out: --exclude-table-data",
        )
    }));
    findings
}

fn named<'a>(tables: &'a [Oid], catalog: &'a Catalog) -> impl Iterator<Item = &'a Relation> {
    catalog.relations.iter().filter(|relation| tables.contains(&relation.oid))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::RelationKind;
    use crate::plan::fixture::{catalog, relation};

    fn rights() -> RoleRights {
        RoleRights {
            may_create: true,
            may_bypass: false,
            may_connect: true,
            closed_schemas: Vec::new(),
            closed_tables: Vec::new(),
            guarded_tables: Vec::new(),
        }
    }

    #[test]
    fn a_temporary_role_is_refused_for_every_reason_there_is() {
        let mut catalog = catalog(vec![relation(7, "public", "t", RelationKind::Table)]);
        assert!(temporary_role(&rights(), &catalog).is_empty());
        let closed = RoleRights {
            may_connect: false,
            closed_schemas: vec!["public".into()],
            closed_tables: vec![7],
            guarded_tables: vec![7],
            ..rights()
        };
        let findings = temporary_role(&closed, &catalog);
        let remedies: Vec<&str> = findings.iter().map(|finding| finding.remedy.as_str()).collect();
        assert_eq!(findings.len(), 4);
        for (remedy, grant) in
            remedies.iter().zip(["CONNECT ON DATABASE", "USAGE ON SCHEMA", "SELECT ON TABLE"])
        {
            assert!(remedy.contains(grant), "{remedy}");
        }
        assert_eq!(findings[3].code, "rows-hidden");
        let powerless = RoleRights { may_create: false, ..rights() };
        assert!(temporary_role(&powerless, &catalog)[0].remedy.contains("CREATEROLE"));
        catalog.database.standby = true;
        assert!(temporary_role(&rights(), &catalog)[0].message.contains("standby"));
    }
}
