/* One part in memory, and the rounding of trajectories. */
#include "base/mem.h"
#include "io/store.h"
#include <math.h>
#include <string.h>

/* ---- rounding -------------------------------------------------------------------------------------- */

#define EXACT_STEP 0x1p-10 /* of the summaries' codes when the stored values are exact */
#define EXACT_ERROR 0x1p-11
#define MANTISSA_BITS 23

rounding_t rounding_absolute(double error) {
    rounding_t self = {.exact = !(error > 0)};
    int exponent;
    frexp(2 * error, &exponent); /* 2 error in [2^(exponent-1), 2^exponent) */
    self.step = self.exact ? EXACT_STEP : ldexp(1, exponent - 1);
    self.error = self.step / 2;
    return self;
}

rounding_t rounding_relative(double error) {
    rounding_t self = {.relative = true, .exact = !(error > 0)};
    if (self.exact) error = EXACT_ERROR;
    int exponent;
    frexp(error, &exponent); /* error in [2^(exponent-1), 2^exponent) */
    int shift = MANTISSA_BITS + exponent;
    self.shift = shift < 0 ? 0 : shift > MANTISSA_BITS - 1 ? MANTISSA_BITS - 1 : shift;
    self.error = ldexp(1, self.shift - MANTISSA_BITS - 1);
    return self;
}

int32_t rounding_code(const rounding_t *self, float value) {
    if (!self->relative) return (int32_t)lrint((double)value / self->step);
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t half = self->shift ? 1u << (self->shift - 1) : 0;
    int32_t size = (int32_t)(((bits & 0x7fffffffu) + half) >> self->shift);
    return bits >> 31 ? -size : size;
}

float rounding_value(const rounding_t *self, int32_t code) {
    if (!self->relative) return (float)(code * self->step);
    uint32_t bits = (uint32_t)(code < 0 ? -code : code) << self->shift;
    float value;
    memcpy(&value, &bits, sizeof value);
    return code < 0 ? -value : value;
}

float rounding_store(const rounding_t *self, float value) {
    return self->exact || isnan(value) ? value : rounding_value(self, rounding_code(self, value));
}

/* ---- parts ----------------------------------------------------------------------------------------- */

void part_clear(part_t *self, int point, uint32_t first, uint32_t n) {
    self->point = point;
    self->first = first;
    self->n = n;
    log_clear(&self->log);
    for (int k = 0; k < TALLY_N; k++) counts_free(&self->counts[k]);
}

int part_init(part_t *self, const layout_t *layout, int point, uint32_t first, uint32_t n) {
    *self = (part_t){.layout = layout};
    log_init(&self->log);
    part_clear(self, point, first, n);
    const model_t *model = layout->model;
    size_t runs = (size_t)layout->n_variants * n;
    bool ok = (self->status = mem_alloc(runs, sizeof *self->status)) &&
              (self->stop_time = mem_alloc(runs, sizeof *self->stop_time)) &&
              (self->quantities = mem_alloc(runs * (size_t)model->n_quantities, sizeof *self->quantities)) &&
              (self->event_count = mem_alloc(runs * (size_t)model->n_kinds, sizeof *self->event_count)) &&
              (self->drawn = mem_alloc((size_t)n * (size_t)model->n_uncertain, sizeof *self->drawn)) &&
              (self->event_offset = mem_alloc(runs, sizeof *self->event_offset)) &&
              (self->event_rows = mem_alloc(runs, sizeof *self->event_rows));
    if (ok && layout->trajectories) {
        size_t cells = (size_t)layout->observation->n_times * (size_t)layout->observation->n_ties;
        ok = (self->strength = mem_alloc(runs * cells, sizeof(float))) &&
             (self->alignment = mem_alloc(runs * cells, sizeof(float))) &&
             (self->trade = mem_alloc(runs * 2 * cells, sizeof(float)));
    }
    size_t n_metrics =
        (size_t)layout->observation->n_metric_times * (size_t)layout->observation->n_metric_columns;
    if (ok && n_metrics) ok = (self->metrics = mem_alloc(runs * n_metrics, sizeof(float)));
    if (ok) return 0;
    part_free(self);
    return ERR_NOMEM;
}

