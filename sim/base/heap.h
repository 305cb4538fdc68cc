/* A queue of at most one pending time per id: an indexed 4-ary min-heap.
 *
 * Ids are 0 .. n-1, fixed at init. Equal times are ordered by `order[id]` (borrowed array, may be NULL),
 * then by id. Push, change and remove cost O(log n); the minimum is O(1). */
#ifndef ENTENTE_BASE_HEAP_H
#define ENTENTE_BASE_HEAP_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    double time;
    uint32_t id;
    uint32_t what; /* the caller's; carried along */
} heap_entry_t;

typedef struct {
    heap_entry_t *entries; /* [n], then at least 4 of time INFINITY; within block, the four children of an
                              entry on one cache line */
    void *block;
    uint32_t *position; /* of each id; HEAP_NOWHERE when it is not queued */
    const uint64_t *order;
    uint32_t n, n_ids, capacity;
} heap_t;

#define HEAP_NOWHERE UINT32_MAX

int heap_init(heap_t *self, uint32_t n_ids, const uint64_t *order); /* 0 or ERR_NOMEM */
/* Makes room for ids up to n_ids - 1 (never shrinks) and takes the new `order` array. */
int heap_grow(heap_t *self, uint32_t n_ids, const uint64_t *order);
void heap_free(heap_t *self);
void heap_clear(heap_t *self);

static inline bool heap_empty(const heap_t *self) {
    return self->n == 0;
}
static inline const heap_entry_t *heap_top(const heap_t *self) {
    return self->entries;
}
/* Sets the time (not negative) of `id`, queueing it if it is not there; INFINITY takes it out. */
void heap_set_as(heap_t *self, uint32_t id, uint32_t what, double time);
static inline void heap_set(heap_t *self, uint32_t id, double time) {
    heap_set_as(self, id, 0, time);
}
void heap_remove(heap_t *self, uint32_t id); /* no effect when not queued */
/* True if the heap order and the position index hold (for tests and debug builds). */
bool heap_verify(const heap_t *self);

#endif
