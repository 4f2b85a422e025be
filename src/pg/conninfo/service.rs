//! The connection service file, by the rules of libpq's `parseServiceInfo`.
//!
//! Invariant: a service never overrides what was said explicitly.
//! Deliberately absent: LDAP look-ups, which libpq offers in service files.

use std::fs;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use super::keywords::{self, Parameters};
use crate::error::{Error, Kind, Result};

/// Adds the parameters of the service that the parameters or PGSERVICE name, if any.
pub(super) fn apply(parameters: &mut Parameters, environment: &Environment) -> Result<()> {
    let Some(service) = parameters.get("service").or_else(|| environment.get("PGSERVICE")) else {
        return Ok(());
    };
    let service = service.to_owned();
    for path in files(environment) {
        let text = fs::read(&path).map_err(|cause| {
            Error::new(Kind::Usage, "service file could not be read").object(path.display()).caused_by(cause)
        })?;
        if let Some(found) = section(&String::from_utf8_lossy(&text), &service, &path)? {
            for (name, value) in found {
                if !parameters.is_set(&name) {
                    parameters.set(&name, value)?;
                }
            }
            return Ok(());
        }
    }
    let looked: Vec<String> = files(environment).iter().map(|path| path.display().to_string()).collect();
    Err(Error::new(Kind::Usage, "definition of the service not found").object(&service).remedy(format!(
        "define [{service}] in ~/.pg_service.conf or name the file in PGSERVICEFILE; looked into: {}",
        if looked.is_empty() { "no file".to_owned() } else { looked.join(", ") }
    )))
}

/// The files to look into: the user's own (or the named one, which must exist), then the system's.
fn files(environment: &Environment) -> Vec<PathBuf> {
    let own = match environment.get("PGSERVICEFILE") {
        Some(named) => Some(PathBuf::from(named)),
        None => environment.in_home(".pg_service.conf").filter(|path| path.exists()),
    };
    // libpq's compiled-in directory is not ours to know; this is Debian's.
    let system = environment.get("PGSYSCONFDIR").unwrap_or("/etc/postgresql-common");
    let system = Some(Path::new(system).join("pg_service.conf")).filter(|path| path.exists());
    own.into_iter().chain(system).collect()
}

/// The pairs of one section, or nothing if the file does not have it. The first value of a keyword counts.
fn section(text: &str, service: &str, path: &Path) -> Result<Option<Vec<(String, String)>>> {
    let refused = |line: usize, why: &str| {
        Error::new(Kind::Usage, format!("line {}: {why}", line + 1)).object(path.display())
    };
    let mut found: Option<Vec<(String, String)>> = None;
    for (number, line) in text.lines().enumerate().map(|(number, line)| (number, line.trim_ascii())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(header) = line.strip_prefix('[') {
            if found.is_some() {
                break;
            }
            if header.strip_prefix(service).is_some_and(|rest| rest.starts_with(']')) {
                found = Some(Vec::new());
            }
            continue;
        }
        let Some(pairs) = &mut found else { continue };
        if line.starts_with("ldap:") {
            return Err(refused(number, "LDAP look-ups are not supported"));
        }
        let (name, value) =
            line.split_once('=').ok_or_else(|| refused(number, "syntax error in the service file"))?;
        if name == "service" {
            return Err(refused(number, "a service cannot name another service"));
        }
        if keywords::find(name).is_none() {
            return Err(refused(number, "unknown connection keyword in the service file"));
        }
        if !pairs.iter().any(|(known, _)| known == name) {
            pairs.push((name.to_owned(), value.to_owned()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "# a comment\n[other]\nhost=o\n\n[shop]\n  host=db.example\nport=5433\nhost=second\npassword=a b\n[late]\nport=1\n";

    #[test]
    fn a_section_ends_where_the_next_begins_and_the_first_value_counts() {
        let pairs = section(FILE, "shop", Path::new("f")).unwrap().unwrap();
        let shown: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
        assert_eq!(shown, ["host=db.example", "port=5433", "password=a b"]);
        assert!(section(FILE, "sho", Path::new("f")).unwrap().is_none());
    }

    #[test]
    fn mistakes_name_file_and_line() {
        let message = |text| section(text, "s", Path::new("/f")).unwrap_err().to_string();
        assert_eq!(message("[s]\nhots=x"), "/f: line 2: unknown connection keyword in the service file");
        assert_eq!(message("[s]\nservice=x"), "/f: line 2: a service cannot name another service");
        assert_eq!(message("[s]\nhost"), "/f: line 2: syntax error in the service file");
    }

    #[test]
    fn a_service_fills_only_what_was_not_said() {
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join(".pg_service.conf"), FILE).unwrap();
        let environment = Environment::of_user("me").home(directory.path()).variable("PGSERVICE", "shop");
        let mut parameters = Parameters::default();
        parameters.set("host", "explicit".into()).unwrap();
        apply(&mut parameters, &environment).unwrap();
        assert_eq!((parameters.get("host"), parameters.get("port")), (Some("explicit"), Some("5433")));
    }

    #[test]
    fn a_service_that_is_nowhere_is_named() {
        let environment =
            Environment::of_user("me").variable("PGSERVICE", "ghost").variable("PGSYSCONFDIR", "/nowhere");
        let error = apply(&mut Parameters::default(), &environment).unwrap_err();
        assert_eq!(error.to_string(), "ghost: definition of the service not found");
    }
}
