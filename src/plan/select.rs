//! Which relations a job means.
//!
//! Invariant: this is the only evaluation of the user's patterns; `pg_dump` is handed exact names, so that the
//! schema and the rows can never disagree about what was chosen.

use std::collections::HashSet;

use super::pattern::Pattern;
use crate::catalog::{Catalog, Oid, Relation, RelationKind, is_ours};
use crate::pg::ident::Ident;

/// The user's patterns.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// `--schema`
    pub schemas: Vec<Pattern>,
    /// `--exclude-schema`
    pub exclude_schemas: Vec<Pattern>,
    /// `--table`
    pub tables: Vec<Pattern>,
    /// `--exclude-table`
    pub exclude_tables: Vec<Pattern>,
    /// `--exclude-table-data`
    pub exclude_data: Vec<Pattern>,
}

/// What the patterns chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// Chosen relations of every kind.
    pub relations: HashSet<Oid>,
    /// Chosen relations whose rows stay behind.
    pub without_data: HashSet<Oid>,
    /// Whether nothing but relations was left out: then extensions and other global objects come too.
    pub whole_database: bool,
    /// Schemas whose objects of every kind are chosen.
    pub schemas: HashSet<String>,
    /// Arguments that make `pg_dump` choose the same.
    pub dump_arguments: Vec<String>,
    /// Patterns that matched nothing, each with its option.
    pub unmatched: Vec<(&'static str, String)>,
}

impl Choice {
    /// The chosen relations.
    pub fn of<'a>(&'a self, catalog: &'a Catalog) -> impl Iterator<Item = &'a Relation> + Clone {
        catalog.relations.iter().filter(|relation| self.relations.contains(&relation.oid))
    }

    /// The chosen relations whose content is wanted too.
    pub fn with_data<'a>(&'a self, catalog: &'a Catalog) -> impl Iterator<Item = &'a Relation> + Clone {
        self.of(catalog).filter(|relation| !self.without_data.contains(&relation.oid))
    }

    /// The chosen tables that are locked against TRUNCATE and rewrites, as `pg_dump` does.
    pub fn locked<'a>(&'a self, catalog: &'a Catalog) -> impl Iterator<Item = &'a Relation> + Clone {
        let is_table = |r: &&Relation| matches!(r.kind, RelationKind::Table | RelationKind::Partitioned);
        // pg_dump locks no table of an extension; where we may not, the copy is refused.
        self.of(catalog).filter(is_table).filter(|r| r.readable || r.configuration.is_none())
    }
}

impl Selection {
    /// Evaluates the patterns.
    #[must_use]
    pub fn choose(&self, catalog: &Catalog) -> Choice {
        let by_table = !self.tables.is_empty();
        let schemas: HashSet<String> =
            catalog.schemas.iter().filter(|schema| !by_table && self.wants_schema(schema)).cloned().collect();
        let is_content = |r: &&Relation| !r.extension_member && !is_ours(r.name.schema.as_str());
        let candidates: Vec<&Relation> = catalog.relations.iter().filter(is_content).collect();
        let mut relations: HashSet<Oid> = candidates
            .iter()
            .filter(
                |r| if by_table { any(&self.tables, r) } else { schemas.contains(r.name.schema.as_str()) },
            )
            .filter(|r| !any(&self.exclude_tables, r))
            .map(|r| r.oid)
            .collect();
        follow_owners(&candidates, &mut relations);
        // As in pg_dump, what is configured in an extension comes with the extension.
        let comes_with_its_extension = |r: &&Relation| {
            let patterns = self.exclude_tables.iter().chain(&self.exclude_data);
            schemas.contains(r.name.schema.as_str()) && !patterns.clone().any(|p| matches(p, r))
        };
        let configuration = self.configuration(catalog);
        relations.extend(configuration.iter().copied().filter(comes_with_its_extension).map(|r| r.oid));
        let without_data = candidates
            .iter()
            .filter(|r| relations.contains(&r.oid) && any(&self.exclude_data, r))
            .map(|r| r.oid)
            .collect();
        let dump_arguments = self.dump_arguments(catalog, &candidates, &relations, &schemas);
        Choice {
            without_data,
            whole_database: self.is_whole_database(),
            dump_arguments,
            unmatched: self.unmatched(catalog, &[candidates, configuration].concat()),
            relations,
            schemas,
        }
    }

