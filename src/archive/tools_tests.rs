//! Finding and running programs, with shell scripts in their place.

use std::time::{Duration, Instant};

use super::*;
use crate::stop::StopSwitch;

fn programs(dir: &Path, version: &str, then: &str) {
    for name in ["pg_dump", "pg_restore"] {
        let script = format!(
            "#!/bin/sh\nif [ \"$1\" = --version ]; then echo \"{name} (PostgreSQL) {version}\"; exit; fi\n{then}\n"
        );
        // Written by a shell: a file that this process has open for writing cannot be run while another test forks.
        let write = "printf %s \"$1\" > \"$2\" && chmod 755 \"$2\"";
        let status = std::process::Command::new("sh")
            .args(["-c", write, "sh", &script])
            .arg(dir.join(name))
            .status()
            .unwrap();
        assert!(status.success());
    }
}

#[test]
fn versions_are_read_from_released_and_unreleased_programs() {
    assert_eq!(parse_version("pg_dump (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n"), Some((15, 18)));
    assert_eq!(parse_version("pg_dump (PostgreSQL) 19devel\n"), Some((19, 0)));
    assert_eq!(parse_version("pg_dump (PostgreSQL) 18beta1\n"), Some((18, 0)));
    assert_eq!(parse_version("something else"), None);
}

#[tokio::test]
async fn the_named_directory_is_the_only_one_searched() {
    let dir = tempfile::tempdir().unwrap();
    let error = Tools::find(Some(dir.path())).await.unwrap_err();
    assert_eq!(error.kind(), Kind::Preflight);
    programs(dir.path(), "99.3", "");
    let tools = Tools::find(Some(dir.path())).await.unwrap();
    assert_eq!((tools.version(), tools.pg_dump()), (99, dir.path().join("pg_dump").as_path()));
}

#[tokio::test]
async fn programs_of_two_versions_are_not_taken_together() {
    let (dir, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    programs(dir.path(), "16.1", "");
    programs(other.path(), "15.1", "");
    std::fs::rename(other.path().join("pg_restore"), dir.path().join("pg_restore")).unwrap();
    assert!(Tools::find(Some(dir.path())).await.is_err());
}

#[tokio::test]
async fn the_stop_signal_ends_a_dump() {
    let dir = tempfile::tempdir().unwrap();
    programs(dir.path(), "16.1", "exec sleep 60");
    let tools = Tools::find(Some(dir.path())).await.unwrap();
    let (switch, stop) = StopSwitch::new();
    let begun = Instant::now();
    let stopper = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        switch.stop();
    });
    let error = tools.dump(&DumpRequest::default(), &stop).await.unwrap_err();
    stopper.await.unwrap();
    assert_eq!(error.kind(), Kind::Interrupted);
    assert!(begun.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn the_password_is_in_the_environment_and_not_among_the_arguments() {
    let dir = tempfile::tempdir().unwrap();
    programs(dir.path(), "16.1", "echo \"pg_dump: error: $PGPASSWORD $LC_ALL $*\" >&2; exit 1");
    let tools = Tools::find(Some(dir.path())).await.unwrap();
    let request = DumpRequest {
        conninfo: "host=db".into(),
        environment: vec![("PGPASSWORD".into(), SecretString::from("sesame"))],
        snapshot: Some("3-1".into()),
        selection: vec!["--table=a b".into()],
        omit: vec![Omit::Owner],
    };
    let error = tools.dump(&request, &Stop::never()).await.unwrap_err().to_string();
    let said = error.split_once("pg_dump failed: ").unwrap().1;
    assert!(
        said.starts_with("sesame C --format=custom --schema-only --encoding=UTF8 --no-password"),
        "{said}"
    );
    assert!(said.contains("--no-owner --snapshot=3-1 --table=a b --dbname="), "{said}");
    assert!(said.ends_with("--dbname=host=db"), "{said}");
}
