//! How a row becomes one 64-bit hash that is the same on both servers exactly if the row is.
//!
//! Where both servers hash records (14 and later), each column goes into `hash_record_extended` in the cheapest form that
//! tells every difference that its text tells. PostgreSQL's own hashes often do not: they follow `=`, and fold 64 bits into
//! 32. Elsewhere, and with `--strict`, the text of the whole row is hashed.
//!
//! Invariant: pure; one expression serves both sides, because it names columns only and one form is chosen for both. The
//! record hash is linear in the hashes of its columns: who adds hashes of rows up has to mix them once more, or values that
//! are swapped between rows are not noticed.
//! Deliberately absent: what is done with the hash.

use crate::catalog::columns::Column;
use crate::pg::ident::Ident;
use crate::pg::sql::Sql;
use crate::sql;

/// The entries that a record can have (`MaxTupleAttributeNumber`).
const MOST_ENTRIES: usize = 1664;

/// What decides the form beside the types.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    /// Whether records are hashed, not the text of the whole row.
    pub records: bool,
    /// Whether both databases have the same encoding.
    pub same_encoding: bool,
}

/// The form in which a column enters the hash of its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// As it is: the type's hash tells all differences, and is the same on every server.
    Itself,
    /// As it is, under the collation that calls nothing equal but equal bytes.
    Collated,
    /// The bytes of its binary form, by this function: the type's own hash folds, trims or calls different values equal.
    Bytes(&'static str),
    /// As it is, and zero also as its text: -0 and 0 have one hash, and so have all forms of NaN.
    Float,
    /// Its text, by a cast that loses nothing.
    Text,
    /// Its text as the type prints it.
    Printed,
    /// Both sides are brought to this type first, because they have different ones.
    Cast(&'static str),
    /// The hash of its text: the values may be too large for a row's text.
    HashOfText,
    /// The hash of its bytes, likewise.
    HashOfBytes,
}

/// The form of a column that has these types on both sides; `wide` is a table whose rows may be too large for one text.
#[must_use]
pub fn form(source: &Column, target: &Column, wide: bool) -> Form {
    if source.path != target.path {
        return common(source, target);
    }
    let [name] = source.path.as_slice() else { return if wide { Form::HashOfText } else { Form::Printed } };
    let both_have_length = source.has_length && target.has_length;
    match name.as_str() {
        "text" | "varchar" | "json" | "xml" if wide => Form::HashOfText,
        "bytea" if wide => Form::HashOfBytes,
        "bool" | "int2" | "int4" | "oid" | "date" | "uuid" | "macaddr" | "macaddr8" | "inet" | "cidr"
        | "bytea" => Form::Itself,
        "text" | "varchar" => Form::Collated,
        // Padded to their length, both differ by what the hash sees; without one, trailing blanks are kept and not seen.
        "bpchar" if both_have_length => Form::Collated,
        "bpchar" => Form::Bytes("bpcharsend"),
        // From 15 on a byte beyond ASCII is printed in another way.
        "char" => Form::Bytes("charsend"),
        // These hashes fold 64 bits into 32: 0 and 4294967297 have the same.
        "int8" => Form::Bytes("int8send"),
        "timestamp" => Form::Bytes("timestamp_send"),
        "timestamptz" => Form::Bytes("timestamptz_send"),
        "time" => Form::Bytes("time_send"),
        "timetz" => Form::Bytes("timetz_send"),
        // One month and thirty days have the same hash.
        "interval" => Form::Bytes("interval_send"),
        "float4" | "float8" => Form::Float,
        // The hash sees neither the sign nor the scale.
        "numeric" => Form::Bytes("numeric_send"),
        _ if wide => Form::HashOfText,
        // Without a hash, or with one that depends on oids, on the machine, or on an extension's idea of equality.
        _ => Form::Printed,
    }
}

/// Types that differ: what can hold the same values is compared by them, all else as it is printed.
fn common(source: &Column, target: &Column) -> Form {
    let all = |names: &[&str]| {
        [source, target].iter().all(|column| {
            column.path.last().is_some_and(|name| names.contains(&name.as_str()))
                && column.path[..column.path.len() - 1].iter().all(|step| step == "domain")
        })
    };
    if all(&["text", "varchar", "bpchar", "name", "enum", "made citext"]) {
        Form::Text
    } else if all(&["timestamp", "timestamptz"]) {
        // Not date, which reaches farther than timestamps do.
        Form::Cast("timestamp")
    } else {
        Form::Printed
    }
}

/// The function that spreads values of a type, the same on every server; it may put different values in one place.
#[must_use]
pub fn spread(source: &Column, target: &Column) -> Option<&'static str> {
    match source.path.as_slice() {
        [name] if source.path == target.path => match name.as_str() {
            "int2" => Some("hashint2extended"),
            "int4" => Some("hashint4extended"),
            "int8" => Some("hashint8extended"),
            "uuid" => Some("uuid_hash_extended"),
            _ => None,
        },
        _ => None,
    }
}

