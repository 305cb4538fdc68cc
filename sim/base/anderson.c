#include "base/anderson.h"

#include "base/error.h"
#include "base/mem.h"

#include <assert.h>
#include <math.h>
#include <string.h>

int anderson_init(anderson_t *self, int most) {
    size_t n = (size_t)most;
    *self = (anderson_t){
        .most = most, .n = most, .memory = mem_alloc(n * (2 + 2 * ANDERSON_DEPTH), sizeof(double))};
    if (!self->memory) return ERR_NOMEM;
    self->x = self->memory;
    self->g = self->x + n;
    self->dx = self->g + n;
    self->dg = self->dx + n * ANDERSON_DEPTH;
    return 0;
}

void anderson_free(anderson_t *self) {
    mem_free(self->memory);
    *self = (anderson_t){0};
}

void anderson_begin(anderson_t *self, int n) {
    assert(n <= self->most);
    self->n = n;
    self->count = self->next = 0;
    self->begun = false;
}

/* Four partial sums, so that the processor need not wait for each addition. */
static double inner(const double *a, const double *b, int n) {
    double sum[4] = {0};
    int i = 0;
    for (; i + 4 <= n; i += 4)
        for (int k = 0; k < 4; k++) sum[k] += a[i + k] * b[i + k];
    for (; i < n; i++) sum[0] += a[i] * b[i];
    return (sum[0] + sum[1]) + (sum[2] + sum[3]);
}

static double *row(const anderson_t *self, double *rows, int k) {
    return rows + (size_t)k * (size_t)self->most;
}

static void remember(anderson_t *self, const double *x, const double *g) {
    if (self->begun) {
        int at = self->next;
        double *dx = row(self, self->dx, at), *dg = row(self, self->dg, at);
        for (int i = 0; i < self->n; i++) {
            dx[i] = x[i] - self->x[i];
            dg[i] = g[i] - self->g[i];
        }
        if (self->count < ANDERSON_DEPTH) self->count++;
        self->next = (at + 1) % ANDERSON_DEPTH;
        for (int k = 0; k < self->count; k++)
            self->gram[at][k] = self->gram[k][at] = inner(dg, row(self, self->dg, k), self->n);
    }
    memcpy(self->x, x, (size_t)self->n * sizeof *x);
    memcpy(self->g, g, (size_t)self->n * sizeof *g);
    self->begun = true;
}

/* Weights of the kept changes that leave least of g, by Cholesky's factors of the scaled inner products;
 * false where those are singular. */
static bool weigh(const anderson_t *self, double weights[ANDERSON_DEPTH]) {
    double factor[ANDERSON_DEPTH][ANDERSON_DEPTH] = {{0}}, scale[ANDERSON_DEPTH];
    int m = self->count;
    for (int a = 0; a < m; a++) {
        if (!(self->gram[a][a] > 0)) return false;
        scale[a] = 1 / sqrt(self->gram[a][a]);
        weights[a] = scale[a] * inner(self->dg + (size_t)a * (size_t)self->most, self->g, self->n);
        for (int b = 0; b <= a; b++) {
            double sum = self->gram[a][b] * scale[a] * scale[b];
            for (int k = 0; k < b; k++) sum -= factor[a][k] * factor[b][k];
            if (a == b && !(sum > 0)) return false;
            factor[a][b] = a == b ? sqrt(sum) : sum / factor[b][b];
        }
    }
    for (int a = 0; a < m; a++) {
        for (int k = 0; k < a; k++) weights[a] -= factor[a][k] * weights[k];
        weights[a] /= factor[a][a];
    }
    for (int a = m - 1; a >= 0; a--) {
        for (int k = a + 1; k < m; k++) weights[a] -= factor[k][a] * weights[k];
        weights[a] /= factor[a][a];
    }
    for (int a = 0; a < m; a++) weights[a] *= scale[a];
    return true;
}

void anderson_step(anderson_t *self, const double *x, const double *g, double *step) {
    double weights[ANDERSON_DEPTH];
    remember(self, x, g);
    memcpy(step, g, (size_t)self->n * sizeof *g);
    if (!self->count) return;
    if (!weigh(self, weights)) {
        self->count = self->next = 0;
        return;
    }
    for (int k = 0; k < self->count; k++) {
        const double *dx = row(self, self->dx, k), *dg = row(self, self->dg, k);
        for (int i = 0; i < self->n; i++) step[i] -= weights[k] * (dx[i] + dg[i]);
    }
}
