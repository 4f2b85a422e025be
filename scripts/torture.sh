#!/usr/bin/env bash
# Plays every kind of fault at many moments of a run, on throw-away servers: signals, lost and cancelled sessions, crashes
# of both servers, networks that are cut, silent or swallow packets, a full disk, tables locked, dropped or altered
# meanwhile. After each: the exit code and the message are right, nothing of the run is left on either side, and the next
# run works. Prints a line for each: fault, moment, exit code, what became of the run, what was left, time until clean.
#
#   sudo scripts/torture.sh [--only WORD[,WORD …]] [--random N] [--seed N] [--threads N] [--consistency MODE]
#
#   --only WORDS         only faults whose name contains one of the words ("signal KILL", "network", "crash" …)
#   --random N           random moments for each fault, beside the ten exact ones (default 4)
#   --seed N             the same random moments as in an earlier run, which has printed it
#   --threads N          so many pairs of servers at once (default 2)
#   --consistency MODE   snapshot (default), lock or none; the last two are taken up again with --resume
#
# Needs root: small file systems and addresses that can be cut off live in namespaces that end with the script.
# Exit status 0 if every line is good, 1 otherwise.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"

only=all random=4 seed='' threads=2 consistency=snapshot
while (($# > 0)); do
  case $1 in
    -h | --help) usage && exit 0 ;;
    --only | --random | --seed | --threads | --consistency) printf -v "${1#--}" %s "${2:?$1 needs a value}" && shift ;;
    *) die "unknown option $1: see $0 --help" ;;
  esac
  shift
done
[[ $random =~ ^[0-9]+$ && $threads =~ ^[1-9]$ && $seed =~ ^[0-9]*$ ]] || die "--random, --seed and --threads take numbers"
((EUID == 0)) || die "has to be run as root: it mounts small file systems and cuts networks, in namespaces of its own"

# What runs inside the namespaces: addresses 10.99.N.2 and .3 are this machine's, and a rule with a preference below 10
# can swallow what goes there.
in_namespaces() {
  local grounds=$1 thread last
  ip link set lo up
  ip rule add pref 10 lookup local
  ip rule del pref 0
  for ((thread = 0; thread < threads; thread++)); do
    for last in 2 3; do ip address add "10.99.$thread.$last/32" dev lo; done
    mkdir "$grounds/$thread"
    mount -t tmpfs -o "size=40m,mode=777" tmpfs "$grounds/$thread"
  done
  FDWCOPY_TORTURE=$only FDWCOPY_TORTURE_GROUNDS=$grounds FDWCOPY_TORTURE_RANDOM=$random FDWCOPY_TORTURE_SEED=$seed \
    FDWCOPY_TORTURE_THREADS=$threads FDWCOPY_TORTURE_CONSISTENCY=$consistency RUST_BACKTRACE=0 \
    "$2" --exact faults::matrix::the_matrix_holds --nocapture
}

# The test program, built; cargo names it last.
build_tests() {
  local built
  built=$(cargo test --locked --manifest-path "$ROOT/Cargo.toml" --test it --no-run 2>&1) || die "the tests could not be built: $built"
  sed -n 's/^ *Executable .* (\(.*\))$/\1/p' <<<"$built"
}

ensure_postgresql
ensure_cc
ensure_rust
command -v ip >/dev/null || apt_install iproute2
command -v unshare >/dev/null || apt_install util-linux
cd "$ROOT"
say "building"
program=$(build_tests)
grounds=$(mktemp -d "${TMPDIR:-/tmp}/fdwcopy-torture.XXXXXX")
chmod 1777 "$grounds"
child=
finish() {
  local status=$?
  trap - EXIT
  if [[ -n $child ]]; then kill "$child" 2>/dev/null && wait "$child" || true; fi
  rm -rf --one-file-system "$grounds"
  exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
say "faults: $only; consistency: $consistency"
export -f in_namespaces
export only random seed threads consistency
unshare --mount --net --pid --fork --kill-child --mount-proc bash -euc 'in_namespaces "$@"' bash "$grounds" "$program" &
child=$!
# In the background, so that a signal is heeded at once.
status=0
wait "$child" || status=$?
child=
exit "$status"
