#!/bin/sh
# The main job from end to end, called by `make demo` once the program is built: simulates the shipped
# scenario with and without the invitation, prints the program's table, draws the fan chart,
# writes the report.
# Run again it reuses nothing but the build, and takes some seconds.
#
#   ENTENTE  the program, default build/release/entente
#   PYTHON   an interpreter that imports h5py, xarray, matplotlib and yaml; looked for if not given
set -eu
cd "$(dirname "$0")/.."

entente=${ENTENTE:-build/release/entente}
result=out/central-asia-2026.h5
figure=out/central-asia-2026.png
report=out/central-asia-2026.html
[ -x "$entente" ] || { echo "demo: $entente is not built; run \`make demo\`" >&2; exit 69; }

python=
for candidate in "${PYTHON:-}" python3 /usr/bin/python3; do
    if [ -n "$candidate" ] && "$candidate" -c 'import h5netcdf, h5py, matplotlib, xarray, yaml' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "demo: no python3 imports h5py, xarray, matplotlib and yaml; \`make deps\` installs them" >&2
    exit 69
fi

mkdir -p out
rm -f "$result" "$figure" "$report"
"$entente" run scenarios/central-asia-2026.yaml -o "$result" --variant no_invitation
export PYTHONPATH=analysis PYTHONDONTWRITEBYTECODE=1
"$python" -m entente figure "$result" -o "$figure" \
    --tie KAZ-USA --tie USA-UZB
"$python" -m entente report "$result" -o "$report"
echo
echo "figure  $figure"
echo "data    $result"
echo "report  $report: open it in a browser"
