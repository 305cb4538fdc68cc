#include "run/constraint.h"

#include <stdlib.h>
#include <string.h>

static char *trim(char *text) {
    text += strspn(text, " \t");
    size_t n = strlen(text);
    while (n && strchr(" \t", text[n - 1])) text[--n] = '\0';
    return text;
}

/* The axis of a path, or -1. */
static int axis_of(const points_t *points, const model_t *model, const char *path) {
    for (int a = 0; a < points->n_axes; a++)
        if (!strcmp(model->params[points->params[a]].path, path)) return a;
    return -1;
}

static int read_sides(constraint_t *self, char *const sides[2], scenario_t *scenario, const points_t *points,
                      fault_t *err) {
    const model_t *model = &scenario->model;
    for (int i = 0; i < 2; i++) self->axes[i] = axis_of(points, model, sides[i]);
    if (self->axes[0] < 0 && self->axes[1] < 0)
        return error_set(err, ERR_USAGE,
                         "--keep %s: neither \"%s\" nor \"%s\" is swept; a side is the path of a swept "
                         "parameter, as --dry-run lists them, or a value",
                         self->name, sides[0], sides[1]);
    for (int i = 0; i < 2; i++) {
        setting_t setting;
        if (self->axes[i] >= 0) continue;
        int ret = scenario_set(scenario, model->params[points->params[self->axes[1 - i]]].path, sides[i],
                               &setting, err);
        if (ret < 0) return ret;
        self->values[i] = setting.value;
    }
    return 0;
}

int constraint_read(constraint_t *self, const char *text, scenario_t *scenario, const points_t *points,
                    fault_t *err) {
    *self = (constraint_t){.text = strdup(text)};
    if (!self->text) return error_set(err, ERR_NOMEM, "out of memory");
    char *colon = strchr(self->text, ':'), *sign = colon ? strpbrk(colon + 1, "<>") : NULL;
    if (colon) *colon = '\0';
    self->name = trim(self->text);
    if (!sign || !*self->name)
        return error_set(err, ERR_USAGE,
                         "--keep %s: \"NAME: PATH < PATH\" is expected, or <=, >, >=, or a value", text);
    self->less = *sign == '<';
    *sign++ = '\0';
    self->equal = *sign == '=';
    if (self->equal) sign++;
    return read_sides(self, (char *[2]){trim(colon + 1), trim(sign)}, scenario, points, err);
}

void constraint_free(constraint_t *self) {
    free(self->text);
    *self = (constraint_t){0};
}

static bool holds(const constraint_t *self, const double *row) {
    double side[2];
    for (int i = 0; i < 2; i++) side[i] = self->axes[i] < 0 ? self->values[i] : row[self->axes[i]];
    if (self->equal && side[0] == side[1]) return true;
    return self->less ? side[0] < side[1] : side[0] > side[1];
}

int points_keep(points_t *self, int n, constraint_t *constraints, fault_t *err) {
    size_t d = (size_t)self->n_axes;
    int kept = 0;
    if (!n) return 0;
    if (self->design == DESIGN_SALTELLI || self->design == DESIGN_MORRIS)
        return error_set(
            err, ERR_USAGE,
            "--keep: the indices of %s rest on all points of a %s, so none can be left out; take "
            "random, sobol, latin, grid or --list, or ranges that keep to the constraint",
            design_names[self->design], self->design == DESIGN_SALTELLI ? "row" : "trajectory");
    for (int p = 0; p < self->n_points; p++) {
        bool good = true;
        for (int i = 0; i < n; i++) {
            bool held = holds(&constraints[i], self->values + (size_t)p * d);
            constraints[i].n_dropped += !held;
            good &= held;
        }
        if (!good) continue;
        memmove(self->values + (size_t)kept * d, self->values + (size_t)p * d, d * sizeof *self->values);
        if (self->units)
            memmove(self->units + (size_t)kept * d, self->units + (size_t)p * d, d * sizeof *self->units);
        kept++;
    }
    if (!kept) return error_set(err, ERR_USAGE, "--keep: no point of the design is left");
    self->n_points = kept;
    return 0;
}
