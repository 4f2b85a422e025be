#!/usr/bin/env bash
# Times `fdwcopy verify` beside the bare hash query, and its search for rows beside pg_comparator, on the same two servers.
#
#   scripts/bench-verify.sh [--rounds N] [--only hash|rows]
#
#   SCALE=50     pgbench scale of the first comparison: 100,000 accounts each
#   ROWS=1000000 rows of the second one, of which 10 differ
#   --rounds N   how often each, alternating (default 3)
#
# 1. A table on both servers. Bare: `select count(*), sum(hash_record_extended(r, 0)) from table r` by psql on both servers at once;
#    what counts is the time until the slower one has ended. Beside it the whole of `fdwcopy verify`, from start to exit.
#    For pgbench_accounts, and for a table of int, text, bigint, timestamptz, numeric, uuid, float8 and bool.
# 2. Ten changed rows: `fdwcopy verify --level rows` and pg_comparator (Debian: postgresql-comparator) each have to name them;
#    pg_comparator with md5, and with its own 32-bit checksums in C, which a superuser has to install on both servers.
# Prints every time, the medians and their ratios.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/servers.sh
source "$here/lib/servers.sh"

settings=(shared_buffers=1GB max_wal_size=8GB)
scale=${SCALE:-50}
rows=${ROWS:-1000000}
rounds=3
only=
while (($# > 0)); do
  case $1 in
    --rounds) rounds=${2:?--rounds needs a number} && shift ;;
    --only) only=${2:?--only needs hash or rows} && shift ;;
    -h | --help) usage && exit 0 ;;
    *) die "unknown option $1: see $0 --help" ;;
  esac
  shift
done
[[ $rounds =~ ^[1-9][0-9]*$ && $scale =~ ^[1-9][0-9]*$ && $rows =~ ^[1-9][0-9]*$ ]] || die "these have to be numbers above zero"

declare -A TIMES=()

# timed NAME COMMAND …
timed() {
  local name=$1 begun took
  shift
  begun=$(now)
  "$@"
  took=$(($(now) - begun))
  TIMES[$name]+="$took "
  printf '%-44s %8s s\n' "$name" "$(seconds "$took")"
}

