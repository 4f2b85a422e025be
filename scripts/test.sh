#!/usr/bin/env bash
# Runs every check of the project: formatting, clippy with warnings as errors, the comparison script's own
# test, and all unit and integration tests. Installs PostgreSQL, a C compiler and Rust where they are missing;
# the integration tests start their own servers.
#
#   scripts/test.sh [cargo test argument …]

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"

case ${1:-} in
  -h | --help) usage && exit 0 ;;
esac
ensure_postgresql
ensure_cc
ensure_rust
cd "$ROOT"

say "formatting"
cargo fmt --check
say "clippy"
cargo clippy --locked --all-targets -- -D warnings
say "the comparison of two databases"
scripts/compare-test.sh
say "unit and integration tests"
cargo test --locked "$@"
