#include "cli/tables/point_means.h"

#include "base/math/quantile.h"
#include "base/mem.h"
#include <math.h>

typedef struct {
    store_t *store;
    size_t n_variants, n_quantities, n_replicates;
    double horizon;
    double *rows;   /* [variant][replicate][quantity] of a point */
    int8_t *status; /* [variant][replicate] */
    double *sums;   /* [variant][quantity][replicate] over the points */
    double *counts; /* [quantity][replicate] */
} pass_t;

static double value_of(const pass_t *p, size_t v, size_t q, size_t r) {
    if (p->status[v * p->n_replicates + r]) return NAN;
    double value = p->rows[(v * p->n_replicates + r) * p->n_quantities + q];
    return isinf(value) ? p->horizon : value;
}

static void add_value(pass_t *p, size_t q, size_t r) {
    double base = value_of(p, 0, q, r);
    for (size_t v = 0; v < p->n_variants; v++)
        if (isnan(value_of(p, v, q, r))) return;
    p->counts[q * p->n_replicates + r]++;
    for (size_t v = 0; v < p->n_variants; v++)
        p->sums[(v * p->n_quantities + q) * p->n_replicates + r] += value_of(p, v, q, r) - (v ? base : 0);
}

static int add_point(pass_t *p, int point, fault_t *err) {
    int ret = 0;
    uint32_t n = (uint32_t)p->n_replicates;
    for (size_t v = 0; v < p->n_variants; v++) {
        TRY(store_read_quantities(p->store, point, (int)v, 0, n, p->rows + v * n * p->n_quantities, err));
        TRY(store_read_status(p->store, point, (int)v, 0, n, p->status + v * n, err));
    }
    for (size_t q = 0; q < p->n_quantities; q++)
        for (size_t r = 0; r < n; r++) add_value(p, q, r);
out:
    return ret;
}

static ends_t ends_of(const pass_t *p, size_t v, size_t q) {
    const double *sums = p->sums + (v * p->n_quantities + q) * p->n_replicates;
    const double *counts = p->counts + q * p->n_replicates;
    double n = 0, mean = 0, squares = 0;
    for (size_t r = 0; r < p->n_replicates; r++) {
        if (counts[r] <= 0) continue;
        double gap = sums[r] / counts[r] - mean;
        mean += gap / ++n;
        squares += gap * (sums[r] / counts[r] - mean);
    }
    if (n < 2 || !(squares > 0)) return (ends_t){NAN, NAN};
    double half = quantile_t(n - 1, 0.975) * sqrt(squares / (n - 1) / n);
    return (ends_t){mean - half, mean + half};
}

int point_means_read(store_t *store, size_t n_variants, size_t n_quantities, ends_t *ends, fault_t *err) {
    int ret = 0;
    size_t n_replicates = store_replicates(store), cells = n_variants * n_replicates;
    pass_t pass = {.store = store,
                   .n_variants = n_variants,
                   .n_quantities = n_quantities,
                   .n_replicates = n_replicates,
                   .horizon = store_attribute_number(store, "", "horizon_days", NAN),
                   .rows = mem_alloc(cells * n_quantities + 1, sizeof(double)),
                   .status = mem_alloc(cells + 1, sizeof(int8_t)),
                   .sums = mem_alloc(cells * n_quantities + 1, sizeof(double)),
                   .counts = mem_alloc(n_quantities * n_replicates + 1, sizeof(double))};
    TRY_MEM(pass.rows && pass.status && pass.sums && pass.counts);
    for (size_t point = 0; point < store_size(store, "point"); point++)
        TRY(add_point(&pass, (int)point, err));
    for (size_t v = 0; v < n_variants; v++)
        for (size_t q = 0; q < n_quantities; q++) ends[v * n_quantities + q] = ends_of(&pass, v, q);
out:
    mem_free(pass.rows);
    mem_free(pass.status);
    mem_free(pass.sums);
    mem_free(pass.counts);
    return ret;
}
