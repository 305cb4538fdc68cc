/* The observations of a target: the days on which each dyad had an event, and the sums of their values. */
#ifndef ENTENTE_CLI_SCORE_OUTCOME_H
#define ENTENTE_CLI_SCORE_OUTCOME_H

#include "cli/score_task.h"
#include "fit/baseline.h"

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
