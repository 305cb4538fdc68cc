# The version stands in CMakeLists.txt; files that must repeat it say the same.
#
#   cmake -DVERSION=0.1.0 -DSOURCE=DIR -P version.cmake
foreach(file IN ITEMS CITATION.cff analysis/pyproject.toml)
    if(EXISTS "${SOURCE}/${file}")
        file(STRINGS "${SOURCE}/${file}" line REGEX "^version *[:=]" LIMIT_COUNT 1)
        string(REGEX REPLACE "^version *[:=] *\"?([0-9.]+)\"?.*$" "\\1" version "${line}")
        if(NOT version STREQUAL VERSION)
            message(SEND_ERROR "${file} says '${version}', CMakeLists.txt says ${VERSION}")
        endif()
    endif()
endforeach()