/// The place of a value by such a function.
#[must_use]
pub fn place(function: &'static str, column: &Ident) -> Sql {
    sql!("compare/place.sql", function = Ident::new(function), column = column)
}

/// A value as what shows it to the user and looks for it again: both sides print it alike.
#[must_use]
pub fn printed(column: &Ident, form: Form) -> Sql {
    let value = match form {
        Form::Cast(name) => sql!("compare/cast.sql", column = column, type_name = Ident::new(name)),
        Form::Text => sql!("compare/text.sql", column = column),
        _ => Sql::join([column], ""),
    };
    sql!("compare/printed.sql", value = value)
}

/// The hash of these columns of a row, in their order.
#[must_use]
pub fn hash(columns: &[(&Ident, Form)], way: Way) -> Sql {
    if !way.records {
        return hash_of_texts(columns, way);
    }
    let direct = columns.iter().filter(|(_, form)| !is_printed(*form, way));
    let mut entries: Vec<Sql> = direct.map(|(name, form)| entry(name, *form, way)).collect();
    let printed: Vec<&Ident> =
        columns.iter().filter(|(_, form)| is_printed(*form, way)).map(|(name, _)| *name).collect();
    if !printed.is_empty() {
        let columns = Sql::join(printed, ", ");
        entries.push(if way.same_encoding {
            sql!("compare/together.sql", columns = columns)
        } else {
            sql!("compare/together_utf8.sql", columns = columns)
        });
    }
    // A number with a sign takes two.
    if columns.len() > MOST_ENTRIES / 2 && columns.iter().any(|(_, form)| *form == Form::Float) {
        return hash_of_texts(columns, way);
    }
    sql!("compare/record.sql", entries = Sql::join(entries, ", "))
}

/// Whether its text is taken together with that of others; bytes of a text are the same only in the same encoding.
fn is_printed(form: Form, way: Way) -> bool {
    form == Form::Printed || (form == Form::Collated && !way.same_encoding)
}

fn hash_of_texts(columns: &[(&Ident, Form)], way: Way) -> Sql {
    let each = columns.iter().map(|(name, form)| match form {
        Form::Text | Form::Cast(_) | Form::HashOfText | Form::HashOfBytes => entry(name, *form, way),
        _ => Sql::join([name], ""),
    });
    let entries = Sql::join(each, ", ");
    if way.same_encoding {
        sql!("compare/texts.sql", entries = entries)
    } else {
        sql!("compare/texts_utf8.sql", entries = entries)
    }
}

fn entry(column: &Ident, form: Form, way: Way) -> Sql {
    match form {
        Form::Itself | Form::Printed => Sql::join([column], ""),
        Form::Collated => sql!("compare/collated.sql", column = column),
        Form::Bytes(function) => sql!("compare/send.sql", function = Ident::new(function), column = column),
        Form::Float => sql!("compare/float.sql", column = column),
        Form::Text if way.same_encoding => sql!("compare/text.sql", column = column),
        Form::Text => sql!("compare/text_utf8.sql", column = column),
        Form::Cast(name) => sql!("compare/cast.sql", column = column, type_name = Ident::new(name)),
        Form::HashOfText if way.same_encoding => sql!("compare/hash_of_text.sql", column = column),
        Form::HashOfText => sql!("compare/hash_of_text_utf8.sql", column = column),
        Form::HashOfBytes => sql!("compare/hash_of_bytes.sql", column = column),
    }
}

