/* Quantiles against closed forms and against GSL's distribution functions. */
#include "base/math/quantile.h"

#include "support/check.h"

#include <gsl/gsl_cdf.h>

static const double levels[] = {1e-100, 1e-15, 1e-9, 1e-4,  0.01, 0.1,      0.3,
                                0.5,    0.7,   0.9,  0.975, 0.99, 1 - 1e-4, 1 - 1e-9};
enum { LEVELS = sizeof levels / sizeof *levels };

#define CHECK_RATIO(got, want, tolerance) CHECK_NEAR((got) / (want), 1, tolerance)

static void test_closed_forms(void **state) {
    (void)state;
    for (int l = 0; l < LEVELS; l++) {
        double u = levels[l], within = 1 - u;
        CHECK_RATIO(quantile_gamma(1, u), -log1p(-u), 1e-13);
        CHECK_RATIO(quantile_beta(1, 1, u), u, 1e-13);
        CHECK_RATIO(quantile_beta(1, 7, u), -expm1(log1p(-u) / 7), 1e-13);
        CHECK_RATIO(quantile_beta(0.4, 1, u), exp(log(u) / 0.4), 1e-12);
        if (u < 0.5) CHECK_RATIO(quantile_t(1, u), -1 / tan(M_PI * u), 1e-12);
        if (u > 0.5) CHECK_RATIO(quantile_t(1, u), 1 / tan(M_PI * within), 1e-12);
        if (u != 0.5) CHECK_RATIO(quantile_t(2, u), (2 * u - 1) / sqrt(2 * u * within), 1e-12);
        /* half a normal's square */
        double z = quantile_normal(within / 2);
        if (u >= 0.1) CHECK_RATIO(quantile_gamma(0.5, u), z * z / 2, u < 0.9999 ? 1e-12 : 1e-7);
    }
    assert_true(quantile_t(5, 0.5) == 0);
    CHECK_NEAR(quantile_beta(3, 3, 0.5), 0.5, 1e-15);
}

/* GSL finds below (above) the quantile what is asked for. */
static void test_against_gsl(void **state) {
    (void)state;
    static const double shapes[] = {0.05, 0.3, 0.9, 1.5, 2, 3, 7.9, 8, 40, 250};
    static const double pairs[][2] = {{0.2, 4.8}, {2.4, 1.6}, {1.5, 28.5}, {360, 40}, {0.5, 30}, {8, 8}};
    for (int l = 0; l < LEVELS; l++) {
        double u = levels[l], rest = 1 - u;
        CHECK_RATIO(quantile_normal(u) + 1e-300, gsl_cdf_ugaussian_Pinv(u) + 1e-300, 1e-14);
        for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++) {
            double x = quantile_gamma(shapes[s], u);
            if (x < 1e-300) continue;
            if (u <= 0.5)
                CHECK_RATIO(gsl_cdf_gamma_P(x, shapes[s], 1), u, 1e-12);
            else
                CHECK_RATIO(gsl_cdf_gamma_Q(x, shapes[s], 1), rest, 1e-12);
            CHECK_RATIO(quantile_tail_gamma(shapes[s], x), rest, 1e-12);
        }
        for (size_t s = 0; s < sizeof pairs / sizeof *pairs; s++) {
            double a = pairs[s][0], b = pairs[s][1], x = quantile_beta(a, b, u);
            if (x < 1e-300) continue;
            if (u <= 0.5)
                CHECK_RATIO(gsl_cdf_beta_P(x, a, b), u, 1e-12);
            else if (u < 0.9999) /* beyond, what a double tells of 1 - x is too little */
                CHECK_RATIO(gsl_cdf_beta_Q(x, a, b), rest, 1e-11);
        }
        for (double n = 3; n < 2e5; n *= 3)
            CHECK_NEAR(quantile_t(n, u), u < 0.5 ? gsl_cdf_tdist_Pinv(u, n) : gsl_cdf_tdist_Qinv(rest, n),
                       1e-9 * (1 + fabs(quantile_t(n, u))));
    }
}

/* Of large shapes by their central limit, at both sides of the point where one sum takes over from the other.
 */
static void test_large_shapes(void **state) {
    (void)state;
    for (double shape = 1e4; shape < 1e9; shape *= 100) {
        double sd = sqrt(shape), z = quantile_normal(0.9), skew = (z * z - 1) / 3;
        CHECK_NEAR((quantile_gamma(shape, 0.9) - shape) / sd, z + skew / sd, 1 / shape);
        CHECK_NEAR((quantile_gamma(shape, 0.1) - shape) / sd, -z + skew / sd, 1 / shape);
        CHECK_NEAR(quantile_beta(shape, shape, 0.5), 0.5, 1e-15);
    }
}

static void test_tails(void **state) {
    (void)state;
    for (double x = -8; x <= 8; x += 0.25)
        CHECK_RATIO(quantile_tail_normal_two_sided(x), erfc(fabs(x) / sqrt(2)), 1e-12);
    assert_true(quantile_tail_normal_two_sided(0) == 1 && quantile_tail_normal_two_sided(-INFINITY) == 0);
    assert_true(isnan(quantile_tail_normal_two_sided(NAN)));
    CHECK_RATIO(quantile_tail_gamma(3, 2), exp(-2) * 5, 1e-14);
}

/* The largest and least u there are, and shapes that make a quantile underflow, end and stay in range. */
static void test_extremes(void **state) {
    (void)state;
    static const double shapes[] = {1e-3, 0.1, 1, 30, 1e5};
    for (size_t a = 0; a < 5; a++) {
        double least = quantile_gamma(shapes[a], 0x1p-1022), most = quantile_gamma(shapes[a], 1 - 0x1p-53);
        assert_true(least >= 0 && least < most && isfinite(most));
        for (size_t b = 0; b < 5; b++) {
            least = quantile_beta(shapes[a], shapes[b], 0x1p-1022);
            most = quantile_beta(shapes[a], shapes[b], 1 - 0x1p-53);
            assert_true(least >= 0 && least < most && most <= 1);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_closed_forms), cmocka_unit_test(test_against_gsl),
        cmocka_unit_test(test_large_shapes), cmocka_unit_test(test_tails),
        cmocka_unit_test(test_extremes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
