/* To be preloaded (LD_PRELOAD) by tests of what the program does without memory: of all allocations of a
 * process, those of libraries too, the FAIL_AT-th has none. A process that is forked counts on from where its
 * parent was. At the end FAIL_COUNT, if set, is a file that has the number of allocations. */
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t n);
extern void *__libc_calloc(size_t n, size_t size);
extern void *__libc_realloc(void *block, size_t n);
extern void *__libc_memalign(size_t alignment, size_t n);

static long at = -1, count;

__attribute__((constructor)) static void begin(void) {
    const char *text = getenv("FAIL_AT");
    at = text ? strtol(text, NULL, 10) : 0;
    count = 0;
}

__attribute__((destructor)) static void end(void) {
    const char *path = getenv("FAIL_COUNT");
    long n = count;
    at = -1;
    FILE *out = path ? fopen(path, "w") : NULL;
    if (!out) return;
    fprintf(out, "%ld\n", n);
    fclose(out);
}

static bool fails(void) {
    if (at < 0 || __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED) != at) return false;
    errno = ENOMEM;
    return true;
}

void *malloc(size_t n) {
    return fails() ? NULL : __libc_malloc(n);
}
void *calloc(size_t n, size_t size) {
    return fails() ? NULL : __libc_calloc(n, size);
}
void *realloc(void *block, size_t n) {
    return fails() ? NULL : __libc_realloc(block, n);
}
void *aligned_alloc(size_t alignment, size_t n) {
    return fails() ? NULL : __libc_memalign(alignment, n);
}
int posix_memalign(void **block, size_t alignment, size_t n) {
    *block = fails() ? NULL : __libc_memalign(alignment, n);
    return *block ? 0 : ENOMEM;
}
