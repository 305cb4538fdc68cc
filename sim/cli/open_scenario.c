#include "cli/open_scenario.h"

#include "base/error.h"
#include "base/suggest.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

int open_settings(opened_t *self, int n_sets, const char *const *sets) {
    int status = 0;
    if (n_sets == 0) return 0;
    self->settings = calloc((size_t)n_sets, sizeof *self->settings);
    if (!self->settings) return EX_SOFTWARE;
    for (int n = 0; n < n_sets; n++) { /* every mistake is told, not only the first */
        fault_t err = {0};
        const char *equals = strchr(sets[n], '=');
        char *path = equals ? strndup(sets[n], (size_t)(equals - sets[n])) : NULL;
        if (!equals) {
            fprintf(stderr,
                    "entente: --set %s: PATH=VALUE is expected, such as kinds.call.rate.per_year=0.8\n",
                    sets[n]);
            status = EX_USAGE;
        } else if (!path) {
            status = EX_SOFTWARE;
        } else if (scenario_set(&self->scenario, path, equals + 1, &self->settings[self->n_settings++],
                                &err) < 0) {
            fprintf(stderr, "entente: --set %s: %s\n", sets[n], err.text);
            status = EX_USAGE;
        }
        free(path);
    }
    return status;
}

void free_sets(const char **sets, int n_fixed) {
    for (int n = 0; sets && n < n_fixed; n++) free((char *)sets[n]);
    free(sets);
}

const char **fixed_sets(const model_t *model, int n_sets, const char *const *sets, int *n_fixed) {
    static const char *const units[DIM_N] = {
        [DIM_DURATION] = " d", [DIM_MONEY] = " USD", [DIM_DISTANCE] = " km"};
    const char **all = calloc((size_t)(model->n_uncertain + n_sets) + 1, sizeof *all);
    *n_fixed = 0;
    for (int u = 0; all && u < model->n_uncertain; u++) {
        const param_t *param = &model->params[model->uncertain[u].param];
        const char *unit = units[param->dimension];
        char *text = NULL;
        if (asprintf(&text, "%s=%.17g%s", param->path, *param->value, unit ? unit : "") < 0) {
            free_sets(all, *n_fixed);
            return NULL;
        }
        all[(*n_fixed)++] = text;
    }
    for (int n = 0; all && n < n_sets; n++) all[*n_fixed + n] = sets[n];
    return all;
}

int open_scenario(opened_t *self, const char *path, int n_sets, const char *const *sets) {
    diagnostics_t diagnostics;
    *self = (opened_t){0};
    diagnostics_init(&diagnostics);
    int ret = scenario_read(&self->scenario, path, &diagnostics);
    diagnostics_print(&diagnostics, stderr, DIAGNOSTICS_SHOWN);
    diagnostics_free(&diagnostics);
    if (ret == ERR_NOMEM) fputs("entente: out of memory\n", stderr);
    return ret < 0 ? error_exit_code(ret) : open_settings(self, n_sets, sets);
}

void close_scenario(opened_t *self) {
    scenario_free(&self->scenario);
    free(self->settings);
    *self = (opened_t){0};
}

int open_variant(const opened_t *self, const char *name, int *status) {
    const model_t *model = &self->scenario.model;
    int variant = name ? model_variant(model, name) : 0;
    if (variant >= 0) return variant;
    suggest_t near = suggest_for(name);
    fprintf(stderr, "entente: no variant \"%s\" in this scenario; there are:", name);
    for (int v = 0; v < model->n_variants; v++) {
        suggest_offer(&near, model->variants[v].name);
        fprintf(stderr, "%s %s", v ? "," : "", model->variants[v].name);
    }
    if (near.best) fprintf(stderr, "; did you mean %s?", near.best);
    fputc('\n', stderr);
    *status = EX_USAGE;
    return -1;
}

bool find_actor_or_tie(const model_t *model, const char *text, int *a, int *b) {
    *a = model_actor(model, text);
    *b = -1;
    for (const char *hyphen = strchr(text, '-'); *a < 0 && hyphen; hyphen = strchr(hyphen + 1, '-')) {
        char *first = strndup(text, (size_t)(hyphen - text));
        if (!first) return false;
        int i = model_actor(model, first), j = model_actor(model, hyphen + 1);
        free(first);
        if (i >= 0 && j >= 0) *a = i, *b = j;
    }
    return *a >= 0;
}
