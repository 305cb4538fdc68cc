/* Tests of a fitted event type by time rescaling.
 *
 * Under a correct model the integrals of the intensity between events are independent and Exp(1) (Brown and
 * others 2002). There are two tests. Pooled: all dyads as one process, which shows misfit over time
 * (seasons, drift, waves). By dyad: each dyad's rescaled time, with the dyads of a group joined end to end,
 * which is again a process of rate 1 and shows misfit between dyads (heterogeneity, clustering). The groups
 * are those of low, middle and high baseline rate at the start (without random effects, so that they do not
 * depend on the events), each with a third of the expected baseline events. */
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

/* The 5 % critical value of `ks` under a model that was fitted to these events. For all dyads as one process
 * the increments have the expected mean under any fitted model: the critical value is that of exponentials
 * with estimated mean (Lilliefors 1969; simulated: 1.084 for 200 and for 1,000 events). For a group the
 * effect of the fit is smaller and depends on the model: the critical value is not adjusted, so a correct
 * model is rejected in 0.5 to 3.5 % (tests/unit/long_fit_recovery.c). */
double residuals_ks_level(int group);

/* At x from likelihood_fit or likelihood_parameters. Where statistics change, the baseline integral is taken
 * as uniform over each interval. 0 or ERR_NOMEM. */
int residuals_init(residuals_t residuals[RESIDUALS_N], likelihood_t *likelihood, const double *x);
void residuals_free(residuals_t residuals[RESIDUALS_N]);

#endif
