#include "run/study.h"

#include "base/math/elementary.h"
#include "base/mem.h"
#include "stats/sensitivity.h"
#include <math.h>
#include <stdio.h>
#include <string.h>

#define MEMORY_MOST ((size_t)256 * 1024 * 1024) /* of values, if it need not be more */

typedef struct {
    store_t *store;
    const points_t *points;
    size_t n_variants, n_quantities, n_replicates, n_points;
    size_t first, n_held; /* quantities that `values` holds */
    double *values;       /* [variant][point][replicate][held quantity] */
    double *row;          /* [replicate][quantity] of one point and variant */
    double *y;            /* [point][replicate] of one outcome */
    double *means;        /* [point] of it */
    double *columns;      /* [point][axis] that a regression is on */
} study_t;

static void study_free(study_t *s) {
    mem_free(s->values);
    mem_free(s->row);
    mem_free(s->y);
    mem_free(s->means);
    mem_free(s->columns);
}

/* The swept values, or their logarithms where all are positive and span a decade. */
static void set_columns(study_t *s) {
    size_t d = (size_t)s->points->n_axes;
    for (size_t a = 0; a < d; a++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t p = 0; p < s->n_points; p++) {
            low = fmin(low, s->points->values[p * d + a]);
            high = fmax(high, s->points->values[p * d + a]);
        }
        bool logs = low > 0 && high >= 10 * low;
        for (size_t p = 0; p < s->n_points; p++) {
            double value = s->points->values[p * d + a];
            s->columns[p * d + a] = logs ? elementary_log(value) : value;
        }
    }
}

static int study_init(study_t *s, fault_t *err) {
    size_t runs = s->n_points * s->n_replicates, one = s->n_variants * runs * sizeof *s->values;
    s->n_held = one < MEMORY_MOST ? MEMORY_MOST / one : 1;
    if (s->n_held > s->n_quantities) s->n_held = s->n_quantities;
    s->values = mem_alloc(s->n_variants * runs * s->n_held, sizeof *s->values);
    s->row = mem_alloc(s->n_replicates * s->n_quantities, sizeof *s->row);
    s->y = mem_alloc(runs, sizeof *s->y);
    s->means = mem_alloc(s->n_points, sizeof *s->means);
    s->columns = mem_alloc(s->n_points * (size_t)s->points->n_axes, sizeof *s->columns);
    if (!s->values || !s->row || !s->y || !s->means || !s->columns) return error_memory(err);
    set_columns(s);
    s->first = s->n_quantities; /* none is held yet */
    return 0;
}

/* Reads as many quantities as are held, from `first` on. */
static int hold(study_t *s, size_t first, fault_t *err) {
    int ret = 0;
    size_t n = s->n_quantities - first < s->n_held ? s->n_quantities - first : s->n_held;
    double *to = s->values;
    s->first = first;
    for (size_t v = 0; v < s->n_variants; v++)
        for (size_t p = 0; p < s->n_points; p++) {
            TRY(store_read_quantities(s->store, (int)p, (int)v, 0, (uint32_t)s->n_replicates, s->row, err));
            for (size_t r = 0; r < s->n_replicates; r++, to += s->n_held)
                memcpy(to, s->row + r * s->n_quantities + first, n * sizeof *to);
        }
out:
    return ret;
}

static int take(study_t *s, size_t variant, size_t quantity, fault_t *err) {
    size_t runs = s->n_points * s->n_replicates;
    if (quantity < s->first || quantity >= s->first + s->n_held) {
        int ret = hold(s, quantity, err);
        if (ret) return ret;
    }
    const double *base = s->values + (quantity - s->first), *own = base + variant * runs * s->n_held;
    for (size_t i = 0; i < runs; i++)
        s->y[i] = variant ? own[i * s->n_held] - base[i * s->n_held] : base[i * s->n_held];
    return 0;
}

static int analyse(const study_t *s, response_t *response, influence_t *influence) {
    const points_t *points = s->points;
    int ret = 0, d = points->n_axes;
    influence_clear(d, influence);
    TRY(sensitivity_response(points->n_points, (int)s->n_replicates, s->y, s->means, response));
    if (points->design == DESIGN_MORRIS) /* too few trajectories for a regression, which mu's sign replaces */
        return sensitivity_morris(d, points->size, points->units, s->means, influence);
    if (points->design == DESIGN_SALTELLI) TRY(sensitivity_sobol(d, points->size, s->means, influence));
    int group = points->design == DESIGN_SALTELLI ? d + 2 : 1;
    TRY(sensitivity_regression(d, points->n_points, group, s->columns, s->means, influence, &response->r2));
out:
    return ret;
}

int study_write(store_t *out, const points_t *points, const layout_t *layout, uint32_t n_replicates,
                fault_t *err) {
    int ret = 0;
    study_t s = {.store = out,
                 .points = points,
                 .n_variants = (size_t)layout->n_variants,
                 .n_quantities = (size_t)layout->model->n_quantities,
                 .n_replicates = n_replicates,
                 .n_points = (size_t)points->n_points};
    size_t d = (size_t)points->n_axes, n = s.n_variants * s.n_quantities;
    if (!n) return 0;
    sensitivity_t told = {.n_variants = s.n_variants, .n_quantities = s.n_quantities, .n_swept = d};
    snprintf(told.design, sizeof told.design, "%s", design_names[points->design]);
    told.swept = mem_alloc(d, sizeof *told.swept);
    told.responses = mem_alloc(n, sizeof *told.responses);
    told.influence = mem_alloc(n * d, sizeof *told.influence);
    TRY_MEM(told.swept && told.responses && told.influence);
    for (size_t a = 0; a < d; a++) told.swept[a] = layout->model->params[points->params[a]].path;
    TRY(study_init(&s, err));
    for (size_t q = 0; q < s.n_quantities; q++)
        for (size_t v = 0; v < s.n_variants; v++) {
            size_t at = v * s.n_quantities + q;
            TRY(take(&s, v, q, err));
            ret = analyse(&s, &told.responses[at], told.influence + at * d);
            if (ret) {
                error_memory(err);
                goto out;
            }
        }
    ret = store_write_sensitivity(out, &told, err);
out:
    study_free(&s);
    mem_free(told.swept);
    mem_free(told.responses);
    mem_free(told.influence);
    return ret;
}
