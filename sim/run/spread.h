/* Which share of a quantity's spread is due to the uncertain parameters.
 *
 * The variance between replicates is that of the mean given the parameters, plus the mean variance given the
 * parameters (the law of total variance). As every replicate has parameters of its own, no estimate parts the
 * two without an assumption: that takes several replicates with the same parameters, a sweep. What a run
 * tells is the share of the variance that the best linear function of the draws follows (their logarithms
 * where they are lognormal): the adjusted R squared. No function of the draws follows less than the best one,
 * so it is a lower bound of the share that is due to the parameters.
 *
 * Its 95 % interval is the delta method's, from fourth moments, so neither draws nor outcomes need be normal;
 * near 0, where that fails, it is as wide as R squared varies without any influence. Replicates that stopped
 * early in any variant, and values that are not finite, are left out. */
#ifndef ENTENTE_RUN_SPREAD_H
#define ENTENTE_RUN_SPREAD_H

#include "run/estimate.h"

/* draws [n][n_uncertain] of replicates [first, first + n). */
typedef int spread_draws_t(void *context, uint32_t first, uint32_t n, double *draws, fault_t *err);

/* Fills share, share_low and share_high of estimates[variant][quantity]; NAN where nothing can be told. */
int spread_all(const estimate_source_t *source, spread_draws_t *draws, int n_uncertain,
               const uncertain_t *uncertain, int n_variants, int n_quantities, uint32_t n_replicates,
               estimate_t *estimates, fault_t *err);

#endif
