/* Rounding of trajectories: value -> integer code -> stored value, monotone. They are rounded before they are
 * written, and their summaries count codes, so summaries are exact for what is stored. */
#ifndef ENTENTE_STATS_ROUNDING_H
#define ENTENTE_STATS_ROUNDING_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool relative; /* by mantissa bits, else by multiples of `step` */
    bool exact;    /* the stored values stay as they are; codes serve the summaries only */
    double step;   /* a power of two */
    int shift;     /* mantissa bits dropped */
    double error;  /* the most that a code's value is off: absolute, or relative */
} rounding_t;

/* The coarsest rounding to within `error` (absolute, or relative); 0 stores exact values. */
rounding_t rounding_absolute(double error);
rounding_t rounding_relative(double error);
int32_t rounding_code(const rounding_t *self, float value); /* of a value that is not NaN */
float rounding_value(const rounding_t *self, int32_t code);
float rounding_store(const rounding_t *self, float value); /* what is written for it; NaN stays */

#endif
