/* Simulates until an interval is narrow enough: `--precision QUANTITY=HALFWIDTH`.
 *
 * The rule. A run first checks at PRECISION_FIRST replicates, or at those of a finished file if it has more.
 * It stops if, for every requested quantity and in every variant, the half-width of the Monte Carlo 95 %
 * confidence interval of the mean is at most the requested value, or all values are equal. Otherwise the next
 * size is the one that the present standard deviation suggests (plus a tenth), at least a fifth more than the
 * present size and at most four times it. Sizes are rounded up to whole blocks (run/run.c). There are
 * therefore few checks, at sizes that follow from the replicates and the blocks alone: the result is the same
 * for any number of workers, and an interrupted run continues with the same sizes.
 *
 * Stopping when an interval is narrow makes intervals slightly too narrow: in a case with a known answer the
 * coverage of 200 runs was 92 % instead of 95 % (docs/running.md). */
#ifndef ENTENTE_STATS_PRECISION_H
#define ENTENTE_STATS_PRECISION_H

#include "stats/estimate.h"
#include <stdbool.h>

#define PRECISION_FIRST 200u
#define PRECISION_MOST 10000000u /* replicates, unless the caller says otherwise */

typedef struct {
    int quantity;
    double half_width; /* in the quantity's unit, > 0 */
} precision_t;

typedef struct {
    bool reached;
    uint32_t next; /* replicates to look at then, more than now */
    /* What is farthest from it: which, and how many replicates it seems to need (INFINITY: it has no interval
     * yet). */
    int wanted, variant;
    double half_width, needed;
} precision_look_t;

/* Checks estimates[variant][quantity] of n replicates. */
precision_look_t precision_look(const precision_t *wanted, int n_wanted, const estimate_t *estimates,
                                int n_variants, int n_quantities, uint32_t n);

#endif
