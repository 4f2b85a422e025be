//! fdwcopy against real PostgreSQL servers: one binary, two throw-away clusters, one database pair per test.
//!
//! Where a test belongs: `clone` (the whole job), `edges` (unusual databases), `selection` (which objects), `options`, `snapshot` (what concurrent
//! sessions may do), `live` (under load), `standby` (one as the source), `together` (several clones at once), `undo`
//! (interruptions and failures), `resume` (going on after them), `faults` (every kind of fault at many moments), `kept` (what the target
//! had before), `signals`, `not_copied` (entries that fail), `bad_input` (refusals), `hop` (the target's way to the
//! source), `verify` (what the proof notices), `config` (options from a file), `secrets`, `temporary_role`, `tls`, `scale`, `report`
//! (documents and progress), `drops` (the statements that undo). The rest is the kit they share.
//!
//! Nothing is skipped: without PostgreSQL every test fails and says what to install. `FDWCOPY_TEST_SOURCE` and
//! `FDWCOPY_TEST_TARGET` (superuser URLs) use running servers instead; `FDWCOPY_TEST_KEEP=1` leaves ours running.
//! With `FDWCOPY_TEST_ROLES=plain` fdwcopy is a plain role on both servers (see `roles`).

#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout, missing_docs)]

mod bad_input;
mod clone;
mod command;
mod config;
mod drops;
mod edges;
mod equality;
mod faults;
mod gate;
mod gateway;
mod harness;
mod hop;
mod kept;
mod live;
mod not_copied;
mod options;
mod pair;
mod poolers;
mod providers;
mod proxy;
mod report;
mod resume;
mod rights;
mod roles;
mod scale;
mod secrets;
mod selection;
mod servers;
mod signals;
mod snapshot;
mod standby;
mod temporary_role;
mod tls;
mod together;
mod undo;
mod verify;
