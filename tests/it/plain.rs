//! As whom fdwcopy logs in: as the tests' superuser, or as plain roles on both sides (`FDWCOPY_TEST_ROLES=plain`).
//!
//! On the source [`READER`] may connect and read, no more. On the target [`OWNER`] is what a role of an application is:
//! it owns the database, is a member of the owners of what is copied, and was granted the wrapper postgres_fdw, which
//! an administrator has installed. On the source the tests' own sessions are a superuser of that name, so that what
//! they make there belongs to the target's plain role once it is copied.
//!
//! Invariant: a test that needs a superuser by nature stands in [`BY_NATURE`], with the reason; there is no other
//! exception, and none is skipped.

use std::collections::BTreeSet;
use std::path::Path;

use crate::pair::{Database, Session};
use crate::servers::Server;

/// The plain role of the source.
const READER: &str = "it_reader";
/// The plain role of the target, and the tests' superuser on the source.
const OWNER: &str = "it_owner";

/// What a test needs beyond plain roles, and why. `docs/rights.md` says what that means for users.
const BY_NATURE: &[(&str, Needs, &str)] = &[
    (
        "clone::a_database_with_one_of_everything_is_equal_afterwards_and_not_cloned_twice",
        Needs::Exemption,
        POLICIES,
    ),
    ("roles::roles_that_are_missing_are_found_before_anything_is_made", Needs::Exemption, POLICIES),
    (
        "values::a_row_beyond_the_limit_of_a_message_of_text_passes_through_us_or_is_named",
        Needs::Writing,
        LOCKS,
    ),
    ("live::a_copy_without_one_snapshot_does_not_add_up", Needs::Writing, LOCKS),
    ("live::a_long_writer_is_given_way_to", Needs::Writing, LOCKS),
    ("live::clones_of_a_source_that_is_written_to_add_up_and_are_verified", Needs::Writing, LOCKS),
    ("live::share_locks_help_where_transactions_never_pause", Needs::Writing, LOCKS),
    ("live::pinning_that_takes_too_long_lets_the_writers_go_on", Needs::Writing, LOCKS),
    ("live::the_server_ends_share_locks_when_nothing_is_heard_from_us", Needs::Writing, LOCKS),
    ("resume::a_run_killed_at_any_moment_is_taken_up_again_until_it_is_equal", Needs::Writing, LOCKS),
    (
        "resume::a_run_killed_while_it_waits_for_a_lock_of_others_lets_the_next_one_begin",
        Needs::Writing,
        LOCKS,
    ),
    (
        "resume::a_table_that_is_another_one_or_lies_in_another_file_by_now_is_copied_anew_in_every_mode",
        Needs::Writing,
        LOCKS,
    ),
    ("resume::a_table_written_to_after_its_keys_were_built_is_copied_anew_too", Needs::Writing, LOCKS),
    ("resume::a_table_written_to_since_the_interruption_is_copied_anew_under_locks", Needs::Writing, LOCKS),
    ("resume::an_interrupted_run_says_what_is_kept_and_how_to_go_on", Needs::Writing, LOCKS),
    ("resume::each_mode_copies_all_and_leaves_nothing_but_the_copy", Needs::Writing, LOCKS),
    ("resume::writers_wait_while_the_source_is_locked_and_go_on_afterwards", Needs::Writing, LOCKS),
    ("drops::the_drops_in_their_order_take_a_whole_clone_back", Needs::Superusers, CREATION),
    ("edges::an_event_trigger_that_forbids_drops_does_not_stop_the_tidying_up", Needs::Superusers, CREATION),
    ("undo::undoing_takes_back_objects_that_need_each_other", Needs::Superusers, CREATION),
    (
        "hop::a_source_that_asks_for_no_password_needs_a_superuser_on_the_target",
        Needs::Superusers,
        "it compares both",
    ),
    (
        "secrets::a_password_in_a_user_mapping_of_the_source_is_copied_and_seen_nowhere",
        Needs::Superusers,
        MAPPINGS,
    ),
    ("standby::a_clone_from_a_standby_of_a_busy_primary_is_exact", Needs::Superusers, REPLAY),
    (
        "standby::a_lost_coordinator_cannot_hold_replay_for_longer_than_the_dead_mans_limit",
        Needs::Superusers,
        REPLAY,
    ),
    ("standby::a_standby_that_its_administrator_has_paused_stays_paused", Needs::Superusers, REPLAY),
    ("standby::replay_goes_on_when_the_pausing_session_is_ended_by_someone", Needs::Superusers, REPLAY),
    ("standby::replay_goes_on_when_we_are_killed_in_the_middle_of_the_pause", Needs::Superusers, REPLAY),
    (
        "foreign_keys::a_run_that_can_be_taken_up_again_ends_when_the_rows_are_mended_or_not_valid_is_asked_for",
        Needs::Writing,
        LOCKS,
    ),
    (
        "large_objects::a_run_killed_at_any_moment_is_taken_up_again_until_all_are_there",
        Needs::Writing,
        LOCKS,
    ),
    ("large_objects::an_interrupted_run_goes_on_with_those_that_are_missing", Needs::Writing, LOCKS),
    (
        "replace::a_run_that_can_be_taken_up_again_keeps_the_old_objects_aside_until_it_ends",
        Needs::Writing,
        LOCKS,
    ),
    (
        "resume::partitions_whose_rows_lie_among_each_other_on_the_target_are_copied_anew_together",
        Needs::Writing,
        LOCKS,
    ),
    ("shapes::an_inheritance_parent_with_as_many_columns_as_there_can_be_clones", Needs::Writing, LOCKS),
    ("shapes::rows_that_hash_into_other_partitions_arrive_chunk_by_chunk", Needs::Writing, LOCKS),
    ("hostile::all_of_it_is_undone_and_comes_with_the_second_try", Needs::Superusers, CREATION),
    ("hostile::the_hostile_database_is_equal_after_a_clone", Needs::Superusers, CREATION),
    ("verify_schema::the_hostile_database_has_no_difference_after_a_clone", Needs::Superusers, CREATION),
    (
        "replace::a_database_with_one_of_everything_is_replaced_by_another_and_once_more",
        Needs::Superusers,
        CREATION,
    ),
    (
        "replace::what_was_to_be_replaced_comes_back_when_the_run_fails_is_interrupted_or_killed",
        Needs::Superusers,
        CREATION,
    ),
    (
        "replace::what_something_else_depends_on_is_not_replaced_and_that_is_named",
        Needs::Superusers,
        CREATION,
    ),
    (
        "database::a_database_gets_the_settings_comment_rights_and_limits_of_the_source",
        Needs::Superusers,
        SETTINGS,
    ),
    ("database::a_dry_run_shows_what_the_database_itself_would_get", Needs::Superusers, SETTINGS),
    ("database::a_run_that_is_stopped_has_not_touched_the_database_itself", Needs::Superusers, SETTINGS),
    (
        "database::settings_that_would_stop_a_run_do_not_stop_this_one_nor_the_next",
        Needs::Superusers,
        SETTINGS,
    ),
    (
        "database::what_the_target_has_otherwise_stays_and_is_named_with_the_statement",
        Needs::Superusers,
        SETTINGS,
    ),
    ("extensions::a_database_full_of_extensions_arrives", Needs::Superusers, EXTENSIONS),
    ("extensions::a_run_that_is_killed_takes_the_configuration_back", Needs::Superusers, EXTENSIONS),
    ("extensions::a_search_path_that_an_extension_has_extended_is_put_back", Needs::Superusers, EXTENSIONS),
    ("extensions::a_version_that_the_target_cannot_install_is_told", Needs::Superusers, EXTENSIONS),
    ("extensions::an_extension_comes_in_the_version_of_the_source", Needs::Superusers, EXTENSIONS),
    (
        "extensions::an_extension_that_the_target_had_before_is_filled_where_nobody_has_used_it",
        Needs::Superusers,
        EXTENSIONS,
    ),
    (
        "extensions::an_extension_without_user_data_leaves_no_trace_in_the_report",
        Needs::Superusers,
        EXTENSIONS,
    ),
    ("extensions::conditions_of_extensions_do_not_see_what_users_named_alike", Needs::Superusers, EXTENSIONS),
    ("extensions::configuration_is_left_out_with_its_extension_or_its_data", Needs::Superusers, EXTENSIONS),
    ("extensions::configuration_is_taken_up_again_after_an_interruption", Needs::Superusers, EXTENSIONS),
    ("extensions::what_is_configured_in_an_extension_arrives", Needs::Superusers, EXTENSIONS),
    ("extensions::what_was_added_to_an_extension_by_hand_is_named", Needs::Superusers, EXTENSIONS),
    ("not_copied_by_pg_dump::what_was_done_to_an_extension_by_hand_is_named", Needs::Superusers, EXTENSIONS),
    (
        "sequences::sides::sequences_of_an_extension_are_its_own_but_those_that_number_user_data",
        Needs::Superusers,
        EXTENSIONS,
    ),
    ("roles::a_check_and_a_dry_run_make_no_role_and_show_no_password", Needs::Superusers, ROLES),
    (
        "roles::a_role_that_somebody_has_come_to_need_is_left_and_told_and_the_rest_goes",
        Needs::Superusers,
        ROLES,
    ),
    ("roles::a_role_that_the_target_has_stays_as_it_is_and_is_told", Needs::Superusers, ROLES),
    ("roles::a_run_that_is_taken_up_again_finds_its_roles", Needs::Superusers, ROLES),
    ("roles::a_label_of_a_role_that_the_target_knows_no_provider_for_is_named", Needs::Superusers, ROLES),
    (
        "roles::roles_come_with_all_that_makes_them_and_log_in_with_their_old_passwords",
        Needs::Superusers,
        ROLES,
    ),
    ("roles::roles_come_without_passwords_if_these_are_not_wanted", Needs::Superusers, ROLES),
    ("roles::roles_go_with_a_run_that_is_interrupted_or_killed", Needs::Superusers, ROLES),
    ("large_objects::a_temporary_role_reads_no_catalogs_so_they_travel_in_pieces", Needs::Superusers, ROLES),
    (
        "database::a_setting_that_our_role_may_not_make_is_named_with_the_servers_words",
        Needs::Superusers,
        OWN,
    ),
    (
        "extensions::an_extension_that_only_a_superuser_may_create_is_refused_with_what_to_run",
        Needs::Superusers,
        OWN,
    ),
    ("large_objects::a_plain_role_gives_them_to_owners_that_it_may_become", Needs::Superusers, OWN),
    ("large_objects::a_plain_role_undoes_what_it_has_given_away", Needs::Superusers, OWN),
    ("large_objects::every_shape_arrives_between_plain_roles_in_pieces", Needs::Superusers, OWN),
    ("large_objects::one_of_a_hundred_megabytes_arrives_by_both_roads", Needs::Superusers, OWN),
    ("large_objects::one_that_may_not_be_read_is_a_finding_with_the_grant_to_run", Needs::Superusers, OWN),
    ("large_objects::ten_thousand_small_ones_take_seconds_by_both_roads", Needs::Superusers, OWN),
    (
        "replace::a_plain_role_replaces_what_it_owns_and_is_told_the_grant_for_the_rest",
        Needs::Superusers,
        OWN,
    ),
    (
        "roles::a_plain_role_that_may_make_roles_gives_them_their_objects_and_leaves_them",
        Needs::Superusers,
        OWN,
    ),
    (
        "roles::a_source_role_that_may_not_read_passwords_is_told_that_the_roles_come_without",
        Needs::Superusers,
        OWN,
    ),
    (
        "roles::what_a_plain_role_may_not_make_is_found_with_the_statement_that_an_administrator_runs",
        Needs::Superusers,
        OWN,
    ),
];

