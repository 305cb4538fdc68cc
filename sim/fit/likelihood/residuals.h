/* Whether a fitted kind is true to the events: time rescaling.
 *
 * Under a true model the integral of the intensity between events is Exp(1) and independent (Brown and others
 * 2002). It is looked at in two ways. Pooled: all dyads as one process, which shows what is missed in time
 * (seasons, drift, waves). By dyad: each dyad's own rescaled time, the dyads of a group laid end to end,
 * which is again a process of rate 1 and shows what is missed between dyads (heterogeneity, clustering).
 * Groups are those of low, middle and high base rate at the start (without the dyads' own factors, so that
 * they do not depend on what happened), each expected to have a third of the base events. */
#ifndef ENTENTE_FIT_LIKELIHOOD_RESIDUALS_H
#define ENTENTE_FIT_LIKELIHOOD_RESIDUALS_H

#include "fit/likelihood/likelihood.h"

enum { RESIDUALS_POOLED, RESIDUALS_LOW, RESIDUALS_MIDDLE, RESIDUALS_HIGH, RESIDUALS_N };
extern const char *const residuals_names[RESIDUALS_N];

#define RESIDUALS_KS_LEVEL 1.358    /* 5 %, of a model that was not fitted to these events */
#define RESIDUALS_KS_FITTED 1.085   /* 5 %, of all dyads as one under a fitted one: residuals_ks_level */
#define RESIDUALS_SERIAL_LEVEL 1.96 /* 5 %, two-sided */

typedef struct {
    int n, n_places;
    double expected; /* events: the integral of the intensity */
    double mean;     /* of the increments */
    double ks;       /* distance of the increments to Exp(1), times sqrt(n) */
    double serial;   /* lag-1 autocorrelation of the increments' normal scores, times sqrt(n); NAN if n < 3 */
    double *gaps;    /* [n] the increments, in order */
} residuals_t;

/* The 5 % level of `ks` under a model that was fitted to these events. Of all dyads as one the increments
 * have the expected mean, whatever the model: the level is that of exponentials whose mean is estimated
 * (Lilliefors 1969; simulated: 1.084 at 200 events and at 1,000). Of a group the fit takes away less, and it
 * depends on the model: the level is left where it is, which rejects a true model in 0.5 to 3.5 %
 * (tests/unit/long_fit_recovery.c). */
double residuals_ks_level(int group);

/* At x as likelihood_fit gives it or likelihood_parameters. Where statistics move, the base integral is taken
 * as even over each piece. 0 or ERR_NOMEM. */
int residuals_init(residuals_t residuals[RESIDUALS_N], likelihood_t *likelihood, const double *x);
void residuals_free(residuals_t residuals[RESIDUALS_N]);

#endif
