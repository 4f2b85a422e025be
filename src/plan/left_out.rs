//! What will not be on the target as it is on the source, because `pg_dump` does not write it down.
//!
//! Invariant: whatever was chosen and is left out stands in `not_copied`; where nothing is lost but a name,
//! it is a warning.
//! Deliberately absent: what is left out because the user asked for that.

use super::Shape;
use super::select::Choice;
use crate::catalog::Catalog;
use crate::catalog::left_out::{Cause, LeftOut};
use crate::report::{Finding, NotCopied};

/// What of the choice is left out without a word of `pg_dump`'s.
pub(super) fn not_copied(catalog: &Catalog, choice: &Choice, shape: Shape) -> Vec<NotCopied> {
    let chosen = chosen(catalog, choice).filter(|left| match left.kind.as_str() {
        "ACL" => shape.privileges,
        "COMMENT" => shape.comments,
        _ => true,
    });
    let entry = |left: &LeftOut| {
        Some(NotCopied {
            kind: left.kind.clone(),
            object: left.object.clone(),
            reason: reason(left.cause)?.into(),
        })
    };
    chosen.filter_map(entry).collect()
}

/// What changes on the way although everything arrives.
pub(super) fn warnings(catalog: &Catalog, choice: &Choice) -> Vec<Finding> {
    let renamed = chosen(catalog, choice).filter(|left| left.cause == Cause::PartName).map(|left| Finding {
        code: "constraint-renamed",
        object: left.object.clone(),
        message: "a foreign key of a partition: on the target it gets the name of its partitioned table's"
            .into(),
        remedy: "nothing to do, unless something relies on its name: ALTER TABLE … RENAME CONSTRAINT".into(),
    });
    renamed.collect()
}

fn chosen<'a>(catalog: &'a Catalog, choice: &'a Choice) -> impl Iterator<Item = &'a LeftOut> {
    catalog.left_out.iter().filter(|left| match left.relation {
        Some(relation) => choice.relations.contains(&relation),
        None => choice.whole_database,
    })
}

fn reason(cause: Cause) -> Option<&'static str> {
    Some(match cause {
        Cause::InvalidIndex => {
            "it is not valid on the source, as a failed CREATE INDEX CONCURRENTLY leaves it; REINDEX it there, or drop it"
        }
        Cause::SystemSchema => {
            "it lies in a schema of the system, which pg_dump leaves out; move it into one of its own"
        }
        Cause::InformationSchema => {
            "pg_dump leaves out what was granted or revoked in information_schema; grant it on the target"
        }
        Cause::RowType => "pg_dump leaves out rights on the row type of a table; grant them on the target",
        Cause::Comment => "pg_dump leaves out comments on what a table has from its parent, and on row types",
        Cause::Asleep => {
            "its triggers are disabled on the source, which pg_dump does not write down: on the target it is enforced"
        }
        Cause::BeingDetached => {
            "its DETACH CONCURRENTLY was not finished on the source: on the target it is attached; finish it there with \
             ALTER TABLE … DETACH PARTITION … FINALIZE"
        }
        Cause::OptionsHidden => "our role on the source is not shown its options: it was made without them",
        Cause::Slot => "a replication slot is a place in the source's log, which the target does not have",
        Cause::Prepared => "it is neither committed nor rolled back: what it changed is not seen",
        Cause::PartName => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{Oid, RelationKind};
    use crate::plan::fixture::{self, catalog, relation};
    use crate::plan::select::Selection;
    use crate::plan::{Plan, pattern::Pattern};

    const SHAPE: Shape = Shape { schema_only: true, ..fixture::SHAPE };

    fn left(cause: Cause, kind: &str, object: &str, relation: Option<Oid>) -> LeftOut {
        LeftOut { cause, kind: kind.into(), object: object.into(), relation }
    }

    fn with_everything() -> Catalog {
        let table = relation(1, "public", "t", RelationKind::Table);
        let mut catalog = catalog(vec![table, relation(2, "public", "u", RelationKind::Table)]);
        catalog.left_out = vec![
            left(Cause::InvalidIndex, "INDEX", "broken", Some(1)),
            left(Cause::RowType, "ACL", "type t", Some(1)),
            left(Cause::Comment, "COMMENT", "type t", Some(1)),
            left(Cause::Slot, "REPLICATION SLOT", "feed", None),
            left(Cause::PartName, "CONSTRAINT NAME", "fk on t", Some(1)),
        ];
        catalog
    }

    fn named(catalog: &Catalog, selection: &Selection, shape: Shape) -> Vec<String> {
        let plan = Plan::new(catalog, &selection.choose(catalog), shape);
        plan.not_copied.into_iter().map(|left| left.kind).collect()
    }

    #[test]
    fn what_pg_dump_leaves_out_is_named_even_without_rows() {
        let kinds = named(&with_everything(), &Selection::default(), SHAPE);
        assert_eq!(kinds, ["INDEX", "ACL", "COMMENT", "REPLICATION SLOT"]);
    }

    #[test]
    fn what_nobody_asked_for_is_not_named() {
        let without = Shape { privileges: false, comments: false, ..SHAPE };
        assert_eq!(named(&with_everything(), &Selection::default(), without), ["INDEX", "REPLICATION SLOT"]);
        let tables = vec![Pattern::parse("public.u").expect("a good pattern")];
        let other = Selection { tables, ..Selection::default() };
        assert_eq!(named(&with_everything(), &other, SHAPE), Vec::<String>::new());
    }

    #[test]
    fn a_name_that_changes_is_a_warning() {
        let catalog = with_everything();
        let plan = Plan::new(&catalog, &Selection::default().choose(&catalog), SHAPE);
        let codes: Vec<&str> = plan.warnings.iter().map(|warning| warning.code).collect();
        assert_eq!(codes, ["constraint-renamed"]);
    }
}
