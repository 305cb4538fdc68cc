#!/bin/sh
# The main job from end to end, called by `make demo` once the program is built: simulates the shipped
# scenario with and without the invitation, prints the program's table, draws the fan chart,
# writes the report.
# Run again it reuses nothing but the build, and takes some seconds.
#
#   ENTENTE  the program, default build/release/entente
#   PYTHON   an interpreter for figure and report, if the first with their packages is not the right one
set -eu
cd "$(dirname "$0")/.."

entente=${ENTENTE:-build/release/entente}
result=out/central-asia-2026.h5
figure=out/central-asia-2026.png
report=out/central-asia-2026.html
[ -x "$entente" ] || { echo "demo: $entente is not built; run \`make demo\`" >&2; exit 69; }

mkdir -p out
rm -f "$result" "$figure" "$report"
"$entente" run scenarios/central-asia-2026.yaml -o "$result" --variant no_invitation
"$entente" figure "$result" -o "$figure" --tie KAZ-USA --tie USA-UZB
"$entente" report "$result" -o "$report"
echo
echo "figure  $figure"
echo "data    $result"
echo "report  $report: open it in a browser"
