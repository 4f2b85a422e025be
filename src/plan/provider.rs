//! What the providers of managed databases put into every database of theirs, and how they are recognised.
//!
//! Invariant: a pure table. Only what the provider itself installs and runs stands in it, never a place where users keep
//! objects of their own (`extensions` of Supabase and `heroku_ext` hold the users' extensions, and are copied). What is
//! named by `--schema` or `--table` is copied all the same.
//! Deliberately absent: roles that policies and grants of users name (`anon`, `service_role`): they are part of the schema.
//!
//! Sources, read: Google Cloud SQL, "About PostgreSQL users and roles" (cloud.google.com/sql/docs/postgres/users); Heroku,
//! "Postgres extension changes" (help.heroku.com/ZOFBHJCJ); Supabase's roles as its own tools list them. The rest is general
//! knowledge of these services, not checked on their servers.

use crate::catalog::Catalog;

/// A provider, and what is its own.
#[derive(Debug, PartialEq, Eq)]
pub struct Provider {
    /// Its name on the command line.
    pub name: &'static str,
    /// Roles by which it is recognised, each alone; its own default privileges are left out.
    roles: &'static [&'static str],
    /// Schemas by which it is recognised, each alone.
    marks: &'static [&'static str],
    schemas: &'static [&'static str],
    extensions: &'static [&'static str],
    event_triggers: &'static [&'static str],
    publications: &'static [&'static str],
}

/// All of them.
pub const PROVIDERS: [Provider; 7] = [
    Provider {
        name: "supabase",
        roles: &["supabase_admin", "supabase_auth_admin", "supabase_storage_admin"],
        marks: &[],
        schemas: &[
            "_analytics",
            "_realtime",
            "_supavisor",
            "auth",
            "graphql",
            "graphql_public",
            "net",
            "pgbouncer",
            "pgsodium",
            "pgsodium_masks",
            "pgtle",
            "realtime",
            "storage",
            "supabase_functions",
            "vault",
        ],
        extensions: &["pg_graphql", "pg_net", "pg_tle", "pgsodium", "supabase_vault"],
        event_triggers: &[
            "issue_graphql_placeholder",
            "issue_pg_cron_access",
            "issue_pg_graphql_access",
            "issue_pg_net_access",
            "pgrst_ddl_watch",
            "pgrst_drop_watch",
        ],
        publications: &["supabase_realtime", "supabase_realtime_messages_publication"],
    },
    Provider {
        name: "neon",
        roles: &["neon_superuser", "cloud_admin"],
        marks: &[],
        schemas: &["neon", "neon_migration"],
        extensions: &["neon", "neon_utils"],
        event_triggers: &[],
        publications: &[],
    },
    Provider {
        name: "aiven",
        roles: &["avnadmin", "_aiven"],
        marks: &[],
        schemas: &["aiven_extras"],
        extensions: &["aiven_extras", "aiven_gatekeeper"],
        event_triggers: &[],
        publications: &[],
    },
    Provider {
        name: "heroku",
        roles: &[],
        marks: &["_heroku", "heroku_ext"],
        schemas: &["_heroku"],
        extensions: &[],
        event_triggers: &["extension_before_drop", "log_create_ext", "log_drop_ext", "validate_extension"],
        publications: &[],
    },
    Provider {
        name: "google",
        roles: &["cloudsqlsuperuser", "cloudsqladmin", "alloydbsuperuser", "alloydbadmin"],
        marks: &[],
        schemas: &["google_ml", "google_vacuum_mgmt"],
        extensions: &[
            "google_columnar_engine",
            "google_db_advisor",
            "google_ml_integration",
            "google_vacuum_mgmt",
        ],
        event_triggers: &[],
        publications: &[],
    },
    Provider {
        name: "azure",
        roles: &["azure_pg_admin", "azuresu"],
        marks: &[],
        schemas: &["azure"],
        extensions: &["azure", "azure_ai", "azure_local_ai", "azure_storage", "pgaadauth"],
        event_triggers: &[],
        publications: &[],
    },
    Provider {
        name: "amazon",
        roles: &["rds_superuser", "rdsadmin"],
        marks: &[],
        schemas: &["apg_plan_mgmt", "aws_commons", "aws_lambda", "aws_ml", "aws_s3"],
        extensions: &[
            "apg_plan_mgmt",
            "aurora_stat_utils",
            "aws_commons",
            "aws_lambda",
            "aws_ml",
            "aws_s3",
            "log_fdw",
            "rds_activity_stream",
            "rds_tools",
        ],
        event_triggers: &[],
        publications: &[],
    },
];

