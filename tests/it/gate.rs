//! Gates: functions that wait, on the target only, for a lock that the test holds: one in a domain's check, for the
//! rows, and one for the expressions of indexes and materialised views.
//!
//! They make "in the middle of the rows" an exact moment instead of a race.

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

/// A function for whatever is computed after the rows; it passes the late gate.
pub(crate) const LATE: &str = "
    create function public.late(x integer) returns integer immutable language plpgsql as $$
    begin
        if pg_catalog.current_database() operator(pg_catalog.~) '_dst$' then
            perform pg_catalog.pg_advisory_xact_lock_shared(43);
        end if;
        return x;
    end $$;
";

/// A gate of one pair, closed until opened or dropped.
pub(crate) struct Gate {
    session: Session,
    key: u32,
}

impl Gate {
    /// Closes the gate of [`GATED`].
    pub(crate) fn close(pair: &Pair) -> Self {
        Self::close_key(pair, 42)
    }

    /// Closes the gate of [`LATE`].
    pub(crate) fn close_late(pair: &Pair) -> Self {
        Self::close_key(pair, 43)
    }

    fn close_key(pair: &Pair, key: u32) -> Self {
        let session = pair.target.session();
        session.sql(&format!("select pg_catalog.pg_advisory_lock({key})"));
        Self { session, key }
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
        !self.session.rows(&format!("select pid {}", self.waiting())).is_empty()
    }

    pub(crate) fn open(self) {
        self.session.sql(&format!("select pg_catalog.pg_advisory_unlock({})", self.key));
    }

    /// Ends the server process of every worker at the gate.
    pub(crate) fn terminate_workers(&self) {
        self.session.sql(&format!("select pg_terminate_backend(pid) {}", self.waiting()));
    }

    fn waiting(&self) -> String {
        format!(
            "from pg_locks where locktype = 'advisory' and not granted and objid = {}
             and database = (select oid from pg_database where datname = current_database())",
            self.key
        )
    }
}
