/* The points of a sweep: the axes of the command line, else of the scenario; their design; the points left
 * out.
 * */
#include "cli/sweep/sweep.h"

#include "base/mem.h"
#include "cli/command.h"
#include "stats/design/constraint.h"
#include "text/suggest.h"

#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

/* ---- an axis of the command line --------------------------------------------------------------------- */

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

/* The axis of an uncertain parameter: its distribution, or the values of a table. 0 or ERR_NOMEM. */
static int axis_of(const model_t *model, int u, sweep_axis_t *axis) {
    const uncertain_t *uncertain = &model->uncertain[u];
    const joint_draw_t *joint = uncertain->joint < 0 ? NULL : &model->joints[uncertain->joint];
    *axis = (sweep_axis_t){.param = uncertain->param, .dist = uncertain->dist};
    if (!joint || joint->correlation) return 0;
    double *values = uncertain_values(model, u);
    axis->values = values ? calloc((size_t)joint->n_rows, sizeof *values) : NULL;
    if (axis->values) memcpy(axis->values, values, (size_t)joint->n_rows * sizeof *values);
    mem_free(values);
    axis->range = SWEEP_VALUES;
    axis->n_values = joint->n_rows;
    return axis->values ? 0 : ERR_NOMEM;
}

/* Tells that the design does not follow joint distributions. */
static void tell_joint(const model_t *model, int n, const sweep_axis_t *axes) {
    int together = 0;
    for (int u = 0; u < model->n_uncertain; u++)
        for (int i = 0; i < n && model->uncertain[u].joint >= 0; i++)
            together += axes[i].param == model->uncertain[u].param;
    if (together)
        fprintf(stderr,
                "entente: %d swept parameter%s drawn jointly in the scenario: the design varies each "
                "independently; its indices are those of independent parameters\n",
                together, together == 1 ? " is" : "s are");
}

static int as_uncertain(const scenario_t *scenario, const char *path, sweep_axis_t *axis, fault_t *err) {
    const model_t *model = &scenario->model;
    int param = scenario_param(scenario, path);
    if (param < 0) return scenario_unknown(scenario, path, err);
    for (int u = 0; u < model->n_uncertain; u++)
        if (model->uncertain[u].param == param) return axis_of(model, u, axis) ? error_memory(err) : 0;
    return error_set(err, ERR_USAGE, "%s is not uncertain in the scenario; give a range, PATH=LOW:HIGH",
                     path);
}

/* Pieces between `separator`s; the memory goes with the program. */
static int list_of(scenario_t *scenario, const char *path, const char *text, char separator,
                   sweep_axis_t *axis, fault_t *err) {
    int n = 1, ret = 0;
    for (const char *c = text; *c; c++) n += *c == separator;
    axis->values = calloc((size_t)n, sizeof *axis->values);
    if (!axis->values) return error_memory(err);
    for (axis->n_values = 0; axis->n_values < n && !ret; axis->n_values++) {
        const char *end = strchr(text, separator);
        size_t length = end ? (size_t)(end - text) : strlen(text);
        ret = value_of(scenario, path, text, length, &axis->values[axis->n_values], &axis->param, err);
        text += length + (end != NULL);
    }
    return ret;
}

/* "PATH=LOW:HIGH", "PATH=LOW:HIGH:log", "PATH=V1,V2,..." or "PATH" (as `uncertain` has it). 0 or ERR_USAGE.
 */
