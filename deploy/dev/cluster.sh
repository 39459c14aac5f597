# shellcheck shell=bash
# Sourced by ./dev: several processes on this machine, to be killed, frozen and drained. Processes are numbered from 1: the silos first,
# where there is Microsoft Orleans, then the hosts that HAProxy leads to.

cluster_dir=.data/cluster
silo_dll=Silo/bin/Release/net10.0/OrleansBilling.Silo.dll

cluster() {
    local what=${1:-start}
    case $what in
        start) cluster_start ;;
        status) cluster_status ;;
        kill) cluster_signal KILL "${2:-}" ;;
        freeze) cluster_signal STOP "${2:-}" ;;
        thaw) cluster_signal CONT "${2:-}" ;;
        drain) cluster_drain "${2:-}" ;;
        restart) cluster_restart "${@:2}" ;;
        *) fail "./dev cluster start | status | kill N | freeze N | thaw N | drain N | restart [N …], not '$what'" ;;
    esac
}

cluster_start() {
    need_command haproxy haproxy
    need_postgres
    need_argon2
    open_database cluster alone
    say "building"
    build ApiHost
    local port=${PORT:-8080} number=0 nodes=() i
    cluster_files=$cluster_dir
    rm -rf "$cluster_dir"
    mkdir -p "$cluster_dir"
    export Billing__DataFolder=${Billing__DataFolder:-$root/.data/host} Billing__Shared=true
    trap 'cluster_stop; pg_stop' EXIT
    trap 'exit 130' INT TERM HUP
    if [[ $Orleans == true ]]; then
        build Silo
        for i in 1 2 3; do
            number=$((number + 1))
            Cluster__SiloPort=$((port + 3000 + i)) Cluster__GatewayPort=$((port + 4000 + i)) \
                cluster_run "$number" silo "127.0.0.1:$((port + 100 + i))" "$silo_dll"
            # The first one makes the schemas.
            ((i > 1)) || cluster_wait "$number"
        done
        export Billing__Engine=orleans
        for i in 1 2; do
            number=$((number + 1))
            cluster_run "$number" front "127.0.0.1:$((port + i))" "$host_dll"
            ((i > 1)) || cluster_wait "$number"
            nodes+=("127.0.0.1:$((port + i))")
        done
        # HAProxy's third place stays empty.
        nodes+=("127.0.0.1:$((port + 3))")
    else
        for i in 1 2 3; do
            number=$((number + 1))
            cluster_run "$number" node "127.0.0.1:$((port + i))" "$host_dll"
            ((i > 1)) || cluster_wait "$number"
            nodes+=("127.0.0.1:$((port + i))")
        done
    fi

    for ((i = 1; i <= number; i++)); do
        cluster_wait "$i"
    done
    LISTEN=127.0.0.1:$port NODE1=${nodes[0]} NODE2=${nodes[1]} NODE3=${nodes[2]} ADMIN_SOCKET=ipv4@127.0.0.1:$((port + 99)) \
        haproxy -q -f deploy/haproxy.cfg 9>&- &
    echo $! >"$cluster_dir/haproxy.pid"
    echo "$((port + 99))" >"$cluster_dir/haproxy.admin"
    cluster_status
    { grep -hoE '^ +[a-z]+_admin_[0-9A-Za-z_]+' "$cluster_dir"/*.log || true; } | sed 's/^ */the first admin key, shown this once: /'
    say "HAProxy listens on http://127.0.0.1:$port; stop all with Ctrl-C"
    wait "$(<"$cluster_dir/haproxy.pid")"
}

# cluster_run NUMBER KIND ADDRESS DLL
cluster_run() {
    local setting
    echo "$2 $3 $4" >"$cluster_dir/$1.what"
    # What it is started with again; among the settings may be secrets.
    (
        umask 077
        for setting in "${!Billing__@}" "${!Cluster__@}"; do
            printf 'export %s=%q\n' "$setting" "${!setting}"
        done >"$cluster_dir/$1.settings"
    )
    cluster_launch "$1"
}

# Starts the process of a number with the settings that it was first started with.
cluster_launch() {
    local address dll
    read -r _ address dll <"$cluster_dir/$1.what"
    (
        # shellcheck source=/dev/null
        . "$cluster_dir/$1.settings"
        exec dotnet "$root/$dll" --urls="http://$address"
    ) </dev/null >>"$cluster_dir/$1.log" 2>&1 9>&- &
    echo "$!" >"$cluster_dir/$1.pid"
}

# Whether a process runs or stands still; one that has ended and was not yet waited for does not.
cluster_alive() {
    local state
    state=$(ps -o stat= -p "$1" 2>/dev/null) && [[ $state != Z* ]]
}

cluster_wait() {
    local address
    read -r _ address _ <"$cluster_dir/$1.what"
    for _ in {1..300}; do
        ! cluster_ready "$address" || return 0
        cluster_alive "$(<"$cluster_dir/$1.pid")" || break
        sleep 0.2
    done
    tail -n 20 "$cluster_dir/$1.log" >&2
    fail "process $1 did not become ready (its last words are above)"
}

# Whether a process answers its readiness within a second.
cluster_ready() {
    local status=''
    {
        exec 4<>"/dev/tcp/${1%:*}/${1#*:}" && printf 'GET /health/ready HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n' >&4 \
            && IFS= read -r -t 1 status <&4
        exec 4>&-
    } 2>/dev/null || return 1
    [[ $status == *" 200 "* ]]
}

cluster_status() {
    local file number kind address pid state
    compgen -G "$cluster_dir/*.what" >/dev/null || fail "no cluster runs here; start one with ./dev cluster"
    for file in "$cluster_dir"/*.what; do
        number=$(basename "$file" .what)
        read -r kind address _ <"$file"
        pid=$(<"$cluster_dir/$number.pid")
        state=gone
        if [[ $(ps -o stat= -p "$pid" 2>/dev/null) == T* ]]; then
            state=frozen
        elif cluster_alive "$pid"; then
            state='not ready'
            ! cluster_ready "$address" || state=ready
        fi
        printf '%s  %-6s %-16s pid %-8s %s\n' "$number" "$kind" "$address" "$pid" "$state"
    done
}

cluster_pid() {
    [[ -n $1 && -r $cluster_dir/$1.pid ]] || fail "which process? one of the numbers of ./dev cluster status"
    cat "$cluster_dir/$1.pid"
}

cluster_signal() {
    local pid
    pid=$(cluster_pid "$2")
    kill "-$1" "$pid" || fail "process $2 is gone"
    say "sent SIG$1 to process $2 (pid $pid)"
}

# HAProxy sends it nothing new, what it has is finished, then it is told to end.
cluster_drain() {
    local pid kind
    pid=$(cluster_pid "$1")
    read -r kind _ <"$cluster_dir/$1.what"
    [[ $(ps -o stat= -p "$pid" 2>/dev/null) != T* ]] || fail "process $1 stands still and can finish nothing; first: ./dev cluster thaw $1"
    cluster_balance "$1" drain
    kill -TERM "$pid" || fail "process $1 is gone"
    while cluster_alive "$pid"; do
        sleep 0.1
    done
    say "process $1 ($kind) has finished what it had and ended"
}

# All of them, or the numbers named, one after another: drained if it runs, started, and sent requests again before the next one.
cluster_restart() {
    local number pid numbers=("$@")
    if ((${#numbers[@]} == 0)); then
        compgen -G "$cluster_dir/*.what" >/dev/null || fail "no cluster runs here; start one with ./dev cluster"
        mapfile -t numbers < <(basename -s .what "$cluster_dir"/*.what | sort -n)
    fi
    for number in "${numbers[@]}"; do
        pid=$(cluster_pid "$number")
        ! cluster_alive "$pid" || cluster_drain "$number"
        cluster_launch "$number"
        cluster_wait "$number"
        cluster_balance "$number" ready
        say "process $number is back"
    done
}

# cluster_balance NUMBER drain|ready: has HAProxy send a host nothing new, or requests again once it is up, and waits for that.
cluster_balance() {
    local kind address admin name line fields
    read -r kind address _ <"$cluster_dir/$1.what"
    [[ $kind != silo ]] || return 0
    admin=$(<"$cluster_dir/haproxy.admin")
    name=node$((10#${address##*:} - admin + 99))
    # While a host ends, HAProxy is not to look whether it is up: at one that is down it cuts off what is under way.
    local checks=enable
    [[ $2 == ready ]] || checks=disable
    cluster_haproxy "$admin" "$checks health by_account/$name; set server by_account/$name state $2; set server anywhere/$name state $2" >/dev/null
    [[ $2 == ready ]] || return 0
    for _ in {1..100}; do
        line=$(cluster_haproxy "$admin" 'show stat' | grep "^by_account,$name,")
        IFS=, read -ra fields <<<"$line"
        [[ ${fields[17]} != UP ]] || return 0
        sleep 0.1
    done
    fail "HAProxy does not find process $1 up: ${fields[17]}"
}

# cluster_haproxy PORT COMMANDS
cluster_haproxy() {
    exec 4<>"/dev/tcp/127.0.0.1/$1"
    printf '%s\n' "$2" >&4
    cat <&4
    exec 4>&-
}

# Ends what was started here; frozen ones too.
cluster_stop() {
    local file pid
    for file in "$cluster_files"/*.pid; do
        pid=$(<"$file")
        kill -CONT "$pid" 2>/dev/null || true
        kill -TERM "$pid" 2>/dev/null || true
    done
    wait || true
    # Those that were restarted are no children of this script.
    for file in "$cluster_files"/*.pid; do
        pid=$(<"$file")
        while cluster_alive "$pid"; do
            sleep 0.1
        done
    done
    rm -rf "$cluster_files"
}
