# `#include "version.h"`: the version of project() and what git says of the tree, for the layers from io
# on. The header is looked at in every build and rewritten only when it changes.
set(ENTENTE_VERSION_DIR "${PROJECT_BINARY_DIR}/generated")
find_package(Git QUIET)
set(version_command
    "${CMAKE_COMMAND}" "-DSOURCE=${PROJECT_SOURCE_DIR}" "-DVERSION=${PROJECT_VERSION}" "-DGIT=${GIT_EXECUTABLE}"
    "-DIGRAPH=${igraph_VERSION}" "-DFYAML=${fyaml_VERSION}"
    "-DBUILD=${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION} ${CMAKE_BUILD_TYPE}"
    "-DTEMPLATE=${PROJECT_SOURCE_DIR}/cmake/version.h.in" "-DOUTPUT=${ENTENTE_VERSION_DIR}/version.h"
    -P "${PROJECT_SOURCE_DIR}/cmake/write_version.cmake")
execute_process(COMMAND ${version_command} COMMAND_ERROR_IS_FATAL ANY)
add_custom_target(entente_version_header COMMAND ${version_command} BYPRODUCTS "${ENTENTE_VERSION_DIR}/version.h"
                  COMMENT "Version" VERBATIM)

add_library(entente_version INTERFACE)
target_include_directories(entente_version INTERFACE "${ENTENTE_VERSION_DIR}")
add_dependencies(entente_version entente_version_header)
add_library(entente::version ALIAS entente_version)