void part_free(part_t *self) {
    if (!self->layout) return;
    mem_free(self->status);
    mem_free(self->stop_time);
    mem_free(self->quantities);
    mem_free(self->event_count);
    mem_free(self->drawn);
    mem_free(self->strength);
    mem_free(self->alignment);
    mem_free(self->trade);
    mem_free(self->metrics);
    mem_free(self->event_offset);
    mem_free(self->event_rows);
    log_free(&self->log);
    for (int k = 0; k < TALLY_N; k++) counts_free(&self->counts[k]);
    *self = (part_t){0};
}

static void store_rounded(const rounding_t *rounding, const float *from, float *to, size_t n, bool failed) {
    for (size_t i = 0; i < n; i++) to[i] = failed ? NAN : rounding_store(rounding, from[i]);
}

/* All rows at once, column by column. */
static int append_log(log_t *to, const log_t *from) {
    size_t n = (size_t)to->n, more = (size_t)from->n, capacity = to->capacity;
    if (!more) return 0;
    if (n + more > capacity) {
        capacity = 2 * (n + more);
#define X(name, type, what)                                              \
    {                                                                    \
        type *larger = mem_resize(to->name, capacity, sizeof *to->name); \
        if (!larger) return ERR_NOMEM;                                   \
        to->name = larger;                                               \
    }
        LOG_COLUMNS(X)
#undef X
        to->capacity = capacity;
    }
#define X(name, type, what) memcpy(to->name + n, from->name, more * sizeof *to->name);
    LOG_COLUMNS(X)
#undef X
    to->n += from->n;
    return 0;
}

int part_add(part_t *self, uint32_t i, int variant, const result_t *result) {
    const layout_t *layout = self->layout;
    const model_t *model = layout->model;
    size_t run = (size_t)variant * self->n + i;
    size_t n_quantities = (size_t)model->n_quantities, n_kinds = (size_t)model->n_kinds;
    bool failed = result->stop != STOP_NONE;

    self->status[run] = (int8_t)result->stop;
    self->stop_time[run] = result->stop_time;
    for (size_t q = 0; q < n_quantities; q++)
        self->quantities[run * n_quantities + q] = failed ? NAN : result->quantities[q];
    memcpy(self->event_count + run * n_kinds, result->kind_counts, n_kinds * sizeof *self->event_count);
    if (variant == 0)
        memcpy(self->drawn + (size_t)i * (size_t)model->n_uncertain, result->draws,
               (size_t)model->n_uncertain * sizeof *self->drawn);
    if (layout->trajectories) {
        size_t cells = (size_t)layout->observation->n_times * (size_t)layout->observation->n_ties;
        store_rounded(&layout->strength, result->strength, self->strength + run * cells, cells, failed);
        store_rounded(&layout->strength, result->alignment, self->alignment + run * cells, cells, failed);
        store_rounded(&layout->trade, result->trade, self->trade + run * 2 * cells, 2 * cells, failed);
    }
    if (self->metrics) {
        size_t n =
            (size_t)layout->observation->n_metric_times * (size_t)layout->observation->n_metric_columns;
        for (size_t i = 0; i < n; i++) self->metrics[run * n + i] = failed ? NAN : (float)result->metrics[i];
    }
    bool keeps_log = layout->events && !failed; /* one that explodes has as many rows as a block of others */
    self->event_offset[run] = self->log.n;
    self->event_rows[run] = keeps_log ? result->log.n : 0;
    return keeps_log ? append_log(&self->log, &result->log) : 0;
}

void counts_free(counts_t *self) {
    mem_free(self->cell);
    mem_free(self->code);
    mem_free(self->count);
    *self = (counts_t){0};
}
