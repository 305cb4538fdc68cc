/* The estimates of `entente fit`: their first standard errors, and all with covariances as JSON
 * (docs/fitting.md, "Estimates as JSON").
 *
 * The first standard error is robust (fit/likelihood/errors/dyadic.h), also valid where ties and actors
 * differ in ways that the model does not include; model-based if fewer than 20 ties have an event; with
 * random effects of actors that of the model with them. */
#ifndef ENTENTE_CLI_FIT_FIT_ESTIMATES_H
#define ENTENTE_CLI_FIT_FIT_ESTIMATES_H

#include "fit/likelihood/likelihood.h"
#include <jansson.h>
#include <stdio.h>

#define FIT_ESTIMATES_BEGINNING "{\"format\": \"entente estimates 1\""

/* Whether the first standard error of an estimate also holds if ties and actors differ; else it is
 * model-based: too few ties. */
bool fit_is_robust(const likelihood_fit_t *fit);
/* "robust", "model-based", or "random effects" (which are model-based too). */
const char *fit_errors(const likelihood_fit_t *fit);
/* The first standard error of row `i`, and the sd of a normal distribution with its 95 % interval, both of x.
 */
double fit_se(const likelihood_fit_t *fit, int i);
double fit_normal_sd(const likelihood_fit_t *fit, int i);

/* An event type's estimates; NULL without memory. */
json_t *fit_estimates(const model_t *model, const kind_t *kind, const likelihood_t *likelihood,
                      const likelihood_fit_t *fit);
/* Writes the file with that list of event types, and with the parameters of ties (NULL: there are none). 0 or
 * ERR_IO. */
int fit_estimates_write(FILE *file, json_t *kinds, json_t *dynamics);

#endif
