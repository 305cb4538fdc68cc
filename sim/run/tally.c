#include "run/tally.h"

#include "base/mem.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

void tally_init(tally_t *self) {
    *self = (tally_t){0};
}

void tally_free(tally_t *self) {
    mem_free(self->keys);
    mem_free(self->counts);
    *self = (tally_t){0};
}

void tally_clear(tally_t *self) {
    if (self->n) memset(self->keys, 0, self->capacity * sizeof *self->keys);
    self->n = 0;
}

static uint64_t key_of(uint32_t cell, int32_t code) {
    return ((uint64_t)cell << 32 | ((uint32_t)code ^ 0x80000000u)) + 1; /* ordered as (cell, code) */
}

/* The place of a key: where it is, or the free one where it goes. */
static size_t find(const tally_t *self, uint64_t key) {
    size_t mask = self->capacity - 1, i = (key * 0x9e3779b97f4a7c15u >> 20) & mask;
    while (self->keys[i] && self->keys[i] != key) i = (i + 1) & mask;
    return i;
}

static int grow(tally_t *self) {
    tally_t larger = {.capacity = self->capacity ? 2 * self->capacity : 1024, .n = self->n};
    larger.keys = mem_alloc(larger.capacity, sizeof *larger.keys);
    larger.counts = mem_alloc(larger.capacity, sizeof *larger.counts);
    if (!larger.keys || !larger.counts) {
        tally_free(&larger);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < self->capacity; i++) {
        if (!self->keys[i]) continue;
        size_t to = find(&larger, self->keys[i]);
        larger.keys[to] = self->keys[i];
        larger.counts[to] = self->counts[i];
    }
    tally_free(self);
    *self = larger;
    return 0;
}

int tally_add(tally_t *self, uint32_t cell, int32_t code, uint32_t count) {
    if (10 * self->n >= 6 * self->capacity && grow(self) < 0) return ERR_NOMEM;
    uint64_t key = key_of(cell, code);
    size_t i = find(self, key);
    if (!self->keys[i]) {
        self->keys[i] = key;
        self->counts[i] = 0;
        self->n++;
    }
    self->counts[i] += count;
    return 0;
}

int tally_merge(tally_t *self, const counts_t *counts) {
    for (size_t i = 0; i < counts->n; i++)
        if (tally_add(self, counts->cell[i], counts->code[i], counts->count[i]) < 0) return ERR_NOMEM;
    return 0;
}

static int by_key(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return x < y ? -1 : x > y;
}

int tally_counts(const tally_t *self, counts_t *counts) {
    *counts = (counts_t){.n = self->n};
    uint64_t *keys = mem_alloc(self->n, sizeof *keys);
    counts->cell = mem_alloc(self->n, sizeof *counts->cell);
    counts->code = mem_alloc(self->n, sizeof *counts->code);
    counts->count = mem_alloc(self->n, sizeof *counts->count);
    if (!keys || !counts->cell || !counts->code || !counts->count) {
        mem_free(keys);
        counts_free(counts);
        return ERR_NOMEM;
    }
    size_t n = 0;
    for (size_t i = 0; i < self->capacity; i++)
        if (self->keys[i]) keys[n++] = self->keys[i];
    qsort(keys, n, sizeof *keys, by_key);
    for (size_t i = 0; i < n; i++) {
        counts->cell[i] = (uint32_t)((keys[i] - 1) >> 32);
        counts->code[i] = (int32_t)((uint32_t)(keys[i] - 1) ^ 0x80000000u);
        counts->count[i] = self->counts[find(self, keys[i])];
    }
    mem_free(keys);
    return 0;
}

/* ---- trajectories ---------------------------------------------------------------------------------- */

size_t tally_cells(const layout_t *layout, tally_kind_t kind) {
    const observation_t *seen = layout->observation;
    size_t cells = (size_t)layout->n_variants * (size_t)seen->n_times * (size_t)seen->n_ties;
    if (layout->n_points || cells > TALLY_MOST_CELLS) return 0;
    return kind == TALLY_TRADE ? 2 * cells : cells;
}

