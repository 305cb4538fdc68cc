#include "fit/score/bands.h"

#include "base/error.h"
#include "base/mem.h"
#include "stats/sample.h"

#include <math.h>

static const double lowest = 0.05, highest = 0.95;

float *dyad_counts_of(const dyad_counts_t *self, size_t set, int kind) {
    size_t place = set * (size_t)self->n_kept + (size_t)self->kept[kind];
    return self->by_dyad + place * (size_t)self->model->n_ties;
}

void dyad_counts_free(dyad_counts_t *self) {
    mem_free(self->kept);
    mem_free(self->by_dyad);
    *self = (dyad_counts_t){0};
}

/* ---- cells ------------------------------------------------------------------------------------------- */

/* The number of values below x; `sorted` ascends. */
static size_t n_below(const double *sorted, size_t n, double x) {
    size_t low = 0, high = n;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (sorted[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The share of [below, upto] / of that lies between 5 and 95 %. */
static double share_within(double below, double upto, double of) {
    double low = fmax(below / of, lowest), high = fmin(upto / of, highest);
    return high > low ? (high - low) / ((upto - below) / of) : 0;
}

/* The least value that a share p of them does not exceed. */
static double whole_quantile(const double *sorted, size_t n, double p) {
    double at = ceil(p * (double)n);
    return sorted[at > 1 ? (size_t)at - 1 : 0];
}

static band_t band_of(const double *sorted, size_t n, double observed) {
    size_t below = n_below(sorted, n, observed), upto = n_below(sorted, n, observed + 0.5) + 1;
    band_t band = {.observed = observed,
                   .mean = sample_mean(sorted, n),
                   .low = whole_quantile(sorted, n, lowest),
                   .high = whole_quantile(sorted, n, highest),
                   .position = (double)(below + upto) / 2 / (double)(n + 1),
                   .covered = share_within((double)below, (double)upto, (double)(n + 1))};
    band.inside = band.low <= observed && observed <= band.high;
    return band;
}

/* ---- all cells --------------------------------------------------------------------------------------- */

typedef struct { /* counts[set * stride + cell] */
    const float *counts;
    size_t stride;
    float *owned;
} cells_t;

static int cells_init(cells_t *self, const dyad_counts_t *counts, int kind, bands_t of) {
    const model_t *model = counts->model;
    size_t n_ties = (size_t)model->n_ties, n_actors = (size_t)model->n_actors;
    *self = (cells_t){.counts = dyad_counts_of(counts, 0, kind), .stride = (size_t)counts->n_kept * n_ties};
    if (of == BANDS_DYADS) return 0;
    self->owned = mem_alloc((counts->n_sets + 1) * n_actors, sizeof *self->owned);
    if (!self->owned) return ERR_NOMEM;
    for (size_t s = 0; s <= counts->n_sets; s++) {
        const float *by_dyad = dyad_counts_of(counts, s, kind);
        float *by_actor = self->owned + s * n_actors;
        for (size_t i = 0; i < n_actors; i++) by_actor[i] = 0;
        for (size_t e = 0; e < n_ties; e++) {
            by_actor[model->ties[e].a] += by_dyad[e];
            by_actor[model->ties[e].b] += by_dyad[e];
        }
    }
    self->counts = self->owned;
    self->stride = n_actors;
    return 0;
}

/* Adds to each set by how much it covers the cell. */
static void cover(const double *values, const double *sorted, size_t n, double *covered) {
    for (size_t s = 1; s <= n; s++) {
        size_t below = n_below(sorted, n, values[s]), upto = n_below(sorted, n, values[s] + 0.5);
        covered[s] += share_within((double)below, (double)upto, (double)n);
    }
}

int bands_cover(const dyad_counts_t *self, int kind, bands_t of, double *covered, band_t *bands,
                int *n_bands) {
    const model_t *model = self->model;
    size_t n = self->n_sets;
    int n_cells = of == BANDS_DYADS ? model->n_ties : model->n_actors, used = 0;
    cells_t cells;
    double *values = mem_alloc(2 * n + 1, sizeof *values), *sorted = values + n + 1;
    int ret = cells_init(&cells, self, kind, of);
    if (!values) ret = ERR_NOMEM;
    if (ret < 0) goto out;
    for (size_t s = 0; s <= n; s++) covered[s] = 0;
    for (int c = 0; c < n_cells; c++) {
        for (size_t s = 0; s <= n; s++) values[s] = (double)cells.counts[s * cells.stride + (size_t)c];
        for (size_t s = 0; s < n; s++) sorted[s] = values[s + 1];
        sample_sort(sorted, n);
        if (!(values[0] > 0 || sorted[n - 1] > 0)) continue;
        band_t band = band_of(sorted, n, values[0]);
        band.a = of == BANDS_DYADS ? model->ties[c].a : c;
        band.b = of == BANDS_DYADS ? model->ties[c].b : -1;
        covered[0] += band.covered;
        cover(values, sorted, n, covered);
        if (bands) bands[used] = band;
        used++;
    }
    for (size_t s = 0; s <= n; s++) covered[s] = used ? covered[s] / used : NAN;
    if (n_bands) *n_bands = used;
out:
    mem_free(cells.owned);
    mem_free(values);
    return ret;
}

/* ---- first partners ---------------------------------------------------------------------------------- */

typedef struct {
    double most, expected_most; /* events with the first partner, of the set and in the mean */
    int n_first;                /* that have as many */
    bool is_expected;           /* one of them is the first in the mean */
} partner_t;

static void meet(partner_t *self, double count, double expected) {
    bool ahead = expected > self->expected_most;
    if (count > self->most) self->most = count, self->n_first = 0, self->is_expected = false;
    if (ahead) self->expected_most = expected, self->is_expected = false;
    if (count < self->most || count <= 0) return;
    self->n_first++;
    if (ahead) self->is_expected = true;
}

int bands_first_partners(const dyad_counts_t *self, int kind, double *shares) {
    const model_t *model = self->model;
    size_t n_ties = (size_t)model->n_ties, n_actors = (size_t)model->n_actors;
    double *total = mem_alloc(n_ties + 1, sizeof *total);
    partner_t *partners = mem_alloc(n_actors + 1, sizeof *partners);
    int ret = total && partners ? 0 : ERR_NOMEM;
    for (size_t e = 0; e < n_ties && ret == 0; e++) total[e] = 0;
    for (size_t s = 1; s <= self->n_sets && ret == 0; s++)
        for (size_t e = 0; e < n_ties; e++) total[e] += (double)dyad_counts_of(self, s, kind)[e];
    for (size_t s = 0; s <= self->n_sets && ret == 0; s++) {
        const float *counts = dyad_counts_of(self, s, kind);
        double sum = 0;
        int n = 0;
        for (size_t i = 0; i < n_actors; i++) partners[i] = (partner_t){0};
        for (size_t e = 0; e < n_ties; e++) {
            double count = (double)counts[e], expected = total[e] - (s ? count : 0);
            meet(&partners[model->ties[e].a], count, expected);
            meet(&partners[model->ties[e].b], count, expected);
        }
        for (size_t i = 0; i < n_actors; i++) {
            if (!(partners[i].most > 0)) continue;
            n++;
            if (partners[i].is_expected) sum += 1.0 / partners[i].n_first;
        }
        shares[s] = n ? sum / n : NAN;
    }
    mem_free(total);
    mem_free(partners);
    return ret;
}
