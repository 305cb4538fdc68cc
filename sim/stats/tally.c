#include "stats/tally.h"

#include "base/mem.h"
#include <math.h>
#include <string.h>

#define GROWTH 2 /* a list is at least so many times as long as the next one */

void tally_init(tally_t *self, size_t n_cells) {
    *self = (tally_t){.n_cells = n_cells};
}

void tally_clear(tally_t *self) {
    for (int i = 0; i < self->n_lists; i++) counts_free(&self->lists[i]);
    self->n_lists = 0;
    if (self->any_held) memset(self->n_held, 0, self->n_cells);
    self->any_held = false;
}

void tally_free(tally_t *self) {
    tally_clear(self);
    mem_free(self->held);
    mem_free(self->n_held);
    *self = (tally_t){0};
}

int counts_init(counts_t *self, size_t n) {
    *self = (counts_t){.n = n,
                       .cell = mem_alloc(n, sizeof *self->cell),
                       .count = mem_alloc(n, sizeof *self->count),
                       .code = mem_alloc(n, sizeof *self->code)};
    if (self->cell && self->count && self->code) return 0;
    counts_free(self);
    return ERR_NOMEM;
}

void counts_free(counts_t *self) {
    mem_free(self->cell);
    mem_free(self->code);
    mem_free(self->count);
    *self = (counts_t){0};
}

/* With room for n entries, to be put. */
static int make_counts(counts_t *self, size_t n) {
    if (counts_init(self, n) < 0) return ERR_NOMEM;
    self->n = 0;
    return 0;
}

static void put(counts_t *self, uint32_t cell, int32_t code, uint32_t count) {
    self->cell[self->n] = cell;
    self->code[self->n] = code;
    self->count[self->n++] = count;
}

static uint64_t key_of(const counts_t *self, size_t i) {
    return (uint64_t)self->cell[i] << 32 |
           ((uint32_t)self->code[i] ^ 0x80000000u); /* ordered as (cell, code) */
}

static int merge(const counts_t *a, const counts_t *b, counts_t *out) {
    size_t i = 0, j = 0;
    if (make_counts(out, a->n + b->n) < 0) return ERR_NOMEM;
    while (i < a->n && j < b->n) {
        uint64_t x = key_of(a, i), y = key_of(b, j);
        const counts_t *from = x <= y ? a : b;
        size_t at = x <= y ? i : j;
        put(out, from->cell[at], from->code[at], (x <= y ? a->count[i] : 0) + (y <= x ? b->count[j] : 0));
        i += x <= y;
        j += y <= x;
    }
    for (; i < a->n; i++) put(out, a->cell[i], a->code[i], a->count[i]);
    for (; j < b->n; j++) put(out, b->cell[j], b->code[j], b->count[j]);
    return 0;
}

/* Merges the last lists: those that are not much shorter than the one before, or all. */
static int settle(tally_t *self, bool all) {
    while (self->n_lists > 1) {
        counts_t *last = &self->lists[self->n_lists - 1], *before = last - 1, both;
        if (!all && before->n >= GROWTH * last->n) return 0;
        if (merge(before, last, &both) < 0) return ERR_NOMEM;
        counts_free(before);
        counts_free(last);
        *before = both;
        self->n_lists--;
    }
    return 0;
}

int tally_merge(tally_t *self, counts_t *counts) {
    if (!counts->n) { /* any number of empty lists would be each long enough beside the next */
        counts_free(counts);
        return 0;
    }
    self->lists[self->n_lists++] = *counts;
    *counts = (counts_t){0};
    return settle(self, false);
}

static void sort(int32_t *codes, size_t n) {
    for (size_t i = 1; i < n; i++) {
        int32_t code = codes[i];
        size_t at = i;
        for (; at && codes[at - 1] > code; at--) codes[at] = codes[at - 1];
        codes[at] = code;
    }
}

/* Makes a list of the codes held. */
static int count_held(tally_t *self) {
    counts_t counts;
    size_t n = 0;
    if (!self->any_held) return 0;
    for (size_t cell = 0; cell < self->n_cells; cell++) n += self->n_held[cell];
    if (make_counts(&counts, n) < 0) return ERR_NOMEM;
    for (size_t cell = 0; cell < self->n_cells; cell++) {
        int32_t *codes = self->held + cell * TALLY_HELD;
        size_t held = self->n_held[cell];
        sort(codes, held);
        for (size_t first = 0, end; first < held; first = end) {
            for (end = first + 1; end < held && codes[end] == codes[first]; end++) {}
            put(&counts, (uint32_t)cell, codes[first], (uint32_t)(end - first));
        }
    }
    memset(self->n_held, 0, self->n_cells);
    self->any_held = false;
    return tally_merge(self, &counts);
}

int tally_add(tally_t *self, uint32_t cell, int32_t code) {
    if (!self->held) self->held = mem_alloc(self->n_cells, TALLY_HELD * sizeof *self->held);
    if (!self->n_held) self->n_held = mem_alloc(self->n_cells, sizeof *self->n_held);
    if (!self->held || !self->n_held) return ERR_NOMEM;
    if (self->n_held[cell] == TALLY_HELD && count_held(self) < 0) return ERR_NOMEM;
    self->held[(size_t)cell * TALLY_HELD + self->n_held[cell]++] = code;
    self->any_held = true;
    return 0;
}

int tally_take(tally_t *self, counts_t *counts) {
    *counts = (counts_t){0};
    if (count_held(self) < 0 || settle(self, true) < 0) return ERR_NOMEM;
    if (self->n_lists) *counts = self->lists[0];
    self->n_lists = 0;
    return 0;
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
    for (size_t q = 0; q < ESTIMATE_QUANTILES; q++) {
        double at = estimate_quantiles[q] * (double)(n - 1);
        uint64_t rank = (uint64_t)at;
        double low = value_of_rank(counts, first, end, rank, rounding), weight = at - (double)rank;
        double high = weight > 0 ? value_of_rank(counts, first, end, rank + 1, rounding) : low;
        self->quantiles[q * n_cells + cell] = (float)(low + weight * (high - low));
    }
}

int fan_init(fan_t *self, const counts_t *counts, size_t n_cells, const rounding_t *rounding) {
    self->mean = mem_alloc(n_cells, sizeof *self->mean);
    self->sd = mem_alloc(n_cells, sizeof *self->sd);
    self->quantiles = mem_alloc(n_cells * ESTIMATE_QUANTILES, sizeof *self->quantiles);
    if (!self->mean || !self->sd || !self->quantiles) {
        fan_free(self);
        return ERR_NOMEM;
    }
    for (size_t i = 0; i < n_cells; i++) self->mean[i] = self->sd[i] = NAN;
    for (size_t i = 0; i < n_cells * ESTIMATE_QUANTILES; i++) self->quantiles[i] = NAN;
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
