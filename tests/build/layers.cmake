# Checks that the include roots of every layer, as the build really passes them, hold that layer and lower
# ones only: for each pair of layers a file of one is compiled that includes a header of the other.
#
#   cmake -DLAYERS="base;model" -DCOMPILER=cc -DROOTS=BUILD/layers -DCOMMANDS=BUILD/compile_commands.json
#         -DWORK=DIR -P layers.cmake
file(READ "${COMMANDS}" json)
string(JSON n LENGTH "${json}")
math(EXPR last "${n} - 1")

# The -I options of one source of each layer.
foreach(i RANGE ${last})
    string(JSON file GET "${json}" ${i} file)
    string(JSON command GET "${json}" ${i} command)
    foreach(layer IN LISTS LAYERS)
        if(file MATCHES "/sim/${layer}/[^/]*\\.c$" AND NOT DEFINED options_${layer})
            string(REGEX MATCHALL "-I[^ ]+" options_${layer} "${command}")
        endif()
    endforeach()
endforeach()

file(MAKE_DIRECTORY "${WORK}")
set(checked 0)
foreach(layer IN LISTS LAYERS)
    if(NOT DEFINED options_${layer})
        continue() # no sources yet
    endif()
    list(FIND LAYERS ${layer} own)
    foreach(other IN LISTS LAYERS)
        list(FIND LAYERS ${other} rank)
        file(GLOB headers "${ROOTS}/${other}/${other}/*.h")
        if(NOT headers)
            continue()
        endif()
        list(GET headers 0 header)
        get_filename_component(name "${header}" NAME)
        # A header that is found is enough; whether it compiles is the build's business.
        file(WRITE "${WORK}/probe.c"
             "#if __has_include(\"${other}/${name}\")\nint found;\n#else\n#error not found\n#endif\n")
        execute_process(COMMAND ${COMPILER} ${options_${layer}} -fsyntax-only "${WORK}/probe.c"
                        RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
        math(EXPR checked "${checked} + 1")
        if(rank GREATER own AND failed EQUAL 0)
            message(SEND_ERROR "sim/${layer} can include ${other}/${name}, of a higher layer")
        elseif(NOT rank GREATER own AND NOT failed EQUAL 0)
            message(SEND_ERROR "sim/${layer} cannot include ${other}/${name}, of a layer it may use")
        endif()
    endforeach()
endforeach()
# A path through ".." would go round the include roots.
file(GLOB files "${ROOTS}/*/*/*.[ch]")
foreach(file IN LISTS files)
    file(STRINGS "${file}" lines REGEX "#include \"\\.\\./")
    if(lines)
        message(SEND_ERROR "${file} includes through '..': ${lines}")
    endif()
endforeach()

if(checked EQUAL 0)
    message(FATAL_ERROR "no pair of layers was checked")
endif()
message(STATUS "${checked} pairs of layers checked")
