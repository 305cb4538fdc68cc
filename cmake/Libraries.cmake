# Third-party libraries. `make deps` installs them on Debian and Ubuntu.
find_package(PkgConfig REQUIRED)
find_package(GSL 2.7 REQUIRED)
# igraph's own CMake package asks for a C++ compiler and for ARPACK's headers; its .pc file is enough.
if(ENTENTE_IGRAPH)
    pkg_check_modules(igraph REQUIRED IMPORTED_TARGET igraph>=0.10)
else()
    set(igraph_VERSION none)
endif()
pkg_check_modules(fyaml REQUIRED IMPORTED_TARGET libfyaml)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash>=0.8)
add_library(entente::xxhash ALIAS PkgConfig::xxhash)
pkg_check_modules(isal REQUIRED IMPORTED_TARGET libisal)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

set(HDF5_PREFER_PARALLEL OFF)
find_package(HDF5 REQUIRED COMPONENTS C HL)
add_library(entente_hdf5 INTERFACE)
target_link_libraries(entente_hdf5 INTERFACE hdf5::hdf5_hl hdf5::hdf5)
add_library(entente::hdf5 ALIAS entente_hdf5)

# libcsv brings no .pc file.
find_path(CSV_INCLUDE_DIR csv.h REQUIRED)
find_library(CSV_LIBRARY csv REQUIRED)
add_library(entente_csv INTERFACE)
target_include_directories(entente_csv SYSTEM INTERFACE ${CSV_INCLUDE_DIR})
target_link_libraries(entente_csv INTERFACE ${CSV_LIBRARY})
add_library(entente::csv ALIAS entente_csv)

add_library(entente_math INTERFACE)
target_link_libraries(entente_math INTERFACE m)
add_library(entente::math ALIAS entente_math)
