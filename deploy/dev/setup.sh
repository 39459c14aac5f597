# shellcheck shell=bash
# Sourced by ./dev: messages, and finding or installing what a command needs.

if [[ -t 1 ]]; then
    bold=$(printf '\033[1m') red=$(printf '\033[31m') green=$(printf '\033[32m') plain=$(printf '\033[0m')
else
    bold='' red='' green='' plain=''
fi

say() { printf '%s▸ %s%s\n' "$bold" "$*" "$plain"; }

fail() {
    printf '%s./dev: %s%s\n' "$red" "$*" "$plain" >&2
    exit 1
}

# processes_with LINK TARGET: the other processes whose /proc/…/LINK leads to a file or folder.
processes_with() {
    { find /proc/[0-9]*/"$1" -maxdepth 0 -lname "$2" 2>/dev/null || true; } | cut -d/ -f3 | { grep -vx -e $$ -e $BASHPID || true; } | xargs
}

need_dotnet() {
    if ! command -v dotnet >/dev/null && [[ -x $HOME/.dotnet/dotnet ]]; then
        export PATH=$HOME/.dotnet:$PATH
    fi
    command -v dotnet >/dev/null \
        || fail "the .NET 10 SDK is missing: install dotnet-sdk-10.0 as https://learn.microsoft.com/dotnet/core/install/linux says"
    # Fails with the SDK's own message when global.json asks for another one.
    dotnet --version >/dev/null || fail "the .NET SDK that is installed is not the one that global.json asks for (10.0.100 or a later 10.0)"
}

# need_command COMMAND PACKAGE
need_command() {
    command -v "$1" >/dev/null || install_package "$2"
    command -v "$1" >/dev/null || fail "$1 is missing after the installation of $2"
}

# The library that keys are hashed with.
need_argon2() {
    has_library libargon2.so.1 || install_package libargon2-1
    has_library libargon2.so.1 || fail "libargon2.so.1 is missing after the installation of libargon2-1"
}

# has_library FILE: whether the loader finds it. ldconfig is not in everybody's PATH.
has_library() {
    PATH=$PATH:/sbin:/usr/sbin ldconfig -p 2>/dev/null | grep -F "$1 " >/dev/null
}

need_postgres() {
    find_postgres '' || install_package postgresql
    find_postgres '' || fail "no PostgreSQL 15 or newer: not in /usr/lib/postgresql/*/bin, not in PATH; install one, for example from https://apt.postgresql.org"
}

# Sets pg_bin and pg_version: the newest PostgreSQL from 15 on, or the one of the major version $1, where given.
find_postgres() {
    local bin version
    while read -r bin; do
        [[ -x $bin/initdb && -x $bin/pg_ctl && -x $bin/postgres && -x $bin/psql ]] || continue
        version=$("$bin/postgres" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/')
        if ((version >= 15)) && [[ ${1:-$version} == "$version" ]]; then
            pg_bin=$bin pg_version=$version
            return 0
        fi
    done < <(
        printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin | sort -rV
        ! bin=$(command -v initdb) || dirname "$(readlink -f "$bin")"
    )
    return 1
}

# Installs one Debian package without questions and without starting a service or making a database cluster of the machine's own.
install_package() {
    local package=$1 as_root=() log
    command -v apt-get >/dev/null || fail "$package is missing, and there is no apt-get to install it with: install it by hand"
    if ((EUID != 0)); then
        sudo -n true 2>/dev/null || fail "$package is missing: run  sudo apt-get install $package"
        as_root=(sudo -n)
    fi
    say "installing $package with apt-get"
    log=$(mktemp)
    # shellcheck disable=SC2016
    if ! "${as_root[@]}" sh -c '
        export DEBIAN_FRONTEND=noninteractive
        policy=/usr/sbin/policy-rc.d
        cluster=/etc/postgresql-common/createcluster.d/orleansbilling-setup.conf
        mkdir -p "${cluster%/*}"
        echo "create_main_cluster = false" >"$cluster"
        made_policy=no
        if [ ! -e "$policy" ]; then
            made_policy=yes
            printf "#!/bin/sh\nexit 101\n" >"$policy"
            chmod 755 "$policy"
        fi
        apt-get -o DPkg::Lock::Timeout=120 -q update
        apt-get -o DPkg::Lock::Timeout=120 -q install -y --no-install-recommends "$1"
        code=$?
        rm -f "$cluster"
        [ "$made_policy" = no ] || rm -f "$policy"
        exit "$code"
    ' sh "$package" </dev/null >"$log" 2>&1; then
        tail -n 15 "$log" >&2
        rm -f "$log"
        fail "apt-get could not install $package (its last words are above); install it by hand"
    fi
    rm -f "$log"
}

# Sets Orleans=true, which is a property of the build, where the packages of Microsoft Orleans are to be had. Says so, once per set of
# versions; Orleans=true or Orleans=false in the environment decides without a try.
find_orleans() {
    [[ -z ${Orleans:-} ]] || return 0
    local versions known='' missing output project
    mkdir -p .data
    versions=$(sha256sum <Directory.Packages.props)
    [[ ! -r .data/orleans ]] || known=$(<.data/orleans)
    if [[ $known != "$versions"* ]]; then
        missing=''
        # Between them these two need all of the packages.
        for project in tests/Hosting.Orleans.Tests bench; do
            if [[ -z $missing ]] && ! output=$(dotnet restore "$project" -p:Orleans=true --nologo 9>&- 2>&1); then
                # Whatever else it may be, without them nothing is lost but the silos.
                missing=$({ grep -oE 'Unable to find package [A-Za-z.]*[A-Za-z]' <<<"$output" || true; } | cut -d' ' -f5 | sort -u | xargs)
                missing=${missing:-an answer}
            fi
        done
        known="$versions${missing:+ $missing}"
        echo "$known" >.data/orleans
        if [[ -z $missing ]]; then
            say "the packages of Microsoft Orleans are to be had: building with Orleans=true"
        else
            say "building without Microsoft Orleans: the package registry lacks ${missing// /, } (remove .data/orleans to try again)"
        fi
    fi
    export Orleans=false
    [[ $known != "$versions" ]] || Orleans=true
}
