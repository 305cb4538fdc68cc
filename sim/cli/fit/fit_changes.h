/* The changes that `entente fit` makes to a scenario.
 *
 * An event type enters the fitted scenario as changes (scenario/overlay.h): its baseline rate, coefficients,
 * season and excitation under `kinds`, their standard errors as distributions under `uncertain`, the random
 * effects of ties as an attribute `own_KIND` under `ties`, those of actors as attributes under `actors`:
 * `sends_KIND` and `receives_KIND`, of an undirected type `own_KIND`. A distribution has the 95 % interval of
 * the estimate; those of one event type, actors' effects included, are drawn jointly (`fitted_KIND`), by the
 * correlation of the estimates. */
#ifndef ENTENTE_CLI_FIT_FIT_CHANGES_H
#define ENTENTE_CLI_FIT_FIT_CHANGES_H

#include "cli/fit/fit_dynamics.h"
#include "fit/likelihood/likelihood.h"
#include <stdio.h>

typedef struct {
    const char *data;              /* what the source of a prior is called */
    double **effects;              /* [n_kinds][n_ties], NULL where a kind has none */
    actor_effects_t *actors;       /* [n_kinds] */
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
} fit_changes_t;

int fit_changes_init(fit_changes_t *self, const model_t *model, const char *data); /* 0 or ERR_NOMEM */
void fit_changes_free(fit_changes_t *self, const model_t *model);

/* Adds an event type's fit, which converged; takes its `effects`. */
void fit_changes_add(fit_changes_t *self, const model_t *model, int kind, likelihood_t *likelihood,
                     likelihood_fit_t *fit);
/* The changes as YAML, which the caller frees; NULL without memory. No more fits can be added afterwards. */
char *fit_changes_text(fit_changes_t *self, const model_t *model);

#endif
