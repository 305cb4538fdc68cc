/* Fits a scenario's event types in as many passes as unobserved events require.
 *
 * Data with at most one event of a type for each pair of actors and day hide others
 * (fit/likelihood/hidden.h), and with `left_truncated` some events occurred before the data begin. Both
 * excite, and their expected numbers depend on the fit, which is therefore repeated until they converge. */
#ifndef ENTENTE_FIT_LIKELIHOOD_PASSES_H
#define ENTENTE_FIT_LIKELIHOOD_PASSES_H

#include "fit/likelihood/dynamics.h"

typedef struct {
    int n_kinds; /* to be fitted, by name; 0: all with a rate and `least` events */
    const char *const *kinds;
    int least;
    bool half_lives;     /* are estimated */
    bool left_truncated; /* events before the data begin, at the mean rates, excite */
    bool correlated;     /* ties' own factors of a kind go with those of the kinds with more events */
    bool together;       /* kinds are fitted together, with `shared` in common */
    shared_t shared;
    int n_dynamics; /* parameters of ties, estimated with those of all event types; not `together`, and no
                       factors of weekdays or months */
    const dynamic_t *dynamics;
    likelihood_options_t likelihood; /* without what the passes find out */
} passes_choice_t;

typedef struct {           /* how a fit came about */
    int n_steps, n_passes; /* of the optimiser, in all passes */
    double given_log_l;    /* log L with the scenario's own values */
} passes_course_t;

typedef struct { /* what the data do not show, as the fit has it */
    double hidden,
        left_truncated; /* events that dates without a time of day hide; events a day before the data begin */
    bool once_a_day;    /* dates hide some */
    double begin;       /* of the data, days from the start */
    bool settled;
} passes_unobserved_t;

/* The listener, called in this order, each time with `context`. */
typedef struct {
    void *context;
    void (*left)(void *context, const kind_t *kind, int n_events,
                 bool too_few); /* a kind that is not fitted */
    void (*unobserved)(void *context, const passes_unobserved_t *unobserved);
    void (*fitted)(void *context, int kind, likelihood_t *part, const passes_course_t *course,
                   likelihood_fit_t *fit); /* a kind's fit */
    /* The parameters of ties, before the kinds' fits, whose errors are then those of this fit; its parts are
     * these kinds. */
    void (*dynamics)(void *context, const dynamics_fit_t *fit, int n_kinds, const int *kinds);
    /* Event types fitted jointly; the statistics to be pooled that no two types use alike. */
    void (*together)(void *context, const bool unshared[STATISTIC_N], const joint_fit_t *fit);
} passes_listener_t;

/* Fits to the events before `until` (days from the start). 0 or an error with `err`. */
int passes_fit(model_t *model, const events_t *events, const passes_choice_t *choice, double until,
               const passes_listener_t *listener, fault_t *err);

#endif
