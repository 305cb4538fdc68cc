# Writes version.h; run by cmake/Version.cmake in every build.
set(DESCRIBE "")
set(DIRTY 0)
if(GIT AND EXISTS "${SOURCE}/.git")
    execute_process(COMMAND "${GIT}" describe --always --dirty --tags WORKING_DIRECTORY "${SOURCE}"
                    OUTPUT_VARIABLE DESCRIBE OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    if(DESCRIBE MATCHES "-dirty$")
        set(DIRTY 1)
    endif()
endif()
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
