//! Faults of every kind at many moments of a run, on servers of their own. After each: the exit code and the message
//! are right, nothing of the run is left anywhere, and the next run works.
//!
//! Two users of the same definitions: the quick tests here, and `scripts/torture.sh`, which sets `FDWCOPY_TORTURE` and
//! plays every fault at every moment.

mod arena;
mod capacity;
mod constraints;
mod crash;
mod fault;
mod matrix;
mod moment;
mod remains;
mod retry;
mod scene;
mod settings;
mod ways;
