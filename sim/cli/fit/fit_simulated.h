/* The report of `entente fit --simulate`: events simulated from the fitted scenario compared with the
 * observed ones (fit/score/predictive.h), kind by kind, and a verdict that names the misfit. */
#ifndef ENTENTE_CLI_FIT_FIT_SIMULATED_H
#define ENTENTE_CLI_FIT_FIT_SIMULATED_H

#include "fit/score/predictive.h"

typedef struct {
    const char *path;       /* of the fitted scenario */
    const bool *is_fitted;  /* [n_kinds] */
    const events_t *events; /* with the ids of the scenario that was fitted */
    double from, until;     /* what was fitted to, days from the start */
    bool own_past;          /* sets begin long before `from`, instead of from the events observed before it */
    int n_sets;
} simulated_t;

/* Reads the fitted scenario, simulates sets with its parameters as they stand there, and prints a table for
 * each kind that was fitted; `table`, if not NULL, takes the same as rows of a CSV (kind, figure, observed,
 * mean, low, high, p). 0 or an error with `err`. */
int fit_simulated(const simulated_t *task, FILE *table, fault_t *err);

#endif
