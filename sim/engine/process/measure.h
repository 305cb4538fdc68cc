/* The fixed unit Poisson measure that a process owns, over (time, height).
 *
 * A point of the measure is a baseline event of the process iff its height is below the process's baseline
 * intensity at its time: the Poisson embedding (Bremaud and Massoulie, "Stability of nonlinear Hawkes
 * processes", Annals of Probability 24, 1996). The points depend only on the process's key and the
 * replicate, so the log depends only on the path of the intensity, never on how or when the engine bounds
 * it.
 *
 * Heights are divided into strips: [0, 1), [1, 2), [2, 4), [4, 8) ... times the scale, so that few strips
 * reach any height and few points above the requested height are examined. The time of a strip is divided
 * into cells, of eight points on average in strip 0, which the engine follows point by point, and of one
 * point in the others, which it examines at intervals. Within a cell each point follows the one before after
 * an exponential gap; the first gap that leads out of the cell ends the sequence. The n-th point is a
 * function of (key, replicate, strip, cell, n), so that the points at any moment can be computed directly.
 * Nothing is stored: a strip that is not examined costs nothing.
 *
 * Times are days from the scenario's start, heights are per day. */
#ifndef ENTENTE_ENGINE_PROCESS_MEASURE_H
#define ENTENTE_ENGINE_PROCESS_MEASURE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define MEASURE_MAX_STRIP 255

typedef struct {
    double time, height;
} point_t;

/* One process's measure in one replicate. */
typedef struct {
    uint64_t key; /* of seed and process by name */
    uint32_t replicate;
    double scale; /* top of strip 0; the same in every variant, draw and design point */
} measure_t;

/* The top of strip j; the floor of strip j + 1. */
static inline double measure_top(const measure_t *self, int strip) {
    union {
        uint64_t bits;
        double value;
    } two = {.bits = (uint64_t)(1023 + strip) << 52};
    return self->scale * two.value;
}

/* The first point later than `after` and earlier than `until` in strip `strip`, and below the height
 * `below`. If `after` is the time of a point, `number` is the number of points in its cell up to it, and the
 * search continues from there; otherwise it is 0. It becomes the number of the point found. The cost grows
 * with the number of points examined. */
bool measure_next(const measure_t *self, int strip, double after, double until, double below, point_t *point,
                  uint32_t *number);

/* A point of strip 0 before the horizon needs the first number, by its upper 32 bits, to be at least this; 0
 * where further numbers may give one too. */
uint32_t measure_least(const measure_t *self, double horizon);
/* The second word of the counter of that number, in every replicate's measures; the words beside it are 0. */
static inline uint32_t measure_first_counter(uint32_t replicate) {
    return replicate;
}

/* At least exp(x), by at most 3 parts in 100,000: bounds need no more. */
static inline double exp_above(double x) {
    if (!(x < 700)) return INFINITY;
    if (x < -700) return 1e-300;
    double y = x * 0x1.71547652b82fep+0, n = floor(y + 0.5), r = (y - n) * 0x1.62e42fefa39efp-1;
    double p = 1 + r * (1 + r * (0.5 + r * (1.0 / 6 + r * (1.0 / 24 + r * (1.0 / 120)))));
    union {
        uint64_t bits;
        double value;
    } two = {.bits = (uint64_t)((int64_t)n + 1023) << 52};
    return two.value * p * 1.00001;
}

#endif
