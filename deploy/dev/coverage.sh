# shellcheck shell=bash
# Sourced by ./dev: what of the core the simulation alone reaches.

# The least share of the core's branches, in percent.
coverage_percent_min=95

# coverage [WORLDS]: runs the worlds under coverlet, prints the share and the branches that are left; fails below the least share.
coverage() {
    local worlds=${1:-100} results code=0
    build tests/Simulation.Tests
    results=$(mktemp -d)
    SIM_COVERAGE_WORLDS=$worlds dotnet test tests/Simulation.Tests -c Release --no-build --nologo --filter 'FullyQualifiedName~CoverageTests' \
        --collect 'XPlat Code Coverage' --results-directory "$results" \
        -- 'DataCollectionRunSettings.DataCollectors.DataCollector.Configuration.Include=[OrleansBilling.Grains]*' >"$results/log" 2>&1 || code=$?
    if ((code != 0)); then
        cat "$results/log" >&2
    else
        cat "$results"/*/coverage.cobertura.xml | coverage_table "$worlds" "$coverage_percent_min" || code=$?
    fi
    rm -rf "$results"
    return "$code"
}

# coverage_table WORLDS MIN: reads a cobertura report.
coverage_table() {
    awk -v worlds="$1" -v min="$2" '
        match($0, /<class [^>]*filename="[^"]*"/) { file = $0; sub(/.*filename="/, "", file); sub(/".*/, "", file) }
        /<methods>/ { methods = 1 }
        /<\/methods>/ { methods = 0 }
        !methods && /<line / && /condition-coverage="/ {
            line = $0; sub(/.*number="/, "", line); sub(/".*/, "", line)
            of = $0; sub(/.*condition-coverage="[^(]*\(/, "", of); sub(/\)".*/, "", of)
            split(of, part, "/")
            reached += part[1]; all += part[2]
            if (part[1] != part[2]) { left[++count] = "  Grains/" file ":" line " " of }
        }
        END {
            if (all == 0) { print "the report names no branch"; exit 1 }
            printf "%d of %d branches of Grains (%.1f %%) by %d worlds of 10,000 operations; left:\n", reached, all, 100 * reached / all, worlds
            for (i = 1; i <= count; i++) print left[i] | "sort -u"
            close("sort -u")
            exit 100 * reached / all < min
        }'
}
