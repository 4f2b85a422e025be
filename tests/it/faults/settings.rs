//! Settings of roles and databases that would spoil a run if it did not say what it needs itself.

use crate::command::Fdwcopy;
use crate::equality::assert_equal;
use crate::pair::{Database, Pair};

/// Time limits as somebody may have set them against forgotten sessions.
const LIMITS: &[(&str, &str)] = &[
    ("statement_timeout", "1ms"),
    ("lock_timeout", "1ms"),
    ("deadlock_timeout", "1ms"),
    ("idle_in_transaction_session_timeout", "100ms"),
    ("idle_session_timeout", "100ms"),
    ("transaction_timeout", "100ms"),
];

/// Ways to read and write values, names and transactions as they were usual once, or are somewhere else.
const HABITS: &[(&str, &str)] = &[
    ("standard_conforming_strings", "off"),
    ("backslash_quote", "on"),
    ("quote_all_identifiers", "on"),
    ("search_path", "nowhere"),
    ("client_encoding", "latin1"),
    ("bytea_output", "escape"),
    ("datestyle", "German, DMY"),
    ("intervalstyle", "sql_standard"),
    ("timezone", "Asia/Kolkata"),
    ("extra_float_digits", "-15"),
    ("array_nulls", "off"),
    ("xmlbinary", "hex"),
    ("xmloption", "document"),
    ("transform_null_equals", "on"),
    ("default_transaction_isolation", "serializable"),
    ("default_transaction_read_only", "on"),
    ("default_transaction_deferrable", "on"),
    ("row_security", "on"),
    ("session_replication_role", "replica"),
    ("check_function_bodies", "on"),
    ("client_min_messages", "error"),
    ("enable_seqscan", "off"),
    ("work_mem", "64kB"),
    ("plan_cache_mode", "force_generic_plan"),
    ("default_statistics_target", "1"),
    ("vacuum_cost_delay", "1ms"),
];

/// Values whose spelling depends on settings.
const VALUES: &str = r"
    create table spelt (
        id integer primary key, bytes bytea default '\x5c00ff', moment timestamptz default '2024-03-31 01:30:00+00',
        day date default '2024-02-03', span interval default '-1 year 2 days -03:04:05.678', ratio float8 default 1.0 / 3,
        small float4 default 0.1, path text default 'C:\new\''table', words text[] default array[null, 'null', 'a\b'],
        price money default 1234.5, doc xml default '<a/>', part xml default 'a<b/>'
    );
    insert into spelt (id) values (1), (2);
    create index on spelt (ratio) where path = 'C:\new\''table';
    create view spelt_view as select id, moment::text from spelt where span < interval '1 day';
    create function spelt_days() returns date language sql as $$ select date '2024-02-03' $$;
    create materialized view spelt_kept as select id, day, ratio from spelt;
";

fn clones_with(name: &str, settings: &[(&str, &str)]) {
    let mut pair = Pair::new(name);
    pair.source.load("shop.sql");
    pair.source.sql(VALUES);
    let role = format!("{name}_role");
    pair.role(&role, "superuser login password 'pw'");
    let each = |database: &Database, verb: &dyn Fn(&str, &str) -> String, who: &str| {
        for (setting, value) in settings.iter().filter(|(setting, _)| database.knows(setting)) {
            database.server_sql(&format!("alter {who} {}", verb(setting, value)));
        }
    };
    let set = |setting: &str, value: &str| format!("set {setting} = '{value}'");
    let reset = |setting: &str, _: &str| format!("reset {setting}");
    for database in [&pair.source, &pair.target] {
        each(database, &set, &format!("role {role}"));
        each(database, &set, &format!("database {}", database.name));
    }
    let run = Fdwcopy::between(&pair)
        .source(&pair.source.url_as(&role, "pw"))
        .target(&pair.target.url_as(&role, "pw"))
        .args(&["clone", "--verify", "checksum"])
        .run();
    for database in [&pair.source, &pair.target] {
        each(database, &reset, &format!("database {}", database.name));
    }
    let lost = settings.iter().any(|(name, _)| pair.source.knows(name) && !pair.target.knows(name));
    run.exits(if lost { 3 } else { 0 });
    assert_equal(&pair);
}

#[test]
fn time_limits_of_roles_and_databases_do_not_end_a_clone() {
    clones_with("faults_limits", LIMITS);
}

#[test]
fn habits_of_roles_and_databases_do_not_spoil_a_clone() {
    clones_with("faults_habits", HABITS);
}