static int read_axis(scenario_t *scenario, const char *text, sweep_axis_t *axis, fault_t *err) {
    const char *equals = strchr(text, '=');
    *axis = (sweep_axis_t){0};
    if (!equals) return as_uncertain(scenario, text, axis, err);
    char *path = strndup(text, (size_t)(equals - text)), *range = strdup(equals + 1);
    int ret = 0;
    TRY_MEM(path && range);
    size_t length = strlen(range);
    bool logs = length > 4 && !strcmp(range + length - 4, ":log");
    if (logs) range[length - 4] = '\0';
    char separator = strchr(range, ':') ? ':' : ',';
    ret = list_of(scenario, path, range, separator, axis, err);
    if (ret || separator == ',') {
        axis->range = SWEEP_VALUES;
        if (!ret && logs) ret = error_set(err, ERR_USAGE, "%s: `:log` needs a range, LOW:HIGH:log", text);
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

/* ---- the design ------------------------------------------------------------------------------------ */

static int find_design(const char *name) {
    suggest_t near = suggest_for(name);
    for (int d = DESIGN_GRID; d < DESIGN_LIST; d++) {
        if (!strcmp(design_names[d], name)) return d;
        suggest_offer(&near, design_names[d]);
    }
    fprintf(stderr,
            "entente: --design %s: grid, random, latin, sobol, saltelli or morris is expected%s%s%s\n", name,
            near.best ? "; did you mean " : "", near.best ? near.best : "", near.best ? "?" : "");
    return -1;
}

/* Whether the command line gives the swept parameters. */
static bool has_own_axes(const sweep_arguments_t *a) {
    return a->list || a->params.n || a->uncertain;
}

/* The swept parameters: those of the command line, else of the scenario. The caller frees `own`. */
static int choose_axes(const sweep_arguments_t *a, scenario_t *scenario, sweep_axis_t **own, int *n,
                       const sweep_axis_t **axes) {
    model_t *model = &scenario->model;
    fault_t err = {0};
    *own = NULL;
    if (!has_own_axes(a)) {
        *n = scenario->sweep.n_axes;
        *axes = scenario->sweep.axes;
        if (*n) return 0;
        fputs("entente: nothing to sweep: the scenario has no `sweep`, and there is no --param\n", stderr);
        return EX_USAGE;
    }
    if (a->uncertain && !model->n_uncertain) {
        fputs("entente: --uncertain: the scenario has no uncertain parameters\n", stderr);
        return EX_USAGE;
    }
    *axes = *own = calloc((size_t)(a->params.n + model->n_uncertain) + 1, sizeof **own);
    if (!*own) return EX_SOFTWARE;
    for (*n = 0; *n < a->params.n; ++*n) {
        int ret = read_axis(scenario, a->params.items[*n], &(*own)[*n], &err);
        if (ret) return command_ended(ret, "--param", &err);
    }
    for (int u = 0; u < model->n_uncertain && a->uncertain; u++) {
        bool there = false;
        for (int k = 0; k < a->params.n; k++) there |= (*own)[k].param == model->uncertain[u].param;
        if (!there && axis_of(model, u, &(*own)[(*n)++])) return command_ended(ERR_NOMEM, NULL, &err);
    }
    return 0;
}

/* All points of the design. */
static int make_points(const sweep_arguments_t *a, scenario_t *scenario, uint64_t seed, points_t *points) {
    fault_t err = {0};
    int n = 0, design = scenario->sweep.design, size = scenario->sweep.points, ret;
    const sweep_axis_t *axes;
    sweep_axis_t *own;
    if (a->list) {
        ret = scenario_points(scenario, a->list, points, &err);
        return command_ended(ret, NULL, &err);
    }
    int status = choose_axes(a, scenario, &own, &n, &axes);
    if (!status && a->design && (design = find_design(a->design)) < 0) status = EX_USAGE;
    for (int i = 0; i < n && !status; i++)
        for (int k = 0; k < i; k++)
            if (axes[i].param == axes[k].param) {
                fprintf(stderr, "entente: %s is swept twice\n", scenario->model.params[axes[i].param].path);
                status = EX_USAGE;
            }
    if (!status && !a->common.quiet && !a->common.json) tell_joint(&scenario->model, n, axes);
    if (!status) {
        if (design == DESIGN_NONE) design = DESIGN_SOBOL;
        if (a->points) size = a->points;
        if (!size) size = 16;
        ret = points_make(points, (design_t)design, size, n, axes, &scenario->model, seed, &err);
        status = command_ended(ret, NULL, &err);
    }
    for (int i = 0; own && i < n; i++) free(own[i].values);
    free(own);
    return status;
}

/* Leaves out the points that break a constraint of the scenario (on its own parameters) or of the command
 * line, and reports their number. */
static int keep_points(const sweep_arguments_t *a, scenario_t *scenario, points_t *points) {
    fault_t err = {0};
    int status = 0, n = has_own_axes(a) ? 0 : scenario->sweep.n_constraints, n_points = points->n_points;
    size_t most = (size_t)(n + a->keeps.n) + 1;
    constraint_t *constraints = calloc(most, sizeof *constraints);
    int *n_dropped = calloc(most, sizeof *n_dropped);
    if (!constraints || !n_dropped) {
        status = command_ended(ERR_NOMEM, NULL, &err);
        goto out;
    }
    if (n) memcpy(constraints, scenario->sweep.constraints, (size_t)n * sizeof *constraints);
    for (int i = 0; i < a->keeps.n && !status; i++) {
        int ret = scenario_constraint(scenario, a->keeps.items[i], points->n_axes, points->params,
                                      &constraints[n++], &err);
        status = command_ended(ret, "--keep", &err);
    }
    if (!status) status = command_ended(points_keep(points, n, constraints, n_dropped, &err), NULL, &err);
    for (int i = 0; i < n && !status && !a->common.quiet && !a->common.json; i++)
        fprintf(stderr, "entente: %d of %d points break %s and are left out\n", n_dropped[i], n_points,
                constraints[i].name);
out:
    free(constraints);
    free(n_dropped);
    return status;
}

int sweep_points(const sweep_arguments_t *a, scenario_t *scenario, uint64_t seed, points_t *points) {
    int status = make_points(a, scenario, seed, points);
    return status ? status : keep_points(a, scenario, points);
}
