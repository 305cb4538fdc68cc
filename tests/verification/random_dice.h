/* What the files that make random models share: draws, memory and names for the model in the making. */
#ifndef ENTENTE_VERIFY_RANDOM_DICE_H
#define ENTENTE_VERIFY_RANDOM_DICE_H

#include "base/rng.h"
#include "model/model.h"
#include <assert.h>
#include <math.h>
#include <stdio.h>

typedef struct {
    model_t *m;
    rng_stream_t stream;
} dice_t;

static inline double between(dice_t *d, double low, double high) {
    return low + (high - low) * rng_stream_unit(&d->stream);
}

static inline int upto(dice_t *d, int low, int high) { /* both included */
    return low + (int)(rng_stream_unit(&d->stream) * (high - low + 1));
}

static inline bool maybe(dice_t *d, double p) {
    return rng_stream_unit(&d->stream) < p;
}

static inline void *make(dice_t *d, int n, size_t size) {
    void *block = arena_alloc(&d->m->arena, (size_t)n + 1, size);
    assert(block);
    return block;
}
#define MAKE(d, pointer, n) ((pointer) = make(d, n, sizeof *(pointer)))

static inline char *name(dice_t *d, const char *stem, int n) {
    char text[32];
    /* so that the order of names is not the order of the file */
    snprintf(text, sizeof text, "%s%c%d", stem, "qdxbmzafk"[n % 9], n);
    return arena_text(&d->m->arena, text);
}

static inline dist_t any_delay(dice_t *d, double mean) {
    switch (upto(d, 0, 3)) {
    case 0:
        return (dist_t){DIST_EXPONENTIAL, {mean}};
    case 1:
        return (dist_t){DIST_GAMMA, {mean, 2}};
    case 2:
        return (dist_t){DIST_UNIFORM, {0, 2 * mean}};
    default:
        return (dist_t){DIST_CONSTANT, {round(mean)}};
    }
}

/* Kinds of which one convenes, one invites to it and the last answers; a third of the models with groups have
 * them. */
enum { CONVENES = 1, INVITES = 2 };

/* The kinds, after actors, ties, groups and conditions. */
void random_kinds(dice_t *d);
bool random_kinds_have_summits(const model_t *m);
/* A rule, `own`: of an event, which may speak of its own tie and actors; after all but variants. */
rule_t *random_rule(dice_t *d, bool own);
void random_rules(dice_t *d);

#endif
