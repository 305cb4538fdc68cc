/* What the files of the likelihood share: the observed past of one kind (past.c), from which the value
 * (likelihood.c), the estimate (estimate.c) and the residuals (residuals.c) are computed. */
#ifndef ENTENTE_FIT_INTERNAL_H
#define ENTENTE_FIT_INTERNAL_H

#include "fit/likelihood.h"

#include <math.h>

#define MOST_TERMS 32

typedef struct { /* a weight in the integral of the base rate; its terms are in `terms` */
    double weight, from, until;
} node_t;

typedef struct { /* something that excites a place, or (excitation -1) an event of the kind there */
    double time;
    int place, excitation, event;
} mark_t;

struct likelihood {
    model_t *model;
    const kind_t *kind;
    int k, n_terms, n_excitations, n_parameters, n_places, n_own, n_days;
    double until;
    const term_t *terms[MOST_TERMS];
    double *season;         /* [n_days] */
    double *season_sum;     /* [n_days + 1] its integral up to a day */
    bool has_season, still; /* no statistic moves */
    bool *is_place;         /* [flows or ties] */
    size_t n_nodes, nodes_capacity, node_values_capacity;
    node_t *nodes;
    double *node_values; /* [n_nodes][n_terms] statistic - centre */
    double *own_values;  /* [n_own][n_terms] */
    double *own_times;
    size_t n_marks, marks_capacity;
    mark_t *marks; /* by place and time, then events before what excites */
    size_t n_touches[16], touches_capacity[16];
    double *touches[16]; /* times at which each excitation was raised, all places together */
};

static inline double season_at(const likelihood_t *self, double t) {
    int day = (int)floor(t);
    return self->season[day < 0 ? 0 : day < self->n_days ? day : self->n_days - 1];
}

/* The integral of the season over [0, t]. */
static inline double season_to(const likelihood_t *self, double t) {
    int day = (int)floor(t);
    if (day >= self->n_days) day = self->n_days - 1;
    return self->season_sum[day] + self->season[day] * (t - day);
}

static inline double base_of(const likelihood_t *self, const double *x, const double *values) {
    double eta = x[0];
    for (int s = 0; s < self->n_terms; s++) eta += x[1 + s] * values[s];
    return exp(eta);
}

/* Minus the integral of the base rate; its gradient is added. */
double minus_base(const likelihood_t *self, const double *x, double *gradient);

/* Integral over [from, to] of c(t) theta S(t), S the sum of exp(-theta age) over the touches of one
 * excitation at all places, and its derivative by theta. Touches before `from` must be in S; the state is
 * carried on. */
typedef struct {
    double s, aged; /* sum of exp(-theta age), sum of age exp(-theta age) */
    double time;
    size_t next;
    double integral, slope;
} pool_t;
pool_t pool_start(const likelihood_t *self, int x);
void pool_to(const likelihood_t *self, int x, double theta, double to, pool_t *pool);

#endif
