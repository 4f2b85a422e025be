#!/usr/bin/env bash
# Runs every check of the project: formatting, clippy with warnings as errors, the comparison script's own
# test, and all unit and integration tests. Installs PostgreSQL, a C compiler and Rust where they are missing;
# the integration tests start their own servers.
#
#   scripts/test.sh [--plain-roles] [cargo test argument …]
#
# With --plain-roles fdwcopy is a plain role on both servers in the integration tests (tests/it/plain.rs), and nothing else runs.
# Without it the themes that concern rights most run once more that way at the end, unless cargo test got arguments.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"

case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --plain-roles) PLAIN=1 && shift ;;
esac
# What a plain role could stumble over: every kind of object, owners, the undoing, the resumable modes.
REPRESENTATIVE=(clone:: edges:: kept:: not_copied:: options:: rights:: resume:: roles:: undo:: verify::)
ensure_postgresql
ensure_cc
ensure_rust
cd "$ROOT"
if [[ -n ${PLAIN:-} ]]; then
  say "integration tests with plain roles"
  FDWCOPY_TEST_ROLES=plain exec cargo test --locked --test it -- "$@"
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
  say "integration tests with plain roles"
  FDWCOPY_TEST_ROLES=plain cargo test --locked --test it -- "${REPRESENTATIVE[@]}"
fi
