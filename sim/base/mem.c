#include "base/mem.h"

#include "base/error.h"
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LARGE ((size_t)4 << 20)

/* Allocations left before they fail; negative while the hook is off. Set by tests only. */
static long allocations_left = -1;

static bool refused(size_t n, size_t size, size_t *bytes) {
    if (__builtin_mul_overflow(n, size, bytes) || *bytes > PTRDIFF_MAX) return true;
    if (*bytes == 0) *bytes = 1; /* so that NULL always means failure */
    if (allocations_left < 0) return false;
    if (allocations_left == 0) return true;
    allocations_left--;
    return false;
}

void mem_fail_after(long n) {
    allocations_left = n < 0 ? -1 : n;
}

/* Large blocks use large pages if the system has them: there are fewer misses of the address cache.
 * */
static void *hinted(void *block, size_t bytes) {
#ifdef MADV_HUGEPAGE
    const uintptr_t page = 4096, from = ((uintptr_t)block + page - 1) & ~(page - 1);
    if (block && bytes >= LARGE)
        madvise((void *)from, ((uintptr_t)block + bytes - from) & ~(page - 1), MADV_HUGEPAGE);
#else
    (void)bytes;
#endif
    return block;
}

void *mem_alloc(size_t n, size_t size) {
    size_t bytes;
    return refused(n, size, &bytes) ? NULL : hinted(calloc(1, bytes), bytes);
}

void *mem_alloc_lines(size_t n, size_t size) {
    size_t bytes;
    if (refused(n, size, &bytes) || bytes > PTRDIFF_MAX - CACHE_LINE) return NULL;
    bytes = (bytes + CACHE_LINE - 1) & ~((size_t)CACHE_LINE - 1);
    void *block = hinted(aligned_alloc(CACHE_LINE, bytes), bytes);
    return block ? memset(block, 0, bytes) : NULL;
}

void *mem_alloc_sparse(size_t n, size_t size) {
    size_t bytes;
    void *block = refused(n, size, &bytes) ? NULL : calloc(1, bytes);
#ifdef MADV_NOHUGEPAGE
    const uintptr_t page = 4096, from = ((uintptr_t)block + page - 1) & ~(page - 1);
    if (block && bytes >= LARGE)
        madvise((void *)from, ((uintptr_t)block + bytes - from) & ~(page - 1), MADV_NOHUGEPAGE);
#endif
    return block;
}

void *mem_resize(void *block, size_t n, size_t size) {
    size_t bytes;
    return refused(n, size, &bytes) ? NULL : realloc(block, bytes);
}

void mem_free(void *block) {
    free(block);
}

#define ARENA_ALIGN 16
#define ARENA_BLOCK_MIN ((size_t)4096)
#define ARENA_BLOCK_MAX ((size_t)1 << 20)

struct arena_block {
    arena_block_t *next;
    size_t size, used; /* of data, in bytes */
    alignas(ARENA_ALIGN) unsigned char data[];
};

void arena_init(arena_t *self) {
    *self = (arena_t){0};
}

void arena_free(arena_t *self) {
    for (arena_block_t *block = self->head, *next; block; block = next) {
        next = block->next;
        mem_free(block);
    }
    *self = (arena_t){0};
}

/* A block of at least `bytes`: each is twice the last, so that the number of blocks stays small. */
static arena_block_t *add_block(arena_t *self, size_t bytes) {
    size_t size = self->head ? 2 * self->head->size : ARENA_BLOCK_MIN;
    if (size > ARENA_BLOCK_MAX) size = ARENA_BLOCK_MAX;
    if (size < bytes) size = bytes;
    if (size > PTRDIFF_MAX - sizeof(arena_block_t)) return NULL;
    arena_block_t *block = mem_alloc(1, sizeof *block + size);
    if (!block) return NULL;
    block->size = size;
    block->next = self->head;
    self->head = block;
    return block;
}

void *arena_alloc(arena_t *self, size_t n, size_t size) {
    size_t bytes;
    if (__builtin_mul_overflow(n, size, &bytes) || bytes > PTRDIFF_MAX - ARENA_ALIGN) return NULL;
    bytes = (bytes + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
    if (bytes == 0) bytes = ARENA_ALIGN; /* two allocations never share an address */

    arena_block_t *block = self->head;
    if (!block || block->size - block->used < bytes) block = add_block(self, bytes);
    if (!block) return NULL;
    void *result = block->data + block->used;
    block->used += bytes;
    self->bytes += bytes;
    return result;
}

char *arena_text_n(arena_t *self, const char *text, size_t length) {
    if (!text) return NULL;
    length = strnlen(text, length);
    char *copy = arena_alloc(self, length + 1, 1);
    if (copy) memcpy(copy, text, length);
    return copy;
}

char *arena_text(arena_t *self, const char *text) {
    return text ? arena_text_n(self, text, strlen(text)) : NULL;
}

int mem_array_reserve(void **items, size_t count, size_t *capacity, size_t item_size) {
    if (count < *capacity) return 0;
    size_t larger = *capacity < 8 ? 8 : *capacity + *capacity / 2;
    void *block = mem_resize(*items, larger, item_size);
    if (!block) return ERR_NOMEM;
    *items = block;
    *capacity = larger;
    return 0;
}
