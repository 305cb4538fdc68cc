/* Newton's method for a log-likelihood, with damping, and standard errors from the observed information (the
 * negative Hessian).
 *
 * A step that does not increase the value is damped (Levenberg: a larger diagonal of the information) and
 * repeated, so that the method also works from a distant start and where the information is not positive
 * definite. If the caller gives no second derivatives, central differences of the gradient replace them.
 * Parameters may have a lower bound: a parameter at its bound is held there until its gradient points
 * inwards (the projected Newton method of Bertsekas 1982). */
#ifndef ENTENTE_FIT_NEWTON_H
#define ENTENTE_FIT_NEWTON_H

#include <stdbool.h>

/* Value of the log-likelihood at x[n]; -INFINITY or NAN where it is not defined. Fills gradient[n] and, if
 * not NULL and the objective can, information[n * n] (minus the second derivatives). */
typedef double (*log_likelihood_fn)(const double *x, double *gradient, double *information, void *data);

typedef struct {
    int n;
    log_likelihood_fn value;
    bool has_information; /* `value` fills the information */
    const double *least;  /* [n] x[i] >= least[i] is kept; -INFINITY none; NULL none at all */
    void *data;
} objective_t;

typedef struct {
    double *x, *se;     /* [n]; se is NAN where the information is singular, 0 where x is held at its least */
    double *covariance; /* [n * n] */
    double log_l;
    double gradient; /* the decrement g' I^-1 g / 2 at the end: what a further step would gain */
    int iterations;
    bool converged;   /* no further step would gain more than 1e-11, or than rounding hides */
    const char *told; /* in words, what happened */
} maximum_t;

/* Maximises from the start x[n] (not changed). 0 or ERR_NOMEM; a failure to converge is not an error. */
int newton_maximise(const objective_t *objective, const double *x, maximum_t *result);
void maximum_free(maximum_t *self); /* safe on a zeroed one */

#endif
