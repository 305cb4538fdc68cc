#!/bin/sh
# Installs the Debian or Ubuntu packages that are missing, and does nothing when none is.
#
#   tools/deps.sh          what building, testing and the demo need
#   tools/deps.sh lint     what `make lint` needs
#   tools/deps.sh bench    what `make bench` compares with
#   tools/deps.sh slurm    a Slurm that the tests start and stop (they are skipped without it)
#   tools/deps.sh docs     the generator of the documentation's site (its tests are skipped without it)
#   tools/deps.sh aarch64  a compiler and an emulator of another processor, for one test (skipped without them)
#
# Elsewhere it only names them. ENTENTE_NO_DEPS=1 skips it: the libraries are then your own.
set -eu

build="gcc cmake ninja-build pkg-config
    libgsl-dev libigraph-dev libhdf5-dev libfyaml-dev libcsv-dev libjansson-dev libxxhash-dev libisal-dev
    libcmocka-dev libmpfr-dev
    hdf5-tools netcdf-bin
    python3 python3-numpy python3-pandas python3-h5py python3-xarray python3-netcdf4 python3-h5netcdf
    python3-cftime python3-matplotlib python3-yaml python3-pytest python3-nbconvert python3-ipykernel"
lint="clang-format clang-tidy valgrind mypy"
bench="python3-numba python3-simpy3"
slurm="slurmctld slurmd slurm-client munge"
docs="python3-sphinx python3-myst-parser furo python3-sphinx-copybutton"
aarch64="gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static"

case "${1:-build}" in
build) wanted=$build ;;
lint) wanted=$lint ;;
bench) wanted=$bench ;;
slurm) wanted=$slurm ;;
docs) wanted=$docs ;;
aarch64) wanted=$aarch64 ;;
*)
    echo "usage: tools/deps.sh [build|lint|bench|slurm|docs|aarch64]" >&2
    exit 64
    ;;
esac
[ "${ENTENTE_NO_DEPS:-}" = 1 ] && exit 0
# The fuzz targets are skipped without clang and its runtime, which not every distribution has by these names.
if [ "${1:-build}" = build ] && apt-cache show libclang-rt-14-dev >/dev/null 2>&1; then
    wanted="$wanted clang libclang-rt-14-dev"
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo "deps: this is not a Debian system; install what these Debian packages hold:" >&2
    echo $wanted | fold -s -w 100 | sed 's/^/    /' >&2
    exit 0
fi

installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' $wanted 2>/dev/null | sed -n 's/^installed //p') || true
missing=""
for package in $wanted; do
    case "
$installed
" in
    *"
$package
"*) ;;
    *) missing="$missing $package" ;;
    esac
done
[ -z "$missing" ] && exit 0

sudo=""
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null; then
        echo "deps: as root, run: apt-get install$missing" >&2
        exit 1
    fi
    sudo="sudo env DEBIAN_FRONTEND=noninteractive"
fi
echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
install() {
    $sudo apt-get install -y -q --no-install-recommends $missing </dev/null
}
# The package lists may be absent or old.
install || { $sudo apt-get update -q </dev/null && install; }
