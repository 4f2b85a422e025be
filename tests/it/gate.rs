//! A gate in the rows phase: a domain whose check waits, on the target only, for a lock that the test holds.
//!
//! It makes "in the middle of the rows" an exact moment instead of a race.

use crate::command::Running;
use crate::pair::{Pair, Session, wait_for};

/// Tables `gated` and `plain`; the rows of `gated` pass the gate when they reach the target.
pub(crate) const GATED: &str = "
    create function public.gate(x integer) returns boolean language plpgsql as $$
    begin
        if pg_catalog.current_database() operator(pg_catalog.~) '_dst$' then
            perform pg_catalog.pg_advisory_xact_lock_shared(42);
        end if;
        return true;
    end $$;
    create domain public.passed as integer check (public.gate(value));
    create table gated (id integer primary key, x passed);
    insert into gated select i, i from generate_series(1, 100) i;
    create table plain (id bigserial primary key, note text);
    insert into plain (note) select repeat('row ', 10) || i from generate_series(1, 1000) i;
    create index on plain (note);
";

/// The gate of one pair, closed until dropped.
pub(crate) struct Gate(Session);

impl Gate {
    pub(crate) fn close(pair: &Pair) -> Self {
        let session = pair.target.session();
        session.sql("select pg_catalog.pg_advisory_lock(42)");
        Self(session)
    }

    /// Waits until a worker of the run stands before the gate, that is: until rows are being copied.
    #[track_caller]
    pub(crate) fn wait_for_a_worker(&self, run: &mut Running) {
        wait_for("a worker at the gate", || {
            run.has_not_ended();
            self.is_reached()
        });
    }

    pub(crate) fn is_reached(&self) -> bool {
        let query = "select pid from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())";
        !self.0.rows(query).is_empty()
    }

    pub(crate) fn open(self) {
        self.0.sql("select pg_catalog.pg_advisory_unlock(42)");
    }

    /// Ends the server process of every worker at the gate.
    pub(crate) fn terminate_workers(&self) {
        self.0.sql(
            "select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted
            and database = (select oid from pg_database where datname = current_database())",
        );
    }
}
