/* Regression by moments, against direct calculation. */
#include "../support/check.h"

#include "base/rng.h"
#include "stats/regression.h"

static double unit(uint64_t seed, uint32_t i, uint64_t purpose) {
    rng_stream_t stream;
    rng_stream_init(&stream, rng_key_number(rng_key_number(1, seed), i), purpose);
    return rng_stream_unit(&stream);
}

static void test_regression_is_exact_on_a_plane(void **state) {
    (void)state;
    regression_t m;
    fit_t fit;
    assert_int_equal(regression_init(&m, 3), 0);
    for (uint32_t i = 0; i < 50; i++) {
        double x[] = {1e6 + unit(0, i, 1), 7, unit(0, i, 2)}; /* the second one is constant */
        regression_add(&m, x, 3 + 2 * x[0] - 5 * x[2]);
    }
    assert_int_equal(regression_fit(&m, &fit), 0);
    CHECK_NEAR(fit.r2, 1, 1e-9);
    assert_int_equal(fit.n_used, 2);
    assert_int_equal(fit.freedom, 47);
    assert_true(isnan(fit.beta[1]) && isnan(fit.error[1]));
    double sd[] = {sqrt(m.moments[0]), 0, sqrt(m.moments[2 * 4 + 2])}, of_y = sqrt(m.moments[3 * 4 + 3]);
    CHECK_NEAR(fit.beta[0] * of_y / sd[0], 2, 1e-6);
    CHECK_NEAR(fit.beta[2] * of_y / sd[2], -5, 1e-6);
    fit_free(&fit);
    regression_free(&m);
}

static void test_regression_says_nothing_where_it_cannot(void **state) {
    (void)state;
    for (int what = 0; what < 4; what++) {
        regression_t m;
        fit_t fit;
        assert_int_equal(regression_init(&m, 2), 0);
        for (uint32_t i = 0; i < (what == 0 ? 6u : 50u); i++) { /* 6: three degrees of freedom */
            double x[] = {unit(0, i, 1), unit(0, i, 2)};
            if (what == 1) x[1] = 2 * x[0];
            if (what == 3) x[0] = x[1] = 5;
            regression_add(&m, x, what == 2 ? 4 : x[0] + unit(0, i, 3));
        }
        assert_int_equal(regression_fit(&m, &fit), 0);
        assert_true(isnan(fit.r2));
        fit_free(&fit);
        regression_free(&m);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_regression_is_exact_on_a_plane),
        cmocka_unit_test(test_regression_says_nothing_where_it_cannot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
