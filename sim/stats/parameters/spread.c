#include "stats/parameters/spread.h"

#include "base/mem.h"
#include "stats/interval.h"
#include <math.h>
#include <string.h>

#define BATCH 4096u

/* ---- one outcome ------------------------------------------------------------------------------------ */

int spread_init(spread_t *self, int n, int d, double *draws) {
    *self = (spread_t){.n = n, .d = d, .draws = draws};
    int ret = basis_init(&self->basis, n, d, draws);
    if (ret) spread_free(self);
    return ret;
}

void spread_free(spread_t *self) {
    basis_free(&self->basis);
    mem_free(self->draws);
    *self = (spread_t){0};
}

/* Over the rows with a finite outcome. */
static int fit_finite(const spread_t *self, const double *y, smooth_t *out, const smooth_detail_t *detail) {
    size_t d = (size_t)self->d, n = 0;
    basis_t basis = {0};
    smooth_detail_t carriers = {.sets = detail ? detail->sets : NULL,
                                .carriers = detail ? detail->carriers : NULL};
    double *draws = mem_alloc((size_t)self->n * d, sizeof *draws),
           *finite = mem_alloc((size_t)self->n, sizeof *y);
    int ret = draws && finite ? 0 : ERR_NOMEM;
    for (int i = 0; i < self->n && !ret; i++) {
        if (!isfinite(y[i])) continue;
        memcpy(draws + n * d, self->draws + (size_t)i * d, d * sizeof *draws);
        finite[n++] = y[i];
    }
    if (!ret) ret = basis_init(&basis, (int)n, self->d, draws);
    if (!ret) ret = smooth_fit(&basis, finite, out, &carriers);
    basis_free(&basis);
    mem_free(draws);
    mem_free(finite);
    if (detail && detail->mains) memset(detail->mains, 0, (size_t)self->n * d * sizeof *detail->mains);
    if (detail && detail->whole) memset(detail->whole, 0, (size_t)self->n * sizeof *detail->whole);
    return ret;
}

int spread_outcome(spread_t *self, const double *y, smooth_t *out, const smooth_detail_t *detail) {
    for (int i = 0; i < self->n; i++)
        if (!isfinite(y[i])) return fit_finite(self, y, out, detail);
    return smooth_fit(&self->basis, y, out, detail);
}

/* ---- one estimate ----------------------------------------------------------------------------------- */

void spread_unknown(estimate_t *e) {
    e->share = e->share_low = e->share_high = e->parameters_low = e->parameters_high = NAN;
    e->difference_share = e->difference_share_low = e->difference_share_high = NAN;
    e->difference_parameters_low = e->difference_parameters_high = NAN;
}

bool spread_tells_level(const estimate_t *e) {
    return !isnan(e->low) && interval_mean_is_carried(e->carriers);
}

bool spread_tells_change(const estimate_t *e) {
    return !isnan(e->difference_low) && interval_change_is_carried(e->difference_carriers, e->n_differ, e->n);
}

int spread_estimate(spread_t *self, const double *own, const double *base, estimate_t *e) {
    int ret = 0;
    smooth_t told = {0};
    double *change = NULL;
    spread_unknown(e);
    if (spread_tells_level(e)) {
        TRY(spread_outcome(self, own, &told, NULL));
        e->share = told.share.value;
        e->share_low = told.share.low;
        e->share_high = told.share.high;
        e->parameters_low = told.low;
        e->parameters_high = told.high;
    }
    if (!base || !spread_tells_change(e)) return 0;
    change = mem_alloc((size_t)self->n, sizeof *change);
    if (!change) return ERR_NOMEM;
    for (int i = 0; i < self->n; i++) change[i] = own[i] - base[i];
    TRY(spread_outcome(self, change, &told, NULL));
    e->difference_share = told.share.value;
    e->difference_share_low = told.share.low;
    e->difference_share_high = told.share.high;
    e->difference_parameters_low = told.low;
    e->difference_parameters_high = told.high;
out:
    mem_free(change);
    return ret;
}

/* ---- all of a run ----------------------------------------------------------------------------------- */

typedef struct {
    const spread_source_t *source;
    int n_variants, n_quantities;
    uint32_t n_replicates;
    size_t n, most;   /* rows so far, at most */
    double *draws;    /* [most][n_uncertain] */
    double *outcomes; /* [variant][quantity][most] */
    double *batch;    /* [BATCH][n_quantities] of one variant */
    int8_t *status;   /* [BATCH] */
    bool *good;       /* [BATCH] */
} reading_t;

