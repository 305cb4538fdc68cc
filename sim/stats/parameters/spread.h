/* What the uncertain parameters do to every quantity and every change of a run: the share of the variance
 * that they carry, and the range of the mean given the parameters (stats/parameters/smooth.h).
 *
 * A change is the paired difference to the first variant, so its range and its share depend on how the two
 * variants' random numbers are coupled as far as a parameter acts through chance; the mean change given the
 * parameters does not.
 *
 * The first SPREAD_ROWS replicates that ran well in all variants serve: more would narrow the share's
 * interval to less than a hundredth, at a cost that grows with them. Where an outcome has no interval of its
 * mean, or too few values carry its variance (stats/interval.h), there is nothing to
 * divide: NAN. First times are those of min(T, horizon), as in means. */
#ifndef ENTENTE_STATS_PARAMETERS_SPREAD_H
#define ENTENTE_STATS_PARAMETERS_SPREAD_H

#include "stats/estimate.h"
#include "stats/parameters/smooth.h"

#define SPREAD_ROWS 10000

typedef struct { /* the draws of some replicates */
    int n, d;
    double *draws; /* [n][d] */
    basis_t basis;
} spread_t;

/* Takes draws [n][d]. 0 or ERR_NOMEM, then with nothing to free. */
int spread_init(spread_t *self, int n, int d, double *draws);
void spread_free(spread_t *self); /* safe on a zeroed one */

/* y[n]; rows that are not finite are left out, and then detail->mains and ->whole are 0. 0 or ERR_NOMEM. */
int spread_outcome(spread_t *self, const double *y, smooth_t *out, const smooth_detail_t *detail);

/* Fills the parameters' part of an estimate: own[n] in its variant, base[n] in the first one, or NULL if this
 * is the first. 0 or ERR_NOMEM. */
int spread_estimate(spread_t *self, const double *own, const double *base, estimate_t *estimate);
void spread_unknown(estimate_t *estimate); /* NAN in all of it */

/* Whether the replicates tell enough of the level, of the change. */
bool spread_tells_level(const estimate_t *estimate);
bool spread_tells_change(const estimate_t *estimate);

/* draws [n][n_uncertain] of replicates [first, first + n). */
typedef int spread_draws_t(void *context, uint32_t first, uint32_t n, double *draws, fault_t *err);

typedef struct {
    const estimate_source_t *outcomes;
    spread_draws_t *draws; /* with the context of `outcomes` */
    int n_uncertain;
} spread_source_t;

/* Of estimates[variant][quantity], which have their means already. */
int spread_all(const spread_source_t *source, int n_variants, int n_quantities, uint32_t n_replicates,
               estimate_t *estimates, fault_t *err);

#endif
