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
        *) fail "./dev cluster start | status | kill N | freeze N | thaw N | drain N, not '$what'" ;;
    esac
}

cluster_start() {
    need_command haproxy haproxy
    need_postgres
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
    dotnet "$root/$4" --urls="http://$3" </dev/null >"$cluster_dir/$1.log" 2>&1 9>&- &
    echo "$!" >"$cluster_dir/$1.pid"
    echo "$2 $3" >"$cluster_dir/$1.what"
}

cluster_wait() {
    local address
    read -r _ address <"$cluster_dir/$1.what"
    for _ in {1..300}; do
        ! cluster_ready "$address" || return 0
        kill -0 "$(<"$cluster_dir/$1.pid")" 2>/dev/null || break
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
        read -r kind address <"$file"
        pid=$(<"$cluster_dir/$number.pid")
        state=gone
        if [[ $(ps -o stat= -p "$pid" 2>/dev/null) == T* ]]; then
            state=frozen
        elif kill -0 "$pid" 2>/dev/null; then
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

# HAProxy sends it no new account, what it has is finished, then it is told to end.
cluster_drain() {
    local pid kind address name port
    pid=$(cluster_pid "$1")
    read -r kind address <"$cluster_dir/$1.what"
    if [[ $kind != silo ]]; then
        port=$(<"$cluster_dir/haproxy.admin")
        name=node$((10#${address##*:} - port + 99))
        exec 4<>"/dev/tcp/127.0.0.1/$port"
        printf 'set server by_account/%s state drain; set server anywhere/%s state drain\n' "$name" "$name" >&4
        cat <&4 >/dev/null
        exec 4>&-
    fi
    kill -TERM "$pid" || fail "process $1 is gone"
    while kill -0 "$pid" 2>/dev/null; do
        sleep 0.1
    done
    say "process $1 ($kind) has finished what it had and ended"
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
    rm -rf "$cluster_files"
}
