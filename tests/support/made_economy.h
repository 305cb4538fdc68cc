/* Made-up economies for tests and benchmarks of model/trade/equilibrium.h. */
#ifndef ENTENTE_TESTS_MADE_ECONOMY_H
#define ENTENTE_TESTS_MADE_ECONOMY_H

#include "base/mem.h"
#include "base/rng.h"
#include "model/trade/economy.h"

#include <math.h>

typedef struct {
    int n;
    double *flows, *tariffs, *kept;              /* the baseline: [n * n], [n * n], [n] */
    double *log_shift, *new_tariffs, *endowment; /* a change: [n * n], [n * n], [n] */
    rng_stream_t random;
} made_economy_t;

static inline double made_unit(made_economy_t *self) {
    return rng_stream_unit(&self->random);
}

static inline double made_normal(made_economy_t *self) {
    double u = made_unit(self), v = made_unit(self);
    return sqrt(-2 * log(u)) * cos(6.283185307179586 * v);
}

/* Sizes that differ by factors of some 20, a quarter of the flows between actors missing, six tenths of
 * spending at home, deficits of up to some tenths of income; no tariffs, nothing kept at home, no change. 0
 * or -1. */
static inline int made_economy_init(made_economy_t *self, int n, uint64_t seed) {
    size_t square = (size_t)n * (size_t)n;
    *self = (made_economy_t){.n = n, .flows = mem_alloc(4 * square + 2 * (size_t)n, sizeof(double))};
    if (!self->flows) return -1;
    self->tariffs = self->flows + square;
    self->log_shift = self->tariffs + square;
    self->new_tariffs = self->log_shift + square;
    self->kept = self->new_tariffs + square;
    self->endowment = self->kept + n;
    rng_stream_init(&self->random, seed, 1);
    for (int i = 0; i < n; i++) self->endowment[i] = exp(1.5 * made_normal(self)); /* sizes, for the moment */
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            double flow = self->endowment[i] * self->endowment[j] * exp(0.7 * made_normal(self));
            self->flows[i * n + j] = i == j || (n > 4 && made_unit(self) < 0.25) ? 0 : flow;
        }
    for (int i = 0; i < n; i++) {
        double sold = 0, bought = 0;
        for (int j = 0; j < n; j++) {
            sold += self->flows[i * n + j];
            bought += self->flows[j * n + i];
        }
        self->flows[i * n + i] = 1.5 * fmax(sold, bought);
        self->endowment[i] = 1;
    }
    return 0;
}

static inline void made_economy_free(made_economy_t *self) {
    mem_free(self->flows);
    *self = (made_economy_t){0};
}

/* Log noise of all costs between actors, and a tariff on half of the links in place of the baseline's. */
static inline void made_economy_change(made_economy_t *self, double noise, double tariff) {
    for (int i = 0; i < self->n; i++)
        for (int j = 0; j < self->n; j++) {
            int at = i * self->n + j;
            self->log_shift[at] = i == j ? 0 : noise * made_normal(self);
            self->new_tariffs[at] = i == j || made_unit(self) < 0.5 ? 0 : tariff * made_unit(self);
        }
}

/* Moves all costs between actors a little further. */
static inline void made_economy_drift(made_economy_t *self, double noise) {
    for (int i = 0; i < self->n; i++)
        for (int j = 0; j < self->n; j++)
            if (i != j) self->log_shift[i * self->n + j] += noise * made_normal(self);
}

#endif
