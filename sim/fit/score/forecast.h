/* Forecasts from several days on, each given all earlier observations, by simulation.
 *
 * For a target (one or several event types), a dyad (either direction) and a window the forecast is the
 * number of days with at least one such event, as day-level data report it, and the sum of the events'
 * values. A separate process simulates each origin from the scenario as of that day (fit/restart.h), so the
 * forecasts do not depend on the number of workers. */
#ifndef ENTENTE_FIT_SCORE_FORECAST_H
#define ENTENTE_FIT_SCORE_FORECAST_H

#include "base/error.h"
#include "observed/events.h"

typedef struct {
    const char *name; /* borrowed */
    bool *kinds;      /* [n_kinds] those that it counts */
    bool has_values;  /* sums of values are forecast too */
} target_t;

typedef struct {
    int n_targets, n_windows, n_origins;
    const target_t *targets;
    const int *windows; /* days, ascending */
    const int *origins; /* days from the scenario's start, ascending */
    int until;          /* a window that ends after this day is not forecast */
    int replicates, workers;
    uint64_t seed;
    int n_settings; /* parameters set besides (--set) */
    const setting_t *settings;
} forecasts_task_t;

/* The forecasts of one target and window: [n_origins][n_ties] cells, the origins those whose window ends in
 * time. */
typedef struct {
    int target, window, n_origins;
    uint32_t *counts; /* [cells][window + 1] replicates with so many days */
    float *values;    /* [cells][replicates] sums of values, USD; NULL without */
} forecast_t;

typedef struct {
    int n, n_ties, replicates;
    forecast_t *items;
    uint32_t *done; /* [n_origins] replicates that ran to the end */
    void *memory;
    size_t bytes;
} forecasts_t;

/* 0, ERR_NOMEM, or ERR_INTERNAL when a process failed or more than a thousandth of the replicates exploded,
 * with `err`. Events are ordered by time. */
int forecasts_make(forecasts_t *self, model_t *model, int n_events, const observed_t *events,
                   const forecasts_task_t *task, fault_t *err);
void forecasts_free(forecasts_t *self); /* safe on a zeroed one */

#endif
