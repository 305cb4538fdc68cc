/* Parameters of ties from events: derivatives, profile intervals, and sets that were simulated. The long test
 * has more sets. */
#include "../support/dynamics.h"

/* The profile interval's ends lose what they should, and the maximum has no slope: along paths computed
 * apart. */
static void test_the_maximum(void **state) {
    (void)state;
    model_t m;
    int n;
    double x[4];
    fault_t err = {0};
    make_moving(&m, 200);
    observed_t *events = simulate(&m, 4, 0, &n);
    dynamics_fit_t fit = fit_moving(&m, n, events, true, x);
    assert_true(fit.maximum.converged);
    double best[4], values[3] = {0};
    memcpy(best, fit.maximum.x, sizeof best);
    for (int d = 0; d < 2; d++) {
        double *value = d ? &m.dynamics.strength_half_life : &m.dynamics.gain_divisor, at = exp(best[2 + d]);
        CHECK_NEAR(*value, at, 1e-9 * at);
        for (int side = 0; side < 3; side++) { /* at the maximum, and to both sides */
            likelihood_t *part;
            double gradient[4];
            *value = at * exp(0.02 * (side - 1));
            assert_int_equal(likelihood_init(&part, &m, 0, n, events, m.horizon, NULL, &err), 0);
            values[side] = likelihood_value(part, best, gradient, NULL);
            likelihood_free(part);
        }
        *value = at;
        CHECK_NEAR(values[1], fit.maximum.log_l, 1e-3);
        CHECK_NEAR((values[2] - values[0]) / 0.04, 0, 0.05);
        /* the curvature at fixed others, from the inverse of the covariance */
        double curve = -(values[2] + values[0] - 2 * values[1]) / 4e-4;
        assert_true(curve > 0);
        assert_true(1 / sqrt(curve) < fit.maximum.se[2 + d]);
        assert_true(fit.low[d] < at && fit.high[d] > at);
    }
    /* at a profile end, the maximum over the rest is less by half of the quantile of chi-square */
    m.dynamics.strength_half_life = fit.high[1];
    double others[4];
    likelihood_t *part;
    double top = -INFINITY;
    for (int g = -40; g <= 40; g++) {
        likelihood_fit_t alone;
        m.dynamics.gain_divisor = exp(best[2] + 0.025 * g);
        assert_int_equal(likelihood_init(&part, &m, 0, n, events, m.horizon, NULL, &err), 0);
        assert_int_equal(likelihood_fit(part, true, &alone), 0);
        top = fmax(top, alone.maximum.log_l);
        memcpy(others, alone.maximum.x, 2 * sizeof *others);
        likelihood_fit_free(&alone);
        likelihood_free(part);
    }
    CHECK_NEAR(fit.maximum.log_l - top, 1.9207, 0.03);
    dynamics_fit_free(&fit);
    free(events);
    model_free(&m);
}

/* What does not act is refused. */
static void test_no_effect(void **state) {
    (void)state;
    model_t m;
    int n, kind = 0;
    double x[2] = {0, 0}, *rows = x;
    bool is_free[2] = {true, true}, *free_rows = is_free;
    fault_t err = {0};
    dynamics_fit_t fit;
    sought_t sought;
    make_moving(&m, 60);
    m.kinds[0].log_rate.n = 0;
    observed_t *events = simulate(&m, 4, 0, &n);
    seek(&sought, &m);
    const likelihood_options_t options = {0};
    const dynamics_task_t task = {.model = &m,
                                  .n_events = n,
                                  .events = events,
                                  .until = m.horizon,
                                  .n_parts = 1,
                                  .kinds = &kind,
                                  .options = &options,
                                  .x = &rows,
                                  .is_free = &free_rows,
                                  .n_dynamics = 2,
                                  .dynamics = sought.items};
    assert_int_equal(dynamics_fit(&fit, &task, false, &err), ERR_DATA);
    assert_non_null(
        strstr(err.text, "--dynamics effects.gain_divisor: the likelihood does not depend on it"));
    dynamics_fit_free(&fit);
    free(events);
    model_free(&m);
}

static void test_scales(void **state) {
    (void)state;
    const dynamic_t kinds[] = {{.low = 0, .high = INFINITY}, {.low = 0, .high = 1}, {.low = -10, .high = 10}};
    const double values[] = {42, 0.3, -2};
    for (int k = 0; k < 3; k++) {
        double scaled = dynamic_scaled(&kinds[k], values[k]);
        CHECK_NEAR(dynamic_value(&kinds[k], scaled), values[k], 1e-12);
        double slope =
            (dynamic_value(&kinds[k], scaled + 1e-6) - dynamic_value(&kinds[k], scaled - 1e-6)) / 2e-6;
        CHECK_NEAR(dynamic_slope(&kinds[k], scaled), slope, 1e-6 * fabs(slope));
    }
    assert_true(dynamic_value(&kinds[1], dynamic_scaled(&kinds[1], 0)) > 0);
    assert_true(dynamic_value(&kinds[2], dynamic_scaled(&kinds[2], 10)) < 10);
}

static void test_sets(void **state) {
    (void)state;
    enum { SETS = 12 };
    recovered_t found;
    recover_moving(SETS, 250, 1, &found);
    assert_int_equal(found.fitted, SETS);
    for (int i = 0; i < 4; i++) CHECK_MEAN_5_SIGMA(&found.moments[i], 0);
    for (int d = 0; d < 2; d++) assert_in_range(found.profile[d], 8, SETS); /* less once in 8,000 */
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_scales), cmocka_unit_test(test_no_effect),
                                       cmocka_unit_test(test_the_maximum), cmocka_unit_test(test_sets)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
