#!/bin/sh
set -eu
mkdir -p deps/include deps/lib
$CC $CFLAGS -fPIC -c libcsv/libcsv.c -o libcsv.o
$AR rcs deps/lib/libcsv.a libcsv.o
cp libcsv/csv.h deps/include/
python_dir=$("$PREFIX/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))' 2>/dev/null || echo "$SP_DIR")
cmake -S . -B build/conda -G Ninja $CMAKE_ARGS -DCMAKE_BUILD_TYPE=Release -DENTENTE_TESTS=OFF \
    -DCMAKE_PREFIX_PATH="$PREFIX;$PWD/deps" -DENTENTE_PYTHON_DIR="${python_dir#"$PREFIX/"}"
cmake --build build/conda
cmake --install build/conda --prefix "$PREFIX"
