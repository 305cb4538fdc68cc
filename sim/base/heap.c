#include "base/heap.h"

#include "base/error.h"
#include "base/mem.h"
#include <assert.h>
#include <math.h>
#include <string.h>

#define ARITY 4

int heap_init(heap_t *self, uint32_t n_ids, const uint64_t *order) {
    *self = (heap_t){0};
    return heap_grow(self, n_ids, order);
}

/* Moves the entries to a larger block in which entry 1 begins a cache line. */
static int move_entries(heap_t *self, uint32_t capacity) {
    heap_entry_t *block = mem_alloc_lines((size_t)capacity + 2 * ARITY, sizeof *block);
    if (!block) return ERR_NOMEM;
    heap_entry_t *entries = block + ARITY - 1;
    for (uint32_t i = 0; i < capacity + ARITY; i++)
        entries[i] = i < self->n ? self->entries[i] : (heap_entry_t){INFINITY, HEAP_NOWHERE, 0};
    mem_free(self->block);
    self->block = block;
    self->entries = entries;
    return 0;
}

int heap_grow(heap_t *self, uint32_t n_ids, const uint64_t *order) {
    assert(n_ids < HEAP_NOWHERE - ARITY);
    if (n_ids > self->capacity || !self->entries) {
        uint32_t capacity = self->capacity + self->capacity / 2;
        if (capacity < n_ids) capacity = n_ids;
        if (move_entries(self, capacity) < 0) return ERR_NOMEM;
        uint32_t *position = mem_resize(self->position, capacity, sizeof *position);
        if (!position) return ERR_NOMEM; /* the old capacity still holds for both */
        self->position = position;
        self->capacity = capacity;
    }
    for (; self->n_ids < n_ids; self->n_ids++) self->position[self->n_ids] = HEAP_NOWHERE;
    self->order = order;
    return 0;
}

void heap_free(heap_t *self) {
    mem_free(self->block);
    mem_free(self->position);
    *self = (heap_t){0};
}

void heap_clear(heap_t *self) {
    for (uint32_t i = 0; i < self->n; i++) {
        self->position[self->entries[i].id] = HEAP_NOWHERE;
        self->entries[i].time = INFINITY;
    }
    self->n = 0;
}

static bool tie_before(const heap_t *self, uint32_t a, uint32_t b) {
    if (self->order && self->order[a] != self->order[b]) return self->order[a] < self->order[b];
    return a < b;
}

static inline bool before(const heap_t *self, heap_entry_t a, heap_entry_t b) {
    if (__builtin_expect(a.time == b.time, 0)) return tie_before(self, a.id, b.id);
    return a.time < b.time;
}

/* Times are not negative: their bits, taken as integers, have the same order, and integers compare faster.
 * */
static inline uint64_t bits_of(const heap_entry_t *entry) {
    uint64_t bits;
    memcpy(&bits, &entry->time, sizeof bits);
    return bits;
}

static inline void put(heap_t *self, uint32_t at, heap_entry_t entry) {
    self->entries[at] = entry;
    self->position[entry.id] = at;
}

/* Both sifts move a hole to where `entry` belongs and fill it there. */

static void sift_up(heap_t *self, uint32_t hole, heap_entry_t entry) {
    while (hole > 0) {
        const uint32_t parent = (hole - 1) / ARITY;
        if (!before(self, entry, self->entries[parent])) break;
        put(self, hole, self->entries[parent]);
        hole = parent;
    }
    put(self, hole, entry);
}

/* The least of four children, without branches but for ties. */
static inline uint32_t least_of(const heap_t *self, uint32_t first) {
    const heap_entry_t *c = self->entries + first;
    const uint64_t t0 = bits_of(c), t1 = bits_of(c + 1), t2 = bits_of(c + 2), t3 = bits_of(c + 3);
    const uint64_t ta = t1 < t0 ? t1 : t0, tb = t3 < t2 ? t3 : t2;
    const uint32_t a = t1 < t0, b = 2 + (t3 < t2);
    uint32_t least = a ^ ((a ^ b) & -(uint32_t)(tb < ta));
    if (__builtin_expect((t0 == t1) | (t2 == t3) | (ta == tb), 0)) {
        least = 0;
        for (uint32_t i = 1; i < ARITY && first + i < self->n; i++)
            if (before(self, c[i], c[least])) least = i;
    }
    return first + least;
}

static void sift_down(heap_t *self, uint32_t hole, heap_entry_t entry) {
    for (;;) {
        const uint64_t child = (uint64_t)hole * ARITY + 1;
        if (child >= self->n) break;
        if (child * ARITY + 1 < self->n)
            for (uint32_t i = 0; i < ARITY; i++) /* a line of grandchildren each */
                __builtin_prefetch(&self->entries[(child + i) * ARITY + 1]);
        const uint32_t least = least_of(self, (uint32_t)child);
        if (!before(self, self->entries[least], entry)) break;
        put(self, hole, self->entries[least]);
        hole = least;
    }
    put(self, hole, entry);
}

void heap_set_as(heap_t *self, uint32_t id, uint32_t what, double time) {
    assert(id < self->n_ids && time >= 0);
    if (time == INFINITY) {
        heap_remove(self, id);
        return;
    }
    const heap_entry_t entry = {time + 0.0, id, what}; /* no -0 */
    const uint32_t at = self->position[id];
    if (at == HEAP_NOWHERE)
        sift_up(self, self->n++, entry);
    else if (time < self->entries[at].time)
        sift_up(self, at, entry);
    else if (time > self->entries[at].time)
        sift_down(self, at, entry);
    else
        self->entries[at].what = what;
}

void heap_remove(heap_t *self, uint32_t id) {
    assert(id < self->n_ids);
    const uint32_t at = self->position[id];
    if (at == HEAP_NOWHERE) return;
    self->position[id] = HEAP_NOWHERE;
    self->n--;
    if (at == self->n) {
        self->entries[at].time = INFINITY;
        return;
    }
    const heap_entry_t last = self->entries[self->n];
    self->entries[self->n].time = INFINITY;
    if (at > 0 && before(self, last, self->entries[(at - 1) / ARITY]))
        sift_up(self, at, last);
    else
        sift_down(self, at, last);
}

bool heap_verify(const heap_t *self) {
    uint32_t queued = 0;
    for (uint32_t id = 0; id < self->n_ids; id++) {
        const uint32_t at = self->position[id];
        if (at == HEAP_NOWHERE) continue;
        if (at >= self->n || self->entries[at].id != id) return false;
        queued++;
    }
    if (queued != self->n) return false;
    for (uint32_t i = 1; i < self->n; i++) {
        if (before(self, self->entries[i], self->entries[(i - 1) / ARITY])) return false;
    }
    return true;
}
