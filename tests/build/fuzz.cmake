# Builds the fuzz targets with clang, or says why not; then one of them runs for a minute on its corpus.
#
#   cmake -DSOURCE=DIR -DBUILD=DIR -P fuzz.cmake                                 builds
#   cmake -DSOURCE=DIR -DBUILD=DIR -DTARGET=NAME [-DSECONDS=N] -P fuzz.cmake     runs
find_program(CLANG NAMES clang clang-14)
file(WRITE "${BUILD}/probe.c" "int LLVMFuzzerTestOneInput(const char *b, unsigned long n) { return b && !n ? 0 : 0; }\n")
if(CLANG)
    execute_process(COMMAND ${CLANG} -fsanitize=fuzzer,address,undefined "${BUILD}/probe.c" -o "${BUILD}/probe"
                    RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
endif()
if(NOT CLANG OR failed)
    message(STATUS "skipped: clang with libFuzzer is not installed (clang, libclang-rt-14-dev)")
    return()
endif()
if(NOT TARGET)
    execute_process(COMMAND ${CMAKE_COMMAND} -S "${SOURCE}" -B "${BUILD}" -G Ninja -DCMAKE_C_COMPILER=${CLANG}
                            -DCMAKE_BUILD_TYPE=Debug -DENTENTE_SANITIZE=ON -DENTENTE_FUZZ=ON COMMAND_ERROR_IS_FATAL ANY)
    execute_process(COMMAND ${CMAKE_COMMAND} --build "${BUILD}" COMMAND_ERROR_IS_FATAL ANY)
    return()
endif()

if(NOT SECONDS)
    set(SECONDS 60)
endif()
if("${TARGET}" STREQUAL "results") # the HDF5 library keeps memory back, which is looked through after each file: once, at the end
    set(leaks -detect_leaks=0)
endif()
set(found "${BUILD}/found/${TARGET}")
file(MAKE_DIRECTORY "${found}")
execute_process(COMMAND "${BUILD}/tests/fuzz/fuzz_${TARGET}" -max_total_time=${SECONDS} -timeout=30 -rss_limit_mb=3000
                        -close_fd_mask=3 -print_final_stats=1 ${leaks} "-artifact_prefix=${BUILD}/found/${TARGET}-" "${found}"
                        "${SOURCE}/tests/fuzz/corpus/${TARGET}"
                COMMAND_ERROR_IS_FATAL ANY)
