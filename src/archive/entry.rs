//! One entry of the archive: what it is, what it needs, and its statements.
//!
//! Invariant: `sql` is the text that `pg_restore` prints for the entry, complete and unchanged between its blank
//! lines; it runs as one simple query in a session whose `search_path` is empty.
//! Deliberately absent: looking into the SQL; a function body is never read, split or changed.

use std::fmt;

use serde::Serialize;

use crate::pg::sql::Sql;

/// The entry's number in its archive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct EntryId(u32);

impl EntryId {
    pub(crate) fn new(number: u32) -> Self {
        Self(number)
    }

    /// As a number.
    #[must_use]
    pub fn number(self) -> u32 {
        self.0
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An entry of the archive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its number.
    pub id: EntryId,
    /// OID of the system catalog that holds the object; 0 for what is no object (ACL, COMMENT, …).
    pub class_oid: u32,
    /// OID of the object on the source; 0 likewise.
    pub oid: u32,
    /// `TABLE`, `FK CONSTRAINT`, …
    pub kind: String,
    /// The schema it lies in.
    pub schema: Option<String>,
    /// The name as printed: of a constraint or trigger `table name`, of a comment `TABLE name`; line ends in
    /// names are printed as spaces.
    pub name: String,
    /// The owner that the statements set.
    pub owner: Option<String>,
    /// The entries it needs, as printed; some of them are not in the archive.
    pub dependencies: Vec<EntryId>,
    /// `default_tablespace` and `default_table_access_method` in force for it: SQL name and value as printed.
    pub settings: Vec<(String, String)>,
    /// Its statements.
    pub sql: Sql,
}

pub(super) const TABLESPACE: &str = "default_tablespace";
pub(super) const ACCESS_METHOD: &str = "default_table_access_method";

impl Entry {
    /// The statements with the settings they need, ready to run in a session that ran other entries before.
    #[must_use]
    pub fn statements(&self) -> Sql {
        if !self.creates_storage() {
            return self.sql.clone();
        }
        let [tablespace, access_method] =
            [TABLESPACE, ACCESS_METHOD].map(|name| match self.settings.iter().find(|(set, _)| set == name) {
                Some((_, value)) => format!("SET {name} = {value}"),
                None => format!("RESET {name}"),
            });
        Sql::from_archive(format!("{tablespace};\n{access_method};\n{}", self.sql.as_str()))
    }

    /// Of a foreign key, the statement that makes it without looking at the rows that are there: `NOT VALID` is the last
    /// word of a key that is not (`pg_get_constraintdef`).
    #[must_use]
    pub fn not_valid(&self) -> Option<Sql> {
        let statement = self.sql.as_str().trim_end().strip_suffix(';')?;
        (self.kind == "FK CONSTRAINT").then(|| Sql::from_archive(format!("{statement} NOT VALID;")))
    }

    /// Whether there is nothing to run: only comments, as for a schema that `initdb` creates.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sql.as_str().lines().all(|line| line.trim().is_empty() || line.starts_with("--"))
    }

    /// Whether it only changes what `initdb` creates: the schema `public` of a source that gave it another owner.
    #[must_use]
    pub fn changes_only(&self) -> bool {
        self.sql.as_str().starts_with("-- *not* creating schema")
    }

    /// Whether it only enables or disables a partition's trigger, which its partitioned table's brings.
    #[must_use]
    pub fn sets_trigger_state(&self) -> bool {
        self.kind == "TRIGGER" && self.sql.as_str().trim_start().starts_with("ALTER TABLE ")
    }

    fn creates_storage(&self) -> bool {
        matches!(self.kind.as_str(), "TABLE" | "MATERIALIZED VIEW" | "INDEX" | "CONSTRAINT")
    }
}

impl fmt::Display for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.schema {
            Some(schema) => write!(f, "{} {schema}.{}", self.kind, self.name),
            None => write!(f, "{} {}", self.kind, self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(kind: &str, settings: &[(&str, &str)], sql: &str) -> Entry {
        Entry {
            id: EntryId(1),
            class_oid: 1259,
            oid: 16_384,
            kind: kind.into(),
            schema: Some("public".into()),
            name: "t".into(),
            owner: None,
            dependencies: Vec::new(),
            settings: settings.iter().map(|&(name, value)| (name.into(), value.into())).collect(),
            sql: Sql::from_archive(sql.into()),
        }
    }

    #[test]
    fn what_has_storage_sets_both_settings() {
        let index = entry("INDEX", &[("default_tablespace", "fast")], "CREATE INDEX i ON t (a);");
        assert_eq!(
            index.statements().as_str(),
            "SET default_tablespace = fast;\nRESET default_table_access_method;\nCREATE INDEX i ON t (a);"
        );
        let view = entry("VIEW", &[("default_tablespace", "fast")], "CREATE VIEW v AS SELECT 1;");
        assert_eq!(view.statements(), view.sql);
    }

    #[test]
    fn only_a_foreign_key_can_be_made_without_looking_at_the_rows() {
        let key = "ALTER TABLE ONLY a\n    ADD CONSTRAINT f FOREIGN KEY (x) REFERENCES b(y) DEFERRABLE";
        let made = entry("FK CONSTRAINT", &[], &format!("{key};\n")).not_valid();
        assert_eq!(made.map(|sql| sql.to_string()), Some(format!("{key} NOT VALID;")));
        assert_eq!(entry("CONSTRAINT", &[], "ALTER TABLE a ADD PRIMARY KEY (x);").not_valid(), None);
    }

    #[test]
    fn an_entry_of_comments_alone_is_empty() {
        assert!(entry("SCHEMA", &[], "-- *not* creating schema, since initdb creates it").is_empty());
        assert!(entry("ACL", &[], "").is_empty());
        assert!(!entry("SCHEMA", &[], "-- made\nCREATE SCHEMA a;").is_empty());
    }
}