static int add_values(tally_t *tally, const rounding_t *rounding, size_t first_cell, size_t n,
                      const float *values) {
    for (size_t i = 0; i < n; i++)
        if (!isnan(values[i]) &&
            tally_add(tally, (uint32_t)(first_cell + i), rounding_code(rounding, values[i]), 1) < 0)
            return ERR_NOMEM;
    return 0;
}

int tally_add_result(tally_t tallies[TALLY_N], const layout_t *layout, int variant, const result_t *result) {
    int ret = 0;
    if (!tally_cells(layout, TALLY_STRENGTH)) return 0;
    size_t n = (size_t)layout->observation->n_times * (size_t)layout->observation->n_ties;
    TRY(add_values(&tallies[TALLY_STRENGTH], &layout->strength, (size_t)variant * n, n, result->strength));
    TRY(add_values(&tallies[TALLY_TRADE], &layout->trade, (size_t)variant * 2 * n, 2 * n, result->trade));
out:
    return ret;
}

/* ---- summaries ------------------------------------------------------------------------------------- */

/* The value of rank `rank` (from 0) among the entries [first, end). */
static double value_of_rank(const counts_t *counts, size_t first, size_t end, uint64_t rank,
                            const rounding_t *rounding) {
    uint64_t seen = 0;
    for (size_t i = first; i < end; i++) {
        seen += counts->count[i];
        if (seen > rank) return (double)rounding_value(rounding, counts->code[i]);
    }
    return NAN;
}

static void summarise(fan_t *self, const counts_t *counts, size_t first, size_t end, size_t n_cells,
                      const rounding_t *rounding) {
    uint64_t n = 0;
    double sum = 0, squares = 0;
    size_t cell = counts->cell[first];
    for (size_t i = first; i < end; i++) {
        n += counts->count[i];
        sum += counts->count[i] * (double)rounding_value(rounding, counts->code[i]);
    }
    double mean = sum / (double)n;
    for (size_t i = first; i < end; i++) {
        double off = (double)rounding_value(rounding, counts->code[i]) - mean;
        squares += counts->count[i] * off * off;
    }
    self->mean[cell] = (float)mean;
    self->sd[cell] = n > 1 ? (float)sqrt(squares / (double)(n - 1)) : NAN;
    for (size_t q = 0; q < SUMMARY_QUANTILES; q++) {
        double at = summary_quantiles[q] * (double)(n - 1);
        uint64_t rank = (uint64_t)at;
        double low = value_of_rank(counts, first, end, rank, rounding), weight = at - (double)rank;
        double high = weight > 0 ? value_of_rank(counts, first, end, rank + 1, rounding) : low;
        self->quantiles[q * n_cells + cell] = (float)(low + weight * (high - low));
    }
}

int fan_init(fan_t *self, const counts_t *counts, size_t n_cells, const rounding_t *rounding) {
    self->mean = mem_alloc(n_cells, sizeof *self->mean);
    self->sd = mem_alloc(n_cells, sizeof *self->sd);
    self->quantiles = mem_alloc(n_cells * SUMMARY_QUANTILES, sizeof *self->quantiles);
    if (!self->mean || !self->sd || !self->quantiles) {
        fan_free(self);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n_cells; i++) self->mean[i] = self->sd[i] = NAN;
    for (size_t i = 0; i < n_cells * SUMMARY_QUANTILES; i++) self->quantiles[i] = NAN;
    for (size_t first = 0, end; first < counts->n; first = end) {
        for (end = first + 1; end < counts->n && counts->cell[end] == counts->cell[first]; end++) {}
        if (counts->cell[first] < n_cells) summarise(self, counts, first, end, n_cells, rounding);
    }
    return 0;
}

void fan_free(fan_t *self) {
    mem_free(self->mean);
    mem_free(self->sd);
    mem_free(self->quantiles);
    *self = (fan_t){0};
}
