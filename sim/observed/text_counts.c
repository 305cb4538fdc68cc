#include "observed/text_counts.h"

#include "base/error.h"
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { SLOTS = 2 * TEXT_COUNTS_MOST };

/* FNV-1a: texts are short. */
static size_t slot_of(const char *text) {
    uint64_t hash = 0xCBF29CE484222325;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001B3;
    return hash % SLOTS;
}

int text_counts_add(text_counts_t *self, const char *text) {
    if (!self->slots && !(self->slots = mem_alloc(SLOTS, sizeof *self->slots))) return ERR_NOMEM;
    size_t slot = slot_of(text);
    self->all++;
    for (; self->slots[slot]; slot = (slot + 1) % SLOTS) {
        counted_t *item = &self->items[self->slots[slot] - 1];
        if (strcmp(item->text, text) != 0) continue;
        item->n++;
        return 0;
    }
    if (self->n == TEXT_COUNTS_MOST) return 0;
    int ret = ARRAY_RESERVE(self->items, self->n, self->capacity);
    const char *own = ret < 0 ? NULL : arena_text(&self->texts, text);
    if (!own) return ret < 0 ? ret : ERR_NOMEM;
    self->items[self->n++] = (counted_t){own, 1};
    self->slots[slot] = self->n;
    return 0;
}

static int by_count(const void *a, const void *b) {
    const counted_t *x = a, *y = b;
    if (x->n != y->n) return x->n > y->n ? -1 : 1;
    return strcmp(x->text, y->text);
}

void text_counts_sort(text_counts_t *self) {
    if (self->n > 0) qsort(self->items, (size_t)self->n, sizeof *self->items, by_count);
}

void text_counts_free(text_counts_t *self) {
    mem_free(self->items);
    mem_free(self->slots);
    arena_free(&self->texts);
    *self = (text_counts_t){0};
}
