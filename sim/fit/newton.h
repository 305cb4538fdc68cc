/* Newton's method for a log-likelihood, with damping, and standard errors from the observed information.
 *
 * A step that does not raise the value is damped (Levenberg: the diagonal of the information is raised) and
 * tried again, so that a start far away and a region where the information is not positive definite do no
 * harm. Where the caller gives no second derivatives they are taken as central differences of the gradient.
 * Parameters may have a least value: one that lies there and would go on is held until its slope turns (the
 * projected Newton method of Bertsekas 1982). */
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

/* Climbs from x[n] (kept) to the maximum. 0 or ERR_NOMEM; that it did not converge is no error. */
int newton_maximise(const objective_t *objective, const double *x, maximum_t *result);
void maximum_free(maximum_t *self); /* safe on a zeroed one */

#endif
