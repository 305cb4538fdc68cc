#!/bin/sh
# Formatting, static analysis and layering of all sources known to git; ends with 1 if anything is found.
set -u
cd "$(dirname "$0")/.."
build=${LINT_BUILD:-build/lint} # only configured, for its compile_commands.json
failed=0
step() {
    echo "lint: $1"
    shift
    "$@" || failed=1
}

sources=$(git ls-files 'sim/*.c')
all=$(git ls-files '*.c' '*.h')

no_upward_paths() {
    ! grep -nE '#include "\.\./' $all
}
tidy() {
    cmake --preset debug -B "$build" >/dev/null || return 1
    printf '%s\n' $sources | xargs -P "$(nproc)" -n 1 clang-tidy -p "$build" --quiet --warnings-as-errors='*' 2>&1 |
        grep -vE '^[0-9]+ warnings? generated\.$|^Suppressed |^Use -header-filter'
    # grep ends with 0 when something was left to show
    [ $? -ne 0 ]
}

step "format" clang-format --dry-run -Werror $all
step "includes" no_upward_paths
step "clang-tidy" tidy
if command -v ruff >/dev/null; then
    step "ruff" ruff check analysis tests tools
else
    echo "lint: ruff is not installed, Python is not linted"
fi
[ $failed -eq 0 ] && echo "lint: clean"
exit $failed
