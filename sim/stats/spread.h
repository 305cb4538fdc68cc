/* Share of a quantity's variance explained by a linear function of the uncertain parameters.
 *
 * The variance between replicates is that of the mean given the parameters, plus the mean variance given the
 * parameters (the law of total variance). Every replicate has its own parameters, so no estimate separates
 * the two without an assumption; that needs several replicates with the same parameters, as in a sweep. A
 * run reports an estimate of the share of the variance that the best linear function of the draws explains
 * (their logarithms where they are lognormal): the adjusted R squared. The mean given the parameters
 * explains at least as much as any linear function, so the share that is due to them is no less than the
 * share that is estimated; the estimate itself lies on either side of it, as its interval says.
 *
 * Its 95 % interval is the delta method's, from fourth moments, so neither draws nor outcomes need be normal;
 * near 0, where that fails, it is as wide as R squared varies without any influence. Replicates that stopped
 * early in any variant, and values that are not finite, are left out. */
#ifndef ENTENTE_STATS_SPREAD_H
#define ENTENTE_STATS_SPREAD_H

#include "stats/estimate.h"

/* draws [n][n_uncertain] of replicates [first, first + n). */
typedef int spread_draws_t(void *context, uint32_t first, uint32_t n, double *draws, fault_t *err);

typedef struct {
    const estimate_source_t *outcomes;
    spread_draws_t *draws; /* with the context of `outcomes` */
    int n_uncertain;
    const uncertain_t *uncertain;
} spread_source_t;

/* Fills share, share_low and share_high of estimates[variant][quantity]; NAN where nothing can be told. */
int spread_all(const spread_source_t *source, int n_variants, int n_quantities, uint32_t n_replicates,
               estimate_t *estimates, fault_t *err);

#endif