/// Which provider's things are left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Preset {
    /// Those of the provider that is recognised.
    #[default]
    Auto,
    /// Nothing.
    None,
    /// Those of this one.
    Named(&'static Provider),
}

impl Preset {
    /// As the command line names it.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text {
            "auto" => Ok(Self::Auto),
            "none" => Ok(Self::None),
            name => {
                PROVIDERS.iter().find(|provider| provider.name == name).map(Self::Named).ok_or_else(|| {
                    let names: Vec<&str> = PROVIDERS.iter().map(|provider| provider.name).collect();
                    format!("it is one of auto, none, {}", names.join(", "))
                })
            }
        }
    }

    /// The words of the command line, where they are not the default.
    #[must_use]
    pub fn word(self) -> Option<String> {
        match self {
            Self::Auto => None,
            Self::None => Some("--provider none".into()),
            Self::Named(provider) => Some(format!("--provider {}", provider.name)),
        }
    }

    /// The provider that is meant for a source.
    #[must_use]
    pub fn provider(self, catalog: &Catalog) -> Option<&'static Provider> {
        match self {
            Self::Auto => recognise(&catalog.roles, &catalog.schemas),
            Self::None => None,
            Self::Named(provider) => Some(provider),
        }
    }
}

/// The provider of a server with these roles and schemas. Services that run on another provider's come first in the table.
#[must_use]
pub fn recognise(roles: &[String], schemas: &[String]) -> Option<&'static Provider> {
    let any = |names: &[String], marks: &[&str]| names.iter().any(|name| marks.contains(&name.as_str()));
    PROVIDERS.iter().find(|provider| any(roles, provider.roles) || any(schemas, provider.marks))
}

impl Provider {
    /// Whether the schema is its own.
    #[must_use]
    pub fn has_schema(&self, name: &str) -> bool {
        self.schemas.contains(&name)
    }

    /// Whether the extension is its own.
    #[must_use]
    pub fn has_extension(&self, name: &str) -> bool {
        self.extensions.contains(&name)
    }

    /// Whether an object that lies in no schema is its own; `kind` as the archive names it.
    #[must_use]
    pub fn has_global(&self, kind: &str, name: &str) -> bool {
        let own = match kind.to_ascii_uppercase().as_str() {
            "EXTENSION" => self.extensions,
            "EVENT TRIGGER" => self.event_triggers,
            "PUBLICATION" => self.publications,
            _ => return false,
        };
        own.contains(&name)
    }

    /// Whether an entry of the archive is about something of its own.
    #[must_use]
    pub fn has_entry(&self, kind: &str, name: &str, owner: Option<&str>) -> bool {
        match kind {
            "COMMENT" | "ACL" | "SECURITY LABEL" => {
                let about = |word: &str| Some((word.to_owned(), name.strip_prefix(word)?.strip_prefix(' ')?));
                let about = ["EXTENSION", "EVENT TRIGGER", "PUBLICATION"].into_iter().find_map(about);
                about.is_some_and(|(kind, name)| self.has_global(&kind, name))
            }
            "DEFAULT ACL" => owner.is_some_and(|owner| self.roles.contains(&owner)),
            kind if kind.starts_with("PUBLICATION TABLE") => {
                name.split_once(' ').is_some_and(|(publication, _)| self.publications.contains(&publication))
            }
            _ => self.has_global(kind, name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn each_is_recognised_by_any_of_its_marks_and_nobody_else_is() {
        for provider in &PROVIDERS {
            for mark in provider.roles {
                assert_eq!(
                    recognise(&names(&["app", mark]), &[]).map(|found| found.name),
                    Some(provider.name)
                );
            }
        }
        assert_eq!(recognise(&[], &names(&["heroku_ext"])).map(|found| found.name), Some("heroku"));
        assert_eq!(recognise(&names(&["postgres", "app"]), &names(&["public", "auth"])), None);
    }

    #[test]
    fn a_service_on_top_of_another_is_the_service() {
        let roles = names(&["rds_superuser", "rdsadmin"]);
        assert_eq!(recognise(&roles, &names(&["_heroku"])).map(|found| found.name), Some("heroku"));
    }

    #[test]
    fn entries_about_its_things_are_its_own() {
        let supabase = &PROVIDERS[0];
        assert!(supabase.has_entry("COMMENT", "EXTENSION pg_net", None));
        assert!(supabase.has_entry("PUBLICATION TABLE", "supabase_realtime messages", None));
        assert!(supabase.has_entry("DEFAULT ACL", "DEFAULT PRIVILEGES FOR TABLES", Some("supabase_admin")));
        assert!(
            !supabase.has_entry("TABLE", "pg_net", None) && !supabase.has_entry("EXTENSION", "hstore", None)
        );
    }
}
