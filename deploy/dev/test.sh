# shellcheck shell=bash
# Sourced by ./dev: runs test projects one after another and adds up what they say.

# How long one project may take before it counts as hanging.
test_seconds_max=${TEST_SECONDS_MAX:-1800}

# run_tests [NAME …] [-- ARGUMENTS …]: the projects whose name contains one of the names; arguments go to xunit.
run_tests() {
    local names=() projects=() project name
    while [[ $# -gt 0 && $1 != -- ]]; do
        names+=("$1")
        shift
    done
    [[ $# -eq 0 ]] || shift

    for project in tests/*/*.csproj; do
        grep -qF 'Include="xunit.runner.visualstudio"' "$project" || continue
        project=$(basename "$project" .csproj)
        [[ ${#names[@]} -gt 0 ]] || projects+=("$project")
        for name in "${names[@]}"; do
            [[ ${project,,} != *"${name,,}"* ]] || projects+=("$project")
        done
    done
    [[ ${#projects[@]} -gt 0 ]] || fail "no test project has a name with '${names[*]}' in it; they are in tests/"
    mapfile -t projects < <(printf '%s\n' "${projects[@]}" | sort -u)
    need_dotnet
    without_orleans

    need_postgres
    need_argon2
    # For the tests of the lines that people paste.
    need_command curl curl
    # For the tests of clusters.
    need_command haproxy haproxy
    if [[ ${#names[@]} -eq 0 ]]; then
        build OrleansBilling.sln || build_failed
    else
        for project in "${projects[@]}"; do
            build "tests/$project" || build_failed
        done
    fi
    test_arguments=("$@")
    run_test_projects "${projects[@]}"
}

# Takes the projects that need Orleans off the list where there is none, and says so.
without_orleans() {
    local project rest=()
    find_orleans
    [[ $Orleans != true ]] || return 0
    for project in "${projects[@]}"; do
        if grep -qF "'\$(Orleans)'" "tests/$project/$project.csproj"; then
            say "$project is left out: it needs Microsoft Orleans, whose packages the registry lacks"
        else
            rest+=("$project")
        fi
    done
    [[ ${#rest[@]} -gt 0 ]] || fail "nothing is left to test"
    projects=("${rest[@]}")
}

build_failed() {
    echo "the build failed: no test ran"
    echo "0 passed, 1 failed"
    exit 1
}

# run_test_projects PROJECT …: built projects. Prints the sum last; fails on a failure, and on a project that ran nothing.
run_test_projects() {
    local project results passed failed skipped sum_passed=0 sum_failed=0 sum_skipped=0
    results=$(mktemp -d)
    for project in "$@"; do
        run_test_project "$project" "$results"
        sum_passed=$((sum_passed + passed))
        sum_failed=$((sum_failed + failed))
        sum_skipped=$((sum_skipped + skipped))
    done
    rm -rf "$results"

    local sum="$sum_passed passed, $sum_failed failed"
    ((sum_skipped == 0)) || sum+=", $sum_skipped skipped"
    echo "$sum"
    ((sum_failed == 0))
}

# Sets passed, failed and skipped for its caller.
run_test_project() {
    local project=$1 xml=$2/$1.xml log=$2/$1.log dll=tests/$1/bin/Release/net10.0/OrleansBilling.$1.dll code=0 started=$SECONDS
    # A test runner is an executable of its own: no test host in between.
    timeout --kill-after=10 "$test_seconds_max" dotnet "$dll" -noLogo -noColor -reporter quiet -xml "$xml" "${test_arguments[@]}" \
        </dev/null >"$log" 2>&1 || code=$?

    passed=$(xml_count "$xml" passed) failed=$(xml_count "$xml" failed) skipped=$(xml_count "$xml" skipped)
    failed=$((failed + $(xml_count "$xml" errors)))
    local trouble=''
    if ((code == 124 || code == 137)); then
        trouble="did not end within $test_seconds_max s"
    elif [[ ! -s $xml ]]; then
        trouble="ended with code $code before it could report"
    elif ((passed + failed == 0)); then
        trouble="ran no test"
    elif ((code != 0 && failed == 0)); then
        trouble="ended with code $code though no test failed"
    fi
    [[ -z $trouble ]] || failed=$((failed + 1))

    if ((failed == 0)); then
        printf '%s✓%s %-28s %5d passed  %4d s\n' "$green" "$plain" "$project" "$passed" $((SECONDS - started))
    else
        printf '%s✗ %-28s %5d passed  %4d s  %d failed%s\n' "$red" "$project" "$passed" $((SECONDS - started)) "$failed" "$plain"
        grep -vE '^ +at (InvokeStub_|System\.|Xunit\.)' "$log" | tail -n 200 || true
        [[ -z $trouble ]] || echo "  $project $trouble"
    fi
}

# xml_count FILE ATTRIBUTE: the sum of an attribute over the report's assemblies; 0 without a report.
xml_count() {
    [[ -s $1 ]] || { echo 0; return; }
    { grep -o '<assembly [^>]*' "$1" || true; } | { grep -o " $2=\"[0-9]*\"" || true; } | tr -dc '0-9\n' | awk '{ sum += $1 } END { print sum + 0 }'
}
