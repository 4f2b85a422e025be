//! Roles for tests.

use super::{Membership, Role};

/// A new role.
pub(super) fn role(name: &str) -> Role {
    Role {
        name: name.into(),
        superuser: false,
        inherit: true,
        create_role: false,
        create_database: false,
        login: false,
        replication: false,
        bypass_rls: false,
        connections: -1,
        valid_until: None,
        comment: None,
        labels: Vec::new(),
        settings: Vec::new(),
    }
}

/// A membership as servers before 16 know it.
pub(super) fn member(member: &str, role: &str) -> Membership {
    Membership {
        role: role.into(),
        member: member.into(),
        admin: false,
        inherit: None,
        set_role: None,
        grantor: None,
    }
}
