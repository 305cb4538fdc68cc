/* The estimates of `entente fit` with their covariances, as JSON (docs/fitting.md, "Estimates as JSON"). */
#ifndef ENTENTE_CLI_FIT_FIT_ESTIMATES_H
#define ENTENTE_CLI_FIT_FIT_ESTIMATES_H

#include "fit/likelihood/likelihood.h"
#include <jansson.h>
#include <stdio.h>

#define FIT_ESTIMATES_BEGINNING "{\"format\": \"entente estimates 1\""

/* An event type's estimates; NULL without memory. */
json_t *fit_estimates(const model_t *model, const kind_t *kind, const likelihood_t *likelihood,
                      const likelihood_fit_t *fit);
/* Writes the file with that list of event types, and with the parameters of ties (NULL: there are none). 0 or
 * ERR_IO. */
int fit_estimates_write(FILE *file, json_t *kinds, json_t *dynamics);

#endif
