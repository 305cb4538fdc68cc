# Results are the same bits on every processor (base/math/elementary.h) as long as nothing they depend on is computed
# elsewhere by other operations there. Looks at what each layer's objects call: of libm only what IEEE 754 or C makes
# exact, of GSL and igraph only what is named here with the reason.
#
#   cmake -DLAYERS="base;model" -DLIBRARIES="libentente_base.a;..." -DNM=nm -DCOMPILER=cc -P portable.cmake

cmake_minimum_required(VERSION 3.25)

# Exact, or rounded as IEEE 754 says.
set(of_libm ceil copysign fabs floor fmax fmin frexp ldexp lrint nextafter rint round sqrt trunc)
# Integers only, plain sums and products, comparisons, or no numbers at all.
set(of_gsl gsl_qrng_alloc gsl_qrng_free gsl_qrng_get gsl_qrng_sobol gsl_sort gsl_sort_float gsl_version
    gsl_set_error_handler gsl_set_error_handler_off
    # of fits: compiled with whatever GSL's builder took; the same on every x86-64 (docs/running.md)
    gsl_matrix_view_array gsl_vector_view_array gsl_linalg_cholesky_decomp1 gsl_linalg_cholesky_invert
    gsl_linalg_cholesky_solve gsl_stats_lag1_autocorrelation gsl_stats_mean gsl_stats_median_from_sorted_data
    gsl_stats_quantile_from_sorted_data gsl_stats_variance_m)
# Graphs, vectors and handlers; three metrics that docs/output-format.md names.
set(of_igraph igraph_create igraph_destroy igraph_ecount igraph_error_handler_ignore igraph_rng_default igraph_rng_seed
    igraph_set_error_handler igraph_set_warning_handler igraph_strength igraph_vector_destroy igraph_vector_init
    igraph_vector_init_copy igraph_vector_int_destroy igraph_vector_int_init igraph_vector_int_push_back
    igraph_vector_push_back igraph_vector_size igraph_vector_sum igraph_vss_all igraph_warning_handler_ignore
    igraph_betweenness igraph_community_leiden igraph_modularity igraph_transitivity_barrat)

execute_process(COMMAND ${COMPILER} -print-file-name=libm.so.6 OUTPUT_VARIABLE libm OUTPUT_STRIP_TRAILING_WHITESPACE)
if(NOT IS_ABSOLUTE "${libm}")
    message(STATUS "skipped: no libm.so.6 to look at")
    return()
endif()
execute_process(COMMAND ${NM} -D --defined-only "${libm}" OUTPUT_VARIABLE text COMMAND_ERROR_IS_FATAL ANY)
string(REGEX MATCHALL "[^ \n@]+@" defined "${text}")
list(TRANSFORM defined REPLACE "@" "")

foreach(layer library IN ZIP_LISTS LAYERS LIBRARIES)
    execute_process(COMMAND ${NM} -u "${library}" OUTPUT_VARIABLE text ERROR_QUIET COMMAND_ERROR_IS_FATAL ANY)
    string(REGEX MATCHALL "U [A-Za-z0-9_]+" called "${text}")
    list(TRANSFORM called REPLACE "U " "")
    list(REMOVE_DUPLICATES called)
    list(LENGTH called n)
    if(n EQUAL 0)
        message(SEND_ERROR "${library} calls nothing: it cannot have been read")
    endif()
    foreach(name IN LISTS called)
        if(name MATCHES "^gsl_")
            set(good ${of_gsl})
        elseif(name MATCHES "^igraph_")
            set(good ${of_igraph})
        elseif(name IN_LIST defined)
            set(good ${of_libm})
        else()
            continue()
        endif()
        if(NOT name IN_LIST good)
            message(SEND_ERROR "sim/${layer} calls ${name}, which may give other bits on another processor")
        endif()
    endforeach()
endforeach()
