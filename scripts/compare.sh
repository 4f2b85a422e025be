#!/usr/bin/env bash
# Compares two databases and prints one line for each thing that differs.
#
#   scripts/compare.sh [-v] SOURCE_CONNINFO TARGET_CONNINFO [PG_DUMP OPTION …]
#
# Compared: every table's and materialized view's rows (count and a hash that does not depend on their order,
# computed inside each server), every sequence's position, large objects, every definition (pg_dump
# --schema-only, with the options given, for example --no-owner), and what a clone could leave behind:
# schemas, extensions, foreign servers, user mappings, foreign tables, invalid indexes.
#
#   -v   also print what is equal, and how the definitions differ (the first 100 lines)
#
# Exit status: 0 equal, 1 different, 2 could not compare. Needs psql and pg_dump (PG_BIN: their directory).

# shellcheck source=scripts/lib/base.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib/base.sh"

unable() {
  printf 'compare.sh: %s\n' "$*" >&2
  exit 2
}

show=0
case ${1:-} in
  -v) show=1 && shift ;;
  -h | --help) usage && exit 0 ;;
esac
(($# >= 2)) || { usage >&2 && exit 2; }
source_conninfo=$1
target_conninfo=$2
shift 2
dump_options=("$@")

PG_BIN=$(newest_pg_bin)
[[ -n $PG_BIN ]] || PG_BIN=$(dirname "$(command -v pg_dump || unable "there is no pg_dump on this machine")")
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

# The facts of one side, sorted by kind and object, and the text of its definitions.
read_side() {
  local side=$1 conninfo=$2
  "$PG_BIN/psql" -X -q -A -t -F $'\t' -v ON_ERROR_STOP=1 -d "$conninfo" -f "$ROOT/scripts/lib/facts.sql" >"$dir/$side.rows" \
    && "$PG_BIN/pg_dump" --schema-only "${dump_options[@]}" -d "$conninfo" \
    | sed -E '/^\\(un)?restrict /d; /^-- Dumped (from|by) /d' >"$dir/$side.sql" \
    && awk -f "$ROOT/scripts/lib/definitions.awk" "$dir/$side.sql" | sort - "$dir/$side.rows" >"$dir/$side.facts"
}

read_side source "$source_conninfo" &
reading_source=$!
read_side target "$target_conninfo" || { wait "$reading_source" || true; unable "the target could not be read"; }
wait "$reading_source" || unable "the source could not be read"

status=0
awk -v show="$show" -f "$ROOT/scripts/lib/differences.awk" "$dir/source.facts" "$dir/target.facts" || status=1
if ! diff -u "$dir/source.sql" "$dir/target.sql" >"$dir/diff"; then
  if ((status == 0)); then echo "definitions: the same, but pg_dump prints them in another order"; fi
  if ((show)); then head -n 100 "$dir/diff"; fi
  status=1
fi
exit "$status"
