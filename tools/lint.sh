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
scripts=$(git ls-files '*.py')

no_upward_paths() {
    ! grep -nE '#include "\.\./' $(git ls-files 'sim/*.[ch]')
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
step "house" python3 tools/house.py
step "clang-tidy" tidy
# Ruff, or where it is not installed its WebAssembly build from npm.
ruff_of_npm() {
    modules=$build/ruff
    version=0.17.4
    grep -qs "\"version\": \"$version\"" "$modules/node_modules/@astral-sh/ruff-wasm-nodejs/package.json" ||
        npm install --silent --no-audit --no-fund --prefix "$modules" "@astral-sh/ruff-wasm-nodejs@$version" || return 1
    python3 -c 'import json, tomllib; print(json.dumps(tomllib.load(open("ruff.toml", "rb"))))' >"$modules/settings.json"
    node tools/ruff.js "$modules/node_modules" "$modules/settings.json" $scripts
}
if command -v ruff >/dev/null; then
    step "ruff" ruff check $scripts
elif command -v npm >/dev/null; then
    step "ruff" ruff_of_npm
else
    echo "lint: neither ruff nor npm is installed, Python's style is not checked"
fi
types() {
    (cd analysis && mypy --no-incremental entente)
}
step "types" types
[ $failed -eq 0 ] && echo "lint: clean"
exit $failed
