/* The fixed unit Poisson measure that a process owns, over (time, height).
 *
 * A point of the measure is an event of the process iff its height is below the process's intensity at
 * its time: the Poisson embedding (Bremaud and Massoulie, "Stability of nonlinear Hawkes processes",
 * Annals of Probability 24, 1996). The points depend on the process's key and the replicate alone, so the
 * log depends on the path of the intensity only, never on how it was bounded or when it was looked at.
 *
 * Heights are cut into strips: [0, scale), then [1, 2), [2, 8), [8, 64), [64, 1024) ... times scale, each
 * strip j = 1, 2, ... 2^j times as high as its floor, so that few strips reach any height while those near
 * the scale stay thin. A strip's time is cut into cells that hold one point on average; a cell's points
 * come from (key, replicate, strip, cell), so that any moment can be reached without walking there.
 * Nothing is stored: a strip that is not looked at costs nothing. A cell's number of points and a point's
 * height are exact to one part in 2^32.
 *
 * Times are days from the scenario's start, heights are per day. */
#ifndef ENTENTE_ENGINE_MEASURE_H
#define ENTENTE_ENGINE_MEASURE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define MEASURE_MAX_STRIP 20

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
    } two = {.bits = (uint64_t)(1023 + strip * (strip + 1) / 2) << 52};
    return self->scale * two.value;
}

/* A height that falls with time, below which points are looked for: base + excess exp(-decay (t - from)). */
typedef struct {
    double base, excess, decay, from;
} ceiling_t;

/* The first point later than `after` and earlier than `until` in strip `strip`, and below the ceiling if one
 * is given (NULL: any height). The cost grows with the area looked at, in points. */
bool measure_next(const measure_t *self, int strip, double after, double until, const ceiling_t *ceiling,
                  point_t *point);

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

/* Bounds of log(x) for x > 0, less than 0.06 apart: the exponent and a straight line through the mantissa. */
static inline double log_below(double x) {
    union {
        double value;
        uint64_t bits;
    } split = {.value = x};
    double exponent = (double)(int)(split.bits >> 52) - 1023;
    split.bits = (split.bits & 0xfffffffffffff) | (uint64_t)1023 << 52;
    return (exponent + (split.value - 1)) * 0x1.62e42fefa39efp-1;
}
static inline double log_above(double x) {
    return log_below(x) + 0.0597;
}

#endif
