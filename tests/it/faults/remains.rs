//! What of a run is left: sessions, objects, processes, files. Quick enough to be asked many times a second.
//!
//! Deliberately absent: whether everything else is as it was (see `equality::fingerprint`).

use std::path::Path;

use crate::pair::{Database, Pair};

const SESSIONS: &str = "
    select format('%s (%s)', application_name, state) from pg_stat_activity
    where datname = current_database() and backend_type = 'client backend' and application_name <> 'it'";

const OBJECTS: &str = "
    with own as (select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema')
    select format('%s %s', relkind, relname) from pg_class where relnamespace in (select oid from own)
    union all select 'function ' || proname from pg_proc where pronamespace in (select oid from own)
    union all select 'type ' || typname from pg_type where typnamespace in (select oid from own)
    union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_'
    union all select 'extension ' || extname from pg_extension
    union all select 'foreign server ' || srvname from pg_foreign_server
    union all select 'user mapping ' || umuser from pg_user_mapping
    union all select 'foreign table ' || ftrelid from pg_foreign_table
    union all select 'prepared ' || gid from pg_prepared_xacts
    order by 1";

/// The names of all objects of a database.
pub(super) fn objects(database: &Database) -> Vec<String> {
    database.rows(OBJECTS).into_iter().flatten().collect()
}

/// Everything that should not be there; objects only where they are to be as `before`.
pub(super) fn of(pair: &Pair, before: Option<&Vec<String>>, temporary: &Path) -> Vec<String> {
    let mut left = Vec::new();
    for (side, database) in [("source", &pair.source), ("target", &pair.target)] {
        let sessions = database.rows(SESSIONS).into_iter().flatten();
        left.extend(sessions.map(|session| format!("{side}: session {session}")));
    }
    if let Some(before) = before {
        let more = objects(&pair.target).into_iter().filter(|object| !before.contains(object));
        left.extend(more.map(|object| format!("target: {object}")));
    }
    left.extend(processes(temporary));
    left.extend(
        std::fs::read_dir(temporary).unwrap().map(|file| format!("file {}", file.unwrap().path().display())),
    );
    left
}

/// Processes that inherited this TMPDIR.
fn processes(temporary: &Path) -> Vec<String> {
    let wanted = format!("TMPDIR={}", temporary.display()).into_bytes();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let ours = all.filter(|process| {
        let environment = std::fs::read(process.path().join("environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|variable| variable == wanted)
    });
    let name = |process: std::fs::DirEntry| {
        let name = std::fs::read_to_string(process.path().join("comm")).unwrap_or_default();
        format!("process {} {}", process.file_name().display(), name.trim())
    };
    ours.map(name).collect()
}
