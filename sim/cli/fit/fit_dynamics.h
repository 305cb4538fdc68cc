/* `entente fit --dynamics`: which parameters of ties are estimated, their report, and their part of the
 * fitted scenario. */
#ifndef ENTENTE_CLI_FIT_FIT_DYNAMICS_H
#define ENTENTE_CLI_FIT_FIT_DYNAMICS_H

#include "cli/options/options.h"
#include "fit/likelihood/dynamics.h"
#include "scenario/scenario.h"
#include <jansson.h>

/* Each text is a path or several with commas, which have one value; of the scenario's arena. 0, ERR_USAGE,
 * ERR_NOMEM. */
int fit_dynamics_read(scenario_t *scenario, const texts_t *texts, int *n, const dynamic_t **out,
                      fault_t *err);

typedef struct { /* a row of an event type that has a distribution */
    char *path;
    int index; /* in the fit; -1 */
} fit_drawn_t;

typedef struct { /* zeroed: there are none */
    int n;
    const dynamic_t *items;
    dynamics_fit_t fit; /* a copy */
    const int *kinds;   /* [n_kinds] its parts; copied */
    int n_kinds;
    int *own_kinds;
    double *estimates; /* [n] values */
    fit_drawn_t *drawn;
    size_t n_drawn, drawn_capacity;
} fit_dynamics_t;

int fit_dynamics_take(fit_dynamics_t *self, int n, const dynamic_t *items, const dynamics_fit_t *fit,
                      int n_kinds, const int *kinds); /* 0 or ERR_NOMEM */
void fit_dynamics_free(fit_dynamics_t *self);
int fit_dynamics_part(const fit_dynamics_t *self, int kind);
/* Notes that a row of a part has a distribution. 0 or ERR_NOMEM. */
int fit_dynamics_draw(fit_dynamics_t *self, const char *path, int part, int row);

void fit_dynamics_print(const fit_dynamics_t *self, const model_t *model);
json_t *fit_dynamics_json(const fit_dynamics_t *self);
/* Pieces of the changes: the section `effects`, which the caller frees, NULL without memory; `effect` of a
 * kind; `relax` of ties; distributions; the joint one of all. */
char *fit_dynamics_effects(const fit_dynamics_t *self);
void fit_dynamics_put_kind(const fit_dynamics_t *self, const char *kind, FILE *out);
void fit_dynamics_put_relax(const fit_dynamics_t *self, FILE *out);
void fit_dynamics_put_priors(const fit_dynamics_t *self, const char *data, FILE *out);
void fit_dynamics_put_joint(const fit_dynamics_t *self, const char *data, FILE *out);

#endif
