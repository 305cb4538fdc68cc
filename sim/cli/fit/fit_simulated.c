#include "cli/fit/fit_simulated.h"

#include "cli/open_scenario.h"
#include "cli/tables/predictive_table.h"
#include "model/stability.h"

#include <math.h>
#include <stdlib.h>

static void put_rows(FILE *out, const char *kind, const checked_t checked[PREDICTIVE_N]) {
    for (int f = 0; f < PREDICTIVE_N; f++) {
        const checked_t *c = &checked[f];
        if (!isnan(c->p))
            fprintf(out, "%s,\"%s\",%.9g,%.9g,%.9g,%.9g,%.6g\n", kind, predictive_names[f], c->observed,
                    c->mean, c->low, c->high, c->p);
    }
}

/* Days after which the start of a set has almost no effect: ten times the longest half-life, more with
 * offspring of offspring, at most ten times as much. */
static double past_of(const model_t *model) {
    size_t n = (size_t)model->n_kinds;
    double longest = 0, *matrix = calloc(n * n + 1, sizeof *matrix);
    if (!matrix) return NAN;
    stability_matrix(model, true, 0, matrix);
    for (int k = 0; k < model->n_kinds; k++)
        for (int x = 0; x < model->kinds[k].n_excitations; x++)
            longest = fmax(longest, model->kinds[k].excitations[x].half_life);
    double left = fmax(0.1, 1 - stability_radius(matrix, model->n_kinds));
    free(matrix);
    return ceil(10 * longest / left);
}

int fit_simulated(const simulated_t *task, FILE *table, fault_t *err) {
    const common_t common = {.path = task->path, .fixed = true};
    checked_t(*checked)[PREDICTIVE_N] = NULL;
    opened_t opened;
    int ret = 0;
    if (opened_read(&opened, &common)) {
        ret = error_set(err, ERR_DATA, "%s: the fitted scenario cannot be read", task->path);
        goto out;
    }
    model_t *model = &opened.scenario.model;
    checked = calloc((size_t)model->n_kinds + 1, sizeof *checked);
    TRY_MEM(checked);
    double before = task->own_past ? past_of(model) : 0;
    ret = isnan(before) ? ERR_NOMEM : 0;
    if (ret < 0) goto out;
    const predictive_task_t sets = {.n_events = task->events->n,
                                    .events = task->events->items,
                                    .from = task->from,
                                    .until = task->until,
                                    .before = before,
                                    .n_sets = task->n_sets,
                                    .seed = model->seed,
                                    .n_settings = opened.n_settings,
                                    .settings = opened.settings};
    TRY(predictive_check(model, &sets, checked, NULL, err));
    for (int k = 0; k < model->n_kinds; k++) {
        if (!task->is_fitted[k]) continue;
        printf("%s, simulated:\n", model->kinds[k].name);
        predictive_print_figures(checked[k]);
        predictive_print_verdict(checked[k]);
        if (table) put_rows(table, model->kinds[k].name, checked[k]);
    }
out:
    free(checked);
    opened_close(&opened);
    return ret;
}
