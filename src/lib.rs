//! fdwcopy copies PostgreSQL databases server to server: the **target** pulls the rows from the **source** itself,
//! through `postgres_fdw`. The machine that runs fdwcopy only conducts; no row passes through it and nothing is
//! staged on a disk.
//!
//! # The story of a clone
//!
//! [`cli`] turns what was typed into a [`job`]; [`pipeline`] carries it out: [`preflight`] says all that stands in
//! the way; [`snapshot`] makes all workers agree on one snapshot of the source; [`archive`] reads `pg_dump`'s schema
//! at that snapshot as entries; [`plan`] decides, purely, what is copied in which chunks; [`schema`] applies the
//! pre-data; [`copy`] lets the workers pull chunks over their [`bridge`]s, [`large_objects`] with them, and commit together; [`sequences`] are
//! set; [`schema`] builds the post-data as a graph; [`analyze`] and [`verify`] end it, and [`report`] says it all.
//! Whatever fails on the way, [`undo`] removes what the [`ledger`] names. Where it was asked for, the bridges log in
//! as a [`temporary_role`]; what stands in the way on the target is [`replace`]d.
//!
//! # Invariants
//!
//! * `Source` and `Target` are different types; the source is read-only but for a [`temporary_role`].
//! * Everything that reaches the source lives inside a transaction of the target; a crash leaves nothing.
//! * Rows are committed only when all rows of all workers are in.
//! * A `String` cannot be executed; quoting is done by types.
//! * Phases meet only in [`pipeline`]; only [`terminal`] draws.
//!
//! `docs/architecture.md` tells why.

pub mod analyze;
pub mod archive;
pub mod bridge;
pub mod catalog;
pub mod cli;
pub mod config;
pub mod configuration;
pub mod copy;
pub mod database;
pub mod definitions;
pub mod dry_run;
pub mod error;
pub mod hold;
pub mod incremental;
pub mod janitor;
pub mod job;
pub mod large_objects;
pub mod ledger;
pub mod manual;
pub mod pg;
pub mod pipeline;
pub mod plan;
pub mod preflight;
pub mod progress;
pub mod queue;
pub mod replace;
pub mod report;
pub mod resume;
pub mod roles;
pub mod run;
pub mod schema;
pub mod sequences;
pub mod snapshot;
pub mod step;
pub mod stop;
pub mod temporary_role;
pub mod terminal;
pub mod undo;
pub mod verify;
