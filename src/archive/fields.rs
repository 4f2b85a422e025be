//! Kind, schema, name and owner out of an entry's `-- Name: …` line.
//!
//! Invariant: names may hold `; Type: ` and the like, so a cut counts only if its parts, put together again in the
//! other order, are the words of the entry's line in `pg_restore --list`.
//! Deliberately absent: the tablespace, which the `SET` lines give exactly.

/// What an entry is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) kind: String,
    pub(super) schema: Option<String>,
    pub(super) name: String,
    pub(super) owner: Option<String>,
}

/// Cuts `foo; Type: TABLE; Schema: public; Owner: postgres[; Tablespace: x]`; `words` are the listed
/// `TABLE public foo postgres`. The owner of the header may be `-` where owners are left out.
pub(super) fn parse(header: &str, words: &str) -> Option<Fields> {
    cuts(header, "; Type: ").find_map(|(name, rest)| {
        cuts(rest, "; Schema: ").filter(|(kind, _)| is_kind(kind)).find_map(|(kind, rest)| {
            cuts(rest, "; Owner: ").find_map(|(schema, rest)| {
                let listed_owner = words
                    .strip_prefix(kind)
                    .and_then(|words| words.strip_prefix(' ')?.strip_prefix(schema))
                    .and_then(|words| words.strip_prefix(' ')?.strip_prefix(name))
                    .and_then(|words| words.strip_prefix(' '))?;
                let mut owners =
                    std::iter::once(rest).chain(cuts(rest, "; Tablespace: ").map(|(owner, _)| owner));
                let owner = owners.find(|&owner| owner == "-" || owner == listed_owner)?;
                Some(Fields {
                    kind: kind.to_owned(),
                    schema: present(schema),
                    name: name.to_owned(),
                    owner: present(owner),
                })
            })
        })
    })
}

fn cuts<'a>(text: &'a str, at: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    text.match_indices(at).map(move |(start, _)| (&text[..start], &text[start + at.len()..]))
}

fn is_kind(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_uppercase() || c == ' ')
}

fn present(field: &str) -> Option<String> {
    (!field.is_empty() && field != "-").then(|| field.to_owned())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn printed(kind: &str, schema: &str, name: &str, owner: &str) -> (String, String) {
        (
            format!("{name}; Type: {kind}; Schema: {schema}; Owner: {owner}"),
            format!("{kind} {schema} {name} {owner}"),
        )
    }

    #[test]
    fn a_plain_header_is_cut_at_its_labels() {
        let fields = parse(
            "log log_c_fkey; Type: FK CONSTRAINT; Schema: audit; Owner: me; Tablespace: fast",
            "FK CONSTRAINT audit log log_c_fkey me",
        );
        assert_eq!(
            fields,
            Some(Fields {
                kind: "FK CONSTRAINT".into(),
                schema: Some("audit".into()),
                name: "log log_c_fkey".into(),
                owner: Some("me".into())
            })
        );
    }

    #[test]
    fn an_extension_has_neither_schema_nor_owner() {
        let fields = parse("hstore; Type: EXTENSION; Schema: -; Owner: -", "EXTENSION - hstore ").unwrap();
        assert_eq!((fields.schema, fields.owner), (None, None));
        let comment =
            parse("EXTENSION hstore; Type: COMMENT; Schema: -; Owner: ", "COMMENT - EXTENSION hstore ")
                .unwrap();
        assert_eq!((comment.name.as_str(), comment.owner), ("EXTENSION hstore", None));
    }

    #[test]
    fn owners_left_out_do_not_hide_the_name() {
        let fields = parse("t; Type: TABLE; Schema: public; Owner: -", "TABLE public t postgres").unwrap();
        assert_eq!((fields.name.as_str(), fields.owner), ("t", None));
    }

    #[test]
    fn a_header_of_another_entry_is_refused() {
        assert_eq!(parse("t; Type: TABLE; Schema: public; Owner: me", "VIEW public t me"), None);
        assert_eq!(parse("t; Type: TABLE", "TABLE public t me"), None);
    }

    proptest! {
        #[test]
        fn names_that_look_like_labels_are_cut_right(
            schema in "(a|; Type: TABLE|; Schema: s|; Owner: o| ){1,3}",
            name in "(b|; Type: VIEW|; Schema: |; Owner: | |TABLE){1,4}",
            owner in "(c|; Tablespace: |; Owner: x| ){1,3}",
        ) {
            let (header, words) = printed("TABLE", &schema, &name, &owner);
            let fields = parse(&header, &words).unwrap();
            prop_assert_eq!(fields.kind, "TABLE");
            prop_assert_eq!(fields.schema, Some(schema));
            prop_assert_eq!(fields.name, name);
            prop_assert_eq!(fields.owner, Some(owner));
        }
    }
}
