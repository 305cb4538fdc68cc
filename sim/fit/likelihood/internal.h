/* Shared by the files of the likelihood: the observed past of one event type (past.c) and its exposure
 * (exposure.c), from which excitation (excitation.c), value (likelihood.c), estimate (estimate.c) and
 * residuals (residuals.c) are computed. */
#ifndef ENTENTE_FIT_LIKELIHOOD_INTERNAL_H
#define ENTENTE_FIT_LIKELIHOOD_INTERNAL_H

#include "base/math/elementary.h"
#include "fit/likelihood/likelihood.h"
#include "model/world.h"

#include <math.h>

enum { MOST_TERMS = 48, MOST_EXCITATIONS = 16, N_WEEKDAYS = 7, N_MONTHS = 12 };
enum { MOST_PARAMETERS = 2 + MOST_TERMS + 2 * MOST_EXCITATIONS + N_WEEKDAYS + N_MONTHS };

/* An interval of time at one place during which no event changes the statistics. Its baseline integral is
 * the sum over nodes and weekdays of exp(predictor at the node) x factors x the node's weight for the
 * weekday. */
typedef struct {
    int place, month; /* month 0 throughout where months are not estimated */
    int n_nodes;
    double from, until;
    size_t first; /* node */
} piece_t;

typedef struct { /* something that excites, or (excitation -1) an event of the kind */
    double time, weight;
    int excitation;
    int place;      /* the event's; what is excited; with an actor, what is not (-1 nothing) */
    int actor;      /* whose places are excited; -1 */
    int row;        /* of an event: in own_* */
    bool is_stream; /* `weight` events a day all the time before, instead of one event */
} instant_t;

/* Value, gradient and information of a part; the information is kept for j <= i until it is finished. */
typedef struct {
    int n;
    double value;
    double *gradient, *information;
} sums_t;

struct likelihood {
    model_t *model;
    const kind_t *kind;
    likelihood_options_t options;
    parameters_t parameters;
    int k, n_terms, n_excitations, n_places, n_own, n_days; /* terms: with a coefficient each */
    double until;

    /* the season: what is declared and not estimated, and of which weekday and month (0 where they are not
     * estimated) each day is */
    double *season; /* [n_days] */
    unsigned char *weekday_of, *month_of;
    int n_classes;          /* of weekdays: 7 or 1 */
    int n_cells;            /* weekdays x months: 84, 12, 7 or 1 */
    bool has_season, still; /* the season is more than 1 throughout; no statistic moves */

    bool *is_place;              /* [flows or ties] */
    int *out_places, *in_places; /* [n_actors] how many an actor begins, receives (dyads: both in out) */

    size_t n_pieces, pieces_capacity, n_nodes, nodes_capacity;
    piece_t *pieces;    /* by place (so by tie) and time */
    double *nodes;      /* [n_nodes][n_classes + n_terms] weights; statistic - reference value */
    double *own_values; /* [n_own][n_terms], events by place and time */
    double *own_times;
    int *own_places, *own_events; /* the latter in the events given */
    size_t n_instants, instants_capacity;
    instant_t *instants; /* by time, then events before what excites */

    /* functions of the half-lives, for those of the last call */
    double half_lives[MOST_EXCITATIONS];
    double
        *excited; /* [n_own][n_excitations][3] K = theta sum exp(-theta age); by log half-life once, twice */
    double *pooled; /* [n_excitations][n_cells][3] the integral of c K over all places, likewise */

    double *effects, *effect_sds; /* [n_ties] of the last call, as in likelihood_fit_t */
    actor_effects_t actors;
    double *place_factors; /* [all places] exp of the actors' effects there */
};

static inline int tie_of(const likelihood_t *self, int place) {
    return self->kind->scope == SCOPE_DIRECTED ? place / 2 : place;
}
static inline int all_places(const likelihood_t *self) {
    return self->kind->scope == SCOPE_DIRECTED ? 2 * self->model->n_ties : self->model->n_ties;
}
static inline int day_of(const likelihood_t *self, double t) {
    int day = (int)floor(t);
    return day < 0 ? 0 : day < self->n_days ? day : self->n_days - 1;
}
/* Of what is fitted to. */
static inline int first_day(const likelihood_t *self) {
    return (int)self->options.from;
}
static inline int cell_of(const likelihood_t *self, int day) {
    return self->month_of[day] * self->n_classes + self->weekday_of[day];
}
static inline double *node_of(const likelihood_t *self, size_t n) {
    return self->nodes + n * (size_t)(self->n_classes + self->n_terms);
}

/* The row of the first parameter of that kind: of a piece of x that is read as an array. */
static inline int first_of(const likelihood_t *self, parameter_kind_t kind) {
    return self->parameters.first[kind];
}
static inline const parameter_t *term_row(const likelihood_t *self, int term) {
    return &self->parameters.rows[first_of(self, PARAMETER_COEFFICIENT) + term];
}
static inline int branching_of(const likelihood_t *self, int excitation) {
    return parameters_at(&self->parameters, PARAMETER_BRANCHING, excitation);
}
static inline int half_life_of(const likelihood_t *self, int excitation) {
    return parameters_at(&self->parameters, PARAMETER_HALF_LIFE, excitation);
}
/* -1 where ties have no random effects. */
static inline int spread_of(const likelihood_t *self) {
    return parameters_at(&self->parameters, PARAMETER_SPREAD, 0);
}

