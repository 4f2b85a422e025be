//! fdwcopy copies `PostgreSQL` databases server to server through `postgres_fdw`.

pub mod archive;
pub mod error;
pub mod pg;
pub mod progress;
pub mod report;
pub mod stop;
pub mod terminal;
