/* The report of `entente fit` on a fitted event type, and the changes that it writes.
 *
 * An event type enters the fitted scenario as changes (scenario/overlay.h): its baseline rate, coefficients,
 * season and excitation under `kinds`, their standard errors as distributions under `uncertain`, the random
 * effects of ties as an attribute `own_KIND` under `ties`. Standard errors are robust
 * (fit/likelihood/dyadic.h): also valid where ties and actors differ in ways that the model does not include.
 * They are model-based if fewer than 20 ties have an event. A distribution under `uncertain` has the 95 %
 * interval of the estimate; those of one event type are drawn jointly (`fitted_KIND`), by the correlation of
 * the estimates. */
#ifndef ENTENTE_CLI_FIT_FIT_REPORT_H
#define ENTENTE_CLI_FIT_FIT_REPORT_H

#include "cli/fit/fit_dynamics.h"
#include "fit/likelihood/passes.h"
#include <jansson.h>
#include <stdio.h>

typedef struct {
    const char *data; /* what the source of a prior is called */
    json_t
        *estimates;  /* may be NULL: a list to which each fit is added (cli/fit/fit_estimates.h); not owned */
    FILE *residuals; /* may be NULL: rows of a table kind, group, residual; not owned */
    double **effects; /* [n_kinds][n_ties], NULL where a kind has none */
    int n_fitted, n_failed;
    bool *is_fitted;               /* [n_kinds] */
    FILE *kinds, *priors, *joints; /* into the texts */
    char *kinds_text, *priors_text, *joints_text;
    size_t kinds_size, priors_size, joints_size;
    fit_dynamics_t dynamics; /* of a fit with --dynamics */
    int part;                /* of the present kind */
    int *drawn;              /* [n_drawn] rows of the present fit that have a distribution */
    int n_drawn;
    size_t drawn_capacity;
    bool failed;   /* out of memory */
    char **shared; /* [n_shared] of a common parameter the path that has the prior; NULL where none has yet */
    int n_shared;
} fit_report_t;

/* Whether ties suffice for robust standard errors; else an estimate's first one is model-based. */
bool fit_is_robust(const likelihood_fit_t *fit);
/* The first standard error of row `i`, and the sd of a normal distribution with its 95 % interval, both of x.
 */
double fit_se(const likelihood_fit_t *fit, int i);
double fit_normal_sd(const likelihood_fit_t *fit, int i);

int fit_report_init(fit_report_t *self, const model_t *model, const char *data);
void fit_report_free(fit_report_t *self, const model_t *model);

/* Prints the fit and a verdict on its residuals, and adds its changes if it converged. */
void fit_report_add(fit_report_t *self, const model_t *model, int kind, likelihood_t *likelihood,
                    const passes_course_t *course, likelihood_fit_t *fit);
/* The changes as YAML, which the caller frees; NULL without memory. No more fits can be added afterwards. */
char *fit_report_changes(fit_report_t *self, const model_t *model);

#endif
