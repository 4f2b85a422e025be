#!/usr/bin/env bash
# Shows fdwcopy at work, from nothing: installs what is missing, builds, starts two throw-away servers, makes a
# sample database of about three million rows, clones it, and proves that both sides are equal.
#
#   scripts/demo.sh [--keep] [--rows N]
#
#   --keep     leave the servers running, and say how to reach and how to stop them
#   --rows N   about so many rows in all (default 3000000)
#
# Exit status: 0 if the clone is proved equal.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/servers.sh
source "$here/lib/servers.sh"

keep=
rows=3000000
while (($# > 0)); do
  case $1 in
    --keep) keep=1 ;;
    --rows) rows=${2:?--rows needs a number} && shift ;;
    -h | --help) usage && exit 0 ;;
    *) die "unknown option $1: see $0 --help" ;;
  esac
  shift
done
[[ $rows =~ ^[0-9]+$ ]] || die "--rows needs a number, not '$rows'"

ensure_postgresql
build_fdwcopy

say "starting two PostgreSQL servers"
start_servers demo shared_buffers=256MB max_wal_size=4GB
for side in source target; do
  psql_on "$side" postgres -f "$ROOT/scripts/demo/roles.sql"
  create_database "$side" demo
done

say "making the sample database on the source"
begun=$(now)
# Five rows in all for each order; at least 60 orders, so that every table gets some.
orders=$((rows / 5 > 60 ? rows / 5 : 60))
for part in schema rows finish; do
  psql_on source demo -v orders="$orders" -f "$ROOT/scripts/demo/$part.sql"
done
size=$(psql_on source demo -At -c "SELECT pg_size_pretty(pg_database_size('demo'))")
note "$size in $(seconds $(($(now) - begun))) s"

say "cloning it: fdwcopy clone -s '$(conninfo source demo)' -d '$(conninfo target demo)' --progress auto"
begun=$(now)
status=0
"$FDWCOPY" clone -s "$(conninfo source demo)" -d "$(conninfo target demo)" --progress auto || status=$?
note "exit status $status after $(seconds $(($(now) - begun))) s"

say "the proof: both sides compared by PostgreSQL itself"
equal=0
verbose=(-v)
if ((status != 0)); then verbose=(); fi
"$ROOT/scripts/compare.sh" "${verbose[@]}" "$(conninfo source demo)" "$(conninfo target demo)" || equal=$?

if [[ -n $keep ]]; then
  keep_servers
  say "the servers are still running"
  for side in source target; do
    note "$side: PGPASSFILE=$PGPASSFILE $PG_BIN/psql '$(conninfo "$side" demo)'"
  done
  note "stop and remove them: $WORK/stop"
fi

if ((status == 0 && equal == 0)); then
  say "verdict: the clone is equal to its source"
else
  say "verdict: FAILED (fdwcopy ended with $status, the comparison with $equal)"
  exit 1
fi
