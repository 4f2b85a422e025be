#!/usr/bin/env bash
# Times `fdwcopy clone` beside `pg_dump | psql` on the same servers, alternating, each time into a fresh database.
#
#   scripts/bench.sh [--rounds N] [--peers] [-- FDWCOPY OPTION …]
#
#   SCALE=20     pgbench scale: 100,000 accounts, about 15 MB, each
#   --rounds N   how often each (default 3)
#   --peers      also `pg_dump -Fd -j4` with `pg_restore -j4`, and `pgcopydb clone` where it is installed
#
# Prints every time, the medians and their ratio. The last clone is compared with the source, row by row.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/servers.sh
source "$here/lib/servers.sh"

settings=(shared_buffers=512MB max_wal_size=8GB maintenance_work_mem=256MB)
scale=${SCALE:-20}
rounds=3
roads=(dump_psql fdwcopy)
clone_options=()
while (($# > 0)); do
  case $1 in
    --rounds) rounds=${2:?--rounds needs a number} && shift ;;
    --peers)
      roads+=(dump_restore)
      if command -v pgcopydb >/dev/null; then roads+=(pgcopydb); else note "pgcopydb is not installed: left out"; fi
      ;;
    --) shift && clone_options=("$@") && break ;;
    -h | --help) usage && exit 0 ;;
    *) die "unknown option $1: see $0 --help" ;;
  esac
  shift
done
[[ $rounds =~ ^[1-9][0-9]*$ && $scale =~ ^[1-9][0-9]*$ ]] || die "rounds and scale have to be numbers above zero"

# Each road brings the source's database "bench" into the target's.
dump_psql() {
  "$PG_BIN/pg_dump" "$(conninfo source bench)" | psql_on target bench >/dev/null
}
fdwcopy() {
  "$FDWCOPY" clone -s "$(conninfo source bench)" -d "$(conninfo target bench)" --progress none "${clone_options[@]}" >"$WORK/fdwcopy.out" 2>&1 \
    || die "fdwcopy failed with status $?: $(cat "$WORK/fdwcopy.out")"
}
dump_restore() {
  rm -rf "$WORK/dump"
  "$PG_BIN/pg_dump" -Fd -j4 -f "$WORK/dump" "$(conninfo source bench)"
  "$PG_BIN/pg_restore" -j4 -d "$(conninfo target bench)" "$WORK/dump"
}
pgcopydb() {
  command pgcopydb clone --source "$(conninfo source bench)" --target "$(conninfo target bench)" --dir "$WORK/pgcopydb" --restart \
    >"$WORK/pgcopydb.out" 2>&1 || die "pgcopydb failed: $(tail -n 20 "$WORK/pgcopydb.out")"
}

declare -A LABEL=(
  [dump_psql]="pg_dump | psql" [fdwcopy]="fdwcopy clone"
  [dump_restore]="pg_dump -Fd -j4, pg_restore -j4" [pgcopydb]="pgcopydb clone"
)
declare -A TIMES=()

# run_road ROAD: into a fresh database, with what the run before left unwritten out of the way.
run_road() {
  local road=$1 begun took
  psql_on target postgres -c 'DROP DATABASE IF EXISTS bench' -c 'CREATE DATABASE bench TEMPLATE template0' 2>/dev/null
  psql_on target postgres -c CHECKPOINT
  begun=$(now)
  "$road"
  took=$(($(now) - begun))
  TIMES[$road]+="$took "
  printf '%-32s %8s s\n' "${LABEL[$road]}" "$(seconds "$took")"
}

# median ROAD, in microseconds: of an even number of times, the mean of the middle two.
median() {
  local times
  mapfile -t times < <(tr ' ' '\n' <<<"${TIMES[$1]}" | grep . | sort -n)
  echo $(((times[(${#times[@]} - 1) / 2] + times[${#times[@]} / 2]) / 2))
}

ensure_postgresql
build_fdwcopy
start_servers bench "${settings[@]}"

say "making the source: pgbench -i -s $scale"
create_database source bench
"$PG_BIN/pgbench" -i -q -s "$scale" "$(conninfo source bench)" >&2 2>"$WORK/pgbench.log" || die "pgbench failed: $(cat "$WORK/pgbench.log")"
psql_on source postgres -c CHECKPOINT

printf 'machine    %s cores, %s memory, %s\n' "$(nproc)" "$(awk '/MemTotal/ {printf "%.0f GB", $2 / 1e6}' /proc/meminfo)" "$(uname -sr)"
printf 'versions   %s, %s\n' "$("$PG_BIN/postgres" --version)" "$("$FDWCOPY" --version)"
printf 'servers    both on this machine, fsync on, %s\n' "${settings[*]}"
printf 'data       pgbench scale %s, %s\n' "$scale" "$(psql_on source bench -At -c "SELECT pg_size_pretty(pg_database_size('bench'))")"
printf 'note       fdwcopy also analyzes the target and verifies the rows; the others do not\n\n'

for ((round = 1; round <= rounds; round++)); do
  for road in "${roads[@]}"; do run_road "$road"; done
done

# The comparison has to see fdwcopy's work, not the last peer's.
if [[ ${roads[-1]} != fdwcopy ]]; then
  psql_on target postgres -c 'DROP DATABASE bench' -c 'CREATE DATABASE bench TEMPLATE template0'
  fdwcopy
fi
"$ROOT/scripts/compare.sh" "$(conninfo source bench)" "$(conninfo target bench)" || die "the clone differs from its source"

printf '\nmedian of %s\n' "$rounds"
ours=$(median fdwcopy)
for road in "${roads[@]}"; do
  theirs=$(median "$road")
  printf '%-32s %8s s   %s times fdwcopy\n' "${LABEL[$road]}" "$(seconds "$theirs")" "$(seconds $((theirs * 1000000 / ours)))"
done
