# Turns the text of pg_dump --schema-only into facts: "definition", type and name, the statements on one line.
# The tablespace and access method in force belong to what is made under them; they are set before its header.
function finish() {
    if (key != "") body[key] = body[key] text
    text = ""
}
/^-- Name: .*; Type: .*; Schema: / {
    finish()
    header = substr($0, 10)
    match(header, /; Type: .*$/)
    name = substr(header, 1, RSTART - 1)
    rest = substr(header, RSTART + 8)
    split(rest, part, "; ")
    schema = substr(part[2], 9)
    key = "definition\t" part[1] " " (schema == "-" ? "" : schema ".") name
    text = part[1] ~ /TABLE|INDEX|VIEW|CONSTRAINT/ ? under["tablespace"] under["table_access_method"] : ""
    next
}
/^SET default_(tablespace|table_access_method) = / {
    match($0, /default_[a-z_]+/)
    under[substr($0, RSTART + 8, RLENGTH - 8)] = $0
    next
}
/^(--)?$/ || /^-- PostgreSQL database dump complete$/ { next }
key != "" {
    gsub(/\t/, "\\t")
    text = text "\\n" $0
}
END {
    finish()
    for (key in body) print key "\t" body[key]
}
