# The checksums of tests/portable/digest.c are those of the file.
#
#   cmake -DPROGRAM=portable_digest -DEXPECTED=functions.expected -P functions.cmake
execute_process(COMMAND ${PROGRAM} functions OUTPUT_VARIABLE got COMMAND_ERROR_IS_FATAL ANY)
file(READ "${EXPECTED}" expected)
if(NOT got STREQUAL expected)
    message(FATAL_ERROR "expected\n${expected}got\n${got}")
endif()