const LOCKS: &str = "SHARE locks on the source take a right to write";
const POLICIES: &str = "row security hides rows from a role that is neither their owner nor exempt";
const CREATION: &str = "event triggers, base types, casts between types of the system and publications FOR ALL TABLES are a superuser's to create";
const EXTENSIONS: &str = "extensions that are not trusted are a superuser's to create";
const SETTINGS: &str = "parameters that the server does not know, session_replication_role, other roles' settings: an administrator's to set";
const ROLES: &str = "passwords of roles are shown to superusers, and making roles takes CREATEROLE";
const OWN: &str = "it sets up plain roles of its own";
const MAPPINGS: &str = "passwords in user mappings are shown to superusers and to their own role";
const REPLAY: &str = "pausing a standby's replay takes a superuser or a grant on the pausing functions";

/// What a test needs beyond plain roles.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Needs {
    /// On the source: to write.
    Writing,
    /// On the source: BYPASSRLS.
    Exemption,
    /// Both roles are superusers.
    Superusers,
}

/// The plain role of the source, and the options that it is made with.
fn reader(needs: Option<Needs>) -> (&'static str, &'static str) {
    match needs {
        Some(Needs::Writing) => ("it_writer", "in role pg_read_all_data, pg_write_all_data"),
        Some(Needs::Exemption) => ("it_exempt", "bypassrls in role pg_read_all_data"),
        None | Some(Needs::Superusers) => (READER, "in role pg_read_all_data"),
    }
}

