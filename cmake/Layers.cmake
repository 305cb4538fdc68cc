# entente_layer(name [UNGUARDED] [LAYERS lower...] [PUBLIC_LIBS lib...] [LIBS lib...] [EXCLUDE file...])
#
# Makes the library entente_<name> of the *.c of sim/<name> and its folders. Includes are written "layer/file.h"; the include
# root of a layer is a folder of the build tree that holds nothing but a link to sim/<layer>, so a
# target finds only the layers it links to, and an include of a higher layer does not compile.
# A layer without sources yet is an interface library. UNGUARDED: without canaries on the stack (Compiler.cmake).
function(entente_layer name)
    cmake_parse_arguments(ARG "UNGUARDED" "" "LAYERS;PUBLIC_LIBS;LIBS;EXCLUDE" ${ARGN})
    set(root "${PROJECT_BINARY_DIR}/layers/${name}")
    file(MAKE_DIRECTORY "${root}")
    file(CREATE_LINK "${PROJECT_SOURCE_DIR}/sim/${name}" "${root}/${name}" SYMBOLIC)

    file(GLOB_RECURSE sources CONFIGURE_DEPENDS "${PROJECT_SOURCE_DIR}/sim/${name}/*.c")
    foreach(file IN LISTS ARG_EXCLUDE)
        list(REMOVE_ITEM sources "${PROJECT_SOURCE_DIR}/sim/${name}/${file}")
    endforeach()
    list(TRANSFORM ARG_LAYERS PREPEND entente_)

    if(sources)
        add_library(entente_${name} STATIC ${sources})
        target_include_directories(entente_${name} PUBLIC "${root}")
        target_link_libraries(entente_${name} PUBLIC ${ARG_LAYERS} ${ARG_PUBLIC_LIBS}
                              PRIVATE ${ARG_LIBS} entente_flags)
        # Not by linking to it: a static library hands its link options on to all that link to it.
        target_compile_options(entente_${name} PRIVATE $<TARGET_PROPERTY:entente_lto,INTERFACE_COMPILE_OPTIONS>)
    else()
        add_library(entente_${name} INTERFACE)
        target_include_directories(entente_${name} INTERFACE "${root}")
        target_link_libraries(entente_${name} INTERFACE ${ARG_LAYERS} ${ARG_PUBLIC_LIBS} ${ARG_LIBS})
    endif()
    if(sources AND NOT ARG_UNGUARDED)
        target_link_libraries(entente_${name} PRIVATE entente_guards)
    endif()
    set_property(GLOBAL APPEND PROPERTY ENTENTE_LAYERS ${name})
endfunction()
