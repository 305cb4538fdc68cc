/* The options of `entente score`, and the task that they define: targets, days of the forecasts, windows. */
#ifndef ENTENTE_CLI_SCORE_SCORE_TASK_H
#define ENTENTE_CLI_SCORE_SCORE_TASK_H

#include "cli/options/options.h"
#include "fit/score/outcome.h"

typedef struct {
    common_t common; /* with replicates and workers */
    int n_windows, windows[MOST_WINDOWS], every;
    texts_t targets;
} score_options_t;

/* Reads the events and settles the rest. ERR_USAGE, ERR_DATA, ERR_NOINPUT, ERR_NOMEM;
 * events_free(&task.events) in any case. */
int task_init(task_t *self, model_t *model, const score_options_t *options, fault_t *err);

#endif
