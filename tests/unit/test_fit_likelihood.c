/* The likelihood of a scenario's kinds: by hand, gradients against differences, parameters found again. */
#include "../support/recovery.h"

/* Two actors, Hawkes, three events: log L by hand. */
static void test_by_hand(void **state) {
    (void)state;
    model_t m;
    double x[3], g[3], mu = 0.3, n = 0.4, theta = 0.5, until = 10;
    toy_init(&m, 2, 1, until);
    m.kinds[0].scope = SCOPE_DIRECTED;
    m.kinds[0].rate_per_year = mu * DAYS_PER_YEAR;
    toy_excite(&m, 0, 0, RELATION_SAME, n, theta);
    assert_int_equal(model_finish(&m), 0);
    const observed_t events[] = {{-1, 0, 0, 1, NAN}, {2, 0, 0, 1, NAN}, {3, 0, 1, 0, NAN}, {5, 0, 0, 1, NAN}};
    likelihood_t *self;
    assert_int_equal(likelihood_init(&self, &m, 0, 4, events, until, NULL), 0);
    assert_int_equal(likelihood_n_parameters(self), 3);
    assert_int_equal(likelihood_n_events(self), 3);
    likelihood_parameters(self, x);
    double want = log(mu + n * theta * exp(-theta * 3)) + log(mu) +
                  log(mu + n * theta * (exp(-theta * 6) + exp(-theta * 3))) - 2 * until * mu;
    want -= n * (exp(-theta) - exp(-11 * theta) + 3 - exp(-8 * theta) - exp(-7 * theta) - exp(-5 * theta));
    CHECK_NEAR(likelihood_value(self, x, g), want, 1e-12);
    likelihood_free(self);
    model_free(&m);
}

static void test_gradients(void **state) {
    (void)state;
    for (int r = 0; r < N_RECIPES; r++) {
        model_t m;
        recipes[r].make(&m);
        assert_int_equal(model_finish(&m), 0);
        observed_t events[40];
        for (int e = 0; e < 40; e++) /* from before the start on */
            events[e] = (observed_t){1.3 * e - 5 + 0.01 * (e % 7), m.n_kinds > 1 && e % 3 == 1, e % 5,
                                     (e * 3 + 1) % 5 == e % 5 ? 5 : (e * 3 + 1) % 5, NAN};
        likelihood_t *self;
        fault_t err = {0};
        if (likelihood_init(&self, &m, 0, 40, events, 55, &err)) fail_msg("%s", err.text);
        double x[16], g[16], other[16], h = 1e-6;
        likelihood_parameters(self, x);
        double value = likelihood_value(self, x, g);
        assert_true(isfinite(value));
        for (int i = 0; i < likelihood_n_parameters(self); i++) {
            double at = x[i];
            x[i] = at + h;
            double up = likelihood_value(self, x, other);
            x[i] = at - h;
            double down = likelihood_value(self, x, other);
            x[i] = at;
            CHECK_NEAR((up - down) / (2 * h), g[i], 1e-5 * (1 + fabs(g[i])));
        }
        likelihood_free(self);
        model_free(&m);
    }
}

static void test_recovery(void **state) {
    (void)state;
    for (int r = 0; r < N_RECIPES; r++) recover(&recipes[r], 8, 0.5);
}

static void test_mistakes(void **state) {
    (void)state;
    model_t m;
    make_poisson(&m);
    for (int d = 5; d < 7; d++) m.kinds[0].season.weekday[d] = 0;
    assert_int_equal(model_finish(&m), 0); /* the start, 1970-01-01, is a Thursday */
    likelihood_t *self;
    fault_t err = {0};
    assert_int_equal(likelihood_init(&self, &m, 0, 0, NULL, 60, &err), ERR_DATA);
    assert_non_null(strstr(err.text, "there is no event of it"));
    const observed_t saturday = {2.5, 0, 0, 1, NAN};
    assert_int_equal(likelihood_init(&self, &m, 0, 1, &saturday, 60, &err), ERR_DATA);
    assert_non_null(strstr(err.text, "on day 2"));
    assert_null(self);
    model_free(&m);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_by_hand),
        cmocka_unit_test(test_gradients),
        cmocka_unit_test(test_recovery),
        cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
