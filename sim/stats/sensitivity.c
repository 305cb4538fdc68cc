#include "stats/sensitivity.h"

#include "base/error.h"
#include "base/mem.h"
#include "base/rng.h"
#include "stats/regression.h"
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define RESAMPLES 1000
#define BOOTSTRAP_KEY 0x656e74656e746530u
#define BATCHES 100
#define LEAST 4 /* rows, trajectories or groups below which there is neither an interval nor an index */

static const interval_t unknown = {NAN, NAN, NAN};

void influence_clear(int n_axes, influence_t *out) {
    for (int a = 0; a < n_axes; a++) out[a] = (influence_t){unknown, unknown, unknown, NAN, NAN, unknown};
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts; linear between neighbours. Resamples of rows without any variance have no index and are left out; of
 * too few others no interval is made. */
static interval_t percentiles(double value, double *samples) {
    int n = 0;
    for (int s = 0; s < RESAMPLES; s++)
        if (isfinite(samples[s])) samples[n++] = samples[s];
    if (n < RESAMPLES / 2) return (interval_t){value, NAN, NAN};
    qsort(samples, (size_t)n, sizeof *samples, compare);
    double at = 0.025 * (n - 1), rest = at - floor(at);
    int i = (int)at, k = n - 1 - i;
    return (interval_t){value, samples[i] + rest * (samples[i + 1] - samples[i]),
                        samples[k] - rest * (samples[k] - samples[k - 1])};
}

/* The indices of rows whose y are all finite; their number. */
static int finite_rows(int n_rows, int width, const double *y, int *rows) {
    int n = 0;
    for (int i = 0; i < n_rows; i++) {
        bool good = true;
        for (int k = 0; k < width; k++) good &= isfinite(y[(size_t)i * (size_t)width + (size_t)k]);
        if (good) rows[n++] = i;
    }
    return n;
}

/* ---- Sobol' ---------------------------------------------------------------------------------------- */

/* The indices of parameter `axis` on the rows picked. */
static void sobol_on(int n_axes, int n, const int *rows, const double *y, int axis, double *first,
                     double *total) {
    size_t width = (size_t)n_axes + 2;
    double sum = 0, squares = 0, s = 0, t = 0, origin = y[(size_t)rows[0] * width];
    for (int i = 0; i < n; i++) {
        const double *row = y + (size_t)rows[i] * width;
        double a = row[0] - origin, b = row[1] - origin, ab = row[2 + axis] - origin;
        sum += a + b;
        squares += a * a + b * b;
        s += b * (ab - a); /* the mean is taken off b below */
        t += (a - ab) * (a - ab);
    }
    double mean = sum / (2.0 * n), variance = squares / (2.0 * n) - mean * mean, shift = 0;
    for (int i = 0; i < n; i++) {
        const double *row = y + (size_t)rows[i] * width;
        shift += row[2 + axis] - row[0];
    }
    *first = variance > 0 ? (s - mean * shift) / n / variance : NAN;
    *total = variance > 0 ? t / (2.0 * n) / variance : NAN;
}

int sensitivity_sobol(int n_axes, int n_rows, const double *y, influence_t *out) {
    int ret = 0, *rows = mem_alloc((size_t)n_rows, sizeof *rows), *picked = NULL;
    double *first = mem_alloc(RESAMPLES, sizeof *first), *total = mem_alloc(RESAMPLES, sizeof *total);
    picked = mem_alloc((size_t)n_rows, sizeof *picked);
    if (!rows || !picked || !first || !total) {
        ret = ERR_NOMEM;
        goto out;
    }
    int n = finite_rows(n_rows, n_axes + 2, y, rows);
    if (n < LEAST) goto out;
    for (int a = 0; a < n_axes; a++) {
        double f, t;
        rng_stream_t stream; /* the same rows for each parameter */
        rng_stream_init(&stream, BOOTSTRAP_KEY, 0);
        for (int k = 0; k < RESAMPLES; k++) {
            for (int i = 0; i < n; i++) picked[i] = rows[(int)(rng_stream_unit(&stream) * n)];
            sobol_on(n_axes, n, picked, y, a, &first[k], &total[k]);
        }
        sobol_on(n_axes, n, rows, y, a, &f, &t);
        out[a].first = isnan(f) ? unknown : percentiles(f, first);
        out[a].total = isnan(t) ? unknown : percentiles(t, total);
    }
out:
    mem_free(rows);
    mem_free(picked);
    mem_free(first);
    mem_free(total);
    return ret;
}

/* ---- Morris ---------------------------------------------------------------------------------------- */

static double mean_of(int n, const double *x) {
    double sum = 0;
    for (int i = 0; i < n; i++) sum += x[i];
    return sum / n;
}

static double sd_of(int n, const double *x) {
    double mean = mean_of(n, x), sum = 0;
    for (int i = 0; i < n; i++) sum += (x[i] - mean) * (x[i] - mean);
    return sqrt(sum / (n - 1));
}

/* The elementary effect of an axis in a trajectory: of the one step that changed it. */
static double effect_of(int n_axes, const double *units, const double *y, int axis) {
    for (int s = 0; s < n_axes; s++) {
        double du = units[(s + 1) * n_axes + axis] - units[s * n_axes + axis];
        if (du != 0) return (y[s + 1] - y[s]) / du;
    }
    return NAN;
}

int sensitivity_morris(int n_axes, int n_trajectories, const double *units, const double *y,
                       influence_t *out) {
    int ret = 0, *rows = mem_alloc((size_t)n_trajectories, sizeof *rows);
    double *effects = mem_alloc((size_t)n_trajectories, sizeof *effects),
           *samples = mem_alloc(RESAMPLES, sizeof *samples);
    size_t width = (size_t)n_axes + 1;
    if (!rows || !effects || !samples) {
        ret = ERR_NOMEM;
        goto out;
    }
    int n = finite_rows(n_trajectories, n_axes + 1, y, rows);
    if (n < 1) goto out;
    for (int a = 0; a < n_axes; a++) {
        for (int i = 0; i < n; i++)
            effects[i] = effect_of(n_axes, units + (size_t)rows[i] * width * (size_t)n_axes,
                                   y + (size_t)rows[i] * width, a);
        out[a].mu = mean_of(n, effects);
        out[a].sigma = n > 1 ? sd_of(n, effects) : NAN;
        for (int i = 0; i < n; i++) effects[i] = fabs(effects[i]);
        out[a].mu_star = (interval_t){mean_of(n, effects), NAN, NAN};
        if (n < LEAST) continue;
        rng_stream_t stream;
        rng_stream_init(&stream, BOOTSTRAP_KEY, 1);
        for (int k = 0; k < RESAMPLES; k++) {
            samples[k] = 0;
            for (int i = 0; i < n; i++) samples[k] += effects[(int)(rng_stream_unit(&stream) * n)] / n;
        }
        out[a].mu_star = percentiles(out[a].mu_star.value, samples);
    }
out:
    mem_free(rows);
    mem_free(effects);
    mem_free(samples);
    return ret;
}

/* ---- regression ------------------------------------------------------------------------------------ */

/* Without the points [from, to). */
static int fit_without(int n_axes, int n, int from, int to, const double *x, const double *y, fit_t *out) {
    int ret = 0;
    regression_t moments = {0};
    TRY(regression_init(&moments, n_axes));
    for (int i = 0; i < n; i++)
        if (isfinite(y[i]) && (i < from || i >= to))
            regression_add(&moments, x + (size_t)i * (size_t)n_axes, y[i]);
    ret = regression_fit(&moments, out);
out:
    regression_free(&moments);
    return ret;
}

/* Standard errors into `error` by leaving out batches of groups in turn (the jackknife), at most BATCHES. */
static int leave_out(int n_axes, int n, int group, const double *x, const double *y, double *error) {
    int ret = 0, n_groups = n / group, batches = n_groups < BATCHES ? n_groups : BATCHES;
    double *mean = mem_alloc((size_t)n_axes, sizeof *mean),
           *square = mem_alloc((size_t)n_axes, sizeof *square);
    if (!mean || !square) {
        ret = ERR_NOMEM;
        goto out;
    }
    for (int k = 0; k < batches; k++) {
        fit_t fit = {0};
        TRY(fit_without(n_axes, n, k * n_groups / batches * group, (k + 1) * n_groups / batches * group, x, y,
                        &fit));
        for (int a = 0; a < n_axes; a++) {
            double step = fit.beta[a] - mean[a];
            mean[a] += step / (k + 1);
            square[a] += step * (fit.beta[a] - mean[a]);
        }
        fit_free(&fit);
    }
    for (int a = 0; a < n_axes; a++)
        error[a] = batches < LEAST ? NAN : sqrt(square[a] * (batches - 1) / batches);
out:
    mem_free(mean);
    mem_free(square);
    return ret;
}

int sensitivity_regression(int n_axes, int n, int group, const double *x, const double *y, influence_t *out,
                           double *r2) {
    int ret = 0;
    fit_t fit = {0};
    *r2 = NAN;
    TRY(fit_without(n_axes, n, 0, 0, x, y, &fit));
    *r2 = fit.r2;
    if (group > 1 && !isnan(fit.r2)) TRY(leave_out(n_axes, n, group, x, y, fit.error));
    for (int a = 0; a < n_axes; a++) {
        double half = 1.96 * fit.error[a];
        out[a].regression = (interval_t){fit.beta[a], fit.beta[a] - half, fit.beta[a] + half};
    }
out:
    fit_free(&fit);
    return ret;
}

/* ---- noise ----------------------------------------------------------------------------------------- */

/* The replicates that are finite at all points with a finite mean; their number. */
static int common_replicates(int n_points, int n_replicates, const double *y, const double *means,
                             int *which) {
    int n = 0;
    for (int r = 0; r < n_replicates; r++) {
        bool good = true;
        for (int p = 0; p < n_points && good; p++)
            good = !isfinite(means[p]) || isfinite(y[(size_t)p * (size_t)n_replicates + (size_t)r]);
        if (good) which[n++] = r;
    }
    return n;
}

typedef struct { /* outcomes at points, in the replicates that all of them have */
    int n_points, n_replicates;
    const double *y, *means;
    int n, *which;
} common_t;

/* Sums of squares around the point's mean, and around it and the replicate's mean; column[n] is scratch. */
static void sum_squares(const common_t *c, double *column, double *around_point, double *around_both) {
    int rows = 0, n = c->n;
    memset(column, 0, (size_t)n * sizeof *column);
    *around_point = *around_both = 0;
    for (int pass = 0; pass < 2; pass++) {
        for (int p = 0; p < c->n_points; p++) {
            const double *row = c->y + (size_t)p * (size_t)c->n_replicates;
            double mean = 0;
            if (!isfinite(c->means[p])) continue;
            for (int i = 0; i < n; i++) mean += row[c->which[i]] / n;
            for (int i = 0; i < n; i++) {
                double own = row[c->which[i]] - mean;
                if (pass == 0) {
                    column[i] += own;
                } else {
                    *around_point += own * own;
                    *around_both += (own - column[i]) * (own - column[i]);
                }
            }
            rows += pass == 0;
        }
        for (int i = 0; i < n && pass == 0; i++) column[i] /= rows; /* their mean is 0: rows are centred */
    }
}

int sensitivity_response(int n_points, int n_replicates, const double *y, double *means, response_t *out) {
    int ret = 0, *which = mem_alloc((size_t)n_replicates, sizeof *which);
    double *column = mem_alloc((size_t)n_replicates, sizeof *column), sum = 0, square = 0;
    *out = (response_t){.mean = NAN, .sd = NAN, .within = NAN, .noise = NAN, .r2 = NAN};
    if (!which || !column) {
        ret = ERR_NOMEM;
        goto out;
    }
    for (int p = 0; p < n_points; p++) {
        int n = 0;
        means[p] = 0;
        for (int r = 0; r < n_replicates; r++) {
            double value = y[(size_t)p * (size_t)n_replicates + (size_t)r];
            if (!isfinite(value)) continue;
            means[p] += value;
            n++;
        }
        means[p] = n ? means[p] / n : NAN;
        if (!n) continue;
        sum += means[p];
        out->n++;
    }
    if (out->n < 1) goto out;
    out->mean = sum / out->n;
    for (int p = 0; p < n_points; p++)
        if (isfinite(means[p])) square += (means[p] - out->mean) * (means[p] - out->mean);
    if (out->n > 1) out->sd = sqrt(square / (out->n - 1));
    int n = common_replicates(n_points, n_replicates, y, means, which);
    if (n < 2 || 2 * n < n_replicates) goto out;
    double around_point, around_both;
    const common_t common = {n_points, n_replicates, y, means, n, which};
    sum_squares(&common, column, &around_point, &around_both);
    out->within = sqrt(around_point / out->n / (n - 1));
    if (out->n < 2) goto out;
    double left = around_both / (out->n - 1) / (n - 1) / n_replicates;
    if (out->sd > 0) out->noise = fmin(left / (out->sd * out->sd), 1);
out:
    mem_free(which);
    mem_free(column);
    return ret;
}

void sensitivity_free(sensitivity_t *self) {
    for (size_t i = 0; self->swept && i < self->n_swept; i++) mem_free(self->swept[i]);
    mem_free(self->swept);
    mem_free(self->responses);
    mem_free(self->influence);
    *self = (sensitivity_t){0};
}
