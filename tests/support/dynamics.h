/* Parameters of ties that made simulated events are found again: shared by the quick test and the long one.
 */
#ifndef ENTENTE_TESTS_DYNAMICS_H
#define ENTENTE_TESTS_DYNAMICS_H

#include "recovery.h"

#include "fit/likelihood/dynamics.h"

/* Events warm their tie, and the warmth, which fades, raises the rate; ties begin apart. */
static inline void make_moving(model_t *m, double days) {
    toy_init(m, 7, 1, days);
    m->kinds[0].scope = SCOPE_DIRECTED;
    m->kinds[0].rate_per_year = 0.06 * DAYS_PER_YEAR;
    m->kinds[0].goldstein = 10;
    m->kinds[0].lasting = 0.1;
    m->dynamics.gain_divisor = 50;
    m->dynamics.strength_half_life = 20;
    for (int e = 0; e < m->n_ties; e++)
        m->ties[e].strength = m->ties[e].alignment = m->ties[e].baseline = 0.6 * (e % 5 - 2) / 2.0;
    toy_terms(m, &m->kinds[0].log_rate, 1)[0] =
        (term_t){.statistic = &statistics[STATISTIC_STRENGTH], .ref = -1, .coefficient = 1.5};
}

/* Divisor of the gain and half-life of strength of a model. */
typedef struct {
    double *values[2];
    const char *paths[2];
    dynamic_t items[2];
} sought_t;

static inline void seek(sought_t *self, model_t *m) {
    *self = (sought_t){.values = {&m->dynamics.gain_divisor, &m->dynamics.strength_half_life},
                       .paths = {"effects.gain_divisor", "ties.relax.strength"}};
    for (int d = 0; d < 2; d++)
        self->items[d] = (dynamic_t){.name = self->paths[d],
                                     .n = 1,
                                     .values = &self->values[d],
                                     .paths = &self->paths[d],
                                     .low = 1e-300,
                                     .high = INFINITY};
}

/* The fit to events, from the values that the model has. x [3]: rate, coefficient, ... of the kind. */
static inline dynamics_fit_t fit_moving(model_t *m, int n, const observed_t *events, bool intervals,
                                        double *x) {
    sought_t sought;
    dynamics_fit_t fit;
    fault_t err = {0};
    const int kind = 0;
    const likelihood_options_t options = {0};
    bool is_free[4] = {true, true, true, true}, *free_rows = is_free;
    likelihood_t *part;
    seek(&sought, m);
    assert_int_equal(likelihood_init(&part, m, 0, n, events, m->horizon, &options, &err), 0);
    assert_int_equal(likelihood_n_parameters(part), 2);
    likelihood_parameters(part, x);
    likelihood_free(part);
    const dynamics_task_t task = {.model = m,
                                  .n_events = n,
                                  .events = events,
                                  .until = m->horizon,
                                  .n_parts = 1,
                                  .kinds = &kind,
                                  .options = &options,
                                  .x = &x,
                                  .is_free = &free_rows,
                                  .n_dynamics = 2,
                                  .dynamics = sought.items};
    if (dynamics_fit(&fit, &task, intervals, &err) < 0) fail_msg("%s", err.text);
    return fit;
}

/* Sets whose 95 % profile interval holds the truth, and whose Wald interval does; sums of the estimates on
 * the scale of the fit. */
typedef struct {
    int fitted, profile[2], wald[4], open;
    moments_t moments[4];
} recovered_t;

static inline void recover_moving(int n_sets, double days, double off, recovered_t *out) {
    *out = (recovered_t){0};
    for (uint32_t r = 0; r < (uint32_t)n_sets; r++) {
        model_t m;
        int n;
        double x[4];
        make_moving(&m, days);
        const double truth[4] = {log(m.kinds[0].rate_per_year / DAYS_PER_YEAR), 1.5, log(50), log(20)};
        observed_t *events = simulate(&m, RECOVERY_SEED, r, &n);
        m.kinds[0].goldstein *= off; /* a planted error: the scenario's weight is another than the data's */
        m.dynamics.gain_divisor = 80;
        m.dynamics.strength_half_life = 35;
        dynamics_fit_t fit = fit_moving(&m, n, events, true, x);
        if (fit.maximum.converged) {
            out->fitted++;
            for (int i = 0; i < 4; i++) {
                double gap = fit.maximum.x[i] - truth[i];
                moments_add(&out->moments[i], gap);
                out->wald[i] += fabs(gap) < 1.959964 * fit.maximum.se[i];
            }
            for (int d = 0; d < 2; d++) {
                double value = exp(truth[2 + d]);
                out->open += isnan(fit.low[d]) + isnan(fit.high[d]);
                out->profile[d] += !(fit.low[d] > value) && !(fit.high[d] < value);
            }
        } else {
            print_message("set %u: %s (%g)\n", r, fit.maximum.told, fit.maximum.gradient);
        }
        dynamics_fit_free(&fit);
        free(events);
        model_free(&m);
    }
    print_message("%d sets of %.0f days: %d fitted, %d open ends\n", n_sets, days, out->fitted, out->open);
    static const char *const names[4] = {"log rate", "coefficient", "log divisor", "log half-life"};
    for (int i = 0; i < 4; i++)
        print_message("  %-13s off by %7.4f (se %.4f, sd %.4f), Wald intervals cover %d\n", names[i],
                      out->moments[i].mean, sqrt(moments_var(&out->moments[i]) / out->fitted),
                      sqrt(moments_var(&out->moments[i])), out->wald[i]);
    print_message("  profile intervals cover %d, %d\n", out->profile[0], out->profile[1]);
}

#endif
