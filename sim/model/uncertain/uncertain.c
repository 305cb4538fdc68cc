#include "model/uncertain/uncertain.h"

#include "base/error.h"
#include "base/math/quantile.h"
#include "base/mem.h"
#include "model/model.h"
#include "model/renamed.h"
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DRAW_VALUE, DRAW_ROW }; /* purposes of streams */

#define ROUNDING 1e-5 /* by which a factor may miss a correlation that was rounded */

/* ---- the factor ------------------------------------------------------------------------------------- */

bool uncertain_factor(int n, const double *correlation, double *factor) {
    size_t size = (size_t)n;
    memset(factor, 0, size * size * sizeof *factor);
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++) {
            double *row = factor + i * size, *other = factor + j * size, left = correlation[i * size + j];
            for (size_t k = 0; k < j; k++) left -= row[k] * other[k];
            if (i == j)
                row[i] = left > ROUNDING * ROUNDING ? sqrt(left) : 0;
            else
                row[j] = other[j] > 0 ? left / other[j] : 0;
        }
    for (size_t i = 0; i < size; i++)
        for (size_t j = 0; j <= i; j++) {
            double made = 0;
            for (size_t k = 0; k <= j; k++) made += factor[i * size + k] * factor[j * size + k];
            if (!(fabs(made - correlation[i * size + j]) <= ROUNDING)) return false;
        }
    return true;
}

/* Of `n` equally likely ones. */
static size_t row_at(double u, int n) {
    return (size_t)fmin(u * n, n - 1);
}

/* ---- draws ------------------------------------------------------------------------------------------ */

static double unit_of(uint64_t key, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, key, purpose);
    return rng_stream_unit(&stream);
}

static double unit_of_param(const model_t *self, uint64_t key, int param) {
    return unit_of(renamed_draw(key, self->params[param].path), DRAW_VALUE);
}

/* What each member takes of the draw: a normal, or its value in the row. */
static void draw_joint(const model_t *self, const joint_draw_t *joint, uint64_t key, double *out) {
    size_t n = (size_t)joint->n;
    if (!joint->correlation) {
        double u = unit_of(rng_key_text(key, joint->name), DRAW_ROW);
        memcpy(out, joint->rows + row_at(u, joint->n_rows) * n, n * sizeof *out);
        return;
    }
    for (size_t i = 0; i < n; i++) out[i] = quantile_normal(unit_of_param(self, key, joint->params[i]));
    for (size_t i = n; i-- > 0;) {
        double sum = 0;
        for (size_t k = 0; k <= i; k++) sum += joint->factor[i * n + k] * out[k];
        out[i] = sum;
    }
}

static double value_of(const model_t *self, const uncertain_t *uncertain, uint64_t key, const double *drawn) {
    if (uncertain->joint < 0)
        return dist_quantile(&uncertain->dist, unit_of_param(self, key, uncertain->param));
    double own = drawn[uncertain->member];
    return self->joints[uncertain->joint].correlation ? dist_at_normal(&uncertain->dist, own) : own;
}

int uncertain_draw(const model_t *self, uint64_t key, double *values) {
    int most = 0;
    for (int j = 0; j < self->n_joints; j++)
        if (self->joints[j].n > most) most = self->joints[j].n;
    double *drawn = mem_alloc((size_t)most + 1, sizeof *drawn);
    if (!drawn) return ERR_NOMEM;
    for (int j = -1; j < self->n_joints; j++) {
        if (j >= 0) draw_joint(self, &self->joints[j], key, drawn);
        for (int u = 0; u < self->n_uncertain; u++) {
            const uncertain_t *uncertain = &self->uncertain[u];
            const param_t *param = &self->params[uncertain->param];
            if (uncertain->joint == j)
                values[u] = fmin(param->high, fmax(param->low, value_of(self, uncertain, key, drawn)));
        }
    }
    mem_free(drawn);
    return 0;
}

/* ---- one parameter ---------------------------------------------------------------------------------- */

static const joint_draw_t *table_of(const model_t *self, const uncertain_t *uncertain) {
    const joint_draw_t *joint = uncertain->joint < 0 ? NULL : &self->joints[uncertain->joint];
    return joint && !joint->correlation ? joint : NULL;
}

double uncertain_mean(const model_t *self, int u) {
    const uncertain_t *uncertain = &self->uncertain[u];
    const joint_draw_t *table = table_of(self, uncertain);
    double sum = 0;
    if (!table) return dist_mean(&uncertain->dist);
    for (int i = 0; i < table->n_rows; i++) sum += table->rows[i * table->n + uncertain->member];
    return sum / table->n_rows;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double *uncertain_values(const model_t *self, int u) {
    const uncertain_t *uncertain = &self->uncertain[u];
    const joint_draw_t *table = table_of(self, uncertain);
    double *values = table ? mem_alloc((size_t)table->n_rows, sizeof *values) : NULL;
    if (!values) return NULL;
    for (int i = 0; i < table->n_rows; i++) values[i] = table->rows[i * table->n + uncertain->member];
    qsort(values, (size_t)table->n_rows, sizeof *values, ascending);
    return values;
}

double uncertain_quantile(const model_t *self, int u, double quantile) {
    const joint_draw_t *table = table_of(self, &self->uncertain[u]);
    if (!table) return dist_quantile(&self->uncertain[u].dist, quantile);
    double *values = uncertain_values(self, u);
    double value = values ? values[row_at(quantile, table->n_rows)] : NAN;
    mem_free(values);
    return value;
}
