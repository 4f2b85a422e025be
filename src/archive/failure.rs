//! What `pg_dump` and `pg_restore` say when they fail, as our errors.
//!
//! Invariant: an error carries the program's own words, without the text of its queries.
//! Deliberately absent: the exit code; both programs only know 1.

use crate::error::{Error, Kind};

/// The error for a program that failed and wrote this to its standard error.
pub(super) fn error(program: &'static str, stderr: &str) -> Error {
    let words = words(program, stderr);
    let failed = if words.is_empty() {
        format!("{program} failed without a word")
    } else {
        format!("{program} failed: {words}")
    };
    let lost = ["connection to server", "server closed the connection", "terminating connection"];
    let kind = if lost.iter().any(|sign| words.contains(sign)) { Kind::Connect } else { Kind::Schema };
    let error = Error::new(kind, failed).object("the schema of the source");
    match remedy(&words) {
        Some(remedy) => error.remedy(remedy),
        None => error,
    }
}

/// The lines of `program: error:` and `program: detail:` with what continues them, but not `Query was: …`.
fn words(program: &str, stderr: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut wanted = false;
    for line in stderr.lines() {
        let said = line.strip_prefix(program).and_then(|line| line.strip_prefix(": "));
        let text = match said {
            Some(said) => {
                let told = ["error: ", "detail: "].iter().find_map(|label| said.strip_prefix(label));
                wanted = told.is_some_and(|told| !told.starts_with("Query was: "));
                told.unwrap_or_default()
            }
            None => line,
        };
        if wanted && !text.trim().is_empty() {
            words.push(text.trim());
        }
    }
    words.join("; ")
}

fn remedy(words: &str) -> Option<&'static str> {
    let known = [
        ("permission denied for table", "GRANT SELECT on it to the source role, or leave it out with -T"),
        ("permission denied for sequence", "GRANT SELECT on it to the source role, or leave it out with -T"),
        ("permission denied for schema", "GRANT USAGE on it to the source role, or leave it out with -N"),
        ("permission denied", "grant the source role the right to read it"),
        (
            "server version mismatch",
            "install the client programs of the source's version or newer (apt-get install \
             postgresql-client-NN), or name their directory with --pg-bin",
        ),
        ("invalid snapshot identifier", "the session that holds the snapshot is gone; run again"),
        (
            "canceling statement due to lock timeout",
            "another session locks a table; run again when it is done",
        ),
        ("canceling statement", "somebody cancelled it, or a time limit did; run again"),
        ("No space left on device", "make room in the directory for temporary files, or set TMPDIR"),
    ];
    known.iter().find(|(sign, _)| words.contains(sign)).map(|&(_, remedy)| remedy)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorReport;

    #[test]
    fn a_refused_table_says_which_grant_is_missing() {
        let stderr = "pg_dump: error: query failed: ERROR:  permission denied for table secret\n\
                      pg_dump: detail: Query was: LOCK TABLE public.secret IN ACCESS SHARE MODE\n";
        let report = ErrorReport::from(&error("pg_dump", stderr));
        assert_eq!(
            report.message,
            "pg_dump failed: query failed: ERROR:  permission denied for table secret"
        );
        assert_eq!(report.kind, Kind::Schema);
        assert!(report.remedy.unwrap().starts_with("GRANT SELECT"));
    }

    #[test]
    fn an_old_client_is_told_to_be_newer() {
        let stderr = "pg_dump: error: aborting because of server version mismatch\n\
                      pg_dump: detail: server version: 15.18; pg_dump version: 14.2\n";
        let report = ErrorReport::from(&error("pg_dump", stderr));
        assert!(report.message.ends_with("server version: 15.18; pg_dump version: 14.2"));
        assert!(report.remedy.unwrap().contains("--pg-bin"));
    }

    #[test]
    fn a_lost_server_is_a_matter_of_the_connection() {
        let stderr = "pg_dump: error: connection to server at \"localhost\" (::1), port 1 failed: Connection \
                      refused\n\tIs the server running on that host and accepting TCP/IP connections?\n";
        let error = error("pg_dump", stderr);
        assert_eq!(error.kind(), Kind::Connect);
        assert!(error.to_string().ends_with("accepting TCP/IP connections?"));
    }

    #[test]
    fn warnings_and_hints_are_not_the_error() {
        let stderr = "pg_dump: warning: circular foreign keys\npg_dump: hint: Consider\n\
                      pg_dump: error: no matching tables were found\n";
        let error = error("pg_dump", stderr);
        assert!(error.to_string().ends_with("pg_dump failed: no matching tables were found"));
    }
}
