#!/usr/bin/env bash
# Runs a command in a copy of this project on a bare Debian machine, to show that it needs nothing else: a fresh
# minimal Debian (debootstrap, chroot) with this machine's Rust toolchain and crates, but without PostgreSQL and
# without a compiler for C.
#
#   sudo scripts/bare-machine.sh [--keep] COMMAND [ARGUMENT …]
#   sudo scripts/bare-machine.sh ./scripts/demo.sh
#   sudo scripts/bare-machine.sh ./scripts/test.sh
#
#   --keep          leave the machine's directory for a look; the command's processes and mounts are gone all the same
#   SUITE=bookworm  which Debian
#   MIRROR=URL      from where (default: where this machine's apt takes its packages from)
#
# The command runs in namespaces of its own: when it ends, however it ends, its processes and mounts end too.
# Exit status: the command's.

here=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=scripts/lib/base.sh
source "$here/lib/base.sh"
# shellcheck source=scripts/lib/install.sh
source "$here/lib/install.sh"

suite=${SUITE:-bookworm}
mirror=${MIRROR:-$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)}
keep=
case ${1:-} in
  -h | --help) usage && exit 0 ;;
  --keep) keep=1 && shift ;;
esac
(($# > 0)) || die "which command? See $0 --help"
((EUID == 0)) || die "has to be run as root: it makes a chroot"

machine=
remove_machine() {
  local status=$?
  if [[ -n $machine && -z $keep ]]; then rm -rf --one-file-system "$machine"; fi
  exit "$status"
}

install_debian() {
  command -v debootstrap >/dev/null || apt_install debootstrap
  debootstrap --variant=minbase --include=ca-certificates "$suite" "$machine" "$mirror" >"$machine.log" 2>&1 \
    || die "debootstrap failed: $(tail -n 5 "$machine.log")"
  rm -f "$machine.log"
  cp /etc/resolv.conf /etc/hosts "$machine/etc/"
}

# Only what git knows or would take: no build of this machine reaches the other one.
copy_project() {
  mkdir -p "$machine/project"
  (cd "$ROOT" && git -c safe.directory='*' ls-files -z --cached --others --exclude-standard | tar -c --null --files-from=-) \
    | tar -x -C "$machine/project"
}

copy_rust() {
  local toolchain
  find_cargo || die "there is no Rust on this machine to take along"
  toolchain=$(cd "$ROOT" && rustc --print sysroot)
  mkdir -p "$machine/opt/rust" "$machine/root/.cargo"
  cp -a "$toolchain/." "$machine/opt/rust/"
  if [[ -d ${CARGO_HOME:-$HOME/.cargo}/registry ]]; then
    cp -a "${CARGO_HOME:-$HOME/.cargo}/registry" "$machine/root/.cargo/"
  fi
}

trap remove_machine EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
machine=$(mktemp -d "${TMPDIR:-/tmp}/bare-$suite.XXXXXX")
chmod 755 "$machine"
say "making a bare Debian $suite in $machine"
install_debian
copy_project
copy_rust
note "on it: $(chroot "$machine" sh -c 'command -v psql initdb cc git python3 || echo "no psql, no initdb, no cc, no git, no python3"')"

say "running there: $*"
# shellcheck disable=SC2016 # the inner shell expands these
unshare --mount --pid --fork --kill-child sh -c '
  set -e
  machine=$1 && shift
  mount -t proc proc "$machine/proc"
  mkdir -p "$machine/dev/shm" "$machine/dev/pts"
  mount -t tmpfs -o mode=1777 tmpfs "$machine/dev/shm"
  mount -t devpts -o ptmxmode=0666 devpts "$machine/dev/pts" || true
  exec chroot "$machine" env -i HOME=/root TERM="${TERM:-dumb}" CI="${CI:-}" \
    PATH=/opt/rust/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    sh -c "cd /project && exec \"\$@\"" sh "$@"
' sh "$machine" "$@"
