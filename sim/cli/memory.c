/* The program ends if an allocation fails, whoever requested it.
 *
 * Some of the libraries do not check allocations, some crash later, and some continue with an incomplete
 * result, which may end in an invalid file and exit code 0. Nothing is lost by ending: finished parts are
 * kept, and the same command continues. The allocating functions of the C library are therefore replaced by
 * ones that do not return without memory. A worker that ends in this way is replaced (run/worker.h).
 *
 * Not in tests of single files, where mem_fail_after takes memory away, nor under the sanitizers, which
 * replace the same functions. */
#ifndef __SANITIZE_ADDRESS__

#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static _Noreturn void give_up(void) {
    static const char text[] = "entente: out of memory\n";
    if (write(STDERR_FILENO, text, sizeof text - 1) < 0) _exit(EX_SOFTWARE);
    _exit(EX_SOFTWARE);
}

/* The next function of that name: the C library's, or that of an allocator loaded before it. While it is
 * looked for it does not serve itself; the loader then does without. */
#define NEXT(name)                                 \
    static __typeof__(&name) next;                 \
    static _Thread_local bool looking;             \
    if (!next) {                                   \
        if (looking) return NULL;                  \
        looking = true;                            \
        *(void **)&next = dlsym(RTLD_NEXT, #name); \
        looking = false;                           \
        if (!next) give_up();                      \
    }

void *malloc(size_t n) {
    NEXT(malloc)
    void *block = next(n);
    if (!block && n) give_up();
    return block;
}

void *calloc(size_t n, size_t size) {
    NEXT(calloc)
    void *block = next(n, size);
    if (!block && n && size) give_up();
    return block;
}

void *realloc(void *old, size_t n) {
    NEXT(realloc)
    void *block = next(old, n);
    if (!block && n) give_up();
    return block;
}

void *aligned_alloc(size_t alignment, size_t n) {
    NEXT(aligned_alloc)
    void *block = next(alignment, n);
    if (!block && n && errno == ENOMEM) give_up();
    return block;
}

int posix_memalign(void **block, size_t alignment, size_t n) {
    static __typeof__(&posix_memalign) next;
    if (!next) *(void **)&next = dlsym(RTLD_NEXT, "posix_memalign");
    int failed = next ? next(block, alignment, n) : ENOMEM;
    if (failed == ENOMEM) give_up();
    return failed;
}

#endif
