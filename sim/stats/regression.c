#include "stats/regression.h"

#include "base/error.h"
#include "base/mem.h"
#include <math.h>

int regression_init(regression_t *self, int d) {
    size_t width = (size_t)d + 1;
    *self = (regression_t){.d = d,
                           .mean = mem_alloc(width, sizeof(double)),
                           .moments = mem_alloc(width * width, sizeof(double)),
                           .own = mem_alloc(width, sizeof(double))};
    if (self->mean && self->moments && self->own) return 0;
    regression_free(self);
    return ERR_NOMEM;
}

void regression_free(regression_t *self) {
    mem_free(self->mean);
    mem_free(self->moments);
    mem_free(self->own);
    *self = (regression_t){0};
}

void regression_add(regression_t *self, const double *x, double y) {
    int width = self->d + 1;
    self->n++;
    for (int i = 0; i < width; i++) {
        double value = i < self->d ? x[i] : y;
        self->own[i] = value - self->mean[i];
        self->mean[i] += self->own[i] / (double)self->n;
    }
    for (int i = 0; i < width; i++)
        for (int k = 0; k <= i; k++)
            self->moments[i * width + k] += self->own[i] * ((k < self->d ? x[k] : y) - self->mean[k]);
}

static double moment(const regression_t *self, int i, int k) {
    return self->moments[(i > k ? i : k) * (self->d + 1) + (i > k ? k : i)];
}

/* Deviations beyond the rounding of the values. */
static bool varies(const regression_t *self, int i) {
    double rounding = 1e-14 * self->mean[i];
    return moment(self, i, i) > (double)self->n * rounding * rounding;
}

/* Inverts a symmetric positive definite matrix in place by Gauss-Jordan without pivoting; false when it is
 * singular to rounding. Its diagonal is 1 (correlations). */
static bool invert(int d, double *m) {
    for (int k = 0; k < d; k++) {
        double pivot = m[k * d + k];
        if (!(pivot > 1e-10)) return false;
        m[k * d + k] = 1;
        for (int c = 0; c < d; c++) m[k * d + c] /= pivot;
        for (int r = 0; r < d; r++) {
            if (r == k) continue;
            double f = m[r * d + k];
            m[r * d + k] = 0;
            for (int c = 0; c < d; c++) m[r * d + c] -= f * m[k * d + c];
        }
    }
    return true;
}

static double correlation(const regression_t *self, int i, int k) {
    return moment(self, i, k) / sqrt(moment(self, i, i) * moment(self, k, k));
}

int regression_fit(const regression_t *self, fit_t *out) {
    int d = self->d, used = 0, ret = 0;
    int *which = mem_alloc((size_t)d, sizeof *which);
    double *m = mem_alloc((size_t)d * (size_t)d, sizeof *m);
    *out = (fit_t){.r2 = NAN,
                   .beta = mem_alloc((size_t)d, sizeof(double)),
                   .error = mem_alloc((size_t)d, sizeof(double))};
    if (!which || !m || !out->beta || !out->error) {
        fit_free(out);
        ret = ERR_NOMEM;
        goto out;
    }
    for (int a = 0; a < d; a++) {
        out->beta[a] = out->error[a] = NAN;
        if (varies(self, a)) which[used++] = a;
    }
    out->n_used = used;
    out->freedom = (int)self->n - used - 1;
    if (!used || out->freedom < REGRESSION_LEAST || !varies(self, d)) goto out;
    for (int a = 0; a < used; a++)
        for (int b = 0; b < used; b++) m[a * used + b] = correlation(self, which[a], which[b]);
    if (!invert(used, m)) goto out;
    out->r2 = 0;
    for (int a = 0; a < used; a++) {
        double beta = 0;
        for (int b = 0; b < used; b++) beta += m[a * used + b] * correlation(self, which[b], d);
        out->beta[which[a]] = beta;
        out->r2 += beta * correlation(self, which[a], d);
    }
    for (int a = 0; a < used; a++)
        out->error[which[a]] = sqrt(fmax(1 - out->r2, 0) * m[a * used + a] / out->freedom);
out:
    mem_free(which);
    mem_free(m);
    return ret;
}

void fit_free(fit_t *self) {
    mem_free(self->beta);
    mem_free(self->error);
    *self = (fit_t){0};
}
