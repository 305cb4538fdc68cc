# Finds the interpreter of the tests and tools: the first of $PYTHON, python3 and /usr/bin/python3 that
# imports what they need. The first python3 on PATH often does not see the distribution's packages.
#
# Sets ENTENTE_PYTHON ("" when there is none, with the reason in ENTENTE_PYTHON_MISSING) and
# ENTENTE_PYTHON_DIR, where `cmake --install` puts the package.
set(ENTENTE_PYTHON "")
set(ENTENTE_PYTHON_MISSING "no python3 imports h5py, xarray and pytest (looked at $PYTHON, python3, /usr/bin/python3)")
set(python_dir "lib/python3/dist-packages")
foreach(candidate IN ITEMS "$ENV{PYTHON}" python3 /usr/bin/python3)
    if(candidate STREQUAL "")
        continue()
    endif()
    execute_process(
        COMMAND ${candidate} -c
            "import h5py, xarray, pytest, sys, sysconfig; print(sys.executable); print('lib/python%d.%d/' % sys.version_info[:2] + ('dist' if 'dist-packages' in sysconfig.get_path('purelib') else 'site') + '-packages')"
        OUTPUT_VARIABLE answer RESULT_VARIABLE failed ERROR_QUIET OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(failed EQUAL 0)
        string(REPLACE "\n" ";" answer "${answer}")
        list(GET answer 0 ENTENTE_PYTHON)
        list(GET answer 1 python_dir)
        break()
    endif()
endforeach()
set(ENTENTE_PYTHON "${ENTENTE_PYTHON}" CACHE INTERNAL "Interpreter of the tests and tools")
set(ENTENTE_PYTHON_DIR "${python_dir}" CACHE STRING "Where the Python package is installed, below the prefix")
if(ENTENTE_PYTHON)
    message(STATUS "Python of the tests: ${ENTENTE_PYTHON}")
else()
    message(STATUS "Python tests are skipped: ${ENTENTE_PYTHON_MISSING}")
endif()
