#include "stats/spread.h"

#include "base/math/elementary.h"
#include "base/mem.h"
#include "stats/regression.h"
#include <math.h>
#include <string.h>

#define BATCH 4096u

typedef struct { /* of one quantity in one variant */
    regression_t moments;
    fit_t fit;
    double z4, z2e2, e4; /* sums over the rows: z off the mean, e off the fit */
} cell_t;

typedef struct {
    const estimate_source_t *source;
    spread_draws_t *draws;
    const uncertain_t *uncertain;
    int n_uncertain, n_variants, n_quantities;
    double *x;      /* [BATCH][n_uncertain] */
    double *values; /* [BATCH][n_quantities] of one variant */
    int8_t *status; /* [BATCH] */
    bool *good;     /* [BATCH] */
    cell_t *cells;  /* [variant][quantity] */
} spread_t;

static void spread_free(spread_t *s) {
    for (int c = 0; s->cells && c < s->n_variants * s->n_quantities; c++) {
        regression_free(&s->cells[c].moments);
        fit_free(&s->cells[c].fit);
    }
    mem_free(s->cells);
    mem_free(s->x);
    mem_free(s->values);
    mem_free(s->status);
    mem_free(s->good);
}

static int spread_init(spread_t *s, fault_t *err) {
    int n_cells = s->n_variants * s->n_quantities, ret = 0;
    s->x = mem_alloc(BATCH * (size_t)s->n_uncertain, sizeof *s->x);
    s->values = mem_alloc(BATCH * (size_t)s->n_quantities, sizeof *s->values);
    s->status = mem_alloc(BATCH, sizeof *s->status);
    s->good = mem_alloc(BATCH, sizeof *s->good);
    s->cells = mem_alloc((size_t)n_cells, sizeof *s->cells);
    if (!s->x || !s->values || !s->status || !s->good || !s->cells) ret = ERR_NOMEM;
    for (int c = 0; c < n_cells && !ret; c++) ret = regression_init(&s->cells[c].moments, s->n_uncertain);
    return ret ? error_memory(err) : 0;
}

static int load(spread_t *s, uint32_t first, uint32_t n, fault_t *err) {
    int ret = 0;
    memset(s->good, 1, n);
    for (int v = 0; v < s->n_variants; v++) {
        TRY(s->source->status(s->source->context, v, first, n, s->status, err));
        for (uint32_t i = 0; i < n; i++) s->good[i] &= s->status[i] == 0;
    }
    TRY(s->draws(s->source->context, first, n, s->x, err));
    for (int u = 0; u < s->n_uncertain; u++)
        for (uint32_t i = 0; i < n && s->uncertain[u].dist.kind == DIST_LOGNORMAL; i++) {
            double *x = &s->x[i * (size_t)s->n_uncertain + (size_t)u];
            *x = elementary_log(*x);
        }
out:
    return ret;
}

/* Calls `visit` for every row of every cell. */
static int visit_rows(spread_t *s, uint32_t n_replicates, void (*visit)(cell_t *, const double *, double),
                      fault_t *err) {
    int ret = 0;
    for (uint32_t first = 0; first < n_replicates; first += BATCH) {
        uint32_t n = n_replicates - first < BATCH ? n_replicates - first : BATCH;
        TRY(load(s, first, n, err));
        for (int v = 0; v < s->n_variants; v++) {
            TRY(s->source->values(s->source->context, v, first, n, s->values, err));
            for (uint32_t i = 0; i < n; i++)
                for (int q = 0; q < s->n_quantities && s->good[i]; q++) {
                    double y = s->values[i * (size_t)s->n_quantities + (size_t)q];
                    if (isfinite(y))
                        visit(&s->cells[v * s->n_quantities + q], s->x + i * (size_t)s->n_uncertain, y);
                }
        }
    }
out:
    return ret;
}

static void collect(cell_t *cell, const double *x, double y) {
    regression_add(&cell->moments, x, y);
}

static void look_at_residual(cell_t *cell, const double *x, double y) {
    double z = y - cell->moments.mean[cell->moments.d], e = z - fit_at(&cell->fit, &cell->moments, x);
    cell->z4 += z * z * z * z;
    cell->z2e2 += z * z * e * e;
    cell->e4 += e * e * e * e;
}

/* R squared is 1 - mean e^2 / mean z^2; a row's influence on it is ((1 - R^2) z^2 - e^2) / mean z^2. */
static void finish(const cell_t *cell, estimate_t *out) {
    const regression_t *m = &cell->moments;
    double n = (double)m->n, rest = 1 - cell->fit.r2, freedom = cell->fit.freedom;
    double variance = m->moments[(m->d + 1) * (m->d + 1) - 1] / n;
    double influences = (rest * rest * cell->z4 - 2 * rest * cell->z2e2 + cell->e4) / (variance * variance);
    double by_chance = 2.0 * cell->fit.n_used / (freedom * freedom);
    double half = 1.96 * sqrt(fmax(influences, 0) / (n * n) + by_chance);
    double share = 1 - rest * (n - 1) / freedom;
    out->share = fmax(share, 0);
    out->share_low = fmax(share - half, 0);
    out->share_high = fmin(fmax(share, 0) + half, 1);
}

int spread_all(const spread_source_t *source, int n_variants, int n_quantities, uint32_t n_replicates,
               estimate_t *estimates, fault_t *err) {
    int ret = 0, n_cells = n_variants * n_quantities;
    spread_t s = {.source = source->outcomes,
                  .draws = source->draws,
                  .uncertain = source->uncertain,
                  .n_uncertain = source->n_uncertain,
                  .n_variants = n_variants,
                  .n_quantities = n_quantities};
    for (int c = 0; c < n_cells; c++)
        estimates[c].share = estimates[c].share_low = estimates[c].share_high = NAN;
    if (!s.n_uncertain || !n_cells) return 0;
    TRY(spread_init(&s, err));
    TRY(visit_rows(&s, n_replicates, collect, err));
    for (int c = 0; c < n_cells; c++)
        if ((ret = regression_fit(&s.cells[c].moments, &s.cells[c].fit)) < 0) {
            error_memory(err);
            goto out;
        }
    TRY(visit_rows(&s, n_replicates, look_at_residual, err));
    for (int c = 0; c < n_cells; c++)
        if (!isnan(s.cells[c].fit.r2)) finish(&s.cells[c], &estimates[c]);
out:
    spread_free(&s);
    return ret;
}
