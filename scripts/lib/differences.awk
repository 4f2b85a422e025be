# Reads the facts of the source, then those of the target; prints a line for each one that is not the same on both.
# With show=1 also a line for each table and sequence that is. Exit status 1 if anything differs.
BEGIN { FS = "\t" }
{ key = $1 "\t" $2 }
FNR == NR {
    source[key] = $3
    order[++count] = key
    next
}
{
    target[key] = $3
    if (!(key in source)) order[++count] = key
}
function label(key, part) {
    split(key, part, "\t")
    return part[1] == "definition" ? part[2] : part[1] " " part[2]
}
END {
    for (i = 1; i <= count; i++) {
        key = order[i]
        split(key, part, "\t")
        if (!(key in target)) {
            different++
            print label(key) ": missing on the target"
        } else if (!(key in source)) {
            different++
            print label(key) ": only on the target"
        } else if (source[key] != target[key]) {
            different++
            if (part[1] == "definition") print label(key) ": defined differently"
            else print label(key) ": source " source[key] "; target " target[key]
        } else {
            equal[part[1]]++
            if (part[1] ~ /table|materialized view/) rows += source[key]
            if (show && part[1] ~ /^(table|materialized view|sequence)$/)
                printf "equal  %-62s source %-40s target %s\n", label(key), source[key], target[key]
        }
    }
    summary = (equal["table"] + 0) " tables and " (equal["materialized view"] + 0) " materialized views (" sprintf("%.0f", rows) " rows), " \
        (equal["sequence"] + 0) " sequences and " (equal["definition"] + 0) " definitions are equal"
    if (different) print different " things differ; " summary > "/dev/stderr"
    else print "everything is equal: " summary > "/dev/stderr"
    exit different > 0
}
