#!/usr/bin/env bash
# Runs every check of the project: formatting, clippy with warnings as errors, the comparison script's own
# test, all unit and integration tests, and the most telling of the latter once more with plain roles. Installs
# PostgreSQL, a C compiler and Rust where they are missing; the integration tests start their own servers.
#
#   scripts/test.sh [--plain-roles] [cargo test argument …]
#
# With --plain-roles fdwcopy is a plain role on both servers in all integration tests (tests/it/plain.rs), and nothing else runs.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"

case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --plain-roles) PLAIN=1 && shift ;;
esac
ensure_postgresql
ensure_cc
ensure_rust
cd "$ROOT"

as_plain_roles() {
  say "integration tests with plain roles"
  FDWCOPY_TEST_ROLES=plain cargo test --locked --test it -- "$@"
}

if [[ -n ${PLAIN:-} ]]; then
  as_plain_roles "$@"
  exit
fi

say "formatting"
cargo fmt --check
say "clippy"
cargo clippy --locked --all-targets -- -D warnings
say "the comparison of two databases"
scripts/compare-test.sh
say "unit and integration tests"
cargo test --locked "$@"
if (($# == 0)); then
  as_plain_roles clone:: edges:: kept:: not_copied options:: rights:: roles:: undo:: verify::
fi