/// Types of extensions whose text depends on nothing but the value, as far as we know.
const STEADY: [&str; 14] = [
    "citext",
    "hstore",
    "ltree",
    "lquery",
    "ltxtquery",
    "cube",
    "seg",
    "isbn",
    "isbn13",
    "ean13",
    "lo",
    "geometry",
    "geography",
    "vector",
];

/// Whether the text of the column's type might depend on more than its value: it is of no type that we know.
#[must_use]
pub fn is_unknown(column: &Column) -> bool {
    let made = column.path.last().and_then(|name| name.strip_prefix("made "));
    made.is_some_and(|name| !STEADY.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn column(path: &[&str], has_length: bool) -> Column {
        let path = path.iter().map(|&step| step.to_owned()).collect();
        Column { name: Ident::new("c"), type_name: String::new(), has_length, path }
    }

    fn of(path: &[&str]) -> Form {
        form(&column(path, false), &column(path, false), false)
    }

    const RECORDS: Way = Way { records: true, same_encoding: true };

    #[test]
    fn only_types_whose_hash_tells_everything_go_in_as_they_are() {
        assert_eq!(
            [of(&["int4"]), of(&["uuid"]), of(&["text"])],
            [Form::Itself, Form::Itself, Form::Collated]
        );
        assert_eq!(
            [of(&["int8"]), of(&["interval"])],
            [Form::Bytes("int8send"), Form::Bytes("interval_send")]
        );
        assert_eq!([of(&["numeric"]), of(&["float8"])], [Form::Bytes("numeric_send"), Form::Float]);
        for other in
            [&["enum"][..], &["array", "int4"], &["domain", "int4"], &["made citext"], &["json"], &["point"]]
        {
            assert_eq!(of(other), Form::Printed, "{other:?}");
        }
    }

    #[test]
    fn blanks_at_the_end_count_where_nothing_pads() {
        assert_eq!(of(&["bpchar"]), Form::Bytes("bpcharsend"));
        assert_eq!(form(&column(&["bpchar"], true), &column(&["bpchar"], true), false), Form::Collated);
    }

    #[test]
    fn types_that_differ_meet_in_what_both_can_hold() {
        let meet = |a: &str, b: &str| form(&column(&[a], false), &column(&[b], false), false);
        assert_eq!(meet("varchar", "text"), Form::Text);
        assert_eq!(meet("timestamptz", "timestamp"), Form::Cast("timestamp"));
        assert_eq!(meet("int4", "int8"), Form::Printed);
        assert_eq!(meet("date", "timestamp"), Form::Printed);
    }

    #[test]
    fn what_is_printed_is_printed_together_and_the_rest_hashed_apart() {
        let (a, b, c) = (Ident::new("a"), Ident::new("b"), Ident::new("c"));
        let columns = [(&a, Form::Printed), (&b, Form::Itself), (&c, Form::Printed)];
        assert_eq!(
            hash(&columns, RECORDS).as_str(),
            r#"pg_catalog.hash_record_extended(ROW("b", ROW("a", "c")::pg_catalog.text COLLATE "C"), 0)"#
        );
    }

    #[test]
    fn texts_of_another_encoding_are_compared_in_one() {
        let a = Ident::new("a");
        let way = Way { same_encoding: false, ..RECORDS };
        for form in [Form::Collated, Form::Text] {
            assert!(hash(&[(&a, form)], way).as_str().contains("convert_to"), "{form:?}");
        }
        assert!(hash(&[(&a, Form::Itself)], Way { records: false, ..way }).as_str().contains("convert_to"));
    }

    #[test]
    fn a_type_that_nobody_knows_is_told() {
        assert!(is_unknown(&column(&["array", "made thing"], false)));
        assert!(!is_unknown(&column(&["made citext"], false)) && !is_unknown(&column(&["enum"], false)));
    }
}