/* Whether the two flows of a tie have effects of their own. */
static inline bool is_by_flow(const likelihood_t *self) {
    return self->actors.n_sides == 2;
}
static inline int n_actor_effects(const likelihood_t *self) {
    return self->actors.n_actors * self->actors.n_sides;
}
/* Of parameters and actors' effects. */
static inline int n_estimates(const likelihood_t *self) {
    return self->parameters.n + n_actor_effects(self);
}

void likelihood_place_actors(const likelihood_t *self, int place, int *i, int *j);
/* The value that the term's coefficient multiplies: the statistic minus its reference value. */
double term_at(const likelihood_t *self, const world_t *world, int term, int place, double t);

/* exp of the estimated factors of each cell at x; all 1 where none is estimated. */
void season_factors(const likelihood_t *self, const double *x, double *factors);

/* exp(a + sum beta z), without random effects. */
static inline double base_of(const likelihood_t *self, const double *x, const double *z) {
    const double *coefficients = x + first_of(self, PARAMETER_COEFFICIENT);
    double eta = x[first_of(self, PARAMETER_RATE)];
    for (int s = 0; s < self->n_terms; s++) eta += coefficients[s] * z[s];
    return elementary_exp(eta);
}

/* ---- estimate.c, errors.c and dyadic.c ---- */

/* Event types that are fitted jointly: the parameters of one type, then its actors' effects, after those of
 * the other. */
typedef struct {
    int n_parts, n;
    likelihood_t *const *parts;
    int *first;        /* [n_parts + 1] where each kind's begin */
    int *same, *index; /* [n] the first that is the same parameter, itself if none; which of the free ones */
    int *n_same;       /* [n] of such a first one: number of parameters that it represents */
    bool *is_free;
    double *x;                               /* [n] */
    double *gradient, *information;          /* of one kind */
    double *covariance, *clustered, *robust; /* [n][n]; 0 of what is kept */
    double *degrees;                         /* [n] */
    maximum_t maximum;                       /* without its arrays */
} joint_t;

/* All errors; makes the means of the seasons 1. */
int joint_errors(joint_t *joint, likelihood_fit_t *fits);

/* ---- parameters.c ---- */

/* Fills `parameters` from kind and options. 0 or ERR_NOMEM. */
int parameters_build(likelihood_t *self);

/* ---- likelihood.c ---- */

/* The integral of c exp(a + sum beta z) over all places, without u. 0 if memory is out. */
double likelihood_exposure(likelihood_t *self, const double *x);

/* Calls `visit` with each tie's sums in order; with two sides of actors' effects they have a further row, the
 * log baseline rate of the second flow. Excitation is in its tie's sums, or, with `pooled`, in those of a
 * last call with tie -1. 0 or ERR_NOMEM. */
typedef void (*sums_fn)(void *context, int tie, const sums_t *sums);
int likelihood_each_tie(likelihood_t *self, const double *x, bool pooled, sums_fn visit, void *context);
bool likelihood_is_defined(const likelihood_t *self, const double *x);

/* ---- exposure.c ---- */

/* Adds the intervals of [from, until) at a place in the present state of the world, of at most `longest`
 * days each.
 * */
int exposure_add(likelihood_t *self, const world_t *world, int place, double from, double until,
                 double longest);
/* The longest interval over which the interpolation of the statistics is accurate enough; INFINITY if they
 * only jump. */
double exposure_longest(const likelihood_t *self);
int exposure_sort(likelihood_t *self); /* by place and time */

/* ---- excitation.c ---- */

typedef struct { /* sums over past touches: of exp(-theta age), age exp(-theta age), age^2 exp(-theta age) */
    double time, s, aged, aged2;
} trail_t;

/* Number of places that the instant of an excitation excites. */
double excitation_reach(const likelihood_t *self, const instant_t *instant);
/* Computes `excited` and `pooled` for the half-lives of x, unless they are known. 0 or ERR_NOMEM. */
int excitation_prepare(likelihood_t *self, const double *x);

/* Accumulates the integral of each excitation at each place, instant by instant in order of time. */
typedef struct {
    likelihood_t *self;
    int x;
    double theta;
    trail_t *places, *actors;        /* [all places], [2 n_actors] as initiator, as target */
    double *place_sums, *actor_sums; /* [..][n_cells][3] the integral of c K so far, as in `pooled` */
    trail_t all;                     /* of all places together */
    double *all_sums;
    /* Places at rest until `wake`, the midnight after their event, and the integrals while at rest so far (of
     * one that rests now less that at its beginning), likewise. */
    double *rested, *all_rested;
    int *resting, n_resting; /* [all places] */
    bool *rests;             /* [all places] */
    double wake;
} follow_t;
int follow_init(follow_t *follow, likelihood_t *self, int x, double log_half_life);
void follow_free(follow_t *follow);
void follow_instant(follow_t *follow, const instant_t *instant); /* an event of the kind's own as well */
/* into [n_cells][3] += sign x the integrals at a place up to `t`, rests counted in. */
void follow_whole(follow_t *follow, int place, double t, double sign, double *into);
/* The integrals at a place up to `t`, without the times at rest, [n_cells][3]. */
void follow_at(follow_t *follow, int place, double t, double *sums);
/* The same of all places together. */
void follow_all(follow_t *follow, double t, double *sums);

#endif
