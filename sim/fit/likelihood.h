/* The likelihood of observed events under a scenario's kinds, one kind at a time.
 *
 *     log L = sum over the kind's events of log lambda  -  sum over its dyads of the integral of lambda,
 *     lambda = c(t) [ exp(a + sum beta (x - centre)) + sum over excitations n theta sum exp(-theta age) ]
 *
 * as docs/model.md defines it, c being the season as the scenario declares it. The statistics are those of
 * the simulator (model/predictor.h) along the observed events: each moves strength, alignment and counts by
 * its kind's effect, with the level's multiplier at its expectation. Excitation follows Ozaki's recursion
 * (1979); its integral is exact, over each day of a season. The base rate's integral is exact where the
 * statistics stand still, else by Gauss and Legendre's rule with 4 nodes on pieces of at most half the
 * shortest half-life read.
 *
 * Not seen: spillover, conditions and memberships that change, leaders' diaries. Dyads with an actor that is
 * not present all the time are left out. */
#ifndef ENTENTE_FIT_LIKELIHOOD_H
#define ENTENTE_FIT_LIKELIHOOD_H

#include "base/error.h"
#include "fit/newton.h"
#include "io/events.h"
#include "model/model.h"

/* What the parameters of a kind's likelihood are: a, then beta of each term, then (n, log half-life) of each
 * excitation. */
typedef struct likelihood likelihood_t;

/* Prepares kind `k` for events ordered by time, over [0, until). The model is borrowed; events too. ERR_DATA
 * if the kind has neither a directed nor an undirected dyad for a place, has no event, or has one where the
 * model's intensity is always 0; ERR_NOMEM. */
int likelihood_init(likelihood_t **self, model_t *model, int k, int n_events, const observed_t *events,
                    double until, fault_t *err);
void likelihood_free(likelihood_t *self); /* NULL is fine */

int likelihood_n_parameters(const likelihood_t *self);
int likelihood_n_events(const likelihood_t *self);
int likelihood_n_places(const likelihood_t *self);
/* The scenario's own values. */
void likelihood_parameters(const likelihood_t *self, double *x);

/* log L at x, -INFINITY where an intensity is not positive at an event; its gradient. */
double likelihood_value(const likelihood_t *self, const double *x, double *gradient);

typedef struct {
    maximum_t maximum; /* of all parameters; the se of one that was kept is 0 */
    bool *is_free;     /* [n] */
    double aic, bic;
    int n_at_edge; /* excitations whose branching was estimated as 0 */
} likelihood_fit_t;

/* The most likely parameters. `keep_half_lives`: those of the excitation stay as the scenario has them. An
 * excitation whose branching goes to 0 is fixed there;
 * what the data cannot tell (a statistic that is the same everywhere, an excitation by events that are not
 * there) stays as the scenario has it. 0 or ERR_NOMEM. */
int likelihood_fit(const likelihood_t *self, bool keep_half_lives, likelihood_fit_t *fit);
void likelihood_fit_free(likelihood_fit_t *self);

/* Time rescaling: the integral of the kind's whole intensity between its events, which is Exp(1) and
 * independent under a true model (Brown and others 2002). KS distance to Exp(1) times sqrt(n) (5 %
 * level: 1.358; conservative with fitted parameters) and lag-1 autocorrelation times sqrt(n) (1.96). Where
 * statistics move, the integral is taken as even over each piece. */
typedef struct {
    int n;
    double mean, ks, serial;
} residuals_t;
int likelihood_residuals(const likelihood_t *self, const double *x, residuals_t *residuals);

#endif
