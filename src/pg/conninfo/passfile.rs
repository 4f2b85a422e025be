//! The password file, by the rules of libpq's `passwordFromFile`.
//!
//! Invariant: a file that others could read is not read; the caller gets a warning text instead.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use secrecy::SecretString;

/// A password file's lines, or why they were not read.
#[derive(Debug, Default)]
pub(super) struct Passfile {
    lines: SecretString,
    pub(super) warning: Option<String>,
}

/// What a line has to match.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    pub(super) host: &'a str,
    pub(super) port: u16,
    pub(super) dbname: &'a str,
    pub(super) user: &'a str,
}

impl Passfile {
    /// Reads the file; a missing one holds nothing.
    pub(super) fn read(path: &Path) -> Self {
        let ignored = |why: &str| Self {
            warning: Some(format!("password file {} was ignored: {why}", path.display())),
            ..Self::default()
        };
        let Ok(metadata) = fs::metadata(path) else {
            return Self::default();
        };
        if !metadata.is_file() {
            return ignored("it is not a plain file");
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            return ignored("group or others may access it; chmod it to 0600");
        }
        match fs::read(path) {
            Ok(bytes) => Self { lines: String::from_utf8_lossy(&bytes).into_owned().into(), warning: None },
            Err(error) => ignored(&error.to_string()),
        }
    }

    /// The password of the first line that matches.
    pub(super) fn password(&self, wanted: Wanted<'_>) -> Option<SecretString> {
        use secrecy::ExposeSecret;
        let port = wanted.port.to_string();
        let fields = [wanted.host, &port, wanted.dbname, wanted.user];
        self.lines.expose_secret().lines().filter(|line| !line.starts_with('#')).find_map(|line| {
            let rest = fields.iter().try_fold(line, |rest, field| after_match(rest, field))?;
            let password = field(rest);
            (!password.is_empty()).then(|| password.into())
        })
    }
}

/// What follows the field and its colon, if the field matches.
fn after_match<'a>(line: &'a str, wanted: &str) -> Option<&'a str> {
    if let Some(rest) = line.strip_prefix("*:") {
        return Some(rest);
    }
    let end = field_end(line);
    (field(line) == wanted).then(|| line.get(end + 1..)).flatten()
}

/// The first field, its backslash escapes undone.
fn field(line: &str) -> String {
    let mut text = String::new();
    let mut chars = line[..field_end(line)].chars();
    while let Some(c) = chars.next() {
        text.push(if c == '\\' { chars.next().unwrap_or(c) } else { c });
    }
    text
}

fn field_end(line: &str) -> usize {
    let mut escaped = false;
    for (at, c) in line.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            ':' => return at,
            _ => {}
        }
    }
    line.len()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use secrecy::ExposeSecret;

    use super::*;

    const WANTED: Wanted<'_> = Wanted { host: "db", port: 5432, dbname: "shop", user: "alice" };

    fn found(lines: &str, wanted: Wanted<'_>) -> Option<String> {
        let passfile = Passfile { lines: lines.to_owned().into(), warning: None };
        passfile.password(wanted).map(|password| password.expose_secret().to_owned())
    }

    #[test]
    fn the_first_matching_line_counts() {
        let lines = "# db:5432:shop:alice:no\nother:*:*:*:no\ndb:5432:shop:alice:yes\n*:*:*:*:late\n";
        assert_eq!(found(lines, WANTED).as_deref(), Some("yes"));
        assert_eq!(found(lines, Wanted { port: 5433, ..WANTED }).as_deref(), Some("late"));
        assert_eq!(found("db:5432:shop:bob:no", WANTED), None);
        assert_eq!(found("db:5432:shop", WANTED), None);
    }

    #[test]
    fn backslashes_escape_colons_and_themselves() {
        let wanted = Wanted { host: "::1", dbname: r"a\b", ..WANTED };
        assert_eq!(found(r"\:\:1:5432:a\\b:alice:p\:w\\x:ignored", wanted).as_deref(), Some(r"p:w\x"));
    }

    #[test]
    fn a_file_that_others_may_read_is_ignored_with_a_warning() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "*:*:*:*:pw\n").unwrap();
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o640)).unwrap();
        let open = Passfile::read(file.path());
        assert!(open.password(WANTED).is_none() && open.warning.unwrap().contains("0600"));
        fs::set_permissions(file.path(), fs::Permissions::from_mode(0o400)).unwrap();
        let closed = Passfile::read(file.path());
        assert!(closed.password(WANTED).is_some() && closed.warning.is_none());
    }

    proptest! {
        #[test]
        fn escaped_fields_match_themselves(user in "[^\0\r\n]+", password in "[^\0\r\n]+") {
            let escape = |text: &str| text.replace('\\', r"\\").replace(':', r"\:");
            let line = format!("db:5432:shop:{}:{}", escape(&user), escape(&password));
            prop_assert_eq!(found(&line, Wanted { user: &user, ..WANTED }), Some(password));
        }
    }
}
