/* Simulates until an interval is narrow enough: `--precision QUANTITY[:VARIANT]=HALFWIDTH`.
 *
 * The rule. A run first checks at PRECISION_FIRST replicates, or at those of a finished file if it has more.
 * It stops if the half-width of every requested Monte Carlo 95 % confidence interval is at most the requested
 * value, or all values are equal. Requested is the interval of a quantity's mean in every variant, or of the
 * paired change by one variant; a width is in the quantity's unit, or relative to the size of the estimate.
 * Otherwise the next size is the one that the present standard deviation suggests (plus a tenth), at least a
 * fifth more than the present size and at most four times it. Sizes are rounded up to whole blocks
 * (run/run.c). There are therefore few checks, at sizes that follow from the replicates and the blocks alone:
 * the result is the same for any number of workers, and an interrupted run continues with the same sizes.
 *
 * Stopping when an interval is narrow favours samples with a small standard deviation. That costs coverage if
 * a run checks often, or early, while the standard deviation is unsure. With PRECISION_FIRST replicates it is
 * known to 1 / sqrt(2 x 200) = 5 %, and one or two checks follow, the second of which passes as a rule:
 * coverage stays within 93 to 97 % (tests/unit/test_stats_precision.c; a rule that begins at 10 and checks at
 * every step does not). An interval of a mean exists only when ten values carry it (stats/interval.h), so
 * rare differences do not stop a run by their absence. */
#ifndef ENTENTE_STATS_PRECISION_H
#define ENTENTE_STATS_PRECISION_H

#include "stats/estimate.h"
#include <stdbool.h>

#define PRECISION_FIRST 200u
#define PRECISION_MOST 10000000u /* replicates, unless the caller says otherwise */

typedef struct {
    int quantity;
    int variant; /* of whose change from the first variant; PRECISION_MEANS: the means of all variants */
    double half_width; /* > 0: in the quantity's unit, or relative to the estimate's size */
    bool relative;
} precision_t;
#define PRECISION_MEANS (-1)

typedef struct {
    bool reached;
    uint32_t next; /* replicates to look at then, more than now */
    /* What is farthest from it: which, and how many replicates it seems to need (INFINITY: it has no interval
     * yet). */
    int wanted, variant;
    double half_width, allowed, needed; /* the first two in the quantity's unit */
} precision_look_t;

/* Checks estimates[variant][quantity] of n replicates; a requested variant is an index into those. */
precision_look_t precision_look(const precision_t *wanted, int n_wanted, const estimate_t *estimates,
                                int n_variants, int n_quantities, uint32_t n);

#endif
