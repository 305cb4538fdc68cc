#include "cli/sweep.h"

#include <stdlib.h>
#include <string.h>

static int value_of(scenario_t *scenario, const char *path, const char *text, size_t length, double *value,
                    int *param, fault_t *err) {
    setting_t setting;
    char *own = strndup(text, length);
    int ret = own ? scenario_set(scenario, path, own, &setting, err) : ERR_NOMEM;
    free(own);
    if (ret) return ret;
    *value = setting.value;
    *param = setting.param;
    return 0;
}

static int as_uncertain(const scenario_t *scenario, const char *path, sweep_axis_t *axis, fault_t *err) {
    const model_t *model = &scenario->model;
    int param = scenario_param(scenario, path);
    if (param < 0) return error_set(err, ERR_USAGE, "\"%s\" is no parameter of the scenario", path);
    for (int u = 0; u < model->n_uncertain; u++)
        if (model->uncertain[u].param == param) {
            *axis = (sweep_axis_t){.param = param, .dist = model->uncertain[u].dist};
            return 0;
        }
    return error_set(err, ERR_USAGE, "%s is not uncertain in the scenario: give a range, PATH=LOW:HIGH",
                     path);
}

/* Pieces between `separator`s; the memory goes with the program. */
static int list_of(scenario_t *scenario, const char *path, const char *text, char separator,
                   sweep_axis_t *axis, fault_t *err) {
    int n = 1, ret = 0;
    for (const char *c = text; *c; c++) n += *c == separator;
    axis->values = calloc((size_t)n, sizeof *axis->values);
    if (!axis->values) return error_set(err, ERR_NOMEM, "out of memory");
    for (axis->n_values = 0; axis->n_values < n && !ret; axis->n_values++) {
        const char *end = strchr(text, separator);
        size_t length = end ? (size_t)(end - text) : strlen(text);
        ret = value_of(scenario, path, text, length, &axis->values[axis->n_values], &axis->param, err);
        text += length + (end != NULL);
    }
    return ret;
}

int sweep_axis(scenario_t *scenario, const char *text, sweep_axis_t *axis, fault_t *err) {
    const char *equals = strchr(text, '=');
    *axis = (sweep_axis_t){0};
    if (!equals) return as_uncertain(scenario, text, axis, err);
    char *path = strndup(text, (size_t)(equals - text)), *range = strdup(equals + 1);
    int ret = 0;
    if (!path || !range) {
        ret = error_set(err, ERR_NOMEM, "out of memory");
        goto out;
    }
    size_t length = strlen(range);
    bool logs = length > 4 && !strcmp(range + length - 4, ":log");
    if (logs) range[length - 4] = '\0';
    char separator = strchr(range, ':') ? ':' : ',';
    ret = list_of(scenario, path, range, separator, axis, err);
    if (ret || separator == ',') {
        axis->range = SWEEP_VALUES;
        if (!ret && logs) ret = error_set(err, ERR_USAGE, "%s: `:log` is for a range, LOW:HIGH:log", text);
        goto out;
    }
    const double *v = axis->values;
    if (axis->n_values != 2 || !(v[0] < v[1]) || (logs && v[0] <= 0)) {
        ret = error_set(err, ERR_USAGE, "%s: LOW:HIGH is expected, LOW less than HIGH%s", text,
                        logs ? " and more than 0" : "");
        goto out;
    }
    axis->range = logs ? SWEEP_LOG_UNIFORM : SWEEP_DIST;
    axis->dist = (dist_t){DIST_UNIFORM, {v[0], v[1]}};
out:
    if (axis->range != SWEEP_VALUES || ret) {
        free(axis->values);
        axis->values = NULL;
        axis->n_values = 0;
    }
    free(path);
    free(range);
    return ret;
}
