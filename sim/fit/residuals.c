/* Residuals by time rescaling. */
#include "fit/internal.h"

#include "base/mem.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>

typedef struct {
    double time, rate; /* a change of the pooled base rate per unit of season where it is still */
} step_t;

static int by_time(const void *a, const void *b) {
    double x = ((const step_t *)a)->time, y = ((const step_t *)b)->time;
    return x < y ? -1 : x > y;
}

int likelihood_residuals(const likelihood_t *self, const double *x, residuals_t *residuals) {
    int ret = ERR_NOMEM, n = self->n_own;
    bool by_season = self->still || self->n_nodes == 0;
    step_t *steps = mem_alloc(2 * self->n_nodes + 1, sizeof *steps);
    double *gaps = mem_alloc((size_t)n, sizeof *gaps);
    pool_t pools[16];
    if (!steps || !gaps) goto out;
    size_t n_steps = 0, next = 0;
    for (size_t m = 0; m < self->n_nodes; m++) {
        const node_t *node = &self->nodes[m];
        double span = node->until - node->from;
        if (by_season) span = season_to(self, node->until) - season_to(self, node->from);
        double rate = node->weight * base_of(self, x, self->node_values + m * (size_t)self->n_terms) / span;
        steps[n_steps++] = (step_t){node->from, rate};
        steps[n_steps++] = (step_t){node->until, -rate};
    }
    qsort(steps, n_steps, sizeof *steps, by_time);
    for (int a = 0; a < self->n_excitations; a++) pools[a] = pool_start(self, a);
    double base = 0, rate = 0, at = 0, before = 0;
    for (int m = 0; m < n; m++) {
        double t = self->own_times[m], total;
        for (; next < n_steps && steps[next].time <= t; next++) {
            double to = steps[next].time;
            base += rate * (by_season ? season_to(self, to) - season_to(self, at) : to - at);
            rate += steps[next].rate;
            at = to;
        }
        base += rate * (by_season ? season_to(self, t) - season_to(self, at) : t - at);
        at = t;
        total = base;
        for (int a = 0; a < self->n_excitations; a++) {
            pool_to(self, a, M_LN2 / exp(x[2 + self->n_terms + 2 * a]), t, &pools[a]);
            total += x[1 + self->n_terms + 2 * a] * pools[a].integral;
        }
        gaps[m] = total - before;
        before = total;
    }
    residuals->n = n;
    residuals->mean = gsl_stats_mean(gaps, 1, (size_t)n);
    residuals->serial = n > 2 ? gsl_stats_lag1_autocorrelation(gaps, 1, (size_t)n) * sqrt(n) : NAN;
    gsl_sort(gaps, 1, (size_t)n);
    double d = 0;
    for (int m = 0; m < n; m++) {
        double u = -expm1(-gaps[m]);
        d = fmax(d, fmax((m + 1.0) / n - u, u - (double)m / n));
    }
    residuals->ks = d * sqrt(n);
    ret = 0;
out:
    mem_free(steps);
    mem_free(gaps);
    return ret;
}
