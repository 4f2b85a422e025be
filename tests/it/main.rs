//! fdwcopy against real PostgreSQL servers: one binary, two throw-away clusters, one database pair per test.
//!
//! Where a test belongs: `clone` (the whole job), `copy_modes` (rows into tables that exist), `copy_ties` (foreign keys and triggers there), `copy_watermarks` (only what is new), `copy_refusals`, `copy_holes` (what hostile eyes looked for), `sync` (only rows that differ), `sync_random`, `hostile` (a database of everything the documentation knows), `edges` (unusual databases),
//! `extensions` (their objects, versions and configuration), `selection` (which objects), `options`, `snapshot` (what concurrent
//! sessions may do), `live` (under load), `standby` (one as the source), `together` (several clones at once), `undo`
//! (interruptions and failures), `resume` (going on after them), `faults` (every kind of fault at many moments), `kept` (what the target
//! had before), `replace` (of what it had), `large_objects`, `foreign_keys` (that rows violate), `signals`, `not_copied` (entries that fail),
//! `not_copied_by_pg_dump` (what it leaves out without a word), `not_copied_by_servers` (what they write down so that nobody can read it),
//! `bad_input` (refusals), `rights` (plain roles), `hop` (the target's way to the source), `shapes` (tables), `values` (types and large
//! values), `verify` (what the proof notices), `verify_schema` (definitions that differ), `config` (options from a file), `secrets`,
//! `temporary_role`, `tls`, `scale`, `report` (documents and progress), `sequences` (the command), `drops` (the statements that undo),
//! `roles`, `database` (what it has of its own), `versions` (of different
//! age). The rest is the kit they share.
//!
//! Nothing is skipped: without PostgreSQL every test fails and says what to install. `FDWCOPY_TEST_SOURCE` and
//! `FDWCOPY_TEST_TARGET` (superuser URLs) use running servers instead; `FDWCOPY_TEST_KEEP=1` leaves ours running.
//! `FDWCOPY_TEST_SOURCE_BIN` and `FDWCOPY_TEST_TARGET_BIN` (directories of `initdb`) make our servers of other versions than
//! the client programs of `PG_BIN`; what another version does otherwise is asserted, not skipped (`scripts/matrix.sh`).
//! With `FDWCOPY_TEST_ROLES=plain` fdwcopy is a plain role on both servers (see `plain`).

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout, missing_docs)]

mod bad_input;
mod clone;
mod command;
mod config;
mod copy_holes;
mod copy_modes;
mod copy_refusals;
mod copy_ties;
mod copy_watermarks;
mod database;
mod drops;
mod edges;
mod equality;
mod extensions;
mod facts;
mod faults;
mod foreign_keys;
mod gate;
mod gateway;
mod harness;
mod hop;
mod hostile;
mod kept;
mod large_objects;
mod live;
mod not_copied;
mod not_copied_by_pg_dump;
mod not_copied_by_servers;
mod options;
mod pair;
mod plain;
mod poolers;
mod providers;
mod proxy;
mod replace;
mod report;
mod resume;
mod rights;
mod roles;
mod scale;
mod secrets;
mod selection;
mod sequences;
mod servers;
mod shapes;
mod signals;
mod snapshot;
mod standby;
mod sync;
mod sync_random;
mod sync_ranges;
mod sync_steps;
mod temporary_role;
mod tls;
mod together;
mod undo;
mod values;
mod verify;
mod verify_changes;
mod verify_columns;
mod verify_command;
mod verify_ranges;
mod verify_renamed;
mod verify_schema;
mod verify_types;
mod versions;
