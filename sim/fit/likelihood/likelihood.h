/* The likelihood of observed events under a scenario's event types, one type at a time.
 *
 *     log L = sum over the kind's events of log lambda  -  sum over its dyads of the integral of lambda,
 *     lambda = c(t) [ exp(a + u + sum beta (x - reference)) + sum over excitations n theta sum exp(-theta
 * age) ]
 *
 * as docs/model.md defines it. c is the season. u, if requested, is the random effect of a tie, normal over
 * ties and integrated out (the marginal likelihood: Laird and Ware 1982), so that the estimates also hold
 * for a further tie. Actors may have random effects too, as initiator and as target
 * (fit/likelihood/actors.h); each function below takes them as they are, the fit estimates them. The
 * statistics are those of the simulator (model/predictor.h) along the observed events: each event changes
 * strength, alignment and counts by the effect of its type, with the level's multiplier at its expectation.
 * Excitation uses Ozaki's recursion (1979); its integral is exact, over each day of a season. The integral of
 * the baseline rate is exact where the statistics are constant, else interpolated on intervals of at most
 * half the shortest half-life (fit/likelihood/exposure.c).
 *
 * Not in the likelihood: spillover, changes of conditions and memberships, leaders' calendars. Dyads with an
 * actor that is absent at times are left out. */
#ifndef ENTENTE_FIT_LIKELIHOOD_LIKELIHOOD_H
#define ENTENTE_FIT_LIKELIHOOD_LIKELIHOOD_H

#include "base/error.h"
#include "fit/likelihood/parameters.h"
#include "fit/newton.h"
#include "model/model.h"
#include "observed/events.h"

typedef struct likelihood likelihood_t;

/* Random effects of actors on the log baseline rate of an event type: one of each as initiator and one as
 * target (two sides), normal with that covariance; of an undirected type one of each (one side). */
typedef struct {
    int n_actors, n_sides;
    double variance[2], covariance; /* over actors; the latter between an actor's sides */
    double *effects;                /* [n_actors][n_sides] */
} actor_effects_t;

int actor_effects_copy(actor_effects_t *self, const actor_effects_t *from); /* 0 or ERR_NOMEM */
void actor_effects_free(actor_effects_t *self);                             /* safe on a zeroed one */

typedef struct {
    bool weekdays, months; /* their factors are parameters, in place of those declared */
    bool once_a_day;      /* the data have at most one event a kind, place and day: no exposure until midnight
                             after an */
    const double *hidden; /* [n_events] events that each one hides until midnight, in expectation, which
                             excite too (fit/likelihood/hidden.h); borrowed by likelihood_init; NULL: none */
    const double *left_truncated; /* [n_kinds][2 n_ties] events a day and flow before `begin`, in expectation,
                             which excite (an undirected kind's half at each); borrowed by likelihood_init;
                             NULL: nothing happened then */
    double begin;                 /* of the data, `from` or before */
    double from; /* what is fitted to begins, days from the start, whole; what went before is the past */
    const double *const *others; /* [n_others][n_ties] log factors, such as the ties' own of other kinds, with
                                    a coefficient each; borrowed by likelihood_init */
    const char *const *other_names; /* [n_others] for reports */
    int n_others;
    const double *start; /* a first guess of all parameters, such as an earlier estimate, borrowed; NULL: one
                            is made of the scenario's values and the data */
    double longest;      /* days that a piece of time may have at most; 0: by the half-lives */
    double random_effects_sd; /* sd of u over ties; 0: u = 0 */
    bool spread;              /* that sd is estimated, from `random_effects_sd` on */
    double actor_effects_sd;  /* of actors, the same for both; 0: none */
    bool actor_spread;        /* their sds and correlation are estimated, from `actor_effects_sd` on */
    const actor_effects_t *actor_start; /* an earlier estimate, borrowed by likelihood_init; NULL: none */
} likelihood_options_t;

/* Prepares event type `k` for events ordered by time, over [options->from, until). The model is borrowed;
 * `options` may be NULL. ERR_DATA if the type does not occur on dyads, has no event, or has an event at a
 * place where the model's intensity is always 0; ERR_NOMEM. */
int likelihood_init(likelihood_t **self, model_t *model, int k, int n_events, const observed_t *events,
                    double until, const likelihood_options_t *options, fault_t *err);