    /// The patterns in the words of the command line.
    #[must_use]
    pub fn words(&self) -> Vec<String> {
        let options = [
            ("--schema", &self.schemas),
            ("--exclude-schema", &self.exclude_schemas),
            ("--table", &self.tables),
            ("--exclude-table", &self.exclude_tables),
            ("--exclude-table-data", &self.exclude_data),
        ];
        let each = options.into_iter().flat_map(|(option, patterns)| {
            patterns.iter().map(move |pattern| format!("{option} {}", pattern.text()))
        });
        each.collect()
    }

    fn is_whole_database(&self) -> bool {
        self.tables.is_empty() && self.schemas.is_empty()
    }

    /// The configuration of the extensions that are brought.
    fn configuration<'a>(&self, catalog: &'a Catalog) -> Vec<&'a Relation> {
        let all = catalog.relations.iter().filter(|r| r.configuration.is_some());
        all.filter(|_| self.is_whole_database()).collect()
    }

    fn wants_schema(&self, schema: &str) -> bool {
        let any = |patterns: &[Pattern]| patterns.iter().any(|pattern| pattern.matches_schema(schema));
        !is_ours(schema) && (self.schemas.is_empty() || any(&self.schemas)) && !any(&self.exclude_schemas)
    }

    fn dump_arguments(
        &self,
        catalog: &Catalog,
        candidates: &[&Relation],
        relations: &HashSet<Oid>,
        schemas: &HashSet<String>,
    ) -> Vec<String> {
        if !self.tables.is_empty() {
            // pg_dump brings the sequences of the tables' columns by itself.
            let named = candidates.iter().filter(|r| relations.contains(&r.oid) && any(&self.tables, r));
            return named.map(|r| format!("--table={}", r.name)).collect();
        }
        let listed = |option: &str, wanted: &dyn Fn(&str) -> bool| {
            let matching = catalog.schemas.iter().filter(|schema| wanted(schema));
            matching.map(|schema| format!("--{option}={}", Ident::new(schema.as_str()))).collect::<Vec<_>>()
        };
        let mut arguments = if self.schemas.is_empty() {
            let excluded = |schema: &str| !schemas.contains(schema);
            listed("exclude-schema", &excluded)
        } else {
            listed("schema", &|schema| schemas.contains(schema))
        };
        let excluded = candidates.iter().filter(|r| any(&self.exclude_tables, r));
        arguments.extend(excluded.map(|r| format!("--exclude-table={}", r.name)));
        arguments
    }

    fn unmatched(&self, catalog: &Catalog, candidates: &[&Relation]) -> Vec<(&'static str, String)> {
        let schemas = [("--schema", &self.schemas), ("--exclude-schema", &self.exclude_schemas)];
        let tables = [
            ("--table", &self.tables),
            ("--exclude-table", &self.exclude_tables),
            ("--exclude-table-data", &self.exclude_data),
        ];
        let no_schema = |pattern: &Pattern| !catalog.schemas.iter().any(|s| pattern.matches_schema(s));
        let no_table = |pattern: &Pattern| !candidates.iter().any(|r| matches(pattern, r));
        let of = |(option, patterns): (&'static str, &Vec<Pattern>), lost: &dyn Fn(&Pattern) -> bool| {
            let lost = patterns.iter().filter(|pattern| lost(pattern));
            lost.map(|pattern| (option, pattern.text().to_owned())).collect::<Vec<_>>()
        };
        let mut unmatched: Vec<_> = schemas.into_iter().flat_map(|group| of(group, &no_schema)).collect();
        unmatched.extend(tables.into_iter().flat_map(|group| of(group, &no_table)));
        unmatched
    }
}