/// Whether the tests are to run as plain roles, and what this one needs beyond.
fn wanted() -> (bool, Option<Needs>) {
    let plain = std::env::var("FDWCOPY_TEST_ROLES").is_ok_and(|roles| roles == "plain");
    let thread = std::thread::current();
    let listed = thread.name().and_then(|test| BY_NATURE.iter().find(|(name, ..)| *name == test));
    (plain, listed.map(|(_, needs, _)| *needs))
}

/// As whom the tests and fdwcopy reach the two servers.
pub(crate) struct Logins {
    /// The tests' own sessions, source and target.
    pub(crate) tests: [Server; 2],
    /// fdwcopy's.
    pub(crate) fdwcopy: [Server; 2],
}

impl Logins {
    /// Those of this test.
    pub(crate) fn of(servers: [&Server; 2]) -> Self {
        let tests = servers.map(Server::clone);
        let (plain, needs) = wanted();
        if !plain || needs == Some(Needs::Superusers) {
            return Self { fdwcopy: tests.clone(), tests };
        }
        assert_ne!(servers[0].port, servers[1].port, "plain roles need two servers");
        let [source, target] = tests;
        let named = |server: &Server, user: &str| Server { user: user.into(), ..server.clone() };
        let (reader, options) = reader(needs);
        let (owner, reader) = (named(&source, OWNER), named(&source, reader));
        make(&source, &format!("create role {OWNER} superuser {};", login(&owner)));
        make(&source, &format!("create role {} {} {options};", reader.user, login(&reader)));
        let plain = named(&target, OWNER);
        make(&target, &format!("create role {OWNER} {};", login(&plain)));
        Self { tests: [owner, target], fdwcopy: [reader, plain] }
    }
}

