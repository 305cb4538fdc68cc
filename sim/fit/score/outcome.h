/* The observed outcome of a target, for scores: the days on which each dyad had an event, and the sums of
 * the events' values. */
#ifndef ENTENTE_FIT_SCORE_OUTCOME_H
#define ENTENTE_FIT_SCORE_OUTCOME_H

#include "fit/score/baseline.h"
#include "fit/score/forecast.h"

enum { MOST_WINDOWS = 8 };

typedef struct {
    model_t *model;
    events_t events;
    int first, from, until; /* days from the scenario's start: of the data, of the first forecast, the end */
    int n_targets, n_windows, n_origins;
    int windows[MOST_WINDOWS];
    int *origins; /* of the model's arena, as are the targets */
    target_t *targets;
} task_t;

typedef struct {
    int n_dyads, n_past_values;
    int *ties,
        *origins; /* [n_dyads] those on which it may happen; [n_origins] from the first day of the data */
    series_t series;
    double *value_sums, *past_values; /* as in evidence_t */
} outcome_t;

/* 0 or ERR_NOMEM; outcome_free in any case. */
int outcome_init(outcome_t *self, const task_t *task, const target_t *target);
void outcome_free(outcome_t *self); /* safe on a zeroed one */

#endif