fn matches(pattern: &Pattern, relation: &Relation) -> bool {
    pattern.matches_relation(relation.name.schema.as_str(), relation.name.name.as_str(), relation.visible)
}

fn any(patterns: &[Pattern], relation: &Relation) -> bool {
    patterns.iter().any(|pattern| matches(pattern, relation))
}

/// A column's sequence comes with its table; an identity column's never without it
/// (`getOwnedSeqs` of `pg_dump.c`).
fn follow_owners(candidates: &[&Relation], relations: &mut HashSet<Oid>) {
    for sequence in candidates.iter().filter(|r| r.kind == RelationKind::Sequence) {
        let Some(owner) = sequence.owned_by else { continue };
        if relations.contains(&owner.table) {
            relations.insert(sequence.oid);
        } else if owner.identity {
            relations.remove(&sequence.oid);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::Ownership;
    use crate::plan::fixture::{catalog, relation};

    fn patterns(texts: &[&str]) -> Vec<Pattern> {
        texts.iter().map(|text| Pattern::parse(text).expect("a good pattern")).collect()
    }

    fn shop() -> Catalog {
        let mut sequence = relation(3, "shop", "orders_id_seq", RelationKind::Sequence);
        sequence.owned_by = Some(Ownership { table: 2, identity: true });
        catalog(vec![
            relation(1, "public", "notes", RelationKind::Table),
            relation(2, "shop", "orders", RelationKind::Table),
            sequence,
            relation(4, "shop", "Audit Log", RelationKind::Table),
        ])
    }

    fn chosen(selection: &Selection) -> Vec<Oid> {
        let mut oids: Vec<Oid> = selection.choose(&shop()).relations.into_iter().collect();
        oids.sort_unstable();
        oids
    }

    #[test]
    fn without_patterns_everything_is_chosen() {
        let choice = Selection::default().choose(&shop());
        assert!(choice.whole_database && choice.dump_arguments.is_empty() && choice.relations.len() == 4);
    }

    #[test]
    fn the_state_of_a_run_is_no_content() {
        let ledger = relation(1, "fdwcopy_state", "run", RelationKind::Table);
        let choice = Selection::default().choose(&catalog(vec![ledger]));
        assert!(choice.relations.is_empty() && choice.schemas.is_empty());
        assert_eq!(choice.dump_arguments, [r#"--exclude-schema="fdwcopy_state""#]);
    }

    #[test]
    fn a_table_brings_its_columns_sequences() {
        let selection = Selection { tables: patterns(&["shop.orders"]), ..Selection::default() };
        assert_eq!(chosen(&selection), [2, 3]);
        assert_eq!(selection.choose(&shop()).dump_arguments, [r#"--table="shop"."orders""#]);
    }

    #[test]
    fn an_excluded_table_takes_its_identity_sequence_with_it() {
        let selection = Selection { exclude_tables: patterns(&["shop.orders"]), ..Selection::default() };
        assert_eq!(chosen(&selection), [1, 4]);
    }

    #[test]
    fn schemas_are_handed_to_pg_dump_by_their_exact_names() {
        let selection = Selection { schemas: patterns(&["/^sh/"]), ..Selection::default() };
        let choice = selection.choose(&shop());
        assert!(!choice.whole_database);
        assert_eq!(choice.dump_arguments, [r#"--schema="shop""#]);
        let selection = Selection { exclude_schemas: patterns(&["sh*"]), ..Selection::default() };
        assert_eq!(selection.choose(&shop()).dump_arguments, [r#"--exclude-schema="shop""#]);
    }

    #[test]
    fn a_pattern_that_matches_nothing_is_told_with_its_option() {
        let selection = Selection {
            tables: patterns(&["shop.orders", "shop.ordres"]),
            exclude_data: patterns(&["nothing"]),
            ..Selection::default()
        };
        assert_eq!(
            selection.choose(&shop()).unmatched,
            [("--table", "shop.ordres".to_owned()), ("--exclude-table-data", "nothing".to_owned())]
        );
    }
}
