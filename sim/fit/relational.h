/* Relational event models: which dyad acts next, as a function of past events.
 *
 *     lambda_ij(t) = exp(sum over s of beta_s x_s(i, j, t)),   x constant between events.
 *
 * Three likelihoods of the same statistics (Butts 2008; Stadtfeld and Block 2017):
 *     INTERVAL  the times are used:  sum over events of  beta x(event) - gap x sum over dyads of lambda
 *     ORDINAL   only their order:    sum of  beta x(event) - log of the sum over dyads of lambda
 *     CHOICE    the target, given who acts: the same over the initiator's possible targets
 * Every ordered pair of different actors can act at any time. Statistics of an event are those just before
 * it; events at one time are taken one after another, as listed. */
#ifndef ENTENTE_FIT_RELATIONAL_H
#define ENTENTE_FIT_RELATIONAL_H

#include "base/error.h"
#include "fit/newton.h"

/* X(id, name, what it is of i -> j). "Events" counts each, or each dyad once where `presence` is asked for.
 */
#define RELATIONAL_LIST(X)                                           \
    X(BASELINE, "baseline", "1 (interval likelihood only)")          \
    X(INERTIA, "inertia", "events i -> j")                           \
    X(RECIPROCITY, "reciprocity", "events j -> i")                   \
    X(INDEGREE_SENDER, "indegreeSender", "events received by i")     \
    X(OUTDEGREE_SENDER, "outdegreeSender", "events begun by i")      \
    X(INDEGREE_RECEIVER, "indegreeReceiver", "events received by j") \
    X(OUTDEGREE_RECEIVER, "outdegreeReceiver", "events begun by j")  \
    X(TRANSITIVITY, "transitivity", "two-paths i -> k -> j")         \
    X(SHARED_PARTNERS, "sharedPartners", "actors k with events with i and j")

typedef enum {
#define X(id, ...) RELATIONAL_##id,
    RELATIONAL_LIST(X)
#undef X
        RELATIONAL_N
} relational_id_t;

extern const char *const relational_names[RELATIONAL_N];

typedef enum { RELATIONAL_INTERVAL, RELATIONAL_ORDINAL, RELATIONAL_CHOICE } relational_form_t;

typedef struct {
    double time; /* any unit */
    int from, to;
} relational_event_t;

typedef struct {
    int n_actors, n_events, n_statistics;
    const relational_event_t *events; /* ordered by time */
    const relational_id_t *statistics;
    relational_form_t form;
    bool presence; /* inertia, reciprocity, degrees ask whether, not how often; the others always do */
    /* Events from this one on enter the likelihood; those before only enter the statistics. 1 makes the
     * likelihood conditional on the first event, as remstimate does if no origin is given. */
    int first;
    double origin; /* where time begins if `first` is 0 */
} relational_t;

typedef struct { /* in the order of the statistics */
    maximum_t maximum;
    int n_fitted; /* events in the likelihood */
    double aic, bic;
    double *z, *p; /* coefficient over its error; two-sided, normal */
} relational_fit_t;

/* Fits from all coefficients 0 (the baseline from the crude rate). 0, ERR_NOMEM, or ERR_DATA if an event does
 * not have two different actors, times decrease, or there is nothing to fit. Cost: events x dyads x
 * statistics^2 a step. Free in any case. */
int relational_fit(const relational_t *self, relational_fit_t *result, fault_t *err);
void relational_fit_free(relational_fit_t *self); /* safe on a zeroed one */

/* The log-likelihood, gradient[n_statistics] and information at `x`, for tests. NAN without memory. */
double relational_log_likelihood(const relational_t *self, const double *x, double *gradient,
                                 double *information);

#endif
