/* Draws under an event's identity (base/rng.h): each purpose has a stream of its own. */
#ifndef ENTENTE_ENGINE_DRAW_H
#define ENTENTE_ENGINE_DRAW_H

#include "base/dist.h"
#include "base/rng.h"

enum {
    DRAW_LEVEL = 1,
    DRAW_VALUE,
    DRAW_SECTOR,
    DRAW_SUCCESS,
    DRAW_DURATION,
    DRAW_DEAL,
    DRAW_OCCURS,
    DRAW_TIME,
    DRAW_CHANCE,
    DRAW_DELAY,
    DRAW_SHARE,
    DRAW_REPLY,
    DRAW_REPLY_DELAY,
    DRAW_ATTEND,
    DRAW_SIDELINE,
    DRAW_NOISE
};

static inline double draw_unit(uint64_t key, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    return rng_stream_unit(&stream);
}
static inline double draw_from(const dist_t *dist, uint64_t key, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    return dist_sample(dist, &stream);
}

#endif
