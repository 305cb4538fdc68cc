/* What `entente fit --simulate` says: how events simulated from the fitted scenario compare with the observed
 * ones (fit/predictive.h), kind by kind, and a verdict of what the scenario misses. */
#ifndef ENTENTE_CLI_FIT_SIMULATED_H
#define ENTENTE_CLI_FIT_SIMULATED_H

#include "fit/predictive.h"

/* Reads the fitted scenario, simulates `n_sets` sets with its parameters as they stand there, and prints a
 * table for each kind that is_fitted[n_kinds]; `table`, if not NULL, takes the same as rows of a CSV (kind,
 * figure, observed, mean, low, high, p). `own_past`: sets begin long before the start, instead
 * of from the events observed before it. Events carry the ids of the scenario that was fitted.
 * 0 or an error with `err`. */
int fit_simulated(const char *path, const bool *is_fitted, const events_t *events, double until,
                  bool own_past, int n_sets, FILE *table, fault_t *err);

#endif
