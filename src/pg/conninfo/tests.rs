use std::fs;
use std::os::unix::fs::PermissionsExt;

use secrecy::ExposeSecret;

use super::*;

fn resolve(text: &str, environment: &Environment) -> Conninfo {
    Conninfo::resolve(text, environment).unwrap()
}

fn password(host: &Host) -> Option<&str> {
    host.password.as_ref().map(ExposeSecret::expose_secret)
}

#[test]
fn an_empty_string_leaves_everything_to_the_defaults() {
    let conninfo = resolve("", &Environment::of_user("alice"));
    assert_eq!(conninfo.to_string(), "alice on /var/run/postgresql:5432 as alice");
}

#[test]
fn the_string_wins_over_the_service_and_the_service_over_the_environment() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("services");
    fs::write(&file, "[s]\nport=2\nhost=from.service\ndbname=from_service\n").unwrap();
    let environment = Environment::of_user("me")
        .variable("PGSERVICEFILE", file.to_str().unwrap())
        .variable("PGSERVICE", "s")
        .variable("PGHOST", "from.env")
        .variable("PGPORT", "1")
        .variable("PGUSER", "env_user");
    let conninfo = resolve("dbname=shop", &environment);
    assert_eq!(conninfo.to_string(), "shop on from.service:2 as env_user");
}

#[test]
fn uri_and_key_value_say_the_same() {
    let environment = Environment::of_user("me");
    let uri = resolve("postgresql://alice:p%40ss@db.example:5433/shop?sslmode=require", &environment);
    let pairs = resolve(
        "host=db.example port=5433 dbname=shop user=alice password=p@ss sslmode=require",
        &environment,
    );
    for conninfo in [uri, pairs] {
        assert_eq!(conninfo.to_string(), "shop on db.example:5433 as alice");
        assert_eq!(password(&conninfo.hosts()[0]), Some("p@ss"));
        assert_eq!(conninfo.get("sslmode"), Some("require"));
        assert_eq!(conninfo.get("password"), None);
    }
}

#[test]
fn an_empty_value_hides_the_variable() {
    let environment = Environment::of_user("me").variable("PGHOST", "elsewhere").variable("PGDATABASE", "x");
    assert_eq!(
        resolve("host='' dbname=''", &environment).to_string(),
        "me on /var/run/postgresql:5432 as me"
    );
}

#[test]
fn each_host_gets_its_own_password_from_the_password_file() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join(".pgpass");
    fs::write(&file, "a:5432:*:*:for a\nlocalhost:*:*:me:for the socket\n10.0.0.9:*:*:*:for the address\n")
        .unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o600)).unwrap();
    let environment = Environment::of_user("me").home(directory.path());
    let conninfo = resolve("host=a,b,", &environment);
    let found: Vec<_> = conninfo.hosts().iter().map(password).collect();
    assert_eq!(found, [Some("for a"), None, Some("for the socket")]);
    assert_eq!(password(&resolve("hostaddr=10.0.0.9", &environment).hosts()[0]), Some("for the address"));
    assert_eq!(password(&resolve("host=a password=said", &environment).hosts()[0]), Some("said"));
}

#[test]
fn a_loose_password_file_is_warned_about() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("loose");
    fs::write(&file, "*:*:*:*:pw\n").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let environment = Environment::of_user("me").variable("PGPASSFILE", file.to_str().unwrap());
    let conninfo = resolve("host=a", &environment);
    assert_eq!(password(&conninfo.hosts()[0]), None);
    assert!(conninfo.warning().unwrap().contains("loose"));
}

#[test]
fn passwords_never_show() {
    let environment = Environment::of_user("me").variable("PGPASSWORD", "hush1");
    for conninfo in [resolve("", &environment), resolve("postgresql://u:hush2@h", &environment)] {
        assert!(!format!("{conninfo:?} {conninfo} {environment:?}").contains("hush"));
    }
    // A slash in a password breaks the URI up in the wrong place, as in libpq.
    let error = Conninfo::resolve("postgresql://u:hush/x@h/db", &environment).unwrap_err();
    assert!(!format!("{error:?}").contains("hush"));
}
