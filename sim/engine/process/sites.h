/* A set of sites, of which there are few at a time. */
#ifndef ENTENTE_ENGINE_PROCESS_SITES_H
#define ENTENTE_ENGINE_PROCESS_SITES_H

#include "base/error.h"
#include "base/mem.h"
#include <stdbool.h>

typedef struct {
    int n;
    int *list;
    bool *in;
} sites_t;

static inline int sites_init(sites_t *self, int n) {
    self->list = mem_alloc((size_t)n + 1, sizeof *self->list);
    self->in = mem_alloc((size_t)n + 1, sizeof *self->in);
    return self->list && self->in ? 0 : ERR_NOMEM;
}

static inline void sites_free(sites_t *self) {
    mem_free(self->list);
    mem_free(self->in);
    *self = (sites_t){0};
}

static inline void sites_add(sites_t *self, int site) {
    if (self->in[site]) return;
    self->in[site] = true;
    self->list[self->n++] = site;
}

static inline void sites_clear(sites_t *self) {
    for (int n = 0; n < self->n; n++) self->in[self->list[n]] = false;
    self->n = 0;
}

#endif
