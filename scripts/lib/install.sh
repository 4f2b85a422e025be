# shellcheck shell=bash
# Installs what a bare Debian machine lacks: PostgreSQL, a C linker, Rust. Needs base.sh. Sourced, never run.
# Installs only what is missing, fails loudly where it cannot, and never starts Debian's own PostgreSQL cluster.
# Absent: downloads from anywhere but the configured Debian mirror and cargo's registry.

as_root() {
  if ((EUID == 0)); then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    die "needs root to run '$*': run it as root, or install sudo"
  fi
}

# apt_get ARGUMENT …: silent, unless it fails.
apt_get() {
  local output
  note "apt-get $*"
  output=$(as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0 "$@" 2>&1 </dev/null) \
    || die "apt-get $* failed:"$'\n'"$(tail -n 20 <<<"$output")"
}

apt_update() {
  command -v apt-get >/dev/null || die "this is not a Debian machine: there is no apt-get; install PostgreSQL, a C compiler and Rust by hand"
  if [[ -z ${APT_UPDATED:-} ]]; then apt_get update; fi
  APT_UPDATED=1
}

apt_install() {
  apt_update
  apt_get install --yes --no-install-recommends "$@"
}

# Debian's server package makes and starts a cluster on port 5432 when it is first installed. A drop-in that
# lives only as long as the installation prevents it and leaves the machine's own configuration alone.
apt_install_without_cluster() {
  local drop_in=/etc/postgresql-common/createcluster.d/fdwcopy.conf
  apt_update
  as_root mkdir -p "${drop_in%/*}"
  echo 'create_main_cluster = false' | as_root tee "$drop_in" >/dev/null
  (apt_install "$@") || {
    as_root rm -f "$drop_in"
    exit 1
  }
  as_root rm -f "$drop_in"
}

has_postgres_fdw() { [[ -f $("$PG_BIN/pg_config" --sharedir)/extension/postgres_fdw.control ]]; }

# Sets PG_BIN, the directory of initdb, postgres, psql, pg_dump and pgbench.
ensure_postgresql() {
  PG_BIN=$(newest_pg_bin)
  if [[ -z $PG_BIN ]]; then
    say "installing PostgreSQL"
    apt_install_without_cluster postgresql postgresql-contrib
    PG_BIN=$(newest_pg_bin)
    [[ -n $PG_BIN ]] || die "PostgreSQL was installed, but there is no initdb below /usr/lib/postgresql"
  fi
  if ! has_postgres_fdw; then
    say "installing PostgreSQL's contrib modules"
    apt_install_without_cluster postgresql-contrib
    has_postgres_fdw || die "postgres_fdw is missing from the PostgreSQL in $PG_BIN: install its contrib package"
  fi
  export PG_BIN
}

# Rust links by way of a C compiler, and the TLS library's build compiles C.
ensure_cc() {
  command -v cc >/dev/null && return
  say "installing a C compiler"
  apt_install gcc libc6-dev
  command -v cc >/dev/null || die "gcc was installed, but there is no cc"
}

# Rust of the account that called sudo counts too: root rarely has its own.
find_cargo() {
  local home
  command -v cargo >/dev/null && return
  for home in "$HOME" ${SUDO_USER:+"$(getent passwd "$SUDO_USER" | cut -d: -f6)"}; do
    if [[ -x $home/.cargo/bin/cargo ]]; then
      export PATH="$home/.cargo/bin:$PATH"
      export CARGO_HOME="${CARGO_HOME:-$home/.cargo}" RUSTUP_HOME="${RUSTUP_HOME:-$home/.rustup}"
      return
    fi
  done
  return 1
}

install_cargo() {
  say "installing Rust"
  apt_update
  if [[ -n $(apt-cache madison rustup 2>/dev/null) ]]; then
    apt_install rustup ca-certificates
    rustup toolchain install stable --profile minimal --component clippy,rustfmt >&2 \
      || die "rustup could not fetch a toolchain: install a Rust toolchain with rustup, then run this again"
  else
    apt_install cargo rustfmt rust-clippy ca-certificates
  fi
}

ensure_rust() {
  local needed found
  find_cargo || install_cargo
  needed=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' "$ROOT/Cargo.toml")
  found=$(cargo --version | cut -d' ' -f2)
  if [[ $(printf '%s\n' "$needed" "$found" | sort -V | head -n 1) != "$needed" ]]; then
    die "Rust $needed or newer is needed, this machine has $found: install a newer toolchain with rustup, then run this again"
  fi
}

# Sets FDWCOPY, the program to run. FDWCOPY_BIN names one that is already built.
build_fdwcopy() {
  if [[ -n ${FDWCOPY_BIN:-} ]]; then
    FDWCOPY=$FDWCOPY_BIN
  else
    ensure_cc
    ensure_rust
    say "building fdwcopy"
    cargo build --release --locked --manifest-path "$ROOT/Cargo.toml" >&2
    FDWCOPY=${CARGO_TARGET_DIR:-$ROOT/target}/release/fdwcopy
  fi
  [[ -x $FDWCOPY ]] || die "there is no program $FDWCOPY"
}
