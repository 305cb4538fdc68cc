/* The log-likelihood and its gradient. */
#include "fit/internal.h"

#include <string.h>

double minus_base(const likelihood_t *self, const double *x, double *gradient) {
    double sum = 0;
    size_t p = (size_t)self->n_terms;
    for (size_t n = 0; n < self->n_nodes; n++) {
        const double *values = self->node_values + n * p;
        double part = self->nodes[n].weight * base_of(self, x, values);
        sum -= part;
        gradient[0] -= part;
        for (size_t s = 0; s < p; s++) gradient[1 + s] -= part * values[s];
    }
    return sum;
}

void pool_to(const likelihood_t *self, int x, double theta, double to, pool_t *pool) {
    while (pool->time < to) {
        double b = to;
        bool touched = pool->next < self->n_touches[x] && self->touches[x][pool->next] <= b;
        if (touched) b = self->touches[x][pool->next];
        if (self->has_season && pool->time >= 0 && floor(pool->time) + 1 < b)
            b = floor(pool->time) + 1, touched = false;
        if (pool->time < 0 && b > 0) b = 0, touched = false;
        double dt = b - pool->time, e = exp(-theta * dt),
               c = pool->time < 0 ? 0 : season_at(self, pool->time);
        pool->integral += c * pool->s * (1 - e);
        pool->slope += c * (pool->s * dt * e - pool->aged * (1 - e));
        pool->aged = (pool->aged + pool->s * dt) * e;
        pool->s *= e;
        pool->time = b;
        if (touched) pool->s += 1, pool->next++;
        while (pool->next < self->n_touches[x] && self->touches[x][pool->next] <= pool->time)
            pool->s += 1, pool->next++;
    }
}

pool_t pool_start(const likelihood_t *self, int x) {
    pool_t pool = {.time = self->n_touches[x] ? fmin(0, self->touches[x][0]) : 0};
    while (pool.next < self->n_touches[x] && self->touches[x][pool.next] <= pool.time)
        pool.s += 1, pool.next++;
    return pool;
}

static double minus_excitation(const likelihood_t *self, const double *x, double *gradient) {
    double sum = 0;
    for (int n = 0; n < self->n_excitations; n++) {
        double branching = x[1 + self->n_terms + 2 * n], theta = M_LN2 / exp(x[2 + self->n_terms + 2 * n]);
        pool_t pool = pool_start(self, n);
        pool_to(self, n, theta, self->until, &pool);
        sum -= branching * pool.integral;
        gradient[1 + self->n_terms + 2 * n] -= pool.integral;
        gradient[2 + self->n_terms + 2 * n] +=
            branching * pool.slope * theta; /* d theta / d log h = -theta */
    }
    return sum;
}

typedef struct {
    double s, aged, time;
} trace_t;

static double add_event(const likelihood_t *self, const double *x, const mark_t *mark, const trace_t *traces,
                        double *gradient) {
    const double *values = self->own_values + (size_t)mark->event * (size_t)self->n_terms;
    double base = base_of(self, x, values), rate = base, by_n[16], by_half_life[16];
    for (int n = 0; n < self->n_excitations; n++) {
        double branching = x[1 + self->n_terms + 2 * n], theta = M_LN2 / exp(x[2 + self->n_terms + 2 * n]);
        double dt = mark->time - traces[n].time, e = traces[n].s > 0 ? exp(-theta * dt) : 0;
        double s = traces[n].s * e, aged = (traces[n].aged + traces[n].s * dt) * e;
        by_n[n] = theta * s;
        by_half_life[n] = -theta * branching * (s - theta * aged);
        rate += branching * theta * s;
    }
    if (!(rate > 0)) return -INFINITY;
    gradient[0] += base / rate;
    for (int s = 0; s < self->n_terms; s++) gradient[1 + s] += base / rate * values[s];
    for (int n = 0; n < self->n_excitations; n++) {
        gradient[1 + self->n_terms + 2 * n] += by_n[n] / rate;
        gradient[2 + self->n_terms + 2 * n] += by_half_life[n] / rate;
    }
    return log(rate * season_at(self, mark->time));
}

double likelihood_value(const likelihood_t *self, const double *x, double *gradient) {
    memset(gradient, 0, (size_t)self->n_parameters * sizeof *gradient);
    for (int n = 0; n < self->n_excitations; n++)
        if (x[1 + self->n_terms + 2 * n] < 0 || fabs(x[2 + self->n_terms + 2 * n]) > 20) return -INFINITY;
    double sum = minus_base(self, x, gradient) + minus_excitation(self, x, gradient);
    trace_t traces[16];
    for (size_t n = 0; n < self->n_marks; n++) {
        const mark_t *mark = &self->marks[n];
        if (n == 0 || mark->place != self->marks[n - 1].place) memset(traces, 0, sizeof traces);
        if (mark->excitation < 0) {
            sum += add_event(self, x, mark, traces, gradient);
            if (sum == -INFINITY) return sum;
            continue;
        }
        trace_t *trace = &traces[mark->excitation];
        double theta = M_LN2 / exp(x[2 + self->n_terms + 2 * mark->excitation]),
               dt = mark->time - trace->time;
        double e = trace->s > 0 ? exp(-theta * dt) : 0;
        trace->aged = (trace->aged + trace->s * dt) * e;
        trace->s = trace->s * e + 1;
        trace->time = mark->time;
    }
    return sum;
}
