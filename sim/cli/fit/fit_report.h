/* The report of `entente fit` on a fitted event type, and the changes that it makes to the scenario
 * (cli/fit/fit_changes.h). */
#ifndef ENTENTE_CLI_FIT_FIT_REPORT_H
#define ENTENTE_CLI_FIT_FIT_REPORT_H

#include "cli/fit/fit_changes.h"
#include "fit/likelihood/passes.h"
#include <jansson.h>
#include <stdio.h>

typedef struct {
    fit_changes_t changes;
    json_t
        *estimates;  /* may be NULL: a list to which each fit is added (cli/fit/fit_estimates.h); not owned */
    FILE *residuals; /* may be NULL: rows of a table kind, group, residual; not owned */
    int n_fitted, n_failed;
} fit_report_t;

int fit_report_init(fit_report_t *self, const model_t *model, const char *data); /* 0 or ERR_NOMEM */
void fit_report_free(fit_report_t *self, const model_t *model);

/* Prints the fit and a verdict on its residuals, and adds its changes if it converged. */
void fit_report_add(fit_report_t *self, const model_t *model, int kind, likelihood_t *likelihood,
                    const passes_course_t *course, likelihood_fit_t *fit);

#endif