/// What an administrator has to do once in a target database.
pub(crate) fn prepare(target: &Database) {
    if target.is_plain() {
        target.sql(&format!(
            "create extension postgres_fdw with schema public;
             grant usage on foreign data wrapper postgres_fdw to {OWNER}"
        ));
    }
}

/// Lets the target's plain role give objects to a role that a test has made there.
pub(crate) fn admit(session: &Session, role: &str) {
    session.sql(&format!("grant {role} to {OWNER}"));
}

fn login(server: &Server) -> String {
    format!("login password '{}'", server.password)
}

/// Makes roles, unless another test was faster.
fn make(server: &Server, statements: &str) {
    Session::open(&server.url("postgres")).sql(&format!(
        "set log_statement = 'none';
         do $$ begin {statements} exception when duplicate_object or unique_violation then null; end $$"
    ));
}

/// A dump without the extension postgres_fdw, which an administrator has installed.
pub(crate) fn without_wrapper(dump: &str) -> String {
    const HEAD: &str = "--\n-- Name: ";
    let about_it = |block: &str| {
        ["EXTENSION postgres_fdw;", "FOREIGN DATA WRAPPER postgres_fdw;", "postgres_fdw; Type: EXTENSION;"]
            .iter()
            .any(|words| block.lines().next().is_some_and(|line| line.contains(words)))
    };
    let mut kept = String::new();
    for (number, block) in dump.split(HEAD).enumerate() {
        if number > 0 && about_it(block) {
            // What follows the statements belongs to the next block.
            kept.push_str(block.split_once("\n\n\n").map_or("", |(_, rest)| rest));
        } else {
            kept.push_str(if number > 0 { HEAD } else { "" });
            kept.push_str(block);
        }
    }
    kept
}

#[test]
fn every_test_in_the_list_is_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it");
    let listed: BTreeSet<&str> = BY_NATURE.iter().map(|(name, ..)| *name).collect();
    assert_eq!(listed.len(), BY_NATURE.len(), "listed twice");
    for name in listed {
        let (place, test) = name.rsplit_once("::").unwrap();
        let file = folder.join(place.replace("::", "/")).with_extension("rs");
        let code = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(code.contains(&format!("fn {test}()")), "there is no test {name}");
    }
}
