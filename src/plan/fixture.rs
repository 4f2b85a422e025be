//! Catalog values for the planner's tests.

use std::collections::BTreeMap;

use super::Shape;
use crate::catalog::tables::Column;
use crate::catalog::{Catalog, Database, LargeObjects, Oid, Relation, RelationKind};
use crate::pg::ident::{Ident, QualifiedName};

/// A whole copy by four workers.
pub(crate) const SHAPE: Shape = Shape {
    workers: 4,
    ctid_ranges: true,
    schema_only: false,
    same_encoding: true,
    own_login: true,
    privileges: true,
    comments: true,
};

/// A column of a table that exists, with nothing special.
pub(crate) fn column(name: &str, type_name: &str) -> Column {
    Column {
        name: Ident::new(name),
        type_name: type_name.into(),
        base: type_name.into(),
        enumerated: false,
        of_domain: false,
        not_null: false,
        filled: false,
        generated: false,
        always_identity: false,
        collated: false,
        computed_from: Vec::new(),
        drawn_ahead: false,
    }
}

pub(crate) fn relation(oid: Oid, schema: &str, name: &str, kind: RelationKind) -> Relation {
    Relation {
        oid,
        name: QualifiedName::new(schema, name),
        kind,
        owner: "postgres".into(),
        visible: schema == "public",
        bytes: 8192,
        pages: 1,
        toast_bytes: 0,
        tuples: 10.0,
        partition_of: None,
        has_children: false,
        heap: true,
        populated: true,
        readable: true,
        filenode: oid,
        unlogged: false,
        rows_hidden: false,
        owned_by: None,
        extension_member: false,
        configuration: None,
        columns: vec![Ident::new("id"), Ident::new("note")],
        generated: Vec::new(),
        moves: false,
        moves_with_encoding: false,
        values: crate::catalog::Values::default(),
        width: None,
    }
}

pub(crate) fn catalog(relations: Vec<Relation>) -> Catalog {
    let mut schemas: Vec<String> = relations.iter().map(|r| r.name.schema.as_str().to_owned()).collect();
    schemas.sort();
    schemas.dedup();
    Catalog {
        database: Database {
            name: "shop".into(),
            encoding: "UTF8".into(),
            collate: "C".into(),
            ctype: "C".into(),
            standby: false,
            role: "postgres".into(),
            owner_of_public: None,
            rights_on_public: Vec::new(),
            subscriptions: Vec::new(),
        },
        schemas,
        roles: Vec::new(),
        relations,
        extensions: Vec::new(),
        large_objects: LargeObjects::default(),
        refresh_dependencies: Vec::new(),
        left_out: Vec::new(),
        members: BTreeMap::new(),
    }
}
