#include "engine/event/agenda.h"

#include "base/error.h"
#include "base/mem.h"
#include <assert.h>
#include <math.h>

int agenda_init(agenda_t *self) {
    *self = (agenda_t){.acting = COURSE_ROOT};
    return heap_init(&self->heap, 0, NULL);
}

void agenda_free(agenda_t *self) {
    heap_free(&self->heap);
    mem_free(self->items);
    mem_free(self->order);
    mem_free(self->courses);
    mem_free(self->serial);
    mem_free(self->free);
    *self = (agenda_t){0};
}

void agenda_clear(agenda_t *self) {
    heap_clear(&self->heap);
    self->n_items = self->n_free = self->n_added = 0;
}

/* An unused id, with room for it everywhere. */
static uint32_t take_id(agenda_t *self) {
    if (self->n_free > 0) return self->free[--self->n_free];
    if (ARRAY_RESERVE(self->items, self->n_items, self->item_capacity) < 0 ||
        ARRAY_RESERVE(self->order, self->n_items, self->order_capacity) < 0 ||
        ARRAY_RESERVE(self->courses, self->n_items, self->courses_capacity) < 0 ||
        ARRAY_RESERVE(self->serial, self->n_items, self->serial_capacity) < 0 ||
        ARRAY_RESERVE(self->free, self->n_items, self->free_capacity) < 0)
        return AGENDA_NONE;
    if (self->n_items >= self->heap.n_ids &&
        heap_grow(&self->heap, (uint32_t)self->order_capacity, self->order) < 0)
        return AGENDA_NONE;
    self->heap.order = self->order;
    return self->n_items++;
}

uint32_t agenda_add(agenda_t *self, double time, agenda_class_t klass, uint64_t order, const item_t *item) {
    uint32_t id = take_id(self);
    if (id == AGENDA_NONE) return id;
    self->items[id] = *item;
    self->courses[id] = self->acting;
    self->serial[id] = self->n_added++;
    self->order[id] = (uint64_t)klass << 56 | order >> 8;
    heap_set(&self->heap, id, time);
    return id;
}

double agenda_time(const agenda_t *self) {
    return heap_empty(&self->heap) ? INFINITY : heap_top(&self->heap)->time;
}

item_t agenda_pop(agenda_t *self, uint32_t *id) {
    *id = heap_top(&self->heap)->id;
    heap_remove(&self->heap, *id);
    return self->items[*id];
}

void agenda_release(agenda_t *self, uint32_t id) {
    self->free[self->n_free++] = id;
}

bool agenda_waits(const agenda_t *self, uint32_t id, course_set_t courses) {
    return id < self->n_items && self->heap.position[id] != HEAP_NOWHERE && (self->courses[id] & courses);
}

bool agenda_pending(const agenda_t *self, uint32_t id) {
    return agenda_waits(self, id, self->acting & -self->acting);
}

void agenda_remove(agenda_t *self, uint32_t id) {
    self->courses[id] &= ~self->acting;
    if (self->courses[id]) return;
    heap_remove(&self->heap, id);
    agenda_release(self, id);
}