# median NAME, in microseconds
median() {
  local times
  mapfile -t times < <(tr ' ' '\n' <<<"${TIMES[$1]}" | grep . | sort -n)
  echo $(((times[(${#times[@]} - 1) / 2] + times[${#times[@]} / 2]) / 2))
}

# bare TABLE: on both servers at once
bare() {
  local query="SELECT count(*), sum(hash_record_extended(r, 0)) FROM $1 r" side pids=() pid
  for side in source target; do
    psql_on "$side" bench -At -c "$query" >"$WORK/bare.$side" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || die "the bare query failed"; done
  cmp -s "$WORK/bare.source" "$WORK/bare.target" || die "both sides should be equal"
}

# verify STATUS OPTION …
verify() {
  local wanted=$1 status=0
  shift
  "$FDWCOPY" verify -s "$(conninfo source bench)" -d "$(conninfo target bench)" --no-schema --progress none "$@" \
    >"$WORK/verify.out" 2>&1 || status=$?
  ((status == wanted)) || die "fdwcopy verify ended with status $status: $(cat "$WORK/verify.out")"
}

# comparator FUNCTION
comparator() {
  local status=0
  pg_comparator --checksum-function="$1" --expect 10 "pgsql://postgres:$(cut -d: -f5 "$PGPASSFILE")@127.0.0.1:${PORT[source]}/bench/tenths?id:x,y,at,n" \
    "pgsql://postgres:$(cut -d: -f5 "$PGPASSFILE")@127.0.0.1:${PORT[target]}/bench/tenths" >"$WORK/comparator.out" 2>&1 || status=$?
  ((status == 0)) || die "pg_comparator failed with status $status: $(tail -n 20 "$WORK/comparator.out")"
}

# both SQL: on both servers
both() {
  psql_on source bench -c "$1" &
  psql_on target bench -c "$1"
  wait
}

ratio() { printf '%d.%02d' $(($1 / $2)) $(($1 * 100 / $2 % 100)); }

ensure_postgresql
if [[ $only != hash ]] && ! command -v pg_comparator >/dev/null; then
  say "installing postgresql-comparator"
  apt_install postgresql-comparator libdbd-pg-perl
fi
build_fdwcopy
start_servers bench-verify "${settings[@]}"

say "making the tables on both servers"
for side in source target; do create_database "$side" bench; done
if [[ $only != rows ]]; then
  for side in source target; do
    "$PG_BIN/pgbench" -i -q -I dtgv -s "$scale" "$(conninfo "$side" bench)" >"$WORK/pgbench.log" 2>&1 || die "pgbench failed: $(cat "$WORK/pgbench.log")"
  done
  both "CREATE TABLE mixed AS SELECT i::int AS id, md5(i::text) AS t, i::bigint * 1000003 AS b, timestamptz '2020-01-01' + i * interval '61.3 s' AS at,
          (i * 1.37)::numeric(12,2) AS n, md5((i + 1)::text)::uuid AS u, i * 0.37::float8 AS f, i % 7 = 0 AS o
          FROM generate_series(1, $((scale * 100000))) i"
  both "VACUUM ANALYZE mixed"
fi
if [[ $only != hash ]]; then
  both "CREATE EXTENSION pgcmp" # pg_comparator's own functions in C
  both "CREATE TABLE tenths (id int PRIMARY KEY, x text, y int, at timestamptz, n numeric)"
  both "INSERT INTO tenths SELECT i, md5(i::text), i % 1000, timestamptz '2020-01-01' + i * interval '1 min', i / 7.0 FROM generate_series(1, $rows) i"
  both "VACUUM ANALYZE tenths"
  psql_on target bench -c "UPDATE tenths SET y = y + 1 WHERE id % ($rows / 10) = 17"
fi
for side in source target; do psql_on "$side" bench -c CHECKPOINT; done

printf 'machine    %s cores, %s memory, %s\n' "$(nproc)" "$(awk '/MemTotal/ {printf "%.0f GB", $2 / 1e6}' /proc/meminfo)" "$(uname -sr)"
printf 'versions   %s, %s\n' "$("$PG_BIN/postgres" --version)" "$("$FDWCOPY" --version)"
printf 'servers    both on this machine, %s; rows in memory\n\n' "${settings[*]}"

for ((round = 1; round <= rounds; round++)); do
  if [[ $only != rows ]]; then
    for table in pgbench_accounts mixed; do
      timed "bare hash of $table" bare "$table"
      timed "fdwcopy verify -t $table" verify 0 -t "$table"
    done
  fi
  if [[ $only != hash ]]; then
    timed "fdwcopy verify --level rows" verify 3 -t tenths --level rows
    (($(grep -o 'different (id)' "$WORK/verify.out" | wc -l) == 10)) || die "ten rows should be named: $(cat "$WORK/verify.out")"
    for function in md5 ck; do
      timed "pg_comparator, $function" comparator "$function"
      (($(grep -c '^UPDATE' "$WORK/comparator.out") == 10)) || die "ten rows should be named: $(cat "$WORK/comparator.out")"
    done
  fi
done

printf '\nmedian of %s\n' "$rounds"
if [[ $only != rows ]]; then
  for table in pgbench_accounts mixed; do
    theirs=$(median "bare hash of $table") ours=$(median "fdwcopy verify -t $table")
    printf '%-20s bare %s s, fdwcopy verify %s s: %s times\n' "$table" "$(seconds "$theirs")" "$(seconds "$ours")" "$(ratio "$ours" "$theirs")"
  done
fi
if [[ $only != hash ]]; then
  ours=$(median "fdwcopy verify --level rows")
  for function in md5 ck; do
    theirs=$(median "pg_comparator, $function")
    printf '%-20s pg_comparator, %-3s %s s, fdwcopy verify %s s: %s times as fast\n' "10 of $rows rows" "$function" "$(seconds "$theirs")" "$(seconds "$ours")" "$(ratio "$theirs" "$ours")"
  done
fi
