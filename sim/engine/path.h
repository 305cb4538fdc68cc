/* Branches of a replicate: other random numbers from a moment on (engine.h: branch_t). */
#ifndef ENTENTE_ENGINE_PATH_H
#define ENTENTE_ENGINE_PATH_H

#include "engine/internal.h"

/* The key of something drawn on the present branch. */
static inline uint64_t path_key(const engine_t *self, uint64_t key) {
    return self->branch ? rng_key_number(key, self->branch) : key;
}
void path_begin(engine_t *self);
/* Takes the next branch if its time is before `next`, when something comes next; that changes with it. */
bool path_take(engine_t *self, double next);

#endif