void likelihood_free(likelihood_t *self); /* NULL is fine */

int likelihood_n_parameters(const likelihood_t *self);
/* The actors' effects from now on; NULL: none. */
void likelihood_set_actors(likelihood_t *self, const actor_effects_t *actors);
/* What each is, as long as the likelihood is there. Factors of weekdays and months are relative to the first
 * that has a day in the data. */
const parameters_t *likelihood_table(const likelihood_t *self);
int likelihood_n_events(const likelihood_t *self);
int likelihood_n_places(const likelihood_t *self);
/* The scenario's own values. */
void likelihood_parameters(const likelihood_t *self, double *x);

/* log L at x, -INFINITY if an intensity is not positive at an event; its gradient [n] and, if not NULL, its
 * information [n][n], minus the second derivatives. The modes of u of the last call are kept. Costs O(events
 * + intervals), and another pass over the exciting events only if a half-life has changed since the last
 * call. */
double likelihood_value(likelihood_t *self, const double *x, double *gradient, double *information);

/* How `n_events` events over that period lie if they go by the base rate at x without `others` or u: events a
 * day and flow, [2 n_ties] as in `left_truncated`. 0 or ERR_NOMEM. */
int likelihood_spread(likelihood_t *self, const double *x, double n_events, double *rates);

typedef struct {
    maximum_t maximum;  /* of all parameters; the se of one that was kept is 0 */
    double *cluster_se; /* [n] that hold if dyads differ in what the model does not see: the sandwich over
                           ties, times G / (G - 1); NAN with fewer than two ties that have an event */
    /* Those that also hold if actors differ (fit/likelihood/errors/dyadic.h): standard errors, the degrees of
     * freedom of their Student's t, and the covariance. */
    double *robust_se, *degrees; /* [n] */
    double *robust;              /* [n][n]; of parameters, factors of mean 1 */
    bool *is_free;               /* [n] */
    bool with_dynamics; /* the information's errors are those of a fit with the parameters of ties, and the
                           only ones */
    int *shared; /* [n] a number of the kinds' common parameter, the same in each; -1: the kind's own */
    double aic, bic;
    int n_free;
    int n_at_edge;  /* excitations whose branching was estimated as 0 */
    int n_clusters; /* ties that have an event */
    /* of each tie's exp(u), given the data: the log of its mean, and the sd of the lognormal with the same
     * mean and variance; NULL without */
    double *effects, *effect_sds; /* [n_ties] */
    /* Their modes, and the covariance of the parameters followed by them, [n + effects][n + effects]; with no
     * sides and NULL without. */
    actor_effects_t actors;
    double *with_actors;
} likelihood_fit_t;

/* The maximum likelihood estimates. `keep_half_lives`: half-lives of excitation are held fixed at the
 * scenario's values. A branching ratio that reaches 0 is held there. Parameters that the data do not
 * determine (a statistic that is the same everywhere, an excitation by events that are not in the data) are
 * held fixed at the scenario's values. Factors of weekdays and months have mean 1 over those in the data,
 * and rates and branching ratios include their level, with errors by the delta method. 0 or ERR_NOMEM. */
int likelihood_fit(likelihood_t *self, bool keep_half_lives, likelihood_fit_t *fit);

typedef struct {                  /* what kinds have in common */
    bool statistics[STATISTIC_N]; /* the coefficient, where both read it of the same thing (or of the own
                                     kind) */
    bool weekdays, months;        /* the factors, where they are estimated */
} shared_t;

typedef struct { /* of all kinds together; a shared parameter counts once */
    double log_l, aic, bic;
    int n_free, n_shared; /* parameters that were saved */
} joint_fit_t;

/* The same for n event types of one model jointly, over one period: a pooled parameter has one value and one
 * error; a tie's events of all types are one cluster. Without a pooled parameter the likelihood is a
 * product, and the result is that of separate fits. `fits` has room for n, `together` may be NULL. */
int likelihood_fit_jointly(int n, likelihood_t *const *parts, const shared_t *shared, bool keep_half_lives,
                           likelihood_fit_t *fits, joint_fit_t *together);
void likelihood_fit_free(likelihood_fit_t *self);

#endif
