#!/usr/bin/env bash
# Moves a live database with seconds of downtime, from nothing: starts two throw-away servers and pgbench on the source, clones
# while it writes, brings over what changed meanwhile, stops the writers, brings over the rest, and proves both sides equal.
#
#   scripts/cutover-demo.sh [--keep] [--scale N] [--rate N] [--seconds N]
#
#   --keep       leave the servers running, and say how to stop them
#   --scale N    pgbench's scale: 100,000 accounts each (default 20)
#   --rate N     transactions a second on the source (default 200)
#   --seconds N  for so long the source is written to after the clone (default 10)
#
# Prints the downtime: from the moment the last writer is stopped until `fdwcopy verify` has proved the target.
# Exit status: 0 if that verify ends with 0 and the target takes writes afterwards.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/servers.sh
source "$here/lib/servers.sh"

keep=
scale=20
rate=200
more=10
while (($# > 0)); do
  case $1 in
    --keep) keep=1 ;;
    --scale) scale=${2:?--scale needs a number} && shift ;;
    --rate) rate=${2:?--rate needs a number} && shift ;;
    --seconds) more=${2:?--seconds needs a number} && shift ;;
    -h | --help) usage && exit 0 ;;
    *) die "unknown option $1: see $0 --help" ;;
  esac
  shift
done
[[ $scale =~ ^[1-9][0-9]*$ && $rate =~ ^[1-9][0-9]*$ && $more =~ ^[0-9]+$ ]] || die "these have to be numbers"

# fdwcopy COMMAND …: between both sides
fdwcopy() {
  local command=$1
  shift
  note "fdwcopy $command $*"
  "$FDWCOPY" "$command" -s "$(conninfo source live)" -d "$(conninfo target live)" --progress none "$@" >&2
}

step() { printf '%-44s %8s s\n' "$1" "$(seconds "$2")"; }

ensure_postgresql
build_fdwcopy

say "starting two PostgreSQL servers, and a database that is written to"
start_servers cutover shared_buffers=256MB max_wal_size=4GB
for side in source target; do create_database "$side" live; done
"$PG_BIN/pgbench" -i -q -s "$scale" --foreign-keys "$(conninfo source live)" >"$WORK/pgbench.init" 2>&1 \
  || die "pgbench failed: $(cat "$WORK/pgbench.init")"
# Rows are found again by a key.
psql_on source live -c "ALTER TABLE pgbench_history ADD id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
"$PG_BIN/pgbench" -n -c 4 -R "$rate" -T 86400 "$(conninfo source live)" >"$WORK/pgbench.log" 2>&1 &
writer=$!

say "cloning while pgbench writes, $rate transactions a second"
begun=$(now)
fdwcopy clone
cloned=$(($(now) - begun))
kill -0 "$writer" 2>/dev/null || die "pgbench did not go on: $(tail -n 5 "$WORK/pgbench.log")"
sleep "$more"

say "bringing over what changed meanwhile, pgbench still writing"
begun=$(now)
fdwcopy sync --delete
synced=$(($(now) - begun))

say "stopping the writers"
# A script's children in the background ignore INT.
kill -TERM "$writer"
wait "$writer" || true
# What it has sent may still be committed.
while (($(psql_on source live -At -c "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pgbench'") > 0)); do sleep 0.05; done
stopped=$(now)
rows=$(psql_on source live -At -c "SELECT count(*) FROM pgbench_history")
note "pgbench has written $rows transactions in all"

say "bringing over the rest"
fdwcopy sync --delete
rest=$(now)
fdwcopy sequences
numbered=$(now)
status=0
fdwcopy verify || status=$?
proved=$(now)

say "the target takes over"
taken=0
"$PG_BIN/pgbench" -n -c 4 -t 50 "$(conninfo target live)" >"$WORK/pgbench.log" 2>&1 || taken=$?

if [[ -n $keep ]]; then
  keep_servers
  note "the servers are still running; stop and remove them: $WORK/stop"
fi

printf '\n'
step "clone, source written to" "$cloned"
step "sync --delete, source written to" "$synced"
step "sync --delete, writers stopped" $((rest - stopped))
step "sequences" $((numbered - rest))
step "verify" $((proved - numbered))
step "downtime" $((proved - stopped))
if ((status == 0 && taken == 0)); then
  say "verdict: the target has what the source has, after a downtime of $(seconds $((proved - stopped))) s"
else
  say "verdict: FAILED (verify ended with $status, writing to the target with $taken)"
  exit 1
fi
