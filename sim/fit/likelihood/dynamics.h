/* Parameters of how events move ties, estimated with those of the event types' rates.
 *
 * Strength and alignment follow from the events and from these parameters: the divisor of the gain, the
 * half-lives, the lasting shares. The rates depend on the path, so the likelihood of the events does too. All
 * parameters are estimated together by Newton's method. Derivatives by the rates' parameters are exact; those
 * by the parameters of ties, and mixed ones, are central differences of values and exact gradients along
 * paths that are computed anew. Intervals are those of the profile likelihood (Venzon and Moolgavkar 1988):
 * the values at which the maximum over all other parameters is less by half the 95 % quantile of chi-square.
 * An end that lies beyond DYNAMICS_REACH on the estimate's scale is not found: the data do not bound it. */
#ifndef ENTENTE_FIT_LIKELIHOOD_DYNAMICS_H
#define ENTENTE_FIT_LIKELIHOOD_DYNAMICS_H

#include "fit/likelihood/likelihood.h"

typedef struct {      /* members of the model that have one value */
    const char *name; /* of the first, a path */
    int n;
    double **values;    /* [n] in the model */
    const char **paths; /* [n] */
    double low, high;   /* allowed: from 0 on the estimate's scale is the log, between two ends the logit */
} dynamic_t;

#define DYNAMICS_REACH 5.0
enum { MOST_DYNAMICS = 16 };

double dynamic_scaled(const dynamic_t *self, double value); /* of a value at an end, that of one near it */
double dynamic_value(const dynamic_t *self, double scaled);
double dynamic_slope(const dynamic_t *self, double scaled); /* of the value by the scaled one */

typedef struct {
    model_t *model; /* has the present values, and at the end the estimates */
    int n_events;
    const observed_t *events;
    double until;
    int n_parts; /* event types */
    const int *kinds;
    const likelihood_options_t *options; /* [n_parts] */
    double **x;     /* [n_parts] all parameters of each: start values, at the end the estimates */
    bool **is_free; /* [n_parts] */
    int n_dynamics;
    const dynamic_t *dynamics;
} dynamics_task_t;

typedef struct {
    maximum_t maximum;  /* the free parameters of the parts in order, then the dynamics, scaled */
    int n, n_dynamics;  /* of all; n - n_dynamics are the parts' */
    int *part, *row;    /* [n] whose each is; -1 */
    double *low, *high; /* [n_dynamics] ends of the 95 % intervals, values; NAN: not found or not asked for */
} dynamics_fit_t;

/* ERR_DATA with `err` where the likelihood does not depend on a parameter; ERR_NOMEM. Free in any case. */
int dynamics_fit(dynamics_fit_t *self, const dynamics_task_t *task, bool intervals, fault_t *err);
void dynamics_fit_free(dynamics_fit_t *self); /* safe on a zeroed one */

/* The place of a part's row among the n; -1 if it is held fixed. */
int dynamics_index(const dynamics_fit_t *self, int part, int row);

#endif
