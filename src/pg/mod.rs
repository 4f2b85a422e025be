//! The PostgreSQL toolbox: names and statements as types, connection strings, sessions, versions.

mod connection;
pub mod conninfo;
pub mod endpoint;
pub mod ident;
pub mod retry;
mod secret;
pub mod server;
pub mod session;
pub mod setting;
pub mod sql;
mod stream;
pub mod tls;
pub mod version;
