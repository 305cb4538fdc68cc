# The bits of the elementary functions, the quantiles and the engine on another processor: builds
# tests/portable/digest.c for aarch64, runs it in an emulator, and compares what it prints with the build's own.
#
#   cmake -DSOURCE=DIR -DWORK=DIR -DNATIVE=portable_digest -P aarch64.cmake
find_program(COMPILER aarch64-linux-gnu-gcc)
find_program(EMULATOR NAMES qemu-aarch64-static qemu-aarch64)
if(NOT COMPILER OR NOT EMULATOR)
    message(STATUS "skipped: aarch64-linux-gnu-gcc or qemu-aarch64 is not installed (tools/deps.sh aarch64)")
    return()
endif()

file(GLOB_RECURSE sources "${SOURCE}/sim/base/*.c" "${SOURCE}/sim/model/*.c" "${SOURCE}/sim/engine/*.c")
list(REMOVE_ITEM sources "${SOURCE}/sim/base/sobol.c" "${SOURCE}/sim/model/metrics.c"
     "${SOURCE}/sim/model/graph/graph.c") # GSL's, igraph's
list(APPEND sources "${SOURCE}/tests/portable/digest.c" "${SOURCE}/tests/verification/random_kinds.c"
     "${SOURCE}/tests/verification/random_model.c" "${SOURCE}/tests/verification/random_rules.c")
# Of GSL and xxHash headers are enough.
foreach(name IN ITEMS xxhash.h gsl)
    find_path(root ${name} NO_CACHE)
    file(MAKE_DIRECTORY "${WORK}/include")
    file(CREATE_LINK "${root}/${name}" "${WORK}/include/${name}" SYMBOLIC)
    unset(root)
endforeach()
execute_process(COMMAND ${COMPILER} -std=gnu11 -O3 -fno-math-errno -ffp-contract=off -D_GNU_SOURCE -DXXH_INLINE_ALL
                        -DWITHOUT_METRICS -I "${SOURCE}/sim" -isystem "${WORK}/include" ${sources} -static -lm
                        -o "${WORK}/digest-aarch64"
                COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${EMULATOR} "${WORK}/digest-aarch64" OUTPUT_VARIABLE there COMMAND_ERROR_IS_FATAL ANY)
execute_process(COMMAND ${NATIVE} OUTPUT_VARIABLE here COMMAND_ERROR_IS_FATAL ANY)
message(STATUS "here:\n${here}")
if(NOT there STREQUAL here)
    message(FATAL_ERROR "on aarch64 these are others:\n${there}")
endif()
