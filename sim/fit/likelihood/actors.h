/* Random effects of actors on the log baseline rate.
 *
 * Given them, ties are independent (with the ties' own effects integrated out exactly), so that they alone
 * are integrated by Laplace's method: with b the effects and S their covariance, crossed over ties,
 *
 *     log L(x) = max over b of [log L(x, b) - b' S^-1 b / 2] - log |S| / 2 - log |H| / 2
 *
 * H is minus the second derivatives by b. Parameters and effects are maximised together, and S is the fixed
 * point of
 *
 *     S = mean over actors of b b' + mean over actors of C
 *
 * with C the covariance of an actor's effects given the data, the parameters' uncertainty included
 * (restricted likelihood: Breslow and Clayton 1993; Schall 1991; Ripatti and Palmgren 2000). Covariances of
 * estimates are those of x and b together, so that they hold if actors differ. */
#ifndef ENTENTE_FIT_LIKELIHOOD_ACTORS_H
#define ENTENTE_FIT_LIKELIHOOD_ACTORS_H

#include "fit/likelihood/internal.h"

/* From the options. 0 or ERR_NOMEM. */
int actors_init(likelihood_t *self);

/* Whether the data tell something of the effect: whether its actor has a place on that side. */
bool actors_is_seen(const likelihood_t *self, int effect);

/* log L(x, b) - b' S^-1 b / 2 at x, which has the parameters and then the effects, and its derivatives by all
 * of them, as likelihood_value. Costs the same. */
double actors_value(likelihood_t *self, const double *x, double *gradient, double *information);

/* Moves S towards its fixed point, given the covariance of parameters and effects in rows of `n` and from
 * `first` on. Returns the largest change: of a log sd, or of the correlation. */
double actors_move(likelihood_t *self, const double *covariance, size_t n, size_t first);

/* Whether the sd of that side was estimated as nothing. */
bool actors_is_at_edge(const likelihood_t *self, int side);

/* The log-likelihood at such an x, effects integrated; -INFINITY without memory. */
double actors_log_l(likelihood_t *self, const double *x);

/* The degrees of freedom of the estimates' Student's t: Satterthwaite's, from the share of the variance that
 * is due to the effects, known from so many actors, and the rest, known from so many ties. */
int actors_degrees(const joint_t *joint, const likelihood_fit_t *fits, double *degrees);

#endif