static void reading_free(reading_t *r) {
    mem_free(r->draws);
    mem_free(r->outcomes);
    mem_free(r->batch);
    mem_free(r->status);
    mem_free(r->good);
}

static int reading_init(reading_t *r, fault_t *err) {
    size_t cells = (size_t)r->n_variants * (size_t)r->n_quantities, d = (size_t)r->source->n_uncertain;
    r->most = r->n_replicates < SPREAD_ROWS ? r->n_replicates : SPREAD_ROWS;
    size_t room = r->most + BATCH;
    r->draws = mem_alloc(room * d, sizeof *r->draws);
    r->outcomes = mem_alloc(r->most * cells, sizeof *r->outcomes);
    r->batch = mem_alloc(BATCH * (size_t)r->n_quantities, sizeof *r->batch);
    r->status = mem_alloc(BATCH, sizeof *r->status);
    r->good = mem_alloc(BATCH, sizeof *r->good);
    return r->draws && r->outcomes && r->batch && r->status && r->good ? 0 : error_memory(err);
}

/* Which of the replicates ran well, and the draws of those. */
static int read_good(reading_t *r, uint32_t first, uint32_t n, fault_t *err) {
    int ret = 0;
    const estimate_source_t *outcomes = r->source->outcomes;
    size_t d = (size_t)r->source->n_uncertain, to = r->n;
    double *draws = r->draws + r->n * d;
    memset(r->good, 1, n);
    for (int v = 0; v < r->n_variants; v++) {
        TRY(outcomes->status(outcomes->context, v, first, n, r->status, err));
        for (uint32_t i = 0; i < n; i++) r->good[i] &= r->status[i] == 0;
    }
    TRY(r->source->draws(outcomes->context, first, n, draws, err));
    for (uint32_t i = 0; i < n; i++) {
        r->good[i] &= to < r->most;
        if (r->good[i]) memmove(r->draws + to++ * d, draws + i * d, d * sizeof *draws);
    }
out:
    return ret;
}

static int read_rows(reading_t *r, fault_t *err) {
    int ret = 0;
    const estimate_source_t *outcomes = r->source->outcomes;
    size_t n_quantities = (size_t)r->n_quantities;
    for (uint32_t first = 0; first < r->n_replicates && r->n < r->most; first += BATCH) {
        uint32_t n = r->n_replicates - first < BATCH ? r->n_replicates - first : BATCH;
        size_t n_good = 0;
        TRY(read_good(r, first, n, err));
        for (int v = 0; v < r->n_variants; v++) {
            double *of_variant = r->outcomes + (size_t)v * n_quantities * r->most;
            size_t to = r->n;
            TRY(outcomes->values(outcomes->context, v, first, n, r->batch, err));
            for (uint32_t i = 0; i < n; i++) {
                if (!r->good[i]) continue;
                for (size_t q = 0; q < n_quantities; q++) {
                    double value = r->batch[i * n_quantities + q];
                    of_variant[q * r->most + to] = value == INFINITY ? outcomes->horizon : value;
                }
                to++;
            }
            n_good = to - r->n;
        }
        r->n += n_good;
    }
out:
    return ret;
}

int spread_all(const spread_source_t *source, int n_variants, int n_quantities, uint32_t n_replicates,
               estimate_t *estimates, fault_t *err) {
    int ret = 0;
    reading_t r = {.source = source,
                   .n_variants = n_variants,
                   .n_quantities = n_quantities,
                   .n_replicates = n_replicates};
    spread_t spread = {0};
    for (int c = 0; c < n_variants * n_quantities; c++) spread_unknown(&estimates[c]);
    if (!source->n_uncertain || !n_variants || !n_quantities) return 0;
    TRY(reading_init(&r, err));
    TRY(read_rows(&r, err));
    double *draws = r.draws;
    r.draws = NULL;
    TRY_MEM(spread_init(&spread, (int)r.n, source->n_uncertain, draws) == 0);
    for (int c = 0; c < n_variants * n_quantities; c++) {
        const double *own = r.outcomes + (size_t)c * r.most,
                     *base = c < n_quantities ? NULL : r.outcomes + (size_t)(c % n_quantities) * r.most;
        TRY_MEM(spread_estimate(&spread, own, base, &estimates[c]) == 0);
    }
out:
    spread_free(&spread);
    reading_free(&r);
    return ret;
}
