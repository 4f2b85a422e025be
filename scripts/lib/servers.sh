# shellcheck shell=bash
# Two throw-away PostgreSQL servers, source and target, in one directory of their own. Needs base.sh and PG_BIN
# (ensure_postgresql). Sourced, never run.
# Both ask for a password (SCRAM) over TCP on 127.0.0.1, because that is how the target has to reach the source.
# Whatever way a script ends, the servers are stopped and the directory is removed, unless keep_servers was called.
# Absent: any server or file that these functions did not create.

declare -A PORT=()
WORK=
KEEP=

# start_servers NAME [setting=value …]: the settings hold for both.
start_servers() {
  local name=$1 side password
  shift
  if ((EUID == 0)) && ! getent passwd postgres >/dev/null; then
    die "PostgreSQL refuses to run as root and there is no user postgres: run this as another user"
  fi
  trap stop_servers EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM HUP
  WORK=$(mktemp -d "${TMPDIR:-/tmp}/fdwcopy-$name.XXXXXX")
  chmod 711 "$WORK"
  password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  export PGPASSFILE=$WORK/passfile
  (umask 077 && echo "127.0.0.1:*:*:postgres:$password" >"$PGPASSFILE")
  for side in source target; do
    make_cluster "$side" "$password" "$@"
    start_cluster "$side"
  done
  note "PostgreSQL $("$PG_BIN/postgres" --version | cut -d' ' -f3): source on port ${PORT[source]}, target on port ${PORT[target]}, in $WORK"
}

# Away from the current directory, which that user may not be allowed to enter.
as_server_user() (
  cd /
  if ((EUID == 0)); then
    exec runuser -u postgres -- "$@"
  fi
  exec "$@"
)

make_cluster() {
  local dir=$WORK/$1 password=$2 setting
  shift 2
  mkdir -m 700 "$dir"
  (umask 077 && echo "$password" >"$dir/password")
  if ((EUID == 0)); then chown -R postgres: "$dir"; fi
  as_server_user "$PG_BIN/initdb" --pgdata="$dir/data" --username=postgres --pwfile="$dir/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 --no-sync >"$WORK/initdb.log" 2>&1 \
    || die "initdb failed: $(cat "$WORK/initdb.log")"
  rm "$dir/password"
  {
    printf "%s = '%s'\n" listen_addresses 127.0.0.1 unix_socket_directories "$dir"
    for setting in "$@"; do printf "%s = '%s'\n" "${setting%%=*}" "${setting#*=}"; done
  } >>"$dir/data/postgresql.conf"
}

# A free port can be taken by somebody else before the server has it: hence the attempts.
start_cluster() {
  local dir=$WORK/$1 attempt port
  for attempt in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 12000))
    if (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then continue; fi
    if as_server_user "$PG_BIN/pg_ctl" start --wait --pgdata="$dir/data" --log="$dir/log" \
      --options="-p $port" </dev/null >/dev/null 2>&1; then
      PORT[$1]=$port
      return
    fi
  done
  die "the $1 server did not start in $attempt attempts: $(tail -n 20 "$dir/log" 2>/dev/null)"
}

stop_servers() {
  local status=$? side
  trap - EXIT
  if [[ -n $WORK && -z $KEEP ]]; then
    for side in source target; do
      if [[ -f $WORK/$side/data/postmaster.pid ]]; then
        as_server_user "$PG_BIN/pg_ctl" stop --wait --mode=immediate --pgdata="$WORK/$side/data" >/dev/null \
          || printf 'could not stop the %s server in %s\n' "$side" "$WORK" >&2
      fi
    done
    rm -rf "$WORK"
  fi
  exit "$status"
}

# Leaves the servers running when the script ends, with a script in their directory that stops and removes them.
keep_servers() {
  KEEP=1
  {
    echo '#!/bin/sh'
    echo 'cd /'
    for side in source target; do
      echo "$( ((EUID == 0)) && echo 'runuser -u postgres -- ')$PG_BIN/pg_ctl stop --mode=fast --pgdata='$WORK/$side/data'"
    done
    echo "rm -rf '$WORK'"
  } >"$WORK/stop"
  chmod 755 "$WORK/stop"
}

# conninfo SIDE DATABASE: without the password, which PGPASSFILE holds.
conninfo() { echo "host=127.0.0.1 port=${PORT[$1]} user=postgres dbname=$2"; }

# psql_on SIDE DATABASE [psql options …]
psql_on() {
  local side=$1 database=$2
  shift 2
  "$PG_BIN/psql" -X -q -v ON_ERROR_STOP=1 -d "$(conninfo "$side" "$database")" "$@"
}

create_database() { psql_on "$1" postgres -c "CREATE DATABASE $2 TEMPLATE ${3:-template0}"; }

drop_database() { psql_on "$1" postgres -c "DROP DATABASE $2"; }
