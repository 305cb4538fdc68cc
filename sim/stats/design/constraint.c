#include "stats/design/constraint.h"

#include <string.h>

static double side_of(const constraint_t *constraint, int i, const points_t *points, const double *row) {
    for (int a = 0; a < points->n_axes; a++)
        if (points->params[a] == constraint->params[i]) return row[a];
    return constraint->values[i];
}

static bool holds(const constraint_t *constraint, const points_t *points, const double *row) {
    double left = side_of(constraint, 0, points, row), right = side_of(constraint, 1, points, row);
    if (constraint->equal && left == right) return true;
    return constraint->less ? left < right : left > right;
}

int points_keep(points_t *self, int n, const constraint_t *constraints, int *n_dropped, fault_t *err) {
    size_t d = (size_t)self->n_axes;
    int kept = 0;
    if (!n) return 0;
    if (design_needs_all(self->design))
        return error_set(err, ERR_USAGE,
                         "constraint %s: the indices of %s need all points of a %s, so none can be left out; "
                         "use random, sobol, latin, grid or --list, or ranges that satisfy it",
                         constraints[0].name, design_names[self->design],
                         self->design == DESIGN_SALTELLI ? "row" : "trajectory");
    for (int p = 0; p < self->n_points; p++) {
        const double *row = self->values + (size_t)p * d;
        bool good = true;
        for (int i = 0; i < n; i++) {
            bool held = holds(&constraints[i], self, row);
            n_dropped[i] += !held;
            good &= held;
        }
        if (!good) continue;
        memmove(self->values + (size_t)kept * d, row, d * sizeof *self->values);
        if (self->units)
            memmove(self->units + (size_t)kept * d, self->units + (size_t)p * d, d * sizeof *self->units);
        kept++;
    }
    if (!kept) return error_set(err, ERR_USAGE, "the constraints leave no point of the design");
    self->n_points = kept;
    return 0;
}
