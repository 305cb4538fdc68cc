/* Memory: checked allocation, an arena for objects that are freed together, and growable arrays.
 *
 * All allocations of the program use mem_alloc and mem_resize, so that a test can make the n-th one fail
 * (mem_fail_after). */
#ifndef ENTENTE_BASE_MEM_H
#define ENTENTE_BASE_MEM_H

#include <stddef.h>

/* Zeroed memory for `n` items of `size` bytes; NULL when there is none or n * size overflows. n may be
 * 0 (the result may then not be read but must still be freed). The caller frees with mem_free. */
void *mem_alloc(size_t n, size_t size);
/* The same, aligned to a cache line: for arrays whose items fill or divide cache lines. Not for mem_resize.
 * */
#define CACHE_LINE 64
void *mem_alloc_lines(size_t n, size_t size);

/* As mem_alloc, for large blocks of which only a small part will be used: the rest takes no memory. */
void *mem_alloc_sparse(size_t n, size_t size);

/* realloc with an overflow check; new bytes are not zeroed. On NULL the old block is still owned by the
 * caller. */
void *mem_resize(void *block, size_t n, size_t size);

void mem_free(void *block); /* NULL is fine */

/* Test hook: after `n` more allocations every further one fails; a negative n never fails. */
void mem_fail_after(long n);

/* An arena: allocations that are freed all at once. Addresses stay fixed for the arena's life. */
typedef struct arena_block arena_block_t;
typedef struct {
    arena_block_t *head;
    size_t bytes; /* handed out so far */
} arena_t;

void arena_init(arena_t *self);
void arena_free(arena_t *self); /* safe on a zeroed or already freed arena */
/* Zeroed, aligned to 16 bytes; NULL when memory is out. */
void *arena_alloc(arena_t *self, size_t n, size_t size);
/* A copy of `text` (NULL gives NULL) or of its first `length` bytes, ended by a zero. */
char *arena_text(arena_t *self, const char *text);
char *arena_text_n(arena_t *self, const char *text, size_t length);

/* Makes room for one more item in a growable array (pointer, count, capacity); 0 or ERR_NOMEM. The
 * array is mem_resize'd, so it is freed with mem_free. */
int mem_array_reserve(void **items, size_t count, size_t *capacity, size_t item_size);
#define ARRAY_RESERVE(items, count, capacity) \
    mem_array_reserve((void **)&(items), (size_t)(count), &(capacity), sizeof *(items))

#endif
