//! Access privileges in words, from what PostgreSQL writes of them (`reader=r*w/owner`).
//!
//! Invariant: pure; the same rights give the same words, in the same order, whoever owns the object: its owner is
//! called that, and nobody is named who grants as the owner.

/// The aspect under which privileges stand.
pub(super) const ASPECT: &str = "privileges";

/// The privilege that came with version 17.
pub(super) const MAINTAIN: &str = "MAINTAIN";

/// What each letter stands for (`ACL_ALL_RIGHTS_STR` in `acl.h`).
const NAMES: [(char, &str); 15] = [
    ('a', "INSERT"),
    ('r', "SELECT"),
    ('w', "UPDATE"),
    ('d', "DELETE"),
    ('D', "TRUNCATE"),
    ('x', "REFERENCES"),
    ('t', "TRIGGER"),
    ('X', "EXECUTE"),
    ('U', "USAGE"),
    ('C', "CREATE"),
    ('T', "TEMPORARY"),
    ('c', "CONNECT"),
    ('s', "SET"),
    ('A', "ALTER SYSTEM"),
    ('m', MAINTAIN),
];

/// One entry for each privilege, sorted; `owner` is a name as the catalogs hold it.
pub(super) fn words(items: &[String], owner: &str) -> Vec<String> {
    let mut words: Vec<String> = items.iter().flat_map(|item| entry(item, owner)).collect();
    words.sort();
    words
}

fn entry(item: &str, owner: &str) -> Vec<String> {
    let parsed = role(item).and_then(|(grantee, rest)| {
        let (letters, grantor) = rest.strip_prefix('=')?.split_once('/')?;
        Some((grantee, letters, role(grantor)?.0))
    });
    // A form of a later version is compared as it is.
    let Some((grantee, letters, grantor)) = parsed else { return vec![item.to_owned()] };
    let to = if grantee.is_empty() {
        "PUBLIC"
    } else if grantee == owner {
        "its owner"
    } else {
        &grantee
    };
    let by = if grantor == owner { String::new() } else { format!(" by {grantor}") };
    let mut words: Vec<String> = Vec::new();
    for letter in letters.chars() {
        match words.last_mut() {
            Some(last) if letter == '*' => last.push_str(" with grant option"),
            _ => {
                let name = NAMES.iter().find(|(known, _)| *known == letter);
                let name = name.map_or_else(|| letter.to_string(), |(_, name)| (*name).to_owned());
                words.push(format!("{name} to {to}{by}"));
            }
        }
    }
    words
}

/// A role's name at the beginning of a text, quoted where it has to be (`putid` in `acl.c`), and what follows it.
fn role(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(['=', '/']).unwrap_or(text.len());
        return Some((text[..end].to_owned(), &text[end..]));
    };
    let mut name = String::new();
    let mut rest = quoted;
    loop {
        let (part, after) = rest.split_once('"')?;
        name.push_str(part);
        match after.strip_prefix('"') {
            Some(more) => {
                name.push('"');
                rest = more;
            }
            None => return Some((name, after)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(items: &[&str]) -> Vec<String> {
        words(&items.iter().map(|item| (*item).to_owned()).collect::<Vec<_>>(), "me")
    }

    #[test]
    fn each_privilege_is_an_entry_of_its_own() {
        assert_eq!(
            of(&["me=r/me", "=U/me", "reader=r*w/other"]),
            [
                "SELECT to its owner",
                "SELECT to reader by other with grant option",
                "UPDATE to reader by other",
                "USAGE to PUBLIC"
            ]
        );
    }

    #[test]
    fn odd_names_and_forms_that_are_not_known_do_no_harm() {
        assert_eq!(of(&[r#""a ""b"" =/c"=X/"me""#]), [r#"EXECUTE to a "b" =/c"#]);
        assert_eq!(of(&["reader=?/me", "nonsense"]), ["? to reader", "nonsense"]);
    }
}
