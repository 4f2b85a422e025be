//! fdwcopy against real PostgreSQL servers: one binary, two throw-away clusters, one database pair per test.
//!
//! Where a test belongs: `clone` (the whole job), `edges` (unusual databases), `selection` (which objects), `options`, `snapshot` (what concurrent
//! sessions may do), `undo` (interruptions and failures), `not_copied` (entries that fail), `bad_input` (refusals),
//! `secrets`, `tls`, `scale`, `report` (documents and progress). The rest is the kit they share.
//!
//! Nothing is skipped: without PostgreSQL every test fails and says what to install. `FDWCOPY_TEST_SOURCE` and
//! `FDWCOPY_TEST_TARGET` (superuser URLs) use running servers instead; `FDWCOPY_TEST_KEEP=1` leaves ours running.

#![allow(clippy::unwrap_used, clippy::print_stderr, missing_docs)]

mod bad_input;
mod clone;
mod command;
mod edges;
mod equality;
mod gate;
mod harness;
mod not_copied;
mod options;
mod pair;
mod report;
mod scale;
mod secrets;
mod selection;
mod servers;
mod snapshot;
mod tls;
mod undo;
