# shellcheck shell=bash
# Sourced by ./dev: the private PostgreSQL. It listens on a unix socket only, in a folder that only its owner (and root) can enter.

# Sets pg_home, the folder of all it has, and pg_owner, the user who runs it; empty when that is the caller.
pg_place() {
    [[ -z ${pg_home:-} ]] || return 0
    mkdir -p .data
    pg_home=$root/.data/postgres pg_owner=''
    if ((EUID != 0)); then
        [[ ! -e $pg_home || -O $pg_home ]] || fail "$pg_home belongs to $(stat -c %U "$pg_home"): run as that user, or as root"
        [[ -d $pg_home ]] || mkdir -m 700 "$pg_home"
        return
    fi

    # PostgreSQL refuses to run as root, and the user who runs it has to reach the folder.
    local elsewhere
    elsewhere=/var/lib/orleansbilling-$(printf %s "$root" | sha256sum | cut -c 1-12)
    pg_owner=nobody
    ! getent passwd postgres >/dev/null || pg_owner=postgres
    if [[ -d $elsewhere ]] || ! as_user "$pg_owner" test -x "$root/.data"; then
        [[ -d $elsewhere ]] || say "the user $pg_owner cannot enter $root: the database goes to $elsewhere"
        pg_home=$elsewhere
    fi
    [[ -d $pg_home ]] || install -d -m 700 -o "$pg_owner" "$pg_home"
    pg_owner=$(stat -c %U "$pg_home")
}

# as_user USER COMMAND …
as_user() {
    local user=$1
    shift
    setpriv --reuid="$user" --regid="$(id -g "$user")" --init-groups -- "$@" 9>&-
}

# Runs a command as the database's owner, in a folder it can enter.
as_pg() {
    pg_place
    (
        cd "$pg_home" || exit
        if [[ -n $pg_owner ]]; then
            as_user "$pg_owner" "$@"
        else
            "$@" 9>&-
        fi
    )
}

# Whether a server runs on the data folder. The file alone proves nothing: after a crash its process id may be another's.
pg_running() {
    pg_place
    local pid
    [[ -r $pg_home/data/postmaster.pid ]] || return 1
    read -r pid <"$pg_home/data/postmaster.pid"
    [[ $(readlink "/proc/$pid/cwd") == "$(readlink -f "$pg_home/data")" ]]
}

# Removes what a killed server left, which a new one would take for a living one's where the process id is in use again. Only once
# none of its processes is left: they might still write.
pg_bury() {
    local left
    for _ in {1..50}; do
        left=$(processes_with cwd "$(readlink -f "$pg_home/data")")
        [[ -n $left ]] || break
        sleep 0.2
    done
    [[ -z $left ]] || fail "processes of a killed PostgreSQL still use $pg_home/data: kill $left"
    rm -f "$pg_home/data/postmaster.pid" "$pg_home/socket/.s.PGSQL.5432.lock"
}

pg_socket() { sed -n 5p "$pg_home/data/postmaster.pid"; }

pg_connection_string() { echo "Host=$(pg_socket);Username=billing;Database=billing"; }

pg_start() {
    pg_place
    ! pg_running || return 0
    if [[ ! -f $pg_home/data/PG_VERSION ]]; then
        pg_init
    elif [[ $(<"$pg_home/data/PG_VERSION") != "$pg_version" ]]; then
        find_postgres "$(<"$pg_home/data/PG_VERSION")" \
            || fail "the private database was made by PostgreSQL $(<"$pg_home/data/PG_VERSION"), which is not here: install it, or move $pg_home/data away"
    fi

    pg_settings | as_pg tee data/billing.conf >/dev/null
    pg_bury
    if ! as_pg "$pg_bin/pg_ctl" start -D "$pg_home/data" -l "$pg_home/log" -w -t 300 -s; then
        tail -n 20 "$pg_home/log" >&2
        fail "the private PostgreSQL did not start (its last words are above; all are in $pg_home/log)"
    fi

    local exists
    exists=$(as_pg "$pg_bin/psql" -h "$(pg_socket)" -U billing -d postgres -Atc "SELECT 1 FROM pg_database WHERE datname = 'billing'")
    [[ -n $exists ]] || as_pg "$pg_bin/createdb" -h "$(pg_socket)" -U billing billing
}

# The script's last act, by trap: keeps the exit code.
pg_stop() {
    local code=$? socket
    trap '' INT TERM HUP
    if pg_running; then
        socket=$(pg_socket)
        as_pg "$pg_bin/pg_ctl" stop -D "$pg_home/data" -m fast -w -t 120 -s || true
        [[ $socket != /tmp/orleansbilling.* ]] || rmdir "$socket" || true
    fi
    exit "$code"
}

# Made under another name first, so that an interrupted initdb leaves nothing that looks whole.
pg_init() {
    say "creating the private PostgreSQL $pg_version in $pg_home"
    as_pg rm -rf new
    as_pg "$pg_bin/initdb" -D "$pg_home/new" -U billing --auth=trust --encoding=UTF8 --locale=C --data-checksums --no-instructions >/dev/null
    as_pg sh -c "echo \"include 'billing.conf'\" >>new/postgresql.conf && mv new data"
}

# Written at every start, so that a later release's settings reach an older cluster.
pg_settings() {
    local socket=$pg_home/socket
    # A socket's path has at most 107 bytes, and a connection string has its own meaning for some characters.
    if ((${#socket} > 90)) || [[ $socket == *[!A-Za-z0-9/._-]* ]]; then
        socket=$(as_pg mktemp -d /tmp/orleansbilling.XXXXXX)
    else
        as_pg mkdir -p socket
    fi
    cat <<TEXT
# Written by ./dev at every start.
listen_addresses = ''
unix_socket_directories = '$socket'
unix_socket_permissions = 0700
shared_buffers = 256MB
max_wal_size = 2GB
min_wal_size = 512MB
fsync = on
synchronous_commit = on
full_page_writes = on
TEXT
}
