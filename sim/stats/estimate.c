#include "stats/estimate.h"

#include "base/mem.h"
#include "stats/interval.h"
#include <math.h>
#include <string.h>

const double estimate_quantiles[ESTIMATE_QUANTILES] = {0.05, 0.25, 0.5, 0.75, 0.95};

#define BATCH 4096u
#define DIGITS 256
#define RANKS_EACH 4 /* of a quantile: its two neighbours, the ends of its interval */
#define RANKS (RANKS_EACH * ESTIMATE_QUANTILES)

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

typedef struct {            /* values of some ranks, digit by digit */
    uint64_t prefix[RANKS]; /* the leading digits so far */
    uint64_t rank[RANKS];   /* among the values with that prefix */
    int group[RANKS], n_groups;
    uint64_t head[RANKS];              /* [group] prefix of its ranks */
    uint32_t histogram[RANKS][DIGITS]; /* [group] of the next digit */
} selection_t;

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

static void select_add(selection_t *self, int pass, uint64_t key) {
    int shift = 56 - 8 * pass;
    uint64_t head = pass ? key >> (shift + 8) : 0;
    for (int g = 0; g < self->n_groups; g++) {
        if (self->head[g] != head) continue;
        self->histogram[g][key >> shift & 0xff]++;
        return;
    }
}

/* Ranks with the same leading digits share a histogram. */
static void select_groups(selection_t *self) {
    self->n_groups = 0;
    for (int r = 0; r < RANKS; r++) {
        int g = 0;
        while (g < self->n_groups && self->head[g] != self->prefix[r]) g++;
        if (g == self->n_groups) self->head[self->n_groups++] = self->prefix[r];
        self->group[r] = g;
    }
    memset(self->histogram, 0, (size_t)self->n_groups * sizeof *self->histogram);
}

static void select_digit(selection_t *self) {
    for (int r = 0; r < RANKS; r++) {
        const uint32_t *histogram = self->histogram[self->group[r]];
        unsigned digit = 0;
        while (digit < DIGITS - 1 && self->rank[r] >= histogram[digit]) self->rank[r] -= histogram[digit++];
        self->prefix[r] = self->prefix[r] << 8 | digit;
    }
    select_groups(self);
}

/* Of n values. A rank that they do not have counts as the nearest. */
static void select_ranks(selection_t *self, int64_t n) {
    for (int k = 0; k < ESTIMATE_QUANTILES && n; k++) {
        uint64_t *rank = self->rank + RANKS_EACH * k, most = (uint64_t)n - 1;
        ranks_t ends = interval_quantile(n, estimate_quantiles[k]);
        rank[0] = (uint64_t)(estimate_quantiles[k] * (double)most);
        rank[1] = rank[0] < most ? rank[0] + 1 : most;
        rank[2] = ends.low < 0 ? 0 : (uint64_t)ends.low;
        rank[3] = ends.high >= n ? most : (uint64_t)ends.high;
    }
    select_groups(self);
}

static quantiles_t select_result(const selection_t *self, int64_t n) {
    quantiles_t out;
    for (int k = 0; k < ESTIMATE_QUANTILES; k++) {
        const uint64_t *prefix = self->prefix + RANKS_EACH * k;
        double p = estimate_quantiles[k], at = p * (double)(n - 1), weight = at - floor(at);
        double low = from_ordered(prefix[0]), high = from_ordered(prefix[1]);
        ranks_t ends = interval_quantile(n, p);
        bool told = ends.low >= 0 && ends.high < n;
        out.at[k] = n < 1 ? NAN : low == high || weight <= 0 ? low : low + weight * (high - low);
        out.low[k] = told ? from_ordered(prefix[2]) : NAN;
        out.high[k] = told ? from_ordered(prefix[3]) : NAN;
    }
    return out;
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
    selection_t values, gaps; /* of the values, of the differences */
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
        select_add(&cell->values, p->pass, ordered(value_at(t, v, i, q)));
        double gap = restricted(t, value_at(t, v, i, q)) - restricted(t, value_at(t, 0, i, q));
        if (isfinite(gap)) select_add(&cell->gaps, p->pass, ordered(gap));
    }
}

/* ---- results --------------------------------------------------------------------------------------- */

static void finish(const cell_t *cell, int64_t n, bool probability, estimate_t *out) {
    sample_moments_t own = column_sample(&cell->own), gap = column_sample(&cell->difference);
    double base_sd = sum_sd(&cell->pair_base), own_sd = sum_sd(&cell->pair_own);
    gap.uncoupled = base_sd * base_sd + own_sd * own_sd;
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
    double paired = out->difference_sd * out->difference_sd;
    bool unseen = !interval_change_is_carried(out->difference_carriers, gap.n_differ, gap.n) ||
                  interval_is_unseen(&gap);
    if (paired > 0)
        out->reduction = unseen ? NAN : gap.uncoupled / paired;
    else
        out->reduction = gap.uncoupled > 0 && out->n_differ ? INFINITY : NAN;
    out->quantiles = select_result(&cell->values, n);
    out->difference_quantiles = select_result(&cell->gaps, gap.n);
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
    for (size_t c = 0; c < n_cells; c++) {
        select_ranks(&passes.cells[c].values, passes.n_good);
        select_ranks(&passes.cells[c].gaps, passes.cells[c].difference.sum.n);
    }
    for (passes.pass = 0; passes.pass < 8; passes.pass++) {
        TRY(table_visit(&table, visit_digits, &passes, err));
        for (size_t c = 0; c < n_cells; c++) {
            select_digit(&passes.cells[c].values);
            select_digit(&passes.cells[c].gaps);
        }
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
