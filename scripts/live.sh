#!/usr/bin/env bash
# Clones a source that pgbench writes to without pause, again and again, and proves each copy by pgbench's own
# invariant: the sums of accounts, tellers, branches and history are equal.
#
#   scripts/live.sh [--clones N] [--clients N] [--scale N] [-- FDWCOPY OPTION …]
#
#   --clones N    how many clones (default 20)
#   --clients N   clients of pgbench, with its TPC-B transactions (default 4)
#   --scale N     pgbench's scale: 100,000 accounts, about 15 MB, each (default 2)
#
# Prints a line for each clone: tries until all workers agreed, whether SHARE locks were needed, the window of
# pinning, the writers' transactions per second and the slowest one meanwhile. Exit status 1 if a copy is inexact.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/servers.sh
source "$here/lib/servers.sh"

clones=20
clients=4
scale=2
clone_options=()
while (($# > 0)); do
  case $1 in
    --clones) clones=${2:?--clones needs a number} && shift ;;
    --clients) clients=${2:?--clients needs a number} && shift ;;
    --scale) scale=${2:?--scale needs a number} && shift ;;
    --) shift && clone_options=("$@") && break ;;
    -h | --help) usage && exit 0 ;;
    *) die "unknown option $1: see $0 --help" ;;
  esac
  shift
done
[[ $clones =~ ^[1-9][0-9]*$ && $clients =~ ^[1-9][0-9]*$ && $scale =~ ^[1-9][0-9]*$ ]] \
  || die "clones, clients and scale have to be numbers above zero"

# fact NAME: of the consistency that the last report tells.
fact() { sed -n '/"consistency"/,/}/ s/^.*"'"$1"'": \([^,]*\),\{0,1\}$/\1/p' "$WORK/report"; }

# The four sums on the target on one line; "equal" if they are.
sums() {
  psql_on target live -At -F ' ' -c "SELECT CASE WHEN a = t AND t = b AND b = h THEN 'equal' ELSE 'DIFFERENT' END, a, t, b, h
    FROM (SELECT (SELECT sum(abalance) FROM pgbench_accounts) AS a, (SELECT sum(tbalance) FROM pgbench_tellers) AS t,
                 (SELECT sum(bbalance) FROM pgbench_branches) AS b, (SELECT coalesce(sum(delta), 0) FROM pgbench_history) AS h) AS sums"
}

# writers FROM TO, microseconds: their transactions per second and the slowest of them in milliseconds.
writers() {
  cat "$WORK"/latency.* | awk -v from="$1" -v to="$2" '
    { ended = $5 * 1000000 + $6 }
    ended >= from && ended <= to { count++; if ($3 > slowest) slowest = $3 }
    END { printf "%10.0f %12.1f\n", count * 1000000 / (to - from), slowest / 1000 }'
}

ensure_postgresql
build_fdwcopy
start_servers live
say "making the source: pgbench -i -s $scale"
create_database source live
"$PG_BIN/pgbench" -i -q -s "$scale" "$(conninfo source live)" >"$WORK/pgbench.log" 2>&1 || die "pgbench failed: $(cat "$WORK/pgbench.log")"

say "$clients clients write without pause"
"$PG_BIN/pgbench" -n -c "$clients" -j 2 -T 86400 --log --log-prefix="$WORK/latency" "$(conninfo source live)" >"$WORK/pgbench.log" 2>&1 &
pgbench=$!
begun=$(now)
sleep 6
undisturbed=$(now)

inexact=0
exact=0
lines=()
for ((i = 1; i <= clones; i++)); do
  psql_on target postgres -c 'DROP DATABASE IF EXISTS live' -c 'CREATE DATABASE live TEMPLATE template0' 2>/dev/null
  from=$(now)
  "$FDWCOPY" clone -s "$(conninfo source live)" -d "$(conninfo target live)" --progress none --json "${clone_options[@]}" \
    >"$WORK/report" 2>"$WORK/fdwcopy.log" || die "clone $i failed with status $?: $(cat "$WORK/fdwcopy.log")"
  to=$(now)
  kill -0 "$pgbench" 2>/dev/null || die "pgbench ended: $(cat "$WORK/pgbench.log")"
  read -r verdict balances < <(sums)
  if [[ $verdict == equal ]]; then exact=$((exact + 1)); else inexact=$((inexact + 1)); fi
  lines+=("$i $from $to $(fact attempts) $(fact locked) $(fact window_ms) $verdict")
  note "clone $i: $(fact attempts) tries, locked $(fact locked), $verdict ($balances)"
done
deadlocks=$(psql_on source live -At -c "SELECT deadlocks FROM pg_stat_database WHERE datname = 'live'")
# pgbench writes its log in blocks.
sleep 1
kill "$pgbench"
wait "$pgbench" 2>/dev/null || true

printf 'writers    %s clients of pgbench, scale %s; %s\n' "$clients" "$scale" "$("$PG_BIN/postgres" --version)"
read -r rate slowest < <(writers $((begun + 1000000)) "$undisturbed")
printf 'before     %s transactions a second, the slowest took %s ms\n' "$rate" "$slowest"
printf '\n%5s %8s %6s %7s %10s %10s %12s  %s\n' clone seconds tries locked "window ms" "writers/s" "slowest ms" sums
for line in "${lines[@]}"; do
  read -r i from to tries locked window verdict <<<"$line"
  printf '%5s %8s %6s %7s %10s %s  %s\n' "$i" "$(seconds $((to - from)))" "$tries" "$locked" "$window" "$(writers "$from" "$to")" "$verdict"
done
printf '\n%s of %s clones are exact; %s deadlocks on the source\n' "$exact" "$clones" "$deadlocks"
((inexact == 0))
