# Flags of all targets (entente_flags) and of optimisation across files (entente_lto).
#
# Results must be the same bits on every processor and in every build of a given source: no -ffast-math, no
# contraction to fused multiply-adds, elementary functions of our own (base/math/elementary.h). -fno-math-errno changes
# no result; it lets sqrt and floor be one instruction.
add_library(entente_flags INTERFACE)
target_compile_definitions(entente_flags INTERFACE _GNU_SOURCE)
target_compile_options(entente_flags INTERFACE -Wall -Wextra -Wconversion -fno-math-errno -ffp-contract=off
                       "-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=")
if(ENTENTE_WERROR)
    target_compile_options(entente_flags INTERFACE -Werror)
endif()
# Against what a damaged or made-up file might bring about, should a check be missing: checked copies, addresses that
# differ from run to run, tables that cannot be written; and canaries on the stack (entente_guards), but not where no
# byte from outside comes and time is spent: in engine and model they take 2 % of a run.
add_library(entente_guards INTERFACE)
if(NOT ENTENTE_SANITIZE)
    target_compile_options(entente_flags INTERFACE -fPIE -U_FORTIFY_SOURCE
                           $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
    target_link_options(entente_flags INTERFACE -pie -Wl,-z,relro,-z,now,-z,noexecstack)
    target_compile_options(entente_guards INTERFACE -fstack-protector-strong)
endif()
if(ENTENTE_SANITIZE)
    set(sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    target_compile_options(entente_flags INTERFACE ${sanitize})
    target_compile_definitions(entente_flags INTERFACE ENTENTE_SANITIZED)
    target_link_options(entente_flags INTERFACE ${sanitize})
endif()
if(ENTENTE_FUZZ)
    target_compile_options(entente_flags INTERFACE -fsanitize=fuzzer-no-link)
    target_link_options(entente_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

set(CMAKE_C_FLAGS_RELEASE "-O3 -g")
set(CMAKE_C_FLAGS_DEBUG "-O1 -g -DENTENTE_DEBUG")

# Objects hold machine code as well as the optimiser's form ("fat"), so that only the program itself pays
# for the optimising link and the many test executables link at once.
add_library(entente_lto INTERFACE)
if(ENTENTE_LTO AND NOT ENTENTE_SANITIZE AND CMAKE_BUILD_TYPE STREQUAL "Release" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(entente_lto INTERFACE -flto=auto -ffat-lto-objects)
    target_link_options(entente_lto INTERFACE -flto=auto -O3)
    if(CMAKE_C_COMPILER_AR AND CMAKE_C_COMPILER_RANLIB)
        set(CMAKE_AR "${CMAKE_C_COMPILER_AR}")
        set(CMAKE_RANLIB "${CMAKE_C_COMPILER_RANLIB}")
    endif()
endif()
