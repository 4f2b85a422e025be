# shellcheck shell=bash
# Places and words that every script here needs. Sourced, never run.
# What it says goes to standard error, so that standard output is a script's result and nothing else.
# Absent: anything that installs (install.sh) or starts (servers.sh).

set -euo pipefail
export LC_ALL=C.UTF-8

# shellcheck disable=SC2034 # read by the scripts that source this
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

say() { printf '\n== %s\n' "$*" >&2; }

note() { printf '   %s\n' "$*" >&2; }

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}

# The header comment of a script is its help text.
usage() { sed -n '2,/^$/ s/^# \{0,1\}//p' "$0"; }

# Microseconds since the epoch: an integer, so that bash can subtract.
now() { echo "${EPOCHREALTIME/[^0-9]/}"; }

# 12345678 microseconds -> 12.35
seconds() { printf '%d.%02d' $(($1 / 1000000)) $(($1 % 1000000 / 10000)); }

# Prints the directory of the newest PostgreSQL server programs, or nothing. PG_BIN overrides the search.
newest_pg_bin() {
  local initdb
  for initdb in ${PG_BIN:+"$PG_BIN/initdb"} \
    $(printf '%s\n' /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb /usr/local/pgsql/bin/initdb | sort -rV) \
    "$(command -v initdb || true)"; do
    if [[ -x $initdb ]]; then
      dirname "$initdb"
      return
    fi
  done
}
