/* How each market's price depends on all others at the baseline: what the solver's steps are multiplied by.
 *
 * With e the logs of what comes in over what goes out, x the log prices, and slopes the own derivatives of
 * each market, de/dx = -slopes (1 - K). A step that each market asks for by itself, e / slopes, becomes
 * (1 - K)^-1 e / slopes, where K is that of the baseline and the slopes are those of the point at hand. The
 * level of a block's prices is free; a row of weights in each block makes 1 - K regular. Effects of a price
 * on what the transfers are measured by are left out. */
#include "model/trade/equilibrium_sums.h"
#include "model/trade/equilibrium_system.h"

#include <string.h>

#define LEAST_SLOPE 0.1
#define LEAST_PIVOT 1e-6

/* Of each market at the baseline, into the solver's own numbers: exports and imports as far as they are
 * income, purchases, what comes in and goes out, and by its own log price d log spending (`steep`) and d
 * transfer (`sold`). */
static void take_markets(equilibrium_t *self) {
    int n = self->n;
    bool own = self->rules.deficits == DEFICITS_OF_OWN, fixed = self->rules.output == OUTPUT_FIXED;
    for (int i = 0; i < n; i++) {
        double transfer = self->base.transfer[i], income = self->base.income[i];
        self->exports[i] = self->foreign_net[i] = self->market[i] = 0;
        for (int j = 0; j < n; j++) {
            self->market[i] += self->flows[j * n + i];
            if (j == i) continue;
            self->exports[i] += (1 - self->kept[j]) * self->flows[i * n + j];
            self->foreign_net[i] += (1 - self->kept[i]) * self->flows[j * n + i];
        }
        self->in[i] = self->exports[i] + fmax(transfer, 0);
        self->out[i] = self->foreign_net[i] - fmin(transfer, 0);
        self->steep[i] = fixed ? 0 : own ? 1 : income / (income + transfer);
        self->sold[i] = own && !fixed ? transfer : 0;
    }
}

/* de_i / dx_k; `rivalry` is the sum over i's exports of k's share in the markets they go to. */
static double slope_of(const equilibrium_t *self, int i, int k, double rivalry) {
    int n = self->n;
    double eps = self->rules.elasticity, flow = self->flows[k * n + i];
    double in = eps * rivalry, out = eps * self->foreign_net[i] * flow / self->market[i];
    if (i == k) {
        in += fmax(self->sold[i], 0) - eps * self->exports[i];
        out += self->foreign_net[i] * self->steep[i] - fmin(self->sold[i], 0);
    } else {
        in += (1 - self->kept[k]) * self->flows[i * n + k] * self->steep[k];
        out -= eps * (1 - self->kept[i]) * flow;
    }
    return in / self->in[i] - out / self->out[i];
}

/* In place, without exchange of rows: the matrix is close to one that is dominated by its diagonal. */
static bool invert(double *matrix, int n) {
    for (int p = 0; p < n; p++) {
        double *restrict row = matrix + (size_t)p * (size_t)n;
        if (!(fabs(row[p]) > LEAST_PIVOT)) return false;
        double by = 1 / row[p];
        row[p] = 1;
        for (int j = 0; j < n; j++) row[j] *= by;
        for (int i = 0; i < n; i++) {
            double *restrict other = matrix + (size_t)i * (size_t)n;
            double part = other[p];
            if (i == p || part == 0) continue;
            other[p] = 0;
            for (int j = 0; j < n; j++) other[j] -= part * row[j];
        }
    }
    return true;
}

/* de_i / dx_k in coupling[k * n + i]. */
static void differentiate(equilibrium_t *self) {
    int n = self->n;
    double *exports = self->pull, *shares = self->trial; /* by buyer: exports[j * n + i] of i to j */
    for (int j = 0; j < n; j++)
        for (int i = 0; i < n; i++)
            exports[j * n + i] = i == j ? 0 : (1 - self->kept[j]) * self->flows[i * n + j];
    for (int k = 0; k < n; k++) {
        double *row = self->coupling + (size_t)k * (size_t)n;
        for (int j = 0; j < n; j++)
            shares[j] = self->market[j] > 0 ? self->flows[k * n + j] / self->market[j] : 0;
        equilibrium_columns(row, exports, shares, n);
        for (int i = 0; i < n; i++)
            row[i] = self->in[i] > 0 && self->out[i] > 0 ? slope_of(self, i, k, row[i]) : 0;
    }
}

/* 1 - K and the weights of blocks; a market without trade stands alone. */
static void normalise(equilibrium_t *self) {
    int n = self->n;
    const int *block = self->blocks.block;
    double *slope = self->step, *total = self->block_total;
    for (int b = 0; b < self->blocks.n_blocks; b++) total[b] = 0;
    for (int i = 0; i < n; i++) {
        slope[i] = fmax(-self->coupling[i * n + i], LEAST_SLOPE);
        if (block[i] >= 0) total[block[i]] += self->base.income[i];
    }
    for (int k = 0; k < n; k++)
        for (int i = 0; i < n; i++) {
            double weight =
                block[i] >= 0 && block[i] == block[k] ? self->base.income[k] / total[block[k]] : 0;
            bool idle = block[i] < 0 || !(self->in[i] > 0 && self->out[i] > 0);
            self->coupling[k * n + i] = idle ? i == k : weight - self->coupling[k * n + i] / slope[i];
        }
}

void equilibrium_couple(equilibrium_t *self) {
    take_markets(self);
    differentiate(self);
    normalise(self);
    self->coupled = invert(self->coupling, self->n);
}

void equilibrium_spread(equilibrium_t *self, double *step) {
    equilibrium_columns(self->spread, self->coupling, step, self->n);
    memcpy(step, self->spread, (size_t)self->n * sizeof *step);
}
