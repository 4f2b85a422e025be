#!/usr/bin/env bash
# Times `fdwcopy sync` of a table with no, few and many differences, beside the bare hash query, a full reload and
# pg_comparator's synchronising, on the same two servers.
#
#   scripts/bench-sync.sh [--rounds N] [--no-comparator]
#
#   ROWS=5000000     rows of the table
#   --rounds N       how often each, alternating (default 3)
#   --no-comparator  leave pg_comparator out (it takes minutes)
#
# Bare: `select count(*), sum(hash_record_extended(r, 0)) from table r` by psql on both servers at once; what counts is the
# time until the slower one has ended. Differences are rows changed on the target, spread over the table.
# Prints every time with the target's WAL and fdwcopy's peak memory, then the medians and their ratios.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/servers.sh
source "$here/lib/servers.sh"

settings=(shared_buffers=1GB max_wal_size=4GB autovacuum=off)
rows=${ROWS:-5000000}
rounds=3
comparator=1
while (($# > 0)); do
  case $1 in
    --rounds) rounds=${2:?--rounds needs a number} && shift ;;
    --no-comparator) comparator= ;;
    -h | --help) usage && exit 0 ;;
    *) die "unknown option $1: see $0 --help" ;;
  esac
  shift
done
[[ $rounds =~ ^[1-9][0-9]*$ && $rows =~ ^[1-9][0-9]*$ ]] || die "these have to be numbers above zero"

declare -A TIMES=()
PEAK=

# timed NAME COMMAND …: with the target's WAL and the peak memory of fdwcopy
timed() {
  local name=$1 begun took wal
  shift
  psql_on target bench -c CHECKPOINT
  wal=$(psql_on target bench -At -c "SELECT pg_current_wal_lsn()")
  PEAK=-
  begun=$(now)
  "$@"
  took=$(($(now) - begun))
  TIMES[$name]+="$took "
  wal=$(psql_on target bench -At -c "SELECT pg_size_pretty(pg_current_wal_lsn() - '$wal')")
  printf '%-32s %8s s   WAL %10s   peak %s\n' "$name" "$(seconds "$took")" "$wal" "$PEAK"
}

# median NAME, in microseconds
median() {
  local times
  mapfile -t times < <(tr ' ' '\n' <<<"${TIMES[$1]}" | grep . | sort -n)
  echo $(((times[(${#times[@]} - 1) / 2] + times[${#times[@]} / 2]) / 2))
}

ratio() { printf '%d.%02d' $(($1 / $2)) $(($1 * 100 / $2 % 100)); }

# both SQL: on both servers
both() {
  psql_on source bench -c "$1" &
  psql_on target bench -c "$1"
  wait
}

# bare: on both servers at once
bare() {
  local side pids=() pid
  for side in source target; do
    psql_on "$side" bench -At -c "SELECT count(*), sum(hash_record_extended(r, 0)) FROM big r" >"$WORK/bare.$side" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || die "the bare query failed"; done
  cmp -s "$WORK/bare.source" "$WORK/bare.target" || die "both sides should be equal"
}

# fdwcopy COMMAND …: sampling its peak memory
fdwcopy() {
  local command=$1 status=0 pid peak
  shift
  "$FDWCOPY" "$command" -s "$(conninfo source bench)" -d "$(conninfo target bench)" --progress none --json "$@" \
    >"$WORK/fdwcopy.json" 2>"$WORK/fdwcopy.err" &
  pid=$!
  while peak=$(awk '/VmHWM/ {print $2}' "/proc/$pid/status" 2>/dev/null) && [[ -n $peak ]]; do
    PEAK="$((peak / 1024)) MiB"
    sleep 0.05
  done
  wait "$pid" || status=$?
  ((status == 0)) || die "fdwcopy $command ended with status $status: $(cat "$WORK/fdwcopy.err")"
}

# sync WANTED: the number of rows that it has to change
sync() {
  fdwcopy sync --delete
  grep -q "\"updated\": *$1\b" "$WORK/fdwcopy.json" || die "$1 rows should have been changed: $(cat "$WORK/fdwcopy.json")"
}

comparator() {
  local status=0 password
  password=$(cut -d: -f5 "$PGPASSFILE")
  pg_comparator --checksum-function=ck --expect "$1" --synchronize --do-it --max-ratio 1 \
    "pgsql://postgres:$password@127.0.0.1:${PORT[source]}/bench/big?id:x,y,at,n" \
    "pgsql://postgres:$password@127.0.0.1:${PORT[target]}/bench/big" >"$WORK/comparator.out" 2>&1 || status=$?
  ((status == 0)) || die "pg_comparator failed with status $status: $(tail -n 20 "$WORK/comparator.out")"
}

# differ NUMBER: so many rows of the target
differ() {
  local step=$((rows / $1))
  psql_on target bench -c "UPDATE big SET y = y + 1 WHERE id % $step = $((RANDOM % step))"
}

ensure_postgresql
if [[ -n $comparator ]] && ! command -v pg_comparator >/dev/null; then
  say "installing postgresql-comparator"
  apt_install postgresql-comparator libdbd-pg-perl
fi
build_fdwcopy
start_servers bench-sync "${settings[@]}"

say "making a table of $rows rows on both servers"
for side in source target; do create_database "$side" bench; done
if [[ -n $comparator ]]; then both "CREATE EXTENSION pgcmp"; fi # pg_comparator's own functions in C
both "CREATE TABLE big (id int PRIMARY KEY, x text, y int, at timestamptz, n numeric)"
both "INSERT INTO big SELECT i, md5(i::text), i % 1000, timestamptz '2020-01-01' + i * interval '1 min', i / 7.0 FROM generate_series(1, $rows) i"
both "VACUUM ANALYZE big"

printf 'machine    %s cores, %s memory, %s\n' "$(nproc)" "$(awk '/MemTotal/ {printf "%.0f GB", $2 / 1e6}' /proc/meminfo)" "$(uname -sr)"
printf 'versions   %s, %s\n' "$("$PG_BIN/postgres" --version)" "$("$FDWCOPY" --version)"
printf 'servers    both on this machine, %s\n\n' "${settings[*]}"

for ((round = 1; round <= rounds; round++)); do
  timed "bare hash" bare
  timed "sync, 0 differences" sync 0
  for number in 100 50000; do
    differ "$number"
    timed "sync, $number differences" sync "$number"
    if [[ -n $comparator ]]; then
      differ "$number"
      timed "pg_comparator, $number differences" comparator "$number"
    fi
  done
  timed "full reload" fdwcopy copy --mode replace
  psql_on target bench -c "VACUUM ANALYZE big"
done

printf '\nmedian of %s\n' "$rounds"
theirs=$(median "bare hash") reload=$(median "full reload")
printf 'bare hash %s s, full reload %s s\n' "$(seconds "$theirs")" "$(seconds "$reload")"
for number in 0 100 50000; do
  ours=$(median "sync, $number differences")
  printf '%6s differences: sync %s s, %s times the bare hash, %s times as fast as the reload\n' \
    "$number" "$(seconds "$ours")" "$(ratio "$ours" "$theirs")" "$(ratio "$reload" "$ours")"
  if [[ -n $comparator && $number != 0 ]]; then
    other=$(median "pg_comparator, $number differences")
    printf '%6s differences: pg_comparator %s s; sync is %s times as fast\n' "$number" "$(seconds "$other")" "$(ratio "$other" "$ours")"
  fi
done
