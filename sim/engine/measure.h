/* The fixed unit Poisson measure that a process owns, over (time, height).
 *
 * A point of the measure is an event of the process iff its height is below the process's intensity at
 * its time: the Poisson embedding (Bremaud and Massoulie, "Stability of nonlinear Hawkes processes",
 * Annals of Probability 24, 1996). The points depend on the process's key and the replicate alone, so the
 * log depends on the path of the intensity only, never on how it was bounded or when it was looked at.
 *
 * Heights are cut into strips: [0, scale), then [scale, 2 scale), [2 scale, 4 scale), ... A strip's time is
 * cut into cells that hold MEASURE_CELL_POINTS points on average; the points of a cell come from
 * (key, replicate, strip, cell) by exponential gaps from its left edge, so that any moment can be reached
 * without walking there. Nothing is stored: a strip that is not looked at costs nothing.
 * Times are days from the scenario's start, heights are per day. */
#ifndef ENTENTE_ENGINE_MEASURE_H
#define ENTENTE_ENGINE_MEASURE_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#define MEASURE_CELL_POINTS 2.0
#define MEASURE_MAX_STRIP 100

typedef struct {
    double time, height;
} point_t;

typedef struct {
    uint64_t key; /* of seed and process by name */
    double scale; /* top of strip 0; the same in every variant, draw and design point */
    uint32_t replicate;
} measure_t;

/* The lowest strip whose top is at least `bound`; -1 for 0, MEASURE_MAX_STRIP + 1 when out of range. */
static inline int measure_strip(double scale, double bound) {
    if (!(bound > 0)) return bound == 0 ? -1 : MEASURE_MAX_STRIP + 1;
    if (bound <= scale) return 0;
    int exponent;
    double mantissa = frexp(bound / scale, &exponent);
    int strip = mantissa == 0.5 ? exponent - 1 : exponent;
    return strip > MEASURE_MAX_STRIP || !isfinite(bound) ? MEASURE_MAX_STRIP + 1 : strip;
}

/* The first point later than `after` and earlier than `until` in strips first .. last. */
bool measure_next(const measure_t *self, int first, int last, double after, double until, point_t *point);

#endif
