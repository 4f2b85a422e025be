//! How a chunk travels: its `INSERT … SELECT`, pure.
//!
//! Invariant: a condition holds only what postgres_fdw ships; anything else would make the whole table travel.
//! Deliberately absent: which chunks there are (see `plan`).

use crate::bridge::ddl;
use crate::pg::sql::Sql;
use crate::plan::chunk::PageRange;
use crate::plan::{Chunk, TablePlan, configuration};
use crate::sql;

/// The statement that copies `chunk` of `table` from its imported foreign table.
#[must_use]
pub fn insert(table: &TablePlan, chunk: &Chunk) -> Sql {
    let list = Sql::join(&table.columns, ", ");
    if let Some((spare, first, last)) = table.halves() {
        return sql!(
            "copy/insert_joined.sql",
            table = table.name,
            list = list,
            first = Sql::join(first, ", own."),
            last = last,
            spare = spare,
            local = ddl::local_name(table),
            rest = ddl::rest_name(table),
            oid = table.oid
        );
    }
    let columns =
        if table.columns.is_empty() { Sql::nothing() } else { sql!("copy/column_list.sql", list = list) };
    if let Some(rows) = &table.configuration {
        let insert = sql!(
            "copy/configuration.sql",
            table = table.name,
            columns = columns,
            list = list,
            local = ddl::local_name(table),
            condition = condition(table, chunk),
            name = table.name.name,
            rows = Sql::from_catalog(&rows.condition)
        );
        let delete = configuration::delete(table).filter(|_| rows.replaced);
        return Sql::script(&delete.into_iter().chain([insert]).collect::<Vec<_>>());
    }
    sql!(
        "copy/insert.sql",
        table = table.arrives_in(),
        columns = columns,
        list = list,
        local = ddl::local_name(table),
        condition = condition(table, chunk)
    )
}

/// The rows of these blocks, on the source itself.
#[must_use]
pub fn within(range: PageRange) -> Sql {
    all_of(bounds(range))
}

/// Literal bounds and built-in operators only: anything else would not be shipped, and the whole table would travel.
fn condition(table: &TablePlan, chunk: &Chunk) -> Sql {
    let mut conditions = chunk.range.map_or_else(Vec::new, bounds);
    if table.own_rows_only {
        conditions.push(sql!("copy/own_rows.sql", tableoid = ddl::tableoid(table), oid = table.oid));
    }
    all_of(conditions)
}

fn bounds(range: PageRange) -> Vec<Sql> {
    let from = (range.from > 0).then(|| sql!("copy/from_page.sql", page = range.from));
    let to = range.to.map(|page| sql!("copy/before_page.sql", page = page));
    from.into_iter().chain(to).collect()
}

fn all_of(conditions: Vec<Sql>) -> Sql {
    if conditions.is_empty() {
        return Sql::nothing();
    }
    sql!("copy/where.sql", conditions = Sql::join(conditions, " AND "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pg::ident::{Ident, QualifiedName};

    fn table() -> TablePlan {
        TablePlan {
            oid: 16399,
            name: QualifiedName::new("shop", "orders"),
            bytes: 1,
            columns: vec![Ident::new("id"), Ident::new("Note")],
            generated: Vec::new(),
            through: None,
            own_rows_only: false,
            full: false,
            heap: true,
            filenode: 16399,
            unlogged: false,
            configuration: None,
            fetch_size: 100,
            chunks: 1,
        }
    }

    fn whole() -> Chunk {
        Chunk { table: 0, part: (0, 1), range: None, configuration: false, bytes: 1 }
    }

    #[test]
    fn a_whole_table_has_no_condition() {
        assert_eq!(
            insert(&table(), &whole()).as_str(),
            r#"INSERT INTO "shop"."orders" ("id", "Note") OVERRIDING SYSTEM VALUE SELECT "id", "Note" FROM pg_temp."fdwcopy_16399""#
        );
    }

    #[test]
    fn a_part_reads_its_blocks_and_a_parent_only_its_own_rows() {
        let parent = TablePlan { own_rows_only: true, ..table() };
        let part = Chunk { range: Some(PageRange { from: 10, to: Some(20) }), ..whole() };
        assert!(insert(&parent, &part).as_str().ends_with(
            r#" WHERE ctid >= '(10,0)'::pg_catalog.tid AND ctid < '(20,0)'::pg_catalog.tid AND "fdwcopy_tableoid" = 16399::pg_catalog.oid"#
        ));
    }

    #[test]
    fn a_column_of_our_own_name_is_stepped_around() {
        let parent =
            TablePlan { own_rows_only: true, columns: vec![Ident::new("fdwcopy_tableoid")], ..table() };
        assert!(
            insert(&parent, &whole())
                .as_str()
                .ends_with(r#"WHERE "fdwcopy_tableoid_" = 16399::pg_catalog.oid"#)
        );
    }

    #[test]
    fn the_last_part_is_open_ended() {
        let last = Chunk { range: Some(PageRange { from: 10, to: None }), ..whole() };
        assert!(insert(&table(), &last).as_str().ends_with("WHERE ctid >= '(10,0)'::pg_catalog.tid"));
    }

    #[test]
    fn a_parent_without_room_for_another_column_is_read_as_two_halves() {
        let columns = ["a", "b", "c"].map(Ident::new).to_vec();
        let parent = TablePlan { own_rows_only: true, full: true, columns, ..table() };
        assert_eq!(
            insert(&parent, &whole()).as_str(),
            r#"INSERT INTO "shop"."orders" ("a", "b", "c") OVERRIDING SYSTEM VALUE SELECT own."a", own."b", rest."c" FROM pg_temp."fdwcopy_16399" AS own JOIN pg_temp."fdwcopy_16399_rest" AS rest ON own.ctid = rest.ctid WHERE own."c" = 16399::pg_catalog.oid AND rest."a" = 16399::pg_catalog.oid"#
        );
    }

    #[test]
    fn a_partition_whose_rows_may_move_goes_through_its_root() {
        let leaf = TablePlan { through: Some(QualifiedName::new("shop", "all_orders")), ..table() };
        assert!(
            insert(&leaf, &whole()).as_str().starts_with(r#"INSERT INTO "shop"."all_orders" ("id", "Note")"#)
        );
    }

    #[test]
    fn a_table_without_columns_still_counts_its_rows() {
        let empty = TablePlan { columns: Vec::new(), ..table() };
        assert_eq!(
            insert(&empty, &whole()).as_str(),
            r#"INSERT INTO "shop"."orders" OVERRIDING SYSTEM VALUE SELECT  FROM pg_temp."fdwcopy_16399""#
        );
    }
}
