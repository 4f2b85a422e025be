#!/usr/bin/env bash
# Clones databases that nobody here wrote, and compares each clone with its source.
#
#   scripts/sample-databases.sh [DIR]
#
# DIR (default ../shared/data) holds chinook.sql, sakila-schema.sql with sakila-data.sql, northwind.sql; those
# that are not there are left out. Exit status: 0 if every clone is equal to its source.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/servers.sh
source "$here/lib/servers.sh"

case ${1:-} in
  -h | --help) usage && exit 0 ;;
esac
dir=${1:-$ROOT/../shared/data}

declare -A FILES=([chinook]="chinook.sql" [sakila]="sakila-schema.sql sakila-data.sql" [northwind]="northwind.sql")
databases=()
for database in chinook sakila northwind; do
  if [[ -f $dir/${FILES[$database]%% *} ]]; then databases+=("$database"); else note "no $database in $dir: left out"; fi
done
((${#databases[@]} > 0)) || die "there is no sample database in $dir"

# run_one DATABASE: adds a line to the table of verdicts, and says on standard error why it failed.
run_one() {
  local database=$1 file status=0 begun took verdict
  create_database source "$database"
  create_database target "$database"
  for file in ${FILES[$database]}; do
    psql_on source "$database" -f "$dir/$file" >"$WORK/load.log" 2>&1 \
      || die "$dir/$file does not load: $(tail -n 5 "$WORK/load.log")"
  done
  say "$database"
  begun=$(now)
  "$FDWCOPY" clone -s "$(conninfo source "$database")" -d "$(conninfo target "$database")" --progress auto >&2 || status=$?
  took=$(seconds $(($(now) - begun)))
  verdict=equal
  if ! "$ROOT/scripts/compare.sh" "$(conninfo source "$database")" "$(conninfo target "$database")" >&2; then verdict=DIFFERENT; fi
  if ((status != 0)); then verdict="FAILED (exit status $status), $verdict"; fi
  [[ $verdict == equal ]] || failed=1
  table+=$(printf '%-12s %8s s   %s' "$database" "$took" "$verdict")$'\n'
}

failed=0
table=
ensure_postgresql
build_fdwcopy
start_servers samples
for database in "${databases[@]}"; do run_one "$database"; done

printf '\n%-12s %10s   %s\n%s' database clone verdict "$table"
exit "$failed"
