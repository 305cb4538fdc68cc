#include "stats/parameters/basis.h"

#include "base/error.h"
#include "base/math/elementary.h"
#include "base/mem.h"
#include <math.h>
#include <string.h>

#define DEPENDENT 1e-6 /* share of a column's square that others leave of it */

typedef struct {
    double mean, sd, skewness;
} shape_t;

static shape_t shape_of(int n, const double *x) {
    shape_t s = {0};
    double squares = 0, cubes = 0;
    for (int i = 0; i < n; i++) s.mean += x[i] / n;
    for (int i = 0; i < n; i++) {
        double off = x[i] - s.mean;
        squares += off * off;
        cubes += off * off * off;
    }
    s.sd = sqrt(squares / n);
    s.skewness = cubes / n / (s.sd * s.sd * s.sd);
    return s;
}

/* Deviations beyond the rounding of the values. */
static bool varies(const shape_t *s) {
    return s->sd > 1e-12 * fabs(s->mean);
}

/* x becomes z, with `logs` as scratch. */
static void standardise(int n, double *x, double *logs) {
    shape_t shape = shape_of(n, x);
    bool positive = varies(&shape);
    for (int i = 0; i < n && positive; i++) positive = x[i] > 0;
    if (positive) {
        for (int i = 0; i < n; i++) logs[i] = elementary_log(x[i]);
        shape_t of_logs = shape_of(n, logs);
        if (varies(&of_logs) && fabs(of_logs.skewness) < fabs(shape.skewness) / 2) {
            memcpy(x, logs, (size_t)n * sizeof *x);
            shape = of_logs;
        }
    }
    for (int i = 0; i < n; i++) x[i] = varies(&shape) ? (x[i] - shape.mean) / shape.sd : 0;
}

int basis_init(basis_t *self, int n, int d, const double *draws) {
    *self = (basis_t){.n = n, .d = d, .most = 2 * d + BASIS_ADDED};
    size_t rows = (size_t)n, most = (size_t)self->most;
    double *logs = mem_alloc(rows, sizeof *logs);
    self->z = mem_alloc((size_t)d * rows, sizeof *self->z);
    self->q = mem_alloc(most * rows, sizeof *self->q);
    self->r = mem_alloc(most * most, sizeof *self->r);
    self->terms = mem_alloc(most, sizeof *self->terms);
    if (!logs || !self->z || !self->q || !self->r || !self->terms) {
        mem_free(logs);
        basis_free(self);
        return ERR_NOMEM;
    }
    for (int a = 0; a < d; a++) {
        double *z = self->z + (size_t)a * rows;
        for (int i = 0; i < n; i++) z[i] = draws[(size_t)i * (size_t)d + (size_t)a];
        standardise(n, z, logs);
    }
    mem_free(logs);
    int powers = n < BASIS_ROWS_PER_LINE * (d + 1) ? 0 : n < BASIS_ROWS_PER_COLUMN * (2 * d + 1) ? 1 : 2;
    for (int power = 1; power <= powers; power++)
        for (int a = 0; a < d; a++) basis_add(self, (basis_term_t){.a = a, .b = a, .power = power});
    return 0;
}

void basis_free(basis_t *self) {
    mem_free(self->z);
    mem_free(self->q);
    mem_free(self->r);
    mem_free(self->terms);
    *self = (basis_t){0};
}

static double power_of(double z, int power) {
    double product = z;
    for (int k = 1; k < power; k++) product *= z;
    return product;
}

static double dot(int n, const double *x, const double *y) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i] * y[i];
    return sum;
}

bool basis_add(basis_t *self, basis_term_t term) {
    int n = self->n, k = self->n_terms;
    size_t rows = (size_t)n;
    if (k == self->most) return false;
    const double *a = self->z + (size_t)term.a * rows, *b = self->z + (size_t)term.b * rows;
    double *q = self->q + (size_t)k * rows, *r = self->r + (size_t)k * (size_t)self->most;
    for (int i = 0; i < n; i++)
        q[i] =
            term.a == term.b ? power_of(a[i], term.power) : (term.power == 2 ? a[i] * a[i] - 1 : a[i]) * b[i];
    term.centre = shape_of(n, q).mean;
    for (int i = 0; i < n; i++) q[i] -= term.centre;
    double whole = dot(n, q, q);
    for (int l = 0; l < k; l++) {
        const double *before = self->q + (size_t)l * rows;
        r[l] = dot(n, q, before);
        for (int i = 0; i < n; i++) q[i] -= r[l] * before[i];
    }
    double left = dot(n, q, q);
    if (!(left > DEPENDENT * whole)) return false;
    r[k] = sqrt(left);
    for (int i = 0; i < n; i++) q[i] /= r[k];
    self->terms[k] = term;
    self->n_terms++;
    return true;
}

void basis_solve(const basis_t *self, const double *of_columns, double *of_terms) {
    for (int l = self->n_terms - 1; l >= 0; l--) {
        double rest = of_columns[l];
        for (int k = l + 1; k < self->n_terms; k++) rest -= of_terms[k] * self->r[k * self->most + l];
        of_terms[l] = rest / self->r[l * self->most + l];
    }
}

double basis_value(const basis_t *self, const basis_term_t *term, size_t row) {
    size_t rows = (size_t)self->n;
    double a = self->z[(size_t)term->a * rows + row], b = self->z[(size_t)term->b * rows + row];
    if (term->a == term->b) return power_of(a, term->power) - term->centre;
    return (term->power == 2 ? a * a - 1 : a) * b - term->centre;
}

double basis_main(const basis_t *self, const double *of_terms, int a, double z) {
    double sum = 0;
    for (int k = 0; k < self->n_terms; k++) {
        const basis_term_t *term = &self->terms[k];
        if (term->a == a && term->b == a) sum += of_terms[k] * (power_of(z, term->power) - term->centre);
    }
    return sum;
}
