//! `postgresql://` connection strings, by the rules of libpq's `conninfo_uri_parse_options`.
//!
//! Invariant: errors never echo the text. Spaces follow PostgreSQL 17 and later: trimmed at the ends of a
//! part, refused inside one.

use crate::error::{Error, Kind, Result};

/// The part after the scheme, if the text is a URI.
pub(super) fn strip_scheme(text: &str) -> Option<&str> {
    text.strip_prefix("postgresql://").or_else(|| text.strip_prefix("postgres://"))
}

/// The pairs of a URI without its scheme, in order.
pub(super) fn parse(rest: &str) -> Result<Vec<(String, String)>> {
    let mut pairs = Vec::new();
    let mut store = |name: &str, value: &str| -> Result<()> {
        if !value.is_empty() {
            pairs.push((name.to_owned(), decode(value)?));
        }
        Ok(())
    };
    let mut rest = rest;
    if let Some(at) = rest.find(['@', '/']).filter(|&at| rest[at..].starts_with('@')) {
        let (user, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
        store("user", user)?;
        store("password", password)?;
        rest = &rest[at + 1..];
    }
    let (hosts, ports, after) = servers(rest)?;
    store("host", &hosts)?;
    store("port", &ports)?;
    let (path, query) = after.split_once('?').unwrap_or((after, ""));
    store("dbname", path.strip_prefix('/').unwrap_or(path))?;
    if !query.is_empty() {
        parameters(query, &mut pairs)?;
    }
    Ok(pairs)
}

/// Reads `host[:port],…`: hosts and ports as comma-separated lists, and what follows them.
fn servers(mut rest: &str) -> Result<(String, String, &str)> {
    let (mut hosts, mut ports) = (String::new(), String::new());
    loop {
        let host;
        if let Some(inside) = rest.strip_prefix('[') {
            let end = inside.find(']').ok_or_else(|| malformed("an IPv6 address without \"]\""))?;
            (host, rest) = (&inside[..end], &inside[end + 1..]);
            if host.is_empty() || !(rest.is_empty() || rest.starts_with([':', '/', '?', ','])) {
                return Err(malformed("an IPv6 address in brackets"));
            }
        } else {
            (host, rest) = rest.split_at(rest.find([':', '/', '?', ',']).unwrap_or(rest.len()));
        }
        hosts.push_str(host);
        if let Some(port) = rest.strip_prefix(':') {
            let end = port.find(['/', '?', ',']).unwrap_or(port.len());
            ports.push_str(&port[..end]);
            rest = &port[end..];
        }
        match rest.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok((hosts, ports, rest)),
        }
        hosts.push(',');
        ports.push(',');
    }
}

fn parameters(query: &str, pairs: &mut Vec<(String, String)>) -> Result<()> {
    for parameter in query.strip_suffix('&').unwrap_or(query).split('&') {
        let (name, value) =
            parameter.split_once('=').ok_or_else(|| malformed("a query parameter without \"=\""))?;
        if value.contains('=') {
            return Err(malformed("a query parameter with a second \"=\""));
        }
        // What JDBC writes; libpq takes it too.
        let pair = match (decode(name)?, decode(value)?) {
            (name, value) if name == "ssl" && value == "true" => ("sslmode".to_owned(), "require".to_owned()),
            pair => pair,
        };
        pairs.push(pair);
    }
    Ok(())
}

fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.trim_matches(' ').bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|byte| char::from(byte?).to_digit(16));
                let [Some(high), Some(low)] = digits else {
                    return Err(malformed("a percent sign without two hexadecimal digits"));
                };
                let value = u8::try_from(high * 16 + low).unwrap_or_default();
                if value == 0 {
                    return Err(malformed("the forbidden value %00"));
                }
                bytes.push(value);
            }
            b' ' => return Err(malformed("a space")),
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).map_err(|_| malformed("percent-encoded bytes that are not UTF-8"))
}

fn malformed(what: &str) -> Error {
    Error::new(Kind::Usage, format!("{what} in the connection URI"))
        .remedy("percent-encode special characters in names and passwords: %40 for @, %2F for /, %3A for :, %25 for %, %20 for a space")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn pairs(uri: &str) -> Vec<(String, String)> {
        parse(strip_scheme(uri).unwrap()).unwrap()
    }

    fn shown(uri: &str) -> String {
        pairs(uri).into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn every_part_may_be_missing() {
        assert_eq!(shown("postgresql://"), "");
        assert_eq!(shown("postgres://localhost"), "host=localhost");
        assert_eq!(shown("postgresql:///shop"), "dbname=shop");
        assert_eq!(shown("postgresql://alice@"), "user=alice");
        assert_eq!(shown("postgresql://?sslmode=require"), "sslmode=require");
        assert_eq!(
            shown("postgresql://alice:pw@db:5433/shop?connect_timeout=3&ssl=true"),
            "user=alice password=pw host=db port=5433 dbname=shop connect_timeout=3 sslmode=require"
        );
    }

    #[test]
    fn hosts_may_be_many_or_sockets_or_ipv6() {
        assert_eq!(shown("postgresql://a:1,b,c:3/x"), "host=a,b,c port=1,,3 dbname=x");
        assert_eq!(
            shown("postgresql://[::1]:5433,[2001:db8::7]/x"),
            "host=::1,2001:db8::7 port=5433, dbname=x"
        );
        assert_eq!(shown("postgresql://%2Fvar%2Frun/x"), "host=/var/run dbname=x");
    }

    #[test]
    fn a_malformed_uri_is_refused_without_being_shown() {
        for rest in [
            "[::1",
            "[]",
            "[::1]x",
            "?hunter2",
            "?a=hunter2=x",
            "u:hunter2%2@h",
            "u:hunter2%00@h",
            "u:hunter 2@h",
        ] {
            let error = parse(rest).unwrap_err();
            assert!(!format!("{error:?}").contains("hunter"), "{error:?}");
        }
    }

    proptest! {
        #[test]
        fn percent_encoding_round_trips(password in "[^\0]+", dbname in "[^\0]+") {
            let encode = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<Vec<_>>().concat();
            let read = pairs(&format!("postgresql://u:{}@h/{}", encode(&password), encode(&dbname)));
            prop_assert_eq!(&read[1].1, &password);
            prop_assert_eq!(&read[3].1, &dbname);
        }

        #[test]
        fn no_text_makes_it_panic(rest in ".*") {
            let _ = parse(&rest);
        }
    }
}
