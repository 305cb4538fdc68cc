#include "stats/estimate.h"

#include "base/mem.h"
#include "stats/interval.h"
#include <math.h>
#include <string.h>

const double estimate_quantiles[ESTIMATE_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

#define BATCH 4096u
#define DIGITS 256
#define RANKS (2 * ESTIMATE_QUANTILES)
#define GAP_RANKS 4 /* of the first and the last quantile */

/* ---- compensated sums (Neumaier) ------------------------------------------------------------------- */

typedef struct {
    double sum, rest;
    int64_t n;
} sum_t;

static void sum_add(sum_t *self, double x) {
    double total = self->sum + x;
    self->rest += fabs(self->sum) >= fabs(x) ? (self->sum - total) + x : (x - total) + self->sum;
    self->sum = total;
    self->n++;
}

static double sum_mean(const sum_t *self) {
    return self->n ? (self->sum + self->rest) / (double)self->n : NAN;
}

static double sum_sd(const sum_t *squares) {
    return squares->n > 1 ? sqrt((squares->sum + squares->rest) / (double)(squares->n - 1)) : NAN;
}

/* ---- exact quantiles in passes --------------------------------------------------------------------- */

typedef struct {           /* the value of one rank: its leading digits so far */
    uint64_t prefix, rank; /* rank among the values with that prefix */
    uint64_t histogram[DIGITS];
} selector_t;

/* Doubles as integers of the same order. */
static uint64_t ordered(double x) {
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits >> 63 ? ~bits : bits | (uint64_t)1 << 63;
}

static double from_ordered(uint64_t key) {
    uint64_t bits = key >> 63 ? key & ~((uint64_t)1 << 63) : ~key;
    double x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static void select_add(selector_t *self, int pass, uint64_t key) {
    int shift = 56 - 8 * pass;
    if (pass == 0 || key >> (shift + 8) == self->prefix) self->histogram[key >> shift & 0xff]++;
}

static void select_digit(selector_t *self) {
    unsigned digit = 0;
    while (digit < DIGITS - 1 && self->rank >= self->histogram[digit]) self->rank -= self->histogram[digit++];
    self->prefix = self->prefix << 8 | digit;
    memset(self->histogram, 0, sizeof self->histogram);
}

/* Of n values two neighbouring ranks are selected; linear between them. */
static void select_ranks(selector_t pair[2], int64_t n, double probability) {
    uint64_t most = (uint64_t)n - 1, rank = (uint64_t)(probability * (double)most);
    pair[0].rank = rank;
    pair[1].rank = rank < most ? rank + 1 : most;
}

static double quantile_of(const selector_t pair[2], int64_t n, double probability) {
    double at = probability * (double)(n - 1), weight = at - floor(at);
    double low = from_ordered(pair[0].prefix), high = from_ordered(pair[1].prefix);
    return n < 1 ? NAN : low == high || weight <= 0 ? low : low + weight * (high - low);
}

/* ---- passes over the data -------------------------------------------------------------------------- */

typedef struct {
    const estimate_source_t *source;
    int n_variants, n_quantities;
    uint32_t n_replicates, held; /* replicates of a batch in memory */
    double *values;              /* [variant][held][quantity] */
    int8_t *status;              /* [held] */
    bool *good;                  /* [held] */
    bool kept;                   /* all replicates are in memory */
} table_t;

static int table_load(table_t *t, uint32_t first, uint32_t n, fault_t *err) {
    int ret = 0;
    memset(t->good, 1, n);
    for (int v = 0; v < t->n_variants; v++) {
        TRY(t->source->status(t->source->context, v, first, n, t->status, err));
        for (uint32_t i = 0; i < n; i++) t->good[i] &= t->status[i] == 0;
        if (t->n_quantities)
            TRY(t->source->values(t->source->context, v, first, n,
                                  t->values + (size_t)v * t->held * (size_t)t->n_quantities, err));
    }
out:
    return ret;
}

static void table_free(table_t *t) {
    mem_free(t->values);
    mem_free(t->status);
    mem_free(t->good);
}

static int table_init(table_t *t, fault_t *err) {
    size_t row = (size_t)t->n_variants * (size_t)t->n_quantities * sizeof(double);
    t->kept = t->n_replicates * row <= (t->source->memory ? t->source->memory : ESTIMATE_MEMORY);
    t->held = t->kept || t->n_replicates < BATCH ? t->n_replicates : BATCH;
    t->values = mem_alloc(t->held, row);
    t->status = mem_alloc(t->held, sizeof *t->status);
    t->good = mem_alloc(t->held, sizeof *t->good);
    if (!t->values || !t->status || !t->good) return error_memory(err);
    return t->kept ? table_load(t, 0, t->n_replicates, err) : 0;
}

typedef void visit_t(void *context, const table_t *t, uint32_t n);

static int table_visit(table_t *t, visit_t *visit, void *context, fault_t *err) {
    if (t->kept) {
        visit(context, t, t->n_replicates);
        return 0;
    }
    for (uint32_t first = 0; first < t->n_replicates; first += t->held) {
        uint32_t n = t->n_replicates - first < t->held ? t->n_replicates - first : t->held;
        int ret = table_load(t, first, n, err);
        if (ret) return ret;
        visit(context, t, n);
    }
    return 0;
}

typedef struct { /* of the values of one quantity in one variant, or of their paired differences */
    sum_t sum, squares, cubes, fourths; /* the last three: of the deviations from the mean */
    sample_moments_t sample;            /* what differs, and the largest deviations */
} column_t;

typedef struct { /* of one quantity in one variant */
    column_t own, difference;
    sum_t pair_base, pair_own, base_sum, own_sum; /* over the pairs; the first two: squares */
    int64_t n_finite;
    selector_t selectors[RANKS], gaps[GAP_RANKS]; /* of the values, of the differences */
} cell_t;

static void column_add(column_t *self, double x) {
    sum_add(&self->sum, x);
    self->sample.n_differ += x != 0;
}

static void column_deviate(column_t *self, double x) {
    double off = x - sum_mean(&self->sum);
    sum_add(&self->squares, off * off);
    sum_add(&self->cubes, off * off * off);
    sum_add(&self->fourths, off * off * off * off);
    interval_tail_add(&self->sample, off);
}

static sample_moments_t column_sample(const column_t *self) {
    sample_moments_t sample = self->sample;
    sample.n = self->sum.n;
    sample.mean = sum_mean(&self->sum);
    sample.squares = self->squares.sum + self->squares.rest;
    sample.cubes = self->cubes.sum + self->cubes.rest;
    sample.fourths = self->fourths.sum + self->fourths.rest;
    return sample;
}

typedef struct {
    cell_t *cells; /* [variant][quantity] */
    int64_t n_good, n_failed;
    int pass;
} passes_t;

static double value_at(const table_t *t, int v, uint32_t i, int q) {
    return t->values[((size_t)v * t->held + i) * (size_t)t->n_quantities + (size_t)q];
}

/* As it counts in means. */
static double restrict_to(double horizon, double value) {
    return value == INFINITY ? horizon : value;
}

static double restricted(const table_t *t, double value) {
    return restrict_to(t->source->horizon, value);
}

#define FOR_CELLS(t, i, n)                            \
    for (uint32_t i = 0; i < (n); i++)                \
        if ((t)->good[i])                             \
            for (int v = 0; v < (t)->n_variants; v++) \
                for (int q = 0; q < (t)->n_quantities; q++)

static void visit_sums(void *context, const table_t *t, uint32_t n) {
    passes_t *p = context;
    for (uint32_t i = 0; i < n; i++) *(t->good[i] ? &p->n_good : &p->n_failed) += 1;
    FOR_CELLS(t, i, n) {
        cell_t *cell = &p->cells[v * t->n_quantities + q];
        double x = restricted(t, value_at(t, v, i, q)), base = restricted(t, value_at(t, 0, i, q));
        cell->n_finite += isfinite(value_at(t, v, i, q));
        if (!isfinite(x)) continue;
        column_add(&cell->own, x);
        if (!isfinite(base)) continue;
        column_add(&cell->difference, x - base);
        sum_add(&cell->base_sum, base);
        sum_add(&cell->own_sum, x);
    }
}

static void visit_squares(void *context, const table_t *t, uint32_t n) {
    passes_t *p = context;
    FOR_CELLS(t, i, n) {
        cell_t *cell = &p->cells[v * t->n_quantities + q];
        double x = restricted(t, value_at(t, v, i, q)), base = restricted(t, value_at(t, 0, i, q)), off;
        if (!isfinite(x)) continue;
        column_deviate(&cell->own, x);
        if (!isfinite(base)) continue;
        column_deviate(&cell->difference, x - base);
        off = base - sum_mean(&cell->base_sum);
        sum_add(&cell->pair_base, off * off);
        off = x - sum_mean(&cell->own_sum);
        sum_add(&cell->pair_own, off * off);
    }
}

static void visit_digits(void *context, const table_t *t, uint32_t n) {
    passes_t *p = context;
    FOR_CELLS(t, i, n) {
        cell_t *cell = &p->cells[v * t->n_quantities + q];
        uint64_t key = ordered(value_at(t, v, i, q));
        for (int r = 0; r < RANKS; r++) select_add(&cell->selectors[r], p->pass, key);
        double gap = restricted(t, value_at(t, v, i, q)) - restricted(t, value_at(t, 0, i, q));
        if (!isfinite(gap)) continue;
        key = ordered(gap);
        for (int r = 0; r < GAP_RANKS; r++) select_add(&cell->gaps[r], p->pass, key);
    }
}

static void set_ranks(cell_t *cell, int64_t n) {
    int64_t n_pairs = cell->difference.sum.n;
    for (int k = 0; k < ESTIMATE_QUANTILES && n; k++)
        select_ranks(cell->selectors + 2 * k, n, estimate_quantiles[k]);
    if (!n_pairs) return;
    select_ranks(cell->gaps, n_pairs, estimate_quantiles[0]);
    select_ranks(cell->gaps + 2, n_pairs, estimate_quantiles[ESTIMATE_QUANTILES - 1]);
}

static void select_digits(cell_t *cell) {
    for (int k = 0; k < RANKS; k++) select_digit(&cell->selectors[k]);
    for (int k = 0; k < GAP_RANKS; k++) select_digit(&cell->gaps[k]);
}

/* ---- results --------------------------------------------------------------------------------------- */

static void finish(const cell_t *cell, int64_t n, bool probability, estimate_t *out) {
    sample_moments_t own = column_sample(&cell->own), gap = column_sample(&cell->difference);
    ends_t mean = interval_mean(&own), difference = interval_mean(&gap);
    *out = (estimate_t){.n = n,
                        .n_finite = cell->n_finite,
                        .mean = own.mean,
                        .sd = sum_sd(&cell->own.squares),
                        .carriers = interval_carriers(&own),
                        .n_differ = gap.n_differ,
                        .difference = gap.mean,
                        .difference_sd = sum_sd(&cell->difference.squares),
                        .difference_carriers = interval_carriers(&gap)};
    if (probability && own.n > 1) mean = interval_share(out->mean, (double)own.n);
    if (probability && gap.n > 1)
        difference = interval_difference_of_shares(out->difference, out->difference_sd, (double)gap.n);
    out->low = mean.low;
    out->high = mean.high;
    out->difference_low = difference.low;
    out->difference_high = difference.high;
    double base_sd = sum_sd(&cell->pair_base), own_sd = sum_sd(&cell->pair_own);
    double unpaired = base_sd * base_sd + own_sd * own_sd;
    double paired = out->difference_sd * out->difference_sd;
    if (paired > 0)
        out->reduction = out->difference_carriers < INTERVAL_CARRIERS ? NAN : unpaired / paired;
    else
        out->reduction = unpaired > 0 && out->n_differ ? INFINITY : NAN;
    for (int k = 0; k < ESTIMATE_QUANTILES; k++)
        out->quantiles[k] = quantile_of(cell->selectors + 2 * k, n, estimate_quantiles[k]);
    out->difference_chance_low = quantile_of(cell->gaps, gap.n, estimate_quantiles[0]);
    out->difference_chance_high =
        quantile_of(cell->gaps + 2, gap.n, estimate_quantiles[ESTIMATE_QUANTILES - 1]);
}

int estimate_all(const estimate_source_t *source, int n_variants, int n_quantities, uint32_t n_replicates,
                 estimate_t *estimates, int64_t *n_failed, fault_t *err) {
    int ret = 0;
    table_t table = {.source = source,
                     .n_variants = n_variants,
                     .n_quantities = n_quantities,
                     .n_replicates = n_replicates};
    size_t n_cells = (size_t)n_variants * (size_t)n_quantities;
    passes_t passes = {.cells = mem_alloc(n_cells, sizeof *passes.cells)};
    TRY_MEM(passes.cells);
    TRY(table_init(&table, err));
    TRY(table_visit(&table, visit_sums, &passes, err));
    *n_failed = passes.n_failed;
    if (!n_cells) goto out;
    TRY(table_visit(&table, visit_squares, &passes, err));
    for (size_t c = 0; c < n_cells; c++) set_ranks(&passes.cells[c], passes.n_good);
    for (passes.pass = 0; passes.pass < 8; passes.pass++) {
        TRY(table_visit(&table, visit_digits, &passes, err));
        for (size_t c = 0; c < n_cells; c++) select_digits(&passes.cells[c]);
    }
    for (size_t c = 0; c < n_cells; c++) {
        const quantity_t *quantity =
            source->quantities ? &source->quantities[c % (size_t)n_quantities] : NULL;
        finish(&passes.cells[c], passes.n_good, quantity && quantity_is_probability(quantity), &estimates[c]);
        if (c < (size_t)n_quantities && estimates[c].n > 1)
            estimates[c].difference_low = estimates[c].difference_high = 0;
    }
out:
    table_free(&table);
    mem_free(passes.cells);
    return ret;
}

/* ---- columns in memory ------------------------------------------------------------------------------ */

typedef struct {
    const double *x, *base;
} columns_t;

static int column_values(void *context, int variant, uint32_t first, uint32_t n, double *values,
                         fault_t *err) {
    const columns_t *c = context;
    (void)err;
    memcpy(values, (variant ? c->x : c->base) + first, n * sizeof *values);
    return 0;
}

static int column_status(void *context, int variant, uint32_t first, uint32_t n, int8_t *status,
                         fault_t *err) {
    const columns_t *c = context;
    (void)err;
    const double *x = variant ? c->x : c->base;
    for (uint32_t i = 0; i < n; i++) status[i] = (int8_t)(isnan(x[first + i]) != 0);
    return 0;
}

int estimate_columns(const double *x, const double *base, size_t n, bool probability, double horizon,
                     estimate_t *out, fault_t *err) {
    columns_t columns = {x, base ? base : x};
    quantity_t quantity = {.unit = probability ? "probability" : "1"};
    estimate_source_t source = {.context = &columns,
                                .values = column_values,
                                .status = column_status,
                                .quantities = &quantity,
                                .horizon = horizon};
    estimate_t both[2];
    int64_t failed;
    int ret = estimate_all(&source, 2, 1, (uint32_t)n, both, &failed, err);
    if (!ret) *out = both[1];
    return ret;
}

int estimate_interaction(const interaction_t *values, estimate_t *out, fault_t *err) {
    int ret = 0;
    double *column = mem_alloc(values->n, sizeof *column), *zeros = mem_alloc(values->n, sizeof *zeros);
    TRY_MEM(column && zeros);
    for (size_t i = 0, at = 0; i < values->n; i++, at += values->stride)
        column[i] = restrict_to(values->horizon, values->without_one[at]) +
                    restrict_to(values->horizon, values->without_other[at]) -
                    restrict_to(values->horizon, values->without_both[at]) -
                    restrict_to(values->horizon, values->with[at]);
    ret = estimate_columns(column, zeros, values->n, false, NAN, out, err);
out:
    mem_free(column);
    mem_free(zeros);
    return ret;
}
