/* Surprises: the observed counts of events, by type and place, against what a scenario expected.
 *
 * The scenario is simulated, as of its own day or from its start; a place is a tie (either direction), a
 * group of whose events there is one count, or the actor of an event of one. If the observations never have
 * a type twice for the same actors on one day, simulated events count once a day too, as in a predictive
 * check (fit/score/predictive.h). The mid-p of a count is two-sided: twice the smaller of the probabilities
 * of more and of less, each with half of that of as many, 1 at most. The observed set counts as one of the
 * n + 1 sets. Counts are few, so that fewer than a share x of them have a mid-p of x or less, though the
 * model be correct: how many do is taken from the simulated sets. */
#ifndef ENTENTE_FIT_SCORE_SURPRISE_H
#define ENTENTE_FIT_SCORE_SURPRISE_H

#include "base/error.h"
#include "model/model.h"

typedef struct {
    double from, until; /* what is compared: days from the start */
    as_of_t seen;       /* which types and ties the observations cover; its days mean nothing */
    int n_events;
    const calendar_entry_t *events; /* observed; others than those in time are only looked at for `once` */
    int replicates, workers;
    uint64_t seed;
    int n_settings;
    const setting_t *settings; /* parameters set besides */
} surprise_task_t;

typedef struct {
    int kind, tie, group, actor; /* of tie, group and actor one is not -1 */
    int observed, low, high;     /* events; 5 % and 95 % of the simulated counts */
    double mean, sd;
    double tail;  /* probability of as many or more, or as few or fewer, whichever is less */
    double mid_p; /* two-sided */
} surprise_t;

typedef struct {
    int n, n_done; /* counts; replicates that ran to the end */
    bool once;
    surprise_t *items; /* the smallest mid-p first; only counts that some set has above 0 */
    int n_rare;        /* with mid-p of SURPRISE_LEVEL or less, and */
    double rare_mean;  /* how many the simulated sets have on average */
} surprises_found_t;

#define SURPRISE_LEVEL 0.05

/* The model is changed for good: it ends at `until`. The result does not depend on the number of workers. 0,
 * ERR_NOMEM, or ERR_INTERNAL with `err` when a process failed or more than a thousandth of the replicates
 * exploded. Free in any case. */
int surprise_find(surprises_found_t *self, model_t *model, const surprise_task_t *task, fault_t *err);
void surprise_free(surprises_found_t *self); /* safe on a zeroed one */

#endif
