//! `sslmode` and `sslrootcert` as libpq means them, on our way to the source and on the target's.
//!
//! The source's certificate is for `localhost` only; the target offers no TLS. Its server reads root certificates
//! from its own files, which here are the same machine's.

use std::os::unix::fs::PermissionsExt;

use crate::command::{Fdwcopy, Run};
use crate::equality::{assert_equal, assert_nothing_left};
use crate::gate::{GATED, Gate};
use crate::pair::Pair;

const CA: &str = include_str!("fixtures/tls/ca.crt");
const OTHER_CA: &str = include_str!("fixtures/tls/other-ca.crt");

/// A certificate in a file that the target's server can read too.
fn certificate(text: &str) -> tempfile::NamedTempFile {
    let file = tempfile::Builder::new().prefix("fdwcopy-it-ca").tempfile_in("/tmp").unwrap();
    std::fs::write(file.path(), text).unwrap();
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o644)).unwrap();
    file
}

fn source(pair: &Pair, host: &str, tls: &str) -> String {
    let server = &pair.source.login;
    let (port, user, password) = (server.port, &server.user, &server.password);
    format!("host={host} port={port} dbname={} user={user} password={password} {tls}", pair.source.name)
}

/// Clones and tells how many of fdwcopy's sessions on the source were encrypted and how many were not.
fn cloned(pair: &Pair, source: &str, way: &str) -> (u64, u64) {
    pair.source.sql(GATED);
    let gate = Gate::close(pair);
    let mut run = Fdwcopy::between(pair).source(source).args(&["clone", "--source-from-target", way]).spawn();
    gate.wait_for_a_worker(&mut run);
    let counts = pair.source.rows(
        "select count(*) filter (where ssl), count(*) filter (where not ssl) from pg_stat_ssl join pg_stat_activity using (pid)
         where datname = current_database() and backend_type = 'client backend' and application_name <> 'it'",
    );
    gate.open();
    run.wait().exits(0);
    assert_equal(pair);
    (counts[0][0].parse().unwrap(), counts[0][1].parse().unwrap())
}

fn root(certificate: &tempfile::NamedTempFile) -> String {
    format!("sslrootcert={}", certificate.path().display())
}

#[track_caller]
fn refused(pair: &Pair, source: &str) -> Run {
    pair.source.sql("create table t (x integer)");
    let run = Fdwcopy::between(pair).source(source).args(&["clone"]).run().exits(4);
    assert!(!pair.target.exists("t"));
    assert_nothing_left(pair);
    run
}

#[test]
fn every_session_is_encrypted_where_tls_is_required() {
    let pair = Pair::new("it_tls_require");
    let (encrypted, plain) = cloned(&pair, &source(&pair, "127.0.0.1", "sslmode=require"), "");
    assert!(encrypted >= 5 && plain == 0, "{encrypted} encrypted, {plain} not");
}

#[test]
fn no_session_is_encrypted_where_tls_is_disabled() {
    let pair = Pair::new("it_tls_disable");
    let (encrypted, plain) = cloned(&pair, &source(&pair, "127.0.0.1", "sslmode=disable"), "");
    assert!(encrypted == 0 && plain >= 5, "{encrypted} encrypted, {plain} not");
}

#[test]
fn tls_is_preferred_where_nothing_is_said() {
    let pair = Pair::new("it_tls_prefer");
    let (encrypted, plain) = cloned(&pair, &source(&pair, "127.0.0.1", ""), "");
    assert!(encrypted >= 5 && plain == 0, "{encrypted} encrypted, {plain} not");
}

#[test]
fn verify_full_takes_the_name_in_the_certificate_and_no_other() {
    let pair = Pair::new("it_tls_full");
    let ca = certificate(CA);
    let tls = format!("sslmode=verify-full {}", root(&ca));
    refused(&pair, &source(&pair, "127.0.0.1", &tls)).says(&["source", "certificate"]);
    pair.source.sql("drop table t");
    let (encrypted, plain) = cloned(&pair, &source(&pair, "localhost", &tls), &root(&ca));
    assert!(encrypted >= 5 && plain == 0, "{encrypted} encrypted, {plain} not");
}

#[test]
fn verify_ca_takes_any_name_of_the_right_authority() {
    let pair = Pair::new("it_tls_ca");
    let ca = certificate(CA);
    let tls = format!("sslmode=verify-ca {}", root(&ca));
    let (encrypted, plain) = cloned(&pair, &source(&pair, "127.0.0.1", &tls), &root(&ca));
    assert!(encrypted >= 5 && plain == 0, "{encrypted} encrypted, {plain} not");
}

#[test]
fn a_root_certificate_of_this_machine_is_not_guessed_for_the_target() {
    let pair = Pair::new("it_tls_own_file");
    let ca = certificate(CA);
    let run = refused(&pair, &source(&pair, "localhost", &format!("sslmode=verify-full {}", root(&ca))));
    run.says(&["the target cannot reach the source", "--source-from-target"]);
}

#[test]
fn a_certificate_of_another_authority_is_refused() {
    let pair = Pair::new("it_tls_other");
    let ca = certificate(OTHER_CA);
    let tls = format!("sslmode=verify-ca {}", root(&ca));
    refused(&pair, &source(&pair, "localhost", &tls)).says(&["source", "certificate"]);
}

#[test]
fn a_missing_certificate_file_is_named() {
    let pair = Pair::new("it_tls_no_file");
    let tls = "sslmode=verify-ca sslrootcert=/nonexistent/ca.crt";
    pair.source.sql("create table t (x integer)");
    let run = Fdwcopy::between(&pair).source(&source(&pair, "localhost", tls)).args(&["clone"]).run();
    assert!(matches!(run.code, Some(2 | 4)), "{run:?}");
    run.says(&["/nonexistent/ca.crt"]);
}

#[test]
fn a_target_without_tls_is_refused_where_tls_is_required() {
    let pair = Pair::filled("it_tls_target", "create table t (x integer)");
    let url = format!("{}?sslmode=require", pair.target.login_url());
    Fdwcopy::between(&pair).target(&url).args(&["clone"]).run().exits(4).says(&["target", "TLS"]);
    assert!(!pair.target.exists("t"));
}
