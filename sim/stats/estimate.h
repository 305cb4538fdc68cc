/* Estimates of the named quantities from a file's replicates, in memory that does not grow with them.
 *
 * Sums run over the replicates in their order, with compensation; quantiles are exact order statistics,
 * found by passes over the data (radix selection, eight bits of the ordered value a pass), linear between
 * neighbours as numpy's default. An estimate therefore depends only on the replicates. Replicates that
 * stopped early in any variant are left out of all.
 *
 * Means and differences of a first time are those of min(T, horizon), its restricted mean: the mean over the
 * replicates in which it comes would compare other replicates in each variant. Quantiles are those of T.
 *
 * Intervals are those of stats/interval.h: of quantiles, order statistics; of means, NAN where the replicates
 * cannot tell; of probabilities, whose values are 0 or 1, Wilson's, and of their differences Tango's for
 * pairs. The differences of the first variant, from itself, are 0 with the interval 0 to 0.
 */
#ifndef ENTENTE_STATS_ESTIMATE_H
#define ENTENTE_STATS_ESTIMATE_H

#include "base/error.h"
#include "model/model.h"

#define ESTIMATE_QUANTILES 5
extern const double estimate_quantiles[ESTIMATE_QUANTILES]; /* 0.05, 0.25, 0.5, 0.75, 0.95 */

typedef struct {
    double at[ESTIMATE_QUANTILES];
    double low[ESTIMATE_QUANTILES], high[ESTIMATE_QUANTILES]; /* 95 % interval of each; NAN: too few values */
} quantiles_t;

typedef struct { /* of one quantity in one variant, over the replicates that ran well in all variants */
    int64_t n, n_finite;   /* replicates; those with a finite value: a first time may not come by the end */
    double mean, sd;       /* of the values, a first time that does not come counted as the end */
    double low, high;      /* Monte Carlo 95 % interval of the mean; NAN: too few values carry it */
    double carriers;       /* how many do, 0 if all values are equal */
    quantiles_t quantiles; /* of all n values */
    int64_t n_differ;      /* pairs whose two values differ */
    double difference, difference_sd, difference_low, difference_high; /* paired, to the first variant */
    double difference_carriers;                                        /* as for the mean */
    double reduction; /* variance of an unpaired difference / variance of the paired one; NAN where too few
                       * pairs carry the latter */
    quantiles_t difference_quantiles; /* of the differences */
    /* Of the uncertain parameters (stats/parameters/spread.h; NAN without any): the share of the variance
     * that E[value | parameters] carries, with its 95 % interval, and the 5 % and 95 % quantile of that mean.
     */
    double share, share_low, share_high, parameters_low, parameters_high;
    double difference_share, difference_share_low, difference_share_high;
    double difference_parameters_low, difference_parameters_high;
} estimate_t;

/* Reads replicates [first, first + n) of one variant: values [n][quantity] and status [n]. */
typedef struct {
    void *context;
    int (*values)(void *context, int variant, uint32_t first, uint32_t n, double *values, fault_t *err);
    int (*status)(void *context, int variant, uint32_t first, uint32_t n, int8_t *status, fault_t *err);
    const quantity_t *quantities; /* [quantity]: which are probabilities; NULL: none is */
    double horizon; /* days from the start to the end: what INFINITY counts as in means and differences; NAN:
                     * it is left out */
    size_t
        memory; /* bytes of values that may be kept instead of being read in each pass; 0: ESTIMATE_MEMORY */
} estimate_source_t;
#define ESTIMATE_MEMORY ((size_t)64 << 20)

/* estimates[variant][quantity]; *n_failed: replicates left out. */
int estimate_all(const estimate_source_t *source, int n_variants, int n_quantities, uint32_t n_replicates,
                 estimate_t *estimates, int64_t *n_failed, fault_t *err);

/* The estimate of column x of n values and of its paired differences to `base` (NULL: to itself); rows
 * where either is NaN are left out. `horizon` as in estimate_source_t. */
int estimate_columns(const double *x, const double *base, size_t n, bool probability, double horizon,
                     estimate_t *out, fault_t *err);

/* Paired values of a quantity with two things, without one, without the other and without both: `n` values
 * each, `stride` apart; NaN: no value. `horizon` as in estimate_source_t. */
typedef struct {
    const double *with, *without_one, *without_other, *without_both;
    size_t n, stride;
    double horizon;
} interaction_t;

/* The effect of both things minus the effects of each, as the difference of *out, over the rows that have all
 * four values. */
int estimate_interaction(const interaction_t *values, estimate_t *out, fault_t *err);

#endif
